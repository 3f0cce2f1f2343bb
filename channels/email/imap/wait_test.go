package imap_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// never is longer than any test runs.
const never = 24 * time.Hour

func TestWaitingEndsWhenMailComes(t *testing.T) {
	t.Parallel()
	for name, extra := range map[string]string{
		"told by the server": "",
		"by asking":          "imap_capability = IMAP4rev1 SASL-IR LITERAL+ UIDPLUS",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t, extra)
			program, client := a.server.Program(t, user), a.client(t)
			cursor := read(t, client, "").Cursor
			program.Deliver("INBOX", letter("before we wait"))
			require.NoError(t, client.Wait(t.Context(), never))
			batch := read(t, client, cursor)
			require.Equal(t, []string{"before we wait"}, subjects(batch))

			if extra == "" {
				woken := make(chan error, 1)
				go func() { woken <- client.Wait(t.Context(), never) }()
				program.Deliver("INBOX", letter("while we wait"))
				require.NoError(t, <-woken)
				require.Equal(t, []string{"while we wait"}, subjects(read(t, client, batch.Cursor)))
			}
		})
	}
}

func TestWaitingEndsAtItsTimeout(t *testing.T) {
	t.Parallel()
	a := open(t, "")
	client := a.client(t)
	require.NoError(t, client.Wait(t.Context(), time.Millisecond))
	require.Empty(t, read(t, client, "").Messages, "the client is still of use")
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	a := open(t, "")
	client := a.client(t)
	ctx, cancel := context.WithCancel(t.Context())
	woken := make(chan error, 1)
	go func() { woken <- client.Wait(ctx, never) }()
	cancel()
	require.ErrorIs(t, <-woken, context.Canceled)
}

func TestWaitingEndsWithTheConnection(t *testing.T) {
	t.Parallel()
	a := open(t, "")
	client := a.client(t)
	woken := make(chan error, 1)
	go func() { woken <- client.Wait(t.Context(), never) }()
	a.server.Stop()
	require.Error(t, <-woken)
	_, err := client.Read(t.Context(), "")
	require.Error(t, err)
}
