package e2e

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

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
	Agents          []struct {
		ID      string   `json:"id"`
		Name    string   `json:"name"`
		Email   string   `json:"email"`
		Token   string   `json:"token"`
		Admin   bool     `json:"admin"`
		Seat    bool     `json:"seat"`
		TeamIDs []string `json:"team_ids"`
	} `json:"agents"`
	Channels []devChannel `json:"channels"`
}

// devChannel is a channel of the demo data.
type devChannel struct {
	ID            string            `json:"id"`
	Kind          inbox.ChannelKind `json:"kind"`
	Name          string            `json:"name"`
	HostedAddress string            `json:"hosted_address"`
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
		mailURL:         d.info.MailURL,
		smtpAddress:     d.info.SMTPAddress,
		temporalAddress: d.info.TemporalAddress,
		temporalUIURL:   d.info.TemporalUIURL,
		logs:            func(t *testing.T) string { return read(t, filepath.Join(data, "dev.log")) },
	}
	d.admin = client{d.info.APIURL, "Bearer " + d.secrets.keep(d.adminToken(t))}
	return d
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
