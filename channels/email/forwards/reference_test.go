package forwards_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"switchboard/channels/email/forwards"
	"switchboard/test/standins/daemon"
)

// standins is where `make standins` installs the reference.
const standins = "../../../test/standins"

// contradictions are mails in which we are sure of another sender than the
// reference, with the reason.
var contradictions = map[string]string{
	"Of nested forwards the outermost, though only the inner one says that it is a forward": "the reference looks for such words first, and so finds the inner one; where both have them or none, it takes the outermost as well",
}

// asked is a mail for the reference, answer what it finds (test/standins/forwards.mjs).
type asked struct {
	Subject string `json:"subject"`
	Body    string `json:"body"`
}

type answer struct{ Address string }

// ask runs email-forward-parser, or skips the test without it.
func ask(t *testing.T, mails []asked) []answer {
	t.Helper()
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(standins, "node_modules"))
	}
	daemon.Require(t, err == nil, fmt.Sprintf("the reference is not installed (make standins): %v", err))
	var input, output, complaints bytes.Buffer
	for _, mail := range mails {
		if err := json.NewEncoder(&input).Encode(mail); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), node, "forwards.mjs")
	command.Dir, command.Stdin, command.Stdout, command.Stderr = standins, &input, &output, &complaints
	if err := command.Run(); err != nil {
		t.Fatalf("%v: %s", err, &complaints)
	}
	answers := make([]answer, len(mails))
	decoder := json.NewDecoder(&output)
	for i := range answers {
		if err := decoder.Decode(&answers[i]); err != nil {
			t.Fatal(err)
		}
	}
	return answers
}

func TestReferenceFindsTheSameSender(t *testing.T) {
	t.Parallel()
	var names []string
	var mails []asked
	for _, s := range slices.Concat(samples, doubts) {
		names = append(names, s.name)
		mails = append(mails, asked{Subject: s.subject, Body: s.text})
	}
	compare(t, names, mails)
}

// The reference finds no sender in the corpus that we miss, but for those that
// have to stay open.
func TestReferenceFindsTheSameSenderInTheCorpus(t *testing.T) {
	t.Parallel()
	var names, bare []string
	var mails, withoutSubject []asked
	for _, f := range readCorpus(t) {
		names, mails = append(names, f.name), append(mails, asked{Subject: f.subject, Body: f.body})
		bare, withoutSubject = append(bare, f.name+" without its subject"), append(withoutSubject, asked{Body: f.body})
	}
	for _, missed := range compare(t, names, mails) {
		if unsure[missed] == "" {
			t.Errorf("%s: the reference finds the sender, we do not", missed)
		}
	}
	compare(t, bare, withoutSubject)
}

// compare fails when we are sure of another sender than the reference, and
// returns the mails in which only the reference finds one.
func compare(t *testing.T, names []string, mails []asked) (missed []string) {
	t.Helper()
	agreed := 0
	for i, reference := range ask(t, mails) {
		ours, sure := forwards.Find(mails[i].Subject, mails[i].Body)
		contradicts := sure && reference.Address != "" && !strings.EqualFold(ours.Email, reference.Address)
		switch _, listed := contradictions[names[i]]; {
		case contradicts != listed:
			t.Errorf("%s: we find %q, the reference %q, listed as a contradiction: %t", names[i], ours.Email, reference.Address, listed)
		case reference.Address == "" || contradicts:
		case sure:
			agreed++
		default:
			missed = append(missed, names[i])
		}
	}
	t.Logf("of %d mails the same sender in %d; only the reference finds one in %d: %q", len(mails), agreed, len(missed), missed)
	return missed
}
