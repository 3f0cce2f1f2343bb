package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"switchboard/api"
	"switchboard/bench/seed"
	"switchboard/inbox"
	"switchboard/store"
	"switchboard/store/pgtest"
)

// BenchmarkFirstPageOfConversations compares GET /conversations on a million
// rows with the same on ten thousand, in PostgreSQL: "ratio" is the median of
// one over that of the other, and should stay below 2 for every filter. Both are
// asked for as many rows as the ten thousand have, so that the same answer is
// compared; "ms-page" is a full page on the million.
func BenchmarkFirstPageOfConversations(b *testing.B) {
	small, large := newList(b, 10_000), newList(b, 1_000_000)
	for _, filter := range filters() {
		b.Run(filter.name, func(b *testing.B) {
			_, rows := small.first(b, filter, pageSize)
			var took [2][]time.Duration
			var page []time.Duration
			for b.Loop() {
				for i, list := range []list{small, large} {
					one, _ := list.first(b, filter, max(rows, 1))
					took[i] = append(took[i], one)
				}
				one, _ := large.first(b, filter, pageSize)
				page = append(page, one)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(took[0]), "ms-small")
			b.ReportMetric(median(took[1]), "ms-large")
			b.ReportMetric(median(page), "ms-page")
			b.ReportMetric(median(took[1])/median(took[0]), "ratio")
		})
	}
}

const pageSize = 50

// list is the API over one seeded database.
type list struct {
	handler http.Handler
	token   string
	ids     ids
}

func newList(b *testing.B, rows int) list {
	b.Helper()
	url := pgtest.Empty(b)
	if err := seed.Conversations(b.Context(), url, rows); err != nil {
		b.Fatal(err)
	}
	s, err := store.Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	admin, err := s.CreateAgent(b.Context(), inbox.Agent{Name: "Admin", Email: "admin@bench.example", Admin: true})
	if err != nil {
		b.Fatal(err)
	}
	token, hash := api.NewToken()
	if _, err := s.CreateToken(b.Context(), admin.ID, hash, ""); err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	handler, err := api.New(api.Options{Store: s, Hub: api.NewHub(s, log), Log: log})
	if err != nil {
		b.Fatal(err)
	}
	return list{handler: handler, token: token, ids: idsOf(b, s)}
}

// first asks for the first rows and returns how long it took and how many came.
func (l list) first(b *testing.B, filter filter, limit int) (took time.Duration, rows int) {
	query := fmt.Sprintf("limit=%d%s", limit, filter.query(l.ids))
	request := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/api/v1/conversations?"+query, nil)
	request.Header.Set("Authorization", "Bearer "+l.token)
	answer := httptest.NewRecorder()
	began := time.Now()
	l.handler.ServeHTTP(answer, request)
	took = time.Since(began)
	var page struct{ Items []struct{} }
	if err := json.Unmarshal(answer.Body.Bytes(), &page); err != nil || answer.Code != http.StatusOK {
		b.Fatalf("GET /conversations?%s answered %d: %s", query, answer.Code, answer.Body)
	}
	return took, len(page.Items)
}

// filter is a combination of the list's filters; ids differ from database to
// database.
type filter struct {
	name  string
	parts []func(ids) string
}

// ids are what a database's filters name.
type ids struct{ inbox, channel, agent string }

func (f filter) query(of ids) string {
	query := ""
	for _, part := range f.parts {
		query += "&" + part(of)
	}
	return query
}

func idsOf(b *testing.B, s *store.Store) ids {
	b.Helper()
	inboxes, _, err := s.Inboxes(b.Context(), store.Page{Limit: 1})
	if err != nil {
		b.Fatal(err)
	}
	channels, _, err := s.Channels(b.Context(), inboxes[0].ID, store.Page{Limit: 1})
	if err != nil {
		b.Fatal(err)
	}
	agents, _, err := s.Agents(b.Context(), store.Page{Limit: 1})
	if err != nil {
		b.Fatal(err)
	}
	return ids{inboxes[0].ID, channels[0].ID, agents[0].ID}
}

// filters are every scope with every status and every assignee, and searches
// for a common, a rare and an unknown word.
func filters() []filter {
	type option struct {
		name string
		part func(ids) string
	}
	nothing := option{}
	scopes := []option{
		nothing,
		{"inbox", func(of ids) string { return "inbox_id=" + of.inbox }},
		{"channel", func(of ids) string { return "channel_id=" + of.channel }},
	}
	statuses := []option{nothing}
	for _, status := range []string{"open", "closed"} {
		statuses = append(statuses, option{status, func(ids) string { return "status=" + status }})
	}
	assignees := []option{
		nothing,
		{"assignee", func(of ids) string { return "assignee_id=" + of.agent }},
		{"unassigned", func(ids) string { return "unassigned=true" }},
	}
	var filters []filter
	add := func(options ...option) {
		f := filter{name: "all"}
		for _, o := range options {
			if o.part != nil {
				f.name += "+" + o.name
				f.parts = append(f.parts, o.part)
			}
		}
		filters = append(filters, f)
	}
	for _, scope := range scopes {
		for _, status := range statuses {
			for _, assignee := range assignees {
				add(scope, status, assignee)
			}
		}
	}
	for _, word := range []string{"customer", "case1", "nowhere"} {
		add(option{"q=" + word, func(ids) string { return "q=" + word }})
	}
	return filters
}

// median is in milliseconds.
func median(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[len(took)/2].Microseconds()) / 1000
}
