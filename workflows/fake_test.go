package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
	"switchboard/inbox"
	"switchboard/workflows"
	"switchboard/workflows/workflowtest"
)

const (
	conversationID = "c1"
	ada, ben       = "ada", "ben"
)

var (
	ref   = inbox.EpisodeRef{ConversationID: conversationID, Episode: 1}
	actor = inbox.Author{Kind: inbox.AuthorAgent, ID: ada}
	start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
)

// fakeSteps stands in for the activities: it answers as told and remembers what
// it was asked.
type fakeSteps struct {
	mu    sync.Mutex
	asked []string

	resolved activities.Resolved
	// assigned answers the assignments in order; the last answer repeats.
	assigned []activities.Assigned
	taken    activities.Taken
	call     activities.TakenCall
	allowed  activities.Allowed
	warned   activities.Warned
	window   activities.Windowed
	underWay activities.UnderWay
	answered activities.Answered
	// consented answers the questions for consent in order; the last answer repeats.
	consented []activities.Consented
	// giveUpNext is when more is given up.
	giveUpNext time.Time
	refusal    error
	notices    []string
	freed      string
	// chatted answers a chatflow's turns in order; the last answer repeats.
	chatted []activities.ChatflowRun
	// before runs before an assignment is answered; it may fail or panic.
	before func() error
	// poll answers looks into a mailbox.
	poll func() (activities.Polled, error)
	// sendErrors and the others fail the first tries.
	sendErrors, noticeErrors, fetchErrors, checkErrors, nameErrors int
	sendError                                                      error
}

func newFakeSteps() *fakeSteps {
	return &fakeSteps{
		resolved: activities.Resolved{Status: inbox.StatusOpen, Episode: 1, InboxID: "i1", ChannelID: "ch1", ContactID: "p1"},
		assigned: []activities.Assigned{assignedTo(ada)},
		taken:    activities.Taken{Episode: 1},
		allowed:  activities.Allowed{Episode: 1, Status: inbox.StatusOpen, AssigneeID: ada},
	}
}

func assignedTo(agentID string) activities.Assigned {
	return activities.Assigned{
		Status:   inbox.StatusOpen,
		Decision: inbox.AssignmentDecision{Outcome: inbox.OutcomeAgent, Reason: inbox.ReasonRule, AssigneeID: agentID},
	}
}

func (f *fakeSteps) note(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, what)
}

func (f *fakeSteps) ResolveContact(_ context.Context, ref inbox.EpisodeRef) (activities.Resolved, error) {
	f.note("resolve contact")
	return f.resolved, nil
}

func (f *fakeSteps) Assign(_ context.Context, in activities.AssignInput) (activities.Assigned, error) {
	f.note("assign " + string(in.Cause) + " " + in.Key)
	if f.before != nil {
		if err := f.before(); err != nil {
			return activities.Assigned{}, err
		}
	}
	answer := f.assigned[0]
	if len(f.assigned) > 1 {
		f.assigned = f.assigned[1:]
	}
	return answer, nil
}

func (f *fakeSteps) OpenTicket(context.Context, inbox.EpisodeRef) (inbox.TicketDecision, error) {
	f.note("open ticket")
	return inbox.TicketDecision{TicketID: "t1"}, nil
}

func (f *fakeSteps) AnswerAway(context.Context, inbox.EpisodeRef) (activities.Answered, error) {
	f.note("answer away")
	return f.answered, nil
}

func (f *fakeSteps) Consent(context.Context, inbox.EpisodeRef) (activities.Consented, error) {
	f.note("consent")
	answer := f.consented[0]
	if len(f.consented) > 1 {
		f.consented = f.consented[1:]
	}
	return answer, nil
}

func (f *fakeSteps) GiveUpHeld(context.Context, inbox.EpisodeRef) (time.Time, error) {
	f.note("give up held")
	return f.giveUpNext, nil
}

func (f *fakeSteps) RunChatflow(_ context.Context, in activities.RunChatflowInput) (activities.ChatflowRun, error) {
	f.note("chatflow " + in.MessageID)
	answer := f.chatted[0]
	if len(f.chatted) > 1 {
		f.chatted = f.chatted[1:]
	}
	return answer, nil
}

func (f *fakeSteps) StopChatflow(_ context.Context, in activities.StopChatflowInput) error {
	f.note("stop chatflow " + string(in.Reason))
	return nil
}

func (f *fakeSteps) PlanNotices(context.Context, activities.PlanNoticesInput) ([]string, error) {
	f.note("plan notices")
	return f.notices, nil
}

// fails counts a failure down; what leaves side by side may ask at once.
func (f *fakeSteps) fails(left *int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if *left == 0 {
		return false
	}
	*left--
	return true
}

func (f *fakeSteps) SendNotice(_ context.Context, id string) error {
	f.note("send notice " + id)
	if f.fails(&f.noticeErrors) {
		return errors.New("connection refused")
	}
	return nil
}

func (f *fakeSteps) TranscriptQueue(_ context.Context, id string) (string, error) {
	f.note("choose queue of " + id)
	return activities.GmailQueue, nil
}

func (f *fakeSteps) TakeMessage(_ context.Context, in activities.TakeMessageInput) (activities.Taken, error) {
	f.note("take message " + in.MessageID)
	return f.taken, nil
}

func (f *fakeSteps) TakeCall(_ context.Context, in activities.TakeCallInput) (activities.TakenCall, error) {
	f.note("take call " + in.CallID)
	return f.call, nil
}

func (f *fakeSteps) AllowReply(_ context.Context, in activities.AllowReplyInput) (activities.Allowed, error) {
	f.note("allow reply " + in.MessageID)
	return f.allowed, f.refusal
}

func (f *fakeSteps) SendMessage(_ context.Context, id string) (inbox.MessageState, error) {
	f.note("send " + id)
	if f.fails(&f.sendErrors) {
		return "", f.sendError
	}
	return inbox.MessageSent, nil
}

func (f *fakeSteps) FailMessage(_ context.Context, id string) error {
	f.note("fail " + id)
	return nil
}

func (f *fakeSteps) FetchFiles(_ context.Context, id string) error {
	f.note("fetch " + id)
	if f.fails(&f.fetchErrors) {
		return errors.New("connection refused")
	}
	return nil
}

func (f *fakeSteps) TakeUp(context.Context, inbox.EpisodeRef) (activities.UnderWay, error) {
	f.note("take up")
	return f.underWay, nil
}

func (f *fakeSteps) WarnWindow(context.Context, inbox.EpisodeRef) (activities.Warned, error) {
	f.note("warn of the window")
	return f.warned, nil
}

func (f *fakeSteps) LoseFiles(_ context.Context, id string) error {
	f.note("lose " + id)
	return nil
}

func (f *fakeSteps) HandOver(_ context.Context, in activities.HandOverInput) (string, error) {
	f.note("hand over to " + in.AgentID + in.TeamID)
	return f.freed, nil
}

func (f *fakeSteps) Close(_ context.Context, in activities.CloseInput) (string, error) {
	f.note("close " + in.Reason)
	return f.freed, nil
}

func (f *fakeSteps) Reopen(_ context.Context, in activities.ReopenInput) (inbox.EpisodeRef, error) {
	f.note("reopen")
	f.resolved.Status, f.resolved.Episode = inbox.StatusOpen, 2
	return inbox.EpisodeRef{ConversationID: in.ConversationID, Episode: 2}, nil
}

func (f *fakeSteps) Snooze(context.Context, activities.SnoozeInput) (string, error) {
	f.note("snooze")
	return f.freed, nil
}

func (f *fakeSteps) Wake(context.Context, inbox.EpisodeRef) error {
	f.note("wake")
	return nil
}

func (f *fakeSteps) Drain(_ context.Context, agentID string) (int, error) {
	f.note("drain " + agentID)
	return 1, nil
}

func (f *fakeSteps) PollMailbox(_ context.Context, in activities.PollInput) (activities.Polled, error) {
	f.note(fmt.Sprintf("poll %s %d", in.ChannelID, in.Throttled))
	return f.poll()
}

func (f *fakeSteps) TellRejected(_ context.Context, channelID string) error {
	f.note("tell rejected " + channelID)
	return nil
}

func (f *fakeSteps) LookAtWindow(context.Context, inbox.EpisodeRef) (activities.Windowed, error) {
	f.note("look at the window")
	return f.window, nil
}

func (f *fakeSteps) NameContact(_ context.Context, ref inbox.EpisodeRef) error {
	f.note("name contact of " + ref.ConversationID)
	if f.fails(&f.nameErrors) {
		return errors.New("connection refused")
	}
	return nil
}

func (f *fakeSteps) CheckPage(_ context.Context, channelID string) error {
	f.note("check page " + channelID)
	if f.fails(&f.checkErrors) {
		return errors.New("connection refused")
	}
	return nil
}

func (f *fakeSteps) RefreshTemplates(_ context.Context, kind inbox.ChannelKind) error {
	f.note("refresh templates of " + string(kind))
	return nil
}

// episode is a workflow under test whose clock skips waiting.
type episode struct {
	*testsuite.TestWorkflowEnvironment
	t     *testing.T
	steps *fakeSteps
	input workflows.ConversationInput
}

func newEpisode(t *testing.T) *episode {
	t.Helper()
	env := workflowtest.New()
	env.SetStartTime(start)
	// A step that never succeeds ends the test instead of being tried for ever.
	env.SetWorkflowRunTimeout(72 * time.Hour)
	steps := newFakeSteps()
	env.RegisterActivity(steps)
	env.RegisterWorkflow(workflows.Conversation)
	return &episode{TestWorkflowEnvironment: env, t: t, steps: steps, input: workflows.ConversationInput{
		Ref: ref, Cause: inbox.CauseNew, MessageID: "m1",
	}}
}

func TestTheFakeHasEveryStep(t *testing.T) {
	t.Parallel()
	fake := reflect.TypeFor[*fakeSteps]()
	for step := range reflect.TypeFor[*activities.Activities]().Methods() {
		if _, ok := fake.MethodByName(step.Name); !ok && step.Name != "Sweep" {
			t.Errorf("fakeSteps lacks %s: workflows that call it would try for ever", step.Name)
		}
	}
}

// run executes the workflow; it must end by itself.
func (e *episode) run() {
	e.t.Helper()
	e.ExecuteWorkflow(workflows.Conversation, e.input)
	require.True(e.t, e.IsWorkflowCompleted(), "the workflow still waits")
}

// after does something when the workflow's clock shows start plus d.
func (e *episode) after(d time.Duration, do func()) { e.RegisterDelayedCallback(do, d) }

// closeAfter closes the conversation, so that the workflow ends.
func (e *episode) closeAfter(d time.Duration) {
	e.after(d, func() { e.update(workflows.UpdateClose, workflows.ActorUpdate{Actor: actor}) })
}

// outcome is how an update ended.
type outcome struct {
	rejected, failed error
	done             bool
}

func (e *episode) update(name string, args any) *outcome {
	o := &outcome{}
	e.UpdateWorkflow(name, "", &testsuite.TestUpdateCallback{
		OnAccept: func() {},
		OnReject: func(err error) { o.rejected = err },
		OnComplete: func(_ any, err error) {
			o.done, o.failed = true, err
		},
	}, args)
	return o
}

func (e *episode) message(id string) {
	e.SignalWorkflow(workflows.SignalMessage, workflows.MessageSignal{MessageID: id})
}

// codeOf returns the code an update was refused under.
func codeOf(err error) inbox.Code {
	if failure, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return inbox.Code(failure.Type())
	}
	return ""
}

// decode reads the input the next run would start with.
func decode(next *workflow.ContinueAsNewError, into any) error {
	return converter.GetDefaultDataConverter().FromPayloads(next.Input, into)
}
