package api_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestAWebsiteLoadsTheWidgetCompressedAndKeepsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	get := func(path string, headers ...string) response {
		t.Helper()
		request := must(http.NewRequestWithContext(t.Context(), "GET", w.url+"/chat/"+w.channel.ID+"/"+path, nil))(t)
		request.Header.Set("Origin", "https://www.example.com")
		// Without one of its own the client would unpack what it gets.
		request.Header.Set("Accept-Encoding", "identity")
		for i := 0; i < len(headers); i += 2 {
			request.Header.Set(headers[i], headers[i+1])
		}
		return do(t, request, true)
	}
	loader := get("widget.js").want(200)
	if got := loader.header.Get("Cache-Control"); got != "public, max-age=300" {
		t.Errorf("the script is kept as %q", got)
	}
	panel := regexp.MustCompile(`widget/panel-[A-Za-z0-9_-]+\.js`).FindString(string(loader.body))
	for path, kept := range map[string]string{
		"widget.js": "public, max-age=300", panel: "public, max-age=31536000, immutable", "widget/panel-old.js": "no-cache",
	} {
		plain := get(path).want(200)
		if got := plain.header.Get("Cache-Control"); got != kept {
			t.Errorf("%s is kept as %q", path, got)
		}
		if got := plain.header.Get("Content-Type"); got != "text/javascript; charset=utf-8" {
			t.Errorf("%s is %q", path, got)
		}
		if vary := strings.Join(plain.header.Values("Vary"), ", "); !strings.Contains(vary, "Accept-Encoding") || !strings.Contains(vary, "Origin") {
			t.Errorf("%s varies with %q", path, vary)
		}
		if got := plain.header.Get("Access-Control-Allow-Origin"); got != "https://www.example.com" {
			t.Errorf("%s may be imported by %q", path, got)
		}
		request := must(http.NewRequestWithContext(t.Context(), "GET", w.url+"/chat/"+w.channel.ID+"/"+path, nil))(t)
		request.Header.Set("Accept-Encoding", "br, gzip;q=0.5")
		packed := must(http.DefaultClient.Do(request))(t)
		unpacked := must(gzip.NewReader(packed.Body))(t)
		if body := must(io.ReadAll(unpacked))(t); !bytes.Equal(body, plain.body) || packed.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is another script when compressed", path)
		}
		check(t, packed.Body.Close())
		if got := get(path, "Accept-Encoding", "gzip;q=0").want(200); got.header.Get("Content-Encoding") != "" {
			t.Errorf("%s is compressed for a client that does not take it", path)
		}
		if again := get(path, "If-None-Match", plain.header.Get("ETag")).want(304); len(again.body) != 0 {
			t.Errorf("%s is sent again", path)
		}
	}
	w.call(t, person{}, "GET", "/chat/none/widget.js", nil).wantProblem(404, "not_found", "")
}

func TestThePartsOfTheWidgetFollowTheAllowedWebsites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings(t, `{"allowed_origins":["https://shop.example.com"]}`)
	request := must(http.NewRequestWithContext(t.Context(), "GET", w.url+"/chat/"+w.channel.ID+"/widget/panel-x.js", nil))(t)
	request.Header.Set("Origin", "https://evil.example.com")
	do(t, request, true).wantProblem(403, "origin_not_allowed", "")
}
