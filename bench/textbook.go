package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
	"switchboard/api"
	"switchboard/channels"
	"switchboard/channels/form"
	"switchboard/inbox"
	"switchboard/intake"
	"switchboard/workflows"
)

// listenForTextbook opens the same way in as Switchboard's, behind which the
// textbook's workflow is started.
func (r *rig) listenForTextbook(ctx context.Context, log *slog.Logger) error {
	handler, err := api.New(api.Options{
		Store: r.store, Intake: intake.New(r.store, textbookStarter{r.temporal}, log), Hub: api.NewHub(r.store, log),
		Kinds:      []channels.Kind{form.New(nil, "")},
		PublicRate: 1e6, PublicBurst: 1e6, Log: log,
	})
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	r.textbookURL = "http://" + listener.Addr().String()
	r.textbookAPI = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = r.textbookAPI.Serve(listener) }() // ends with stop
	return nil
}

func textbookID(conversationID string) string { return "textbook:" + conversationID }

// textbookStarter starts an episode by the book; forms ask for nothing else.
type textbookStarter struct{ temporal client.Client }

var _ intake.Conversations = textbookStarter{}

func (s textbookStarter) Open(ctx context.Context, in workflows.ConversationInput) error {
	_, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: textbookID(in.Ref.ConversationID), TaskQueue: textbookQueue,
	}, textbook, in.Ref)
	return err
}

var errNotByTheBook = errors.New("the textbook only opens conversations")

func (textbookStarter) Message(context.Context, workflows.ConversationInput) error {
	return errNotByTheBook
}
func (textbookStarter) Nudge(context.Context, inbox.EpisodeRef) error { return errNotByTheBook }
func (textbookStarter) Call(context.Context, inbox.EpisodeRef, string) error {
	return errNotByTheBook
}
func (textbookStarter) Window(context.Context, inbox.EpisodeRef) error { return errNotByTheBook }
func (textbookStarter) Reply(context.Context, inbox.EpisodeRef, string) error {
	return errNotByTheBook
}
func (textbookStarter) Transcript(context.Context, string) error       { return errNotByTheBook }
func (textbookStarter) TakeUp(context.Context, inbox.EpisodeRef) error { return errNotByTheBook }

// nothing is the least a workflow can cost.
func nothing(workflow.Context) error { return nil }

// textbook routes a conversation by the book: one ordinary activity a step, a
// start that is not eager. The activities are Switchboard's own.
func textbook(ctx workflow.Context, ref inbox.EpisodeRef) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 10 * time.Second})
	var steps *activities.Activities
	err := workflow.ExecuteActivity(ctx, steps.ResolveContact, ref).Get(ctx, nil)
	if err != nil {
		return err
	}
	var assigned activities.Assigned
	err = workflow.ExecuteActivity(ctx, steps.Assign,
		activities.AssignInput{Ref: ref, Key: "1", Cause: inbox.CauseNew}).Get(ctx, &assigned)
	if err != nil {
		return err
	}
	err = workflow.ExecuteActivity(ctx, steps.PlanNotices,
		activities.PlanNoticesInput{Ref: ref, Decision: assigned.Decision}).Get(ctx, nil)
	if err != nil {
		return err
	}
	return workflow.ExecuteActivity(ctx, steps.OpenTicket, ref).Get(ctx, nil)
}
