package emulate

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

// gmail stands before emulate 0.11.2 and adds what that lacks of Gmail's API:
//
//   - users.getProfile;
//   - searching by "rfc822msgid:", which it knows but never finds anything by;
//   - format=metadata with headers of any name;
//   - sending by multipart upload, with the Message-ID replaced as Google does,
//     and into a new thread unless one is named.
type gmail struct{ standin http.Handler }

const gmailPath = "/gmail/v1/users/me"

func gmailGaps(standin http.Handler) http.Handler {
	g := gmail{standin}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+gmailPath+"/profile", g.profile)
	mux.HandleFunc("GET "+gmailPath+"/messages", g.list)
	mux.HandleFunc("GET "+gmailPath+"/messages/{id}", g.get)
	mux.HandleFunc("POST /upload"+gmailPath+"/messages/send", g.send)
	mux.Handle("/", standin)
	return mux
}

func (g gmail) profile(w http.ResponseWriter, r *http.Request) {
	var user struct{ Email string }
	var history struct{ HistoryID string }
	if g.ask(w, r, "/oauth2/v2/userinfo", nil, &user) &&
		g.ask(w, r, gmailPath+"/history", url.Values{"startHistoryId": {"0"}}, &history) {
		answer(w, map[string]string{"emailAddress": user.Email, "historyId": history.HistoryID})
	}
}

func (g gmail) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	id, ok := strings.CutPrefix(query.Get("q"), "rfc822msgid:")
	if !ok {
		g.standin.ServeHTTP(w, r)
		return
	}
	var all struct{ Messages []map[string]any }
	query.Del("q")
	query.Set("maxResults", "500")
	if !g.ask(w, r, r.URL.Path, query, &all) {
		return
	}
	found := []map[string]any{}
	for _, m := range all.Messages {
		_, header, ok := g.read(w, r, fmt.Sprint(m["id"]))
		if !ok {
			return
		}
		if strings.Trim(header.Get("Message-Id"), "<>") == strings.Trim(id, "<>") {
			found = append(found, m)
		}
	}
	answer(w, map[string]any{"messages": found, "resultSizeEstimate": len(found)})
}

func (g gmail) get(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("format") != "metadata" {
		g.standin.ServeHTTP(w, r)
		return
	}
	m, header, ok := g.read(w, r, r.PathValue("id"))
	if !ok {
		return
	}
	headers := []map[string]string{}
	for _, name := range r.URL.Query()["metadataHeaders"] {
		for _, value := range header[textproto.CanonicalMIMEHeaderKey(name)] {
			headers = append(headers, map[string]string{"name": name, "value": value})
		}
	}
	delete(m, "raw")
	m["payload"] = map[string]any{"headers": headers}
	answer(w, m)
}

func (g gmail) send(w http.ResponseWriter, r *http.Request) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/related" || r.URL.Query().Get("uploadType") != "multipart" {
		http.Error(w, "not a multipart upload", http.StatusBadRequest)
		return
	}
	var metadata map[string]any
	parts := multipart.NewReader(r.Body, parameters["boundary"])
	first, err := parts.NextPart()
	if err != nil || json.NewDecoder(first).Decode(&metadata) != nil {
		http.Error(w, "no metadata", http.StatusBadRequest)
		return
	}
	second, err := parts.NextPart()
	if err != nil || second.Header.Get("Content-Type") != "message/rfc822" {
		http.Error(w, "no message", http.StatusBadRequest)
		return
	}
	raw, err := io.ReadAll(second)
	if err != nil {
		http.Error(w, "half a message", http.StatusBadRequest)
		return
	}
	if metadata["threadId"] == nil {
		metadata["threadId"] = "thr_" + rand.Text()
	}
	metadata["raw"] = base64.RawURLEncoding.EncodeToString(renamed(raw))
	body, _ := json.Marshal(metadata)
	plain, _ := http.NewRequestWithContext(r.Context(), http.MethodPost, gmailPath+"/messages/send", bytes.NewReader(body))
	plain.Header.Set("Authorization", r.Header.Get("Authorization"))
	plain.Header.Set("Content-Type", "application/json")
	g.standin.ServeHTTP(w, plain)
}

// renamed gives a message another Message-ID.
func renamed(raw []byte) []byte {
	header, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	lines := slices.DeleteFunc(strings.Split(string(header), "\r\n"), func(line string) bool {
		return strings.HasPrefix(strings.ToLower(line), "message-id:")
	})
	lines = append(lines, "Message-ID: <CA"+rand.Text()+"@mail.gmail.com>")
	return []byte(strings.Join(lines, "\r\n") + "\r\n\r\n" + string(body))
}

// read returns one message with its headers.
func (g gmail) read(w http.ResponseWriter, r *http.Request, id string) (map[string]any, mail.Header, bool) {
	m := map[string]any{}
	if !g.ask(w, r, gmailPath+"/messages/"+id, url.Values{"format": {"raw"}}, &m) {
		return nil, nil, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(fmt.Sprint(m["raw"]))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return nil, nil, false
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return m, mail.Header{}, true
	}
	return m, parsed.Header, true
}

// ask reads another of the stand-in's answers with the request's authorisation;
// what is not 200 becomes the answer itself.
func (g gmail) ask(w http.ResponseWriter, r *http.Request, path string, query url.Values, into any) bool {
	request := r.Clone(r.Context())
	request.URL = &url.URL{Path: path, RawQuery: query.Encode()}
	request.Body, request.ContentLength = http.NoBody, 0
	recorder := httptest.NewRecorder()
	g.standin.ServeHTTP(recorder, request)
	if recorder.Code == http.StatusOK && json.Unmarshal(recorder.Body.Bytes(), into) == nil {
		return true
	}
	maps.Copy(w.Header(), recorder.Header())
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(recorder.Body.Bytes())
	return false
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}
