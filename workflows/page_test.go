package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/workflows"
)

func TestAPageIsCheckedUntilItIsAsItShouldBe(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.RegisterWorkflow(workflows.Page)
	e.steps.checkErrors = 3
	e.ExecuteWorkflow(workflows.Page, "ch1")
	require.NoError(t, e.GetWorkflowError())
	require.Equal(t, 4, e.steps.times("check page ch1"))
}
