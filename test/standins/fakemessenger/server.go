// Package fakemessenger is a strict stand-in for Facebook's Graph API: it holds
// calls against the proof, the token, its own idea of the window, the tag and the
// length of a text, answers with Facebook's codes, and can fail as told.
package fakemessenger

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
	"unicode/utf8"

	"switchboard/channels/messenger/graph"
)

// Page is a page of the person who consents.
type Page struct{ ID, Name, Token string }

// Sent is a message that Facebook accepted.
type Sent struct {
	ID, PageID, Recipient, Type, Tag, Text, Metadata string
}

// Failure is how the next message fails.
type Failure struct {
	// Code and Subcode are answered before anything is done.
	Status, Code, Subcode int
	// Drop acts, and then breaks the connection off without an answer.
	Drop bool
}

// Server is Facebook for one application.
type Server struct {
	*httptest.Server
	appID, secret string

	mu         sync.Mutex
	pages      []Page
	wrote      map[string]time.Time
	sent       []Sent
	failures   []Failure
	subscribed map[string]bool
	profiles   map[string]string
}

// New returns a running server; the caller closes it. Version is the path below
// which it answers.
func New(appID, secret string, pages ...Page) *Server {
	s := &Server{
		appID: appID, secret: secret, pages: pages,
		wrote: map[string]time.Time{}, subscribed: map[string]bool{}, profiles: map[string]string{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v26.0/oauth/access_token", s.serveToken)
	mux.HandleFunc("GET /v26.0/me/accounts", s.serveAccounts)
	mux.HandleFunc("/v26.0/me/messenger_profile", s.servePage(s.serveProfile))
	mux.HandleFunc("/v26.0/{page}/subscribed_apps", s.servePage(s.serveSubscription))
	mux.HandleFunc("POST /v26.0/{page}/messages", s.servePage(s.serveMessage))
	s.Server = httptest.NewServer(mux)
	return s
}

// GraphURL is the API's base.
func (s *Server) GraphURL() string { return s.URL + "/v26.0" }

// Wrote tells Facebook that a person wrote to a page: the window opens.
func (s *Server) Wrote(pageID, contactID string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrote[pageID+":"+contactID] = at
}

// Fail has the next messages fail, one after the other.
func (s *Server) Fail(failures ...Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, failures...)
}

// Sent are the messages that were accepted.
func (s *Server) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Sent(nil), s.sent...)
}

// Subscribed reports whether a page's events are delivered to us.
func (s *Server) Subscribed(pageID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.subscribed[pageID]
}

// Greeting is what a page shows.
func (s *Server) Greeting(pageID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profiles[pageID]
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func refuse(w http.ResponseWriter, status, code, subcode int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"error":{"message":"No.","type":"OAuthException","code":%d,"error_subcode":%d}}`, code, subcode)
}

// servePage lets calls through that carry a page's token and the proof for it.
func (s *Server) servePage(serve func(http.ResponseWriter, *http.Request, Page)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, page := range s.pages {
			if r.Header.Get("Authorization") != "Bearer "+page.Token {
				continue
			}
			switch id := r.PathValue("page"); {
			case r.URL.Query().Get("appsecret_proof") != graph.Proof(s.secret, page.Token):
				refuse(w, http.StatusBadRequest, 100, 0)
			case id != "" && id != page.ID:
				refuse(w, http.StatusForbidden, 10, 0)
			default:
				serve(w, r, page)
			}
			return
		}
		refuse(w, http.StatusUnauthorized, 190, 0)
	}
}

// shortToken and userToken are what a code and then the short token are good for.
const code, shortToken, userToken = "a-code", "short-token", "user-token"

// Code is what Facebook sends a person back with.
func (*Server) Code() string { return code }

func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	switch {
	case query.Get("client_id") != s.appID || query.Get("client_secret") != s.secret:
		refuse(w, http.StatusBadRequest, 101, 0)
	case query.Get("grant_type") == "fb_exchange_token" && query.Get("fb_exchange_token") == shortToken:
		answer(w, map[string]any{"access_token": userToken, "token_type": "bearer"})
	case query.Get("code") == code && query.Get("redirect_uri") != "":
		answer(w, map[string]any{"access_token": shortToken, "token_type": "bearer", "expires_in": 3600})
	default:
		refuse(w, http.StatusBadRequest, 100, 0)
	}
}

func (s *Server) serveAccounts(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+userToken || r.URL.Query().Get("appsecret_proof") != graph.Proof(s.secret, userToken) {
		refuse(w, http.StatusUnauthorized, 190, 0)
		return
	}
	data := []graph.Page{}
	for _, page := range s.pages {
		data = append(data, graph.Page{ID: page.ID, Name: page.Name, Token: page.Token, Tasks: []string{"MANAGE", "MESSAGING"}})
	}
	answer(w, map[string]any{"data": data})
}

func (s *Server) serveProfile(w http.ResponseWriter, r *http.Request, page Page) {
	var body struct {
		Fields     []string
		GetStarted struct{ Payload string } `json:"get_started"`
		Greeting   []struct{ Locale, Text string }
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil || r.Method == http.MethodPost && body.GetStarted.Payload == "" {
		refuse(w, http.StatusBadRequest, 100, 0)
		return
	}
	if r.Method == http.MethodDelete {
		delete(s.profiles, page.ID)
	} else if len(body.Greeting) == 1 {
		s.profiles[page.ID] = body.Greeting[0].Text
	}
	answer(w, map[string]string{"result": "success"})
}

func (s *Server) serveSubscription(w http.ResponseWriter, r *http.Request, page Page) {
	switch {
	case r.Method == http.MethodDelete:
		delete(s.subscribed, page.ID)
	case r.Method == http.MethodPost && r.URL.Query().Get("subscribed_fields") != "":
		s.subscribed[page.ID] = true
	default:
		refuse(w, http.StatusBadRequest, 100, 0)
		return
	}
	answer(w, map[string]bool{"success": true})
}

func (s *Server) serveMessage(w http.ResponseWriter, r *http.Request, page Page) {
	var body struct {
		Recipient     struct{ ID string }
		MessagingType string `json:"messaging_type"`
		Tag           string
		Message       struct{ Text, Metadata string }
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil || body.Message.Text == "" || utf8.RuneCountInString(body.Message.Text) >= 2000 {
		refuse(w, http.StatusBadRequest, 100, 0)
		return
	}
	var failure Failure
	if len(s.failures) > 0 {
		failure, s.failures = s.failures[0], s.failures[1:]
	}
	if failure.Status != 0 {
		refuse(w, failure.Status, failure.Code, failure.Subcode)
		return
	}
	wrote, known := s.wrote[page.ID+":"+body.Recipient.ID]
	since := time.Since(wrote)
	switch {
	case !known:
		refuse(w, http.StatusBadRequest, 100, 2018001)
		return
	case body.MessagingType == "MESSAGE_TAG" && body.Tag != "HUMAN_AGENT", body.MessagingType != "MESSAGE_TAG" && body.MessagingType != "RESPONSE":
		refuse(w, http.StatusBadRequest, 100, 0)
		return
	case body.MessagingType == "RESPONSE" && since >= 24*time.Hour, since >= 7*24*time.Hour:
		refuse(w, http.StatusForbidden, 10, 2018278)
		return
	}
	sent := Sent{
		ID: fmt.Sprintf("m_out_%d", len(s.sent)+1), PageID: page.ID, Recipient: body.Recipient.ID,
		Type: body.MessagingType, Tag: body.Tag, Text: body.Message.Text, Metadata: body.Message.Metadata,
	}
	s.sent = append(s.sent, sent)
	if failure.Drop {
		panic(http.ErrAbortHandler)
	}
	answer(w, map[string]string{"recipient_id": sent.Recipient, "message_id": sent.ID})
}
