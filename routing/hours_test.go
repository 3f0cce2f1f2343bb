package routing_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
)

// moment reads "2026-11-23 10:00 -0500".
func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04 -0700", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func isOpen(t *testing.T, h *inbox.Hours, at time.Time) bool {
	t.Helper()
	open, err := routing.Open(h, at)
	if err != nil {
		t.Fatal(err)
	}
	return open
}

// turns lists the minutes from one moment to another at which hours open and
// close, as UTC times of day, and fails when NextOpen finds other openings.
func turns(t *testing.T, h *inbox.Hours, from, to time.Time) []string {
	t.Helper()
	var opens, all []string
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		switch now, before := isOpen(t, h, at), isOpen(t, h, at.Add(-1)); {
		case now && !before:
			opens = append(opens, at.UTC().Format("02 15:04"))
			all = append(all, "opens "+at.UTC().Format("02 15:04"))
		case before && !now:
			all = append(all, "closes "+at.UTC().Format("02 15:04"))
		}
	}
	var found []string
	for at := from.Add(-1); ; {
		next, ok, err := routing.NextOpen(h, at)
		if err != nil {
			t.Fatal(err)
		}
		if !ok || !next.Before(to) {
			break
		}
		found = append(found, next.Format("02 15:04"))
		at = next
	}
	if !slices.Equal(found, opens) {
		t.Errorf("NextOpen finds %v, Open says %v", found, opens)
	}
	return all
}

func TestHoursOpenAndClose(t *testing.T) {
	t.Parallel()
	split := mondays("09:00-12:00", "13:00-17:00")
	abutting := mondays("09:00-12:00", "12:00-17:00")
	night := mondays("22:00-02:00")
	wholeDay := mondays("00:00-24:00")
	closedMonday := mondays("09:00-17:00", "22:00-02:00")
	closedMonday.Holidays = []inbox.Holiday{{From: "2026-11-23"}}
	closedTuesday := mondays("22:00-02:00")
	closedTuesday.Holidays = []inbox.Holiday{{From: "2026-11-24"}}
	longHoliday := mondays("09:00-17:00")
	longHoliday.Holidays = []inbox.Holiday{{From: "2026-11-20", To: "2026-11-23"}}
	cases := []struct {
		name  string
		hours *inbox.Hours
		want  []string
	}{
		{"a split shift", split, []string{"opens 23 09:00", "closes 23 12:00", "opens 23 13:00", "closes 23 17:00"}},
		{"ranges that touch are one", abutting, []string{"opens 23 09:00", "closes 23 17:00"}},
		{"ranges that overlap are one", mondays("09:00-15:00", "12:00-17:00"), []string{"opens 23 09:00", "closes 23 17:00"}},
		{"past midnight", night, []string{"opens 23 22:00", "closes 24 02:00"}},
		{"until midnight, as the next day's beginning", mondays("22:00-00:00"), []string{"opens 23 22:00", "closes 24 00:00"}},
		{"until midnight, as the day's end", mondays("22:00-24:00"), []string{"opens 23 22:00", "closes 24 00:00"}},
		{"the whole day", wholeDay, []string{"opens 23 00:00", "closes 24 00:00"}},
		{"a holiday closes its day's ranges, with what they have after midnight", closedMonday, nil},
		{"a holiday leaves open the rest of the evening before", closedTuesday, []string{"opens 23 22:00", "closes 24 02:00"}},
		{"a holiday's last day is closed", longHoliday, nil},
		{"no ranges are never open", mondays(), nil},
		{"in a zone behind", hours("America/New_York", "monday", "09:00-17:00"), []string{"opens 23 14:00", "closes 23 22:00"}},
		{"in a zone ahead, where Tuesday comes early", hours("Pacific/Auckland", "tuesday", "09:00-17:00"), []string{"opens 23 20:00", "closes 24 04:00"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := turns(t, c.hours, monday.Add(-12*time.Hour), monday.Add(36*time.Hour))
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestHoursFollowTheClockOnTheWall(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		hours    *inbox.Hours
		midnight string
		want     []string
	}{
		{
			"Berlin skips 02:00 to 03:00: what begins there opens as the clock jumps",
			hours("Europe/Berlin", "sunday", "02:30-05:00"), "2026-03-29 00:00 +0100",
			[]string{"opens 29 01:00", "closes 29 03:00"},
		},
		{
			"Berlin skips 02:00 to 03:00: what ends there closes as the clock jumps",
			hours("Europe/Berlin", "sunday", "01:00-02:30"), "2026-03-29 00:00 +0100",
			[]string{"opens 29 00:00", "closes 29 01:00"},
		},
		{
			"Berlin skips 02:00 to 03:00: what lies within never opens",
			hours("Europe/Berlin", "sunday", "02:00-03:00"), "2026-03-29 00:00 +0100", nil,
		},
		{
			"Berlin skips 02:00 to 03:00: what begins at 03:00 opens as the clock jumps",
			hours("Europe/Berlin", "sunday", "03:00-03:10", "04:00-05:00"), "2026-03-29 00:00 +0100",
			[]string{"opens 29 01:00", "closes 29 01:10", "opens 29 02:00", "closes 29 03:00"},
		},
		{
			"Berlin repeats 02:00 to 03:00: what lies across is open an hour longer",
			hours("Europe/Berlin", "sunday", "01:00-04:00"), "2026-10-25 00:00 +0200",
			[]string{"opens 24 23:00", "closes 25 03:00"},
		},
		{
			"Berlin repeats 02:00 to 03:00: what lies within opens twice",
			hours("Europe/Berlin", "sunday", "02:15-02:45"), "2026-10-25 00:00 +0200",
			[]string{"opens 25 00:15", "closes 25 00:45", "opens 25 01:15", "closes 25 01:45"},
		},
		{
			"Berlin repeats 02:00 to 03:00: what ends there opens again as the clock jumps",
			hours("Europe/Berlin", "sunday", "01:00-02:30"), "2026-10-25 00:00 +0200",
			[]string{"opens 24 23:00", "closes 25 00:30", "opens 25 01:00", "closes 25 01:30"},
		},
		{
			"Berlin's night shift is an hour longer when the clock goes back",
			hours("Europe/Berlin", "saturday", "22:00-06:00"), "2026-10-24 00:00 +0200",
			[]string{"opens 24 20:00", "closes 25 05:00"},
		},
		{
			"New York skips 02:00 to 03:00",
			hours("America/New_York", "sunday", "02:30-05:00"), "2026-03-08 00:00 -0500",
			[]string{"opens 08 07:00", "closes 08 09:00"},
		},
		{
			"New York repeats 01:00 to 02:00",
			hours("America/New_York", "sunday", "01:15-01:45"), "2026-11-01 00:00 -0400",
			[]string{"opens 01 05:15", "closes 01 05:45", "opens 01 06:15", "closes 01 06:45"},
		},
		{
			"Lord Howe skips half an hour from 02:00",
			hours("Australia/Lord_Howe", "sunday", "02:15-03:00"), "2026-10-04 00:00 +1030",
			[]string{"opens 03 15:30", "closes 03 16:00"},
		},
		{
			"Lord Howe repeats half an hour from 01:30",
			hours("Australia/Lord_Howe", "sunday", "01:40-01:50"), "2026-04-05 00:00 +1100",
			[]string{"opens 04 14:40", "closes 04 14:50", "opens 04 15:10", "closes 04 15:20"},
		},
		{
			"Cairo skips midnight to 01:00",
			hours("Africa/Cairo", "friday", "00:00-02:00"), "2026-04-23 22:00 +0200",
			[]string{"opens 23 22:00", "closes 23 23:00"},
		},
		{
			"Cairo repeats the hour before midnight",
			hours("Africa/Cairo", "thursday", "23:15-24:00"), "2026-10-29 00:00 +0300",
			[]string{"opens 29 20:15", "closes 29 21:00", "opens 29 21:15", "closes 29 22:00"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			midnight := moment(t, c.midnight)
			got := turns(t, c.hours, midnight, midnight.Add(36*time.Hour))
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestNoHoursAreAlwaysOpenAndNeverBecomeOpen(t *testing.T) {
	t.Parallel()
	if !isOpen(t, nil, monday) {
		t.Error("closed")
	}
	if at, ok, err := routing.NextOpen(nil, monday); ok || err != nil {
		t.Errorf("got %v, %v", at, err)
	}
}

func TestTheNextOpeningIsStrictlyLater(t *testing.T) {
	t.Parallel()
	nine := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	next := func(after time.Time) time.Time {
		at, ok, err := routing.NextOpen(mondays("09:00-17:00"), after)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		return at
	}
	if got := next(nine.Add(-1)); !got.Equal(nine) {
		t.Errorf("a nanosecond before: got %v", got)
	}
	if got, want := next(nine), nine.AddDate(0, 0, 7); !got.Equal(want) {
		t.Errorf("at the opening: got %v, want %v", got, want)
	}
	if got, want := next(nine.Add(time.Hour)), nine.AddDate(0, 0, 7); !got.Equal(want) {
		t.Errorf("while open: got %v, want %v", got, want)
	}
}

func TestAnOpeningMoreThan400DaysAwayIsNotLookedFor(t *testing.T) {
	t.Parallel()
	h := hours("Europe/Berlin", "monday", "09:00-17:00")
	h.Holidays = []inbox.Holiday{{From: "2026-01-01", To: "2027-12-20"}}
	if at, ok, err := routing.NextOpen(h, monday); !ok || err != nil || !at.Equal(time.Date(2027, time.December, 27, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("within: got %v, %v, %v", at, ok, err)
	}
	h.Holidays[0].To = "2028-01-31"
	if at, ok, err := routing.NextOpen(h, monday); ok || err != nil {
		t.Errorf("beyond: got %v, %v", at, err)
	}
	for _, always := range []*inbox.Hours{everyDay("UTC"), everyDay("Europe/Berlin")} {
		if at, ok, err := routing.NextOpen(always, monday); ok || err != nil {
			t.Errorf("never closed: got %v, %v", at, err)
		}
	}
}

func everyDay(zone string) *inbox.Hours {
	h := &inbox.Hours{TimeZone: zone}
	for day := time.Sunday; day <= time.Saturday; day++ {
		h.Ranges = append(h.Ranges, inbox.HoursRange{Day: inbox.WeekdayOf(day), From: "00:00", To: "24:00"})
	}
	return h
}

func TestUnreadableHoursNameTheField(t *testing.T) {
	t.Parallel()
	ranges := func(r ...inbox.HoursRange) *inbox.Hours { return &inbox.Hours{TimeZone: "Europe/Berlin", Ranges: r} }
	holidays := func(h ...inbox.Holiday) *inbox.Hours { return &inbox.Hours{TimeZone: "Europe/Berlin", Holidays: h} }
	good := inbox.HoursRange{Day: "monday", From: "09:00", To: "17:00"}
	cases := []struct {
		name  string
		hours *inbox.Hours
		field string
	}{
		{"none", nil, ""},
		{"no ranges", ranges(), ""},
		{"a range", ranges(good), ""},
		{"until 24:00", ranges(inbox.HoursRange{Day: "monday", From: "00:00", To: "24:00"}), ""},
		{"past midnight", ranges(inbox.HoursRange{Day: "monday", From: "22:00", To: "06:00"}), ""},
		{"one day's holiday", holidays(inbox.Holiday{From: "2026-12-25"}), ""},
		{"a holiday of the same day twice", holidays(inbox.Holiday{From: "2026-12-25", To: "2026-12-25"}), ""},
		{"no time zone", &inbox.Hours{}, "time_zone"},
		{"an unknown time zone", &inbox.Hours{TimeZone: "Europe/Bonn"}, "time_zone"},
		{"the machine's time zone", &inbox.Hours{TimeZone: "Local"}, "time_zone"},
		{"a path as time zone", &inbox.Hours{TimeZone: "../UTC"}, "time_zone"},
		{"no day", ranges(inbox.HoursRange{From: "09:00", To: "17:00"}), "ranges.0.day"},
		{"a capital day", ranges(good, inbox.HoursRange{Day: "Monday", From: "09:00", To: "17:00"}), "ranges.1.day"},
		{"no beginning", ranges(inbox.HoursRange{Day: "monday", To: "17:00"}), "ranges.0.from"},
		{"beginning at 24:00", ranges(inbox.HoursRange{Day: "monday", From: "24:00", To: "17:00"}), "ranges.0.from"},
		{"one digit", ranges(inbox.HoursRange{Day: "monday", From: "9:00", To: "17:00"}), "ranges.0.from"},
		{"the 25th hour", ranges(good, good, inbox.HoursRange{Day: "monday", From: "25:00", To: "17:00"}), "ranges.2.from"},
		{"the 60th minute", ranges(inbox.HoursRange{Day: "monday", From: "09:00", To: "17:60"}), "ranges.0.to"},
		{"seconds", ranges(inbox.HoursRange{Day: "monday", From: "09:00", To: "17:00:00"}), "ranges.0.to"},
		{"after 24:00", ranges(inbox.HoursRange{Day: "monday", From: "09:00", To: "24:01"}), "ranges.0.to"},
		{"an empty range", ranges(inbox.HoursRange{Day: "monday", From: "09:00", To: "09:00"}), "ranges.0.to"},
		{"no date", holidays(inbox.Holiday{To: "2026-12-25"}), "holidays.0.from"},
		{"a date that does not exist", holidays(inbox.Holiday{From: "2026-02-29"}), "holidays.0.from"},
		{"an end that is no date", holidays(inbox.Holiday{From: "2026-12-25", To: "26.12.2026"}), "holidays.0.to"},
		{"an end before the beginning", holidays(inbox.Holiday{From: "2026-12-25"}, inbox.Holiday{From: "2026-12-25", To: "2026-12-24"}), "holidays.1.to"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := routing.CheckHours(c.hours)
			if c.field == "" {
				if err != nil {
					t.Errorf("got %v, want none", err)
				}
				return
			}
			invalid, ok := errors.AsType[*inbox.Error](err)
			if !ok || invalid.Code != inbox.CodeInvalid || invalid.Field != c.field {
				t.Errorf("got %#v, want invalid %s", err, c.field)
			}
			if _, openErr := routing.Open(c.hours, monday); openErr == nil {
				t.Error("Open accepts what CheckHours refuses")
			}
			if _, _, nextErr := routing.NextOpen(c.hours, monday); nextErr == nil {
				t.Error("NextOpen accepts what CheckHours refuses")
			}
		})
	}
}
