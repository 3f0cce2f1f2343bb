package store_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

var byAda = inbox.Author{Kind: inbox.AuthorAgent, ID: "ada"}

func TestAHandOverFreesWhoeverHadTheConversation(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		first, second := d.agents[0].ID, d.hire(t, 1).ID
		team := must(s.CreateTeam(t.Context(), inbox.Team{Name: "Support"}))(t)
		ref, _ := d.routes(t, noon)
		id := ref.ConversationID
		for _, step := range []struct {
			name, freed, assignee, team string
			do                          func() (string, error)
		}{
			{"to an agent", first, second, "", func() (string, error) { return s.AssignTo(t.Context(), id, second, byAda, noon) }},
			{"to a team", second, "", team.ID, func() (string, error) { return s.AssignToTeam(t.Context(), id, team.ID, byAda, noon) }},
			{"from a team", "", first, "", func() (string, error) { return s.AssignTo(t.Context(), id, first, byAda, noon) }},
			{"to nobody", first, "", "", func() (string, error) { return s.Unassign(t.Context(), id, byAda, noon) }},
		} {
			var events int
			for i := range 2 { // the second time as after a lost answer
				if freed := must(step.do())(t); freed != step.freed {
					t.Errorf("%s, time %d: freed %q, want %q", step.name, i+1, freed, step.freed)
				}
				if c := d.conversation(t, ref); c.AssigneeID != step.assignee || c.TeamID != step.team || c.Status != inbox.StatusOpen {
					t.Errorf("%s: conversation %+v", step.name, c)
				}
				if n := len(d.timeline(t, ref)); i == 1 && n != events {
					t.Errorf("%s: repeating it left %d events", step.name, n-events)
				} else {
					events = n
				}
			}
		}
		want := []inbox.EventKind{inbox.EventAssigned, inbox.EventAssigned, inbox.EventAssigned, inbox.EventAssigned, inbox.EventTriage}
		if kinds := d.timeline(t, ref)[2:]; !slices.Equal(kinds, want) {
			t.Errorf("timeline %v", kinds)
		}
	})
}

func TestAHandOverEndsASnooze(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		for _, agent := range []string{d.agents[0].ID, d.hire(t, 0).ID} {
			ref, _ := d.routes(t, noon)
			must(s.Snooze(t.Context(), ref, noon.Add(time.Hour), byAda, noon))(t)
			if freed := must(s.AssignTo(t.Context(), ref.ConversationID, agent, byAda, noon))(t); freed != "" {
				t.Errorf("freed %q, who had it asleep", freed)
			}
			if c := d.conversation(t, ref); c.Status != inbox.StatusOpen || !c.SnoozedUntil.IsZero() || c.AssigneeID != agent {
				t.Errorf("conversation %+v", c)
			}
			d.closes(t, ref)
		}
	})
}

func TestImpossibleHandOversAreRefused(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		ref, _ := d.routes(t, noon)
		id := ref.ConversationID
		outsider := must(s.CreateAgent(t.Context(), inbox.Agent{Email: "out@company.test", InboxIDs: []string{newInbox(t, s).ID}}))(t)
		_, err := s.AssignTo(t.Context(), id, "nobody", byAda, noon)
		wantCode(t, err, inbox.CodeInvalid)
		_, err = s.AssignTo(t.Context(), id, outsider.ID, byAda, noon)
		wantCode(t, err, inbox.CodeInvalid)
		_, err = s.AssignToTeam(t.Context(), id, "nobody", byAda, noon)
		wantCode(t, err, inbox.CodeInvalid)
		_, err = s.Unassign(t.Context(), "none", byAda, noon)
		wantCode(t, err, inbox.CodeNotFound)
		d.closes(t, ref)
		_, err = s.AssignTo(t.Context(), id, d.agents[0].ID, byAda, noon)
		wantCode(t, err, inbox.CodeConversationDone)
		_, err = s.Snooze(t.Context(), ref, noon.Add(time.Hour), byAda, noon)
		wantCode(t, err, inbox.CodeConversationDone)
	})
}

func TestClosingIsOnceAndFreesTheAssignee(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		agent := d.agents[0].ID
		ref, _ := d.routes(t, noon)
		for range 2 {
			if freed := must(s.CloseEpisode(t.Context(), ref, byAda, noon, "closed_by_agent"))(t); freed != agent {
				t.Errorf("freed %q", freed)
			}
		}
		if n := d.count(t, ref, inbox.EventClosed); n != 1 {
			t.Errorf("closed %d times", n)
		}
		if c := d.conversation(t, ref); c.Status != inbox.StatusClosed || !c.ClosedAt.Equal(noon) || c.AssigneeID != agent {
			t.Errorf("conversation %+v", c)
		}
		again := must(s.Reopen(t.Context(), ref.ConversationID, byAda, noon))(t)
		must(s.CloseEpisode(t.Context(), ref, byAda, noon, "late"))(t)
		if c := d.conversation(t, again); c.Status != inbox.StatusOpen {
			t.Error("closing an old episode closed the new one")
		}
	})
}

func TestASnoozeFreesThePlaceUntilItIsOver(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		agent := d.agents[0].ID
		ref, _ := d.routes(t, noon)
		next, _ := d.routes(t, noon)
		until := noon.Add(time.Hour)
		for range 2 {
			if freed := must(s.Snooze(t.Context(), ref, until, byAda, noon))(t); freed != agent {
				t.Errorf("freed %q", freed)
			}
		}
		if drained := d.drains(t, agent, noon); !slices.Equal(drained, []inbox.EpisodeRef{next}) {
			t.Errorf("drained %v", drained)
		}
		if c := d.conversation(t, ref); c.Status != inbox.StatusSnoozed || !c.SnoozedUntil.Equal(until) || c.AssigneeID != agent {
			t.Errorf("conversation %+v", c)
		}
		for range 2 {
			if err := s.Wake(t.Context(), ref, until); err != nil {
				t.Fatal(err)
			}
		}
		if c := d.conversation(t, ref); c.Status != inbox.StatusOpen || !c.SnoozedUntil.IsZero() {
			t.Errorf("conversation %+v", c)
		}
		if d.count(t, ref, inbox.EventSnoozed) != 1 || d.count(t, ref, inbox.EventWoken) != 1 {
			t.Errorf("timeline %v", d.timeline(t, ref))
		}
	})
}

func TestReopeningBeginsANewEpisodeOnce(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		ref, _ := d.routes(t, noon)
		_, err := s.Reopen(t.Context(), ref.ConversationID, byAda, noon)
		wantCode(t, err, inbox.CodeConversationOpen)
		d.closes(t, ref)
		newer := must(s.UpdateChannel(t.Context(), d.channel))(t)
		want := inbox.EpisodeRef{ConversationID: ref.ConversationID, Episode: 2}
		for range 2 { // the second time as after a lost answer
			if got := must(s.Reopen(t.Context(), ref.ConversationID, byAda, noon))(t); got != want {
				t.Errorf("reopened %+v", got)
			}
		}
		if c := d.conversation(t, ref); c.Status != inbox.StatusOpen || c.ChannelRevision != newer.Revision || !c.ClosedAt.IsZero() {
			t.Errorf("conversation %+v", c)
		}
		_, err = s.Reopen(t.Context(), ref.ConversationID, inbox.Author{Kind: inbox.AuthorAgent, ID: "bob"}, noon)
		wantCode(t, err, inbox.CodeConversationOpen)
		d.assigns(t, want, inbox.CauseReopened, noon)
		_, err = s.Reopen(t.Context(), ref.ConversationID, byAda, noon)
		wantCode(t, err, inbox.CodeConversationOpen)
	})
}

func TestCommentsAndTagsAreKept(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		ref, _ := d.routes(t, noon)
		id := ref.ConversationID
		comment := must(s.AddComment(t.Context(), id, d.agents[0].ID, "Called back", noon))(t)
		if comments := must(s.CommentsByID(t.Context(), []string{comment.ID}))(t); len(comments) != 1 || comments[0] != comment || comment.Text != "Called back" {
			t.Errorf("comments %+v", comments)
		}
		_, err := s.AddComment(t.Context(), "none", d.agents[0].ID, "?", noon)
		wantCode(t, err, inbox.CodeNotFound)

		for range 2 {
			if err := s.SetTags(t.Context(), id, []string{"vip", "lamp", "vip"}, byAda, noon); err != nil {
				t.Fatal(err)
			}
		}
		if c := d.conversation(t, ref); !slices.Equal(c.Tags, []string{"lamp", "vip"}) {
			t.Errorf("tags %v", c.Tags)
		}
		if d.count(t, ref, inbox.EventComment) != 1 || d.count(t, ref, inbox.EventTagged) != 1 {
			t.Errorf("timeline %v", d.timeline(t, ref))
		}
	})
}

func TestTheTimelineExplainsDecisions(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1})
		ref, got := d.routes(t, noon)
		must(s.AssignTo(t.Context(), ref.ConversationID, d.hire(t, 0).ID, byAda, noon))(t)
		var decisions []inbox.AssignmentDecision
		for _, event := range must2(s.Timeline(t.Context(), ref.ConversationID, store.Page{}))(t) {
			if event.Kind != inbox.EventAssigned {
				continue
			}
			var decision inbox.AssignmentDecision
			if err := json.Unmarshal(event.Data, &decision); err != nil {
				t.Fatal(err)
			}
			decisions = append(decisions, decision)
			if want := len(decisions) == 2; want != (event.Actor == byAda) {
				t.Errorf("actor %+v of decision %d", event.Actor, len(decisions))
			}
		}
		if len(decisions) != 2 || !slices.Equal(decisions[0].Candidates, got.Decision.Candidates) || decisions[1].Reason != inbox.ReasonManual {
			t.Errorf("decisions %+v", decisions)
		}
	})
}
