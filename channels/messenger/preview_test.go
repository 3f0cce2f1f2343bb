package messenger_test

import (
	"strings"
	"testing"

	"switchboard/channels"
	"switchboard/channels/messenger"
	"switchboard/inbox"
)

func TestThePreviewShowsGreetingConsentAndInstantReply(t *testing.T) {
	t.Parallel()
	kind := &messenger.Channel{}
	settings, err := kind.CheckSettings([]byte(`{"consent":{"mode":"explicit","text":"May we keep <this>?","button":"Yes"}}`))
	if err != nil {
		t.Fatal(err)
	}
	page, err := kind.Preview(channels.Draft{
		Channel: inbox.Channel{Name: "Ölpumpen", Settings: settings}, Greeting: "Good morning!",
		Said: []inbox.ChatflowLine{{Text: "Thank you.", QuickReplies: []inbox.QuickReply{{Title: "My order"}}}},
	}, channels.Site{})
	if err != nil {
		t.Fatal(err)
	}
	rest := page
	for _, part := range []string{">Ö<", "<h1>Ölpumpen</h1>", "Good morning!", "May we keep &lt;this&gt;?", "<li>Yes</li>", "Thank you.", "<li>My order</li>"} {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Errorf("%s is missing, or not in its place: %s", part, page)
		}
		rest = after
	}
}
