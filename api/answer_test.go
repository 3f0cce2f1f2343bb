package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestAnswersCanBeReadInATerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/healthz", "/api/v1/me"} {
		answer := must(http.Get(w.url + path))(t)
		text := string(must(io.ReadAll(answer.Body))(t))
		_ = answer.Body.Close()
		if !strings.HasSuffix(text, "}\n") || strings.Contains(text, `\u003c`) {
			t.Errorf("%s answers %q", path, text)
		}
	}
}
