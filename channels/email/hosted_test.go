package email_test

import (
	"strings"
	"testing"

	"switchboard/channels"
	"switchboard/channels/email"
)

const (
	token        = "k3v9q2m7x5t1r8w4z6y0b2c4d6"
	conversation = "01936a4e-7b1c-7c3d-9e2f-0a1b2c3d4e5f"
	domain       = "in.switchboard.test"
)

func TestAHostedAddressIsReadBackWhateverMailProgramsDoToIt(t *testing.T) {
	t.Parallel()
	plain, reply := email.HostedAddress(token, domain), email.ReplyAddress(token, conversation, domain)
	for address, want := range map[string]string{
		plain:                      "",
		reply:                      conversation,
		strings.ToUpper(reply):     conversation,
		token + "+sales@" + domain: "",
		token + "+" + conversation + "+sales@" + domain:      conversation,
		token + "+sales+" + conversation + "@" + domain:      conversation,
		token + "+" + conversation[:35] + "@" + domain:       "",
		token + "+" + conversation + "0@IN.switchboard.test": "",
		token + "+@" + domain:                                "",
	} {
		gotToken, got, ok := email.ParseHosted(address, domain)
		if !ok || gotToken != token || got != want {
			t.Errorf("%s is %q, %q, %t", address, gotToken, got, ok)
		}
	}
}

func TestOtherAddressesAreNotHosted(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "@", token, token + "@", "@" + domain, "+" + conversation + "@" + domain,
		token + "@example.com", token + "@sub." + domain, token + "@" + domain + "@example.com",
		"sales team@" + domain, "<" + token + "@" + domain + ">", "tök@" + domain, "a\x00@" + domain,
	} {
		if gotToken, got, ok := email.ParseHosted(address, domain); ok {
			t.Errorf("%q is %q, %q", address, gotToken, got)
		}
	}
}

func TestAReplyAddressFitsIntoMail(t *testing.T) {
	t.Parallel()
	address := email.ReplyAddress(strings.Repeat("a", 27), conversation, domain)
	if local, _, _ := strings.Cut(address, "@"); len(local) != 64 || !channels.ValidEmail(address) {
		t.Errorf("%s has a local part of %d bytes", address, len(local))
	}
}
