package serve

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// served returns a connection to a server that is as patient as ours but for what a
// test hurries.
func served(t *testing.T, hurry func(*http.Server)) net.Conn {
	t.Helper()
	server := httpServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	hurry(server)
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	return conn
}

func TestAHeaderThatNeverEndsIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	conn := served(t, func(server *http.Server) { server.ReadHeaderTimeout /= 100 })
	go func() {
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n"); err != nil {
			return
		}
		drip := time.NewTicker(10 * time.Millisecond)
		defer drip.Stop()
		for range drip.C {
			if _, err := io.WriteString(conn, "X-Drip: x\r\n"); err != nil {
				return
			}
		}
	}()
	_, err := io.ReadAll(conn)
	timeout, ok := err.(net.Error)
	require.False(t, ok && timeout.Timeout(), "the connection is still open")
}

func TestASilentConnectionIsClosed(t *testing.T) {
	t.Parallel()
	conn := served(t, func(server *http.Server) { server.IdleTimeout /= 1000 })
	_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err, "the connection is still open")
	require.Contains(t, string(answer), "200 OK")
}

func TestALargeHeaderIsRefused(t *testing.T) {
	t.Parallel()
	conn := served(t, func(*http.Server) {})
	go func() { // the server hangs up before it has all
		_, _ = fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Large: %s\r\n\r\n", strings.Repeat("x", 2*maxHeader))
	}()
	answer := make([]byte, len("HTTP/1.1 431"))
	_, err := io.ReadFull(conn, answer)
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 431", string(answer))
}
