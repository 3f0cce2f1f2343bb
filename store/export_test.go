package store

import (
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"switchboard/inbox"
)

// SetStatus puts a conversation into a status without its story.
func SetStatus(t *testing.T, s *Store, id string, status inbox.Status) {
	t.Helper()
	update := s.write.Model(&conversationRow{}).Where("id = ?", id).
		Updates(map[string]any{"status": status, "passed_agent_ids": list[string]{NewID()}})
	if err := changed(update, "conversation"); err != nil {
		t.Fatal(err)
	}
}

// CountRows counts a table's rows.
func CountRows(t *testing.T, s *Store, table string) int64 {
	t.Helper()
	var n int64
	if err := s.read.Table(table).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

// NewContact stores a contact with its identities.
func NewContact(t *testing.T, s *Store, contact inbox.Contact) inbox.Contact {
	t.Helper()
	contact.ID = NewID()
	err := s.tx(t.Context(), func(t *tx) error {
		row := contactRow{ID: contact.ID, Name: contact.Name, OwnerID: contact.OwnerID}
		row.CreatedAt = stampOf(time.Now())
		if err := t.Create(&row).Error; err != nil {
			return err
		}
		for _, identity := range contact.Identities {
			if _, err := t.attachIdentity(contact.ID, identity, false); err != nil {
				return err
			}
		}
		_, err := t.indexContact(contact.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return contact
}

// SetContact gives a conversation and its messages to a contact.
func SetContact(t *testing.T, s *Store, conversationID, contactID string) {
	t.Helper()
	err := s.tx(t.Context(), func(t *tx) error {
		err := t.Model(&conversationRow{}).Where("id = ?", conversationID).Update("contact_id", contactID).Error
		if err != nil {
			return err
		}
		return t.Model(&messageRow{}).Where("conversation_id = ?", conversationID).Update("author_id", contactID).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

// NewTicket stores a ticket.
func NewTicket(t *testing.T, s *Store, ticket inbox.Ticket) inbox.Ticket {
	t.Helper()
	row := ticketRow{
		ID: NewID(), ConversationID: ticket.ConversationID, InboxID: ticket.InboxID, ContactID: ticket.ContactID,
		PipelineID: ticket.PipelineID, StageID: ticket.StageID, Priority: inbox.PriorityNormal, OwnerID: ticket.OwnerID,
		Name: ticket.Name, Description: ticket.Description, Properties: ticket.Properties,
		CreatedAt: stampOf(time.Now()), UpdatedAt: stampOf(time.Now()),
	}
	if err := s.write.Create(&row).Error; err != nil {
		t.Fatal(err)
	}
	return row.ticket()
}

// Exec runs a statement.
func Exec(t testing.TB, s *Store, statement string, values ...any) {
	t.Helper()
	if err := s.write.Exec(statement, values...).Error; err != nil {
		t.Fatal(err)
	}
}

// NewComment stores an internal comment.
func NewComment(t *testing.T, s *Store, conversationID, agentID, text string) {
	t.Helper()
	row := commentRow{
		ID: NewID(), ConversationID: conversationID, AgentID: agentID, BodyText: text, CreatedAt: stampOf(time.Now()),
	}
	if err := s.write.Create(&row).Error; err != nil {
		t.Fatal(err)
	}
}

// Dump returns the rows of every table as text.
func Dump(t *testing.T, s *Store) map[string]string {
	t.Helper()
	tables, err := s.write.Migrator().GetTables()
	if err != nil {
		t.Fatal(err)
	}
	dump := map[string]string{}
	for _, table := range tables {
		var rows []map[string]any
		if err := s.write.Table(table).Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		dump[table] = fmt.Sprintf("%s", rows)
	}
	return dump
}

// Explain returns the plan of a page of conversations, on PostgreSQL after
// running it; nothing when no statement is needed.
func Explain(t *testing.T, s *Store, filter ConversationFilter, page Page) []string {
	t.Helper()
	filter, empty, err := s.resolveScope(t.Context(), filter)
	if err != nil {
		t.Fatal(err)
	}
	if empty {
		return nil
	}
	query, values, err := filter.list(page, page.Limit+1, s.postgres)
	if err != nil {
		t.Fatal(err)
	}
	if s.postgres {
		var plan []string
		if err := s.read.Raw("EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) "+query, values...).Scan(&plan).Error; err != nil {
			t.Fatal(err)
		}
		return plan
	}
	var steps []struct{ Detail string }
	if err := s.read.Raw("EXPLAIN QUERY PLAN "+query, values...).Scan(&steps).Error; err != nil {
		t.Fatal(err)
	}
	return convert(steps, func(step struct{ Detail string }) string { return step.Detail })
}

// Blocked reports whether a transaction waits for another.
func Blocked(t testing.TB, s *Store) bool {
	t.Helper()
	if !s.postgres {
		return s.pools()[0].Stats().WaitCount > 0
	}
	var waiting int
	if err := s.read.Raw("SELECT count(*) FROM pg_locks WHERE NOT granted").Scan(&waiting).Error; err != nil {
		t.Fatal(err)
	}
	return waiting > 0
}

// Begin opens a transaction beside the store's own.
func Begin(t *testing.T, s *Store) *gorm.DB {
	t.Helper()
	begun := s.write.Begin()
	if begun.Error != nil {
		t.Fatal(begun.Error)
	}
	return begun
}

// RefOf names the episode of a received message.
func RefOf(receipt Receipt) inbox.EpisodeRef {
	return receipt.Ref()
}

// MigrateTo applies the migrations up to one.
func MigrateTo(t *testing.T, s *Store, version int64) {
	t.Helper()
	provider, err := s.migrator()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
}

// ExplainThreadOf returns the plan of ThreadOf as it is with many messages.
func ExplainThreadOf(t *testing.T, s *Store, messageIDs ...string) string {
	t.Helper()
	explain := "EXPLAIN "
	if !s.postgres {
		explain = "EXPLAIN QUERY PLAN "
	}
	query := s.read.ToSQL(func(db *gorm.DB) *gorm.DB { return threadsOf(db, "inbox", messageIDs).Find(&[]messageRow{}) })
	var plan []map[string]any
	err := s.read.Connection(func(db *gorm.DB) error {
		if s.postgres { // which reads a table of a few rows as a whole
			if err := db.Exec("SET enable_seqscan = off").Error; err != nil {
				return err
			}
		}
		return db.Raw(explain + query).Scan(&plan).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(plan)
}

// Ownership says whose each identity, conversation, ticket and message is.
func Ownership(t *testing.T, s *Store) map[string]string {
	t.Helper()
	whose := map[string]string{}
	for _, query := range []string{
		"SELECT kind || '/' || value AS what, contact_id AS contact FROM identities",
		"SELECT 'conversation ' || id AS what, contact_id AS contact FROM conversations",
		"SELECT 'ticket ' || id AS what, contact_id AS contact FROM tickets",
		"SELECT 'consent ' || id AS what, contact_id AS contact FROM consents",
		"SELECT 'message ' || id AS what, author_id AS contact FROM messages WHERE author_kind = 'contact'",
	} {
		var rows []struct{ What, Contact string }
		if err := s.write.Raw(query).Scan(&rows).Error; err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			whose[row.What] = row.Contact
		}
	}
	return whose
}

// CountSealed counts the messages of which a sealed copy is kept.
func CountSealed(t *testing.T, s *Store) int64 {
	t.Helper()
	var n int64
	if err := s.read.Model(&messageRow{}).Where("sealed IS NOT NULL").Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}
