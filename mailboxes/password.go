package mailboxes

import (
	"context"
	"errors"
	"strings"
	"time"

	"switchboard/channels/email/imap"
	"switchboard/channels/email/mailbox"
	"switchboard/inbox"
	"switchboard/store"
)

// tryFor bounds how long an admin waits for an answer.
const tryFor = 30 * time.Second

// ConnectIMAP connects a channel to a mailbox whose password we are given, once it
// lets us in. Errors are *inbox.Error naming the field.
func (s *Service) ConnectIMAP(ctx context.Context, channelID, agentID string, settings imap.Settings) (inbox.Channel, error) {
	if s.Keys == nil {
		return inbox.Channel{}, noKeys()
	}
	settings.Address = strings.ToLower(settings.Address)
	trying, cancel := context.WithTimeout(ctx, tryFor)
	defer cancel()
	if err := imap.Try(trying, settings); err != nil {
		return inbox.Channel{}, notLetIn(err)
	}
	return s.connect(ctx, credentials{IMAP: &settings}, store.Mailbox{
		ChannelID: channelID, Provider: inbox.ProviderIMAP, Address: settings.Address, ConnectedBy: agentID,
	})
}

// notLetIn tells a person why a server did not let us in.
func notLetIn(err error) error {
	if known, ok := errors.AsType[*inbox.Error](err); ok {
		return known
	}
	refusal := inbox.Invalid("imap.host", "The IMAP server cannot be reached.").Because(err)
	if errors.Is(err, mailbox.ErrRejected) {
		refusal = inbox.Errorf(inbox.CodeLoginRejected, "The IMAP server does not accept this user name and password.").Because(err)
		refusal.Field = "imap.password"
	}
	if throttled, ok := errors.AsType[*mailbox.Throttled](err); ok {
		refusal = inbox.Errorf(inbox.CodeUnavailable, "The IMAP server asks to try again later.").Because(throttled)
	}
	return refusal
}
