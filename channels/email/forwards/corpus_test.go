package forwards_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"switchboard/channels/email/forwards"
	"switchboard/test/standins/corpus"
)

// unsure are the forwards of the corpus whose sender has to stay open.
var unsure = map[string]string{
	"outlook_live_en_body_variant_9.txt":  "somebody sent on behalf of somebody else",
	"outlook_live_en_body_variant_10.txt": "somebody sent on behalf of somebody else",
	"unknown_en_body_variant_12.txt":      "the sender has no address",
}

// forward is a body of the corpus, with a subject such as its program gives it.
type forward struct {
	name, subject, body string
	// answer: it is none. That is so for the fourth variant of every program.
	answer bool
}

// readCorpus reads real forwards of many programs and languages, whose files are named
// program_language_body[_variant_n].txt.
func readCorpus(t *testing.T) []forward {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(corpus.Dir(t, "forwards"), "*_body*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d forwards: %v", len(paths), err)
	}
	var all []forward
	for _, path := range paths {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f := forward{name: filepath.Base(path), subject: "Fwd: Integer consequat non purus", body: string(body)}
		if strings.HasSuffix(path, "_variant_4.txt") {
			f.answer, f.subject = true, "Re: Integer consequat non purus"
		}
		all = append(all, f)
	}
	return all
}

// In the whole corpus John Doe wrote the message that was forwarded.
func TestCorpusOriginalSenderIsFound(t *testing.T) {
	t.Parallel()
	for _, f := range readCorpus(t) {
		got, sure := forwards.Find(f.subject, f.body)
		if f.answer || unsure[f.name] != "" {
			if sure {
				t.Errorf("%s: sure of %q", f.name, got.Email)
			}
			continue
		}
		if !sure || got.Email != "john.doe@acme.com" || got.Name != "John Doe" {
			t.Errorf("%s: %q <%s>, sure: %t", f.name, got.Name, got.Email, sure)
			continue
		}
		if !strings.HasPrefix(got.Text, "Aenean quis diam urna.") {
			t.Errorf("%s: the message begins with %.40q", f.name, got.Text)
		}
		if got.Note != "" && got.Note != "Praesent suscipit egestas hendrerit.\n\nAliquam eget dui dui." {
			t.Errorf("%s: the note is %q", f.name, got.Note)
		}
	}
}

// Outlook puts the same block above forwards and answers.
func TestCorpusSubjectSaysWhatOutlookDoesNot(t *testing.T) {
	t.Parallel()
	for _, f := range readCorpus(t) {
		if !strings.Contains(f.name, "outlook") {
			continue
		}
		for _, subject := range []string{"", "Integer consequat non purus", "Re: FW: Integer consequat non purus"} {
			if got, sure := forwards.Find(subject, f.body); sure {
				t.Errorf("%s with the subject %q: sure of %q", f.name, subject, got.Email)
			}
		}
	}
}
