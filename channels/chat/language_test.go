package chat_test

import (
	"testing"

	"switchboard/channels/chat"
)

func TestTheWidgetSpeaksTheVisitorsLanguageWhereItCan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		follows bool
		accept  string
		want    string
		browser bool
	}{
		"the first it speaks":      {true, "nl, de-AT;q=0.9, fr;q=0.8", "de", true},
		"by weight, not by place":  {true, "fr;q=0.2, ar-EG;q=0.7", "ar", true},
		"of any country":           {true, "pt-BR", "pt", true},
		"none it speaks":           {true, "nl, fi", "es", false},
		"one that is refused":      {true, "de;q=0, nl", "es", false},
		"whatever it is":           {true, "*", "es", false},
		"nothing":                  {true, "", "es", false},
		"nonsense":                 {true, "de;q=x;;<script>", "es", false},
		"the channel's, if it may": {false, "de", "es", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := chat.Settings{Language: "es", BrowserLanguage: test.follows}.ForBrowser(test.accept)
			if got.Language != test.want || got.BrowserLanguage != test.browser {
				t.Errorf("speaks %s (the browser's: %t), want %s (%t)", got.Language, got.BrowserLanguage, test.want, test.browser)
			}
		})
	}
}
