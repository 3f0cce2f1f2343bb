package rest_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/email/mailbox"
	"switchboard/channels/email/mailbox/rest"
)

func serve(t *testing.T, answer http.HandlerFunc) (*rest.API, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	api, err := rest.New(server.URL, server.Client())
	require.NoError(t, err)
	return api, server
}

func TestOnlyARequestThatLeftMayHaveBeenActedOn(t *testing.T) {
	t.Parallel()
	submit := func(t *testing.T, api *rest.API) *channels.SendError {
		t.Helper()
		err := api.Submit(t.Context(), rest.Request{Method: http.MethodPost, Path: "/send", Body: []byte("mail")}, &struct{}{})
		failed, ok := errors.AsType[*channels.SendError](err)
		require.True(t, ok, "%v", err)
		return failed
	}
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		api, server := serve(t, nil)
		server.Close()
		require.Equal(t, channels.Retry, submit(t, api).Outcome)
	})
	t.Run("no answer", func(t *testing.T) {
		t.Parallel()
		api, _ := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		require.Equal(t, channels.Unknown, submit(t, api).Outcome)
	})
	t.Run("half an answer", func(t *testing.T) {
		t.Parallel()
		api, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = fmt.Fprint(w, `{"id":`)
		})
		require.Equal(t, channels.Unknown, submit(t, api).Outcome)
	})
	t.Run("an answer that is not JSON", func(t *testing.T) {
		t.Parallel()
		api, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "team@example.com") })
		failed := submit(t, api)
		require.Equal(t, channels.Unknown, failed.Outcome)
		require.NotContains(t, failed.Error(), "team@example.com")
	})
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	api, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, strings.Repeat("a", 1<<20+1)) })
	_, err := api.Do(t.Context(), rest.Request{Method: http.MethodGet, Path: "/"})
	require.EqualError(t, err, "the answer is larger than 1048576 bytes")
	body, err := api.Do(t.Context(), rest.Request{Method: http.MethodGet, Path: "/", Limit: 1<<20 + 1})
	require.NoError(t, err)
	require.Len(t, body, 1<<20+1)
}

func TestAWishToWaitIsReadAsSecondsAndAsADate(t *testing.T) {
	t.Parallel()
	for header, wait := range map[string]bool{
		"120": true,
		time.Now().Add(2 * time.Minute).UTC().Format(http.TimeFormat): true,
		"soon": false,
		"-1":   false,
	} {
		api, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", header)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		_, err := api.Do(t.Context(), rest.Request{Method: http.MethodGet, Path: "/"})
		throttled, ok := errors.AsType[*mailbox.Throttled](err)
		require.True(t, ok, header)
		require.Equal(t, wait, throttled.After > time.Minute && throttled.After <= 2*time.Minute, header)
	}
}

func TestAnErrorNamesNoAddress(t *testing.T) {
	t.Parallel()
	api, server := serve(t, nil)
	server.Close()
	_, err := api.Do(t.Context(), rest.Request{Method: http.MethodGet, Path: "/messages?q=grace@example.com"})
	require.Error(t, err)
	require.NotContains(t, err.Error(), "grace")
}
