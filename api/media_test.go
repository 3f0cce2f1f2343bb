package api_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

// picture is the smallest PNG that is one.
const picture = "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR, and so on"

// sentPicture is a picture that an agent sends by WhatsApp, without a word.
func (w *world) sentPicture(t *testing.T) inbox.Attachment {
	t.Helper()
	id := w.whatsAppConversation(t)
	sent := w.call(t, w.agent, "POST", "/api/v1/conversations/"+id+"/replies", object{"attachments": []object{
		{"name": "Lampe, blau.png", "content_type": "image/png", "data": base64.StdEncoding.EncodeToString([]byte(picture))},
	}}).want(201)
	return must(w.store.Message(t.Context(), sent.text("id")))(t).Attachments[0]
}

// fetch asks for a file as Twilio does.
func (w *world) fetch(t *testing.T, method, address, ranges string) response {
	t.Helper()
	path := strings.TrimPrefix(address, "https://desk.example.com")
	request := must(http.NewRequestWithContext(t.Context(), method, w.url+path, http.NoBody))(t)
	if ranges != "" {
		request.Header.Set("Range", ranges)
	}
	return do(t, request, true)
}

func TestTwilioFetchesAFileThatLeavesByWhatsApp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := media.Address(w.sentPicture(t).ID, time.Now())

	whole := w.fetch(t, http.MethodGet, address, "").want(200)
	if string(whole.body) != picture {
		t.Errorf("fetched %q", whole.body)
	}
	for name, want := range map[string]string{
		"Content-Type": "image/png", "Content-Disposition": `inline; filename="Lampe, blau.png"`,
		"X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store",
		"Content-Security-Policy": "sandbox; default-src 'none'", "Accept-Ranges": "bytes",
	} {
		if got := whole.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	head := w.fetch(t, http.MethodHead, address, "").want(200)
	if head.header.Get("Content-Type") != "image/png" || head.header.Get("Content-Length") != "27" || len(head.body) != 0 {
		t.Errorf("HEAD says %v and %q", head.header, head.body)
	}
	part := w.fetch(t, http.MethodGet, address, "bytes=1-3").want(206)
	if string(part.body) != "PNG" || part.header.Get("Content-Range") != "bytes 1-3/27" {
		t.Errorf("a range of it: %q, %v", part.body, part.header)
	}
	w.fetch(t, http.MethodGet, address, "bytes=99-").want(416)
}

func TestAFileIsNotFetchedByAnyOtherAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.sentPicture(t).ID
	other := w.conversation(t, "pumps", store.File{Name: "secret.txt", ContentType: "text/plain", Data: []byte("x")})
	message := must(w.store.Message(t.Context(), other.MessageID))(t)
	address := media.Address(id, time.Now())
	for name, address := range map[string]string{
		"of another file":   strings.Replace(address, id, message.Attachments[0].ID, 1),
		"that expired":      media.Address(id, time.Now().Add(-24*time.Hour)),
		"with a later end":  strings.Replace(address, "expires=", "expires=9", 1),
		"without signature": strings.Split(address, "signature=")[0] + "signature=",
		"of no file":        strings.Replace(address, id, "nothing", 1),
	} {
		w.fetch(t, http.MethodGet, address, "").wantProblem(403, "forbidden", "")
		if head := w.fetch(t, http.MethodHead, address, ""); head.status != 403 {
			t.Errorf("HEAD of an address %s: %d", name, head.status)
		}
	}
	w.fetch(t, http.MethodGet, media.Address("erased", time.Now()), "").wantProblem(404, "not_found", "")
}
