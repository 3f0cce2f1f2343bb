package routing_test

import (
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
)

func TestNobodyIsToldTwiceADayThatNobodyIsThere(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		question inbox.AwayQuestion
		want     bool
	}{
		"the first time":            {inbox.AwayQuestion{At: now, ByPerson: true}, true},
		"a moment later":            {inbox.AwayQuestion{At: now, LastAnswer: now.Add(-time.Second), ByPerson: true}, false},
		"a second before a day":     {inbox.AwayQuestion{At: now, LastAnswer: now.Add(-24*time.Hour + time.Second), ByPerson: true}, false},
		"a day later":               {inbox.AwayQuestion{At: now, LastAnswer: now.Add(-24 * time.Hour), ByPerson: true}, true},
		"to a team of ours":         {inbox.AwayQuestion{At: now, ByPerson: true, ToTeam: true}, false},
		"to a program":              {inbox.AwayQuestion{At: now}, false},
		"to a program a week later": {inbox.AwayQuestion{At: now, LastAnswer: now.AddDate(0, 0, -7)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := routing.AnswerAway(tc.question); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}
