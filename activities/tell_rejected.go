package activities

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/sdk/temporal"

	"switchboard/channels/mail"
	"switchboard/inbox"
)

// TellRejected mails the admins, at most once until it is well again, that a
// channel's mailbox or page needs to be connected again, or that nothing comes in
// from its page. A claim that was taken before a crash is not taken twice. Histories
// have the step under this name.
func (a *Activities) TellRejected(ctx context.Context, channelID string) error {
	told, err := a.rejectedMail(ctx, channelID)
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	claimed, err := a.Store.ClaimConnectionNotice(ctx, channelID, a.Now())
	if err != nil || !claimed {
		return err
	}
	for i, to := range told.to {
		m := told.mail
		m.To, m.MessageID = to, fmt.Sprintf("rejected.%s.%d.%d@%s", channelID, a.Now().UnixMilli(), i, mail.DomainOf(a.PublicURL))
		err := a.Mail.Send(ctx, m)
		_, code, retry := noticeOutcome(err)
		if retry && i == 0 {
			// Nobody was told: the next try tells everybody.
			if err := a.Store.ReleaseConnectionNotice(context.WithoutCancel(ctx), channelID); err != nil {
				return err
			}
			return temporal.NewApplicationError("the mail server refused for now", string(code))
		}
		if err != nil {
			a.Log.WarnContext(ctx, "one admin was not told", "channel_id", channelID, "code", code)
		}
	}
	return nil
}

// rejectedMail is what the admins are told, and who they are.
type rejectedMail struct {
	mail mail.Mail
	to   []string
}

func (a *Activities) rejectedMail(ctx context.Context, channelID string) (rejectedMail, error) {
	channel, err := a.Store.Channel(ctx, channelID)
	if err != nil {
		return rejectedMail{}, fmt.Errorf("load channel: %w", err)
	}
	account, err := a.Store.Account(ctx)
	if err != nil {
		return rejectedMail{}, fmt.Errorf("load account: %w", err)
	}
	admins, err := a.Store.AdminAddresses(ctx)
	if err != nil {
		return rejectedMail{}, err
	}
	if len(admins) == 0 {
		return rejectedMail{}, errors.New("there is no admin to tell")
	}
	subject, text := "The mailbox of %q needs to be connected again", "The provider no longer lets Switchboard into the mailbox %s.\n\n"+
		"Mail that comes in there waits until an admin connects the channel %q again (POST %s/api/v1/channels/%s/connect).\n"
	switch {
	case channel.Kind != inbox.KindMessenger:
	case channel.State == inbox.ChannelConnected:
		subject, text = "Facebook delivers nothing from the page of %q", "What people write to the page %s does not reach Switchboard.\n\n"+
			"It goes on asking Facebook. If that lasts, look whether the application at Facebook is live and has its permissions, "+
			"or connect the channel %q again (POST %s/api/v1/channels/%s/connect).\n"
	default:
		subject, text = "The page of %q needs to be connected again", "Facebook no longer lets Switchboard into the page %s.\n\n"+
			"Answers wait until an admin connects the channel %q again (POST %s/api/v1/channels/%s/connect).\n"
	}
	return rejectedMail{to: admins, mail: mail.Mail{
		FromName: account.Name, Automatic: true,
		Subject: fmt.Sprintf(subject, channel.Name),
		Text:    fmt.Sprintf(text, channel.Account, channel.Name, a.PublicURL, channel.ID),
	}}, nil
}
