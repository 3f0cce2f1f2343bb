package chat_test

import (
	"strings"
	"testing"

	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/inbox"
)

func TestAChatIsEmbeddedByItsScript(t *testing.T) {
	t.Parallel()
	settings, err := (&chat.Channel{CheckHours: func(*inbox.Hours) error { return nil }}).CheckSettings([]byte(`{"allowed_origins":["https://www.example.com"]}`))
	if err != nil {
		t.Fatal(err)
	}
	embed, err := (&chat.Channel{}).Embed(inbox.Channel{ID: "c1", Settings: settings}, channels.Site{URL: "https://desk.example.com/help"})
	if err != nil {
		t.Fatal(err)
	}
	if embed.HTML != `<script async src="https://desk.example.com/help/chat/c1/widget.js"></script>` {
		t.Errorf("got %s", embed.HTML)
	}
	for _, part := range []string{"https://www.example.com", "add https://desk.example.com to its script-src and connect-src"} {
		if !strings.Contains(embed.Instructions, part) {
			t.Errorf("%s is missing: %s", part, embed.Instructions)
		}
	}
}
