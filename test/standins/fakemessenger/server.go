// Package fakemessenger is a strict stand-in for Facebook's Graph API: it holds
// calls against the proof, the token, its own idea of the window, the tag, the rate
// and the limits of what is sent, answers with Facebook's codes, delivers signed
// webhooks of what happens, and can fail as told.
package fakemessenger

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"

	"switchboard/channels/messenger/graph"
)

// Page is a page of the person who consents.
type Page struct{ ID, Name, Token string }

// What can be made to fail.
const (
	Messages      = "messages"
	Uploads       = "message_attachments"
	Profile       = "messenger_profile"
	Subscriptions = "subscribed_apps"
	People        = "people"
)

// Failure is how a call fails.
type Failure struct {
	// Status, Code and Subcode are answered before anything is done; 0 does what is
	// asked. RetryAfter is what is said then about when to come again, if anything.
	Status, Code, Subcode int
	RetryAfter            time.Duration
	// Drop acts, and then breaks the connection off without an answer.
	Drop bool
	// Slow acts, and answers after that time only, unless the caller has gone.
	Slow time.Duration
}

// Server is Facebook for one application.
type Server struct {
	*httptest.Server
	appID, secret string
	webhooks      webhooks

	mu         sync.Mutex
	now        func() time.Time
	pages      []Page
	people     map[string]Person
	asked      map[string]int
	wrote      map[string]time.Time
	sent       []Sent
	uploads    map[string]upload
	failures   map[string][]Failure
	standing   map[string]Failure
	rates      map[string]*rate
	subscribed map[string][]string
	profiles   map[string]profile
}

// New returns a running server; the caller closes it.
func New(appID, secret string, pages ...Page) *Server {
	s := &Server{
		appID: appID, secret: secret, pages: pages, now: time.Now,
		people: map[string]Person{}, asked: map[string]int{}, wrote: map[string]time.Time{}, uploads: map[string]upload{},
		failures: map[string][]Failure{}, standing: map[string]Failure{}, rates: map[string]*rate{},
		subscribed: map[string][]string{}, profiles: map[string]profile{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v26.0/oauth/access_token", s.serveToken)
	mux.HandleFunc("GET /v26.0/me/accounts", s.serveAccounts)
	mux.HandleFunc("GET /v26.0/{person}", s.servePage(People, s.servePerson))
	mux.HandleFunc("/v26.0/me/messenger_profile", s.servePage(Profile, s.serveProfile))
	mux.HandleFunc("/v26.0/{page}/subscribed_apps", s.servePage(Subscriptions, s.serveSubscription))
	mux.HandleFunc("POST /v26.0/{page}/message_attachments", s.servePage(Uploads, s.serveUpload))
	mux.HandleFunc("POST /v26.0/{page}/messages", s.servePage(Messages, s.serveMessage))
	s.Server = httptest.NewServer(mux)
	return s
}

// Close ends the server and its deliveries.
func (s *Server) Close() {
	s.webhooks.close()
	s.Server.Close()
}

// GraphURL is the API's base.
func (s *Server) GraphURL() string { return s.URL + "/v26.0" }

// Clock has windows judged by another clock.
func (s *Server) Clock(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// Fail has the next messages fail, one after the other.
func (s *Server) Fail(failures ...Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures[Messages] = append(s.failures[Messages], failures...)
}

// Refuse has all calls of a kind fail; the zero failure ends that.
func (s *Server) Refuse(kind string, failure Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.standing[kind] = failure
}

// Asked counts the calls of a kind that carried a token and its proof.
func (s *Server) Asked(kind string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[kind]
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func refuse(w http.ResponseWriter, failure Failure) {
	w.Header().Set("Content-Type", "application/json")
	if failure.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(failure.RetryAfter.Seconds())))
	}
	w.WriteHeader(failure.Status)
	_, _ = fmt.Fprintf(w, `{"error":{"message":"No.","type":"OAuthException","code":%d,"error_subcode":%d}}`, failure.Code, failure.Subcode)
}

// servePage lets calls through that carry a page's token and the proof for it. What
// is served with the lock held answers by what it returns: a failure, or a value.
func (s *Server) servePage(kind string, serve func(*http.Request, Page) (any, Failure)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page, failure := s.pageOf(r)
		if failure.Status != 0 {
			refuse(w, failure)
			return
		}
		value, failure := s.act(kind, r, page, serve)
		switch {
		case failure.Status != 0:
			refuse(w, failure)
			return
		case failure.Drop:
			panic(http.ErrAbortHandler)
		case failure.Slow > 0:
			select {
			case <-time.After(failure.Slow):
			case <-r.Context().Done():
			}
		}
		answer(w, value)
	}
}

func (s *Server) act(
	kind string, r *http.Request, page Page, serve func(*http.Request, Page) (any, Failure),
) (value any, failure Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[kind]++
	failure = s.standing[kind]
	if next := s.failures[kind]; failure == (Failure{}) && len(next) > 0 {
		failure, s.failures[kind] = next[0], next[1:]
	}
	if failure.Status != 0 {
		return nil, failure
	}
	value, refused := serve(r, page)
	if refused.Status != 0 {
		return nil, refused
	}
	return value, failure
}

func (s *Server) pageOf(r *http.Request) (Page, Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, page := range s.pages {
		if r.Header.Get("Authorization") != "Bearer "+page.Token {
			continue
		}
		switch id := r.PathValue("page"); {
		case r.URL.Query().Get("appsecret_proof") != graph.Proof(s.secret, page.Token):
			return Page{}, Failure{Status: http.StatusBadRequest, Code: 100}
		case id != "" && id != page.ID:
			return Page{}, Failure{Status: http.StatusForbidden, Code: 10}
		default:
			return page, Failure{}
		}
	}
	return Page{}, Failure{Status: http.StatusUnauthorized, Code: 190}
}

// Revoke has a page's token no longer accepted.
func (s *Server) Revoke(pageID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, page := range s.pages {
		if page.ID == pageID {
			s.pages[i].Token = ""
		}
	}
}
