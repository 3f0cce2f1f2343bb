package routing_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"switchboard/inbox"
	"switchboard/routing"
)

// drawChatflow draws steps that lead anywhere; many cannot run.
func drawChatflow(t *rapid.T) inbox.Chatflow {
	n := rapid.IntRange(1, 7).Draw(t, "steps")
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("s%d", i)
	}
	// Mostly onwards, so that many flows can run.
	to := func(i int, label string) string {
		if rapid.IntRange(0, 4).Draw(t, label+" back") == 0 {
			return rapid.SampledFrom(ids).Draw(t, label)
		}
		return ids[min(n-1, i+rapid.IntRange(1, 2).Draw(t, label+" on"))]
	}
	flow := inbox.Chatflow{Name: "drawn", Patience: inbox.DefaultPatience}
	for i, id := range ids {
		step := inbox.ChatStep{ID: id, Text: "text " + id, Kind: rapid.SampledFrom([]inbox.ChatStepKind{
			inbox.StepSay, inbox.StepChoose, inbox.StepAsk, inbox.StepBranch, inbox.StepHandOver, inbox.StepEnd,
		}).Draw(t, "kind")}
		if i == n-1 {
			step.Kind = inbox.StepHandOver
		}
		switch step.Kind {
		case inbox.StepSay:
			step.Next = to(i, "next")
		case inbox.StepAsk:
			step.Next, step.Collect = to(i, "next"), inbox.CollectEmail
			step.Retries = rapid.IntRange(0, 2).Draw(t, "retries")
		case inbox.StepChoose:
			step.Retries = rapid.IntRange(0, 2).Draw(t, "retries")
			for a := range rapid.IntRange(1, 3).Draw(t, "answers") {
				step.Answers = append(step.Answers, inbox.ChatAnswer{ID: fmt.Sprint(a), Title: fmt.Sprint("t", a), Next: to(i, "answer")})
			}
			if rapid.Bool().Draw(t, "falls back") {
				step.Fallback = to(i, "fallback")
			}
		case inbox.StepBranch:
			step.Text, step.Next, step.Of = "", to(i, "next"), rapid.SampledFrom(ids).Draw(t, "of")
			step.Cases = []inbox.ChatCase{{Value: "0", Next: to(i, "case")}}
		}
		flow.Steps = append(flow.Steps, step)
	}
	return flow
}

func TestACheckedChatflowComesToItsEndWhateverTheContactWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		flow := drawChatflow(t)
		if routing.CheckChatflow(flow, inbox.KindChat) != nil {
			t.Skip("cannot run")
		}
		var state inbox.ChatflowState
		for turn := 0; ; turn++ {
			if turn > routing.MaximumTurns {
				t.Fatalf("the flow still waits after %d turns", turn)
			}
			text := rapid.SampledFrom([]string{"t0", "t1", "t2", "grace@example.com", "what?", ""}).Draw(t, "text")
			payload := rapid.SampledFrom([]string{"", "s0:0", "s1:1", "s2:0", "nonsense"}).Draw(t, "payload")
			d := routing.NextChatflow(inbox.ChatflowQuestion{Flow: flow, State: state, Text: text, Payload: payload})
			said := map[string]bool{}
			for _, line := range d.Say {
				if said[line.StepID] {
					t.Fatalf("step %s was said twice in one turn", line.StepID)
				}
				said[line.StepID] = true
			}
			if d.Outcome != inbox.ChatflowWaits {
				if d.Reason == "" || d.State.StepID != "" {
					t.Fatalf("the flow ended without a reason, or goes on: %+v", d)
				}
				return
			}
			if d.State.StepID == "" || !said[d.State.StepID] {
				t.Fatalf("the flow waits at %q without having asked", d.State.StepID)
			}
			state = d.State
		}
	})
}

func TestNextChatflowSurvivesFlowsThatCannotRun(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		flow := drawChatflow(t)
		state := inbox.ChatflowState{StepID: rapid.SampledFrom([]string{"", "s0", "s1", "gone"}).Draw(t, "at")}
		d := routing.NextChatflow(inbox.ChatflowQuestion{Flow: flow, State: state, Text: "t0"})
		if d.Outcome == "" {
			t.Fatal("nothing was decided")
		}
	})
}
