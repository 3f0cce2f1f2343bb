package routing_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"switchboard/inbox"
	"switchboard/routing"
)

func TestCheckChatflowNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	type flow = inbox.Chatflow
	for name, c := range map[string]struct {
		breakIt func(*flow)
		field   string
	}{
		"no name":                    {func(f *flow) { f.Name = " " }, "name"},
		"no steps":                   {func(f *flow) { f.Steps = nil }, "steps"},
		"too many steps":             {func(f *flow) { f.Steps = make([]inbox.ChatStep, 101) }, "steps"},
		"a long greeting":            {func(f *flow) { f.Greeting = strings.Repeat("ä", 161) }, "greeting"},
		"no patience":                {func(f *flow) { f.Patience = time.Second }, "patience"},
		"an id with capitals":        {func(f *flow) { f.Steps[2].ID = "Thanks" }, "steps[2].id"},
		"an id twice":                {func(f *flow) { f.Steps[4].ID = "email" }, "steps[4].id"},
		"an unknown kind":            {func(f *flow) { f.Steps[5].Kind = "dance" }, "steps[5].kind"},
		"a step that says nothing":   {func(f *flow) { f.Steps[2].Text = "" }, "steps[2].text"},
		"a text that is too long":    {func(f *flow) { f.Steps[2].Text = strings.Repeat("a", 2000) }, "steps[2].text"},
		"a step that leads nowhere":  {func(f *flow) { f.Steps[2].Next = "" }, "steps[2].next"},
		"a step to an unknown one":   {func(f *flow) { f.Steps[1].Next = "nowhere" }, "steps[1].next"},
		"an answer to an unknown":    {func(f *flow) { f.Steps[0].Answers[1].Next = "nowhere" }, "steps[0].answers[1].next"},
		"an answer without a title":  {func(f *flow) { f.Steps[0].Answers[0].Title = "" }, "steps[0].answers[0].title"},
		"a title twice":              {func(f *flow) { f.Steps[0].Answers[2].Title = "my ORDER" }, "steps[0].answers[2].title"},
		"a title too long to show":   {func(f *flow) { f.Steps[0].Answers[2].Title = strings.Repeat("a", 21) }, "steps[0].answers[2].title"},
		"an answer's id twice":       {func(f *flow) { f.Steps[0].Answers[2].ID = "order" }, "steps[0].answers[2].id"},
		"no answers":                 {func(f *flow) { f.Steps[0].Answers = nil }, "steps[0].answers"},
		"too many retries":           {func(f *flow) { f.Steps[0].Retries = 6 }, "steps[0].retries"},
		"a fallback to an unknown":   {func(f *flow) { f.Steps[0].Fallback = "nowhere" }, "steps[0].fallback"},
		"an unknown thing to ask":    {func(f *flow) { f.Steps[1].Collect = "shoes" }, "steps[1].collect"},
		"a custom field's name":      {func(f *flow) { f.Steps[1].Collect = inbox.CollectCustom }, "steps[1].field"},
		"a field that is not custom": {func(f *flow) { f.Steps[1].Field = "size" }, "steps[1].field"},
		"a branch by no answer":      {func(f *flow) { f.Steps[3].Of = "thanks" }, "steps[3].of"},
		"a branch without a case":    {func(f *flow) { f.Steps[3].Cases = nil }, "steps[3].cases"},
		"a case that cannot be":      {func(f *flow) { f.Steps[3].Cases[0].Value = "never" }, "steps[3].cases[0].value"},
		"a case to an unknown":       {func(f *flow) { f.Steps[3].Cases[0].Next = "nowhere" }, "steps[3].cases[0].next"},
		"a branch without otherwise": {func(f *flow) { f.Steps[3].Next = "" }, "steps[3].next"},
		"an end that goes on":        {func(f *flow) { f.Steps[5].Next = "person" }, "steps[5].next"},
		"a step never reached":       {func(f *flow) { f.Steps[0].Answers[1].Next = "bye" }, "steps[4]"},
		"a circle without contact":   {func(f *flow) { f.Steps[3].Next = "thanks" }, "steps[2]"},
		"a flow that never ends": {func(f *flow) {
			f.Steps = []inbox.ChatStep{{
				ID: "again", Kind: inbox.StepChoose, Text: "?", Answers: []inbox.ChatAnswer{{ID: "a", Title: "A", Next: "again"}},
			}}
		}, "steps[0]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flow := lampShop()
			c.breakIt(&flow)
			err := routing.CheckChatflow(flow, inbox.KindMessenger)
			refusal, ok := errors.AsType[*inbox.Error](err)
			require.True(t, ok, "was not refused: %v", err)
			assert.Equal(t, c.field, refusal.Field)
		})
	}
}

func TestCheckChatflowTakesWhatRuns(t *testing.T) {
	t.Parallel()
	require.NoError(t, routing.CheckChatflow(lampShop(), inbox.KindMessenger))
	flow := lampShop()
	flow.Steps[0].Answers[0].Title = strings.Repeat("a", 21)
	require.NoError(t, routing.CheckChatflow(flow, inbox.KindChat), "a chat shows longer buttons")
	back := lampShop()
	back.Steps[1].Next = "topic"
	back.Steps = append(back.Steps[:2], back.Steps[4:]...)
	require.NoError(t, routing.CheckChatflow(back, inbox.KindChat), "the contact may go in circles")
	require.Error(t, routing.CheckChatflow(lampShop(), inbox.KindEmail))
}
