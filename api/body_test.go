package api_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/api"
	"switchboard/store"
)

const (
	// uploadSize is a file's; the rest of its body is less than another tenth.
	uploadSize = 1 << 20
	bodySize   = uploadSize + uploadSize/10
)

// slowUpload is a visitor's file that comes as far as the memory for it is taken, and
// on when it is told to.
type slowUpload struct {
	goOn   chan struct{}
	answer chan *http.Response
}

func (w *world) uploadSlowly(t *testing.T, token, clientID string) slowUpload {
	t.Helper()
	var whole bytes.Buffer
	form := multipart.NewWriter(&whole)
	check(t, form.WriteField("client_id", clientID))
	part := must(form.CreateFormFile("files", "lamp.bin"))(t)
	must(part.Write(make([]byte, uploadSize)))(t)
	check(t, form.Close())
	slow := slowUpload{goOn: make(chan struct{}), answer: make(chan *http.Response, 1)}
	read, write := io.Pipe()
	request := must(http.NewRequestWithContext(t.Context(), "POST", w.url+"/chat/"+w.channel.ID+"/messages", read))(t)
	request.ContentLength = int64(whole.Len())
	request.Header.Set("Authorization", "Visitor "+token)
	request.Header.Set("Content-Type", form.FormDataContentType())
	go func() {
		_, err := write.Write(whole.Next(100 << 10))
		<-slow.goOn
		if err == nil {
			_, err = io.Copy(write, &whole)
		}
		write.CloseWithError(err)
	}()
	go func() {
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Errorf("upload: %v", err)
			answer = &http.Response{Body: http.NoBody}
		}
		_ = answer.Body.Close()
		slow.answer <- answer
	}()
	return slow
}

func (w *world) whole(t *testing.T, token, clientID string) response {
	t.Helper()
	return w.upload(t, token, clientID, "", [2]string{"lamp.bin", strings.Repeat("x", uploadSize)})
}

func TestManySlowUploadsTakeBoundedMemoryAndAllAreServed(t *testing.T) {
	t.Parallel()
	var free func(int64) bool
	w := newWorld(t, func(o *api.Options) { free = o.BoundMemory(3*bodySize, 3*bodySize, time.Hour) })
	token := w.session(t)
	var slow []slowUpload
	for i := range 8 {
		slow = append(slow, w.uploadSlowly(t, token, fmt.Sprint(i)))
	}
	// Three are let in and the memory is taken, by bodies of which a tenth has come.
	require.Eventually(t, func() bool { return !free(bodySize) }, time.Minute, time.Millisecond)
	w.say(t, token, "small", "Is anybody there?")
	for _, upload := range slow {
		close(upload.goOn)
	}
	for _, upload := range slow {
		require.Equal(t, http.StatusAccepted, (<-upload.answer).StatusCode)
	}
	require.True(t, free(3*bodySize), "what was taken was given back")
}

func TestWhoWaitsTooLongForOthersUploadsIsToldTo(t *testing.T) {
	t.Parallel()
	for code, bound := range map[string]struct {
		ofClient int64
		status   int
	}{
		"unavailable":  {4 * bodySize, http.StatusServiceUnavailable},
		"rate_limited": {bodySize, http.StatusTooManyRequests},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			var free func(int64) bool
			w := newWorld(t, func(o *api.Options) { free = o.BoundMemory(bodySize, bound.ofClient, time.Millisecond) })
			token := w.session(t)
			slow := w.uploadSlowly(t, token, "slow")
			require.Eventually(t, func() bool { return !free(bodySize) }, time.Minute, time.Millisecond)
			refused := w.whole(t, token, "refused")
			refused.wantProblem(bound.status, code, "")
			require.Equal(t, "10", refused.header.Get("Retry-After"))
			close(slow.goOn)
			require.Equal(t, http.StatusAccepted, (<-slow.answer).StatusCode)
			sent := w.whole(t, token, "refused").want(202)

			// A download waits for its turn, too.
			id := w.visit(t, token, "GET", "messages?limit=100", nil).want(200).object()["items"].([]any)[1].(object)["attachments"].([]any)[0].(object)["id"].(string)
			path := "messages/" + sent.text("message_id") + "/attachments/" + id
			slow = w.uploadSlowly(t, token, "slow-again")
			require.Eventually(t, func() bool { return !free(bodySize) }, time.Minute, time.Millisecond)
			w.visit(t, token, "GET", path, nil).wantProblem(bound.status, code, "")
			close(slow.goOn)
			require.Equal(t, http.StatusAccepted, (<-slow.answer).StatusCode)
			w.visit(t, token, "GET", path, nil).want(200)
		})
	}
}

// A body that is announced as too large is refused before there is memory for it.
func TestABodyThatIsTooLargeWaitsForNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *api.Options) { o.BoundMemory(bodySize, bodySize, time.Minute) })
	w.upload(t, w.session(t), "1", "", [2]string{"a", strings.Repeat("x", 10<<20)}).wantProblem(413, "too_large", "")
}

// Programs that send everything first would find the connection broken instead.
func TestWhoIsRefusedWhileSendingSeesTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *api.Options) { o.BoundMemory(bodySize, bodySize, time.Millisecond) })
	for token, story := range map[string]struct {
		size int
		code string
	}{
		w.session(t): {11 << 20, "too_large"},
		"made-up":    {9 << 20, "unauthorized"},
		w.session(t): {2 << 20, "rate_limited"},
	} {
		t.Run(story.code, func(t *testing.T) {
			t.Parallel()
			conn := must((&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(w.url, "http://")))(t)
			defer conn.Close()
			check(t, conn.SetDeadline(time.Now().Add(time.Minute)))
			must(fmt.Fprintf(conn, "POST /chat/%s/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Visitor %s\r\n"+
				"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n", w.channel.ID, token, story.size))(t)
			part := "--x\r\nContent-Disposition: form-data; name=files; filename=a\r\n\r\n"
			must(conn.Write([]byte(part + strings.Repeat("x", story.size-len(part)))))(t)
			require.Contains(t, string(must(io.ReadAll(conn))(t)), `"`+story.code+`"`)
		})
	}
}

func TestABodyThatStopsIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *api.Options) { o.HurryBodies(300 * time.Millisecond) })
	token := w.session(t)
	form := w.form(t)
	for request, want := range map[string]string{
		"POST /chat/" + w.channel.ID + "/messages HTTP/1.1\r\nAuthorization: Visitor " + token + "\r\nContent-Type: application/json": `"too_slow"`,
		"POST /forms/" + form.ID + "/submissions HTTP/1.1\r\nContent-Type: application/json":                                          `"too_slow"`,
		"POST /forms/" + form.ID + "/submissions HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded":                         `"too_slow"`,
		"POST /forms/" + form.ID + "/submissions HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x":                           `"too_slow"`,
		"POST /webhooks/twilio/messages HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded":                                  `"too_slow"`,
		"POST /webhooks/graph HTTP/1.1\r\nContent-Type: application/json":                                                             `"too_slow"`,
		"PATCH /api/v1/account HTTP/1.1\r\nAuthorization: Bearer " + w.admin.token + "\r\nContent-Type: application/json":             `"too_slow"`,
		// Nobody reads what these send.
		"POST /nowhere HTTP/1.1":               `"not_found"`,
		"POST /api/v1/inboxes HTTP/1.1":        `"unauthorized"`,
		"POST /forms/" + form.ID + " HTTP/1.1": `"method_not_allowed"`,
	} {
		name, _, _ := strings.Cut(request, "\n")
		t.Run(strings.TrimSpace(name), func(t *testing.T) {
			t.Parallel()
			conn := must((&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(w.url, "http://")))(t)
			defer conn.Close()
			check(t, conn.SetDeadline(time.Now().Add(time.Minute)))
			must(fmt.Fprintf(conn, "%s\r\nHost: desk.example.com\r\nContent-Length: 1000\r\n\r\n{", request))(t)
			// The answer ends because the connection does.
			answer := must(io.ReadAll(conn))(t)
			require.Contains(t, string(answer), want)
		})
	}
}

func TestWhoDoesNotTakeTheAnswerIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *api.Options) { o.Hurry(20 * time.Millisecond) })
	const size = 32 << 20 // more than a connection buffers
	id := w.conversation(t, "a film", store.File{Name: "film.mp4", ContentType: "video/mp4", Data: make([]byte, size)}).MessageID
	address := media.Address(must(w.store.Message(t.Context(), id))(t).Attachments[0].ID, time.Now())
	conn := must((&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(w.url, "http://")))(t)
	defer conn.Close()
	must(fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", strings.TrimPrefix(address, "https://desk.example.com")))(t)
	require.Eventually(t, func() bool { return strings.Contains(w.log.String(), `"route":"/media/:attachment_id"`) }, time.Minute, time.Millisecond)
	check(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	taken, _ := io.Copy(io.Discard, conn) // it breaks off
	require.Less(t, taken, int64(size))
}

// What came earns time for more; who only drips has none.
func TestABodyThatComesSteadilyMayTakeLonger(t *testing.T) {
	t.Parallel()
	const grace = 300 * time.Millisecond
	w := newWorld(t, func(o *api.Options) { o.HurryBodies(grace) })
	token := w.session(t)
	for name, story := range map[string]struct {
		first, status int
		ends          bool
	}{
		"steady": {first: 200 << 10, ends: true, status: http.StatusUnprocessableEntity}, // it is read to its end, where a bracket is missing
		"drips":  {first: 1, status: http.StatusRequestTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := must((&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(w.url, "http://")))(t)
			defer conn.Close()
			check(t, conn.SetDeadline(time.Now().Add(time.Minute)))
			must(fmt.Fprintf(conn, "POST /chat/%s/messages HTTP/1.1\r\nHost: desk.example.com\r\nAuthorization: Visitor %s\r\n"+
				"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", w.channel.ID, token))(t)
			go func() {
				body := httputil.NewChunkedWriter(conn)
				_, err := io.WriteString(body, `{"text":"`+strings.Repeat("x", story.first))
				ticks, until := time.NewTicker(10*time.Millisecond), time.Now().Add(2*grace)
				defer ticks.Stop()
				for now := range ticks.C {
					if err != nil {
						return // the answer was given
					}
					if story.ends && now.After(until) {
						break
					}
					_, err = io.WriteString(body, "x")
				}
				_ = body.Close()
				_, _ = io.WriteString(conn, "\r\n")
			}()
			answer := must(http.ReadResponse(bufio.NewReader(conn), nil))(t)
			defer answer.Body.Close()
			require.Equal(t, story.status, answer.StatusCode)
		})
	}
}
