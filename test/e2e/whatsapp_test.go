package e2e

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"switchboard/api/contract"
	"switchboard/inbox"
	"switchboard/test/standins/faketwilio"
)

// TestAMessageWhoseAnswerFromTwilioWasLostIsSentOnce loses the answer in two ways:
// the connection drops, and the process is killed before it hears it of one of an
// answer's parts.
func TestAMessageWhoseAnswerFromTwilioWasLostIsSentOnce(t *testing.T) {
	data, address, twilio := t.TempDir(), freeAddress(t), faketwilio.Start(t)
	environment := twilioAt(twilio)
	d := startDevAt(t, address, data, environment...)
	o := d.newOffice(t, "whatsapp-crash", 1)
	channel := o.channel(t, "whatsapp", o.teamRule(), settings{"number": "+12025550109"})
	for i, from := range []string{"12025550121", "12025550122"} {
		d.twilio(t, http.StatusOK, "/webhooks/twilio/messages", faketwilio.AuthToken, url.Values{
			"MessageSid": {fmt.Sprintf("SMf%031d", i)}, "From": {"whatsapp:+" + from}, "To": {"whatsapp:+12025550109"}, "WaId": {from},
			"Body": {"Is it ready? " + personal}, "NumMedia": {"0"},
		})
	}
	conversations := d.awaitRouted(t, channel, 2)

	twilio.Fail(faketwilio.Fault{Method: http.MethodPost, Drop: true})
	_, err := d.admin.do(t, reply(conversations[0], "dropped"))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error { return sentBy(twilio, 1) })
	// The text leaves, the first of the two files is being handed over, the second waits.
	twilio.Fail(faketwilio.Fault{Method: http.MethodPost, After: 1, Drop: true, Then: func() { _ = d.cmd.Process.Kill() }})
	_, _ = d.admin.do(t, reply(conversations[1], "killed", "first", "second")) // it may be killed before it answers
	<-d.ended
	if err := sentBy(twilio, 3); err != nil {
		t.Fatal(err)
	}

	d = startDevAt(t, address, data, environment...)
	// What the killed process had in hand is begun again in two minutes. Until then
	// the other tests may run.
	t.Parallel()
	for i, text := range []string{"dropped", "killed"} {
		within(t, longPatience, func() error {
			for _, message := range d.messages(t, conversations[i].ID) {
				if message.Direction == contract.Direction(inbox.DirectionOut) && message.State == "sent" {
					return nil
				}
			}
			return fmt.Errorf("the answer that was %s is not known to be sent", text)
		})
	}
	files := 0
	for _, message := range twilio.Sent() {
		switch body := message.Form.Get("Body"); {
		case body == "" && message.Form.Get("MediaUrl") != "":
			files++
		case body != "dropped "+personal && body != "killed "+personal:
			t.Errorf("sent %q", body)
		}
	}
	if err := sentBy(twilio, 4); err != nil || files != 2 {
		t.Errorf("%v, with %d files", err, files)
	}
}

// reply is an answer, with recordings, which have no text beside them.
func reply(conversation contract.Conversation, text string, recordings ...string) request {
	files := []settings{}
	for _, name := range recordings {
		files = append(files, settings{
			"name": name + ".ogg", "content_type": "audio/ogg", "data": base64.StdEncoding.EncodeToString([]byte("OggS" + name)),
		})
	}
	return withJSON(http.MethodPost, conversationsPath+conversation.ID+"/replies", settings{
		"text": text + " " + personal, "client_id": text, "attachments": files,
	})
}

func sentBy(twilio *faketwilio.Server, n int) error {
	if sent := twilio.Sent(); len(sent) != n {
		return fmt.Errorf("%d messages were sent, not %d", len(sent), n)
	}
	return nil
}
