package forwards

import (
	"regexp"
	"strings"
	"time"
)

// zones are abbreviations that mean one offset, in hours: those of RFC 5322
// (4.3, without CST, which China uses too) and of Central and Eastern Europe.
var zones = map[string]int{
	"UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
	"WEZ": 0, "WET": 0, "CET": 1, "MEZ": 1, "SEČ": 1, "CEST": 2, "MESZ": 2, "SELČ": 2,
	"EET": 2, "OEZ": 2, "EEST": 3, "OESZ": 3, "JST": 9,
}

var (
	clock    = regexp.MustCompile(`(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s*([AaPp])\.?[Mm]\b\.?)?`)
	distance = regexp.MustCompile(`^(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?(?: \(\p{L}+\))?$`)

	year      = regexp.MustCompile(`(?:^|\D)((?:19|20)\d{2})(?:\D|$)`)
	dayMonth  = regexp.MustCompile(`(?:^|\D)(\d{1,2})\.? +(?:de +)?(\p{L}+)`)
	monthDay  = regexp.MustCompile(`(\p{L}+)\.? +(\d{1,2})(?:\D|$)`)
	eastAsian = regexp.MustCompile(`(\d{4})[年년] *(\d{1,2})[月월] *(\d{1,2})[日일]`)
)

// readDate reads a day with the month's name, a time and a zone. It is zero for
// others: without a zone they are no instant, and "02/10/2023" is two days.
func readDate(value string, in []*language) time.Time {
	value = strings.Join(strings.Fields(value), " ")
	at := clock.FindStringSubmatchIndex(value)
	if at == nil {
		return time.Time{}
	}
	y, m, d := readDay(value[:at[0]], in)
	offset, ok := readZone(strings.TrimSpace(value[at[1]:]))
	if d == 0 || !ok {
		return time.Time{}
	}
	found := clock.FindStringSubmatch(value)
	hour, minute, second := number(found[1]), number(found[2]), number(found[3])
	if half := strings.ToLower(found[4]); half != "" {
		hour %= 12
		if half == "p" {
			hour += 12
		}
	}
	read := time.Date(y, m, d, hour, minute, second, 0, offset)
	if read.Month() != m || read.Day() != d || read.Hour() != hour || read.Minute() != minute {
		return time.Time{}
	}
	return read
}

// readDay returns a zero day when it is not sure.
func readDay(value string, in []*language) (y int, m time.Month, d int) {
	if found := eastAsian.FindStringSubmatch(value); found != nil {
		return number(found[1]), time.Month(number(found[2])), number(found[3])
	}
	years := year.FindStringSubmatch(value)
	if years == nil {
		return 0, 0, 0
	}
	// A day of the week may begin like a month: "martes, 2 de noviembre".
	if found := dayMonth.FindStringSubmatch(value); found != nil {
		if m = monthOf(found[2], in); m != 0 {
			return number(years[1]), m, number(found[1])
		}
	}
	if found := monthDay.FindStringSubmatch(value); found != nil {
		if m = monthOf(found[1], in); m != 0 {
			return number(years[1]), m, number(found[2])
		}
	}
	return 0, 0, 0
}

// monthOf returns 0 for a word that is no month in the languages or in English,
// or different ones.
func monthOf(word string, in []*language) time.Month {
	if month, known := monthIn(word, in); known {
		return month
	}
	month, _ := monthIn(word, languages[:1])
	return month
}

func monthIn(word string, in []*language) (month time.Month, known bool) {
	for _, l := range in {
		for i, names := range strings.Fields(l.months) {
			for _, name := range alternatives(names) {
				if !strings.HasPrefix(fold(word), name) {
					continue
				}
				if known && month != time.Month(i+1) {
					return 0, true
				}
				month, known = time.Month(i+1), true
			}
		}
	}
	return month, known
}

func readZone(s string) (*time.Location, bool) {
	if hours, ok := zones[s]; ok {
		return time.FixedZone(s, hours*60*60), true
	}
	found := distance.FindStringSubmatch(s)
	if found == nil {
		return nil, false
	}
	seconds := (number(found[2])*60 + number(found[3])) * 60
	if found[1] == "-" {
		seconds = -seconds
	}
	return time.FixedZone("", seconds), true
}

// number reads a few digits; none are 0.
func number(digits string) int {
	n := 0
	for _, digit := range digits {
		n = n*10 + int(digit-'0')
	}
	return n
}
