// Package seed fills a database with conversations for measurements, in bulk
// and past the store's transactions.
package seed

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"switchboard/inbox"
	"switchboard/store"
)

// The counts have no common factor, and none with the 100 of the statuses and
// the 7 of the unassigned, so that inbox, status and assignee are independent.
const (
	inboxes  = 4
	channels = 13
	agents   = 23
)

// Conversations migrates the database of a URL as store.Open takes it and adds
// inboxes with channels, agents and n conversations with a message each. Of 100
// 90 are closed, 4 open, 3 snoozed and 3 waiting; every seventh is
// unassigned. A search for "customer" finds all, for "group1" to "group1000" a
// thousandth each, for "case1" and so on one.
func Conversations(ctx context.Context, url string, n int) (err error) {
	if err := settings(ctx, url); err != nil {
		return fmt.Errorf("seed settings: %w", err)
	}
	d, source := dialectOf(url)
	db, err := sql.Open(d.driver, source)
	if err != nil {
		return fmt.Errorf("seed conversations: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("seed conversations: %w", err)
	}
	for _, insert := range inserts {
		if _, err := tx.ExecContext(ctx, d.statement(insert, n)); err != nil {
			return errors.Join(fmt.Errorf("seed conversations: %w", err), tx.Rollback())
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("seed conversations: %w", err)
	}
	if _, err := db.ExecContext(ctx, "ANALYZE"); err != nil {
		return fmt.Errorf("analyse: %w", err)
	}
	return nil
}

// settings adds what conversations refer to.
func settings(ctx context.Context, url string) (err error) {
	s, err := store.Open(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	var inboxIDs []string
	for i := range inboxes {
		in, err := s.CreateInbox(ctx, inbox.Inbox{Name: fmt.Sprintf("Inbox %d", i+1)})
		if err != nil {
			return err
		}
		inboxIDs = append(inboxIDs, in.ID)
	}
	for i := range channels {
		if _, err := s.CreateChannel(ctx, inbox.Channel{
			InboxID: inboxIDs[i%inboxes], Kind: inbox.KindChat, Name: "Chat", Enabled: true,
			State: inbox.ChannelConnected, Assignment: inbox.DefaultAssignment(),
		}); err != nil {
			return err
		}
	}
	for i := range agents {
		if _, err := s.CreateAgent(ctx, inbox.Agent{
			Name: "Agent", Email: fmt.Sprintf("agent%d@seed.test", i+1), Seat: true, Availability: inbox.Away,
		}); err != nil {
			return err
		}
	}
	return nil
}

// dialect is what the two databases say differently; %s is a number.
type dialect struct{ driver, id, time string }

func dialectOf(url string) (d dialect, source string) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		return dialect{
			driver: "sqlite",
			id:     `printf('%%012x', %s)`,
			time:   `strftime('%%Y-%%m-%%d %%H:%%M:%%S.000000Z', '2026-01-01', '+' || %s || ' seconds')`,
		}, "file:" + path + "?_pragma=busy_timeout(10000)&_pragma=synchronous(OFF)&_pragma=cache_size(-200000)"
	}
	return dialect{
		driver: "pgx",
		id:     `lpad(to_hex(%s), 12, '0')`,
		time:   `timestamptz '2026-01-01 00:00:00Z' + %s * interval '1 second'`,
	}, url
}

// statement fills in an insert; i counts from 1 to n.
func (d dialect) statement(insert string, n int) string {
	replace := strings.NewReplacer(
		"{conversation}", "'01900000-0000-7000-8000-' || "+fmt.Sprintf(d.id, "i"),
		"{message}", "'01900000-0000-7000-9000-' || "+fmt.Sprintf(d.id, "i"),
		"{at}", fmt.Sprintf(d.time, "i"),
		"{channels}", fmt.Sprint(channels), "{agents}", fmt.Sprint(agents), "{n}", fmt.Sprint(n),
	)
	return replace.Replace(insert)
}

// inserts add the rows.
var inserts = []string{
	`WITH RECURSIVE series(i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM series WHERE i < {n}),
	channel AS (SELECT id, inbox_id, kind, row_number() OVER (ORDER BY id) - 1 AS k FROM channels),
	agent AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS k FROM agents)
	INSERT INTO conversations (id, inbox_id, channel_id, channel_kind, thread_key, status, subject, contact_id,
		assignee_id, team_id, given_team_id, previous_assignee_id, ticket_id, episode, channel_revision, priority_rank,
		window_state, passed_agent_ids, reply_to, tags, decision_key, created_at, last_message_at, waiting_since)
	SELECT {conversation}, channel.inbox_id, channel.id, channel.kind, 'seed-' || i,
		CASE WHEN i * 37 % 100 < 90 THEN 'closed' WHEN i * 37 % 100 < 94 THEN 'open'
			WHEN i * 37 % 100 < 97 THEN 'snoozed' ELSE 'waiting' END,
		'Case ' || i, '', CASE WHEN i % 7 = 0 THEN '' ELSE agent.id END, '', '', '', '', 1, 1, 1, 'none', '[]', '', '[]', '',
		{at}, {at}, CASE WHEN i * 37 % 100 >= 97 THEN {at} END
	FROM series JOIN channel ON channel.k = i % {channels} JOIN agent ON agent.k = i % {agents}`,
	`WITH RECURSIVE series(i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM series WHERE i < {n})
	INSERT INTO messages (id, conversation_id, channel_id, episode, opened, direction, author_kind, author_id, body_text,
		body_html, state, error_code, provider_message_id, client_id, created_at, dispatched_at)
	SELECT {message}, c.id, c.channel_id, 1, true, 'in', 'contact', '', 'How do I return this lamp?', '', 'received', '',
		'seed-' || i, '', {at}, {at}
	FROM series JOIN conversations c ON c.id = {conversation}`,
	`WITH RECURSIVE series(i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM series WHERE i < {n})
	INSERT INTO conversation_terms (term, conversation_id)
	SELECT 'customer', {conversation} FROM series
	UNION ALL SELECT 'group' || (i % 1000 + 1), {conversation} FROM series
	UNION ALL SELECT 'case' || i, {conversation} FROM series`,
}
