package demo_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"switchboard/cmd/dev/demo"
)

func TestThePagesAndTheirPartsAreServed(t *testing.T) {
	t.Parallel()
	site := demo.New()
	for path, contentType := range map[string]string{
		"/dev/": "text/html", "/dev/agent": "text/html", "/dev/preview": "text/html", "/dev/agent.js": "text/javascript", "/dev/shop.css": "text/css",
	} {
		w := get(site, path, nil)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), contentType) {
			t.Errorf("%s is answered %d as %s", path, w.Code, w.Header().Get("Content-Type"))
		}
		if !strings.Contains(w.Header().Get("Content-Security-Policy"), "script-src 'self';") {
			t.Errorf("%s may run anything", path)
		}
	}
	if w := get(site, "/dev/nothing", nil); w.Code != http.StatusNotFound {
		t.Errorf("what is not there is answered %d", w.Code)
	}
}

func TestTheDataComesWhenItIsThere(t *testing.T) {
	t.Parallel()
	site := demo.New()
	if w := get(site, "/dev/data.json", nil); w.Code != http.StatusServiceUnavailable {
		t.Errorf("answered %d too early", w.Code)
	}
	if err := site.Show(map[string]any{"agents": []string{"Ada"}}); err != nil {
		t.Fatal(err)
	}
	if w := get(site, "/dev/data.json", nil); w.Code != http.StatusOK || w.Body.String() != `{"agents":["Ada"]}` {
		t.Errorf("answered %d: %s", w.Code, w.Body)
	}
}

func TestPagesAreForPeopleAtThisMachine(t *testing.T) {
	t.Parallel()
	page := demo.Local(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for name, test := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"by address":           {func(*http.Request) {}, http.StatusOK},
		"by name":              {func(r *http.Request) { r.Host = "localhost:8080" }, http.StatusOK},
		"by IPv6":              {func(r *http.Request) { r.Host, r.RemoteAddr = "[::1]:8080", "[::1]:5000" }, http.StatusOK},
		"from elsewhere":       {func(r *http.Request) { r.RemoteAddr = "192.0.2.1:5000" }, http.StatusForbidden},
		"by a rebound name":    {func(r *http.Request) { r.Host = "evil.example:8080" }, http.StatusForbidden},
		"through a tunnel":     {func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.1") }, http.StatusForbidden},
		"through some relay":   {func(r *http.Request) { r.Header.Set("Forwarded", "for=192.0.2.1") }, http.StatusForbidden},
		"without a host":       {func(r *http.Request) { r.Host = "" }, http.StatusForbidden},
		"by a name like local": {func(r *http.Request) { r.Host = "localhost.evil.example" }, http.StatusForbidden},
	} {
		if w := get(page, "/dev/", test.change); w.Code != test.status {
			t.Errorf("%s: answered %d, not %d", name, w.Code, test.status)
		}
	}
}

func get(handler http.Handler, path string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host, r.RemoteAddr = "127.0.0.1:8080", "127.0.0.1:5000"
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func TestEveryKindOfEventHasWords(t *testing.T) {
	t.Parallel()
	contract, err := openapi3.NewLoader().LoadFromFile(filepath.Join("..", "..", "..", "api", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	words := get(demo.New(), "/dev/words.js", nil).Body.String()
	for _, kind := range contract.Components.Schemas["EventKind"].Value.Enum {
		if !strings.Contains(words, fmt.Sprintf("\n  %s: ", kind)) {
			t.Errorf("the agent's window has no words for %s", kind)
		}
	}
}
