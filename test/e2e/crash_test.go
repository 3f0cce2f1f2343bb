package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"switchboard/api/contract"
	"switchboard/inbox"
)

func TestKilledAmongSubmissionsItLosesNothingItAcknowledged(t *testing.T) {
	data := t.TempDir()
	d := startDev(t, data)
	o := d.newOffice(t, "crash", 1)
	o.agents[0].is(t, inbox.Away)
	// Assigned although away, the agent gets a notice for each conversation.
	form := o.form(t, settings{"mode": "specific", "agent_ids": []string{o.agents[0].ID}, "only_available": false})

	told := newLedger()
	ids := make(chan string, 200)
	for i := range cap(ids) {
		ids <- fmt.Sprintf("submission-%03d", i)
	}
	sending := atOnce(16, func(int) {
		for id := range ids {
			if err := d.submitOnce(t, form, id, told); err != nil {
				return // the rest is for after the start
			}
		}
	})
	told.await(t, 80)
	d.kill(t)
	close(ids)
	sending.Wait()
	unanswered := told.unanswered()
	t.Logf("killed with %d acknowledged and %d unanswered", len(told.acknowledged()), len(unanswered))

	d = startDev(t, data)
	again := make(chan string, len(unanswered))
	for _, id := range unanswered[:len(unanswered)/2] {
		again <- id // their senders try again, the others give up
	}
	close(again)
	atOnce(16, func(int) {
		for id := range again {
			if err := d.submitOnce(t, form, id, told); err != nil {
				t.Errorf("after the start: %v", err)
			}
		}
	}).Wait()
	d.settled(t, form, told)
	// Mails that were leaving are looked at again in two minutes. Until then the
	// other tests may run.
	t.Parallel()
	d.eachToldOnce(t, form, address("crash-a"))
	nothingPersonalIsKept(t, d.system)
}

// submitOnce sends one submission, once, and enters in the ledger what it was
// told.
func (s *system) submitOnce(t *testing.T, form contract.Channel, id string, told *ledger) error {
	told.tried(id)
	a, err := s.public().do(t, withJSON(http.MethodPost, "/forms/"+form.ID+"/submissions",
		settings{"fields": submission(id, id), "submission_id": id}))
	if err != nil {
		return err
	}
	if a.status != http.StatusAccepted {
		return fmt.Errorf("%s was answered %d: %s", id, a.status, a.body)
	}
	receipt, err := decode[contract.SubmissionReceipt](a)
	if err != nil || receipt.SubmissionID != id {
		t.Errorf("%s was acknowledged as %+v: %v", id, receipt, err)
	}
	told.acknowledge(id, receipt.ConversationID)
	return nil
}

// settled waits until every submission to a form is routed, and holds the
// ledger against what there is: each acknowledged one once, each other one at
// most once, with one message and one ticket.
func (s *system) settled(t *testing.T, form contract.Channel, told *ledger) []contract.Conversation {
	t.Helper()
	found, conversations := s.routedOnce(t, form, told)
	for id, conversation := range told.acknowledged() {
		if conversations[id] != conversation {
			t.Errorf("%s was acknowledged as %s and is %q", id, conversation, conversations[id])
		}
	}
	return found
}

// routedOnce waits until as many conversations of a channel are routed as were
// acknowledged, and finds each once, with one message and one ticket. ids are by
// what the conversations' subjects begin with.
func (s *system) routedOnce(t *testing.T, channel contract.Channel, told *ledger) (found []contract.Conversation, ids map[string]string) {
	t.Helper()
	found = s.awaitRouted(t, channel, len(told.acknowledged()))
	ids = map[string]string{}
	for _, conversation := range found {
		id, _, _ := strings.Cut(conversation.Subject, " ")
		if other, twice := ids[id]; twice {
			t.Errorf("%s is two conversations: %s and %s", id, other, conversation.ID)
		}
		ids[id] = conversation.ID
		s.isOneOfEach(t, conversation)
	}
	tickets := map[string]int{}
	for _, ticket := range all[contract.Ticket](t, s.admin, "/api/v1/tickets", url.Values{"inbox_id": {channel.InboxID}}) {
		if tickets[ticket.ConversationID]++; tickets[ticket.ConversationID] > 1 {
			t.Errorf("%s has %d tickets", ticket.ConversationID, tickets[ticket.ConversationID])
		}
	}
	return found, ids
}

// awaitRouted waits until all conversations of a channel, so many at least, are
// assigned or waiting and have a ticket.
func (s *system) awaitRouted(t *testing.T, channel contract.Channel, atLeast int) (found []contract.Conversation) {
	t.Helper()
	eventually(t, func() error {
		found = s.conversations(t, channel)
		for _, conversation := range found {
			if conversation.TicketID == nil || conversation.AssigneeID == nil && conversation.Status != "waiting" {
				return fmt.Errorf("not routed: %+v", conversation)
			}
		}
		if len(found) < atLeast {
			return fmt.Errorf("%d conversations, not %d", len(found), atLeast)
		}
		return nil
	})
	return found
}

func (s *system) conversations(t *testing.T, channel contract.Channel) []contract.Conversation {
	t.Helper()
	return all[contract.Conversation](t, s.admin, "/api/v1/conversations", url.Values{"channel_id": {channel.ID}})
}

// newest is the conversation of a channel that came last.
func (s *system) newest(t *testing.T, channel contract.Channel) contract.Conversation {
	t.Helper()
	return slices.MaxFunc(s.conversations(t, channel), func(a, b contract.Conversation) int { return a.CreatedAt.Compare(b.CreatedAt) })
}

// isOneOfEach checks that a submission's conversation was opened once, with one
// message, one assignment at most, and one ticket.
func (s *system) isOneOfEach(t *testing.T, conversation contract.Conversation) {
	t.Helper()
	if messages := s.messages(t, conversation.ID); len(messages) != 1 {
		t.Errorf("%s has %d messages", conversation.ID, len(messages))
	}
	timeline := s.timeline(t, conversation.ID)
	for _, kind := range []inbox.EventKind{
		inbox.EventOpened, inbox.EventMessageReceived, inbox.EventContactResolved, inbox.EventTicketCreated,
	} {
		if timeline.count(kind) != 1 {
			t.Errorf("%s: not once %s: %v", conversation.ID, kind, timeline.kinds())
		}
	}
	if timeline.count(inbox.EventAssigned) > 1 {
		t.Errorf("%s was assigned more than once: %v", conversation.ID, timeline.kinds())
	}
}

var conversationLink = regexp.MustCompile("(?:" + conversationsPath + "|/dev/agent#)([0-9a-z-]+)")

// eachToldOnce waits until the assignee's notices are settled and finds at most
// one mail for each conversation.
func (s *system) eachToldOnce(t *testing.T, form contract.Channel, assignee string) {
	t.Helper()
	found := s.conversations(t, form)
	for _, conversation := range found {
		within(t, longPatience, func() error {
			timeline := s.timeline(t, conversation.ID)
			if timeline.count(inbox.EventNoticeSent)+timeline.count(inbox.EventNoticeFailed) == 1 {
				return nil
			}
			return fmt.Errorf("%s: not one notice: %v", conversation.ID, timeline.kinds())
		})
	}
	mails := map[string]int{}
	for _, mail := range s.mailTo(t, assignee) {
		if link := conversationLink.FindStringSubmatch(mail.Text); link != nil {
			mails[link[1]]++
		}
	}
	sent := 0
	for _, conversation := range found {
		if mails[conversation.ID] > 1 {
			t.Errorf("%d notices of %s", mails[conversation.ID], conversation.ID)
		}
		sent += s.timeline(t, conversation.ID).count(inbox.EventNoticeSent)
	}
	// A mail may have left whose sending was not recorded, but not the reverse.
	if len(mails) < sent || sent < len(found)/2 {
		t.Errorf("of %d conversations, %d were told of by mail and %d say so", len(found), len(mails), sent)
	}
}
