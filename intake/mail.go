package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"switchboard/activities"
	"switchboard/channels/email"
	"switchboard/channels/email/incoming"
	"switchboard/inbox"
	"switchboard/store"
)

// QuarantinedMail is the source of mail in quarantine, from wherever it came.
const QuarantinedMail = activities.QuarantinedMail

// Mail is the way in for mail, from hosted addresses and connected mailboxes.
type Mail struct {
	service *Service
	domain  string
}

// Mail returns the way in for mail; domain is that of hosted addresses.
func (s *Service) Mail(domain string) *Mail { return &Mail{service: s, domain: domain} }

// Post is one mail for one channel, as it was handed over.
type Post struct {
	Channel inbox.Channel
	Raw     []byte
	// EnvelopeFrom is the envelope's sender, "" the null one; nil is not known.
	EnvelopeFrom *string
	// Recipient is the address of ours it was sent to; "" in a connected mailbox.
	Recipient string
	// ReceivedAt stands in for a Date that is missing.
	ReceivedAt time.Time
	// wanted: somebody wants it as a message, whoever wrote it.
	wanted bool
}

// withReturnPath notes the null sender in a mail that was read, as whoever delivers
// a mail does (RFC 5321, 4.4): in quarantine there is no envelope.
func (p Post) withReturnPath() Post {
	if p.EnvelopeFrom != nil && *p.EnvelopeFrom == "" {
		p.Raw = append([]byte("Return-Path: <>\r\n"), p.Raw...)
	}
	return p
}

// Channel returns the channel a hosted address leads to (E3); every other
// address is CodeNotFound.
func (m *Mail) Channel(ctx context.Context, address string) (inbox.Channel, error) {
	token, _, ok := email.ParseHosted(address, m.domain)
	if !ok {
		return inbox.Channel{}, inbox.NotFound("address")
	}
	return m.service.store.ChannelByHostedToken(ctx, token)
}

// ReceiveMail keeps a mail: as a message, as the state of the message it reports
// on, as a channel's forwarding confirmation, or in quarantine. When it returns
// without an error the mail is durable and may be acknowledged; the same mail
// again changes nothing (B8, B9).
func (m *Mail) ReceiveMail(ctx context.Context, post Post) error {
	mail, err := incoming.Read(post.Raw)
	if err != nil {
		return m.quarantine(ctx, post, err)
	}
	if post.EnvelopeFrom != nil {
		mail = mail.WithEnvelope(*post.EnvelopeFrom)
	}
	err = m.keep(ctx, post, mail)
	if refusal, ok := errors.AsType[*unopened](err); ok {
		return m.quarantine(ctx, post.withReturnPath(), refusal)
	}
	return err
}

// Reprocess reads a mail from quarantine once more. Mail that only waited there
// because nobody wrote it opens its conversation now, and is answered by people
// only. A mail that still cannot be read is CodeInvalid.
func (m *Mail) Reprocess(ctx context.Context, item store.QuarantineItem) error {
	channel, err := m.service.store.Channel(ctx, item.ChannelID)
	if err != nil {
		return err
	}
	mail, err := incoming.Read(item.Raw)
	if err == nil && mail.From.Email == "" {
		err = incoming.ErrNoSender // a report may have none, a conversation may not
	}
	if err != nil {
		return inbox.Errorf(inbox.CodeInvalid, "The mail still cannot be read.").Because(err)
	}
	mail.Bounce = nil
	return m.keep(ctx, Post{Channel: channel, Raw: item.Raw, ReceivedAt: item.CreatedAt, wanted: true}, mail)
}

// unopened is why a mail that was read begins no conversation.
type unopened struct{ reason string }

func (u *unopened) Error() string { return u.reason }

// keep does with a mail what it is for.
func (m *Mail) keep(ctx context.Context, post Post, mail incoming.Mail) error {
	if own, err := m.isOwn(ctx, post, mail); own || err != nil {
		return err
	}
	switch {
	case mail.Bounce != nil:
		return m.report(ctx, post, *mail.Bounce)
	case mail.Confirmation != nil && post.Recipient != "":
		err := m.service.store.KeepConfirmation(ctx, post.Channel.ID, inbox.ForwardingConfirmation{
			Provider: mail.Confirmation.Provider, Code: mail.Confirmation.Code, URL: mail.Confirmation.URL, At: post.ReceivedAt,
		})
		if err != nil {
			return fmt.Errorf("keep forwarding confirmation: %w", err)
		}
		return nil
	}
	return m.receive(ctx, post, mail)
}

// isOwn recognises what we sent and what came back to us: in a mailbox's own
// folder, by a copy, in a circle (B10).
func (m *Mail) isOwn(ctx context.Context, post Post, mail incoming.Mail) (bool, error) {
	sent, err := m.service.store.SentMessage(ctx, post.Channel.InboxID, mail.MessageID)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for our own mail: %w", err)
	}
	m.service.log.InfoContext(ctx, "our own mail came back", "channel_id", post.Channel.ID, "message_id", sent.ID)
	return true, nil
}

// report follows a delivery report about a message of ours (RFC 3464).
func (m *Mail) report(ctx context.Context, post Post, bounce incoming.Bounce) error {
	sent, err := m.service.store.SentMessage(ctx, post.Channel.InboxID, bounce.MessageID)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return &unopened{"a delivery report about no message of ours"}
	}
	if err != nil {
		return fmt.Errorf("look for the reported mail: %w", err)
	}
	m.service.log.InfoContext(ctx, "delivery report", "message_id", sent.ID, "action", bounce.Action, "status", bounce.Status)
	switch bounce.Action {
	case "failed":
		err = m.service.store.SetMessageState(ctx, sent.ID, inbox.MessageFailed, inbox.CodeDeliveryFailed, post.ReceivedAt)
	case "delivered":
		err = m.service.store.SetMessageState(ctx, sent.ID, inbox.MessageDelivered, "", post.ReceivedAt)
	}
	if err != nil {
		return fmt.Errorf("record delivery report: %w", err)
	}
	return nil
}

func (m *Mail) quarantine(ctx context.Context, post Post, because error) error {
	item, err := m.service.store.AddQuarantine(ctx, store.QuarantineItem{
		ChannelID: post.Channel.ID, Source: QuarantinedMail, Raw: post.Raw, Error: because.Error(),
	})
	if err != nil {
		return fmt.Errorf("keep mail in quarantine: %w", err)
	}
	m.service.log.WarnContext(ctx, "mail in quarantine", "channel_id", post.Channel.ID, "quarantine_id", item.ID)
	return nil
}
