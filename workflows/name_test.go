package workflows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
)

func TestAContactsNameIsAskedForBesideRoutingAndNotBeforeConsent(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.resolved.NameQueue, e.steps.resolved.AsksConsent = "people", true
	e.steps.consented = []activities.Consented{{Waits: true}, {}}
	e.steps.nameErrors = 3
	e.after(time.Minute, func() {
		require.Zero(t, e.steps.times("name contact of c1"), "the contact has not agreed")
		e.message("m2")
	})
	e.after(2*time.Minute, func() {
		require.Equal(t, 4, e.steps.times("name contact of c1"), "three tries failed")
		require.True(t, slices.Contains(e.steps.asked, "open ticket"))
		e.message("m3")
	})
	e.closeAfter(time.Hour)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Equal(t, 4, e.steps.times("name contact of c1"))
}

func TestClosingDoesNotWaitForAName(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.steps.resolved.NameQueue = "people"
	e.steps.nameErrors = 9
	e.closeAfter(time.Second)
	e.run()
	require.NoError(t, e.GetWorkflowError())
	require.Less(t, e.Now().Sub(start), time.Minute)
}
