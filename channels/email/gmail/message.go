package gmail

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/mailbox/rest"
)

// message is users.messages in the parts that are asked for.
type message struct {
	ID        string
	ThreadID  string
	LabelIDs  []string
	HistoryID string
	// InternalDate is in milliseconds since 1970.
	InternalDate string
	// Raw is base64url.
	Raw     string
	Payload struct {
		Headers []struct{ Name, Value string }
	}
}

// incoming reports whether labels are those of mail that somebody sent to the
// mailbox, wherever its filters put it. What the mailbox itself sends is not,
// unless it sends it to itself, as websites do with their forms. Spam and what
// was thrown away before we looked are left out until somebody takes them back.
func incoming(labels []string) bool {
	for _, label := range []string{"DRAFT", "CHAT", "SPAM", "TRASH"} {
		if slices.Contains(labels, label) {
			return false
		}
	}
	return !slices.Contains(labels, "SENT") || slices.Contains(labels, "INBOX")
}

// receivedAt is when Google accepted the message.
func (m message) receivedAt() time.Time {
	milliseconds, err := strconv.ParseInt(m.InternalDate, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(milliseconds).UTC()
}

// header returns a header's value without angle brackets.
func (m message) header(name string) string {
	for _, h := range m.Payload.Headers {
		if strings.EqualFold(h.Name, name) {
			return strings.Trim(strings.TrimSpace(h.Value), "<>")
		}
	}
	return ""
}

// message reads one message; found is false when it was deleted.
func (c *Client) message(ctx context.Context, id string, query url.Values) (m message, found bool, err error) {
	err = c.get(ctx, "/messages/"+url.PathEscape(id), query, &m)
	if rest.HasStatus(err, http.StatusNotFound) {
		return message{}, false, nil
	}
	return m, err == nil, err
}

// fetch reads a whole message; found is false when it is not there any more or
// not incoming.
func (c *Client) fetch(ctx context.Context, id string) (fetched mailbox.Message, found bool, err error) {
	m, found, err := c.message(ctx, id, url.Values{"format": {"raw"}})
	if err != nil || !found || !incoming(m.LabelIDs) {
		return mailbox.Message{}, false, err
	}
	fetched = mailbox.Message{ID: id, ReceivedAt: m.receivedAt()}
	if raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(m.Raw, "=")); err == nil && len(raw) > 0 {
		fetched.Raw = raw
	}
	if len(fetched.Raw) > mailbox.MaxMessage {
		header, _, _ := bytes.Cut(fetched.Raw, []byte("\r\n\r\n"))
		fetched.Raw, fetched.Problem = bytes.Clone(header), mailbox.ProblemTooLarge
	}
	return fetched, true, nil
}
