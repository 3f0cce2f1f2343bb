package routing_test

import (
	"fmt"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
)

// fiftyCandidates each work Monday to Friday, from nine to five with a break.
func fiftyCandidates() inbox.AssignmentQuestion {
	q := ask(teams("t"))
	for i := range 50 {
		h := &inbox.Hours{TimeZone: "Europe/Berlin", Holidays: []inbox.Holiday{{From: "2026-12-24", To: "2026-12-26"}}}
		for day := time.Monday; day <= time.Friday; day++ {
			h.Ranges = append(h.Ranges,
				inbox.HoursRange{Day: inbox.WeekdayOf(day), From: "09:00", To: "12:00"},
				inbox.HoursRange{Day: inbox.WeekdayOf(day), From: "13:00", To: "17:00"})
		}
		q.Candidates = append(q.Candidates, candidate(fmt.Sprintf("agent-%02d", i), in("t"), works(h), holds(i%5, 5)))
	}
	return q
}

func BenchmarkAssignAmongFifty(b *testing.B) {
	q := fiftyCandidates()
	for b.Loop() {
		routing.Assign(q)
	}
}

func BenchmarkAssignWaitingForHours(b *testing.B) {
	q := fiftyCandidates()
	q.At = monday.Add(-6 * time.Hour)
	for b.Loop() {
		routing.Assign(q)
	}
}

func BenchmarkAssignWhenHoursNeverMeet(b *testing.B) {
	q := fiftyCandidates()
	q.Rule.Hours = hours("Europe/Berlin", "monday", "12:00-13:00")
	for b.Loop() {
		routing.Assign(q)
	}
}
