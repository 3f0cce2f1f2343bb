package fakemessenger

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxGreeting is how many characters a greeting has at the most.
const maxGreeting = 160

// profile is what a page shows before somebody writes.
type profile struct {
	greeting   string
	getStarted bool
}

// Greeting is what a page shows.
func (s *Server) Greeting(pageID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profiles[pageID].greeting
}

// GetStarted reports whether a page shows the button.
func (s *Server) GetStarted(pageID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profiles[pageID].getStarted
}

func (s *Server) serveProfile(r *http.Request, page Page) (any, Failure) {
	var body struct {
		Fields     []string
		GetStarted struct{ Payload string } `json:"get_started"`
		Greeting   []struct{ Locale, Text string }
	}
	bad := Failure{Status: http.StatusBadRequest, Code: 100}
	if json.NewDecoder(r.Body).Decode(&body) != nil {
		return nil, bad
	}
	shown := s.profiles[page.ID]
	switch r.Method {
	case http.MethodDelete:
		if !slices.Equal(body.Fields, []string{"greeting"}) {
			return nil, bad
		}
		shown.greeting = ""
	case http.MethodPost:
		if len(body.Greeting) > 1 || body.GetStarted.Payload == "" && len(body.Greeting) == 0 {
			return nil, bad
		}
		for _, greeting := range body.Greeting {
			if greeting.Locale != "default" || greeting.Text == "" || utf8.RuneCountInString(greeting.Text) > maxGreeting {
				return nil, bad
			}
			shown.greeting = greeting.Text
		}
		shown.getStarted = shown.getStarted || body.GetStarted.Payload != ""
	default:
		return nil, bad
	}
	s.profiles[page.ID] = shown
	return map[string]string{"result": "success"}, Failure{}
}

// Subscribed reports whether a page's events are delivered to us.
func (s *Server) Subscribed(pageID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.subscribed[pageID]) > 0
}

// Unsubscribe ends the delivery of a page's events, as Facebook does when they could
// not be delivered for long.
func (s *Server) Unsubscribe(pageID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.subscribed, pageID)
}

func (s *Server) serveSubscription(r *http.Request, page Page) (any, Failure) {
	switch fields := r.URL.Query().Get("subscribed_fields"); {
	case r.Method == http.MethodGet:
		apps := []any{}
		if given := s.subscribed[page.ID]; len(given) > 0 {
			apps = append(apps, map[string]any{"id": s.appID, "name": "Switchboard", "subscribed_fields": given})
		}
		return map[string]any{"data": apps}, Failure{}
	case r.Method == http.MethodDelete:
		delete(s.subscribed, page.ID)
	case r.Method == http.MethodPost && fields != "":
		s.subscribed[page.ID] = strings.Split(fields, ",")
	default:
		return nil, Failure{Status: http.StatusBadRequest, Code: 100}
	}
	return map[string]bool{"success": true}, Failure{}
}
