package routing

import (
	"time"

	"switchboard/inbox"
)

// horizon is how far ahead an opening is looked for: a year with its holidays
// and some more.
const horizon = 400 * 24 * time.Hour

// Open reports whether the hours are open at a moment; nil hours always are
// (B7, C7). The error is CheckHours'.
//
// Hours follow the clock on the wall: when daylight saving time skips a time of
// day, a range that begins there opens as the clock jumps; when it repeats one,
// the range is open both times. A range belongs to the day it starts on: a
// holiday closes the ranges that start on it, with what they have after
// midnight, and leaves open the rest of the evening before.
func Open(h *inbox.Hours, at time.Time) (bool, error) {
	s, err := readHours(h)
	if err != nil {
		return false, err
	}
	return s.open(at), nil
}

// NextOpen returns the first moment strictly after the given one at which closed
// hours become open; ok is false when there is none within 400 days, as with
// nil hours, which are never closed. The error is CheckHours'.
func NextOpen(h *inbox.Hours, after time.Time) (at time.Time, ok bool, err error) {
	s, err := readHours(h)
	if err != nil {
		return time.Time{}, false, err
	}
	at, ok = s.nextOpen(after)
	return at, ok, nil
}

const (
	minutesPerHour = 60
	minutesPerDay  = 24 * minutesPerHour
)

// schedule is inbox.Hours read once.
type schedule struct {
	always   bool
	zone     *time.Location
	shifts   []shift // by from
	holidays []holiday
}

// shift is a range in minutes since its day's midnight; to is past
// minutesPerDay when it runs into the next day.
type shift struct {
	day      time.Weekday
	from, to int
}

// holiday is a range of civil days, both included.
type holiday struct{ from, to int64 }

func (s schedule) open(at time.Time) bool {
	if s.always {
		return true
	}
	local := at.In(s.zone)
	hour, minute, _ := local.Clock()
	now := hour*minutesPerHour + minute
	today, date := local.Weekday(), civilDay(local)
	yesterday := (today + 6) % 7
	for _, r := range s.shifts {
		switch {
		case r.day == today && r.from <= now && now < r.to && !s.closedOn(date):
			return true
		case r.day == yesterday && now+minutesPerDay < r.to && !s.closedOn(date-1):
			return true
		}
	}
	return false
}

func (s schedule) closedOn(date int64) bool {
	for _, h := range s.holidays {
		if h.from <= date && date <= h.to {
			return true
		}
	}
	return false
}

// civilDay numbers the date that t's clock shows.
func civilDay(t time.Time) int64 {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
}

func (s schedule) nextOpen(after time.Time) (time.Time, bool) {
	if len(s.shifts) == 0 {
		return time.Time{}, false
	}
	limit := after.Add(horizon)
	// Between two changes of its offset a clock runs evenly, so that a time of
	// day is one moment; time.Date would have to guess where times are skipped or
	// repeated. A change can itself open the hours.
	for from := after.In(s.zone); from.Before(limit); {
		_, change := from.ZoneBounds()
		if change.IsZero() || change.After(limit) {
			change = limit
		}
		if at, ok := s.nextStart(from, change); ok {
			return at.UTC(), true
		}
		if s.opensAt(change) {
			return change.UTC(), true
		}
		from = change
	}
	return time.Time{}, false
}

// nextStart looks between two moments, both excluded, with one offset between
// them.
func (s schedule) nextStart(after, before time.Time) (time.Time, bool) {
	hour, minute, second := after.Clock()
	sinceMidnight := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute +
		time.Duration(second)*time.Second + time.Duration(after.Nanosecond())
	midnight, day := after.Add(-sinceMidnight), after.Weekday()
	for midnight.Before(before) {
		for _, r := range s.shifts {
			at := midnight.Add(time.Duration(r.from) * time.Minute)
			if r.day == day && at.After(after) && at.Before(before) && s.opensAt(at) {
				return at, true
			}
		}
		midnight, day = midnight.Add(24*time.Hour), (day+1)%7
	}
	return time.Time{}, false
}

func (s schedule) opensAt(at time.Time) bool { return s.open(at) && !s.open(at.Add(-1)) }

// bothOpen returns the first moment from at on at which both are open.
func bothOpen(a, b schedule, at time.Time) (time.Time, bool) {
	limit := at.Add(horizon)
	for ok := true; ok && at.Before(limit); {
		switch {
		case !a.open(at):
			at, ok = a.nextOpen(at)
		case !b.open(at):
			at, ok = b.nextOpen(at)
		default:
			return at, true
		}
	}
	return time.Time{}, false
}
