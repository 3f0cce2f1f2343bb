package form_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"switchboard/channels"
	"switchboard/channels/form"
)

// FuzzParse feeds whatever a JSON client may send. What is accepted must be
// storable and must not reach into mail headers.
func FuzzParse(f *testing.F) {
	settings := checked(f, supportForm)
	f.Add(`{"name":"Ada","email":"ada@example.com","urgency":"low","terms":true}`)
	f.Add(`{"name":"\u202Eada\u200B","email":"ada@example.com","urgency":"low","terms":true}`)
	f.Fuzz(func(t *testing.T, body string) {
		var fields map[string]json.RawMessage
		if json.Unmarshal([]byte(body), &fields) != nil {
			return
		}
		values, err := form.FromJSON(fields)
		if err != nil {
			return
		}
		got, err := form.Parse(settings, form.Answers{Values: values})
		if err != nil {
			if problems, ok := errors.AsType[form.Problems](err); !ok || len(problems) == 0 {
				t.Fatalf("not a problem a person can mend: %v", err)
			}
			return
		}
		all := []string{got.Text}
		for _, field := range got.Fields {
			all = append(all, field.Values...)
		}
		if slices.ContainsFunc(all, func(s string) bool { return !utf8.ValidString(s) || strings.ContainsRune(s, 0) }) {
			t.Fatalf("not storable: %q", all)
		}
		if strings.ContainsAny(got.Subject+got.ReplyTo+got.Sender.Name, "\r\n") {
			t.Fatalf("a mail header has two lines: %+v", got)
		}
		if channels.CleanName(got.Sender.Name) != got.Sender.Name {
			t.Fatalf("a name that is shown as another: %q", got.Sender.Name)
		}
	})
}
