package e2e

import (
	"fmt"
	"strings"
	"testing"

	"switchboard/cmd/dev/mailbox"
	"switchboard/inbox"
)

func visitorHasTheChatMailed(t *testing.T, s *system) {
	o := s.newOffice(t, "copy", 1)
	desk := address("desk-" + o.inbox.Name)
	o.channel(t, "email", nil, settings{"address": desk})
	chat := o.channel(t, "chat", o.teamRule(), settings{"welcome_message": "Guten Tag!", "transcript_from": settings{"name": "Lamp desk", "address": desk}})
	v := s.newVisitor(t, chat)
	said := v.say(t, "It flickers")
	v.must(t, 202, withJSON("POST", v.path+"/messages", settings{"text": "Immer noch", "client_id": "language", "language": "de"}))
	s.awaitAssignee(t, said.ConversationID, o.agents[0])
	answer := s.reply(t, o.agents[0], said.ConversationID, "answer")
	o.agents[0].must(t, 201, withJSON("POST", "/api/v1/conversations/"+said.ConversationID+"/comments", settings{"text": "between us, " + personal}))

	v.must(t, 202, withJSON("POST", v.path+"/transcripts", settings{"email": address("copy")}))
	var copied mailbox.Mail
	eventually(t, func() error {
		mails := s.mailTo(t, address("copy"))
		if len(mails) != 1 {
			return fmt.Errorf("%d mails", len(mails))
		}
		copied = mails[0]
		return nil
	})
	if copied.From != desk || !strings.Contains(copied.Headers["From"], "Lamp desk") || copied.Headers["Auto-Submitted"] != "auto-generated" {
		t.Errorf("the copy is from %s, headers %v", copied.From, copied.Headers)
	}
	for _, want := range []string{"Eine Kopie Ihres Chats", "Guten Tag!", "It flickers", answer.Text, o.agents[0].Name} {
		if !strings.Contains(copied.Text, want) {
			t.Errorf("the copy lacks %q:\n%s", want, copied.Text)
		}
	}
	if strings.Contains(copied.Text, "between us") {
		t.Error("the copy has a comment")
	}
	s.awaitEvents(t, said.ConversationID, inbox.EventTranscriptSent, 1)
}
