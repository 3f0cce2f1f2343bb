package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"switchboard/channels"
	"switchboard/channels/mail"
	"switchboard/inbox"
	"switchboard/store"
)

// giveUpTelling is how long a mail server may be away before a notice fails; the
// workflow would go on for a little longer.
const giveUpTelling = 71 * time.Hour

// SendNotice mails one notice, at most once (G6, B5, C10): one found in "sending"
// may have left before a crash and is not sent again. It returns the notice's
// state.
func (a *Activities) SendNotice(ctx context.Context, noticeID string) (inbox.NoticeState, error) {
	if firstTry(ctx) {
		if err := a.waitForNotice(ctx, noticeID); err != nil {
			return "", err
		}
	}
	notice, ok, err := a.Store.ClaimNotice(ctx, noticeID, a.Now())
	if err != nil {
		return "", final(fmt.Errorf("claim notice: %w", err))
	}
	if !ok {
		return notice.Notice.State, nil
	}
	err = a.mailNotice(ctx, notice)
	// The record must outlive the attempt's own deadline.
	ctx = context.WithoutCancel(ctx)
	state, code, retry := noticeOutcome(err)
	if retry && a.Now().Sub(notice.Notice.CreatedAt) >= giveUpTelling {
		state, retry = inbox.NoticeFailed, false
	}
	if err := a.Store.FinishNotice(ctx, noticeID, state, code, a.Now()); err != nil {
		return "", fmt.Errorf("record notice: %w", err)
	}
	if retry {
		return "", temporal.NewApplicationErrorWithOptions("the mail server refused for now", string(code),
			temporal.ApplicationErrorOptions{NextRetryDelay: failureOf(err).RetryAfter})
	}
	return state, nil
}

// waitForNotice is an error worth another try while another run's try may mail the
// notice.
func (a *Activities) waitForNotice(ctx context.Context, noticeID string) error {
	notice, err := a.Store.Notice(ctx, noticeID)
	if err != nil {
		return final(fmt.Errorf("load notice: %w", err))
	}
	if notice.State == inbox.NoticeSending {
		return tryAgain(&channels.SendError{Code: inbox.CodeUnavailable, RetryAfter: tryWithin})
	}
	return nil
}

// mailNotice sends the notice to each of its recipients: one who is refused for
// good does not keep it from the others. It is worth another try only while
// certainly nobody was told.
func (a *Activities) mailNotice(ctx context.Context, notice store.NoticeMail) error {
	if len(notice.To) == 0 {
		return &channels.SendError{Code: inbox.CodeNoReplyAddress, Outcome: channels.Final, Err: errors.New("the notice has no recipient")}
	}
	m, err := a.noticeMail(ctx, notice)
	if err != nil {
		return err
	}
	send, err := a.wayOut(ctx, notice, m.From)
	if err != nil {
		return err
	}
	var accepted bool
	var refused, unknown error
	for i, address := range notice.To {
		m.To = address
		m.MessageID = fmt.Sprintf("%s.%d@%s", notice.Notice.MessageID, i, mail.DomainOf(a.PublicURL))
		err := send(ctx, m)
		if err == nil {
			accepted = true
			continue
		}
		state, _, retry := noticeOutcome(err)
		switch {
		case retry && !accepted && unknown == nil:
			return err
		case state == inbox.NoticeUnknown:
			unknown = err
		default:
			refused = err
		}
		a.Log.WarnContext(ctx, "one recipient was not told", "notice_id", notice.Notice.ID, "error", err)
	}
	if accepted {
		return nil
	}
	return cmp.Or(unknown, refused)
}

// noticeOutcome is the one table from a failure to a notice's state.
func noticeOutcome(err error) (state inbox.NoticeState, code inbox.Code, retry bool) {
	if err == nil {
		return inbox.NoticeSent, "", false
	}
	failure := failureOf(err)
	switch failure.Outcome {
	case channels.Retry:
		return inbox.NoticePending, failure.Code, true
	case channels.Final:
		return inbox.NoticeFailed, failure.Code, false
	default:
		return inbox.NoticeUnknown, failure.Code, false
	}
}

// linkTo is where an agent opens a conversation.
func (a *Activities) linkTo(conversationID string) string {
	if a.AgentURL == "" {
		return a.PublicURL + "/api/v1/conversations/" + conversationID
	}
	return strings.ReplaceAll(a.AgentURL, "{id}", conversationID)
}

// noticeMail is the mail without its recipient.
func (a *Activities) noticeMail(ctx context.Context, notice store.NoticeMail) (mail.Mail, error) {
	if notice.Notice.Kind == inbox.NoticeTranscript {
		return a.transcriptMail(ctx, notice)
	}
	rendered, err := mail.Notice{
		Kind:    notice.Notice.Kind,
		Company: notice.Account.Name,
		Inbox:   notice.InboxName,
		Contact: notice.ContactName,
		Called:  notice.Conversation.ChannelKind == inbox.KindCall,
		Subject: notice.Conversation.Subject,
		Text:    notice.Text,
		Link:    a.linkTo(notice.Conversation.ID),
	}.Render()
	if err != nil {
		return mail.Mail{}, &channels.SendError{Code: inbox.CodeInternal, Outcome: channels.Final, Err: err}
	}
	return mail.Mail{
		FromName:  notice.Account.Name,
		Subject:   rendered.Subject,
		Text:      rendered.Text,
		HTML:      rendered.HTML,
		Automatic: true,
	}, nil
}
