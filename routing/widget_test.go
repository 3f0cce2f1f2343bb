package routing_test

import (
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
)

func TestChatAvailability(t *testing.T) {
	t.Parallel()
	const (
		team    = routing.ChatByTeam
		byHours = routing.ChatByHours
		always  = routing.ChatAlways
	)
	open, closed, never := mondays("09:00-17:00"), mondays("08:00-10:00", "14:00-16:00"), mondays()
	back := monday.Add(4 * time.Hour)
	type (
		question = routing.ChatQuestion
		answer   = routing.ChatAnswer
	)
	shows := func(state routing.ChatAvailability, show routing.ChatShow) answer {
		return answer{State: state, Show: show}
	}
	hidden := func(state routing.ChatAvailability) answer {
		return answer{State: state, Hidden: true, Show: routing.ShowNothing}
	}
	cases := []struct {
		name     string
		question question
		want     answer
	}{
		{"C6 somebody available: reply time", question{Mode: team, AnyAvailable: true, ReplyTime: true}, shows("open", "reply_time")},
		{"C6 somebody available, no reply time given", question{Mode: team, AnyAvailable: true}, shows("open", "none")},
		{"C6 all away: message", question{Mode: team, Away: "message", ReplyTime: true}, shows("away", "message")},
		{"C6 all away: hide", question{Mode: team, Away: "hide"}, hidden("away")},
		{"C6 all away: reply time is not offered", question{Mode: team, Away: "reply_time", ReplyTime: true}, shows("away", "message")},
		{"C6 all away: return time is not offered", question{Mode: team, Away: "return_time"}, shows("away", "message")},
		{"C6 all away, nothing chosen: message", question{Mode: team}, shows("away", "message")},
		{"C6 does not look at operating hours", question{Mode: team, AnyAvailable: true, ReplyTime: true, Hours: closed}, shows("open", "reply_time")},

		{"C7 in hours: reply time", question{Mode: byHours, Hours: open, AnyAvailable: true, ReplyTime: true}, shows("open", "reply_time")},
		{"C7 in hours, all away: message", question{Mode: byHours, Hours: open, Away: "message", ReplyTime: true}, shows("away", "message")},
		{"C7 in hours, all away: reply time", question{Mode: byHours, Hours: open, Away: "reply_time", ReplyTime: true}, shows("away", "reply_time")},
		{"C7 in hours, all away: reply time, none given", question{Mode: byHours, Hours: open, Away: "reply_time"}, shows("away", "none")},
		{"C7 in hours, all away: hide", question{Mode: byHours, Hours: open, Away: "hide", Outside: "message"}, hidden("away")},
		{"C7 outside hours: message", question{Mode: byHours, Hours: closed, AnyAvailable: true, Away: "hide", Outside: "message"}, shows("outside_hours", "message")},
		{"C7 outside hours: return time", question{Mode: byHours, Hours: closed, Outside: "return_time"}, answer{State: "outside_hours", Show: "return_time", ReturnsAt: back}},
		{"C7 outside hours: hide", question{Mode: byHours, Hours: closed, AnyAvailable: true, Outside: "hide"}, hidden("outside_hours")},
		{"C7 outside hours: reply time is not offered", question{Mode: byHours, Hours: closed, Outside: "reply_time", ReplyTime: true}, shows("outside_hours", "message")},
		{"C7 never returning: message", question{Mode: byHours, Hours: never, Outside: "return_time"}, shows("outside_hours", "message")},
		{"C7 without hours is always in hours", question{Mode: byHours, AnyAvailable: true, ReplyTime: true}, shows("open", "reply_time")},

		{"C8 reply time", question{Mode: always, ReplyTime: true}, shows("open", "reply_time")},
		{"C8 none", question{Mode: always}, shows("open", "none")},
		{"C8 whoever is away", question{Mode: always, Away: "hide", Outside: "hide", Hours: closed}, shows("open", "none")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.question.At = monday
			got, err := routing.ChatState(c.question)
			if err != nil || got != c.want {
				t.Errorf("got %+v, %v, want %+v", got, err, c.want)
			}
		})
	}
}

func TestChatHoursThatCannotBeReadAreAnError(t *testing.T) {
	t.Parallel()
	_, err := routing.ChatState(routing.ChatQuestion{At: monday, Mode: routing.ChatByHours, Hours: hours("Nowhere", "monday", "09:00-17:00")})
	if inbox.CodeOf(err) != inbox.CodeInvalid {
		t.Errorf("got %v", err)
	}
}

func TestPresentAgentsKeepAChatOpen(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		agent inbox.Candidate
		want  bool
	}{
		"available":       {candidate("ann"), true},
		"away":            {candidate("ann", away), false},
		"without a seat":  {candidate("ann", withoutSeat), false},
		"in hours":        {candidate("ann", works(mondays("09:00-11:00"))), true},
		"outside hours":   {candidate("ann", works(mondays("11:00-12:00"))), false},
		"another status":  {candidate("ann", status("online")), false},
		"full to the top": {candidate("ann", holds(1, 1)), true},
	}
	for name, c := range cases {
		if got := routing.Present(c.agent.Agent, monday); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
