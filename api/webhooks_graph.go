package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
	"switchboard/store"
	"switchboard/workflows"
)

const (
	// maxNotifications bounds what Graph delivers at once, in bytes: hundreds of
	// notifications of about 1 KiB.
	maxNotifications = 1 << 20
	// maxUnbelieved is how many notifications of one delivery may show what is no
	// secret of ours.
	maxUnbelieved = 20
)

// TakeGraphNotifications has the mailboxes read that Graph says have new mail
// (learn.microsoft.com/graph/change-notifications-delivery-webhooks). Reading them
// is what finds the mail: a hint that gets lost costs a little time.
func (s *server) TakeGraphNotifications(c *gin.Context, params contract.TakeGraphNotificationsParams) {
	if params.ValidationToken != nil {
		c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(*params.ValidationToken))
		return
	}
	var in contract.GraphNotifications
	limitBody(c, maxNotifications)
	if err := json.NewDecoder(c.Request.Body).Decode(&in); err != nil {
		refuse(c, unread(err, inbox.Invalid("body", "The body is no list of notifications.")))
		return
	}
	told, err := s.notified(c.Request.Context(), in)
	switch {
	case err != nil:
		refuse(c, err)
	case len(told) == 0:
		s.refuseUnverified(c)
	default:
		s.hint(c.Request.Context(), told)
		c.Status(http.StatusAccepted)
	}
}

// notified are the mailboxes that notifications are about, by channel.
func (s *server) notified(ctx context.Context, in contract.GraphNotifications) (map[string]store.Mailbox, error) {
	told := map[string]store.Mailbox{}
	unbelieved := 0
	for _, notification := range in.Value {
		mailbox, err := s.mailboxes.Notified(ctx, given(notification.SubscriptionID), given(notification.ClientState),
			given(notification.LifecycleEvent) != "")
		switch {
		case inbox.CodeOf(err) == inbox.CodeNotFound:
			if unbelieved++; unbelieved == maxUnbelieved {
				return told, nil
			}
		case err != nil:
			return nil, err
		default:
			told[mailbox.ChannelID] = mailbox
		}
	}
	return told, nil
}

// hint tells what reads the mailboxes.
func (s *server) hint(ctx context.Context, mailboxes map[string]store.Mailbox) {
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	for _, mailbox := range mailboxes {
		err := s.readers.MailboxHint(ctx, workflows.MailboxInput{ChannelID: mailbox.ChannelID, Provider: mailbox.Provider})
		if err != nil {
			s.log.WarnContext(ctx, "new mail waits for the next look", "channel_id", mailbox.ChannelID, "error", err)
		}
	}
}
