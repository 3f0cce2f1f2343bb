package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"switchboard/channels/call"
	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// Calls takes in what Twilio says of calls, and answers with what is done next.
type Calls struct {
	service *Service
	// url is the webhook's public address.
	url string
	now func() time.Time
}

// Calls returns the way in of calls; url is the webhook's public address, and now
// tells how long a caller has waited.
func (s *Service) Calls(url string, now func() time.Time) *Calls {
	return &Calls{service: s, url: url, now: func() time.Time { return now().UTC() }}
}

const (
	// callSubject and voicemailText stand where others wrote something.
	callSubject   = "Phone call"
	voicemailText = "Voicemail"
)

// Answer takes one webhook in, given as the query of its address and its body, and
// returns the TwiML to answer it with. What it says is durable by then; the same
// webhook again changes nothing and gets the same answer. What is not understood is
// kept in quarantine. It never waits for the routing of the call: the caller does,
// and Twilio asks again.
func (c *Calls) Answer(ctx context.Context, query string, body []byte) (string, error) {
	webhook, form, err := c.read(ctx, query, body)
	var document string
	if err == nil {
		document, err = c.take(ctx, webhook, form, c.now())
	}
	if refusal, ok := errors.AsType[*unheard](err); ok {
		return c.quarantine(ctx, query, body, refusal)
	}
	return document, err
}

// goOn follows a webhook about a call that we have, and says what Twilio does next.
func (c *Calls) goOn(ctx context.Context, running inbox.Call, webhook call.Webhook) (string, error) {
	var err error
	switch {
	case webhook.Step == call.StepAnswered, webhook.Taken:
		var progress store.CallProgress
		progress, err = c.service.store.AnswerCall(ctx, webhook.CallID, webhook.Attempt, c.now())
		running = progress.Call
	case webhook.Step == call.StepDialled:
		running, err = c.finishRing(ctx, webhook)
	case webhook.Step == call.StepRecording:
		err = c.takeVoicemail(ctx, running, webhook)
	}
	if err == nil && webhook.Over {
		err = c.follow(ctx)(c.service.store.EndCall(ctx, webhook.CallID, c.now()))
	}
	if err != nil {
		return "", err
	}
	return c.next(ctx, running, webhook)
}

// come takes a new call in and greets the caller, while its conversation is routed.
// Outside the channel's hours nobody is looked for: the caller comes to voicemail
// straight away.
func (c *Calls) come(ctx context.Context, webhook call.Webhook, form url.Values, at time.Time) (string, error) {
	channel, err := c.service.store.ChannelByAccount(ctx, inbox.KindCall, webhook.To)
	switch {
	case inbox.CodeOf(err) == inbox.CodeNotFound:
		return "", &unheard{reason: "the number is not connected to a channel", document: call.Reject}
	case err != nil:
		return "", fmt.Errorf("find the number's channel: %w", err)
	case !channel.Enabled:
		return "", &unheard{channelID: channel.ID, reason: "the channel is switched off", document: call.Reject}
	}
	document, err := c.document(channel)
	if err != nil {
		return "", err
	}
	receipt, err := c.service.store.Receive(ctx, store.Inbound{
		Channel: channel, ThreadKey: webhook.CallID, ProviderMessageID: webhook.CallID,
		Subject: callSubject, Sender: webhook.Sender(form), Text: callSubject, At: at,
	})
	if err != nil {
		return "", fmt.Errorf("store call: %w", err)
	}
	if err := c.service.store.OpenCall(ctx, receipt.ConversationID, webhook.CallID, at); err != nil {
		return "", err
	}
	c.service.dispatchBeside(ctx, receipt)
	open, err := routing.Open(channel.Assignment.Hours, at)
	if err != nil {
		return "", fmt.Errorf("read the channel's hours: %w", err)
	}
	if !open {
		return document.Proceed()
	}
	return document.Greet()
}

// finishRing records what became of a ring; of one that nobody answered the
// workflow is told.
func (c *Calls) finishRing(ctx context.Context, webhook call.Webhook) (inbox.Call, error) {
	progress, err := c.service.store.FinishRing(ctx, webhook.CallID, webhook.Result, c.now())
	return progress.Call, c.follow(ctx)(progress, err)
}

// takeVoicemail keeps what the caller said as a message of the conversation; its
// file is fetched later.
func (c *Calls) takeVoicemail(ctx context.Context, running inbox.Call, webhook call.Webhook) error {
	if webhook.Recording == nil {
		return nil
	}
	channel, err := c.service.store.Channel(ctx, running.ChannelID)
	if err != nil {
		return fmt.Errorf("load channel: %w", err)
	}
	receipt, err := c.service.Receive(ctx, store.Inbound{
		Channel: channel, ConversationID: running.ConversationID, ProviderMessageID: webhook.Recording.ID,
		Text: voicemailText, Remote: []inbox.RemoteFile{webhook.Recording.File()}, At: c.now(),
	})
	if err != nil {
		return err
	}
	return c.service.store.LeaveVoicemail(ctx, webhook.CallID, receipt.MessageID, webhook.Recording.Length, c.now())
}

// next is what Twilio does next.
func (c *Calls) next(ctx context.Context, running inbox.Call, webhook call.Webhook) (string, error) {
	if webhook.Over || webhook.Step == call.StepAnswered || webhook.Step == call.StepRecording {
		return call.Nothing()
	}
	channel, err := c.service.store.CallChannel(ctx, running)
	if err != nil {
		return "", fmt.Errorf("load channel: %w", err)
	}
	document, err := c.document(channel)
	if err != nil {
		return "", err
	}
	switch {
	case webhook.Step == call.StepAnnounce:
		return c.announce(ctx, document, running, webhook)
	case webhook.Step == call.StepTake:
		return connect(running, webhook)
	case webhook.Step == call.StepRecorded:
		return document.Goodbye()
	case webhook.Step == call.StepDialled && running.State == inbox.CallEnded:
		return call.HangUp()
	case webhook.Step == call.StepDialled:
		// The same whenever it is asked, while the next agent is looked for.
		return document.Wait()
	}
	progress, err := c.service.store.AdvanceCall(ctx, webhook.CallID, c.now(), routing.NextCallStep)
	if err := c.follow(ctx)(progress, err); err != nil {
		return "", err
	}
	if progress.Step.Action == inbox.CallWait {
		if err := c.dispatchAgain(ctx, running.ConversationID); err != nil {
			return "", err
		}
	}
	return document.Next(progress.Step, call.Ring{
		Phone: progress.Phone, From: webhook.From, Attempt: len(progress.Call.RungAgentIDs),
	})
}

// announce tells an agent who picked up who calls, by name or else by number. For a
// caller who is gone or with somebody else there is nothing to announce.
func (c *Calls) announce(ctx context.Context, document call.Document, running inbox.Call, webhook call.Webhook) (string, error) {
	if running.State != inbox.CallRinging || webhook.Attempt != len(running.RungAgentIDs) {
		return call.HangUp()
	}
	conversation, err := c.service.store.Conversation(ctx, running.ConversationID)
	if err != nil {
		return "", fmt.Errorf("load conversation: %w", err)
	}
	contact, err := c.service.store.Contact(ctx, conversation.ContactID)
	if err != nil {
		return "", fmt.Errorf("load contact: %w", err)
	}
	return document.Announce(cmp.Or(contact.Name, call.Spoken(contact.Identity(inbox.IdentityPhone))), webhook.Attempt)
}

// connect puts the agent who took the call through to the caller, and nobody else.
func connect(running inbox.Call, webhook call.Webhook) (string, error) {
	if webhook.Taken && running.State == inbox.CallAnswered && webhook.Attempt == len(running.RungAgentIDs) {
		return call.Nothing()
	}
	return call.HangUp()
}

// follow tells the call's workflow, if there is news, beside the answer.
func (c *Calls) follow(ctx context.Context) func(store.CallProgress, error) error {
	return func(progress store.CallProgress, err error) error {
		if err == nil && progress.News {
			c.service.beside(ctx, "call left to the sweep", progress.Ref.ConversationID, func(ctx context.Context) error {
				return c.service.conversations.Call(ctx, progress.Ref, progress.Call.ID)
			})
		}
		return err
	}
}

func (c *Calls) document(channel inbox.Channel) (call.Document, error) {
	settings, err := call.ReadSettings(channel.Settings)
	return call.Document{URL: c.url, Settings: settings}, err
}

// dispatchBeside starts a conversation's workflow without waiting for it.
func (s *Service) dispatchBeside(ctx context.Context, receipt store.Receipt) {
	if receipt.Dispatched {
		return
	}
	s.beside(ctx, "dispatch left to the sweep", receipt.ConversationID, func(ctx context.Context) error {
		return s.tell(ctx, receipt)
	})
}

// dispatchAgain tells the workflow of a call that still waits, should it not know:
// the sweep may come too late for the caller.
func (c *Calls) dispatchAgain(ctx context.Context, conversationID string) error {
	messages, err := c.service.store.UndispatchedOf(ctx, conversationID)
	for _, message := range messages {
		c.service.beside(ctx, "dispatch left to the sweep", conversationID, func(ctx context.Context) error {
			return c.service.dispatch(ctx, message)
		})
	}
	return err
}

// beside tells a workflow while a caller already hears something: Temporal may be
// slow, and the sweep repeats what fails.
func (s *Service) beside(ctx context.Context, otherwise, conversationID string, tell func(context.Context) error) {
	ctx = context.WithoutCancel(ctx)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, s.tellWithin)
		defer cancel()
		if err := tell(ctx); err != nil {
			s.log.WarnContext(ctx, "a workflow was not told", "then", otherwise, "conversation_id", conversationID, "error", err)
		}
	}()
}

// waitingCall is after how long a caller who stopped asking what to do is gone,
// endlessCall after how long any call is: Twilio ends them after four hours.
const (
	waitingCall = time.Minute
	endlessCall = 5 * time.Hour
)

// endSilentCalls ends calls whose end was not told.
func (s *Service) endSilentCalls(ctx context.Context, now time.Time) error {
	silent, err := s.store.SilentCalls(ctx, now.Add(-waitingCall), now.Add(-endlessCall), s.sweepBatch)
	if err != nil {
		return err
	}
	for _, id := range silent {
		if _, err := s.store.EndCall(ctx, id, now); err != nil {
			return err
		}
	}
	return nil
}
