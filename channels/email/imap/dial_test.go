package imap_test

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/channels/email/imap"
	"switchboard/channels/email/mailbox"
	"switchboard/channels/mail"
	"switchboard/inbox"
)

func TestEveryWayToConnectWorks(t *testing.T) {
	t.Parallel()
	a := open(t, "")
	for _, mode := range []mail.TLS{mail.TLSImplicit, mail.TLSStart, mail.TLSNone} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			b := a
			b.settings.IMAP.TLS = mode
			if mode != mail.TLSImplicit {
				b.settings.IMAP.Port = a.server.Port
			}
			require.NotEmpty(t, read(t, b.client(t), "").Cursor)
		})
	}
}

func TestACertificateThatNobodyVouchesForIsRefused(t *testing.T) {
	t.Parallel()
	a := open(t, "")
	a.settings.Roots = nil
	for mode, port := range map[mail.TLS]int{mail.TLSImplicit: a.server.TLSPort, mail.TLSStart: a.server.Port} {
		a.settings.IMAP.TLS, a.settings.IMAP.Port = mode, port
		_, err := imap.Dial(t.Context(), a.settings)
		var unknown x509.UnknownAuthorityError
		require.ErrorAs(t, err, &unknown, mode)
	}
}

func TestAServerWithoutSTARTTLSIsNotUsedWhenItIsAskedFor(t *testing.T) {
	t.Parallel()
	a := open(t, "ssl = no")
	a.settings.IMAP.TLS, a.settings.IMAP.Port = mail.TLSStart, a.server.Port
	_, err := imap.Dial(t.Context(), a.settings)
	require.Error(t, err)
}

func TestAWrongPasswordIsARejectionWithoutThePassword(t *testing.T) {
	t.Parallel()
	a := open(t, "")
	a.settings.IMAP.Password = "wrong, ß"
	_, err := imap.Dial(t.Context(), a.settings)
	require.ErrorIs(t, err, mailbox.ErrRejected)
	require.NotContains(t, err.Error(), "wrong")
	require.NotContains(t, err.Error(), user)
}

func TestAMissingFolderIsNamed(t *testing.T) {
	t.Parallel()
	a := open(t, "")
	a.settings.Folder = "Nowhere"
	_, err := imap.Dial(t.Context(), a.settings)
	require.ErrorIs(t, err, mailbox.ErrRejected)
	refusal, ok := errors.AsType[*inbox.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "folder", refusal.Field)
}

func TestTooManyConnectionsAskForPatience(t *testing.T) {
	t.Parallel()
	a := open(t, "mail_max_userip_connections = 1")
	a.client(t)
	_, err := imap.Dial(t.Context(), a.settings)
	_, ok := errors.AsType[*mailbox.Throttled](err)
	require.True(t, ok, "%v", err)
	require.NotErrorIs(t, err, mailbox.ErrRejected)
}

func TestASilentServerIsLeftWithTheContext(t *testing.T) {
	t.Parallel()
	for _, mode := range []mail.TLS{mail.TLSImplicit, mail.TLSStart, mail.TLSNone} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(func() { _ = listener.Close() })
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				if _, err := listener.Accept(); err == nil {
					cancel()
				}
			}()
			settings := valid()
			settings.IMAP.Host, settings.IMAP.Port = "127.0.0.1", listener.Addr().(*net.TCPAddr).Port
			settings.IMAP.TLS = mode
			_, err = imap.Dial(ctx, settings)
			require.ErrorIs(t, err, context.Canceled)
		})
	}
}

func TestACancelledReadEndsTheConnection(t *testing.T) {
	t.Parallel()
	a := open(t, "")
	client := a.client(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client.Read(ctx, "")
	require.Error(t, err)
	_, err = client.Read(t.Context(), "")
	require.Error(t, err)
}

func TestBothServersAreTried(t *testing.T) {
	t.Parallel()
	a := open(t, "")
	a.settings.SMTP.Port = 1 // where nobody listens
	refusal, ok := errors.AsType[*inbox.Error](imap.Try(t.Context(), a.settings))
	require.True(t, ok)
	require.Equal(t, "smtp.host", refusal.Field)
}
