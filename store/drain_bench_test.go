package store_test

import (
	"fmt"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
	"switchboard/store/storetest"
)

// BenchmarkDrain frees one place while many wait: the time must not depend on
// how many, nor on how many wait in vain before the one who is served.
func BenchmarkDrain(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		for _, waiting := range []int{50, 5000} {
			b.Run(fmt.Sprintf("%s/waiting=%d", name, waiting), func(b *testing.B) {
				d := newDesk(b, open(b), []int{1})
				agent := d.agents[0].ID
				unseen := d.open(b, func(rule *inbox.Assignment) { rule.AgentIDs = d.ids() })
				store.Exec(b, d.Store, "UPDATE agents SET inbox_ids = ?", fmt.Sprintf("[%q]", d.channel.InboxID))
				crowd(b, d, unseen, waiting/2, noon.Add(-time.Hour))
				crowd(b, d, d.channel, waiting/2, noon)
				store.Exec(b, d.Store, "ANALYZE")
				for b.Loop() {
					drained := d.drains(b, agent, noon.Add(time.Hour))
					b.StopTimer()
					if len(drained) != 1 {
						b.Fatalf("drained %d", len(drained))
					}
					d.closes(b, drained[0])
					crowd(b, d, d.channel, 1, noon.Add(time.Minute))
					b.StartTimer()
				}
			})
		}
	}
}

// BenchmarkAssign assigns new conversations while many others wait for
// somebody else.
func BenchmarkAssign(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		for _, waiting := range []int{0, 5000} {
			b.Run(fmt.Sprintf("%s/waiting=%d", name, waiting), func(b *testing.B) {
				d := newDesk(b, open(b), []int{0, 0, 0})
				busy := newDesk(b, d.Store, []int{1})
				crowd(b, busy, busy.channel, waiting, noon)
				for b.Loop() {
					b.StopTimer()
					ref := d.arrives(b, d.channel, noon)
					b.StartTimer()
					d.assigns(b, ref, inbox.CauseNew, noon)
				}
			})
		}
	}
}

// crowd lets n conversations wait for the channel's first agent.
func crowd(b *testing.B, d desk, channel inbox.Channel, n int, since time.Time) {
	b.Helper()
	prefix, at := store.NewID(), since.Format("2006-01-02 15:04:05.000000Z")
	const numbers = `WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < ?) `
	if n == 0 {
		return
	}
	store.Exec(b, d.Store, numbers+`INSERT INTO conversations (id, inbox_id, channel_id, channel_kind, thread_key, status,
			subject, contact_id, assignee_id, team_id, given_team_id, previous_assignee_id, ticket_id, episode,
			channel_revision, priority_rank, window_state, passed_agent_ids, reply_to, tags, decision_key, created_at,
			last_message_at, waiting_since)
		SELECT CAST(? AS text) || CAST(1000000 + i AS text), ?, ?, 'chat', CAST(? AS text) || CAST(i AS text), 'waiting',
			'', '', '', '', '', '', '', 1, 1, 1, 'none', '[]', '', '[]', '', ?, ?, ? FROM numbers`,
		n, prefix, channel.InboxID, channel.ID, prefix, at, at, at)
	store.Exec(b, d.Store, numbers+`INSERT INTO queue_entries (conversation_id, target_id, by_owner, route, place)
		SELECT CAST(? AS text) || CAST(1000000 + i AS text), ?, false, ?, CAST(? AS text) || CAST(1000000 + i AS text) FROM numbers`,
		n, prefix, channel.Assignment.AgentIDs[0], channel.ID+"/1", "2 "+at+" "+prefix)
}
