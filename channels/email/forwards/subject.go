package forwards

import (
	"regexp"
	"slices"
)

// intent is what a mail's subject says that the mail is.
type intent int

const (
	unsaid intent = iota
	forwarding
	answering
)

// prefix is what mail programs put before a subject, perhaps counted, and after
// a mailing list's tag: "[Team] Re[2]: …".
var prefix = regexp.MustCompile(`^(?:\s*\[[^\]]*\])*\s*([\p{L}]{1,12})\.?(?:\[\d+\]|\(\d+\))?\s*[:：]`)

// intentOf reads the outermost prefix of a subject. One that means different
// things in different languages ("VS") is understood in those given; without
// them, or when they disagree, nothing is said.
func intentOf(subject string, in []*language) intent {
	found := prefix.FindStringSubmatch(subject)
	if found == nil {
		return unsaid
	}
	word := fold(found[1])
	says := func(l *language) intent {
		switch {
		case slices.Contains(alternatives(l.forward), word):
			return forwarding
		case slices.Contains(alternatives(l.reply), word):
			return answering
		}
		return unsaid
	}
	agreed := func(among []*language) intent {
		said := unsaid
		for _, l := range among {
			switch one := says(l); {
			case one == unsaid || one == said:
			case said == unsaid:
				said = one
			default:
				return unsaid
			}
		}
		return said
	}
	if said := agreed(in); said != unsaid {
		return said
	}
	return agreed(languages)
}

// Announced reports whether a subject begins as a forward's ("Fwd:").
func Announced(subject string) bool { return intentOf(subject, nil) == forwarding }
