package store

import (
	"testing"

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
