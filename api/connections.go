package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels/email/imap"
	"switchboard/channels/mail"
	"switchboard/inbox"
	"switchboard/store"
	"switchboard/workflows"
)

// ConnectChannel connects an e-mail channel to a mailbox, or says on which page
// the mailbox's owner agrees to it (E1, E2, E11).
func (s *server) ConnectChannel(c *gin.Context, id string) {
	channel, err := s.connectable(c, id)
	if err != nil {
		refuse(c, err)
		return
	}
	in, err := decode[contract.MailboxConnect](c)
	if err != nil {
		refuse(c, err)
		return
	}
	if channel.Kind == inbox.KindMessenger {
		s.connectPage(c, channel, in)
		return
	}
	ctx := c.Request.Context()
	switch {
	case in.Provider == "" || in.Provider == contract.MailboxProviderFacebook:
		refuse(c, inbox.Invalid("provider", "Say whose mailbox it is."))
	case in.Provider != contract.MailboxProviderImap:
		page, until, err := s.mailboxes.AskConsent(ctx, channel.ID, caller(c).ID, inbox.Provider(in.Provider))
		answer(c, http.StatusOK, page, err, func(page string) contract.MailboxConsent {
			return contract.MailboxConsent{AuthorizationURL: page, ExpiresAt: until}
		})
	case in.Imap == nil || in.SMTP == nil || in.Address == nil:
		refuse(c, inbox.Invalid(missingOf(in), "A mailbox of another provider needs its address and both servers."))
	default:
		channel, err := s.mailboxes.ConnectIMAP(ctx, channel.ID, caller(c).ID, imap.Settings{
			Address: *in.Address, Folder: given(in.Folder), IMAP: serverIn(*in.Imap), SMTP: serverIn(*in.SMTP),
		})
		if err == nil {
			s.mailboxChanged(c, channel)
		}
		s.answerChannel(c, http.StatusCreated, channel, err)
	}
}

func missingOf(in contract.MailboxConnect) string {
	switch {
	case in.Address == nil:
		return "address"
	case in.Imap == nil:
		return "imap"
	default:
		return "smtp"
	}
}

func serverIn(in contract.MailServer) imap.Server {
	return imap.Server{
		Host: in.Host, Port: in.Port, TLS: mail.TLS(in.TLS), Username: given(in.Username), Password: given(in.Password),
	}
}

// DisconnectChannel forgets the credentials of the mailbox or page.
func (s *server) DisconnectChannel(c *gin.Context, id string) {
	channel, err := s.connectable(c, id)
	if err == nil && channel.Kind == inbox.KindMessenger {
		answerDone(c, s.facebook.Disconnect(c.Request.Context(), channel.ID))
		return
	}
	if err == nil {
		err = s.mailboxes.Disconnect(c.Request.Context(), channel.ID)
	}
	if err == nil {
		s.mailboxChanged(c, channel)
	}
	answerDone(c, err)
}

// connectable refuses channels that have nothing to connect.
func (s *server) connectable(c *gin.Context, id string) (inbox.Channel, error) {
	channel, err := s.visibleChannel(c, id)
	if err == nil && channel.Kind != inbox.KindEmail && channel.Kind != inbox.KindMessenger {
		err = inbox.Errorf(inbox.CodeNothingToConnect, "A %s has no provider to connect to; it works as it is.", channel.Kind)
	}
	return channel, err
}

// tellWithin bounds how long a request waits for the engine: the sweep tells it
// later.
const tellWithin = 3 * time.Second

// mailboxChanged tells what reads the channel's mailbox.
func (s *server) mailboxChanged(c *gin.Context, channel inbox.Channel) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), tellWithin)
	defer cancel()
	err := s.readers.MailboxChanged(ctx, workflows.MailboxInput{ChannelID: channel.ID, Provider: channel.Provider})
	if err != nil {
		s.log.WarnContext(ctx, "telling the mailbox's reader is left to the sweep", "channel_id", channel.ID, "error", err)
	}
}

// answerChannel answers a channel with its connection.
func (s *server) answerChannel(c *gin.Context, status int, channel inbox.Channel, err error) {
	if err != nil {
		refuse(c, err)
		return
	}
	mailboxes, err := s.connections(c, channel.ID)
	answer(c, status, channel, err, func(channel inbox.Channel) contract.Channel {
		return s.connectedOut(channel, mailboxes)
	})
}

// connections are what channels are connected to, by channel.
func (s *server) connections(c *gin.Context, channelIDs ...string) (map[string]store.Mailbox, error) {
	found, err := s.store.Mailboxes(c.Request.Context(), channelIDs...)
	if err != nil {
		return nil, err
	}
	pages, err := s.store.FacebookPages(c.Request.Context(), channelIDs...)
	for id, page := range pages {
		found[id] = store.Mailbox{
			ChannelID: id, Provider: inbox.ProviderFacebook, Address: page.Name, ConnectedAt: page.ConnectedAt,
			CheckedAt: page.CheckedAt, Problem: page.Problem, FailingSince: page.FailingSince,
		}
	}
	return found, err
}

// connectedOut is channelOut with the connection, if there is one.
func (s *server) connectedOut(channel inbox.Channel, mailboxes map[string]store.Mailbox) contract.Channel {
	out := s.channelOut(channel)
	if mailbox, connected := mailboxes[channel.ID]; connected {
		out.Connection = &contract.MailboxConnection{
			Provider: contract.MailboxProvider(mailbox.Provider), Address: mailbox.Address, ConnectedAt: mailbox.ConnectedAt,
			CheckedAt: optional(mailbox.CheckedAt), Problem: optional(string(mailbox.Problem)),
			FailingSince: optional(mailbox.FailingSince),
		}
	}
	return out
}

// TakeMailboxConsent connects the channel that a person agreed to, and tells them
// with a page.
func (s *server) TakeMailboxConsent(c *gin.Context, provider contract.TakeMailboxConsentParamsProvider, params contract.TakeMailboxConsentParams) {
	if inbox.Provider(provider) == inbox.ProviderFacebook {
		s.takePageConsent(c, given(params.State), given(params.Code))
		return
	}
	channel, err := s.mailboxes.TakeConsent(c.Request.Context(), inbox.Provider(provider), given(params.State), given(params.Code), given(params.Error))
	if err != nil {
		s.consentRefused(c, err)
		return
	}
	s.mailboxChanged(c, channel)
	writeConsentPage(c, http.StatusOK, consentPage{
		Title: "Connected", Text: fmt.Sprintf("Switchboard now reads and sends the mail of %s.", channel.Account),
		More: "You can close this page.",
	})
}

func (s *server) consentRefused(c *gin.Context, err error) {
	known, status := problemOf(c, err)
	writeConsentPage(c, status, consentPage{
		Title: "Not connected", Text: known.Detail,
		More: cmp.Or(known.Remedy, "Start again where you came from."),
	})
}
