package store_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

var explicit = inbox.ConsentRule{Mode: inbox.ConsentExplicit, Text: "We keep what you write.", Button: "I agree"}

// seal turns a text around, so that the tests see whether it was opened.
func seal(plain []byte, owner string) []byte {
	sealed := slices.Concat([]byte(owner+"|"), plain)
	slices.Reverse(sealed)
	return sealed
}

func unseal(sealed []byte, owner string) ([]byte, error) {
	opened := slices.Clone(sealed)
	slices.Reverse(opened)
	plain, ok := bytes.CutPrefix(opened, []byte(owner+"|"))
	if !ok {
		return nil, errors.New("not this owner's")
	}
	return plain, nil
}

// secretWord is in everything that a message says.
const secretWord = "zanzibar"

var visitor = inbox.Identity{Kind: inbox.IdentityMessenger, Value: "page:7"}

// gated is a message of a visitor who has to agree.
func gated(t *testing.T, channel inbox.Channel, id string, agrees bool) store.Inbound {
	t.Helper()
	in := store.Inbound{
		Channel: channel, ThreadKey: visitor.Value, ProviderMessageID: id, Subject: secretWord, Text: secretWord + " " + id,
		Sender: inbox.Sender{Name: secretWord, Identities: []inbox.Identity{visitor}}, ReplyTo: secretWord + "@home.test",
		Fields: []inbox.SubmittedField{{Name: "f", Values: []string{secretWord}}}, Payload: secretWord,
		Remote: []inbox.RemoteFile{{URL: "https://cdn.test/" + secretWord}},
		Files:  []store.File{{Name: secretWord, ContentType: "text/plain", Data: []byte(secretWord)}},
	}
	if agrees {
		in.Payload = inbox.AgreePayload
	}
	content := must(in.Content())(t)
	in.Gate = &store.Gate{
		Rule: explicit, Sealed: seal(content, store.HeldOwner(channel.ID, id)), Until: noon.Add(24 * time.Hour),
		Agrees: agrees, Enough: routing.Consents,
	}
	return in
}

// consent asks for an episode's consent.
func consent(t *testing.T, s *store.Store, receipt store.Receipt, at time.Time) store.Consented {
	t.Helper()
	return must(s.Consent(t.Context(), store.RefOf(receipt), explicit, at, routing.Consent, unseal))(t)
}

func wantNoSecret(t *testing.T, s *store.Store) {
	t.Helper()
	for table, dump := range store.Dump(t, s) {
		if strings.Contains(dump, secretWord) {
			t.Errorf("%s holds it: %s", table, dump)
		}
	}
}

func TestWithoutConsentNothingOfAMessageIsKeptInTheClear(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		first := must(s.Receive(ctx, gated(t, channel, "1", false)))(t)
		must(s.ResolveContact(ctx, store.RefOf(first)))(t)
		second := must(s.Receive(ctx, gated(t, channel, "2", false)))(t)
		wantNoSecret(t, s)
		if c := must(s.Conversation(ctx, first.ConversationID))(t); !c.AwaitsConsent || second.ConversationID != c.ID {
			t.Errorf("conversation %+v", c)
		}
		if m := must(s.Message(ctx, first.MessageID))(t); m.State != inbox.MessageHeld {
			t.Errorf("message %+v", m)
		}
		asked := consent(t, s, first, noon)
		if !asked.Waits || asked.Say == "" || !asked.GiveUpAt.Equal(noon.Add(24*time.Hour)) {
			t.Fatalf("asked: %+v", asked)
		}
		question := must(s.Message(ctx, asked.Say))(t)
		if question.Text != explicit.Text || len(question.QuickReplies) != 1 || question.QuickReplies[0].Payload != inbox.AgreePayload ||
			question.Author.Kind != inbox.AuthorAutomation || !store.AboutConsent(question) {
			t.Errorf("question %+v", question)
		}
		if again := consent(t, s, first, noon.Add(time.Hour)); again.Say != asked.Say {
			t.Errorf("another question: %+v", again)
		}
	})
}

func TestWhoAgreesGetsEverythingBackInOrder(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		first := must(s.Receive(ctx, gated(t, channel, "1", false)))(t)
		contactID := must(s.ResolveContact(ctx, store.RefOf(first)))(t).ContactID
		asked := consent(t, s, first, noon)
		if err := s.SetMessageState(ctx, asked.Say, inbox.MessageSent, "", noon); err != nil {
			t.Fatal(err)
		}
		second := must(s.Receive(ctx, gated(t, channel, "2", false)))(t)
		press := must(s.Receive(ctx, gated(t, channel, "3", true)))(t)
		given := consent(t, s, first, noon.Add(time.Hour))
		if given.Waits || !slices.Equal(given.Restored, []string{first.MessageID, second.MessageID, press.MessageID}) {
			t.Fatalf("given: %+v", given)
		}
		m := must(s.Message(ctx, first.MessageID))(t)
		if m.Text != secretWord+" 1" || m.State != inbox.MessageReceived || len(m.Attachments) != 1 || len(m.Fields) != 1 ||
			len(m.Remote) != 1 || m.Payload != secretWord {
			t.Errorf("message %+v", m)
		}
		c := must(s.Conversation(ctx, first.ConversationID))(t)
		if c.AwaitsConsent || c.Subject != secretWord || c.ReplyTo == "" {
			t.Errorf("conversation %+v", c)
		}
		if contact := must(s.Contact(ctx, contactID))(t); contact.Name != secretWord {
			t.Errorf("contact %+v", contact)
		}
		if found, _, err := s.Contacts(ctx, store.Sight{}, secretWord, store.Page{}); err != nil || len(found) != 1 {
			t.Errorf("found %+v, %v", found, err)
		}
		consents := must(s.Consents(ctx, contactID))(t)
		if len(consents) != 1 || consents[0].Text != explicit.Text || consents[0].Wording != explicit.Wording() ||
			consents[0].MessageID != press.MessageID || !consents[0].At.Equal(noon.Add(time.Hour)) || consents[0].Mode != inbox.ConsentExplicit {
			t.Errorf("consents %+v", consents)
		}
		if kinds := eventKinds(t, s); !slices.Contains(kinds, inbox.EventConsentAsked) || !slices.Contains(kinds, inbox.EventConsentGiven) {
			t.Errorf("events %v", kinds)
		}
		for _, event := range must(s.EventsAfter(ctx, 0, 100))(t) {
			if strings.Contains(string(event.Data), secretWord) || strings.Contains(string(event.Data), explicit.Text) {
				t.Errorf("%s says %s", event.Kind, event.Data)
			}
		}

		later := must(s.Receive(ctx, gated(t, channel, "4", false)))(t)
		if m := must(s.Message(ctx, later.MessageID))(t); m.State != inbox.MessageReceived || m.Text == "" {
			t.Errorf("after the consent: %+v", m)
		}
		store.SetStatus(t, s, c.ID, inbox.StatusClosed)
		reopened := must(s.Receive(ctx, gated(t, channel, "5", false)))(t)
		if m := must(s.Message(ctx, reopened.MessageID))(t); !reopened.Opened || m.Text == "" {
			t.Errorf("in the next episode: %+v", m)
		}
		if again := consent(t, s, reopened, noon); again.Waits || again.Say != "" || len(again.Restored) != 0 {
			t.Errorf("asked again: %+v", again)
		}
		other := gated(t, newChannel(t, s), "6", false)
		if m := must(s.Message(ctx, must(s.Receive(ctx, other))(t).MessageID))(t); m.State != inbox.MessageHeld {
			t.Errorf("on another channel: %+v", m)
		}
	})
}

func TestWhoWasAskedNothingAgreesToNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		first := must(s.Receive(ctx, gated(t, channel, "1", true)))(t) // by the button's words
		contactID := must(s.ResolveContact(ctx, store.RefOf(first)))(t).ContactID
		if asked := consent(t, s, first, noon); !asked.Waits || asked.Say == "" {
			t.Errorf("before the question: %+v", asked)
		}
		if given := must(s.Consents(ctx, contactID))(t); len(given) != 0 {
			t.Errorf("consents %+v", given)
		}
		must(s.Receive(ctx, gated(t, channel, "2", true)))(t)
		if given := consent(t, s, first, noon); given.Waits || len(given.Restored) != 2 {
			t.Errorf("after the question: %+v", given)
		}
	})
}

func TestAContactAgreesToTheWordingThatWasShown(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		first := must(s.Receive(ctx, gated(t, channel, "1", false)))(t)
		contactID := must(s.ResolveContact(ctx, store.RefOf(first)))(t).ContactID
		consent(t, s, first, noon)
		must(s.Receive(ctx, gated(t, channel, "2", true)))(t)
		edited := explicit
		edited.Text = "We keep what you write, and sell it."
		if given := must(s.Consent(ctx, store.RefOf(first), edited, noon, routing.Consent, unseal))(t); given.Waits {
			t.Errorf("given: %+v", given)
		}
		given := must(s.Consents(ctx, contactID))(t)
		if len(given) != 1 || given[0].Text != explicit.Text || given[0].Wording != explicit.Wording() {
			t.Errorf("consents %+v", given)
		}
	})
}

func TestAQuestionThatCouldNotBeSentIsAskedAgain(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		first := must(s.Receive(ctx, gated(t, channel, "1", false)))(t)
		must(s.ResolveContact(ctx, store.RefOf(first)))(t)
		asked := consent(t, s, first, noon)
		if err := s.SetMessageState(ctx, asked.Say, inbox.MessageFailed, inbox.CodeHumanAgentOnly, noon); err != nil {
			t.Fatal(err)
		}
		must(s.Receive(ctx, gated(t, channel, "2", false)))(t)
		if again := consent(t, s, first, noon.Add(time.Minute)); !again.Waits || again.Say == "" || again.Say == asked.Say {
			t.Errorf("again: %+v", again)
		}
	})
}

func TestATextThatCouldNotBeSentToldNobody(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		open := gated(t, channel, "1", false)
		open.Gate = nil
		ref := store.RefOf(must(s.Receive(ctx, open))(t))
		contactID := must(s.ResolveContact(ctx, ref))(t).ContactID
		implicit := inbox.ConsentRule{Mode: inbox.ConsentImplicit, Text: "We keep what you write."}
		ask := func(at time.Time) store.Consented {
			return must(s.Consent(ctx, ref, implicit, at, routing.Consent, unseal))(t)
		}
		told := ask(noon)
		if given := must(s.Consents(ctx, contactID))(t); told.Waits || len(given) != 1 || given[0].MessageID != told.Say || given[0].Text != implicit.Text {
			t.Errorf("told %+v, consents %+v", told, given)
		}
		if again := ask(noon.Add(time.Minute)); again.Say != told.Say {
			t.Errorf("told twice: %+v", again)
		}
		if err := s.SetMessageState(ctx, told.Say, inbox.MessageFailed, inbox.CodeHumanAgentOnly, noon); err != nil {
			t.Fatal(err)
		}
		if given := must(s.Consents(ctx, contactID))(t); len(given) != 0 {
			t.Errorf("on record: %+v", given)
		}
		again := ask(noon.Add(time.Hour))
		if again.Waits || again.Say == "" || again.Say == told.Say {
			t.Errorf("the next time: %+v", again)
		}
		if err := s.SetMessageState(ctx, again.Say, inbox.MessageSent, "", noon); err != nil {
			t.Fatal(err)
		}
		if once := ask(noon.Add(2 * time.Hour)); once.Say != "" {
			t.Errorf("told once more: %+v", once)
		}
	})
}

func TestAnEpisodeThatBeganWithoutConsentGoesOnWithout(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		open := gated(t, channel, "1", false)
		open.Gate = nil
		first := must(s.Receive(ctx, open))(t)
		must(s.ResolveContact(ctx, store.RefOf(first)))(t)
		second := must(s.Receive(ctx, gated(t, channel, "2", false)))(t)
		if m := must(s.Message(ctx, second.MessageID))(t); m.State != inbox.MessageReceived || m.Text == "" {
			t.Errorf("message %+v", m)
		}
		if got := consent(t, s, second, noon); got.Waits || got.Say != "" {
			t.Errorf("got %+v", got)
		}
		store.SetStatus(t, s, first.ConversationID, inbox.StatusClosed)
		third := must(s.Receive(ctx, gated(t, channel, "3", false)))(t)
		if m := must(s.Message(ctx, third.MessageID))(t); m.State != inbox.MessageHeld {
			t.Errorf("in the next episode %+v", m)
		}
	})
}

func TestMessagesAreGivenUpWhenNobodyAgrees(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel, end := t.Context(), newChannel(t, s), noon.Add(24*time.Hour)
		first := must(s.Receive(ctx, gated(t, channel, "1", false)))(t)
		must(s.ResolveContact(ctx, store.RefOf(first)))(t)
		later := gated(t, channel, "2", false)
		later.Gate.Until = end.Add(time.Hour)
		second := must(s.Receive(ctx, later))(t)
		consent(t, s, first, noon)
		if next := must(s.GiveUpHeld(ctx, first.ConversationID, end.Add(-time.Microsecond)))(t); !next.Equal(end) {
			t.Errorf("next %v", next)
		}
		if ids := must(s.HeldTooLong(ctx, end.Add(-time.Microsecond), 10))(t); len(ids) != 0 {
			t.Errorf("too long: %v", ids)
		}
		if ids := must(s.HeldTooLong(ctx, end.Add(2*time.Hour), 10))(t); !slices.Equal(ids, []string{first.ConversationID}) {
			t.Errorf("too long: %v", ids)
		}
		if next := must(s.GiveUpHeld(ctx, first.ConversationID, end))(t); !next.Equal(end.Add(time.Hour)) {
			t.Errorf("next %v", next)
		}
		if m := must(s.Message(ctx, first.MessageID))(t); m.State != inbox.MessageDropped || m.Text != "" {
			t.Errorf("message %+v", m)
		}
		if n := store.CountSealed(t, s); n != 1 {
			t.Errorf("%d sealed copies", n)
		}
		if m := must(s.Message(ctx, second.MessageID))(t); m.State != inbox.MessageHeld {
			t.Errorf("message %+v", m)
		}
		if next := must(s.GiveUpHeld(ctx, first.ConversationID, end.Add(time.Hour)))(t); !next.IsZero() {
			t.Errorf("next %v", next)
		}
		third := must(s.Receive(ctx, gated(t, channel, "3", false)))(t)
		if again := consent(t, s, third, end.Add(2*time.Hour)); !again.Waits || again.Say == "" {
			t.Errorf("again %+v", again)
		}
		if kinds := eventKinds(t, s); !slices.Contains(kinds, inbox.EventConsentMissed) {
			t.Errorf("events %v", kinds)
		}
	})
}

func TestWhatCannotBeOpenedAnyMoreIsGivenUpAndKeepsNobodyWaiting(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		first := must(s.Receive(ctx, gated(t, channel, "1", false)))(t)
		must(s.ResolveContact(ctx, store.RefOf(first)))(t)
		consent(t, s, first, noon)
		press := must(s.Receive(ctx, gated(t, channel, "2", true)))(t)
		broken := func([]byte, string) ([]byte, error) { return nil, errors.New("no key") }
		got := must(s.Consent(ctx, store.RefOf(first), explicit, noon, routing.Consent, broken))(t)
		if got.Waits || !slices.Equal(got.Unreadable, []string{first.MessageID, press.MessageID}) {
			t.Errorf("got %+v", got)
		}
		if m := must(s.Message(ctx, first.MessageID))(t); m.State != inbox.MessageDropped {
			t.Errorf("message %+v", m)
		}
	})
}

func TestAnErasureTakesConsentsAndWhatIsHeldBack(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		first := must(s.Receive(ctx, gated(t, channel, "1", false)))(t)
		contactID := must(s.ResolveContact(ctx, store.RefOf(first)))(t).ContactID
		if err := s.EraseContact(ctx, contactID); err != nil {
			t.Fatal(err)
		}
		if n := store.CountSealed(t, s); n != 0 {
			t.Errorf("%d sealed copies", n)
		}
		second := must(s.Receive(ctx, gated(t, channel, "2", false)))(t)
		contactID = must(s.ResolveContact(ctx, store.RefOf(second)))(t).ContactID
		consent(t, s, second, noon)
		must(s.Receive(ctx, gated(t, channel, "3", true)))(t)
		consent(t, s, second, noon)
		if n := store.CountRows(t, s, "consents"); n != 1 {
			t.Errorf("%d consents", n)
		}
		if err := s.EraseContact(ctx, contactID); err != nil {
			t.Fatal(err)
		}
		if n := store.CountRows(t, s, "consents"); n != 0 {
			t.Errorf("%d consents", n)
		}
		wantNoSecret(t, s)
		next := must(s.Receive(ctx, gated(t, channel, "4", false)))(t)
		if m := must(s.Message(ctx, next.MessageID))(t); m.State != inbox.MessageHeld {
			t.Errorf("after the erasure: %+v", m)
		}
	})
}

func TestMessagesThatComeWhileTheContactAgreesAreNotLeftBehind(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		first := must(s.Receive(ctx, gated(t, channel, "1", false)))(t)
		must(s.ResolveContact(ctx, store.RefOf(first)))(t)
		consent(t, s, first, noon)
		must(s.Receive(ctx, gated(t, channel, "2", true)))(t)
		var senders sync.WaitGroup
		for i := range 16 {
			in := gated(t, channel, "m"+string(rune('a'+i)), false)
			senders.Go(func() {
				if _, err := s.Receive(ctx, in); err != nil {
					t.Error(err)
				}
			})
		}
		consent(t, s, first, noon)
		senders.Wait()
		consent(t, s, first, noon) // the workflow asks with each message
		messages := must(s.MessagesAfter(ctx, first.ConversationID, "", 100))(t)
		if len(messages) != 19 {
			t.Errorf("%d messages", len(messages))
		}
		for _, m := range messages {
			if m.Direction == inbox.DirectionIn && (m.State != inbox.MessageReceived || !strings.HasPrefix(m.Text, secretWord)) {
				t.Errorf("left behind: %+v", m)
			}
		}
	})
}
