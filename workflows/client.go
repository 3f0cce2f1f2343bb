package workflows

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"switchboard/inbox"
)

// Client makes typed calls to conversations' workflows. Every call starts the
// workflow when it does not run, so that a conversation whose run was lost goes
// on with the next thing that happens to it.
type Client struct {
	temporal client.Client
	// updateTimeout bounds how long an agent waits for an update's answer.
	updateTimeout time.Duration
}

// NewClient returns a Client over a Temporal client.
func NewClient(temporal client.Client) *Client {
	return &Client{temporal: temporal, updateTimeout: 10 * time.Second}
}

// Open starts the episode a message began. The first workflow task is handed to
// this process's own worker when it has one (eager start).
func (c *Client) Open(ctx context.Context, in ConversationInput) error {
	options := c.startOptions(in.Ref)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL
	options.WorkflowExecutionErrorWhenAlreadyStarted = true
	options.EnableEagerStart = true
	_, err := c.temporal.ExecuteWorkflow(ctx, options, Conversation, in)
	if _, running := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); running {
		return c.Message(ctx, in)
	}
	if err != nil {
		return fmt.Errorf("start conversation workflow: %w", err)
	}
	return nil
}

// Message tells the workflow of a stored message.
func (c *Client) Message(ctx context.Context, in ConversationInput) error {
	_, err := c.temporal.SignalWithStartWorkflow(ctx, ConversationID(in.Ref.ConversationID),
		SignalMessage, MessageSignal{MessageID: in.MessageID}, c.startOptions(in.Ref), Conversation, in)
	if err != nil {
		return fmt.Errorf("signal message: %w", err)
	}
	return nil
}

// Nudge tells the workflow that its conversation was changed by somebody else.
func (c *Client) Nudge(ctx context.Context, ref inbox.EpisodeRef) error {
	_, err := c.temporal.SignalWithStartWorkflow(ctx, ConversationID(ref.ConversationID),
		SignalNudge, nil, c.startOptions(ref), Conversation, ConversationInput{Ref: ref, Cause: inbox.CauseRetry})
	if err != nil {
		return fmt.Errorf("signal nudge: %w", err)
	}
	return nil
}

// Call tells the workflow that it has to follow its conversation's call.
func (c *Client) Call(ctx context.Context, ref inbox.EpisodeRef, callID string) error {
	_, err := c.temporal.SignalWithStartWorkflow(ctx, ConversationID(ref.ConversationID),
		SignalCall, CallSignal{CallID: callID}, c.startOptions(ref), Conversation, ConversationInput{Ref: ref, Cause: inbox.CauseRetry})
	if err != nil {
		return fmt.Errorf("signal call: %w", err)
	}
	return nil
}

// Window tells the workflow that the provider's window moved. Only one that runs has
// something to do with it.
func (c *Client) Window(ctx context.Context, ref inbox.EpisodeRef) error {
	err := c.temporal.SignalWorkflow(ctx, ConversationID(ref.ConversationID), "", SignalWindow, nil)
	if _, ended := errors.AsType[*serviceerror.NotFound](err); ended {
		return nil
	}
	if err != nil {
		return fmt.Errorf("signal window: %w", err)
	}
	return nil
}

// TakeUp has the workflow take up answers and notices that it does not have in hand.
func (c *Client) TakeUp(ctx context.Context, ref inbox.EpisodeRef) error {
	_, err := c.temporal.SignalWithStartWorkflow(ctx, ConversationID(ref.ConversationID),
		SignalTakeUp, nil, c.startOptions(ref), Conversation, ConversationInput{Ref: ref, Cause: inbox.CauseRetry})
	if err != nil {
		return fmt.Errorf("signal take up: %w", err)
	}
	return nil
}

// AgentChanged drains the backlog towards an agent who became eligible (B2).
func (c *Client) AgentChanged(ctx context.Context, agentID string) error {
	_, err := c.temporal.SignalWithStartWorkflow(ctx, BacklogID(agentID), SignalAgentChanged, nil,
		client.StartWorkflowOptions{TaskQueue: TaskQueue, StaticSummary: "drain the backlog towards an agent"},
		Backlog, agentID)
	if err != nil {
		return fmt.Errorf("signal backlog: %w", unavailable(err))
	}
	return nil
}

// MailboxChanged tells the workflow of a channel's mailbox to look at it now, after
// it was connected or disconnected.
func (c *Client) MailboxChanged(ctx context.Context, in MailboxInput) error {
	return c.signalMailbox(ctx, in, SignalMailboxChanged)
}

// MailboxHint tells the workflow of a channel's mailbox that new mail may have come.
func (c *Client) MailboxHint(ctx context.Context, in MailboxInput) error {
	return c.signalMailbox(ctx, in, SignalMailboxHint)
}

func (c *Client) signalMailbox(ctx context.Context, in MailboxInput, signal string) error {
	_, err := c.temporal.SignalWithStartWorkflow(ctx, MailboxID(in.ChannelID), signal, nil, mailboxOptions(in), Mailbox, in)
	if err != nil {
		return fmt.Errorf("signal mailbox: %w", unavailable(err))
	}
	return nil
}

// StartMailbox starts the workflow of a connected mailbox; started is false when
// it runs already.
func (c *Client) StartMailbox(ctx context.Context, channelID string, provider inbox.Provider) (started bool, err error) {
	in := MailboxInput{ChannelID: channelID, Provider: provider}
	return c.startOne(ctx, mailboxOptions(in), Mailbox, in)
}

// StartPage starts the check of a connected page; started is false when it runs
// already.
func (c *Client) StartPage(ctx context.Context, channelID string) (started bool, err error) {
	return c.startOne(ctx, client.StartWorkflowOptions{
		ID: PageID(channelID), TaskQueue: TaskQueue, StaticSummary: "check the page of channel " + channelID,
	}, Page, channelID)
}

// StartTemplates starts the refreshing of a kind's templates; started is false when
// it runs already.
func (c *Client) StartTemplates(ctx context.Context, kind inbox.ChannelKind, queue string) (started bool, err error) {
	in := TemplatesInput{Kind: kind, Queue: queue}
	return c.startOne(ctx, templatesOptions(in), Templates, in)
}

// RefreshTemplates refreshes a kind's templates, and waits until that is done.
func (c *Client) RefreshTemplates(ctx context.Context, kind inbox.ChannelKind, queue string) error {
	ctx, cancel := context.WithTimeout(ctx, c.updateTimeout)
	defer cancel()
	in := TemplatesInput{Kind: kind, Queue: queue}
	options := templatesOptions(in)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	run, err := c.temporal.ExecuteWorkflow(ctx, options, Templates, in)
	if err == nil {
		err = run.Get(ctx, nil)
	}
	if err != nil {
		return fmt.Errorf("refresh templates: %w", unavailable(err))
	}
	return nil
}

func templatesOptions(in TemplatesInput) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: TemplatesID(in.Kind), TaskQueue: TaskQueue, StaticSummary: "refresh the templates of " + string(in.Kind),
	}
}

// Transcript starts the mailing of a transcript, unless it is on its way.
func (c *Client) Transcript(ctx context.Context, noticeID string) error {
	_, err := c.startOne(ctx, client.StartWorkflowOptions{
		ID: TranscriptID(noticeID), TaskQueue: TaskQueue, StaticSummary: "transcript " + noticeID,
	}, Transcript, noticeID)
	return err
}

// startOne starts a workflow unless it runs already.
func (c *Client) startOne(ctx context.Context, options client.StartWorkflowOptions, workflow, in any) (started bool, err error) {
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL
	options.WorkflowExecutionErrorWhenAlreadyStarted = true
	_, err = c.temporal.ExecuteWorkflow(ctx, options, workflow, in)
	if _, running := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); running {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("start workflow %s: %w", options.ID, err)
	}
	return true, nil
}

func mailboxOptions(in MailboxInput) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: MailboxID(in.ChannelID), TaskQueue: TaskQueue,
		StaticSummary: fmt.Sprintf("mailbox of channel %s, %s", in.ChannelID, in.Provider),
	}
}

// Reply asks to send a stored message. A refusal is an *inbox.Error;
// CodeUnavailable means that it stays pending until the sweep asks again.
func (c *Client) Reply(ctx context.Context, ref inbox.EpisodeRef, messageID string) error {
	return c.update(ctx, ref, UpdateReply, "reply:"+messageID, ReplyUpdate{MessageID: messageID})
}

// Assign carries out an assignment by hand.
func (c *Client) Assign(ctx context.Context, ref inbox.EpisodeRef, to AssignTo, actor inbox.Author) error {
	return c.update(ctx, ref, UpdateAssign, "", AssignUpdate{To: to, Actor: actor})
}

// Close closes the episode.
func (c *Client) Close(ctx context.Context, ref inbox.EpisodeRef, actor inbox.Author) error {
	return c.update(ctx, ref, UpdateClose, "", ActorUpdate{Actor: actor})
}

// Reopen begins a new episode.
func (c *Client) Reopen(ctx context.Context, ref inbox.EpisodeRef, actor inbox.Author) error {
	return c.update(ctx, ref, UpdateReopen, "", ActorUpdate{Actor: actor})
}

// Snooze puts the conversation to sleep until a time or the next message.
func (c *Client) Snooze(ctx context.Context, ref inbox.EpisodeRef, until time.Time, actor inbox.Author) error {
	return c.update(ctx, ref, UpdateSnooze, "", SnoozeUpdate{Until: until, Actor: actor})
}

// retryUpdate is how soon an update is sent again.
const retryUpdate = 100 * time.Millisecond

// update sends an update and waits for its answer. id makes it idempotent; ""
// lets Temporal choose one.
func (c *Client) update(ctx context.Context, ref inbox.EpisodeRef, name, id string, args any) error {
	ctx, cancel := context.WithTimeout(ctx, c.updateTimeout)
	defer cancel()
	err := c.send(ctx, ref, name, id, args)
	for notTaken(err) && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(retryUpdate):
			err = c.send(ctx, ref, name, id, args)
		}
	}
	if err == nil {
		return nil
	}
	if known := refusal(err); known != nil {
		return known
	}
	return fmt.Errorf("update %s: %w", name, unavailable(err))
}

// notTaken reports whether the workflow task that carried the update failed: a
// signal came while the update was ending the workflow, which would have lost
// it. The steps of the update may have been done and may be repeated.
func notTaken(err error) bool {
	_, ok := errors.AsType[*serviceerror.WorkflowNotReady](err)
	return ok
}

func (c *Client) send(ctx context.Context, ref inbox.EpisodeRef, name, id string, args any) error {
	options := c.startOptions(ref)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	handle, err := c.temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: c.temporal.NewWithStartWorkflowOperation(options, Conversation,
			ConversationInput{Ref: ref, Cause: inbox.CauseRetry}),
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateID:     id,
			UpdateName:   name,
			Args:         []any{args},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return err
	}
	return handle.Get(ctx, nil)
}

func (c *Client) startOptions(ref inbox.EpisodeRef) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                    ConversationID(ref.ConversationID),
		TaskQueue:             TaskQueue,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         fmt.Sprintf("conversation %s, episode %d", ref.ConversationID, ref.Episode),
	}
}

// unavailable says that Temporal did not answer.
func unavailable(err error) error {
	return inbox.Errorf(inbox.CodeUnavailable, "The workflow engine did not answer in time.").Because(err)
}
