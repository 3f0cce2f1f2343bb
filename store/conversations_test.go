package store_test

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"switchboard/bench/seed"
	"switchboard/inbox"
	"switchboard/store"
	"switchboard/store/pgtest"
)

var statuses = []inbox.Status{inbox.StatusOpen, inbox.StatusWaiting, inbox.StatusSnoozed, inbox.StatusClosed}

// everyFilter returns every combination of scope, status and assignee,
// with values that occur and values that do not.
func everyFilter(inboxIDs, channelIDs, agentIDs []string) []store.ConversationFilter {
	scopes := []store.ConversationFilter{
		{}, {InboxID: inboxIDs[0]}, {InboxID: "none"}, {ChannelID: channelIDs[0]}, {ChannelID: "none"},
		{InboxIDs: inboxIDs[:2]}, {InboxIDs: inboxIDs[:1], InboxID: inboxIDs[0]},
		{InboxIDs: inboxIDs[:1], InboxID: inboxIDs[1]}, {InboxIDs: inboxIDs[:1], ChannelID: channelIDs[0]},
		{InboxIDs: inboxIDs[1:], ChannelID: channelIDs[0]}, {InboxID: inboxIDs[1], ChannelID: channelIDs[0]},
		{InboxIDs: []string{}},
	}
	var filters []store.ConversationFilter
	for _, filter := range scopes {
		for _, status := range append([]inbox.Status{"", "none"}, statuses...) {
			for _, assignee := range []string{"", agentIDs[0], "none", "unassigned"} {
				filter.Status, filter.AssigneeID, filter.Unassigned = status, assignee, false
				if assignee == "unassigned" {
					filter.AssigneeID, filter.Unassigned = "", true
				}
				filters = append(filters, filter)
			}
		}
	}
	return filters
}

// passes says in Go what the filter means.
func passes(f store.ConversationFilter, c inbox.Conversation) bool {
	return (f.InboxIDs == nil || slices.Contains(f.InboxIDs, c.InboxID)) &&
		(f.InboxID == "" || c.InboxID == f.InboxID) && (f.ChannelID == "" || c.ChannelID == f.ChannelID) &&
		(f.Status == "" || c.Status == f.Status) && (f.AssigneeID == "" || c.AssigneeID == f.AssigneeID) &&
		(!f.Unassigned || c.AssigneeID == "")
}

func TestConversationsAreListedByFilterTheLatestMessageFirst(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		channels := []inbox.Channel{newChannel(t, s), newChannel(t, s)}
		channels = append(channels, newChannel(t, s, func(c *inbox.Channel) { c.InboxID = channels[0].InboxID }))
		agents := []string{newAgent(t, s).ID, newAgent(t, s).ID, ""}
		var all []inbox.Conversation
		for i := range 72 { // 3 channels, 4 statuses, 3 assignees, each twice
			in := inbound(channels[i%3], fmt.Sprint(i), fmt.Sprint(i))
			in.At = noon.Add(time.Duration(i*31%10) * time.Second) // often the same time
			receipt := must(s.Receive(ctx, in))(t)
			store.Exec(t, s, "UPDATE conversations SET status = ?, assignee_id = ? WHERE id = ?",
				statuses[i/3%4], agents[i/12%3], receipt.ConversationID)
			all = append(all, must(s.Conversation(ctx, receipt.ConversationID))(t))
		}
		slices.SortFunc(all, func(a, b inbox.Conversation) int {
			return cmp.Or(b.LastMessageAt.Compare(a.LastMessageAt), strings.Compare(b.ID, a.ID))
		})
		inboxIDs := []string{channels[0].InboxID, channels[1].InboxID}
		for _, filter := range everyFilter(inboxIDs, []string{channels[0].ID}, agents) {
			var want []string
			for _, c := range all {
				if passes(filter, c) {
					want = append(want, c.ID)
				}
			}
			if got := allPages(t, s, filter, 5); !slices.Equal(got, want) {
				t.Errorf("%+v: got %v, want %v", filter, got, want)
			}
		}
		_, _, err := s.Conversations(ctx, store.ConversationFilter{}, store.Page{Cursor: "bm90aGluZwpuby10aW1l"})
		wantField(t, err, inbox.CodeInvalid, "cursor")
	})
}

// allPages returns the ids of a list's conversations, page by page.
func allPages(t *testing.T, s *store.Store, filter store.ConversationFilter, limit int) []string {
	t.Helper()
	var ids []string
	for page := (store.Page{Limit: limit}); ; {
		conversations, cursor, err := s.Conversations(t.Context(), filter, page)
		if err != nil {
			t.Fatal(err)
		}
		if len(conversations) > limit {
			t.Fatalf("a page of %d, the limit is %d", len(conversations), limit)
		}
		for _, c := range conversations {
			ids = append(ids, c.ID)
		}
		if page.Cursor = cursor; cursor == "" {
			return ids
		}
	}
}

func TestConversationsAreFoundByWholeWords(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		channel := newChannel(t, s)
		receive := func(id, subject, name, address string) string {
			in := inbound(channel, id, id)
			in.Subject = subject
			in.Sender = inbox.Sender{Name: name, Identities: []inbox.Identity{{Kind: inbox.IdentityEmail, Value: address}}}
			return must(s.Receive(t.Context(), in))(t).ConversationID
		}
		a := receive("a", "Broken lamp, order #4711", "Grace Hopper", "grace@home.test")
		b := receive("b", "Lamp: GRÜSSE", "Ada", "ada.l@work.test")
		store.SetStatus(t, s, b, inbox.StatusClosed)
		for _, check := range []struct {
			filter store.ConversationFilter
			want   []string
		}{
			{store.ConversationFilter{Q: "lamp"}, []string{b, a}},
			{store.ConversationFilter{Q: "  LAMP hopper "}, []string{a}},
			{store.ConversationFilter{Q: "4711"}, []string{a}},
			{store.ConversationFilter{Q: "grüsse"}, []string{b}},
			{store.ConversationFilter{Q: "Ada.L@work.test"}, []string{b}},
			{store.ConversationFilter{Q: "home"}, []string{a}},
			{store.ConversationFilter{Q: "lam"}, nil},
			{store.ConversationFilter{Q: "lamp desk"}, nil},
			{store.ConversationFilter{Q: "hopper grüsse"}, nil},
			{store.ConversationFilter{Q: "?!"}, nil},
			{store.ConversationFilter{Q: "lamp", Status: inbox.StatusOpen}, []string{a}},
			{store.ConversationFilter{Q: "lamp", ChannelID: channel.ID, Unassigned: true}, []string{b, a}},
			{store.ConversationFilter{Q: "lamp", InboxID: "none"}, nil},
			{store.ConversationFilter{Q: "lamp", InboxIDs: []string{channel.InboxID}}, []string{b, a}},
			{store.ConversationFilter{Q: "lamp", InboxIDs: []string{"none"}}, nil},
		} {
			if got := allPages(t, s, check.filter, 1); !slices.Equal(got, check.want) {
				t.Errorf("%+v: got %v, want %v", check.filter, got, check.want)
			}
		}
	})
}

// seeded returns a store with many conversations.
func seeded(t *testing.T, url string) *store.Store {
	t.Helper()
	if err := seed.Conversations(context.Background(), url, 5_000); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func seededFilters(t *testing.T, s *store.Store) []store.ConversationFilter {
	t.Helper()
	channels, _, err := s.Channels(t.Context(), "", store.Page{})
	if err != nil {
		t.Fatal(err)
	}
	agents, _, err := s.Agents(t.Context(), store.Page{})
	if err != nil {
		t.Fatal(err)
	}
	return everyFilter([]string{channels[0].InboxID, channels[1].InboxID}, []string{channels[0].ID}, []string{agents[0].ID})
}

var actualRows = regexp.MustCompile(`actual rows=(\d+)`)

// A page costs the same however many rows there are when no step of its plan
// reads more rows than the page holds, with one to see whether there is a next,
// and none in vain.
func TestEveryListOfConversationsIsServedByAnIndexOnPostgres(t *testing.T) {
	t.Parallel()
	s := seeded(t, pgtest.Empty(t))
	for _, filter := range seededFilters(t, s) {
		for _, page := range bothPages(t, s, filter) {
			for _, step := range store.Explain(t, s, filter, page) {
				if strings.Contains(step, "Seq Scan") || strings.Contains(step, "Rows Removed by Filter") {
					t.Errorf("%+v, %+v: %s", filter, page, step)
				}
				if rows := actualRows.FindStringSubmatch(step); rows != nil {
					if n := must(strconv.Atoi(rows[1]))(t); n > page.Limit+1 {
						t.Errorf("%+v, %+v: %s", filter, page, step)
					}
				}
			}
		}
	}
}

func TestEveryListOfConversationsIsServedByAnIndexOnSQLite(t *testing.T) {
	t.Parallel()
	s := seeded(t, "sqlite:"+filepath.Join(t.TempDir(), "switchboard.db"))
	for _, filter := range seededFilters(t, s) {
		for _, page := range bothPages(t, s, filter) {
			for _, step := range store.Explain(t, s, filter, page) {
				if strings.HasPrefix(step, "SCAN") || strings.Contains(step, "TEMP B-TREE") {
					t.Errorf("%+v, %+v: %s", filter, page, step)
				}
			}
		}
	}
}

// bothPages returns the first and, where there is one, the second page.
func bothPages(t *testing.T, s *store.Store, filter store.ConversationFilter) []store.Page {
	t.Helper()
	pages := []store.Page{{Limit: 20}}
	_, cursor, err := s.Conversations(t.Context(), filter, pages[0])
	if err != nil {
		t.Fatal(err)
	}
	if cursor != "" {
		pages = append(pages, store.Page{Limit: 20, Cursor: cursor})
	}
	return pages
}

func TestASearchThatTheFilterEmptiesEndsPageByPage(t *testing.T) {
	t.Parallel()
	s := seeded(t, "sqlite:"+filepath.Join(t.TempDir(), "switchboard.db"))
	filter := store.ConversationFilter{Q: "customer", AssigneeID: "none"}
	pages := 0
	for page := (store.Page{}); ; pages++ {
		before := s.Statements()
		conversations, cursor, err := s.Conversations(t.Context(), filter, page)
		if err != nil || len(conversations) != 0 {
			t.Fatalf("%d conversations, %v", len(conversations), err)
		}
		if statements := s.Statements() - before; statements > 30 {
			t.Fatalf("%d statements for one page", statements)
		}
		if page.Cursor = cursor; cursor == "" {
			break
		}
	}
	if pages != 2 {
		t.Errorf("%d pages before the last went through 5,000 hits, want 2", pages)
	}
}
