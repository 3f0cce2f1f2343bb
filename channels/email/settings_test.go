package email_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"switchboard/channels/email"
	"switchboard/inbox"
)

func TestSettingsHaveDefaults(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{``, `{}`, `{"original_sender":null,"signature":null}`} {
		settings, err := email.ReadSettings(checked(t, raw))
		if err != nil || settings != (email.Settings{OriginalSender: true}) {
			t.Errorf("%s: %+v, %v", raw, settings, err)
		}
	}
	if settings, err := email.ReadSettings(nil); err != nil || !settings.OriginalSender {
		t.Errorf("nothing stored: %+v, %v", settings, err)
	}
}

func TestSettingsAreNormalised(t *testing.T) {
	t.Parallel()
	settings, err := email.ReadSettings(checked(t, `{
		"address": " Support@ACME.test ", "from_name": "company", "original_sender": false,
		"signature": {"html": " <p onclick='x()'>{{ sender.full_name }}<script>x()</script></p> "},
		"away_message": {"text": "We are away.\r\n"}
	}`))
	want := email.Settings{
		Address: "support@acme.test", FromName: email.FromCompany,
		Signature: email.Signature{HTML: "<p>{{ sender.full_name }}</p>"}, AwayMessage: email.AwayMessage{Text: "We are away."},
	}
	if err != nil || settings != want {
		t.Errorf("%+v, %v", settings, err)
	}
}

func TestASignatureKeepsItsLooksAndNothingThatRuns(t *testing.T) {
	t.Parallel()
	raw := must(json.Marshal(map[string]any{"signature": map[string]string{
		"html": `<p style="color: #ff0000; position: fixed; background: url(https://eve.test/)">Ann</p><style>p{}</style><img src="https://acme.test/logo.png" onload="x()">`,
	}}))(t)
	got := must(email.ReadSettings(checked(t, string(raw))))(t).Signature.HTML
	if want := `<p style="color: #ff0000">Ann</p><img src="https://acme.test/logo.png">`; got != want {
		t.Errorf("got %s", got)
	}
}

func TestSettingsThatCannotBeAreRefusedByName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 20_001)
	for raw, field := range map[string]string{
		`{"reply_to":"a@acme.test"}`:                                       "settings",
		`{"address":"Acme <a@acme.test>"}`:                                 "settings.address",
		`{"address":"acme.test"}`:                                          "settings.address",
		`{"from_name":"agent"}`:                                            "settings.from_name",
		`{"original_sender":"yes"}`:                                        "settings.original_sender",
		`{"away_message":{"text":"` + long + `"}}`:                         "settings.away_message.text",
		`{"away_message":{"html":"x"}}`:                                    "settings",
		`{"signature":{"html":"` + long + `"}}`:                            "settings.signature.html",
		`{"signature":{"html":"{{sender.phone}}"}}`:                        "settings.signature.html",
		`{"signature":{"html":"{{Sender.Full_Name}}"}}`:                    "settings.signature.html",
		`{"signature":{"html":"{{<b>sender</b>.full_name}}"}}`:             "settings.signature.html",
		`{"signature":{"html":"{{}}"}}`:                                    "settings.signature.html",
		`{"signature":{"html":"{{sender.full_name"}}`:                      "settings.signature.html",
		`{"signature":{"html":"{{{sender.full_name}}}}"}}`:                 "settings.signature.html",
		`{"signature":{"html":"&#123;&#123;sender.phone&#125;}"}}`:         "settings.signature.html",
		`{"signature":{"html":"<a href='https://x/{{sender.id}}'>x</a>"}}`: "settings.signature.html",
	} {
		_, err := new(email.Channel).CheckSettings(json.RawMessage(raw))
		if refusal, ok := errors.AsType[*inbox.Error](err); !ok || refusal.Code != inbox.CodeInvalid || refusal.Field != field {
			t.Errorf("%.80s: %v", raw, err)
		}
	}
}

func TestTheTeamsAddressIsTheChannelsAccount(t *testing.T) {
	t.Parallel()
	channel := inbox.Channel{Settings: checked(t, `{"address":"Support@acme.test"}`)}
	got := must(new(email.Channel).CheckChannel(inbox.Channel{}, channel))(t)
	if got.Account != "support@acme.test" {
		t.Errorf("account %q", got.Account)
	}
	after := got
	after.Settings = checked(t, `{}`)
	if got = must(new(email.Channel).CheckChannel(got, after))(t); got.Account != "" {
		t.Errorf("the address is still taken: %q", got.Account)
	}
}

func TestTheFromNameIsOfferedWhereItCanBeChosen(t *testing.T) {
	t.Parallel()
	for provider, want := range map[inbox.Provider]email.FromName{
		inbox.ProviderNone: email.FromAgentAndCompany, inbox.ProviderGmail: email.FromAgentAndCompany,
		inbox.ProviderIMAP: email.FromAgentAndCompany, inbox.ProviderOffice365: "",
	} {
		channel := inbox.Channel{Provider: provider, Settings: checked(t, `{}`)}
		if got := fromName(t, must(new(email.Channel).CheckChannel(channel, channel))(t)); got != want {
			t.Errorf("%s: the default is %q", provider, got)
		}
	}
}

func TestAConnectedMailboxHasItsOwnAddressAndAtOffice365ItsOwnName(t *testing.T) {
	t.Parallel()
	forwarded := must(new(email.Channel).CheckChannel(inbox.Channel{},
		inbox.Channel{Settings: checked(t, `{"address":"support@acme.test","from_name":"company"}`)}))(t)
	connected := forwarded
	connected.Provider, connected.Account = inbox.ProviderOffice365, "help@acme.test"
	connected = must(new(email.Channel).CheckChannel(forwarded, connected))(t)
	settings := must(email.ReadSettings(connected.Settings))(t)
	if connected.Account != "help@acme.test" || settings.FromName != "" || settings.Address != "" {
		t.Errorf("connected as %q: %+v", connected.Account, settings)
	}
	for field, raw := range map[string]string{
		"settings.from_name": `{"from_name":"company"}`,
		"settings.address":   `{"address":"support@acme.test"}`,
	} {
		edited := connected
		edited.Settings = checked(t, raw)
		_, err := new(email.Channel).CheckChannel(connected, edited)
		if refusal, ok := errors.AsType[*inbox.Error](err); !ok || refusal.Code != inbox.CodeInvalid || refusal.Field != field {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func fromName(t *testing.T, channel inbox.Channel) email.FromName {
	t.Helper()
	return must(email.ReadSettings(channel.Settings))(t).FromName
}
