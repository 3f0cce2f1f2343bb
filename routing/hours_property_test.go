package routing_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"switchboard/inbox"
	"switchboard/routing"
)

// clockChanges are moments at which a zone of drawHours changes its offset.
var clockChanges = []time.Time{
	time.Date(2026, time.March, 8, 7, 0, 0, 0, time.UTC),      // New York forward
	time.Date(2026, time.March, 29, 1, 0, 0, 0, time.UTC),     // Berlin forward
	time.Date(2026, time.April, 4, 15, 0, 0, 0, time.UTC),     // Lord Howe back half an hour
	time.Date(2026, time.April, 23, 22, 0, 0, 0, time.UTC),    // Cairo forward at midnight
	time.Date(2026, time.October, 3, 15, 30, 0, 0, time.UTC),  // Lord Howe forward half an hour
	time.Date(2026, time.October, 25, 1, 0, 0, 0, time.UTC),   // Berlin back
	time.Date(2026, time.October, 29, 21, 0, 0, 0, time.UTC),  // Cairo back at midnight
	time.Date(2026, time.November, 1, 6, 0, 0, 0, time.UTC),   // New York back
	time.Date(2026, time.November, 23, 10, 0, 0, 0, time.UTC), // nothing
}

func drawMoment(t *rapid.T, label string) time.Time {
	change := rapid.SampledFrom(clockChanges).Draw(t, label+" near")
	return change.Add(time.Duration(rapid.IntRange(-3*24*60*60, 24*60*60).Draw(t, label+" seconds off")) * time.Second)
}

func drawHours(t *rapid.T, label string) *inbox.Hours {
	h := &inbox.Hours{TimeZone: rapid.SampledFrom([]string{
		"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo",
	}).Draw(t, label+" zone")}
	for range rapid.IntRange(0, 6).Draw(t, label+" ranges") {
		from := rapid.IntRange(0, 24*4-1).Draw(t, label+" from")
		to := rapid.IntRange(0, 24*4).Filter(func(to int) bool { return to != from }).Draw(t, label+" to")
		h.Ranges = append(h.Ranges, inbox.HoursRange{
			Day:  inbox.WeekdayOf(time.Weekday(rapid.IntRange(0, 6).Draw(t, label+" day"))),
			From: quarter(from),
			To:   quarter(to),
		})
	}
	for range rapid.IntRange(0, 2).Draw(t, label+" holidays") {
		from := drawMoment(t, label+" holiday")
		to := from.AddDate(0, 0, rapid.IntRange(0, 2).Draw(t, label+" days"))
		h.Holidays = append(h.Holidays, inbox.Holiday{From: from.Format(time.DateOnly), To: to.Format(time.DateOnly)})
	}
	return h
}

func quarter(n int) string { return fmt.Sprintf("%02d:%02d", n/4, n%4*15) }

// wallOpen says again, by comparing what a clock and a calendar on the wall
// read, whether hours are open.
func wallOpen(h *inbox.Hours, at time.Time) bool {
	if h == nil {
		return true
	}
	zone, err := time.LoadLocation(h.TimeZone)
	if err != nil {
		panic(err)
	}
	local := at.In(zone)
	clock := local.Format("15:04")
	today := time.Date(local.Year(), local.Month(), local.Day(), 12, 0, 0, 0, time.UTC)
	yesterday := today.AddDate(0, 0, -1)
	works := func(day time.Time, r inbox.HoursRange) bool {
		date := day.Format(time.DateOnly)
		for _, holiday := range h.Holidays {
			if holiday.From <= date && date <= max(holiday.From, holiday.To) {
				return false
			}
		}
		return inbox.WeekdayOf(day.Weekday()) == r.Day
	}
	for _, r := range h.Ranges {
		overnight := r.To < r.From
		if works(today, r) && r.From <= clock && (overnight || clock < r.To) {
			return true
		}
		if works(yesterday, r) && overnight && clock < r.To {
			return true
		}
	}
	return false
}

func TestOpenIsWhatTheWallSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := drawHours(t, "hours")
		if err := routing.CheckHours(h); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			at := drawMoment(t, "at")
			open, err := routing.Open(h, at)
			if err != nil || open != wallOpen(h, at) {
				t.Fatalf("%v: got %v, %v", at, open, err)
			}
		}
	})
}

func TestNextOpenIsTheFirstMinuteThatOpens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := drawHours(t, "hours")
		after := drawMoment(t, "after")
		got, ok, err := routing.NextOpen(h, after)
		if err != nil {
			t.Fatal(err)
		}
		if ok && (!got.After(after) || !wallOpen(h, got) || wallOpen(h, got.Add(-1))) {
			t.Fatalf("nothing opens at %v", got)
		}
		const days = 9
		open := wallOpen(h, after)
		for at := after.Truncate(time.Minute).Add(time.Minute); at.Sub(after) < days*24*time.Hour; at = at.Add(time.Minute) {
			before := open
			if open = wallOpen(h, at); open && !before {
				if !ok || !got.Equal(at) {
					t.Fatalf("opens at %v, got %v, %v", at, got, ok)
				}
				return
			}
		}
		if ok && got.Sub(after) < days*24*time.Hour {
			t.Fatalf("got %v, at which nothing opens", got)
		}
	})
}
