package routing

import (
	"slices"
	"strings"

	"switchboard/inbox"
)

// MaximumTurns bounds how many messages of a contact a chatflow takes in one
// episode: after them somebody has to look, however the steps lead in circles.
const MaximumTurns = 50

// NextChatflow decides what a chatflow says to a contact's message, the first one
// included, and where it then stands. The message that begins the flow answers
// its first step when it fits, since that may have been offered before the
// contact wrote (ChatflowOpening). In one turn no step is said twice.
func NextChatflow(q inbox.ChatflowQuestion) inbox.ChatflowDecision {
	w := chatflowWalk{flow: q.Flow, d: inbox.ChatflowDecision{State: q.State}}
	w.d.State.Answers = slices.Clone(q.State.Answers)
	w.d.State.Turns++
	switch step := w.waiting(); {
	case w.d.State.Turns > MaximumTurns:
		w.finish(inbox.ChatflowHandsOver, inbox.ChatflowTooLong)
	case step == nil:
		w.finish(inbox.ChatflowHandsOver, inbox.ChatflowCompleted)
	case q.State.StepID != "":
		w.answer(*step, q)
	case step.Kind == inbox.StepChoose:
		w.open(*step, q)
	default:
		w.goTo(step.ID)
	}
	return w.d
}

// ChatflowOpening returns what is shown before the contact writes: the greeting,
// and the first step when it offers answers. The line is empty when there is
// nothing to show.
func ChatflowOpening(flow inbox.Chatflow) inbox.ChatflowLine {
	opening := inbox.ChatflowLine{Text: flow.Greeting}
	if len(flow.Steps) == 0 || flow.Steps[0].Kind != inbox.StepChoose {
		return opening
	}
	first := flow.Steps[0]
	opening.StepID, opening.QuickReplies = first.ID, quickReplies(first)
	opening.Text = strings.TrimPrefix(opening.Text+"\n\n"+first.Text, "\n\n")
	return opening
}

// chatflowWalk goes from step to step until one waits or ends the flow.
type chatflowWalk struct {
	flow inbox.Chatflow
	d    inbox.ChatflowDecision
}

// waiting returns the step that the flow waits at, or its first.
func (w *chatflowWalk) waiting() *inbox.ChatStep {
	if w.d.State.StepID != "" {
		return w.step(w.d.State.StepID)
	}
	if len(w.flow.Steps) == 0 {
		return nil
	}
	return &w.flow.Steps[0]
}

func (w *chatflowWalk) step(id string) *inbox.ChatStep {
	at := slices.IndexFunc(w.flow.Steps, func(s inbox.ChatStep) bool { return s.ID == id })
	if at < 0 {
		return nil
	}
	return &w.flow.Steps[at]
}

// open begins with a step that the contact may have answered already.
func (w *chatflowWalk) open(step inbox.ChatStep, q inbox.ChatflowQuestion) {
	if _, _, fits := chatAnswer(step, q.Text, q.Payload); !fits {
		w.goTo(step.ID)
		return
	}
	w.answer(step, q)
}

// answer takes the contact's message as the answer to a step.
func (w *chatflowWalk) answer(step inbox.ChatStep, q inbox.ChatflowQuestion) {
	value, next, fits := chatAnswer(step, q.Text, q.Payload)
	if fits {
		answer := inbox.ChatflowAnswer{StepID: step.ID, Collect: step.Collect, Field: step.Field, Value: value}
		w.d.Collected = &answer
		w.d.State.Answers = append(slices.DeleteFunc(w.d.State.Answers,
			func(a inbox.ChatflowAnswer) bool { return a.StepID == step.ID }), answer)
		w.goTo(next)
		return
	}
	w.d.State.Tries++
	switch {
	case w.d.State.Tries <= step.Retries:
		text := step.Text
		if step.RetryText != "" {
			text = step.RetryText
		}
		w.say(step, text)
		w.d.Outcome = inbox.ChatflowWaits
	case step.Fallback != "":
		w.goTo(step.Fallback)
	default:
		w.finish(inbox.ChatflowHandsOver, inbox.ChatflowNotUnderstood)
	}
}

// goTo goes from step to step. A checked flow comes to a step that waits or ends
// before it has seen each step once.
func (w *chatflowWalk) goTo(id string) {
	for range w.flow.Steps {
		step := w.step(id)
		if step == nil {
			break
		}
		if step.Text != "" {
			w.say(*step, step.Text)
		}
		switch step.Kind {
		case inbox.StepChoose, inbox.StepAsk:
			w.d.Outcome, w.d.State.StepID, w.d.State.Tries = inbox.ChatflowWaits, step.ID, 0
			return
		case inbox.StepHandOver:
			w.finish(inbox.ChatflowHandsOver, inbox.ChatflowCompleted)
			return
		case inbox.StepEnd:
			w.finish(inbox.ChatflowEnds, inbox.ChatflowCompleted)
			return
		case inbox.StepBranch:
			id = w.branch(*step)
		default:
			id = step.Next
		}
	}
	w.finish(inbox.ChatflowHandsOver, inbox.ChatflowCompleted)
}

func (w *chatflowWalk) branch(step inbox.ChatStep) string {
	for _, answer := range w.d.State.Answers {
		for _, c := range step.Cases {
			if answer.StepID == step.Of && strings.EqualFold(answer.Value, strings.TrimSpace(c.Value)) {
				return c.Next
			}
		}
	}
	return step.Next
}

func (w *chatflowWalk) say(step inbox.ChatStep, text string) {
	w.d.Say = append(w.d.Say, inbox.ChatflowLine{StepID: step.ID, Text: text, QuickReplies: quickReplies(step)})
}

func (w *chatflowWalk) finish(outcome inbox.ChatflowOutcome, reason inbox.ChatflowReason) {
	w.d.Outcome, w.d.Reason, w.d.State.StepID = outcome, reason, ""
}

// quickReplies are a step's preset answers as buttons. Their payload names the
// step, so that a button that was left standing does not answer another one.
func quickReplies(step inbox.ChatStep) []inbox.QuickReply {
	var buttons []inbox.QuickReply
	for _, answer := range step.Answers {
		buttons = append(buttons, inbox.QuickReply{Title: answer.Title, Payload: step.ID + ":" + answer.ID})
	}
	return buttons
}
