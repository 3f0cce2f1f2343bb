package whatsapp_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/channels/whatsapp"
	"switchboard/inbox"
)

const sid = "SM0123456789abcdef0123456789abcdef"

// received is a message as Twilio posts it, with changes: "" removes.
func received(changes ...string) []byte {
	form := url.Values{
		"MessageSid": {sid}, "From": {"whatsapp:+15550001111"}, "To": {"whatsapp:+15550002222"}, "WaId": {"15550001111"},
		"ProfileName": {"Grace Hopper"}, "Body": {"hello"}, "NumMedia": {"0"}, "MessageType": {"text"},
	}
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			form.Del(changes[i])
		}
	}
	return []byte(form.Encode())
}

func whatsAppID(id string) inbox.Identity {
	return inbox.Identity{Kind: inbox.IdentityWhatsApp, Value: id}
}

func TestMessageSaysWhoWroteWhat(t *testing.T) {
	t.Parallel()
	phone := inbox.Identity{Kind: inbox.IdentityPhone, Value: "+15550001111"}
	for name, c := range map[string]struct {
		body []byte
		want func(*whatsapp.Incoming)
	}{
		"a text":                {received(), func(*whatsapp.Incoming) {}},
		"unknown parameters":    {received("BrandNew", "1", "ChannelMetadata", "{"), func(*whatsapp.Incoming) {}},
		"control characters go": {received("Body", "a\x00b\r\nc"), func(in *whatsapp.Incoming) { in.Text = "ab\nc" }},
		"a name that deceives":  {received("ProfileName", "\u202EGrace\u200B Hopper"), func(in *whatsapp.Incoming) { in.Sender.Name = "Grace Hopper" }},
		"no profile name":       {received("ProfileName", ""), func(in *whatsapp.Incoming) { in.Sender.Name = "" }},
		"no WhatsApp id":        {received("WaId", ""), func(*whatsapp.Incoming) {}},
		"both of a user's ids": {received("ExternalUserId", "US.13491208655302741918"), func(in *whatsapp.Incoming) {
			in.IDs = append(in.IDs, "US.13491208655302741918")
			in.Sender.Identities = []inbox.Identity{whatsAppID("15550001111"), whatsAppID("US.13491208655302741918"), phone}
		}},
		"an id with its prefix": {received("ExternalUserId", "whatsapp:ID.4566546130240823"), func(in *whatsapp.Incoming) {
			in.IDs = append(in.IDs, "ID.4566546130240823")
			in.Sender.Identities = []inbox.Identity{whatsAppID("15550001111"), whatsAppID("ID.4566546130240823"), phone}
		}},
		"a contact card": {received("Body", "", "MessageType", "contacts", "NumMedia", "1", "MediaUrl0", "https://api.twilio.com/m/1", "MediaContentType0", "text/vcard"), func(in *whatsapp.Incoming) {
			in.Text, in.Files = "", []inbox.RemoteFile{{URL: "https://api.twilio.com/m/1", ContentType: "text/vcard"}}
		}},
		"a kind that nobody knows yet, with words": {received("MessageType", "hologram"), func(*whatsapp.Incoming) {}},
		"a hidden number": {received("WaId", "", "From", "whatsapp:US.1349", "ExternalUserId", "US.1349"), func(in *whatsapp.Incoming) {
			in.IDs, in.Sender.Identities = []string{"US.1349"}, []inbox.Identity{whatsAppID("US.1349")}
		}},
		"a hidden number by its sender alone": {received("WaId", "", "From", "whatsapp:US.1349"), func(in *whatsapp.Incoming) {
			in.IDs, in.Sender.Identities = []string{"US.1349"}, []inbox.Identity{whatsAppID("US.1349")}
		}},
		"a button": {received("Body", "", "ButtonText", "Yes", "ButtonPayload", "yes-1"), func(in *whatsapp.Incoming) {
			in.Text, in.Payload = "Yes", "yes-1"
		}},
		"an answer to a message": {received("OriginalRepliedMessageSid", strings.Replace(sid, "0", "f", 1)), func(in *whatsapp.Incoming) {
			in.InReplyTo = strings.Replace(sid, "0", "f", 1)
		}},
		"a file without words": {received("Body", "", "NumMedia", "1", "MediaUrl0", "https://api.twilio.com/m/1", "MediaContentType0", "image/jpeg"), func(in *whatsapp.Incoming) {
			in.Text, in.Files = "", []inbox.RemoteFile{{URL: "https://api.twilio.com/m/1", ContentType: "image/jpeg"}}
		}},
		"a place": {received("Body", "", "Latitude", "37.787890", "Longitude", "-122.391664", "Label", "Office", "Address", "375 Beale St"), func(in *whatsapp.Incoming) {
			in.Text = "Office\n375 Beale St\nhttps://maps.google.com/?q=37.787890,-122.391664"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := whatsapp.Incoming{
				MessageSID: sid, Number: "+15550002222", IDs: []string{"15550001111"}, Text: "hello",
				Sender: inbox.Sender{Name: "Grace Hopper", Identities: []inbox.Identity{whatsAppID("15550001111"), phone}},
			}
			c.want(&want)
			got, err := whatsapp.Parse(c.body)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestMessageThatCannotBeTakenInIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body []byte
		err  error
	}{
		"no id":                   {received("MessageSid", ""), whatsapp.ErrNoMessageSID},
		"a strange id":            {received("MessageSid", "1"), whatsapp.ErrNoMessageSID},
		"a text message":          {received("To", "+15550002222"), whatsapp.ErrNotWhatsApp},
		"no number":               {received("To", ""), whatsapp.ErrNotWhatsApp},
		"nobody":                  {received("From", "", "WaId", ""), whatsapp.ErrNoSender},
		"a number that is no one": {received("From", "whatsapp:", "WaId", "x"), whatsapp.ErrNoSender},
		"nothing":                 {received("Body", " "), whatsapp.ErrEmpty},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := whatsapp.Parse(c.body)
			require.ErrorIs(t, err, c.err)
		})
	}
	_, err := whatsapp.Parse(received("Body", "", "MessageType", "reaction"))
	require.ErrorIs(t, err, whatsapp.ErrEmpty)
	require.ErrorContains(t, err, `"reaction"`, "who looks into the quarantine knows what it was")
	_, err = whatsapp.Parse(received("Body", "", "MessageType", "call +15550001111"))
	require.Equal(t, whatsapp.ErrEmpty, err)
	_, err = whatsapp.Parse([]byte("%zz=+15550001111"))
	require.Error(t, err)
	require.NotContains(t, err.Error(), "5550001111")
}

func FuzzParse(f *testing.F) {
	f.Add(received())
	f.Add(received("Body", "", "NumMedia", "2", "MediaUrl0", "https://a/", "MediaUrl1", "b"))
	f.Add(received("WaId", "", "From", "whatsapp:US.1349", "ExternalUserId", "whatsapp:US.1349"))
	f.Add(received("Latitude", "NaN", "Longitude", "1e400", "ButtonText", "\x00"))
	f.Add([]byte("MessageSid=%00&To=whatsapp%3A%2B15550002222;From=%zz"))
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := whatsapp.Parse(body)
		status, statusErr := whatsapp.ParseStatus(body)
		if statusErr == nil && status.Number == "" {
			t.Error("a status without a number")
		}
		if err != nil {
			return
		}
		if len(in.IDs) == 0 || len(in.Sender.Identities) == 0 || in.MessageSID == "" {
			t.Errorf("nobody wrote %q", body)
		}
		for _, key := range in.ThreadKeys() {
			if !strings.HasPrefix(key, "+") || strings.HasSuffix(key, ":") {
				t.Errorf("thread key %q", key)
			}
		}
		if in.Text == "" && len(in.Files) == 0 {
			t.Error("an empty message")
		}
	})
}

func TestStatusSaysWhatBecameOfAMessage(t *testing.T) {
	t.Parallel()
	for twilio, want := range map[string]inbox.MessageState{
		"queued": "", "sending": "", "sent": inbox.MessageSent, "delivered": inbox.MessageDelivered, "read": inbox.MessageRead,
		"undelivered": inbox.MessageFailed, "failed": inbox.MessageFailed, "brand_new": "",
	} {
		status, err := whatsapp.ParseStatus(received("MessageStatus", twilio, "From", "whatsapp:+15550002222", "ErrorCode", "63016"))
		require.NoError(t, err)
		require.Equal(t, want, status.State, twilio)
		require.Equal(t, "+15550002222", status.Number)
		if want == inbox.MessageFailed {
			require.Equal(t, inbox.CodeTemplateRequired, status.Code)
			require.Contains(t, status.Detail, "63016")
		}
	}
}
