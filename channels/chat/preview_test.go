package chat_test

import (
	"strings"
	"testing"

	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/inbox"
)

func TestThePreviewShowsTheSettingsAndNoMarkupOfTheirs(t *testing.T) {
	t.Parallel()
	kind := &chat.Channel{CheckHours: func(*inbox.Hours) error { return nil }}
	settings, err := kind.CheckSettings([]byte(`{
		"accent_colour":"#AB12CD","position":"left","welcome_message":"<b>Hello</b>","heading":{"mode":"custom","name":"Pump shop"}
	}`))
	if err != nil {
		t.Fatal(err)
	}
	page, err := kind.Preview(inbox.Channel{Settings: settings}, channels.Site{Company: "Acme"})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"background: #ab12cd", "left: 1rem", "&lt;b&gt;Hello&lt;/b&gt;", "<h1>Pump shop</h1>"} {
		if !strings.Contains(strings.ReplaceAll(page, "#AB12CD", "#ab12cd"), part) {
			t.Errorf("%s is missing: %s", part, page)
		}
	}
}
