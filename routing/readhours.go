package routing

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"switchboard/inbox"
)

// CheckHours validates hours before they are saved. Nil hours are valid and
// always open; hours without ranges are valid and never open. Errors are
// *inbox.Error naming the field below the hours, such as "ranges.2.from".
func CheckHours(h *inbox.Hours) error {
	_, err := readHours(h)
	return err
}

func readHours(h *inbox.Hours) (schedule, error) {
	if h == nil {
		return schedule{always: true}, nil
	}
	zone, err := loadZone(h.TimeZone)
	if err != nil {
		return schedule{}, err
	}
	s := schedule{zone: zone, shifts: make([]shift, len(h.Ranges)), holidays: make([]holiday, len(h.Holidays))}
	for i, r := range h.Ranges {
		var invalid *inbox.Error
		if s.shifts[i], invalid = readRange(r); invalid != nil {
			invalid.Field = fmt.Sprintf("ranges.%d.%s", i, invalid.Field)
			return schedule{}, invalid
		}
	}
	for i, day := range h.Holidays {
		var invalid *inbox.Error
		if s.holidays[i], invalid = readHoliday(day); invalid != nil {
			invalid.Field = fmt.Sprintf("holidays.%d.%s", i, invalid.Field)
			return schedule{}, invalid
		}
	}
	slices.SortFunc(s.shifts, func(a, b shift) int { return cmp.Compare(a.from, b.from) })
	return s, nil
}

// zones keeps what time.LoadLocation, which reads a file each time, has found.
var zones sync.Map

// loadZone refuses "Local": it means another zone on another machine.
func loadZone(name string) (*time.Location, error) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	if name == "" {
		return nil, inbox.Invalid("time_zone", "A time zone is required, such as Europe/Berlin.")
	}
	zone, err := time.LoadLocation(name)
	if err != nil || zone == time.Local {
		return nil, inbox.Invalid("time_zone", "%q is not a known time zone; use a name such as Europe/Berlin.", name)
	}
	zones.Store(name, zone)
	return zone, nil
}

func readRange(r inbox.HoursRange) (shift, *inbox.Error) {
	day, ok := readWeekday(r.Day)
	if !ok {
		return shift{}, inbox.Invalid("day", "%q is not a day; use a name such as monday.", r.Day)
	}
	from, ok := readClock(r.From)
	if !ok || from == minutesPerDay {
		return shift{}, inbox.Invalid("from", "%q is not a time of day; use 00:00 to 23:59.", r.From)
	}
	to, ok := readClock(r.To)
	if !ok {
		return shift{}, inbox.Invalid("to", "%q is not a time of day; use 00:00 to 24:00.", r.To)
	}
	if to == from {
		return shift{}, inbox.Invalid("to", "A range must not end when it begins; a whole day is 00:00 to 24:00.")
	}
	if to < from {
		to += minutesPerDay
	}
	return shift{day: day, from: from, to: to}, nil
}

func readWeekday(name inbox.Weekday) (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if inbox.WeekdayOf(day) == name {
			return day, true
		}
	}
	return 0, false
}

// readClock reads "15:04", or "24:00", as minutes since midnight.
func readClock(text string) (int, bool) {
	if text == "24:00" {
		return minutesPerDay, true
	}
	clock, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, false
	}
	return clock.Hour()*minutesPerHour + clock.Minute(), true
}

func readHoliday(h inbox.Holiday) (holiday, *inbox.Error) {
	from, err := time.Parse(time.DateOnly, h.From)
	if err != nil {
		return holiday{}, inbox.Invalid("from", "%q is not a date; use 2006-01-02.", h.From)
	}
	to, err := time.Parse(time.DateOnly, cmp.Or(h.To, h.From))
	if err != nil {
		return holiday{}, inbox.Invalid("to", "%q is not a date; use 2006-01-02.", h.To)
	}
	if to.Before(from) {
		return holiday{}, inbox.Invalid("to", "A holiday must not end before it begins.")
	}
	return holiday{from: civilDay(from), to: civilDay(to)}, nil
}
