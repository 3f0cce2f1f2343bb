package forwards

import (
	"strings"
	"testing"
)

func TestNoLabelNamesTwoFields(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		for f, labels := range map[field]string{
			fieldFrom: l.from, fieldDate: l.date, fieldSubject: l.subject, fieldTo: l.to, fieldOther: l.others,
		} {
			for _, label := range alternatives(labels) {
				if got := vocabulary.labels[label]; got != f {
					t.Errorf("%q names the fields %d and %d", label, f, got)
				}
			}
		}
	}
}

func TestEveryLanguageHasTheWholeBlock(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		if l.from == "" || l.date == "" || l.subject == "" || l.to == "" || l.forwarded == "" {
			t.Errorf("incomplete: %+v", *l)
		}
		if months := len(strings.Fields(l.months)); months != 0 && months != 12 {
			t.Errorf("%s: %d months", l.from, months)
		}
	}
}
