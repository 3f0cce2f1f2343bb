package forwards_test

import (
	"testing"

	"switchboard/channels/email/forwards"
)

func TestWhatAMailCarriesBelow(t *testing.T) {
	t.Parallel()
	const (
		words  = "---------- Forwarded message ---------\nFrom: Ada <ada@example.com>\nDate: Wed, Oct 27, 2021 at 9:31 AM\nSubject: Lamp\nTo: <shop@example.org>"
		block  = "From: Ada <ada@example.com>\nSent: Wednesday, October 27, 2021 9:31 AM\nTo: Charles\nSubject: Lamp"
		answer = "On 27 Oct 2021, at 09:31, Ada <ada@example.com> wrote:"
	)
	for name, tc := range map[string]struct {
		subject, text string
		refers        bool
		carried       forwards.Carried
		line          int
	}{
		"nothing":                         {"Re: Lamp", "Yes.", true, forwards.Nothing, 0},
		"a forward in words":              {"", "Please.\n\n" + words, true, forwards.Forwarded, 2},
		"a forward by its subject":        {"Fwd: Lamp", "Please.\n\n" + block, true, forwards.Forwarded, 0},
		"an answer in words":              {"", "Yes.\n\n" + answer + "\n> It is broken.", false, forwards.Answered, 2},
		"an answer right below the text":  {"", "At 10:12 it was.\n" + answer + "\n> It is broken.", false, forwards.Answered, 1},
		"an answer's line, wrapped":       {"", "On 27 Oct 2021, at 09:31, Ada <\nada@example.com> wrote:\n> Hm.", false, forwards.Answered, 0},
		"an original message":             {"", "Yes.\n-----Original Message-----\n" + block, false, forwards.Answered, 1},
		"a block, an answer by subject":   {"AW: Lamp", "Yes.\n\n" + block, false, forwards.Answered, 2},
		"a block, an answer by reference": {"Lamp", "Yes.\n\n" + block, true, forwards.Answered, 2},
		"a block, nobody says":            {"Lamp", "Yes.\n\n" + block, false, forwards.Nothing, 0},
		"an answered forward":             {"Re: Fwd: Lamp", "Yes.\n" + answer + "\n> " + words, false, forwards.Answered, 1},
	} {
		carried, line := forwards.Earlier(tc.subject, tc.text, tc.refers)
		if carried != tc.carried || line != tc.line {
			t.Errorf("%s: %d in line %d, want %d in line %d", name, carried, line, tc.carried, tc.line)
		}
	}
}
