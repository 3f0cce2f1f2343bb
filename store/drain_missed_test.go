package store_test

import (
	"slices"
	"testing"

	"switchboard/inbox"
	"switchboard/store"
)

func TestAnAgentWhoIsThereAndAwaitedIsFound(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, []int{1, 1})
		team := must(s.CreateTeam(t.Context(), inbox.Team{Name: "Team", MemberIDs: []string{d.agents[1].ID}}))(t)
		named := d.open(t, func(rule *inbox.Assignment) { rule.AgentIDs = []string{d.agents[0].ID} })
		byTeam := d.open(t, func(rule *inbox.Assignment) { rule.AgentIDs, rule.TeamIDs = nil, []string{team.ID} })
		awaited := func() []string { return must(s.Awaited(t.Context()))(t) }

		for _, agent := range d.agents {
			if err := s.SetAvailability(t.Context(), agent.ID, inbox.Away); err != nil {
				t.Fatal(err)
			}
		}
		for _, channel := range []inbox.Channel{named, byTeam} {
			d.assigns(t, d.arrives(t, channel, noon), inbox.CauseNew, noon)
		}
		if got := awaited(); len(got) != 0 {
			t.Errorf("with everybody away %v are found", got)
		}
		for i, agent := range d.agents {
			if err := s.SetAvailability(t.Context(), agent.ID, inbox.Available); err != nil {
				t.Fatal(err)
			}
			if got := awaited(); !slices.Contains(got, agent.ID) || len(got) != i+1 {
				t.Errorf("with %d there, found are %v", i+1, got)
			}
		}
		for _, agent := range d.agents {
			d.drains(t, agent.ID, noon)
		}
		if got := awaited(); len(got) != 0 {
			t.Errorf("with an empty queue %v are found", got)
		}
	})
}
