package forwards

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// block is the header block above a forwarded message.
type block struct {
	// values are the fields as written.
	values map[field]string
	// languages have all labels, or all but a few: Gmail translates only the
	// sender's.
	languages []*language
	depth     int
	// next is the line after the block.
	next int
	// doubtful: it names senders twice.
	doubtful bool
}

// complete asks for a sender and two of date, subject and recipient: fewer may
// stand in anybody's text.
func (b block) complete() bool {
	known := 0
	for _, f := range []field{fieldDate, fieldSubject, fieldTo} {
		if _, has := b.values[f]; has {
			known++
		}
	}
	_, has := b.values[fieldFrom]
	return has && known >= 2
}

// blockAt reads the header block that begins in lines[at], or after a separator
// there: in its line or below it.
func blockAt(lines []line, at int, s separator) (b block, ok bool) {
	switch {
	case s.mark == unmarked:
		return readBlock(lines, at)
	case s.rest != "":
		b, ok = readBlock(splitLabels(s.rest, lines[at].depth), 0)
		b.next = at + 1
		return b, ok
	}
	for first := at + 1; first < len(lines); first++ {
		if lines[first].text != "" {
			return readBlock(lines, first)
		}
	}
	return block{}, false
}

// readBlock reads a header block that begins in lines[first].
func readBlock(lines []line, first int) (block, bool) {
	if _, _, f := labelled(lines[first].text); f == 0 {
		return block{}, false
	}
	b := block{values: map[field]string{}, depth: lines[first].depth}
	for b.next = first; b.next < len(lines); {
		l := lines[b.next]
		label, value, f := labelled(l.text)
		if f == 0 || l.depth != b.depth {
			break
		}
		if _, has := b.values[f]; has && f != fieldOther {
			b.doubtful = f == fieldFrom && !b.complete()
			break
		}
		b.next++
		b.values[f] = b.continued(lines, value)
		b.narrow(vocabulary.written[label])
		if b.newLabelIn(lines, b.next+1, 1) && lines[b.next].text == "" {
			b.next++
		}
	}
	return b, b.complete() || b.doubtful
}

// narrow keeps the languages that have this label, too.
func (b *block) narrow(languages []*language) {
	var both []*language
	for _, l := range languages {
		if len(b.languages) == 0 || slices.Contains(b.languages, l) {
			both = append(both, l)
		}
	}
	if len(both) > 0 {
		b.languages = both
	}
}

// continued adds the lines onto which a value was wrapped, or onto which a table
// put it. The message may follow without an empty line, so what is not labelled
// has to have a label below, or to complete what stands above.
func (b *block) continued(lines []line, value string) string {
	const wrapped = 3
	parts := []string{value}
	for ; b.next < len(lines); b.next++ {
		l := lines[b.next]
		_, _, f := labelled(l.text)
		if l.text == "" || f != 0 || l.depth != b.depth {
			break
		}
		if !completes(parts[len(parts)-1], l.text) && !b.newLabelIn(lines, b.next+1, wrapped) {
			break
		}
		parts = append(parts, l.text)
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

// completes reports whether a value, or a list of addresses, goes on below.
func completes(above, text string) bool {
	return above == "" || strings.HasSuffix(above, ",") || strings.HasSuffix(above, ";") ||
		strings.HasPrefix(text, "<") && strings.Contains(text, "@")
}

// newLabelIn reports whether a field that the block does not have yet begins in
// the count lines from first on, with no empty line before it.
func (b *block) newLabelIn(lines []line, first, count int) bool {
	for i := first; i < min(first+count, len(lines)) && lines[i].text != "" && lines[i].depth == b.depth; i++ {
		if _, _, f := labelled(lines[i].text); f != 0 {
			_, has := b.values[f]
			return !has
		}
	}
	return false
}

// labelled splits "From: somebody", which may be marked bold ("*From:*
// somebody"); the field is zero for other lines.
func labelled(text string) (label, value string, f field) {
	bold := strings.HasPrefix(text, "*")
	label, value, found := cutColon(strings.TrimLeft(text, "*"))
	if !found {
		return "", "", 0
	}
	if bold {
		label, value = strings.TrimRight(label, "* "), strings.TrimLeft(value, "*")
	}
	label = fold(trim(label))
	return label, trim(value), vocabulary.labels[label]
}

// cutColon cuts around the first colon, of any width.
func cutColon(s string) (before, after string, found bool) {
	at := strings.IndexAny(s, ":：")
	if at < 0 {
		return s, "", false
	}
	_, width := utf8.DecodeRuneInString(s[at:])
	return s[:at], s[at+width:], true
}

// splitLabels makes lines of the fields in a line. Yahoo puts the whole block
// into one, with nothing between a value and the next label.
func splitLabels(text string, depth int) []line {
	var lines []line
	start := 0
	cut := func(end int) {
		lines = append(lines, line{raw: text[start:end], text: trim(text[start:end]), depth: depth})
		start = end
	}
	for i, r := range text {
		if r != ':' && r != '：' {
			continue
		}
		if label := labelBefore(text[start:i]); label > 0 {
			cut(start + label)
		}
	}
	cut(len(text))
	return lines
}

// labelBefore returns where the label begins with which a text ends, the longest
// there is, or 0. Without a blank before it a label is what begins with a
// capital, and not within a word.
func labelBefore(text string) int {
	const longest = 64
	text = strings.TrimRightFunc(text, unicode.IsSpace)
	first := max(0, len(text)-longest)
	before, _ := utf8.DecodeLastRuneInString(text[:first])
	for i, r := range text[first:] {
		if !unicode.IsLower(before) && !unicode.IsLower(r) && vocabulary.labels[fold(text[first+i:])] != 0 {
			return first + i
		}
		before = r
	}
	return 0
}
