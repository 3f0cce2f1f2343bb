package inbox

import "time"

// Hours are weekly time ranges in a time zone, less holidays (B7, C7).
type Hours struct {
	// TimeZone is an IANA name such as "Europe/Berlin".
	TimeZone string `json:"time_zone"`
	// Ranges may name a day several times: split shifts.
	Ranges   []HoursRange `json:"ranges"`
	Holidays []Holiday    `json:"holidays,omitempty"`
}

// HoursRange is open from From up to, but not including, To on one weekday,
// wall-clock "15:04". To "24:00" is the end of the day; To before From runs
// past midnight.
type HoursRange struct {
	Day  Weekday `json:"day"`
	From string  `json:"from"`
	To   string  `json:"to"`
}

// Weekday is a day's lower-case English name: "monday".
type Weekday string

// WeekdayOf returns the name of a time.Weekday.
func WeekdayOf(day time.Weekday) Weekday {
	return [...]Weekday{
		"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
	}[day]
}

// Holiday closes the ranges that start on its days, from From to To, both
// included, "2006-01-02". To "" is the same day as From.
type Holiday struct {
	From string `json:"from"`
	To   string `json:"to,omitempty"`
}
