package e2e

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"switchboard/api/contract"
	"switchboard/inbox"
	"switchboard/test/standins/daemon"
	"switchboard/test/standins/postfix"
)

// TestALineOfSwaksThroughPostfixIsAnAnsweredConversation sends what the welcome
// and the README say, to a mail server that passes the hosted domain on.
func TestALineOfSwaksThroughPostfixIsAnAnsweredConversation(t *testing.T) {
	daemon.Require(t, daemon.Installed("swaks"), "swaks is not installed")
	d := startDev(t, t.TempDir())
	i := slices.IndexFunc(d.info.Channels, func(c devChannel) bool { return c.Kind == inbox.KindEmail })
	to := d.info.Channels[i].HostedAddress
	_, domain, _ := strings.Cut(to, "@")
	relay := postfix.Start(t, map[string]string{domain: d.info.SMTPAddress}, "")

	from := address("grace-swaks")
	output, err := exec.Command("swaks", "--server", relay.Address, "--from", from, "--to", to,
		"--header", "Subject: Broken lamp", "--header", "Message-Id: <swaks@"+personal+".test>", "--body", "It flickers.").CombinedOutput()
	if err != nil {
		t.Fatalf("swaks: %v\n%s", err, output)
	}
	conversation := d.awaitRouted(t, get[contract.Channel](t, d.admin, "/api/v1/channels/"+d.info.Channels[i].ID), 1)[0]
	if conversation.Subject != "Broken lamp" || conversation.AssigneeID == nil {
		t.Errorf("the conversation: %+v", conversation)
	}
	reply := d.reply(t, agent{client: d.admin}, conversation.ID, "reply")
	d.awaitState(t, conversation.ID, reply.ID, "sent")
	if mails := d.mailTo(t, from); len(mails) != 1 || mails[0].Headers["In-Reply-To"] != "<swaks@"+personal+".test>" {
		t.Errorf("the answer: %+v", mails)
	}
	nothingPersonalIsKept(t, d.system)
}
