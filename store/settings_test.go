package store_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/store"
)

func TestAccountPolicyIsKept(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		if account := must(s.Account(t.Context()))(t); !account.TicketsFromChannels {
			t.Error("a new account forbids tickets from channels")
		}
		want := inbox.Account{Name: "Company", TicketsPerContact: 3, CloseAfterQuiet: 72 * time.Hour}
		if err := s.SaveAccount(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if got := must(s.Account(t.Context()))(t); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func TestSettingsComeBackAsTheyWereStored(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		support := must(s.CreateInbox(ctx, inbox.Inbox{Name: "Support", AgentCapacity: 4}))(t)
		if got := must(s.Inbox(ctx, support.ID))(t); got != support {
			t.Errorf("inbox: got %+v, want %+v", got, support)
		}
		agent := must(s.CreateAgent(ctx, inbox.Agent{
			Name: "Ada", Email: "ada@company.test", Admin: true, Seat: true, Availability: inbox.Away, Capacity: 5,
			Hours: &inbox.Hours{
				TimeZone: "Europe/Berlin", Ranges: []inbox.HoursRange{{Day: "monday", From: "09:00", To: "17:00"}},
			},
			InboxIDs: []string{support.ID},
		}))(t)
		if got := must(s.Agent(ctx, agent.ID))(t); !reflect.DeepEqual(got, agent) {
			t.Errorf("agent: got %+v, want %+v", got, agent)
		}
		team := must(s.CreateTeam(ctx, inbox.Team{
			Name: "First line", MemberIDs: []string{agent.ID}, AlertEmail: "lead@company.test",
		}))(t)
		if got := must(s.Team(ctx, team.ID))(t); !reflect.DeepEqual(got, team) {
			t.Errorf("team: got %+v, want %+v", got, team)
		}
		pipeline := must(s.CreatePipeline(ctx, inbox.Pipeline{
			Name: "Support", Stages: []inbox.Stage{{Name: "New"}, {ID: "done", Name: "Done"}},
		}))(t)
		if got := must(s.Pipeline(ctx, pipeline.ID))(t); !reflect.DeepEqual(got, pipeline) {
			t.Errorf("pipeline: got %+v, want %+v", got, pipeline)
		}
		if pipeline.Stages[0].ID == "" || pipeline.Stages[1].ID != "done" {
			t.Errorf("stage ids: %+v", pipeline.Stages)
		}
		channel := newChannel(t, s, func(c *inbox.Channel) {
			c.InboxID, c.Account = support.ID, "site-1"
			c.Assignment = inbox.Assignment{
				Mode: inbox.AssignSpecific, AgentIDs: []string{agent.ID}, TeamIDs: []string{team.ID},
				Strategy: inbox.LeastBusy, FallbackTeamID: team.ID, AnswerWithin: 60,
			}
			c.Tickets = inbox.TicketDefaults{Enabled: true, PipelineID: pipeline.ID, StageID: "done"}
		})
		got := must(s.Channel(ctx, channel.ID))(t)
		sameJSON(t, got.Settings, channel.Settings)
		got.Settings, channel.Settings = nil, nil
		if !reflect.DeepEqual(got, channel) {
			t.Errorf("channel: got %+v, want %+v", got, channel)
		}
	})
}

func sameJSON(t *testing.T, got, want json.RawMessage) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(want, &b); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSettingsCanBeEdited(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		in, agent := newInbox(t, s), newAgent(t, s)
		in.Name, in.AgentCapacity = "Sales", 0
		must(s.UpdateInbox(ctx, in))(t)
		if got := must(s.Inbox(ctx, in.ID))(t); got != in {
			t.Errorf("inbox: got %+v, want %+v", got, in)
		}
		agent.Seat, agent.Hours, agent.InboxIDs = false, &inbox.Hours{TimeZone: "UTC"}, []string{in.ID}
		agent.Availability = inbox.Away
		if got := must(s.UpdateAgent(ctx, agent))(t); got.Availability != inbox.Available {
			t.Error("an edit by an admin changed the agent's availability")
		}
		if err := s.SetAvailability(ctx, agent.ID, inbox.Away); err != nil {
			t.Fatal(err)
		}
		if got := must(s.Agent(ctx, agent.ID))(t); !reflect.DeepEqual(got, agent) {
			t.Errorf("agent: got %+v, want %+v", got, agent)
		}
		team := must(s.CreateTeam(ctx, inbox.Team{Name: "First line", MemberIDs: []string{agent.ID}}))(t)
		team.Name, team.MemberIDs = "Second line", []string{newAgent(t, s).ID}
		must(s.UpdateTeam(ctx, team))(t)
		if got := must(s.Team(ctx, team.ID))(t); !reflect.DeepEqual(got, team) {
			t.Errorf("team: got %+v, want %+v", got, team)
		}
		if err := s.DeleteTeam(ctx, team.ID); err != nil {
			t.Fatal(err)
		}
		_, err := s.Team(ctx, team.ID)
		wantCode(t, err, inbox.CodeNotFound)
	})
}

func TestWhatDoesNotExistIsNotFound(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, id := t.Context(), store.NewID()
		for name, call := range map[string]func() error{
			"Inbox":           func() error { _, err := s.Inbox(ctx, id); return err },
			"UpdateInbox":     func() error { _, err := s.UpdateInbox(ctx, inbox.Inbox{ID: id}); return err },
			"Agent":           func() error { _, err := s.Agent(ctx, id); return err },
			"UpdateAgent":     func() error { _, err := s.UpdateAgent(ctx, inbox.Agent{ID: id}); return err },
			"SetAvailability": func() error { return s.SetAvailability(ctx, id, inbox.Away) },
			"Team":            func() error { _, err := s.Team(ctx, id); return err },
			"UpdateTeam":      func() error { _, err := s.UpdateTeam(ctx, inbox.Team{ID: id}); return err },
			"DeleteTeam":      func() error { return s.DeleteTeam(ctx, id) },
			"Pipeline":        func() error { _, err := s.Pipeline(ctx, id); return err },
			"UpdatePipeline":  func() error { _, err := s.UpdatePipeline(ctx, inbox.Pipeline{ID: id}); return err },
			"Channel":         func() error { _, err := s.Channel(ctx, id); return err },
			"UpdateChannel":   func() error { _, err := s.UpdateChannel(ctx, inbox.Channel{ID: id}); return err },
			"SetChannelState": func() error { return s.SetChannelState(ctx, id, inbox.ChannelConnected) },
			"DeleteChannel":   func() error { return s.DeleteChannel(ctx, id) },
			"ChannelAt":       func() error { _, err := s.ChannelAt(ctx, id, 1); return err },
			"CreateToken":     func() error { _, err := s.CreateToken(ctx, id, "hash", ""); return err },
			"DeleteToken":     func() error { return s.DeleteToken(ctx, id, id) },
		} {
			if code := inbox.CodeOf(call()); code != inbox.CodeNotFound {
				t.Errorf("%s: code %q, want %q", name, code, inbox.CodeNotFound)
			}
		}
	})
}

func TestUniqueNamesAndAddressesConflict(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, agent := t.Context(), newAgent(t, s)
		_, err := s.CreateAgent(ctx, inbox.Agent{Email: agent.Email})
		wantCode(t, err, inbox.CodeConflict)
		must(s.CreateTeam(ctx, inbox.Team{Name: "One"}))(t)
		_, err = s.CreateTeam(ctx, inbox.Team{Name: "One"})
		wantCode(t, err, inbox.CodeConflict)
		must(s.CreatePipeline(ctx, inbox.Pipeline{Name: "One"}))(t)
		_, err = s.CreatePipeline(ctx, inbox.Pipeline{Name: "One"})
		wantCode(t, err, inbox.CodeConflict)
		must(s.CreateToken(ctx, agent.ID, "hash", ""))(t)
		_, err = s.CreateToken(ctx, agent.ID, "hash", "")
		wantCode(t, err, inbox.CodeConflict)
	})
}

func TestUnknownReferencesAreRefusedNamingTheField(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, id := t.Context(), store.NewID()
		_, err := s.CreateAgent(ctx, inbox.Agent{InboxIDs: []string{id}})
		wantField(t, err, inbox.CodeInvalid, "inbox_ids")
		_, err = s.CreateTeam(ctx, inbox.Team{MemberIDs: []string{newAgent(t, s).ID, id}})
		wantField(t, err, inbox.CodeInvalid, "member_ids")
		pipeline := must(s.CreatePipeline(ctx, inbox.Pipeline{Name: "Support", Stages: []inbox.Stage{{ID: "new"}}}))(t)
		_, err = s.CreateChannel(ctx, inbox.Channel{InboxID: id})
		wantField(t, err, inbox.CodeInvalid, "inbox_id")
		valid := newChannel(t, s)
		for field, edit := range map[string]func(*inbox.Channel){
			"assignment.agent_ids":        func(c *inbox.Channel) { c.Assignment.AgentIDs = []string{id} },
			"assignment.team_ids":         func(c *inbox.Channel) { c.Assignment.TeamIDs = []string{id} },
			"assignment.fallback_team_id": func(c *inbox.Channel) { c.Assignment.FallbackTeamID = id },
			"tickets.owner_agent_id":      func(c *inbox.Channel) { c.Tickets.OwnerAgentID = id },
			"tickets.pipeline_id":         func(c *inbox.Channel) { c.Tickets.PipelineID = id },
			"tickets.stage_id": func(c *inbox.Channel) {
				c.Tickets.PipelineID, c.Tickets.StageID = pipeline.ID, "other"
			},
		} {
			channel := valid
			edit(&channel)
			_, err := s.CreateChannel(ctx, channel)
			wantField(t, err, inbox.CodeInvalid, field)
			_, err = s.UpdateChannel(ctx, channel)
			wantField(t, err, inbox.CodeInvalid, field)
		}
	})
}

func TestTeamsOfARuleStay(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		member := must(s.CreateTeam(ctx, inbox.Team{Name: "Rule"}))(t)
		fallback := must(s.CreateTeam(ctx, inbox.Team{Name: "Fallback"}))(t)
		channel := newChannel(t, s, func(c *inbox.Channel) {
			c.Assignment.TeamIDs, c.Assignment.FallbackTeamID = []string{member.ID}, fallback.ID
		})
		wantCode(t, s.DeleteTeam(ctx, member.ID), inbox.CodeConflict)
		wantCode(t, s.DeleteTeam(ctx, fallback.ID), inbox.CodeConflict)
		if err := s.DeleteChannel(ctx, channel.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteTeam(ctx, member.ID); err != nil {
			t.Error(err)
		}
	})
}

func TestOnlyAgentsWithASeatEnterARule(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, agent := t.Context(), newAgent(t, s)
		channel := newChannel(t, s, func(c *inbox.Channel) { c.Assignment.AgentIDs = []string{agent.ID} })

		agent.Seat = false
		must(s.UpdateAgent(ctx, agent))(t)
		channel.Name = "Renamed"
		channel = must(s.UpdateChannel(ctx, channel))(t)

		channel.Assignment.AgentIDs = nil
		channel = must(s.UpdateChannel(ctx, channel))(t)
		channel.Assignment.AgentIDs = []string{agent.ID}
		_, err := s.UpdateChannel(ctx, channel)
		wantField(t, err, inbox.CodeSeatRequired, "assignment.agent_ids")
		_, err = s.CreateChannel(ctx, channel)
		wantField(t, err, inbox.CodeSeatRequired, "assignment.agent_ids")
	})
}

func TestAnEditKeepsTheEarlierRevision(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		first := newChannel(t, s)
		edited := first
		edited.Assignment.Mode, edited.Tickets.Enabled, edited.Enabled = inbox.AssignOwner, true, false
		edited.Settings = json.RawMessage(`{"colour":"#654321"}`)
		second := must(s.UpdateChannel(ctx, edited))(t)
		if second.Revision != 2 {
			t.Errorf("revision %d, want 2", second.Revision)
		}
		got := must(s.ChannelAt(ctx, first.ID, 1))(t)
		if got.Assignment.Mode != inbox.AssignOff || got.Tickets.Enabled || got.Revision != 1 {
			t.Errorf("revision 1 has become %+v", got)
		}
		if got.Enabled {
			t.Error("switching a channel off holds for running episodes too")
		}
		sameJSON(t, got.Settings, first.Settings)
		_, err := s.UpdateChannel(ctx, edited)
		wantCode(t, err, inbox.CodeConflict)
	})
}

func TestADeletedChannelIsGoneButItsRevisionsStay(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel := t.Context(), newChannel(t, s)
		if err := s.DeleteChannel(ctx, channel.ID); err != nil {
			t.Fatal(err)
		}
		_, err := s.Channel(ctx, channel.ID)
		wantCode(t, err, inbox.CodeNotFound)
		_, err = s.UpdateChannel(ctx, channel)
		wantCode(t, err, inbox.CodeNotFound)
		must(s.ChannelAt(ctx, channel.ID, 1))(t)
		if channels, _, err := s.Channels(ctx, channel.InboxID, store.Page{}); err != nil || len(channels) != 0 {
			t.Errorf("channels %v, %v", channels, err)
		}
	})
}

func TestAnAccountIsConnectedOnlyOnce(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		page := func(c *inbox.Channel) { c.Kind, c.Account = inbox.KindMessenger, "page-1" }
		first := newChannel(t, s, page)
		again := first
		_, err := s.CreateChannel(ctx, again)
		wantCode(t, err, inbox.CodeAlreadyConnected)
		if got := must(s.ChannelByAccount(ctx, inbox.KindMessenger, "page-1"))(t); got.ID != first.ID {
			t.Errorf("channel %s, want %s", got.ID, first.ID)
		}
		newChannel(t, s)
		newChannel(t, s) // channels without an account do not meet
		if err := s.DeleteChannel(ctx, first.ID); err != nil {
			t.Fatal(err)
		}
		newChannel(t, s, page)
	})
}

func TestATokenLeadsToItsAgentUntilItIsDeleted(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, agent := t.Context(), newAgent(t, s)
		id := must(s.CreateToken(ctx, agent.ID, "hash", "laptop"))(t)
		if got := must(s.AgentByTokenHash(ctx, "hash"))(t); got.ID != agent.ID {
			t.Errorf("agent %s, want %s", got.ID, agent.ID)
		}
		if tokens := must(s.Tokens(ctx, agent.ID))(t); len(tokens) != 1 || tokens[0].ID != id || tokens[0].Label != "laptop" {
			t.Errorf("tokens %+v", tokens)
		}
		wantCode(t, s.DeleteToken(ctx, newAgent(t, s).ID, id), inbox.CodeNotFound)
		if err := s.DeleteToken(ctx, agent.ID, id); err != nil {
			t.Fatal(err)
		}
		_, err := s.AgentByTokenHash(ctx, "hash")
		wantCode(t, err, inbox.CodeNotFound)
	})
}

func TestListsArePaged(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var want, got []string
		for range 5 {
			want = append(want, newInbox(t, s).ID)
		}
		for page := (store.Page{Limit: 2}); ; {
			inboxes, cursor, err := s.Inboxes(ctx, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, in := range inboxes {
				got = append(got, in.ID)
			}
			if page.Cursor = cursor; cursor == "" {
				break
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		_, _, err := s.Inboxes(ctx, store.Page{Cursor: "!"})
		wantField(t, err, inbox.CodeInvalid, "cursor")
		_, _, err = s.Inboxes(ctx, store.Page{Limit: 201})
		wantField(t, err, inbox.CodeInvalid, "limit")
	})
}
