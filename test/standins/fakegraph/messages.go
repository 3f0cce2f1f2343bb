package fakegraph

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	byMessageID = regexp.MustCompile(`^internetMessageId eq '((?:[^']|'')*)'$`)
	byProperty  = regexp.MustCompile(`^singleValueExtendedProperties/Any\(ep: ep/id eq '((?:[^']|'')*)' and ep/value eq '((?:[^']|'')*)'\)$`)
	// propertyID is the form of an extended property's id
	// (learn.microsoft.com/graph/api/resources/extended-properties-overview).
	propertyID = regexp.MustCompile(`^(String|Integer|Boolean|SystemTime) (\{[0-9a-fA-F-]{36}\} (Name \S+|Id 0x[0-9a-fA-F]+)|0x[0-9a-fA-F]+)$`)
)

// serveList is List messages, of a folder or of all.
func (s *Server) serveList(w http.ResponseWriter, r *http.Request) {
	if !s.allowed(w, r, "$select", "$filter", "$orderby", "$top") {
		return
	}
	query := r.URL.Query()
	matches, known := filter(query.Get("$filter"))
	if !known {
		s.complain(w, "filter %s is not known", query.Get("$filter"))
		return
	}
	list := s.in(r.PathValue("folder"))
	switch query.Get("$orderby") {
	case "":
	case "receivedDateTime desc":
		slices.Reverse(list)
	default:
		s.complain(w, "order %s is not known", query.Get("$orderby"))
		return
	}
	top := 10
	if query.Has("$top") {
		top, _ = strconv.Atoi(query.Get("$top"))
	}
	values := []map[string]any{}
	for _, m := range list {
		if matches(m) && len(values) < top {
			values = append(values, s.selected(m, query.Get("$select")))
		}
	}
	answer(w, http.StatusOK, map[string]any{"value": values})
}

func filter(text string) (matches func(*message) bool, known bool) {
	unquoted := func(quoted string) string { return strings.ReplaceAll(quoted, "''", "'") }
	if text == "" {
		return func(*message) bool { return true }, true
	}
	if f := byMessageID.FindStringSubmatch(text); f != nil {
		return func(m *message) bool { return m.internetMessageID == unquoted(f[1]) }, true
	}
	if f := byProperty.FindStringSubmatch(text); f != nil && propertyID.MatchString(unquoted(f[1])) {
		return func(m *message) bool {
			value, has := m.properties[unquoted(f[1])]
			return has && strings.EqualFold(value, unquoted(f[2]))
		}, true
	}
	return nil, false
}

// item returns the message a path names, or answers that there is none.
func (s *Server) item(w http.ResponseWriter, r *http.Request) (*message, bool) {
	m, found := s.messages[r.PathValue("id")]
	if !found {
		fail(w, http.StatusNotFound, "ErrorItemNotFound")
	}
	return m, found
}

// serveValue is Get MIME content.
func (s *Server) serveValue(w http.ResponseWriter, r *http.Request) {
	if m, found := s.item(w, r); found && s.allowed(w, r) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write(m.mime())
	}
}

// serveCreate is Create message in MIME.
func (s *Server) serveCreate(w http.ResponseWriter, r *http.Request) {
	if raw, ok := s.mimeBody(w, r); ok {
		answer(w, http.StatusCreated, s.selected(s.compose(raw), ""))
	}
}

// serveCreateReply is message: createReply in MIME.
func (s *Server) serveCreateReply(w http.ResponseWriter, r *http.Request) {
	answered, found := s.item(w, r)
	if !found {
		return
	}
	if raw, ok := s.mimeBody(w, r); ok {
		m := s.compose(raw)
		m.conversationID = answered.conversationID
		answer(w, http.StatusCreated, s.selected(m, ""))
	}
}

func (s *Server) mimeBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	if !s.allowed(w, r) {
		return nil, false
	}
	if r.Header.Get("Content-Type") != "text/plain" {
		s.complain(w, "a draft in %q is not known", r.Header.Get("Content-Type"))
		return nil, false
	}
	raw, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, r.Body))
	if err != nil {
		fail(w, http.StatusBadRequest, "ErrorMimeContentInvalidBase64String")
		return nil, false
	}
	if header := (&message{raw: raw}).header(); header.Get("To") == "" || header.Get("From") == "" {
		s.complain(w, "a draft without From or To")
		return nil, false
	}
	return raw, true
}

// servePatch is Update message.
func (s *Server) servePatch(w http.ResponseWriter, r *http.Request) {
	m, found := s.item(w, r)
	if !found || !s.allowed(w, r) {
		return
	}
	var update struct {
		InternetMessageID *string                      `json:"internetMessageId"`
		Properties        []struct{ ID, Value string } `json:"singleValueExtendedProperties"`
	}
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&update); err != nil || r.Header.Get("Content-Type") != "application/json" {
		s.complain(w, "an update that is not known: %v", err)
		return
	}
	if update.InternetMessageID != nil {
		if !m.isDraft {
			fail(w, http.StatusBadRequest, "ErrorInvalidPropertySet")
			return
		}
		m.internetMessageID = *update.InternetMessageID
	}
	for _, property := range update.Properties {
		if !propertyID.MatchString(property.ID) {
			s.complain(w, "extended property %q has no valid id", property.ID)
			return
		}
		m.properties[property.ID] = property.Value
	}
	s.changed(m, "")
	answer(w, http.StatusOK, s.selected(m, ""))
}

// serveSend is message: send.
func (s *Server) serveSend(w http.ResponseWriter, r *http.Request) {
	m, found := s.item(w, r)
	if !found || !s.allowed(w, r) {
		return
	}
	from, err := mail.ParseAddress(m.header().Get("From"))
	switch {
	case r.ContentLength != 0:
		s.complain(w, "send takes no body")
	case m.folder != draftsFolder:
		fail(w, http.StatusBadRequest, "ErrorInvalidOperation")
	case err != nil || from.Address != Address:
		fail(w, http.StatusForbidden, "ErrorSendAsDenied")
	case s.holding:
		s.move(m, outboxFolder)
		answer(w, http.StatusAccepted, nil)
	default:
		m.isDraft = false
		m.receivedAt = s.now()
		s.move(m, sentFolder)
		answer(w, http.StatusAccepted, nil)
	}
}

func (s *Server) serveDelete(w http.ResponseWriter, r *http.Request) {
	if m, found := s.item(w, r); found {
		s.remove(m)
		answer(w, http.StatusNoContent, nil)
	}
}
