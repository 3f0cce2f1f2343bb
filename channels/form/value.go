package form

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"switchboard/channels"
	"switchboard/inbox"
)

// Ticked is the stored answer of a ticked box that has no options.
const Ticked = "yes"

const (
	maxLine  = 1000
	maxText  = 20000
	maxPhone = 40
)

var (
	number = regexp.MustCompile(`^[+-]?[0-9]{1,30}(\.[0-9]{1,30})?$`)
	phone  = regexp.MustCompile(`^[+]?[0-9 ()./-]+$`)
)

// value returns one answer cleaned, or what is wrong with it as a sentence.
// "" is no answer.
func (f Field) value(raw string) (clean, problem string) {
	if f.Type == TypeTextArea {
		clean = channels.CleanText(raw)
	} else {
		clean = channels.CleanLine(raw)
	}
	if clean == "" {
		return "", ""
	}
	if most := f.maxLength(); utf8.RuneCountInString(clean) > most {
		return "", fmt.Sprintf("Use at most %d characters.", most)
	}
	if f.choice() {
		return f.chosen(clean)
	}
	switch {
	case f.isEmail() && !channels.ValidEmail(clean):
		return "", "Enter an e-mail address such as name@example.com."
	case f.Type == TypePhone && !phone.MatchString(clean):
		return "", "Enter a telephone number such as +49 30 1234567."
	case f.Type == TypeNumber && !number.MatchString(clean):
		return "", "Enter a number such as 12 or 3.5."
	case f.Type == TypeDate && !validDate(clean):
		return "", "Enter a date as year-month-day, such as 2026-11-23."
	}
	return clean, ""
}

// chosen checks an answer against the options.
func (f Field) chosen(clean string) (value, problem string) {
	if len(f.Options) == 0 {
		switch strings.ToLower(clean) {
		case Ticked, "on", "true", "1":
			return Ticked, ""
		case "no", "off", "false", "0":
			return "", ""
		}
		return "", "Tick the box or leave it."
	}
	if !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == clean }) {
		return "", "Choose one of the options."
	}
	return clean, ""
}

func (f Field) maxLength() int {
	switch f.Type {
	case TypeTextArea:
		return maxText
	case TypePhone:
		return maxPhone
	default:
		return maxLine
	}
}

func (f Field) isEmail() bool { return f.Type == TypeEmail || f.MapsTo == inbox.MapsToEmail }

// shown is an answer as people read it.
func (f Field) shown(value string) string {
	for _, option := range f.Options {
		if option.Value == value {
			return option.Label
		}
	}
	if f.Type == TypeCheckbox {
		return "Yes"
	}
	return value
}

func validDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
