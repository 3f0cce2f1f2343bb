package gmail

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/mailbox/rest"
)

// Send implements mailbox.Sender. Gmail takes the recipients from the message's
// headers, and keeps a thread together in the mailbox when it is named; the
// contact's program goes by References
// (developers.google.com/workspace/gmail/api/guides/threads). Gmail gives the
// message a Message-ID of its own (github.com/FlowCrypt/flowcrypt-browser/issues/4273,
// github.com/gauteh/lieer/issues/198), so the one it got is read afterwards.
func (c *Client) Send(ctx context.Context, out mailbox.Outgoing) (mailbox.Accepted, error) {
	thread, err := c.thread(ctx, out.InReplyTo)
	if err != nil {
		return mailbox.Accepted{}, rest.NotSent(fmt.Errorf("find the thread: %w", err))
	}
	request, err := upload(tagged(out), thread)
	if err != nil {
		return mailbox.Accepted{}, rest.NotSent(fmt.Errorf("build the request: %w", err))
	}
	var sent message
	if err := c.api.Submit(ctx, request, &sent); err != nil {
		if thread != "" && rest.HasStatus(err, http.StatusNotFound) {
			// The thread was deleted meanwhile; the next try does without.
			return mailbox.Accepted{}, rest.NotSent(err)
		}
		return mailbox.Accepted{}, err
	}
	accepted := mailbox.Accepted{ID: sent.ID}
	// Sent it is, whether or not this can be read.
	if m, found, err := c.message(ctx, sent.ID, headers("Message-ID")); err == nil && found {
		accepted.MessageID = m.header("Message-ID")
	}
	return accepted, nil
}

// idHeader carries our Message-ID once more. Google keeps headers that it does
// not know, so this is how Sent recognises a message.
const idHeader = "X-Switchboard-Message-Id"

func tagged(out mailbox.Outgoing) []byte {
	return append([]byte(idHeader+": <"+out.MessageID+">\r\n"), out.Raw...)
}

// upload is users.messages.send as a multipart upload, the way for messages with
// attachments (developers.google.com/workspace/gmail/api/guides/uploads).
func upload(raw []byte, thread string) (rest.Request, error) {
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	metadata, err := json.Marshal(struct {
		ThreadID string `json:"threadId,omitempty"`
	}{thread})
	if err != nil {
		return rest.Request{}, err
	}
	for _, part := range []struct {
		contentType string
		content     []byte
	}{{"application/json; charset=UTF-8", metadata}, {"message/rfc822", raw}} {
		w, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {part.contentType}})
		if err != nil {
			return rest.Request{}, err
		}
		if _, err := w.Write(part.content); err != nil {
			return rest.Request{}, err
		}
	}
	if err := parts.Close(); err != nil {
		return rest.Request{}, err
	}
	return rest.Request{
		Method: http.MethodPost,
		Path:   "/upload" + mailboxPath + "/messages/send",
		Query:  url.Values{"uploadType": {"multipart"}},
		Header: http.Header{"Content-Type": {"multipart/related; boundary=" + parts.Boundary()}},
		Body:   body.Bytes(),
	}, nil
}

// thread returns the thread of the message with a Message-ID, "" when the
// mailbox does not have it.
func (c *Client) thread(ctx context.Context, messageID string) (string, error) {
	if messageID == "" || strings.ContainsAny(messageID, " \t\"(){}") {
		// An id that Gmail's search would read as more than one word.
		return "", nil
	}
	var found struct{ Messages []message }
	query := url.Values{"q": {"rfc822msgid:" + messageID}, "maxResults": {"1"}}
	if err := c.get(ctx, "/messages", query, &found); err != nil || len(found.Messages) == 0 {
		return "", err
	}
	return found.Messages[0].ThreadID, nil
}

// clockSlack is how far apart our clock and Google's may be.
const clockSlack = time.Hour

// Sent implements mailbox.Sender. It walks through what the mailbox sent since
// the message was composed, newest first: a message that lost its Message-ID
// cannot be searched for.
func (c *Client) Sent(ctx context.Context, out mailbox.Outgoing) (mailbox.Accepted, bool, error) {
	query := url.Values{"labelIds": {"SENT"}, "includeSpamTrash": {"true"}, "maxResults": {"50"}}
	for {
		var page struct {
			Messages      []message
			NextPageToken string
		}
		if err := c.get(ctx, "/messages", query, &page); err != nil {
			return mailbox.Accepted{}, false, err
		}
		for _, listed := range page.Messages {
			m, found, err := c.message(ctx, listed.ID, headers("Message-ID", idHeader))
			switch {
			case err != nil:
				return mailbox.Accepted{}, false, err
			case !found:
			case m.header(idHeader) == out.MessageID:
				return mailbox.Accepted{ID: listed.ID, MessageID: m.header("Message-ID")}, true, nil
			case m.receivedAt().Before(out.ComposedAt.Add(-clockSlack)):
				return mailbox.Accepted{}, false, nil
			}
		}
		if page.NextPageToken == "" {
			return mailbox.Accepted{}, false, nil
		}
		query.Set("pageToken", page.NextPageToken)
	}
}

// headers asks for nothing of a message but these.
func headers(names ...string) url.Values {
	return url.Values{"format": {"metadata"}, "metadataHeaders": names}
}
