package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"switchboard/cmd/dev/outbox"
	"switchboard/inbox"
)

// dev is a running dev binary.
type dev struct {
	*process
	*system
	info devInfo
}

// devInfo is dev.json, as the contract says.
type devInfo struct {
	APIURL          string `json:"api_url"`
	TemporalAddress string `json:"temporal_address"`
	TemporalUIURL   string `json:"temporal_ui_url"`
	SMTPAddress     string `json:"smtp_address"`
	MailURL         string `json:"mail_url"`
	OutboxURL       string `json:"outbox_url"`
	Messenger       struct {
		AppSecret   string `json:"app_secret"`
		VerifyToken string `json:"verify_token"`
		PageID      string `json:"page_id"`
	} `json:"messenger"`
	Twilio struct {
		AccountSID string `json:"account_sid"`
		AuthToken  string `json:"auth_token"`
		PublicURL  string `json:"public_url"`
	} `json:"twilio"`
	Agents []struct {
		ID      string   `json:"id"`
		Name    string   `json:"name"`
		Email   string   `json:"email"`
		Token   string   `json:"token"`
		Admin   bool     `json:"admin"`
		Seat    bool     `json:"seat"`
		TeamIDs []string `json:"team_ids"`
		Phone   string   `json:"phone"`
	} `json:"agents"`
	Channels []devChannel `json:"channels"`
}

// devChannel is a channel of the demo data.
type devChannel struct {
	ID            string            `json:"id"`
	Kind          inbox.ChannelKind `json:"kind"`
	Name          string            `json:"name"`
	HostedAddress string            `json:"hosted_address"`
	PageID        string            `json:"page_id"`
	Number        string            `json:"number"`
}

// devFlags are a folder and addresses that nobody else uses.
func devFlags(t *testing.T, data string) []string {
	t.Helper()
	return devFlagsAt(freeAddress(t), data)
}

func devFlagsAt(address, data string) []string {
	return []string{
		"--data", data, "--http", address,
		"--ui", "127.0.0.1:0", "--smtp", "127.0.0.1:0", "--temporal", "127.0.0.1:0",
	}
}

// startDev starts the dev binary on a folder and returns when it says, by
// writing dev.json, that everything answers.
func startDev(t *testing.T, data string) *dev {
	t.Helper()
	return startDevAt(t, freeAddress(t), data)
}

// startDevAt starts it on an address of the caller's with the environment's
// additions.
func startDevAt(t *testing.T, address, data string, environment ...string) *dev {
	t.Helper()
	file := filepath.Join(data, "dev.json")
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err) // what an earlier, killed one left would mislead us
	}
	d := &dev{process: start(t, "dev", devBinary, environment, devFlagsAt(address, data)...)}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("dev logged:\n%s", tail(read(t, filepath.Join(data, "dev.log"))))
		}
	})
	eventually(t, func() error {
		d.mustRun(t)
		_, err := os.Stat(file)
		return err
	})
	if err := json.Unmarshal([]byte(read(t, file)), &d.info); err != nil {
		t.Fatalf("read dev.json: %v", err)
	}
	d.system = &system{
		agentPage:       d.info.APIURL + "/dev/agent#",
		mailURL:         d.info.MailURL,
		smtpAddress:     d.info.SMTPAddress,
		temporalAddress: d.info.TemporalAddress,
		temporalUIURL:   d.info.TemporalUIURL,
		logs:            func(t *testing.T) string { return read(t, filepath.Join(data, "dev.log")) },
	}
	d.admin = client{d.info.APIURL, "Bearer " + d.secrets.keep(d.adminToken(t))}
	return d
}

// channel is the demo data's channel of a kind.
func (d *dev) channel(t *testing.T, kind inbox.ChannelKind) devChannel {
	t.Helper()
	i := slices.IndexFunc(d.info.Channels, func(c devChannel) bool { return c.Kind == kind })
	if i < 0 {
		t.Fatalf("the demo data has no channel of kind %s", kind)
	}
	return d.info.Channels[i]
}

// outbox waits for a request to a provider that would have gone out.
func (d *dev) outbox(t *testing.T, what string, is func(outbox.Request) bool) (found outbox.Request) {
	t.Helper()
	eventually(t, func() error {
		_, body := plain(t, d.info.OutboxURL)
		var list struct{ Items []outbox.Request }
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			return err
		}
		i := slices.IndexFunc(list.Items, is)
		if i < 0 {
			return fmt.Errorf("the outbox has no %s: %s", what, body)
		}
		found = list.Items[i]
		return nil
	})
	return found
}

func (d *dev) adminToken(t *testing.T) string {
	t.Helper()
	for _, agent := range d.info.Agents {
		if agent.Admin {
			return agent.Token
		}
	}
	t.Fatal("dev.json names no admin")
	return ""
}
