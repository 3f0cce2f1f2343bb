package fakemessenger

import (
	"net/http"

	"switchboard/channels/messenger/graph"
)

// shortToken and userToken are what a code and then the short token are good for.
const code, shortToken, userToken = "a-code", "short-token", "user-token"

// Code is what Facebook sends a person back with.
func (*Server) Code() string { return code }

func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	switch {
	case query.Get("client_id") != s.appID || query.Get("client_secret") != s.secret:
		refuse(w, Failure{Status: http.StatusBadRequest, Code: 101})
	case query.Get("grant_type") == "fb_exchange_token" && query.Get("fb_exchange_token") == shortToken:
		answer(w, map[string]any{"access_token": userToken, "token_type": "bearer"})
	case query.Get("code") == code && query.Get("redirect_uri") != "":
		answer(w, map[string]any{"access_token": shortToken, "token_type": "bearer", "expires_in": 3600})
	default:
		refuse(w, Failure{Status: http.StatusBadRequest, Code: 100})
	}
}

func (s *Server) serveAccounts(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+userToken || r.URL.Query().Get("appsecret_proof") != graph.Proof(s.secret, userToken) {
		refuse(w, Failure{Status: http.StatusUnauthorized, Code: 190})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	data := []graph.Page{}
	for _, page := range s.pages {
		data = append(data, graph.Page{ID: page.ID, Name: page.Name, Token: page.Token, Tasks: []string{"MANAGE", "MESSAGING"}})
	}
	answer(w, map[string]any{"data": data})
}
