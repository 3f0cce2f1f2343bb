package activities_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/inbox"
)

// sweeper is an intake that told of two messages and a nudge.
type sweeper struct{ err error }

func (s sweeper) Sweep(context.Context) (activities.Swept, error) {
	return activities.Swept{Messages: 2, Nudges: 1}, s.err
}

func TestASweepAlsoAssignsWhatWaitsForAnAgentWhoseComingWasMissed(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.Sweeper = sweeper{}
		away := w.hire(func(agent *inbox.Agent) { agent.Availability = inbox.Away })
		ref := w.waits(w.channel(inbox.KindChat, away))
		require.Equal(t, activities.Swept{Messages: 2, Nudges: 1}, must(w.sweeps(t))(t))
		w.is(away, inbox.Available)
		require.Equal(t, activities.Swept{Messages: 2, Nudges: 1, Assigned: 1}, must(w.sweeps(t))(t))
		require.Equal(t, away.ID, w.conversation(ref).AssigneeID)
		require.Equal(t, []inbox.EpisodeRef{ref}, w.nudger.told)
	})
}

func TestASweepThatFailedIsTriedAgain(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, w *world) {
		w.Sweeper = sweeper{errors.New("the database is away")}
		_, err := w.sweeps(t)
		wantRetry(t, err)
	})
}

// sweeps runs the sweep as a worker does: it tells Temporal that it lives.
func (w *world) sweeps(t *testing.T) (swept activities.Swept, err error) {
	t.Helper()
	result, err := w.worker().ExecuteActivity(w.Sweep)
	if err != nil {
		return swept, err
	}
	return swept, result.Get(&swept)
}
