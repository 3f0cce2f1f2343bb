package form_test

import (
	"strings"
	"testing"

	"switchboard/channels"
	"switchboard/channels/form"
	"switchboard/inbox"
)

func TestAFormIsEmbeddedByItsPage(t *testing.T) {
	t.Parallel()
	settings, err := (&form.Channel{}).CheckSettings([]byte(`{"allowed_origins":["https://www.example.com"]}`))
	if err != nil {
		t.Fatal(err)
	}
	embed, err := (&form.Channel{}).Embed(
		inbox.Channel{ID: "f1", Name: `"Quotes" & more`, Settings: settings}, channels.Site{URL: "https://desk.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(embed.HTML, `src="https://desk.example.com/forms/f1" title="&#34;Quotes&#34; &amp; more"`) {
		t.Errorf("got %s", embed.HTML)
	}
	for _, part := range []string{"https://www.example.com", "https://desk.example.com/forms/f1"} {
		if !strings.Contains(embed.Instructions, part) {
			t.Errorf("%s is missing: %s", part, embed.Instructions)
		}
	}
}
