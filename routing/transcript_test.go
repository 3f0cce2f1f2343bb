package routing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/inbox"
	"switchboard/routing"
)

func TestAContactHasFewTranscriptsMailedADay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	asked := func(ago ...time.Duration) (times []time.Time) {
		for _, d := range ago {
			times = append(times, now.Add(-d))
		}
		return times
	}
	const hour = time.Hour
	four, five := asked(1*hour, 2*hour, 3*hour, 4*hour), asked(1*hour, 2*hour, 3*hour, 4*hour, 20*hour)
	cases := map[string]struct {
		question inbox.TranscriptQuestion
		again    time.Time
	}{
		"the first":                {inbox.TranscriptQuestion{}, time.Time{}},
		"the fifth":                {inbox.TranscriptQuestion{OfConversation: four, ToAddress: four}, time.Time{}},
		"the conversation's sixth": {inbox.TranscriptQuestion{OfConversation: five}, now.Add(4 * hour)},
		"the address's sixth":      {inbox.TranscriptQuestion{ToAddress: five}, now.Add(4 * hour)},
		"later of both": {
			inbox.TranscriptQuestion{OfConversation: five, ToAddress: append(asked(0), four...)}, now.Add(20 * hour),
		},
		"a day later":       {inbox.TranscriptQuestion{OfConversation: append(four, now.Add(-24*hour))}, time.Time{}},
		"a second too soon": {inbox.TranscriptQuestion{OfConversation: append(four, now.Add(time.Second-24*hour))}, now.Add(time.Second)},
		"an agent's sixth":  {inbox.TranscriptQuestion{ByAgent: true, OfConversation: five, ToAddress: five}, time.Time{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.question.At = now
			c.question.Answered = true
			again, err := routing.MailTranscript(c.question)
			require.NoError(t, err)
			require.Equal(t, c.again, again)
		})
	}
}

func TestAContactHasNothingMailedBeforeAnAgentAnswered(t *testing.T) {
	t.Parallel()
	_, err := routing.MailTranscript(inbox.TranscriptQuestion{})
	require.Equal(t, inbox.CodeConflict, inbox.CodeOf(err))
	_, err = routing.MailTranscript(inbox.TranscriptQuestion{ByAgent: true})
	require.NoError(t, err)
}
