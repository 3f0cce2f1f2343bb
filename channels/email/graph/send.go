package graph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"switchboard/channels"
	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/mailbox/rest"
	"switchboard/inbox"
)

// mark is the property by which our drafts and sent messages are found again:
// Microsoft's advice for messages that are sent
// (github.com/microsoftgraph/microsoft-graph-docs/issues/3766). The set's id is
// ours alone.
const mark = "String {8f1c64b1-6a0b-4a53-9a0c-3d2f5b7e9c41} Name SwitchboardMessageId"

const draftsPath = "/me/mailFolders/drafts/messages"

func marked(messageID string) string {
	return "singleValueExtendedProperties/Any(ep: ep/id eq " + quoted(mark) + " and ep/value eq " + quoted(messageID) + ")"
}

// Send implements mailbox.Sender in steps: a draft from the MIME message, large
// attachments to it, our mark on it, and its sending.
//
// A draft in MIME keeps what JSON cannot say: plain text beside HTML,
// attachments, and In-Reply-To and References, without which the contact's
// program would lose the thread. An answer's is made by createReply, which puts
// it into the thread of the mailbox as well
// (learn.microsoft.com/graph/outlook-send-mime-message). sendMail, the way in
// one step, returns no id. A draft that an earlier try left behind is used
// instead of another one.
func (c *Client) Send(ctx context.Context, out mailbox.Outgoing) (mailbox.Accepted, error) {
	draft, err := c.prepare(ctx, out)
	if err != nil {
		return mailbox.Accepted{}, err
	}
	err = c.api.Submit(ctx, rest.Request{
		Method: http.MethodPost, Path: messagePath(draft.ID) + "/send", Header: prefer(),
	}, nil)
	if rest.HasStatus(err, http.StatusNotFound) {
		// Somebody deleted the draft; the next try makes another.
		return mailbox.Accepted{}, rest.NotSent(err)
	}
	if refused, ok := errors.AsType[*channels.SendError](err); ok && refused.Outcome == channels.Final {
		c.discard(ctx, draft)
	}
	if err != nil {
		return mailbox.Accepted{}, err
	}
	return accepted(draft), nil
}

// prepare returns the marked draft of a message. Errors are
// *channels.SendError.
func (c *Client) prepare(ctx context.Context, out mailbox.Outgoing) (message, error) {
	earlier, err := c.find(ctx, draftsPath, marked(out.MessageID))
	if err != nil {
		return message{}, rest.NotSent(fmt.Errorf("find an earlier draft: %w", err))
	}
	if len(earlier) > 0 {
		return earlier[0], nil
	}
	light, files, err := lighten(out.Raw, mimeLimit)
	if err != nil {
		return message{}, &channels.SendError{Code: inbox.CodeDeliveryFailed, Outcome: channels.Final, Err: err}
	}
	draft, err := c.draft(ctx, out.InReplyTo, light)
	if err != nil {
		return message{}, unsent(err)
	}
	for _, f := range files {
		if err := c.attach(ctx, draft, f); err != nil {
			c.discard(ctx, draft)
			return message{}, unsent(err)
		}
	}
	// The mark comes last: what has it is complete.
	labelled, err := c.label(ctx, draft, out.MessageID)
	if err != nil {
		c.discard(ctx, draft)
		return message{}, rest.NotSent(fmt.Errorf("mark the draft: %w", err))
	}
	return labelled, nil
}

// unsent is a failure before the message was sent: whatever became of the draft,
// it was not. 404 is what is answered, or the draft, deleted meanwhile.
func unsent(err error) error {
	failed, ok := errors.AsType[*channels.SendError](err)
	if ok && (failed.Outcome == channels.Unknown || rest.HasStatus(err, http.StatusNotFound)) {
		return rest.NotSent(failed.Err)
	}
	return err
}

// draft makes a draft, in the thread of the message that is answered when the
// mailbox has it.
func (c *Client) draft(ctx context.Context, inReplyTo string, raw []byte) (message, error) {
	path := "/me/messages"
	if inReplyTo != "" {
		answered, err := c.find(ctx, path, "internetMessageId eq "+quoted("<"+inReplyTo+">"))
		if err != nil {
			return message{}, rest.NotSent(fmt.Errorf("find the message that is answered: %w", err))
		}
		if len(answered) > 0 {
			path = messagePath(answered[0].ID) + "/createReply"
		}
	}
	header := prefer()
	header.Set("Content-Type", "text/plain")
	var draft message
	err := c.api.Submit(ctx, rest.Request{
		Method: http.MethodPost, Path: path, Header: header,
		Body: base64.StdEncoding.AppendEncode(nil, raw),
	}, &draft)
	return draft, err
}

// label marks a draft and makes sure of its Message-ID.
func (c *Client) label(ctx context.Context, draft message, messageID string) (message, error) {
	body, err := json.Marshal(map[string]any{
		"internetMessageId":             "<" + messageID + ">",
		"singleValueExtendedProperties": []map[string]string{{"id": mark, "value": messageID}},
	})
	if err != nil {
		return message{}, err
	}
	header := prefer()
	header.Set("Content-Type", "application/json")
	var labelled message
	err = c.api.JSON(ctx, rest.Request{
		Method: http.MethodPatch, Path: messagePath(draft.ID), Header: header, Body: body,
	}, &labelled)
	return labelled, err
}

// discard deletes a draft that will not be sent. One that stays would puzzle
// people, and do no harm.
func (c *Client) discard(ctx context.Context, draft message) {
	_, _ = c.api.Do(context.WithoutCancel(ctx), rest.Request{
		Method: http.MethodDelete, Path: messagePath(draft.ID), Header: prefer(),
	})
}

// Sent implements mailbox.Sender: what has our mark and is not among the drafts
// any more. On its way a message still counts as a draft, in another folder.
func (c *Client) Sent(ctx context.Context, out mailbox.Outgoing) (mailbox.Accepted, bool, error) {
	found, err := c.find(ctx, "/me/messages", marked(out.MessageID))
	if err != nil || len(found) == 0 {
		return mailbox.Accepted{}, false, err
	}
	drafts, err := c.find(ctx, draftsPath, marked(out.MessageID))
	if err != nil {
		return mailbox.Accepted{}, false, err
	}
	for _, m := range found {
		if !slices.ContainsFunc(drafts, func(draft message) bool { return draft.ID == m.ID }) {
			return accepted(m), true, nil
		}
	}
	return mailbox.Accepted{}, false, nil
}

func accepted(m message) mailbox.Accepted {
	return mailbox.Accepted{ID: m.ID, MessageID: strings.Trim(m.InternetMessageID, "<>")}
}
