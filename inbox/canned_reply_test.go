package inbox_test

import (
	"errors"
	"testing"

	"switchboard/inbox"
)

func TestACannedReplyIsFilledInForContactAndAgent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reply          inbox.CannedReply
		contact, agent string
		text, html     string
	}{
		"every placeholder": {
			reply:   inbox.CannedReply{Text: "Hello {{contact.name}}, {{agent.first_name}} here. {{agent.name}}"},
			contact: "Grace Hopper", agent: "Ada King Lovelace",
			text: "Hello Grace Hopper, Ada here. Ada King Lovelace",
		},
		"a placeholder twice": {
			reply: inbox.CannedReply{Text: "{{contact.name}}{{contact.name}}"}, contact: "Grace", text: "GraceGrace",
		},
		"an agent with one name": {
			reply: inbox.CannedReply{Text: "{{agent.first_name}}"}, agent: "Ada", text: "Ada",
		},
		"nobody has a name": {
			reply: inbox.CannedReply{Text: "[{{contact.name}}{{agent.name}}{{agent.first_name}}]"}, text: "[]",
		},
		"names are no placeholders": {
			reply:   inbox.CannedReply{Text: "Hello {{contact.name}}", HTML: "Hello {{contact.name}}"},
			contact: "{{agent.name}}", agent: "Ada",
			text: "Hello {{agent.name}}", html: "Hello {{agent.name}}",
		},
		"names are no HTML": {
			reply: inbox.CannedReply{
				Text: "{{contact.name}}, {{agent.first_name}}",
				HTML: `<a title="{{contact.name}}">{{agent.first_name}}</a>`,
			},
			contact: `"><b>Grace</b>`, agent: "<i>Ada Lovelace",
			text: `"><b>Grace</b>, <i>Ada`, html: `<a title="&#34;&gt;&lt;b&gt;Grace&lt;/b&gt;">&lt;i&gt;Ada</a>`,
		},
		"no placeholder": {
			reply:   inbox.CannedReply{Text: "f(x) = {x} {", HTML: "<p>a } b</p>"},
			contact: "Grace", agent: "Ada",
			text: "f(x) = {x} {", html: "<p>a } b</p>",
		},
	} {
		text, html := c.reply.FillIn(inbox.Contact{Name: c.contact}, inbox.Agent{Name: c.agent})
		if text != c.text || html != c.html {
			t.Errorf("%s: got %q and %q, want %q and %q", name, text, html, c.text, c.html)
		}
		if err := c.reply.CheckPlaceholders(); err != nil {
			t.Errorf("%s: refused: %v", name, err)
		}
	}
}

func TestUnknownPlaceholdersAreRefusedNamingTheField(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Hello {{contact.email}}", "Hello {{Contact.Name}}", "Hello {{ contact.name }}", "Hello {{contact.name}",
		"Hello {{", "{{}}", "{{agent.name}} {{agent.last_name}}", "{{{{contact.name}}", "{{<b>contact.name</b>}}",
	} {
		for field, reply := range map[string]inbox.CannedReply{
			"text": {Text: text}, "html": {Text: "Hello", HTML: text},
		} {
			refusal, ok := errors.AsType[*inbox.Error](reply.CheckPlaceholders())
			if !ok || refusal.Code != inbox.CodeInvalid || refusal.Field != field {
				t.Errorf("%q as %s: got %v", text, field, refusal)
			}
		}
	}
}

func TestACannedReplyIsForItsInboxOrForAll(t *testing.T) {
	t.Parallel()
	for limit, want := range map[string]bool{"": true, "sales": true, "support": false} {
		if got := (inbox.CannedReply{InboxID: limit}).IsFor("sales"); got != want {
			t.Errorf("a reply of %q is for sales: %t, want %t", limit, got, want)
		}
	}
}
