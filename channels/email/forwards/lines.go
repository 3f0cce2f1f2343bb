package forwards

import (
	"strings"
	"unicode"
)

// line is a line of the mail without its line break.
type line struct {
	raw string
	// text is the line without quote marks and blanks at its ends.
	text string
	// depth counts the quote marks (">").
	depth int
}

func split(text string) []line {
	var lines []line
	for raw := range strings.SplitSeq(text, "\n") {
		raw = strings.TrimSuffix(raw, "\r")
		l := line{raw: raw, text: trim(raw)}
		for strings.HasPrefix(l.text, ">") {
			l.text = trim(l.text[1:])
			l.depth++
		}
		lines = append(lines, l)
	}
	return lines
}

// trim cuts blanks and what cannot be seen, such as the byte order mark that
// Outlook puts before its line.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}

// unquoted is the line without its first quote mark.
func (l line) unquoted() string {
	if l.depth == 0 {
		return l.raw
	}
	_, after, _ := strings.Cut(l.raw, ">")
	return strings.TrimPrefix(after, " ")
}

// join puts lines together, without empty ones at the ends.
func join(lines []line, read func(line) string) string {
	var text strings.Builder
	for _, l := range lines {
		text.WriteString(read(l))
		text.WriteByte('\n')
	}
	return strings.TrimSpace(text.String())
}

// note is what stands above a forwarded message. Outlook's rule between the two
// belongs to neither.
func note(lines []line) string {
	last := len(lines)
	for last > 0 && strings.Trim(lines[last-1].text, "_") == "" {
		last--
	}
	return join(lines[:last], func(l line) string { return l.raw })
}

// message is what stands below the header block. Some programs quote it, with the
// block or alone.
func message(lines []line, quoted bool) string {
	quoted = quoted || !containsUnquoted(lines)
	return join(lines, func(l line) string {
		if quoted {
			return l.unquoted()
		}
		return l.raw
	})
}

func containsUnquoted(lines []line) bool {
	for _, l := range lines {
		if l.depth == 0 && l.text != "" {
			return true
		}
	}
	return false
}
