package api_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

// upload says something with files, by name and content.
func (w *world) upload(t *testing.T, token, clientID, text string, files ...[2]string) response {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	check(t, form.WriteField("client_id", clientID))
	check(t, form.WriteField("text", text))
	for _, file := range files {
		part := must(form.CreateFormFile("files", file[0]))(t)
		must(part.Write([]byte(file[1])))(t)
	}
	check(t, form.Close())
	request := must(http.NewRequestWithContext(t.Context(), "POST", w.url+"/chat/"+w.channel.ID+"/messages", &body))(t)
	request.Header.Set("Authorization", "Visitor "+token)
	request.Header.Set("Content-Type", form.FormDataContentType())
	return do(t, request, false)
}

func TestAVisitorSendsFilesTypedByTheirContent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, other := w.session(t), w.session(t)
	const png = "\x89PNG\r\n\x1a\n0000"
	first := w.upload(t, token, "1", "", [2]string{"lamp.txt", png}, [2]string{"photo.png", "<html><script>x()</script>"},
		[2]string{"photo.svg", "<svg onload=x()>"}).want(202)
	if again := w.upload(t, token, "1", "", [2]string{"lamp.txt", png}).want(202); again.text("message_id") != first.text("message_id") {
		t.Errorf("sent twice: %s, %s", first.body, again.body)
	}
	items := w.visit(t, token, "GET", "messages", nil).want(200).object()["items"].([]any)
	files := items[0].(object)["attachments"].([]any)
	if len(items) != 1 || len(files) != 3 {
		t.Fatalf("messages %v", items)
	}
	for i, kind := range []string{"image/png", "text/html", "text/plain"} {
		if got, _ := files[i].(object)["content_type"].(string); !strings.HasPrefix(got, kind) {
			t.Errorf("file %d is %s, want %s", i, got, kind)
		}
	}
	path := "messages/" + first.text("message_id") + "/attachments/" + files[0].(object)["id"].(string)
	if file := w.visit(t, token, "GET", path, nil).want(200); string(file.body) != png {
		t.Errorf("file %q", file.body)
	}
	w.visit(t, other, "GET", path, nil).wantProblem(404, "not_found", "")
}

func TestAVisitorsFileIsNotShownByAnotherName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.session(t)
	for _, name := range []string{"\u202E", "..", "\u200B.\u2066"} {
		w.upload(t, token, "1", "", [2]string{name, "x"}).wantProblem(422, "invalid", "files")
	}
	sent := w.upload(t, token, "1", "", [2]string{"/tmp/lamp\u202Egnp.exe", "x"}).want(202)
	file := w.visit(t, token, "GET", "messages", nil).want(200).object()["items"].([]any)[0].(object)["attachments"].([]any)[0].(object)
	if file["name"] != "lampgnp.exe" {
		t.Errorf("the file is called %q", file["name"])
	}
	got := w.visit(t, token, "GET", "messages/"+sent.text("message_id")+"/attachments/"+file["id"].(string), nil).want(200)
	if called := got.header.Get("Content-Disposition"); called != "attachment; filename=lampgnp.exe" {
		t.Errorf("downloaded as %q", called)
	}
}

func TestAVisitorsFilesAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.session(t)
	w.upload(t, token, "1", "", [2]string{"a", strings.Repeat("x", 5<<20+1)}).wantProblem(413, "too_large", "")
	w.upload(t, token, "not an id", "x").wantProblem(422, "invalid", "client_id")
	w.upload(t, token, "1", " ").wantProblem(422, "invalid", "text")
	w.upload(t, token, "1", strings.Repeat("x", 20_001)).wantProblem(422, "invalid", "text")
	w.upload(t, "made-up", "1", "x").wantProblem(401, "unauthorized", "")
}
