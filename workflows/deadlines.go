package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// Deadlines are the times a waiting episode reacts to; zero is none.
type Deadlines struct {
	// AnswerBy is when the next agent is asked (B4).
	AnswerBy time.Time `json:"answer_by,omitzero"`
	// RetryAt is when hours make somebody eligible (B7).
	RetryAt time.Time `json:"retry_at,omitzero"`
	// SnoozedUntil is when the conversation wakes (B14).
	SnoozedUntil time.Time `json:"snoozed_until,omitzero"`
	// ChatflowUntil is when the conversation is handed over unless the contact
	// answers its chatflow (C11).
	ChatflowUntil time.Time `json:"chatflow_until,omitzero"`
	// QuietAt is when it closes because nobody wrote.
	QuietAt time.Time `json:"quiet_at,omitzero"`
	// WarnAt is when the assignee is told that the provider's window closes soon.
	WarnAt time.Time `json:"warn_at,omitzero"`
	// GiveUpAt is when messages without consent are deleted (M8).
	GiveUpAt time.Time `json:"give_up_at,omitzero"`
}

// earliest returns the first deadline and a summary of it; zero when there is
// none.
func (d Deadlines) earliest() (time.Time, string) {
	var at time.Time
	var summary string
	for _, deadline := range []struct {
		at      time.Time
		summary string
	}{
		{d.AnswerBy, "no answer in time"},
		{d.RetryAt, "hours begin"},
		{d.SnoozedUntil, "snooze is over"},
		{d.ChatflowUntil, "chatflow was not answered"},
		{d.QuietAt, "quiet for too long"},
		{d.GiveUpAt, "no consent in time"},
		{d.WarnAt, "window closes soon"},
	} {
		if !deadline.at.IsZero() && (at.IsZero() || deadline.at.Before(at)) {
			at, summary = deadline.at, deadline.summary
		}
	}
	return at, summary
}

// alarm is the one timer of an episode: it is replaced only when the earliest
// deadline moved, since every timer is history.
type alarm struct {
	at     time.Time
	future workflow.Future
	cancel workflow.CancelFunc
}

// set arms the alarm for at, or disarms it when at is zero.
func (a *alarm) set(ctx workflow.Context, at time.Time, summary string) {
	if at.Equal(a.at) {
		return
	}
	if a.cancel != nil {
		a.cancel()
	}
	*a = alarm{at: at}
	if at.IsZero() {
		return
	}
	timerCtx, cancel := workflow.WithCancel(ctx)
	a.cancel = cancel
	a.future = workflow.NewTimerWithOptions(timerCtx, max(at.Sub(workflow.Now(ctx)), 0),
		workflow.TimerOptions{Summary: summary})
}

// rang reports whether the alarm's time has come.
func (a *alarm) rang() bool { return a.future != nil && a.future.IsReady() }
