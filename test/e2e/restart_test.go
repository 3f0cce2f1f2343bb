package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"switchboard/inbox"
)

func TestAnInterruptDrainsAndARestartFindsEverything(t *testing.T) {
	data := filepath.Join(t.TempDir(), "50% of folder #1?")
	first := startDev(t, data)
	o := first.newOffice(t, "restart", 1)
	ada := o.agents[0]
	form, website := o.form(t, o.teamRule()), o.chat(t, o.teamRule())
	v := first.newVisitor(t, website)
	chat := v.say(t, "Before").ConversationID
	first.awaitTicket(t, chat)
	first.awaitState(t, chat, first.reply(t, ada, chat, "before").ID, "sent")
	// Streams that stay open must not keep it from stopping, nor one on which
	// nothing was said yet.
	silent := first.newVisitor(t, website)
	silent.listen(t, silent.path+"/events", "", visitorEvents)
	v.listen(t, v.path+"/events", "", visitorEvents)
	ada.listen(t, "/api/v1/events", "", agentEvents)

	told := newLedger()
	sending := atOnce(16, func(connection int) {
		for i := 0; ; i++ {
			if err := first.submitOnce(t, form, fmt.Sprintf("submission-%d-%d", connection, i), told); err != nil {
				return
			}
		}
	})
	told.await(t, 30)
	first.interrupt(t)
	sending.Wait()
	if said := first.text(t); strings.Contains(said, "before everything was finished") {
		t.Errorf("it did not drain:\n%s", said)
	}

	again := startDev(t, data)
	if !reflect.DeepEqual(again.info.Agents, first.info.Agents) || !reflect.DeepEqual(again.info.Channels, first.info.Channels) {
		t.Errorf("agents and channels were\n%+v\n%+v\nand are\n%+v\n%+v",
			first.info.Agents, first.info.Channels, again.info.Agents, again.info.Channels)
	}
	again.settled(t, form, told)
	v.client, ada.client = v.at(again.admin.base), ada.at(again.admin.base)
	if said := v.say(t, "After"); said.ConversationID != chat {
		t.Errorf("after the restart the visitor has another conversation: %+v", said)
	}
	again.awaitState(t, chat, again.reply(t, ada, chat, "after").ID, "sent")
	again.awaitEvents(t, chat, inbox.EventMessageReceived, 2)
	if messages := again.messages(t, chat); len(messages) != 4 {
		t.Errorf("the chat has %d messages: %+v", len(messages), messages)
	}
}

func TestASecondStartOnTheSameFolderSaysSo(t *testing.T) {
	data := t.TempDir()
	running := startDev(t, data)

	second := start(t, "second", devBinary, nil, devFlags(t, data)...)

	if code := second.exitCode(t); code != 1 {
		t.Errorf("it ended with exit code %d", code)
	}
	want := fmt.Sprintf("pid %d) is using this folder: %s", running.cmd.Process.Pid, data)
	if said := second.text(t); !strings.Contains(said, want) {
		t.Errorf("it does not say %q:\n%s", want, said)
	}
	if _, err := os.Stat(filepath.Join(data, "dev.json")); err != nil {
		t.Errorf("it took the running one's dev.json away: %v", err)
	}
}

func TestATakenAddressIsNamed(t *testing.T) {
	var config net.ListenConfig
	taken, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	for _, flag := range []string{"--temporal", "--ui", "--smtp", "--http"} {
		p := start(t, "taken", devBinary, nil, append(devFlags(t, t.TempDir()), flag, address)...)
		if code := p.exitCode(t); code != 1 {
			t.Errorf("%s: it ended with exit code %d", flag, code)
		}
		said := p.text(t)
		if !strings.Contains(said, address) || !strings.Contains(said, "taken") && !strings.Contains(said, "already in use") {
			t.Errorf("%s: it does not say that %s is taken:\n%s", flag, address, said)
		}
	}
}

func TestAnAddressThatGaveWayIsSaid(t *testing.T) {
	const usual = "127.0.0.1:8025"
	var config net.ListenConfig
	// Where it is taken already, so much the better.
	if taken, err := config.Listen(t.Context(), "tcp", usual); err == nil {
		defer taken.Close()
	}
	d := startDev(t, t.TempDir())
	free, _, _ := strings.Cut(strings.TrimPrefix(d.info.MailURL, "http://"), "/")
	want := usual + " is taken by another program. The page with the mail that was sent is at " + free + " instead."
	if said := d.text(t); !strings.Contains(said, want) {
		t.Errorf("it does not say %q:\n%s", want, said)
	}
}

func TestDemoDataFromBeforeThereWasEMailGetsItsChannelOnce(t *testing.T) {
	data := t.TempDir()
	d := startDev(t, data)
	isMail := func(c devChannel) bool { return c.Kind == inbox.KindEmail }
	first := d.info.Channels[slices.IndexFunc(d.info.Channels, isMail)]
	d.admin.must(t, 204, withJSON("DELETE", "/api/v1/channels/"+first.ID, nil))
	d.interrupt(t)
	forgetDemoMail(t, filepath.Join(data, "demo.json"))

	d = startDev(t, data)
	made := d.info.Channels
	i := slices.IndexFunc(made, isMail)
	if i < 0 || made[i].ID == first.ID || made[i].HostedAddress == "" || made[i].HostedAddress == first.HostedAddress {
		t.Fatalf("after %+v it has %+v", first, made)
	}
	d.interrupt(t)
	if again := startDev(t, data).info.Channels; !reflect.DeepEqual(again, made) {
		t.Errorf("another start made %+v of %+v", again, made)
	}
}

// forgetDemoMail makes demo.json what it was before there was e-mail.
func forgetDemoMail(t *testing.T, file string) {
	t.Helper()
	var demo map[string]any
	if err := json.Unmarshal([]byte(read(t, file)), &demo); err != nil {
		t.Fatal(err)
	}
	demo["channels"] = slices.DeleteFunc(demo["channels"].([]any), func(c any) bool {
		return c.(map[string]any)["kind"] == string(inbox.KindEmail)
	})
	raw, err := json.Marshal(demo)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// interrupt stops it as Ctrl-C does.
func (d *dev) interrupt(t *testing.T) {
	t.Helper()
	d.signal(t, os.Interrupt)
	if code := d.exitCode(t); code != 0 {
		t.Errorf("interrupted, it ended with exit code %d", code)
	}
}
