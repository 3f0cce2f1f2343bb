package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"switchboard/api/contract"
	"switchboard/inbox"
	"switchboard/test/standins/faketwilio"
)

// lookedUpWithin is longer than Temporal takes to begin again what a killed process
// had in hand.
const lookedUpWithin = 5 * time.Minute

// TestAMessageWhoseAnswerFromTwilioWasLostIsSentOnce loses the answer in two ways:
// the connection drops, and the process is killed before it hears it.
func TestAMessageWhoseAnswerFromTwilioWasLostIsSentOnce(t *testing.T) {
	data, address, twilio := t.TempDir(), freeAddress(t), faketwilio.Start(t)
	environment := []string{
		"SWITCHBOARD_TWILIO_ACCOUNT_SID=" + faketwilio.AccountSID, "SWITCHBOARD_TWILIO_AUTH_TOKEN=" + faketwilio.AuthToken,
		"SWITCHBOARD_TWILIO_API_URL=" + twilio.URL,
	}
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
	twilio.Fail(faketwilio.Fault{Method: http.MethodPost, Drop: true, Then: func() { _ = d.cmd.Process.Kill() }})
	_, _ = d.admin.do(t, reply(conversations[1], "killed")) // it may be killed before it answers
	<-d.ended
	if err := sentBy(twilio, 2); err != nil {
		t.Fatal(err)
	}

	d = startDevAt(t, address, data, environment...)
	// What the killed process had in hand is begun again in two minutes. Until then
	// the other tests may run.
	t.Parallel()
	for i, text := range []string{"dropped", "killed"} {
		within(t, lookedUpWithin, func() error {
			for _, message := range d.messages(t, conversations[i].ID) {
				if message.Direction == contract.Direction(inbox.DirectionOut) && message.State == "sent" {
					return nil
				}
			}
			return fmt.Errorf("the answer that was %s is not known to be sent", text)
		})
	}
	for _, message := range twilio.Sent() {
		if got := message.Form.Get("Body"); got != "dropped "+personal && got != "killed "+personal {
			t.Errorf("sent %q", got)
		}
	}
	if err := sentBy(twilio, 2); err != nil {
		t.Error(err)
	}
}

func reply(conversation contract.Conversation, text string) request {
	return withJSON(http.MethodPost, conversationsPath+conversation.ID+"/replies", settings{"text": text + " " + personal, "client_id": text})
}

func sentBy(twilio *faketwilio.Server, n int) error {
	if sent := twilio.Sent(); len(sent) != n {
		return fmt.Errorf("%d messages were sent, not %d", len(sent), n)
	}
	return nil
}
