package mail_test

import (
	"testing"

	"switchboard/channels/mail"
)

func TestEveryEarlierMessageHasItsMessageID(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ id, want string }{
		"a contact's":                       {"one@example.com", "one@example.com"},
		"ours":                              {"0190c3a2", "0190c3a2@in.acme.example"},
		"the second that came under one id": {"one@example.com 5f70bf18a0860070", "one@example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := mail.MessageID(tc.id, "in.acme.example"); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
