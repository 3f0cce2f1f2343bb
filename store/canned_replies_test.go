package store_test

import (
	"slices"
	"testing"

	"switchboard/inbox"
	"switchboard/store"
)

func TestACannedReplyIsKeptEditedAndDeleted(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		reply := must(s.CreateCannedReply(ctx, inbox.CannedReply{
			Name: "refund", Text: "Hello {{contact.name}}", HTML: "<p>Hello</p>", InboxID: newInbox(t, s).ID,
		}))(t)
		if got := must(s.CannedReply(ctx, reply.ID))(t); got != reply || got.CreatedAt.IsZero() {
			t.Errorf("got %+v, want %+v", got, reply)
		}
		reply.Name, reply.Text, reply.HTML, reply.InboxID = "Refund", "Good morning", "", ""
		must(s.UpdateCannedReply(ctx, reply))(t)
		if got := must(s.CannedReply(ctx, reply.ID))(t); got != reply {
			t.Errorf("after the edit: got %+v, want %+v", got, reply)
		}
		if got := cannedNames(t, s, store.CannedReplyFilter{Q: "morning"}); !slices.Equal(got, []string{"Refund"}) {
			t.Errorf("found by its new text: %v", got)
		}
		if err := s.DeleteCannedReply(ctx, reply.ID); err != nil {
			t.Fatal(err)
		}
		_, err := s.CannedReply(ctx, reply.ID)
		wantCode(t, err, inbox.CodeNotFound)
		_, err = s.UpdateCannedReply(ctx, reply)
		wantCode(t, err, inbox.CodeNotFound)
		wantCode(t, s.DeleteCannedReply(ctx, reply.ID), inbox.CodeNotFound)
	})
}

func TestCannedRepliesOfOneNameConflict(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		must(s.CreateCannedReply(ctx, inbox.CannedReply{Name: "refund"}))(t)
		other := must(s.CreateCannedReply(ctx, inbox.CannedReply{Name: "hours"}))(t)
		_, err := s.CreateCannedReply(ctx, inbox.CannedReply{Name: "Refund", InboxID: newInbox(t, s).ID})
		wantCode(t, err, inbox.CodeConflict)
		other.Name = "REFUND"
		_, err = s.UpdateCannedReply(ctx, other)
		wantCode(t, err, inbox.CodeConflict)
	})
}

func TestACannedReplyNeedsAnInboxThatExists(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		reply := must(s.CreateCannedReply(ctx, inbox.CannedReply{Name: "refund"}))(t)
		reply.InboxID = store.NewID()
		_, err := s.UpdateCannedReply(ctx, reply)
		wantField(t, err, inbox.CodeInvalid, "inbox_id")
		_, err = s.CreateCannedReply(ctx, inbox.CannedReply{Name: "hours", InboxID: reply.InboxID})
		wantField(t, err, inbox.CodeInvalid, "inbox_id")
	})
}

func TestCannedRepliesAreFilteredAndPaged(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, sales, support := t.Context(), newInbox(t, s).ID, newInbox(t, s).ID
		for _, reply := range []inbox.CannedReply{
			{Name: "refund", Text: "We pay back 100% within 30 days."},
			{Name: "offer", Text: "Our ÖFFENTLICHE offer: 100 spare lamps.", InboxID: sales},
			{Name: "stock", Text: `It is in C:\spare_lamps.`, InboxID: support},
		} {
			must(s.CreateCannedReply(ctx, reply))(t)
		}
		for _, c := range []struct {
			filter store.CannedReplyFilter
			want   []string
		}{
			{store.CannedReplyFilter{}, []string{"refund", "offer", "stock"}},
			{store.CannedReplyFilter{InboxID: sales}, []string{"refund", "offer"}},
			{store.CannedReplyFilter{InboxIDs: []string{support}}, []string{"refund", "stock"}},
			{store.CannedReplyFilter{InboxIDs: []string{support}, InboxID: sales}, []string{"refund"}},
			{store.CannedReplyFilter{InboxIDs: []string{}}, []string{"refund"}},
			{store.CannedReplyFilter{Q: "FUN"}, []string{"refund"}},
			{store.CannedReplyFilter{Q: "Öffentlich"}, []string{"offer"}},
			{store.CannedReplyFilter{Q: "lamps", InboxID: support}, []string{"stock"}},
			{store.CannedReplyFilter{Q: "100%"}, []string{"refund"}},
			{store.CannedReplyFilter{Q: "spare_lamps"}, []string{"stock"}},
			{store.CannedReplyFilter{Q: `c:\`}, []string{"stock"}},
			{store.CannedReplyFilter{Q: "nothing"}, nil},
		} {
			if got := cannedNames(t, s, c.filter); !slices.Equal(got, c.want) {
				t.Errorf("%+v: got %v, want %v", c.filter, got, c.want)
			}
		}
	})
}

// cannedNames reads a list page by page.
func cannedNames(t *testing.T, s *store.Store, filter store.CannedReplyFilter) []string {
	t.Helper()
	var names []string
	for page := (store.Page{Limit: 1}); ; {
		replies, cursor, err := s.CannedReplies(t.Context(), filter, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, reply := range replies {
			names = append(names, reply.Name)
		}
		if page.Cursor = cursor; cursor == "" {
			return names
		}
	}
}
