package e2e

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/api/contract"
	"switchboard/cmd/dev/mailbox"
	"switchboard/inbox"
)

// TestWhatTerminatedWorkflowsHadInHandIsDoneOnce terminates conversations' workflows,
// as an operator may: of one with answers, while the mail server is away, and of one
// that is snoozed. Nobody writes afterwards.
func TestWhatTerminatedWorkflowsHadInHandIsDoneOnce(t *testing.T) {
	file, mailServer := filepath.Join(t.TempDir(), "switchboard.db"), freeAddress(t)
	p := newProduction(t, "sqlite:"+file, "SWITCHBOARD_SMTP_ADDRESS="+mailServer)
	p.serve(t, 0)
	p.makeAdmin(t)
	o := p.newOffice(t, "terminated", 1)
	ada := o.agents[0]
	ada.is(t, inbox.Away)
	form := o.form(t, o.teamRule())
	id, snoozed := p.submit(t, form, submission("terminated", "Pending")), p.submit(t, form, submission("snoozed", "Later"))
	p.awaitTicket(t, id)
	p.awaitTicket(t, snoozed)
	change[contract.Conversation](t, ada.client, 200, "POST", conversationsPath+snoozed+"/snooze",
		settings{"until": time.Now().Add(24 * time.Hour).UTC()})
	var answers []string
	for i := range 2 {
		answers = append(answers, p.reply(t, ada, id, fmt.Sprint("answer-", i)).ID)
	}
	p.awaitEvents(t, id, inbox.EventMessageState, 2) // tried, and refused
	temporal := p.dialTemporal(t)
	for _, id := range []string{id, snoozed} {
		if err := temporal.TerminateWorkflow(t.Context(), "conversation:"+id, "", "by an operator"); err != nil {
			t.Fatal(err)
		}
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
	p.awaitEvents(t, snoozed, inbox.EventWoken, 1)
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
