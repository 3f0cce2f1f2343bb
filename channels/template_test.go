package channels_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/inbox"
)

func TestATemplateIsFilledWithItsOwnVariablesOnly(t *testing.T) {
	t.Parallel()
	body := "Hello {{name}}, order {{ 1 }} for {{name}} is ready."
	template := inbox.ApprovedTemplate{Body: body, Variables: channels.Placeholders(body)}
	require.Equal(t, []string{"name", "1"}, template.Variables)

	text, err := channels.FillTemplate(template, map[string]string{"name": "Grace {{1}}", "1": "42"})
	require.NoError(t, err)
	require.Equal(t, "Hello Grace {{1}}, order 42 for Grace {{1}} is ready.", text, "a value is not looked into")

	for field, variables := range map[string]map[string]string{
		"template.variables.name":  {"1": "42"},
		"template.variables.1":     {"1": " \n", "name": "Grace"},
		"template.variables.extra": {"1": "42", "name": "Grace", "extra": "x"},
	} {
		_, err := channels.FillTemplate(template, variables)
		var refusal *inbox.Error
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, field, refusal.Field)
	}
}
