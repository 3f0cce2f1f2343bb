package email_test

import (
	"html"
	"strings"
	"testing"

	"switchboard/channels"
	"switchboard/channels/email"
	"switchboard/inbox"
)

func TestThePreviewIsWhatAContactSees(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		channel inbox.Channel
		shown   []string
		hidden  string
	}{
		"hosted": {
			inbox.Channel{HostedToken: token, Settings: checked(t, `{}`)},
			[]string{"Ann Example at Acme & Sons", "<" + email.HostedAddress(token, domain) + ">"}, "{{",
		},
		"signed": {
			inbox.Channel{Account: "help@acme.test", Settings: checked(t, `{"address":"help@acme.test","from_name":"company","signature":{"html":"<b>{{sender.first_name}}</b>"}}`)},
			[]string{"<strong>Acme & Sons</strong>", "<help@acme.test>", "<b>Ann</b>"}, "{{",
		},
		"Office 365": {
			inbox.Channel{Provider: inbox.ProviderOffice365, Account: "help@acme.test", Settings: checked(t, `{}`)},
			[]string{"<help@acme.test>"}, "Ann Example",
		},
	} {
		page, err := (&email.Channel{Domain: domain}).Preview(channels.Draft{Channel: test.channel}, channels.Site{Company: "Acme & Sons"})
		if err != nil || !strings.HasPrefix(page, "<!doctype html>") || strings.Contains(page, test.hidden) {
			t.Errorf("%s: %v, %s", name, err, page)
		}
		for _, want := range test.shown {
			if !strings.Contains(html.UnescapeString(page), want) {
				t.Errorf("%s: no %s in %s", name, want, page)
			}
		}
	}
}

func TestThePreviewRunsNothing(t *testing.T) {
	t.Parallel()
	channel := inbox.Channel{Name: "<script>x()</script>", Settings: checked(t, `{"signature":{"html":"<img src=x onerror='x()'><script>x()</script>"}}`)}
	page, err := (&email.Channel{Domain: domain}).Preview(channels.Draft{Channel: channel}, channels.Site{})
	if err != nil || strings.Contains(page, "<script") || strings.Contains(page, "onerror") {
		t.Errorf("%v, %s", err, page)
	}
}
