// Package outbox stands where providers would be that are not connected during
// development: it takes what would have gone to them, shows it, answers as they do
// when all is well, and sends back what they would tell us.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"switchboard/cmd/dev/journal"
)

// stopTimeout bounds how long a stop waits for requests under way.
const stopTimeout = 5 * time.Second

// Options says who the outbox is to us.
type Options struct {
	// Address is where it listens, host:port.
	Address string
	// Dir holds outbox.jsonl, one request a line; it must exist.
	Dir string
	// APIURL is where we take in the providers' webhooks, PublicURL what Twilio
	// believes that address to be.
	APIURL, PublicURL string
	Facebook          Facebook
	Twilio            Twilio
	Log               *slog.Logger
}

// Outbox is a running server.
type Outbox struct {
	options  Options
	requests *journal.Journal[Request]
	http     *http.Server
	listener net.Listener
	// background are the server and what is being sent back; it ends with stop.
	background sync.WaitGroup
	context    context.Context
	stop       context.CancelFunc
}

// Start returns when the outbox listens. What an earlier one in the folder took is
// there again.
func Start(ctx context.Context, options Options) (*Outbox, error) {
	requests, err := journal.Open[Request](filepath.Join(options.Dir, "outbox.jsonl"))
	if err != nil {
		return nil, fmt.Errorf("open outbox: %w", err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", options.Address)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for the outbox: %w", err), requests.Close())
	}
	o := &Outbox{options: options, requests: requests, listener: listener}
	o.context, o.stop = context.WithCancel(context.WithoutCancel(ctx))
	mux := http.NewServeMux()
	o.standForFacebook(mux)
	o.standForTwilio(mux)
	o.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	o.background.Go(func() {
		if err := o.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			options.Log.ErrorContext(o.context, "outbox ended", "error", err)
		}
	})
	return o, nil
}

// URL is where every provider seems to be.
func (o *Outbox) URL() string { return "http://" + o.listener.Addr().String() }

// Stop ends the server; what was not sent back yet never is.
func (o *Outbox) Stop() {
	o.stop()
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	err := o.http.Shutdown(ctx)
	o.background.Wait()
	if err := errors.Join(err, o.requests.Close()); err != nil {
		o.options.Log.Warn("outbox did not stop cleanly", "error", err)
	}
}

// reply is how a provider answers, and what it tells us afterwards.
type reply struct {
	status int
	body   any
	after  []callback
}

// ok is what a provider answers when all is well.
func ok(body any, after ...callback) reply { return reply{http.StatusOK, body, after} }

// stand answers for a provider and keeps what it was asked.
func (o *Outbox) stand(provider Provider, answer func(*http.Request, Request) reply) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		request, err := read(provider, r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		given := answer(r, request)
		request.Answer = Answer{Status: given.status, Body: given.body}
		if err := o.requests.Keep(request); err != nil {
			o.options.Log.ErrorContext(r.Context(), "request not kept", "error", err)
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		writeJSON(w, given.status, given.body)
		if len(given.after) > 0 {
			o.background.Go(func() { o.sendBack(given.after) })
		}
	}
}
