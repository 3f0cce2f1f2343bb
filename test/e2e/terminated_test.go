package e2e

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/cmd/dev/mailbox"
	"switchboard/inbox"
)

// TestWhatATerminatedWorkflowHadInHandLeavesOnce terminates a conversation's workflow,
// as an operator may, while the mail server is away. Nobody writes afterwards.
func TestWhatATerminatedWorkflowHadInHandLeavesOnce(t *testing.T) {
	file, mailServer := filepath.Join(t.TempDir(), "switchboard.db"), freeAddress(t)
	p := newProduction(t, "sqlite:"+file, "SWITCHBOARD_SMTP_ADDRESS="+mailServer)
	p.serve(t, 0)
	p.makeAdmin(t)
	o := p.newOffice(t, "terminated", 1)
	ada := o.agents[0]
	ada.is(t, inbox.Away)
	id := p.submit(t, o.form(t, o.teamRule()), submission("terminated", "Pending"))
	p.awaitTicket(t, id)
	var answers []string
	for i := range 2 {
		answers = append(answers, p.reply(t, ada, id, fmt.Sprint("answer ", i)).ID)
	}
	p.awaitEvents(t, id, inbox.EventMessageState, 2) // tried, and refused
	temporal := p.dialTemporal(t)
	if err := temporal.TerminateWorkflow(t.Context(), "conversation:"+id, "", "by an operator"); err != nil {
		t.Fatal(err)
	}
	for _, answer := range answers {
		p.awaitState(t, id, answer, "pending")
	}

	mails, err := mailbox.Start(t.Context(), mailbox.Options{SMTPAddress: mailServer, HTTPAddress: "127.0.0.1:0", Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mails.Stop)
	p.mailURL = mails.URL()
	openDatabase(t, file).lateBy(t, time.Hour)
	for _, answer := range answers {
		p.awaitState(t, id, answer, "sent")
	}
	eventually(t, func() error {
		if told := p.mailTo(t, address("terminated-team")); len(told) != 1 {
			return fmt.Errorf("the team was told %d times that nobody is there", len(told))
		}
		return nil
	})
	var sent []string
	for _, mail := range p.mailTo(t, address("terminated")) {
		id, _, _ := strings.Cut(strings.TrimPrefix(mail.MessageID, "<"), "@")
		sent = append(sent, id)
	}
	if !slices.Equal(sent, answers) {
		t.Errorf("sent %v, want %v", sent, answers)
	}
	if c := p.awaitAssignee(t, id, ada); c.Status != "open" || c.Episode != 1 {
		t.Errorf("the conversation is %+v", c)
	}
}
