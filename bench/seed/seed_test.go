package seed_test

import (
	"context"
	"path/filepath"
	"testing"

	"switchboard/bench/seed"
	"switchboard/store"
	"switchboard/store/pgtest"
)

func TestSeededConversationsCanBeListed(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "switchboard.db") },
		"postgres": func(t *testing.T) string { return pgtest.Empty(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := url(t)
			if err := seed.Conversations(context.Background(), url, 2000); err != nil {
				t.Fatal(err)
			}
			s, err := store.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for _, check := range []struct {
				filter store.ConversationFilter
				want   int
			}{
				{store.ConversationFilter{}, 200},
				{store.ConversationFilter{Status: "waiting"}, 60},
				{store.ConversationFilter{Status: "open"}, 80},
				{store.ConversationFilter{Q: "customer"}, 200},
				{store.ConversationFilter{Q: "group7"}, 2},
				{store.ConversationFilter{Q: "case2000"}, 1},
			} {
				conversations, _, err := s.Conversations(t.Context(), check.filter, store.Page{Limit: 200})
				if err != nil || len(conversations) != check.want {
					t.Errorf("%+v: %d conversations, %v; want %d", check.filter, len(conversations), err, check.want)
				}
			}
		})
	}
}
