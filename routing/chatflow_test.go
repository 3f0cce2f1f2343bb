package routing_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"switchboard/inbox"
	"switchboard/routing"
)

// lampShop asks what it is about, collects a mail address for orders, and sends
// only people with other matters to somebody at once.
func lampShop() inbox.Chatflow {
	return inbox.Chatflow{
		Name: "Lamp shop", Greeting: "Hello!", Patience: inbox.DefaultPatience,
		Steps: []inbox.ChatStep{
			{ID: "topic", Kind: inbox.StepChoose, Text: "What is it about?", Retries: 1, RetryText: "Please choose.", Answers: []inbox.ChatAnswer{
				{ID: "order", Title: "My order", Next: "email"},
				{ID: "hours", Title: "Opening hours", Next: "open"},
				{ID: "other", Title: "Something else", Next: "person"},
			}},
			{ID: "email", Kind: inbox.StepAsk, Text: "Your e-mail address?", Collect: inbox.CollectEmail, Retries: 1, Next: "thanks"},
			{ID: "thanks", Kind: inbox.StepSay, Text: "Thank you.", Next: "which"},
			{ID: "which", Kind: inbox.StepBranch, Of: "topic", Cases: []inbox.ChatCase{{Value: "order", Next: "person"}}, Next: "bye"},
			{ID: "open", Kind: inbox.StepSay, Text: "Nine to five.", Next: "bye"},
			{ID: "bye", Kind: inbox.StepEnd, Text: "Bye."},
			{ID: "person", Kind: inbox.StepHandOver, Text: "Somebody is coming."},
		},
	}
}

// turn is what a contact writes and what he gets.
type turn struct {
	text, payload string
	says          []string
	outcome       inbox.ChatflowOutcome
	reason        inbox.ChatflowReason
	value         string
}

func TestNextChatflow(t *testing.T) {
	t.Parallel()
	const (
		waits, hands, ends = inbox.ChatflowWaits, inbox.ChatflowHandsOver, inbox.ChatflowEnds
		completed          = inbox.ChatflowCompleted
		notUnderstood      = inbox.ChatflowNotUnderstood
	)
	ask := turn{text: "hi", says: []string{"What is it about?"}, outcome: waits}
	for name, turns := range map[string][]turn{
		"a button pressed in the opening answers the first step": {
			{text: "Something else", payload: "topic:other", says: []string{"Somebody is coming."}, outcome: hands, reason: completed, value: "other"},
		},
		"a first message that is no answer is asked what it is about": {ask},
		"a button's title may be typed in": {
			ask,
			{text: " opening  HOURS ", says: []string{"Nine to five.", "Bye."}, outcome: ends, reason: completed, value: "hours"},
		},
		"a button of another step does not answer this one": {
			ask,
			{text: "old", payload: "email:order", says: []string{"Please choose."}, outcome: waits},
		},
		"what is not understood twice is handed over": {
			ask,
			{text: "what?", says: []string{"Please choose."}, outcome: waits},
			{text: "what??", outcome: hands, reason: notUnderstood},
		},
		"a collected address and a branch by an earlier answer": {
			{text: "My order", says: []string{"Your e-mail address?"}, outcome: waits, value: "order"},
			{text: "no", says: []string{"Your e-mail address?"}, outcome: waits},
			{text: "grace@example.com", says: []string{"Thank you.", "Somebody is coming."}, outcome: hands, reason: completed, value: "grace@example.com"},
		},
		"tries are counted for each step anew": {
			ask,
			{text: "what?", says: []string{"Please choose."}, outcome: waits},
			{text: "My order", says: []string{"Your e-mail address?"}, outcome: waits, value: "order"},
			{text: "no", says: []string{"Your e-mail address?"}, outcome: waits},
			{text: "no", outcome: hands, reason: notUnderstood},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var state inbox.ChatflowState
			for i, turn := range turns {
				d := routing.NextChatflow(inbox.ChatflowQuestion{Flow: lampShop(), State: state, Text: turn.text, Payload: turn.payload})
				assert.Equal(t, turn.says, texts(d), "turn %d", i)
				assert.Equal(t, turn.outcome, d.Outcome, "turn %d", i)
				assert.Equal(t, turn.reason, d.Reason, "turn %d", i)
				if turn.value == "" {
					assert.Nil(t, d.Collected, "turn %d", i)
				} else if assert.NotNil(t, d.Collected, "turn %d", i) {
					assert.Equal(t, turn.value, d.Collected.Value, "turn %d", i)
				}
				state = d.State
			}
		})
	}
}

func texts(d inbox.ChatflowDecision) []string {
	var texts []string
	for _, line := range d.Say {
		texts = append(texts, line.Text)
	}
	return texts
}

func TestAFallbackTakesWhatIsNotUnderstood(t *testing.T) {
	t.Parallel()
	flow := lampShop()
	flow.Steps[0].Retries, flow.Steps[0].Fallback = 0, "open"
	first := routing.NextChatflow(inbox.ChatflowQuestion{Flow: flow, Text: "hi"})
	second := routing.NextChatflow(inbox.ChatflowQuestion{Flow: flow, State: first.State, Text: "what?"})
	assert.Equal(t, []string{"Nine to five.", "Bye."}, texts(second))
}

func TestAnInstantReplyIsSaidAndHandedOverInOneTurn(t *testing.T) {
	t.Parallel()
	flow := inbox.Chatflow{Steps: []inbox.ChatStep{
		{ID: "reply", Kind: inbox.StepSay, Text: "We answer soon.", Next: "person"}, {ID: "person", Kind: inbox.StepHandOver},
	}}
	d := routing.NextChatflow(inbox.ChatflowQuestion{Flow: flow, Text: "hi"})
	assert.Equal(t, []string{"We answer soon."}, texts(d))
	assert.Equal(t, inbox.ChatflowHandsOver, d.Outcome)
}

func TestOpeningShowsTheGreetingAndTheFirstAnswers(t *testing.T) {
	t.Parallel()
	opening := routing.ChatflowOpening(lampShop())
	assert.Equal(t, "Hello!\n\nWhat is it about?", opening.Text)
	require.Len(t, opening.QuickReplies, 3)
	assert.Equal(t, inbox.QuickReply{Title: "My order", Payload: "topic:order"}, opening.QuickReplies[0])

	flow := lampShop()
	flow.Greeting = ""
	assert.Equal(t, "What is it about?", routing.ChatflowOpening(flow).Text)
	assert.Zero(t, routing.ChatflowOpening(inbox.Chatflow{}))
	said := inbox.Chatflow{Greeting: "Hello!", Steps: []inbox.ChatStep{{ID: "a", Kind: inbox.StepSay, Text: "Soon."}}}
	assert.Equal(t, inbox.ChatflowLine{Text: "Hello!"}, routing.ChatflowOpening(said), "what is said later is not shown before")
}

func TestCollectedAnswersAreChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		collect     inbox.ChatCollect
		text, value string
	}{
		{inbox.CollectEmail, " grace@example.com ", "grace@example.com"},
		{inbox.CollectEmail, "Grace <grace@example.com>", ""},
		{inbox.CollectEmail, "grace@localhost", ""},
		{inbox.CollectEmail, "grace", ""},
		{inbox.CollectName, " Grace   Hopper ", "Grace Hopper"},
		{inbox.CollectName, "12", ""},
		{inbox.CollectName, "grace@example.com", ""},
		{inbox.CollectPhone, "+49 (30) 123-4567", "+49301234567"},
		{inbox.CollectPhone, "0049 30 1234567", "+49301234567"},
		{inbox.CollectPhone, "030 1234567", "0301234567"},
		{inbox.CollectPhone, "call me", ""},
		{inbox.CollectPhone, "12345", ""},
		{inbox.CollectCustom, "anything", "anything"},
		{inbox.CollectCustom, "  ", ""},
	} {
		flow := inbox.Chatflow{Steps: []inbox.ChatStep{
			{ID: "ask", Kind: inbox.StepAsk, Text: "?", Collect: c.collect, Next: "person"}, {ID: "person", Kind: inbox.StepHandOver},
		}}
		d := routing.NextChatflow(inbox.ChatflowQuestion{Flow: flow, State: inbox.ChatflowState{StepID: "ask"}, Text: c.text})
		if c.value == "" {
			assert.Nil(t, d.Collected, "%s %q", c.collect, c.text)
		} else if assert.NotNil(t, d.Collected, "%s %q", c.collect, c.text) {
			assert.Equal(t, c.value, d.Collected.Value)
		}
	}
}
