package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/activities"
	"switchboard/inbox"
	"switchboard/workflows"
)

func TestTemplatesAreAskedForOnce(t *testing.T) {
	t.Parallel()
	e := newEpisode(t)
	e.RegisterWorkflow(workflows.Templates)
	e.ExecuteWorkflow(workflows.Templates, workflows.TemplatesInput{Kind: inbox.KindWhatsApp, Queue: activities.WhatsAppQueue})
	require.NoError(t, e.GetWorkflowError())
	require.Equal(t, 1, e.steps.times("refresh templates of whatsapp"))
}
