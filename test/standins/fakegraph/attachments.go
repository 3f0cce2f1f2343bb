package fakegraph

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// minimumSession is from which size on a file takes an upload session, and a
// single request no longer does
// (learn.microsoft.com/graph/api/attachment-createuploadsession).
const minimumSession = 3_000_000

// serveAttach is Add attachment.
func (s *Server) serveAttach(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Type         string `json:"@odata.type"`
		Name         string `json:"name"`
		ContentType  string `json:"contentType"`
		ContentBytes []byte `json:"contentBytes"`
	}
	m, ok := s.attachable(w, r, &body)
	switch {
	case !ok:
	case body.Type != "#microsoft.graph.fileAttachment" || body.Name == "" || len(body.ContentBytes) >= minimumSession:
		s.complain(w, "an attachment that is not allowed")
	default:
		m.attachments = append(m.attachments, Attachment{body.Name, body.ContentType, body.ContentBytes})
		answer(w, http.StatusCreated, map[string]string{"id": s.name("A")})
	}
}

// upload is an upload session.
type upload struct {
	to   *message
	file Attachment
	size int
}

// serveUploadSession is attachment: createUploadSession.
func (s *Server) serveUploadSession(w http.ResponseWriter, r *http.Request) {
	var body struct {
		AttachmentItem struct {
			AttachmentType string `json:"attachmentType"`
			Name           string `json:"name"`
			ContentType    string `json:"contentType"`
			Size           int    `json:"size"`
		}
	}
	m, ok := s.attachable(w, r, &body)
	item := body.AttachmentItem
	switch {
	case !ok:
	case item.AttachmentType != "file" || item.Name == "" || item.Size < minimumSession:
		s.complain(w, "an upload session that is not allowed")
	default:
		session := s.name("U")
		s.uploads[session] = &upload{m, Attachment{Name: item.Name, ContentType: item.ContentType}, item.Size}
		answer(w, http.StatusCreated, map[string]any{
			"uploadUrl": s.server.URL + "/uploads/" + session + "?authtoken=t", "nextExpectedRanges": []string{"0-"},
		})
	}
}

// serveUpload takes a range. Its address is authorisation enough, and the
// documentation forbids any other.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, known := s.uploads[r.PathValue("session")]
	if !known {
		fail(w, http.StatusNotFound, "ErrorItemNotFound")
		return
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	start := len(session.file.Data)
	want := fmt.Sprintf("bytes %d-%d/%d", start, start+len(data)-1, session.size)
	if err != nil || r.Header.Get("Authorization") != "" || r.Header.Get("Content-Type") != "application/octet-stream" ||
		r.Header.Get("Content-Range") != want {
		s.complain(w, "a range that is not allowed: %s, not %s", r.Header.Get("Content-Range"), want)
		return
	}
	session.file.Data = append(session.file.Data, data...)
	if len(session.file.Data) < session.size {
		answer(w, http.StatusOK, map[string]any{"nextExpectedRanges": []string{fmt.Sprint(len(session.file.Data))}})
		return
	}
	session.to.attachments = append(session.to.attachments, session.file)
	answer(w, http.StatusCreated, nil)
}

// attachable returns the draft that a path names, and reads what is added to it.
func (s *Server) attachable(w http.ResponseWriter, r *http.Request, body any) (*message, bool) {
	m, found := s.item(w, r)
	if !found || !s.allowed(w, r) {
		return nil, false
	}
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(body); err != nil || !m.isDraft || r.Header.Get("Content-Type") != "application/json" {
		s.complain(w, "an attachment that is not known: %v", err)
		return nil, false
	}
	return m, true
}
