package fakegraph

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, serve := range map[string]http.HandlerFunc{
		"GET /v1.0/me": s.serveMe,
		"GET /v1.0/me/mailFolders/{folder}/messages/delta":            s.serveDelta,
		"GET /v1.0/me/{folder}/messages/delta":                        s.serveDelta,
		"GET /v1.0/me/mailFolders/{folder}/messages":                  s.serveList,
		"GET /v1.0/me/messages":                                       s.serveList,
		"POST /v1.0/me/messages":                                      s.serveCreate,
		"GET /v1.0/me/messages/{id}/$value":                           s.serveValue,
		"POST /v1.0/me/messages/{id}/createReply":                     s.serveCreateReply,
		"POST /v1.0/me/messages/{id}/send":                            s.serveSend,
		"POST /v1.0/me/messages/{id}/attachments":                     s.serveAttach,
		"POST /v1.0/me/messages/{id}/attachments/createUploadSession": s.serveUploadSession,
		"PATCH /v1.0/me/messages/{id}":                                s.servePatch,
		"DELETE /v1.0/me/messages/{id}":                               s.serveDelete,
		"POST /v1.0/subscriptions":                                    s.serveSubscribe,
		"PATCH /v1.0/subscriptions/{id}":                              s.serveRenew,
		"DELETE /v1.0/subscriptions/{id}":                             s.serveUnsubscribe,
	} {
		mux.Handle(pattern, s.checked(serve))
	}
	mux.HandleFunc("PUT /uploads/{session}", s.serveUpload)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.complain(w, "%s %s is not known", r.Method, r.URL.Path)
	})
	return mux
}

// checked has a request authorised and its common headers checked.
func (s *Server) checked(serve http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || !s.accept(token) {
			fail(w, http.StatusUnauthorized, "InvalidAuthenticationToken")
			return
		}
		preferences := strings.Split(r.Header.Get("Prefer"), ", ")
		if strings.Contains(r.URL.Path, "/messages") && !slices.Contains(preferences, `IdType="ImmutableId"`) {
			s.complain(w, "%s does not ask for immutable ids", r.URL.Path)
			return
		}
		for _, preference := range preferences {
			if preference != "" && preference != `IdType="ImmutableId"` && !maxPageSize.MatchString(preference) {
				s.complain(w, "preference %q is not known", preference)
				return
			}
		}
		if r.ContentLength > 4<<20 {
			// learn.microsoft.com/graph/api/user-post-messages
			fail(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge")
			return
		}
		serve(w, r)
	})
}

// allowed checks the names of the query options.
func (s *Server) allowed(w http.ResponseWriter, r *http.Request, options ...string) bool {
	for option := range r.URL.Query() {
		if !slices.Contains(options, option) {
			s.complain(w, "query option %s is not known for %s", option, r.URL.Path)
			return false
		}
	}
	return true
}

// selected shows the selected properties of a message.
func (s *Server) selected(m *message, properties string) map[string]any {
	shown := map[string]any{"@odata.etag": `W/"1"`, "id": m.id}
	if properties == "" {
		properties = "receivedDateTime,internetMessageId,conversationId,isDraft,isRead,subject"
	}
	for property := range strings.SplitSeq(properties, ",") {
		value, known := m.value(property)
		if !known {
			s.t.Errorf("fakegraph: messages have no property %q here", property)
		}
		shown[property] = value
	}
	return shown
}

// complain fails the test: the request is against the documentation.
func (s *Server) complain(w http.ResponseWriter, format string, arguments ...any) {
	s.t.Errorf("fakegraph: "+format, arguments...)
	fail(w, http.StatusBadRequest, "BadRequest")
}

// fail answers as Graph words errors (learn.microsoft.com/graph/errors).
func fail(w http.ResponseWriter, status int, code string) {
	answer(w, status, map[string]any{"error": map[string]any{
		"code": code, "message": "About " + Address + ".", "innerError": map[string]string{"date": "2026-11-23T12:00:00"},
	}})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if body != nil {
		if err := json.NewEncoder(w).Encode(body); err != nil {
			panic(fmt.Sprintf("fakegraph: %v", err))
		}
	}
}

func (s *Server) serveMe(w http.ResponseWriter, r *http.Request) {
	if s.allowed(w, r, "$select") {
		answer(w, http.StatusOK, map[string]string{
			"id": "fake-user", "displayName": Name, "mail": Address, "userPrincipalName": Address,
		})
	}
}
