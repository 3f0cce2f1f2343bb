package store_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// askEmail asks for a mail address and hands over.
func askEmail(channel inbox.Channel) inbox.Chatflow {
	return inbox.Chatflow{
		ChannelID: channel.ID, Name: "Ask", Language: "de", Greeting: "Hello!", Patience: time.Minute,
		Steps: []inbox.ChatStep{
			{ID: "hello", Kind: inbox.StepSay, Text: "Hello.", Next: "email"},
			{ID: "email", Kind: inbox.StepAsk, Text: "Your e-mail address?", Collect: inbox.CollectEmail, Retries: 1, Next: "person"},
			{ID: "person", Kind: inbox.StepHandOver, Text: "Somebody is coming."},
		},
	}
}

func newActiveFlow(t *testing.T, s *store.Store, flow inbox.Chatflow) inbox.Chatflow {
	t.Helper()
	flow = must(s.CreateChatflow(t.Context(), flow))(t)
	return must(s.ActivateChatflow(t.Context(), flow.ID, true))(t)
}

func TestAChatflowIsKeptEditedAndDeleted(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		flow := must(s.CreateChatflow(ctx, askEmail(channel)))(t)
		if got := must(s.Chatflow(ctx, flow.ID))(t); !reflect.DeepEqual(got, flow) || got.Revision != 1 || got.Active || got.Patience != time.Minute {
			t.Errorf("got %+v, want %+v", got, flow)
		}
		edited := flow
		edited.Name, edited.Repeat = "Ask again", true
		edited = must(s.UpdateChatflow(ctx, edited))(t)
		if got := must(s.Chatflow(ctx, flow.ID))(t); !reflect.DeepEqual(got, edited) || got.Revision != 2 {
			t.Errorf("after the edit: got %+v, want %+v", got, edited)
		}
		_, err := s.UpdateChatflow(ctx, flow)
		wantCode(t, err, inbox.CodeConflict)
		if err := s.DeleteChatflow(ctx, flow.ID); err != nil {
			t.Fatal(err)
		}
		_, err = s.Chatflow(ctx, flow.ID)
		wantCode(t, err, inbox.CodeNotFound)
		_, err = s.ActivateChatflow(ctx, flow.ID, true)
		wantCode(t, err, inbox.CodeNotFound)
		_, err = s.CreateChatflow(ctx, inbox.Chatflow{ChannelID: "none"})
		wantField(t, err, inbox.CodeInvalid, "channel_id")
	})
}

func TestAChannelHasOneActiveChatflow(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		var flows []inbox.Chatflow
		for range 4 {
			flows = append(flows, must(s.CreateChatflow(ctx, askEmail(channel)))(t))
		}
		elsewhere := newActiveFlow(t, s, askEmail(newChannel(t, s)))
		together(func(i int) {
			if _, err := s.ActivateChatflow(ctx, flows[i%len(flows)].ID, true); err != nil {
				t.Error(err)
			}
		})
		all, _, err := s.Chatflows(ctx, channel.ID, store.Page{})
		active := slices.DeleteFunc(all, func(f inbox.Chatflow) bool { return !f.Active })
		if err != nil || len(active) != 1 {
			t.Errorf("active %+v, %v", active, err)
		}
		if got := must(s.ActiveChatflow(ctx, channel.ID))(t); got.ID != active[0].ID {
			t.Errorf("active is %s, want %s", got.ID, active[0].ID)
		}
		must(s.ActivateChatflow(ctx, active[0].ID, false))(t)
		_, err = s.ActiveChatflow(ctx, channel.ID)
		wantCode(t, err, inbox.CodeNotFound)
		must(s.ActiveChatflow(ctx, elsewhere.ChannelID))(t)
	})
}

func TestANewChannelHasItsKindsChatflow(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		page := newChannel(t, s, func(c *inbox.Channel) { c.Kind, c.Account = inbox.KindMessenger, "page" })
		flow := must(s.ActiveChatflow(ctx, page.ID))(t)
		if flow.Greeting == "" || routing.CheckChatflow(flow, page.Kind) != nil {
			t.Errorf("flow %+v: %v", flow, routing.CheckChatflow(flow, page.Kind))
		}
		chat := newChannel(t, s)
		ready, _, err := s.Chatflows(ctx, chat.ID, store.Page{})
		if err != nil || len(ready) != 1 || ready[0].Active || routing.CheckChatflow(ready[0], chat.Kind) != nil {
			t.Errorf("a chat's flows %+v, %v", ready, err)
		}
		form := newChannel(t, s, func(c *inbox.Channel) { c.Kind = inbox.KindForm })
		if none, _, err := s.Chatflows(ctx, form.ID, store.Page{}); err != nil || len(none) != 0 {
			t.Errorf("a form's flows %+v, %v", none, err)
		}
	})
}

func decideFlow(q inbox.ChatflowQuestion) (inbox.ChatflowDecision, error) {
	return routing.NextChatflow(q), nil
}

// turn takes a turn and returns what was said in it.
func turn(t *testing.T, s *store.Store, ref inbox.EpisodeRef, messageID string) (store.ChatflowTurn, []string) {
	t.Helper()
	turn := must(s.TakeTurn(t.Context(), ref, messageID, noon, decideFlow))(t)
	var said []string
	for _, id := range turn.MessageIDs {
		said = append(said, must(s.Message(t.Context(), id))(t).Text)
	}
	return turn, said
}

// contactSays receives a contact's message in a thread.
func contactSays(t *testing.T, s *store.Store, channel inbox.Channel, id, text string) store.Receipt {
	t.Helper()
	in := inbound(channel, "thread", id)
	in.Text = text
	return must(s.Receive(t.Context(), in))(t)
}

func TestAConversationIsLedThroughAChatflowAndRepeatedTurnsChangeNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		flow := newActiveFlow(t, s, askEmail(channel))
		first := contactSays(t, s, channel, "1", "hi")
		ref := inbox.EpisodeRef{ConversationID: first.ConversationID, Episode: 1}
		if in := must(s.InChatflow(ctx, ref, channel.ID))(t); !in {
			t.Fatal("the episode has no chatflow")
		}
		for range 2 {
			if got, said := turn(t, s, ref, ""); got.Outcome != inbox.ChatflowWaits || !got.HandOverAt.Equal(noon.Add(time.Minute)) ||
				!slices.Equal(said, []string{"Hello.", "Your e-mail address?"}) {
				t.Fatalf("first turn %+v, said %q", got, said)
			}
		}
		// An edit, switching off and deleting break nothing that runs (G14).
		flow.Steps[2].Text = "Edited."
		must(s.UpdateChatflow(ctx, flow))(t)
		if err := s.DeleteChatflow(ctx, flow.ID); err != nil {
			t.Fatal(err)
		}
		if in := must(s.InChatflow(ctx, ref, channel.ID))(t); !in {
			t.Fatal("the running chatflow is forgotten")
		}
		second := contactSays(t, s, channel, "2", "me@home.test")
		for range 2 {
			got, said := turn(t, s, ref, second.MessageID)
			if got.Outcome != inbox.ChatflowHandsOver || !slices.Equal(said, []string{"Somebody is coming."}) ||
				got.Collected == nil || got.Collected.Value != "me@home.test" {
				t.Fatalf("second turn %+v, said %q", got, said)
			}
		}
		// What comes later is nobody's answer.
		if got, said := turn(t, s, ref, contactSays(t, s, channel, "3", "hello?").MessageID); got.Outcome != inbox.ChatflowHandsOver || len(said) != 1 {
			t.Errorf("after the end %+v, said %q", got, said)
		}
		var steps, finished int
		for _, kind := range eventKinds(t, s) {
			if kind == inbox.EventChatflowStep {
				steps++
			}
			if kind == inbox.EventChatflowFinished {
				finished++
			}
		}
		if steps != 3 || finished != 1 {
			t.Errorf("%d steps and %d ends in the timeline", steps, finished)
		}
	})
}

func TestAContactMeetsAChatflowOnceUnlessItRepeats(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		for _, repeat := range []bool{false, true} {
			channel := newChannel(t, s)
			flow := askEmail(channel)
			flow.Repeat = repeat
			newActiveFlow(t, s, flow)
			first := contactSays(t, s, channel, "1", "hi")
			ref := inbox.EpisodeRef{ConversationID: first.ConversationID, Episode: 1}
			turn(t, s, ref, "")
			must(s.CloseEpisode(ctx, ref, inbox.Author{Kind: inbox.AuthorAgent, ID: "ada"}, noon, "agent"))(t)
			contactSays(t, s, channel, "2", "hi again")
			ref.Episode = 2
			got, said := turn(t, s, ref, "")
			if met := len(said) > 0; met != repeat || repeat != (got.Outcome == inbox.ChatflowWaits) {
				t.Errorf("repeat %t: second episode %+v, said %q", repeat, got, said)
			}
		}
	})
}

func TestAChatflowDoesNotBeginWhereSomebodyIsAlready(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		newActiveFlow(t, s, askEmail(channel))
		first := contactSays(t, s, channel, "1", "hi")
		ref := inbox.EpisodeRef{ConversationID: first.ConversationID, Episode: 1}
		must(s.AssignTo(ctx, first.ConversationID, newAgent(t, s).ID, inbox.Author{Kind: inbox.AuthorAgent, ID: "ada"}, noon))(t)
		if got, said := turn(t, s, ref, ""); got.Outcome != inbox.ChatflowHandsOver || len(said) > 0 {
			t.Errorf("assigned: %+v, said %q", got, said)
		}
		must(s.CloseEpisode(ctx, ref, inbox.Author{Kind: inbox.AuthorAgent, ID: "ada"}, noon, "agent"))(t)
		ref = must(s.Reopen(ctx, first.ConversationID, inbox.Author{Kind: inbox.AuthorAgent, ID: "ada"}, noon))(t)
		if got, said := turn(t, s, ref, ""); got.Outcome != inbox.ChatflowHandsOver || len(said) > 0 {
			t.Errorf("reopened by an agent: %+v, said %q", got, said)
		}
	})
}

func TestAStoppedChatflowSaysNoMore(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		newActiveFlow(t, s, askEmail(channel))
		first := contactSays(t, s, channel, "1", "hi")
		ref := inbox.EpisodeRef{ConversationID: first.ConversationID, Episode: 1}
		turn(t, s, ref, "")
		for range 2 {
			if err := s.StopChatflow(ctx, ref, inbox.ChatflowInterrupted, noon); err != nil {
				t.Fatal(err)
			}
		}
		got, _ := turn(t, s, ref, contactSays(t, s, channel, "2", "me@home.test").MessageID)
		if got.Outcome != inbox.ChatflowHandsOver || got.Collected != nil {
			t.Errorf("after the stop %+v", got)
		}
		kinds := eventKinds(t, s)
		if n := len(kinds) - len(slices.DeleteFunc(kinds, func(k inbox.EventKind) bool { return k == inbox.EventChatflowFinished })); n != 1 {
			t.Errorf("stopped %d times", n)
		}
	})
}

func TestAnErasedContactLeavesNoAnswersToChatflows(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		newActiveFlow(t, s, askEmail(channel))
		first := contactSays(t, s, channel, "1", "hi")
		ref := inbox.EpisodeRef{ConversationID: first.ConversationID, Episode: 1}
		contact := must(s.ResolveContact(ctx, ref))(t)
		turn(t, s, ref, "")
		turn(t, s, ref, contactSays(t, s, channel, "2", "zanzibar@home.test").MessageID)
		if dump := store.Dump(t, s)["chatflow_runs"]; !strings.Contains(dump, "zanzibar") {
			t.Fatalf("no answer was kept: %s", dump)
		}
		if err := s.EraseContact(ctx, contact.ContactID); err != nil {
			t.Fatal(err)
		}
		if dump := store.Dump(t, s)["chatflow_runs"]; strings.Contains(dump, "zanzibar") {
			t.Errorf("the answer is still there: %s", dump)
		}
	})
}
