package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"switchboard/api/contract"
)

func TestKilledAmongMailsItLosesNothingItAccepted(t *testing.T) {
	data := t.TempDir()
	d := startDev(t, data)
	o := d.newOffice(t, "mail-crash", 1)
	channel := o.email(t, o.teamRule())

	told := newLedger()
	ids := make(chan string, 200)
	for i := range cap(ids) {
		ids <- fmt.Sprintf("mail-%03d", i)
	}
	sending := atOnce(16, func(int) { _ = d.mailAll(t, channel, ids, told) })
	told.await(t, 80)
	d.kill(t)
	close(ids)
	sending.Wait()
	unanswered := told.unanswered()
	for id := range ids {
		unanswered = append(unanswered, id) // nobody came to send it
	}
	t.Logf("killed with %d accepted and %d not", len(told.acknowledged()), len(unanswered))

	d = startDev(t, data)
	again := make(chan string, len(unanswered))
	for _, id := range unanswered {
		again <- id
	}
	close(again)
	atOnce(16, func(int) {
		if err := d.mailAll(t, channel, again, told); err != nil {
			t.Errorf("after the start: %v", err)
		}
	}).Wait()
	d.allThereOnce(t, channel, told, 200)
	nothingPersonalIsKept(t, d.system)
}

func TestAThousandMailsAtSixteenConnectionsAreAllThereOnce(t *testing.T) {
	d := startDev(t, t.TempDir())
	o := d.newOffice(t, "many-mails", 1)
	channel := o.email(t, o.teamRule())
	ids := make(chan string, 1000)
	for i := range cap(ids) {
		ids <- fmt.Sprintf("mail-%04d", i)
	}
	close(ids)
	told := newLedger()
	atOnce(16, func(int) {
		if err := d.mailAll(t, channel, ids, told); err != nil {
			t.Error(err)
		}
	}).Wait()
	d.allThereOnce(t, channel, told, 1000)
}

// mailAll sends a mail for each id on one connection, until one is not accepted,
// and enters in the ledger what it was told.
func (s *system) mailAll(t *testing.T, channel contract.Channel, ids <-chan string, told *ledger) error {
	client, err := smtp.Dial(s.smtpAddress)
	if err != nil {
		return err
	}
	defer client.Close()
	for id := range ids {
		told.tried(id)
		l := letter{sender: id, id: id, subject: id, to: hosted(t, channel)}
		if err := client.SendMail(l.from(), []string{l.to}, strings.NewReader(l.text())); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		told.acknowledge(id, "accepted")
	}
	return nil
}

// allThereOnce waits until so many accepted mails are conversations, and finds
// each once.
func (s *system) allThereOnce(t *testing.T, channel contract.Channel, told *ledger, n int) {
	t.Helper()
	_, conversations := s.routedOnce(t, channel, told)
	for id := range told.acknowledged() {
		if conversations[id] == "" {
			t.Errorf("%s was accepted and is lost", id)
		}
	}
	if len(told.acknowledged()) != n || len(conversations) != n {
		t.Errorf("of %d mails, %d were accepted and %d are conversations", n, len(told.acknowledged()), len(conversations))
	}
}
