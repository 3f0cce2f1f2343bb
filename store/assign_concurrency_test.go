package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
	"switchboard/store"
)

// watched is routing.Assign that fails the test when it is shown an agent beyond
// his capacity: the claim decides under its lock.
func watched(t *testing.T) store.Decide {
	return func(q inbox.AssignmentQuestion) inbox.AssignmentDecision {
		for _, c := range q.Candidates {
			if c.Active > c.Agent.Capacity {
				t.Errorf("agent %s has %d of %d", c.Agent.ID, c.Active, c.Agent.Capacity)
			}
		}
		return routing.Assign(q)
	}
}

// watchLoads fails the test when an agent is seen beyond his capacity, until
// the returned function is called.
func watchLoads(t *testing.T, d desk) (stop func()) {
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			for _, agent := range d.agents {
				if n := len(d.holds(t, agent.ID)); n > agent.Capacity {
					t.Errorf("agent with capacity %d holds %d", agent.Capacity, n)
				}
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	return func() { close(done); watching.Wait() }
}

// inParallel runs f for every item, in 16 goroutines that take turns on the two
// stores.
func inParallel[T any](pair [2]*store.Store, items []T, f func(s *store.Store, item T)) {
	queue := make(chan T, len(items))
	for _, item := range items {
		queue <- item
	}
	close(queue)
	var workers sync.WaitGroup
	for i := range 16 {
		workers.Go(func() {
			for item := range queue {
				f(pair[i%2], item)
			}
		})
	}
	workers.Wait()
}

func TestAgentsNeverPassTheirCapacityWhateverRunsAtOnce(t *testing.T) {
	forEachPair(t, func(t *testing.T, pair [2]*store.Store) {
		d := newDesk(t, pair[0], []int{2, 3, 5})
		var refs []inbox.EpisodeRef
		at := map[inbox.EpisodeRef]time.Time{}
		for i := range 40 {
			ref := d.arrives(t, d.channel, noon)
			at[ref] = noon.Add(time.Duration(i) * time.Second)
			refs = append(refs, ref)
		}
		stop := watchLoads(t, d)
		inParallel(pair, refs, func(s *store.Store, ref inbox.EpisodeRef) {
			req := store.AssignRequest{Ref: ref, Key: "1/1", Cause: inbox.CauseNew, At: at[ref]}
			var answers [2]store.Assigned
			var both sync.WaitGroup
			for i := range answers { // the same question at once, as after a lost answer
				both.Go(func() {
					got, err := s.Assign(t.Context(), req, watched(t))
					if err != nil {
						t.Error(err)
					}
					answers[i] = got
				})
			}
			both.Wait()
			if !sameAnswer(answers[0], answers[1]) {
				t.Errorf("answers %+v and %+v", answers[0], answers[1])
			}
		})
		for _, agent := range d.agents {
			if n := len(d.holds(t, agent.ID)); n != agent.Capacity {
				t.Errorf("agent with capacity %d holds %d", agent.Capacity, n)
			}
		}
		waiting := d.waiting(t)
		if len(waiting) != 30 {
			t.Fatalf("%d wait", len(waiting))
		}

		// Agents free their places at once; each free place takes the oldest.
		var served []inbox.EpisodeRef
		var mu sync.Mutex
		var places []inbox.EpisodeRef
		for _, agent := range d.agents {
			for _, c := range d.holds(t, agent.ID) {
				places = append(places, inbox.EpisodeRef{ConversationID: c.ID, Episode: c.Episode})
			}
		}
		for len(places) > 0 {
			var next []inbox.EpisodeRef
			inParallel(pair, places, func(s *store.Store, ref inbox.EpisodeRef) {
				freed, err := s.CloseEpisode(t.Context(), ref, inbox.Author{}, noon, "test")
				if err != nil {
					t.Error(err)
				}
				drained, err := s.Drain(t.Context(), freed, noon.Add(time.Hour), watched(t))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				next = append(next, drained...)
			})
			served = append(served, next...)
			// Whoever was served in this round waited longer than all who wait on.
			left := d.waiting(t)
			for _, ref := range next {
				for _, c := range left {
					if at[ref].After(c.WaitingSince) {
						t.Errorf("one that waits since %v was overtaken", c.WaitingSince)
					}
				}
			}
			places = next
		}
		stop()
		if len(served) != 30 {
			t.Errorf("%d were served", len(served))
		}
		for _, ref := range refs {
			if n := d.count(t, ref, inbox.EventAssigned); n != 1 {
				t.Errorf("assigned %d times", n)
			}
		}
		if n := store.CountRows(t, pair[0], "queue_entries"); n != 0 {
			t.Errorf("%d queue entries are left", n)
		}
	})
}

func TestTheQueueIsServedStrictlyInOrder(t *testing.T) {
	forEachPair(t, func(t *testing.T, pair [2]*store.Store) {
		d := newDesk(t, pair[0], []int{1, 1, 1})
		var waiting []inbox.EpisodeRef
		for _, agent := range d.agents {
			d.is(t, agent.ID, inbox.Away)
		}
		for i := range 30 {
			ref, _ := d.routes(t, noon.Add(time.Duration(i)*time.Second))
			waiting = append(waiting, ref)
		}
		for _, agent := range d.agents {
			d.is(t, agent.ID, inbox.Available)
		}
		inParallel(pair, d.ids(), func(s *store.Store, agentID string) {
			drain := func(agentID string) []inbox.EpisodeRef {
				refs, err := s.Drain(t.Context(), agentID, noon.Add(time.Hour), routing.Assign)
				if err != nil {
					t.Error(err)
				}
				return refs
			}
			for drained := drain(agentID); len(drained) > 0; drained = drained[1:] {
				freed, err := s.CloseEpisode(t.Context(), drained[0], inbox.Author{}, noon, "test")
				if err != nil {
					t.Error(err)
				}
				drained = append(drained, drain(freed)...)
			}
		})
		if order := d.assignmentOrder(t); !slices.Equal(order, waiting) {
			t.Errorf("served %v, waited %v", order, waiting)
		}
	})
}

func TestMessagesAgentsAndClaimsDoNotBlockEachOther(t *testing.T) {
	forEachPair(t, func(t *testing.T, pair [2]*store.Store) {
		d := newDesk(t, pair[0], []int{3, 3, 3, 3})
		team := must(pair[0].CreateTeam(t.Context(), inbox.Team{Name: "Second level", MemberIDs: d.ids()[:2]}))(t)
		second := d.open(t, func(rule *inbox.Assignment) { rule.AgentIDs, rule.FallbackTeamID = d.ids()[2:], team.ID })
		var refs []inbox.EpisodeRef
		for i := range 60 {
			refs = append(refs, d.arrives(t, []inbox.Channel{d.channel, second}[i%2], noon))
		}
		check := func(err error) {
			if code := inbox.CodeOf(err); err != nil && code == inbox.CodeInternal {
				t.Error(err)
			}
		}
		inParallel(pair, refs, func(s *store.Store, ref inbox.EpisodeRef) {
			ctx, id := t.Context(), ref.ConversationID
			_, err := s.ResolveContact(ctx, ref)
			check(err)
			assign := func(key int, cause inbox.AssignmentCause) {
				_, err := s.Assign(ctx, store.AssignRequest{Ref: ref, Key: fmt.Sprint(key), Cause: cause, At: noon}, routing.Assign)
				check(err)
			}
			assign(1, inbox.CauseNew)
			_, err = s.OpenTicket(ctx, ref, noon, routing.Ticket)
			check(err)
			assign(2, inbox.CauseUnanswered)
			freed, err := s.AssignToTeam(ctx, id, team.ID, inbox.Author{}, noon)
			check(err)
			assign(3, inbox.CauseTeam)
			check(s.SetAvailability(ctx, d.agents[0].ID, inbox.Available))
			_, err = s.Drain(ctx, freed, noon, routing.Assign)
			check(err)
			freed, err = s.CloseEpisode(ctx, ref, inbox.Author{}, noon, "test")
			check(err)
			_, err = s.Drain(ctx, freed, noon, routing.Assign)
			check(err)
		})
		if n := store.CountRows(t, pair[0], "queue_entries"); n != 0 {
			t.Errorf("%d queue entries are left", n)
		}
	})
}

// waiting returns the queue, in order.
func (d desk) waiting(t testing.TB) []inbox.Conversation {
	t.Helper()
	waiting := must2(d.Conversations(t.Context(), store.ConversationFilter{Status: inbox.StatusWaiting}, store.Page{Limit: 200}))(t)
	slices.SortFunc(waiting, func(a, b inbox.Conversation) int { return a.WaitingSince.Compare(b.WaitingSince) })
	return waiting
}

// assignmentOrder returns the conversations in the order of their assignment.
func (d desk) assignmentOrder(t testing.TB) []inbox.EpisodeRef {
	t.Helper()
	var order []inbox.EpisodeRef
	for _, event := range must(d.EventsAfter(t.Context(), 0, 10000))(t) {
		if event.Kind == inbox.EventAssigned {
			order = append(order, inbox.EpisodeRef{ConversationID: event.ConversationID, Episode: 1})
		}
	}
	return order
}
