package incoming

import (
	"errors"
	"net/mail"
	"strings"
	"time"
)

// oddDates are formats met in the field that net/mail does not know.
var oddDates = []string{
	time.RFC3339, time.ANSIC, time.UnixDate, time.RubyDate,
	"2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05",
	"2 Jan 2006 15:04:05", "2 Jan 2006 15:04 -0700", "2 Jan 2006 15:04",
	"2 Jan 2006 15:04:05 GMT-0700", "2 Jan 2006 15:04:05 -07:00",
	"2 January 2006 15:04:05 -0700", "Jan 2 2006 15:04:05 -0700", "Jan 2, 2006 15:04:05 -0700",
	"2 Jan 2006 3:04:05 PM -0700", "2 Jan 2006 15.04.05 -0700", "2-Jan-2006 15:04:05 -0700",
}

var errDate = errors.New("no known date format")

// maxDate is far above what a date and its comment need, in bytes.
const maxDate = 200

// date reads a Date header, in UTC.
func date(value string) (time.Time, error) {
	if len(value) > maxDate {
		return time.Time{}, errDate
	}
	value = strings.Join(strings.Fields(withoutComments(value)), " ")
	_, withoutDay, _ := strings.Cut(value, ", ")
	for _, s := range []string{value, withoutDay} {
		if at, err := mail.ParseDate(s); err == nil {
			return at.UTC(), nil
		}
		for _, format := range oddDates {
			if at, err := time.Parse(format, s); err == nil && at.Year() > 0 {
				return at.UTC(), nil
			}
		}
	}
	return time.Time{}, errDate
}
