package forwards

import (
	"regexp"
	"strings"
)

// Outlook for Mac 2019 forwards below a line as others put above an answer, "On
// 28/10/2021 12:46, "Ada" <ada@example.com> wrote:", and indents the message by
// four blanks.
const indent = "    "

var numericDate = regexp.MustCompile(`^\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? \d{1,2}[:.]\d{2}$`)

// readIndented puts together what stands above and below such a line, lines[at].
// It is not sure of other programs' lines.
func readIndented(subject string, lines []line, at int) (Original, bool) {
	below := lines[at+1:]
	if intentOf(subject, nil) != forwarding || !indented(below) {
		return Original{}, false
	}
	for _, l := range languages {
		name, email, ok := sender(fill(l.attribution, lines[at].text))
		if !ok {
			continue
		}
		return Original{
			Name: name, Email: email,
			Note:    note(lines[:at]),
			Text:    join(below, func(l line) string { return strings.TrimPrefix(l.raw, indent) }),
			Program: "outlook",
		}, true
	}
	return Original{}, false
}

// indented reports whether the first line that is not empty is.
func indented(lines []line) bool {
	for _, l := range lines {
		if l.text != "" {
			return strings.HasPrefix(l.raw, indent)
		}
	}
	return false
}

// fill returns what stands in a text at {sender} of its pattern.
func fill(pattern, text string) string {
	dateFirst := strings.Index(pattern, "{date}") < strings.Index(pattern, "{sender}")
	parts := strings.Split(strings.ReplaceAll(pattern, "{sender}", "{date}"), "{date}")
	if len(parts) != 3 || !strings.HasPrefix(text, parts[0]) || !strings.HasSuffix(text, parts[2]) || len(text) < len(parts[0])+len(parts[2]) {
		return ""
	}
	middle := text[len(parts[0]) : len(text)-len(parts[2])]
	for at := 0; ; at++ {
		next := strings.Index(middle[at:], parts[1])
		if next < 0 {
			return ""
		}
		at += next
		before, after := middle[:at], middle[at+len(parts[1]):]
		if dateFirst && numericDate.MatchString(before) {
			return after
		}
		if !dateFirst && numericDate.MatchString(after) {
			return before
		}
	}
}
