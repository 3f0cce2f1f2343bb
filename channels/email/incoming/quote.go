package incoming

import (
	"regexp"
	"strings"

	"switchboard/channels/email/forwards"
)

// separate parts what somebody wrote from the earlier conversation that the
// mail program put below. Only what stands at the end is taken off, so answers
// between quoted lines stay where they make sense; a forward is what somebody
// wrote (E8); and the text is never empty unless the message is. refers is
// whether the message names an earlier one.
func separate(text, subject string, refers bool) (written, quoted string) {
	carried, at := forwards.Earlier(subject, text, refers)
	if carried == forwards.Forwarded {
		return text, ""
	}
	lines := strings.Split(text, "\n")
	cut := markedStart(lines)
	if carried == forwards.Answered && at < cut && !answeredBelow(lines[at+1:]) {
		cut = at
	}
	if cut > 0 && rule.MatchString(lines[cut-1]) {
		cut--
	}
	written = strings.TrimSpace(strings.Join(lines[:cut], "\n"))
	if written == "" {
		return text, ""
	}
	return written, strings.Trim(strings.Join(lines[cut:], "\n"), "\n")
}

// rule is the line that Outlook draws above.
var rule = regexp.MustCompile(`^\s*_{10,}\s*$`)

// markedStart finds the lines marked with ">" that end the text, and the lines
// above that say whose they are. It is len(lines) when there are none.
func markedStart(lines []string) int {
	start, marked := len(lines), false
	for start > 0 && (isMarked(lines[start-1]) || isBlank(lines[start-1])) {
		start--
		marked = marked || isMarked(lines[start])
	}
	if !marked {
		return len(lines)
	}
	return start - attribution(lines[:start])
}

// dated finds a year or a time of day.
var dated = regexp.MustCompile(`(?:^|\D)(?:(?:19|20)\d{2}|\d{1,2}[:.]\d{2})(?:\D|$)`)

// attribution returns how many of the last lines say whose the marked ones
// below are. In any language they end in a colon; they begin with a date, or
// are one line with an address or a number.
func attribution(lines []string) int {
	const wrapped = 4
	last := len(lines) - 1
	if last < 0 || !endsInColon(lines[last]) {
		return 0
	}
	for n := 0; n < wrapped && n <= last && !isBlank(lines[last-n]) && !isMarked(lines[last-n]); n++ {
		if dated.MatchString(lines[last-n]) {
			return n + 1
		}
	}
	if strings.ContainsAny(lines[last], "@0123456789") {
		return 1
	}
	return 0
}

// answeredBelow reports whether the lines below an announcement are marked, and
// somebody wrote between or under them.
func answeredBelow(lines []string) bool {
	marked := false
	for _, line := range lines {
		switch {
		case isMarked(line):
			marked = true
		case isBlank(line), !marked && strings.ContainsAny(line, ":："):
			// Nobody's, or still the announcement.
		default:
			return marked
		}
	}
	return false
}

func isMarked(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " "), ">") }

func isBlank(line string) bool { return strings.TrimSpace(line) == "" }

// endsInColon allows for the asterisks of plain text made bold.
func endsInColon(line string) bool {
	line = strings.TrimRight(line, " \t\u00a0*_")
	return strings.HasSuffix(line, ":") || strings.HasSuffix(line, "：")
}
