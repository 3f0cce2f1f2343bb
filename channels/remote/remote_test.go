package remote_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/remote"
	"switchboard/inbox"
)

// picture begins like every PNG.
var picture = []byte("\x89PNG\r\n\x1a\nwith pixels")

// serve answers on loopback and returns its base, which counts its requests.
func serve(t *testing.T, handler http.HandlerFunc) (base string, asked *atomic.Int32) {
	t.Helper()
	asked = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

// wantFailure fails the test when err is not this failed try.
func wantFailure(t *testing.T, err error, code inbox.Code, outcome channels.Outcome) *channels.SendError {
	t.Helper()
	failure, ok := errors.AsType[*channels.SendError](err)
	require.True(t, ok, "not a SendError: %v", err)
	require.Equal(t, code, failure.Code, "%v", err)
	require.Equal(t, outcome, failure.Outcome, "%v", err)
	return failure
}

func TestAFileIsTypedByItsContentAndNamedAsTheProviderSays(t *testing.T) {
	t.Parallel()
	cases := []struct {
		what        string
		file        inbox.RemoteFile // its URL is the path
		header      http.Header
		data        []byte
		name, media string
	}{
		{"a picture of a known name", inbox.RemoteFile{URL: "/a/lamp.png?token=1"}, http.Header{"Content-Type": {"image/png"}},
			picture, "lamp.png", "image/png"},
		{"the provider's name", inbox.RemoteFile{URL: "/a/1", Name: "../lamp.png", ContentType: "image"}, nil, picture, "lamp.png", "image/png"},
		{"the storage's name", inbox.RemoteFile{URL: "/a/1"}, http.Header{
			"Content-Type": {"text/plain; charset=utf-8"}, "Content-Disposition": {`attachment; filename="bill.txt"`}},
			[]byte("one lamp"), "bill.txt", "text/plain"},
		{"no ending", inbox.RemoteFile{URL: "/a/MEdeadbeef"}, http.Header{"Content-Type": {"image/png"}}, picture, "MEdeadbeef.png", "image/png"},
		{"a name that deceives", inbox.RemoteFile{URL: "/a/1", Name: "lamp\u202Egnp.exe"}, nil, picture, "lampgnp.exe", "image/png"},
		{"an address that deceives", inbox.RemoteFile{URL: "/a/lamp%E2%80%AE%0d%0a%5cgnp.exe"}, nil, picture, "gnp.exe", "image/png"},
		{"no name", inbox.RemoteFile{URL: "/"}, http.Header{"Content-Type": {"image/png"}}, picture, "file.png", "image/png"},
		{"a page that is called a picture", inbox.RemoteFile{URL: "/lamp.png"}, http.Header{"Content-Type": {"image/png"}},
			[]byte("<html><script>alert(1)</script>"), "lamp.png", "text/html"},
	}
	for _, c := range cases {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			base, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				for name, values := range c.header {
					w.Header()[name] = values
				}
				_, _ = w.Write(c.data)
			})
			c.file.URL = base + c.file.URL
			got, err := remote.New([]string{base}).Fetch(t.Context(), c.file, nil)
			require.NoError(t, err)
			require.Equal(t, channels.File{Name: c.name, ContentType: c.media, Data: c.data}, got)
		})
	}
}

func TestAnswersThatAreNotTheFile(t *testing.T) {
	t.Parallel()
	cases := []struct {
		status  int
		outcome channels.Outcome
	}{
		{http.StatusNotFound, channels.Final},
		{http.StatusGone, channels.Final},
		{http.StatusForbidden, channels.Final},
		{http.StatusNoContent, channels.Final},
		{http.StatusUnauthorized, channels.Retry},
		{http.StatusTooManyRequests, channels.Retry},
		{http.StatusInternalServerError, channels.Retry},
		{http.StatusServiceUnavailable, channels.Retry},
	}
	for _, c := range cases {
		t.Run(http.StatusText(c.status), func(t *testing.T) {
			t.Parallel()
			base, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(c.status)
			})
			_, err := remote.New([]string{base}).Fetch(t.Context(), inbox.RemoteFile{URL: base}, nil)
			failure := wantFailure(t, err, inbox.CodeFileUnavailable, c.outcome)
			if c.outcome == channels.Retry {
				require.Equal(t, 7*time.Second, failure.RetryAfter)
			}
		})
	}
}

func TestAFileMayBeAsLargeAsTheLimitAndNoLarger(t *testing.T) {
	t.Parallel()
	const limit = 1000
	for _, announced := range []bool{true, false} {
		for size, fits := range map[int]bool{limit: true, limit + 1: false} {
			base, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if !announced {
					w.(http.Flusher).Flush() // the length is not known then
				}
				_, _ = w.Write(bytes.Repeat([]byte("x"), size))
			})
			_, err := remote.New([]string{base}, remote.MaxBytes(limit)).Fetch(t.Context(), inbox.RemoteFile{URL: base}, nil)
			if fits {
				require.NoError(t, err)
			} else {
				_ = wantFailure(t, err, inbox.CodeFileTooLarge, channels.Final)
			}
		}
	}
}

func TestAFileThatDoesNotComeIsTriedAgain(t *testing.T) {
	t.Parallel()
	stalled := make(chan struct{})
	base, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		<-stalled
	})
	t.Cleanup(func() { close(stalled) })
	_, err := remote.New([]string{base}, remote.Timeout(100*time.Millisecond)).Fetch(t.Context(), inbox.RemoteFile{URL: base}, nil)
	_ = wantFailure(t, err, inbox.CodeFileUnavailable, channels.Retry)

	cut, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("half"))
	})
	_, err = remote.New([]string{cut}).Fetch(t.Context(), inbox.RemoteFile{URL: cut}, nil)
	_ = wantFailure(t, err, inbox.CodeFileUnavailable, channels.Retry)

	_, err = remote.New([]string{"http://127.0.0.1:1"}).Fetch(t.Context(), inbox.RemoteFile{URL: "http://127.0.0.1:1/?token=secret"}, nil)
	failure := wantFailure(t, err, inbox.CodeFileUnavailable, channels.Retry)
	require.NotContains(t, failure.Error(), "secret")
}

// The listener is real: a guard that only looked at the text of an address would
// reach it by a name, or by another way to write the address.
func TestOurOwnNetworkIsNotReached(t *testing.T) {
	t.Parallel()
	base, asked := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("secret")) })
	port := base[strings.LastIndex(base, ":"):]
	for _, address := range []string{
		base, "http://localhost" + port, "http://0.0.0.0" + port, "http://[::1]" + port, "http://[::ffff:127.0.0.1]" + port,
		"http://[::]" + port, "http://10.0.0.1", "http://172.16.0.1", "http://192.168.1.1", "http://100.64.0.1",
		"http://169.254.169.254/latest/meta-data", "http://168.63.129.16", "http://[fd00:ec2::254]", "http://[fe80::1%25lo]",
		"http://[64:ff9b::7f00:1]", "http://[2002:7f00:1::]", "http://224.0.0.1", "http://255.255.255.255", "http://192.0.2.1",
		"ftp://example.com/a", "file:///etc/passwd", "http:///a", "gopher://127.0.0.1" + port, "//example.com", "\x7f",
	} {
		_, err := remote.New([]string{"http://127.0.0.1:1"}).Fetch(t.Context(), inbox.RemoteFile{URL: address}, nil)
		_ = wantFailure(t, err, inbox.CodeFileRefused, channels.Final)
	}
	require.Zero(t, asked.Load())
}

func TestARedirectLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	inner, asked := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("secret")) })
	loops := 0
	for _, target := range []string{inner, "http://169.254.169.254/", "file:///etc/passwd", "loop"} {
		var base string
		base, _ = serve(t, func(w http.ResponseWriter, r *http.Request) {
			to := target
			if target == "loop" {
				loops++
				to = base
			}
			http.Redirect(w, r, to, http.StatusFound)
		})
		_, err := remote.New([]string{base}).Fetch(t.Context(), inbox.RemoteFile{URL: base}, nil)
		_ = wantFailure(t, err, inbox.CodeFileRefused, channels.Final)
	}
	require.Zero(t, asked.Load())
	require.LessOrEqual(t, loops, 6)
}

func TestALoginStaysWithItsHost(t *testing.T) {
	t.Parallel()
	var atStorage, atProvider string
	storage, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		atStorage = r.Header.Get("Authorization")
		_, _ = w.Write(picture)
	})
	storage = strings.Replace(storage, "127.0.0.1", "localhost", 1)
	provider, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		atProvider = r.Header.Get("Authorization")
		http.Redirect(w, r, storage+"/lamp.png", http.StatusTemporaryRedirect)
	})
	_, err := remote.New([]string{provider, storage}).Fetch(t.Context(), inbox.RemoteFile{URL: provider},
		func(r *http.Request) { r.SetBasicAuth("AC1", "token") })
	require.NoError(t, err)
	require.NotEmpty(t, atProvider)
	require.Empty(t, atStorage)
}
