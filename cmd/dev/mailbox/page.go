package mailbox

import (
	_ "embed"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"

	"switchboard/cmd/dev/journal"
)

//go:embed page.html
var pageHTML string

var page = journal.Page(pageHTML, nil)

func handler(mails mails) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /mail", func(w http.ResponseWriter, r *http.Request) {
		found := mails.to(r.URL.Query().Get("to"))
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(found); err != nil {
			slog.WarnContext(r.Context(), "mail list not written", "error", err)
		}
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		found := mails.to(r.URL.Query().Get("to"))
		slices.Reverse(found)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		// A mail's HTML is a stranger's: it may neither run nor load anything.
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
		if err := page.Execute(w, found); err != nil {
			slog.WarnContext(r.Context(), "mail page not written", "error", err)
		}
	})
	return mux
}
