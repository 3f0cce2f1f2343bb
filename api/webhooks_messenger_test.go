package api_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"switchboard/api"
	"switchboard/channels/messenger/webhook"
)

// deliveries remembers what was taken in.
type deliveries struct {
	mu     sync.Mutex
	bodies []string
	fail   error
}

func (d *deliveries) Deliver(_ context.Context, body []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bodies = append(d.bodies, string(body))
	return d.fail
}

func facebookWorld(t *testing.T, edit ...func(*api.Options)) (*world, *deliveries) {
	taken := &deliveries{}
	return newWorld(t, append(edit, func(o *api.Options) {
		o.Messenger = api.Messenger{AppSecret: "app-secret", VerifyToken: "verify-token", Intake: taken}
	})...), taken
}

// deliver posts a body as Facebook does; signature "" is none.
func (w *world) deliver(t *testing.T, body []byte, signature string) response {
	t.Helper()
	request := must(http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/webhooks/messenger", bytes.NewReader(body)))(t)
	request.Header.Set("Content-Type", "application/json")
	if signature != "" {
		request.Header.Set(webhook.SignatureHeader, signature)
	}
	return do(t, request, false)
}

func TestFacebookChecksOurAddress(t *testing.T) {
	t.Parallel()
	w, _ := facebookWorld(t)
	const path = "/webhooks/messenger?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
	if got := w.call(t, person{}, "GET", path+"verify-token", nil); got.status != 200 || string(got.body) != "1158201444" {
		t.Errorf("got %d %s", got.status, got.body)
	}
	w.call(t, person{}, "GET", path+"other", nil).wantProblem(403, "forbidden", "")
	w.call(t, person{}, "GET", path, nil).wantProblem(403, "forbidden", "")
	w.call(t, person{}, "GET", "/webhooks/messenger?hub.verify_token=verify-token&hub.challenge=1", nil).wantProblem(403, "forbidden", "")
}

func TestOnlyWhatFacebookSignedIsTakenIn(t *testing.T) {
	t.Parallel()
	w, taken := facebookWorld(t)
	body := []byte(`{"object":"page","entry":[]}`)
	earlier := webhook.Sign([]byte(`{"object":"page"}`), "app-secret")
	for name, signature := range map[string]string{
		"missing": "", "forged": "sha256=" + strings.Repeat("0", 64), "of an earlier body": earlier,
		"by another secret": webhook.Sign(body, "other"), "sha1": "sha1=" + strings.Repeat("0", 40),
	} {
		t.Log(name)
		w.deliver(t, body, signature).wantProblem(403, "forbidden", "")
	}
	if len(taken.bodies) != 0 {
		t.Errorf("taken in: %v", taken.bodies)
	}
	for _, signed := range []string{string(body), ` {"object": "page"} `, `not JSON`} {
		w.deliver(t, []byte(signed), webhook.Sign([]byte(signed), "app-secret")).want(200)
		if got := taken.bodies[len(taken.bodies)-1]; got != signed {
			t.Errorf("the body was not taken as it is: %q", got)
		}
	}
	taken.fail = errors.New("the database is away")
	w.deliver(t, body, webhook.Sign(body, "app-secret")).wantProblem(500, "internal", "")
}

func TestWithoutASecretNothingIsTakenIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := []byte(`{}`)
	w.deliver(t, body, webhook.Sign(body, "")).wantProblem(403, "forbidden", "")
	w.call(t, person{}, "GET", "/webhooks/messenger?hub.mode=subscribe", nil).wantProblem(403, "forbidden", "")
}

func TestOnlyForgersAreLimited(t *testing.T) {
	t.Parallel()
	w, _ := facebookWorld(t, func(o *api.Options) { o.PublicRate, o.PublicBurst = 0.001, 2 })
	body := []byte(`{}`)
	for range 5 {
		w.deliver(t, body, webhook.Sign(body, "app-secret")).want(200)
	}
	w.deliver(t, body, "").wantProblem(403, "forbidden", "")
	w.deliver(t, body, "sha256=00").wantProblem(403, "forbidden", "")
	w.deliver(t, body, "sha256=00").wantProblem(429, "rate_limited", "")
	w.deliver(t, body, webhook.Sign(body, "app-secret")).want(200)
}

func TestADeliveryIsBounded(t *testing.T) {
	t.Parallel()
	w, _ := facebookWorld(t)
	thousand := bytes.Repeat([]byte(" "), 8<<20)
	w.deliver(t, thousand, webhook.Sign(thousand, "app-secret")).want(200)
	larger := bytes.Repeat([]byte(" "), 17<<20)
	w.deliver(t, larger, webhook.Sign(larger, "app-secret")).wantProblem(413, "too_large", "")
}
