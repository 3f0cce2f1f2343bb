package activities_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/mail"
	"switchboard/inbox"
	"switchboard/store"
)

func TestAdminsAreToldOnceThatAPageWasRejected(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.Sweeper, w.Readers = sweeper{}, &readers{}
		admin := w.hire(func(a *inbox.Agent) { a.Admin = true })
		channel := w.channel(inbox.KindMessenger)
		connects := func() int {
			must(w.Store.ConnectPage(t.Context(), store.FacebookPage{
				ChannelID: channel.ID, PageID: "100", Name: "Pumps", Credentials: []byte("sealed"), ConnectedBy: admin.ID, ConnectedAt: noon,
			}))(t)
			return must(w.Store.FacebookPage(t.Context(), channel.ID))(t).Version
		}
		version := connects()
		must(w.sweeps(t))(t)
		require.Empty(t, w.mailbox.mails, "there is nothing to tell")

		require.NoError(t, w.Store.RejectPage(t.Context(), channel.ID, version, noon))
		w.mailbox.answer = func(mail.Mail) error {
			return &channels.SendError{Code: inbox.CodeDeliveryFailed, Outcome: channels.Retry, Err: errors.New("away")}
		}
		must(w.sweeps(t))(t)
		w.mailbox.answer, w.mailbox.mails = nil, nil
		for range 2 {
			must(w.sweeps(t))(t)
		}
		require.Equal(t, []string{admin.Email}, w.mailbox.recipients())
		require.Contains(t, w.mailbox.mails[0].Text, "the page 100")

		require.NoError(t, w.Store.RejectPage(t.Context(), channel.ID, connects(), noon))
		must(w.sweeps(t))(t)
		require.Len(t, w.mailbox.mails, 2, "it was connected in between")
	})
}

func TestAdminsAreToldOnceThatFacebookDeliversNothing(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		started := &readers{}
		w.Sweeper, w.Readers = sweeper{}, started
		admin := w.hire(func(a *inbox.Agent) { a.Admin = true })
		channel := w.channel(inbox.KindMessenger)
		must(w.Store.ConnectPage(t.Context(), store.FacebookPage{
			ChannelID: channel.ID, PageID: "100", Name: "Pumps", Credentials: []byte("sealed"), ConnectedBy: admin.ID, ConnectedAt: noon,
		}))(t)
		require.Equal(t, 1, must(w.sweeps(t))(t).Pages)
		require.Equal(t, readers{"page " + channel.ID}, *started, "what is due is checked")
		page := must(w.Store.FacebookPage(t.Context(), channel.ID))(t)
		require.NoError(t, w.Store.PageFailing(t.Context(), page, inbox.PageUnsubscribed, noon))
		w.now = noon.Add(9 * time.Minute)
		must(w.sweeps(t))(t)
		require.Empty(t, w.mailbox.mails, "it may pass")
		w.now = noon.Add(11 * time.Minute)
		must(w.sweeps(t))(t)
		must(w.sweeps(t))(t)
		require.Equal(t, []string{admin.Email}, w.mailbox.recipients())
		require.Contains(t, w.mailbox.mails[0].Text, "What people write to the page 100 does not reach")
	})
}
