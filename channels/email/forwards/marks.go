package forwards

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mark is what a line says about the message below it.
type mark int

const (
	unmarked mark = iota
	// forwardMark stands only above forwarded messages.
	forwardMark
	// originalMark stands above answered messages too.
	originalMark
)

// separator is a line above a header block: words between dashes, such as
// "---------- Forwarded message ---------", or with a colon, such as "Begin
// forwarded message:".
type separator struct {
	mark mark
	// phrase is the words, in lower case; dashes is how many dashes stand before
	// them, 0 for words with a colon.
	phrase string
	dashes int
	// rest follows on the same line.
	rest string
}

// readSeparator returns an unmarked separator for other lines.
func readSeparator(text string) separator {
	dashes := leading(text)
	if dashes < 3 {
		if phrase, rest, colon := cutColon(text); colon && rest == "" && vocabulary.begins[normal(phrase)] {
			return separator{mark: forwardMark, phrase: normal(phrase)}
		}
		return separator{}
	}
	const longest = 100
	var found separator
	for at := dashes; at < min(len(text), longest); at += max(leading(text[at:]), 1) {
		if leading(text[at:]) < 3 {
			continue
		}
		s := separator{phrase: normal(text[dashes:at]), dashes: dashes, rest: trim(text[at+leading(text[at:]):])}
		switch {
		case vocabulary.forwarded[s.phrase]:
			s.mark = forwardMark
		case vocabulary.original[s.phrase]:
			s.mark = originalMark
		default:
			continue
		}
		// There may be dashes within the words.
		found = s
	}
	return found
}

// leading counts the dashes at the beginning.
func leading(s string) int { return len(s) - len(strings.TrimLeft(s, "-=")) }

// normal makes phrases comparable: in lower case, with single blanks.
func normal(phrase string) string { return strings.Join(strings.Fields(fold(phrase)), " ") }

// program names the format by who is known for it; others write it, too. It is ""
// when too many do.
func (s separator) program() string {
	if s.mark == forwardMark && s.dashes == 0 && s.phrase == "forwarded message" {
		return "mailmate"
	}
	return formats[format{s.mark, s.dashes}]
}

type format struct {
	mark   mark
	dashes int
}

var formats = map[format]string{
	{forwardMark, 0}:   "apple_mail",
	{forwardMark, 5}:   "yahoo",
	{forwardMark, 8}:   "thunderbird",
	{forwardMark, 10}:  "gmail",
	{unmarked, 0}:      "outlook",
	{originalMark, 5}:  "outlook",
	{originalMark, 10}: "ionos",
}

// attribution reports whether lines[i] is one as above a message that is
// answered: "On … wrote:". It may be wrapped.
func attribution(lines []line, i int) bool {
	first, next := lines[i], i+1
	if first.text == "" {
		return false
	}
	if attributes(first.text, lines, next) {
		return true
	}
	return next < len(lines) && lines[next].text != "" && lines[next].depth == first.depth &&
		attributes(first.text+" "+lines[next].text, lines, next+1)
}

// attributes reports whether a text, which ends above lines[next], says who
// wrote the message below, and when: with a verb that we know, or by an address
// before a quotation.
func attributes(text string, lines []line, next int) bool {
	const longest = 400
	if len(text) > longest || !strings.HasSuffix(text, ":") && !strings.HasSuffix(text, "：") || !strings.ContainsFunc(text, unicode.IsDigit) {
		return false
	}
	text = fold(text)
	if slices.ContainsFunc(vocabulary.wrote, func(verb string) bool { return containsWord(text, verb) }) {
		return true
	}
	return strings.Contains(text, "@") && quotedNext(lines, next)
}

func containsWord(text, word string) bool {
	for {
		before, after, found := strings.Cut(text, word)
		if !found {
			return false
		}
		left, _ := utf8.DecodeLastRuneInString(before)
		right, _ := utf8.DecodeRuneInString(after)
		if !unicode.IsLetter(left) && !unicode.IsLetter(right) {
			return true
		}
		text = after
	}
}

// quotedNext reports whether the next line that is not empty is quoted once more
// than the one above lines[next].
func quotedNext(lines []line, next int) bool {
	depth := lines[next-1].depth
	for next < len(lines) && lines[next].text == "" {
		next++
	}
	return next < len(lines) && lines[next].depth > depth
}
