package form

import (
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

// value returns one answer cleaned, or what is wrong with it. "" is no answer.
func (f Field) value(raw string) (clean string, wrong fault) {
	if f.Type == TypeTextArea {
		clean = channels.CleanText(raw)
	} else {
		clean = channels.CleanLine(raw)
	}
	if clean == "" {
		return "", fault{}
	}
	if most := f.maxLength(); utf8.RuneCountInString(clean) > most {
		return "", fault{"too_long", most}
	}
	if f.choice() {
		return f.chosen(clean)
	}
	switch {
	case f.isEmail() && !channels.ReachableEmail(clean):
		return "", fault{words: "email_wrong"}
	case f.Type == TypePhone && !phone.MatchString(clean):
		return "", fault{words: "phone_wrong"}
	case f.Type == TypeNumber && !number.MatchString(clean):
		return "", fault{words: "number_wrong"}
	case f.Type == TypeDate && !validDate(clean):
		return "", fault{words: "date_wrong"}
	}
	return clean, fault{}
}

// chosen checks an answer against the options.
func (f Field) chosen(clean string) (value string, wrong fault) {
	if len(f.Options) == 0 {
		switch strings.ToLower(clean) {
		case Ticked, "on", "true", "1":
			return Ticked, fault{}
		case "no", "off", "false", "0":
			return "", fault{}
		}
		return "", fault{words: "box_wrong"}
	}
	if !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == clean }) {
		return "", fault{words: "option_wrong"}
	}
	return clean, fault{}
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
func (f Field) shown(value string, words map[string]string) string {
	for _, option := range f.Options {
		if option.Value == value {
			return option.Label
		}
	}
	if f.Type == TypeCheckbox {
		return words["yes"]
	}
	return value
}

func validDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
