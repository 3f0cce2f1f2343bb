package accounts_test

import (
	"path/filepath"
	"testing"

	"switchboard/cmd/dev/accounts"
	"switchboard/config"
)

func TestAccountsAreKept(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "providers.json")
	made := load(t, file)
	if kept := load(t, file); kept != made {
		t.Errorf("%+v became %+v", made, kept)
	}
	if other := load(t, filepath.Join(t.TempDir(), "providers.json")); other.AppSecret == made.AppSecret || other.AuthToken == made.AuthToken {
		t.Error("two folders share a secret")
	}
}

func TestProvidersThatNobodyConnectedAreTheOutbox(t *testing.T) {
	t.Parallel()
	a := load(t, filepath.Join(t.TempDir(), "providers.json"))
	c := settings(t, a)
	if c.Messenger.AppID != accounts.AppID || c.Messenger.AppSecret != a.AppSecret || c.Messenger.GraphURL != "http://outbox/v26.0" {
		t.Errorf("Messenger: %+v", c.Messenger)
	}
	if c.Twilio.AccountSID != a.AccountSID || c.Twilio.AuthToken != a.AuthToken || c.Twilio.APIURL != "http://outbox" {
		t.Errorf("Twilio: %+v", c.Twilio)
	}
}

func TestTheUsersOwnAccountsWinAndAreReallyUsed(t *testing.T) {
	t.Parallel()
	a := load(t, filepath.Join(t.TempDir(), "providers.json"))
	c := settings(t, a,
		"SWITCHBOARD_MESSENGER_APP_ID=7", "SWITCHBOARD_MESSENGER_APP_SECRET=theirs", "SWITCHBOARD_MESSENGER_VERIFY_TOKEN=theirs",
		"SWITCHBOARD_GOOGLE_CLIENT_ID=google", "SWITCHBOARD_PUBLIC_URL=https://desk.example.com",
		"SWITCHBOARD_INBOUND_SMTP_TLS_CERT=cert.pem", "SWITCHBOARD_INBOUND_SMTP_TLS_KEY=key.pem")
	if c.Messenger.AppID != "7" || c.Messenger.AppSecret != "theirs" || c.Messenger.GraphURL != "https://graph.facebook.com/v26.0" {
		t.Errorf("Messenger: %+v", c.Messenger)
	}
	if c.Twilio.APIURL != "http://outbox" || c.Google.ClientID != "google" || c.PublicURL != "https://desk.example.com" ||
		c.InboundSMTP.TLSCert != "cert.pem" {
		t.Errorf("%+v", c)
	}
	c = settings(t, a, "SWITCHBOARD_TWILIO_ACCOUNT_SID=AC7", "SWITCHBOARD_TWILIO_AUTH_TOKEN=theirs")
	if c.Twilio.AccountSID != "AC7" || c.Twilio.AuthToken != "theirs" || c.Twilio.APIURL != "" {
		t.Errorf("Twilio: %+v", c.Twilio)
	}
}

func TestSettingsOfAProductionDoNotReachALaptop(t *testing.T) {
	t.Parallel()
	a := load(t, filepath.Join(t.TempDir(), "providers.json"))
	c := settings(t, a, "SWITCHBOARD_DATABASE_URL=postgres://production/db", "SWITCHBOARD_TEMPORAL_ADDRESS=production:7233")
	if c.DatabaseURL == "postgres://production/db" || c.Temporal.Address == "production:7233" {
		t.Errorf("%+v", c)
	}
}

func load(t *testing.T, file string) accounts.Accounts {
	t.Helper()
	a, err := accounts.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func settings(t *testing.T, a accounts.Accounts, environ ...string) config.Config {
	t.Helper()
	c, err := config.Load(a.Settings(environ, "http://outbox/v26.0", "http://outbox/v26.0/dialog/oauth", "http://outbox"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
