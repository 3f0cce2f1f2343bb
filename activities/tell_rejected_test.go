package activities_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/mail"
	"switchboard/inbox"
	"switchboard/store"
)

func TestAdminsAreToldOnceThatAPageWasRejected(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.Sweeper = sweeper{}
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
