package forwards

// Carried is what a mail carries below what its author wrote.
type Carried int

const (
	// Nothing that mail programs announce. Lines marked with ">" may still be
	// there.
	Nothing Carried = iota
	// Answered is an earlier message that the mail answers.
	Answered
	// Forwarded is a message that is passed on: what Find reads, when it is sure.
	Forwarded
)

// Earlier tells what a mail carries, by its subject and plain text. Of an
// answered message, line is the one that announces it, counted from 0: "On …
// wrote:", "Original message", or a header block's first. refers is whether the
// mail names an earlier one (In-Reply-To, References): where neither text nor
// subject tells an answer from a forward, that does.
func Earlier(subject, text string, refers bool) (what Carried, line int) {
	if Announced(subject) {
		return Forwarded, 0
	}
	lines := split(text)
	for i, l := range lines {
		s := readSeparator(l.text)
		if s.mark == forwardMark && l.depth <= 1 {
			return Forwarded, i
		}
		if l.depth > 0 {
			continue
		}
		if s.mark == originalMark {
			return Answered, i
		}
		if b, ok := readBlock(lines, i); ok {
			switch said := intentOf(subject, b.languages); {
			case forwarded(said, s, b):
				return Forwarded, i
			case refers || said == answering:
				return Answered, i
			}
			return Nothing, 0
		}
		if attribution(lines, i) {
			// One that is not wrapped may stand right below the text.
			if next := i + 1; next < len(lines) && dated(lines[next].text) && attributes(lines[next].text, lines, next+1) {
				return Answered, next
			}
			return Answered, i
		}
	}
	return Nothing, 0
}

// dated reports whether a line has a year or a time of day.
func dated(text string) bool { return clock.MatchString(text) || year.MatchString(text) }
