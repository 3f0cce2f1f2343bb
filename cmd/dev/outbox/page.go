package outbox

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"switchboard/cmd/dev/journal"
)

//go:embed page.html
var pageHTML string

var page = journal.Page(pageHTML, template.FuncMap{"indent": indent})

// Page lists what was taken: for people a page, the newest first, for programs
// {"items": […]}, the oldest first.
func (o *Outbox) Page(w http.ResponseWriter, r *http.Request) {
	requests := o.requests.Entries()
	w.Header().Set("Vary", "Accept")
	w.Header().Set("Cache-Control", "no-store")
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		writeJSON(w, http.StatusOK, map[string]any{"items": requests})
		return
	}
	slices.Reverse(requests)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	if err := page.Execute(w, requests); err != nil {
		slog.WarnContext(r.Context(), "outbox page not written", "error", err)
	}
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		slog.Warn("outbox answer not written", "error", err)
	}
}

// indent is a value as people read JSON.
func indent(value any) (string, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(value)
	return text.String(), err
}
