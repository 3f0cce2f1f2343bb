// Package accounts has the accounts at providers that a laptop begins with: they
// exist in the outbox alone, and give way to those in the user's environment.
package accounts

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// AppID is the application at Facebook, PageID and PageName its page.
const (
	AppID    = "100000000000001"
	PageID   = "100000000000002"
	PageName = "Demo page"
)

// users are the settings that a user may give in the environment: with most of them a
// provider is really connected. Everything else is for dev to say.
var users = []string{
	"SWITCHBOARD_GOOGLE_", "SWITCHBOARD_MICROSOFT_", "SWITCHBOARD_MESSENGER_", "SWITCHBOARD_TWILIO_",
	"SWITCHBOARD_PUBLIC_URL=", "SWITCHBOARD_AGENT_URL=", "SWITCHBOARD_POSTMASTER=", "SWITCHBOARD_INBOUND_SMTP_", "SWITCHBOARD_DKIM_",
	"SWITCHBOARD_SHUTDOWN_GRACE=",
}

// Accounts are the secrets of our accounts in the outbox.
type Accounts struct {
	AppSecret   string `json:"app_secret"`
	VerifyToken string `json:"verify_token"`
	AccountSID  string `json:"account_sid"`
	AuthToken   string `json:"auth_token"`
}

// Load returns the accounts kept in a file, made on the first start.
func Load(file string) (Accounts, error) {
	var a Accounts
	raw, err := os.ReadFile(file)
	if err == nil {
		if err := json.Unmarshal(raw, &a); err != nil {
			return a, fmt.Errorf("read %s: %w", file, err)
		}
		return a, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return a, fmt.Errorf("read accounts at providers: %w", err)
	}
	a = Accounts{AppSecret: secret(), VerifyToken: secret(), AccountSID: "AC" + secret(), AuthToken: secret()}
	if raw, err = json.Marshal(a); err != nil {
		return a, fmt.Errorf("encode accounts at providers: %w", err)
	}
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		return a, fmt.Errorf("keep accounts at providers: %w", err)
	}
	return a, nil
}

// secret is 32 hexadecimal digits, the shape of both providers' secrets.
func secret() string {
	random := make([]byte, 16)
	rand.Read(random) // it never fails, says its documentation
	return hex.EncodeToString(random)
}

// Settings returns the settings of providers: the user's of an environment, and for
// each provider that it does not connect our account at the outbox, which the
// addresses are of.
func (a Accounts) Settings(environ []string, graphURL, dialogURL, twilioURL string) []string {
	given := slices.DeleteFunc(slices.Clone(environ), func(setting string) bool {
		return !slices.ContainsFunc(users, func(prefix string) bool { return strings.HasPrefix(setting, prefix) })
	})
	var settings []string
	if !sets(given, "SWITCHBOARD_MESSENGER_APP_ID") {
		settings = append(settings,
			"SWITCHBOARD_MESSENGER_APP_ID="+AppID, "SWITCHBOARD_MESSENGER_APP_SECRET="+a.AppSecret,
			"SWITCHBOARD_MESSENGER_VERIFY_TOKEN="+a.VerifyToken, "SWITCHBOARD_MESSENGER_GRAPH_URL="+graphURL,
			"SWITCHBOARD_MESSENGER_DIALOG_URL="+dialogURL)
	}
	if !sets(given, "SWITCHBOARD_TWILIO_ACCOUNT_SID") {
		settings = append(settings,
			"SWITCHBOARD_TWILIO_ACCOUNT_SID="+a.AccountSID, "SWITCHBOARD_TWILIO_AUTH_TOKEN="+a.AuthToken,
			"SWITCHBOARD_TWILIO_API_URL="+twilioURL)
	}
	return append(settings, given...)
}

// sets reports whether a setting has a value.
func sets(settings []string, name string) bool {
	return slices.ContainsFunc(settings, func(setting string) bool {
		value, found := strings.CutPrefix(setting, name+"=")
		return found && value != ""
	})
}
