// Package demo has the pages on which one person plays both sides: a small shop with
// the chat widget and the form, and beside it a bare view for an agent. They use
// nothing but the public contract, and the demo agents' tokens.
package demo

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

//go:embed site
var embedded embed.FS

// policy lets the pages run what this server serves and nothing else: the widget
// has to live with what a careful website allows it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; " +
	"img-src 'self' data: blob:; media-src blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"

// Site serves the pages. Its data comes when it is there.
type Site struct {
	files http.Handler
	data  atomic.Pointer[[]byte]
}

// New returns a site for the path /dev/.
func New() *Site {
	files, err := fs.Sub(embedded, "site")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return &Site{files: http.StripPrefix("/dev", http.FileServerFS(files))}
}

// Show sets what the pages know of the demo data, as JSON.
func (s *Site) Show(data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	s.data.Store(&raw)
	return nil
}

// ServeHTTP answers with a page, or a part of one.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "same-origin")
	w.Header().Set("Cache-Control", "no-store")
	switch r.URL.Path {
	case "/dev/data.json":
		data := s.data.Load()
		if data == nil {
			http.Error(w, "The demo data is not there yet.", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(*data) // nobody is left to tell
		return
	case "/dev/agent", "/dev/preview":
		r = r.Clone(r.Context())
		r.URL.Path += ".html"
	}
	s.files.ServeHTTP(w, r)
}

// Local refuses callers that are not on this machine: pages of dev hold tokens and
// what people wrote, also while a tunnel leads providers to this server. Host keeps
// out the websites that have their name point here.
func Local(page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLocal(r) {
			http.Error(w, "This page is for people at this machine.", http.StatusForbidden)
			return
		}
		page.ServeHTTP(w, r)
	})
}

func isLocal(r *http.Request) bool {
	for name := range r.Header {
		if name == "Forwarded" || strings.HasPrefix(name, "X-Forwarded-") {
			return false
		}
	}
	remote, _, err := net.SplitHostPort(r.RemoteAddr)
	host := (&url.URL{Host: r.Host}).Hostname()
	return err == nil && isLoopback(remote) && isLoopback(host)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
