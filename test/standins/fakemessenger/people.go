package fakemessenger

import (
	"net/http"
)

// Person is somebody who writes; what is "" is kept from pages.
type Person struct{ FirstName, LastName string }

// Knows tells Facebook who somebody is.
func (s *Server) Knows(contactID string, person Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.people[contactID] = person
}

// servePerson answers who somebody is. Whoever never wrote to the page is nobody.
func (s *Server) servePerson(r *http.Request, page Page) (any, Failure) {
	id := r.PathValue("person")
	if _, wrote := s.wrote[page.ID+":"+id]; !wrote {
		return nil, Failure{Status: http.StatusBadRequest, Code: 100, Subcode: 33}
	}
	if r.URL.Query().Get("fields") == "" {
		return nil, Failure{Status: http.StatusBadRequest, Code: 100}
	}
	profile := map[string]string{}
	if person := s.people[id]; person.FirstName != "" {
		profile["id"], profile["first_name"], profile["last_name"] = id, person.FirstName, person.LastName
	}
	return profile, Failure{}
}
