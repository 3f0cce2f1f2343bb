package incoming_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"switchboard/channels/email/incoming"
	"switchboard/test/standins/corpus"
)

// withoutSender are files of the corpus that name nobody who could be answered.
var withoutSender = []string{
	"LICENSE",                              // no mail
	"sample_output_multipart",              // empty
	"error_emails/bad_encoded_subject.eml", // a subject, and nothing else
}

func TestEveryMailOfTheCorpusIsReadOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	dir, read := corpus.Dir(t, "mail"), 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		mail, err := incoming.Read(raw)
		switch {
		case err == nil:
			read++
			sound(t, mail)
		case !errors.Is(err, incoming.ErrNoSender) || !slices.Contains(withoutSender, filepath.ToSlash(name)):
			t.Errorf("%s: %v", name, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 102 {
		t.Errorf("%d mails read, want at least 102", read)
	}
}
