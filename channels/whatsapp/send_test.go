package whatsapp_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/twilio"
	"switchboard/channels/whatsapp"
	"switchboard/inbox"
	"switchboard/test/standins/faketwilio"
)

const (
	ours       = "whatsapp:+15550002222"
	theirs     = "whatsapp:+15550001111"
	contentSID = "HX0123456789abcdef0123456789abcdef"
)

// start returns the kind with an account at the stand-in.
func start(t *testing.T) (*whatsapp.Channel, *faketwilio.Server) {
	t.Helper()
	server := faketwilio.Start(t)
	client, err := twilio.New(faketwilio.AccountSID, faketwilio.AuthToken, server.URL)
	require.NoError(t, err)
	return &whatsapp.Channel{
		Twilio: client, StatusURL: "https://desk.example.com/webhooks/twilio/status",
		Media: twilio.NewMedia("https://desk.example.com", faketwilio.AuthToken),
	}, server
}

// answer is an agent's answer to a contact.
func answer(text string) channels.Outgoing {
	return channels.Outgoing{
		Channel:      inbox.Channel{Kind: inbox.KindWhatsApp, Account: "+15550002222"},
		Conversation: inbox.Conversation{ThreadKey: "+15550002222:15550001111"},
		Message:      inbox.Message{ID: "0190-message", Text: text, CreatedAt: time.Now()},
	}
}

func failure(t *testing.T, err error) *channels.SendError {
	t.Helper()
	failure, ok := errors.AsType[*channels.SendError](err)
	require.True(t, ok, "%v", err)
	return failure
}

func TestATextLeavesWithTheAddressOfItsStatusCallbacks(t *testing.T) {
	t.Parallel()
	kind, server := start(t)
	accepted, err := kind.Send(t.Context(), answer("Hi & bye 👋"))
	require.NoError(t, err)
	sent := server.Sent()
	require.Len(t, sent, 1)
	require.Equal(t, sent[0].SID, accepted.ProviderMessageID)
	require.Equal(t, url.Values{
		"From": {ours}, "To": {theirs}, "Body": {"Hi & bye 👋"},
		"StatusCallback": {"https://desk.example.com/webhooks/twilio/status?message=0190-message#rc=5&rp=all"},
	}, sent[0].Form)
}

func TestATemplateLeavesWithItsVariablesAndWithoutText(t *testing.T) {
	t.Parallel()
	kind, server := start(t)
	server.Approve(contentSID, "Hello {{1}}")
	out := answer("Hello Grace")
	out.Message.Template = &inbox.Template{ID: contentSID, Variables: map[string]string{"1": "Grace"}}
	_, err := kind.Send(t.Context(), out)
	require.NoError(t, err)
	sent := server.Sent()
	require.Len(t, sent, 1)
	require.Equal(t, "Hello Grace", sent[0].Body)
	require.JSONEq(t, `{"1": "Grace"}`, sent[0].Form.Get("ContentVariables"))
	require.False(t, sent[0].Form.Has("Body"))
}

func TestAUserWhoHidesTheNumberIsWrittenToByID(t *testing.T) {
	t.Parallel()
	kind, server := start(t)
	out := answer("Hi")
	out.Conversation.ThreadKey = "+15550002222:US.13491208655302741918"
	_, err := kind.Send(t.Context(), out)
	require.NoError(t, err)
	require.Equal(t, "whatsapp:US.13491208655302741918", server.Sent()[0].Form.Get("To"))
}

func TestWhatCannotLeaveIsRefusedBefore(t *testing.T) {
	t.Parallel()
	kind, server := start(t)
	for name, c := range map[string]struct {
		kind *whatsapp.Channel
		edit func(*channels.Outgoing)
		code inbox.Code
	}{
		"no account":        {&whatsapp.Channel{}, func(*channels.Outgoing) {}, inbox.CodeProviderNotSetUp},
		"an erased contact": {kind, func(o *channels.Outgoing) { o.Conversation.ThreadKey = "erased:0190" }, inbox.CodeNoReplyAddress},
		"too long":          {kind, func(o *channels.Outgoing) { o.Message.Text = strings.Repeat("é", 1601) }, inbox.CodeTooLarge},
		"a program":         {kind, attach("", file("application/x-msdownload", 1)), inbox.CodeUnsupportedType},
		"a sticker":         {kind, attach("", file("image/webp", 1)), inbox.CodeUnsupportedType},
		"an empty file":     {kind, attach("", file("image/png", 0)), inbox.CodeInvalid},
		"a large picture":   {kind, attach("", file("image/png", 5_000_001)), inbox.CodeTooLarge},
		"a large video":     {kind, attach("", file("video/mp4", 16_000_001)), inbox.CodeTooLarge},
		"a second program":  {kind, attach("", picture, file("application/x-msdownload", 1)), inbox.CodeUnsupportedType},
	} {
		out := answer("Hi")
		c.edit(&out)
		require.Equal(t, c.code, inbox.CodeOf(c.kind.CheckAddress(out)), name)
		_, err := c.kind.Send(t.Context(), out)
		require.Equal(t, channels.Final, failure(t, err).Outcome, name)
	}
	for _, edit := range []func(*channels.Outgoing){
		func(o *channels.Outgoing) { o.Message.Text = strings.Repeat("é", 1600) },
		attach(strings.Repeat("é", 1024), file("image/jpeg", 5_000_000)),
		attach("", file("application/pdf", 16_000_000)),
		attach("", file("audio/ogg", 1)),
		attach("Listen", file("audio/ogg", 1), picture),
	} {
		out := answer("")
		edit(&out)
		require.NoError(t, kind.CheckAddress(out))
	}
	require.Empty(t, server.Sent())
}

func TestAnAnswerLeavesAsATextAndOneMessageForEachFile(t *testing.T) {
	t.Parallel()
	kind, server := start(t)
	sound := file("audio/ogg", 1)
	long := strings.Repeat("é", 1025)
	for name, c := range map[string]struct {
		edit   func(*channels.Outgoing)
		bodies []string // of each message
		files  []int    // and how many files
	}{
		"a text":                             {attach("Hi"), []string{"Hi"}, []int{0}},
		"a file":                             {attach("", sound), []string{""}, []int{1}},
		"a picture with its caption":         {attach("Hi", picture), []string{"Hi"}, []int{1}},
		"several, of which the first has it": {attach("Hi", picture, sound, picture), []string{"Hi", "", ""}, []int{1, 1, 1}},
		"words before a sound":               {attach("Hi", sound, picture), []string{"Hi", "", ""}, []int{0, 1, 1}},
		"more words than a caption":          {attach(long, picture), []string{long, ""}, []int{0, 1}},
		"files without words":                {attach("", picture, picture), []string{"", ""}, []int{1, 1}},
	} {
		before := len(server.Sent())
		out := answer("")
		c.edit(&out)
		require.NoError(t, kind.CheckAddress(out), name)
		parts := kind.Parts(out.Message)
		require.Len(t, parts, len(c.bodies), name)
		for i := range parts {
			_, err := kind.Send(t.Context(), out.OnePart(parts, i+1))
			require.NoError(t, err, name)
			form := server.Sent()[before+i].Form
			require.Equal(t, c.bodies[i], form.Get("Body"), name)
			require.Len(t, form["MediaUrl"], c.files[i], name)
			require.Equal(t, fmt.Sprintf("https://desk.example.com/webhooks/twilio/status?message=0190-message&part=%d#rc=5&rp=all", i+1),
				form.Get("StatusCallback"), name)
		}
	}
}

func TestATemplateIsOneMessage(t *testing.T) {
	t.Parallel()
	m := inbox.Message{Text: "Hello", Template: &inbox.Template{ID: contentSID}, Attachments: []inbox.Attachment{picture, picture}}
	require.Equal(t, []inbox.Message{m}, (&whatsapp.Channel{}).Parts(m))
}

var picture = file("image/png", 1)

func file(contentType string, size int64) inbox.Attachment {
	return inbox.Attachment{ID: "0190-file", Name: "file", ContentType: contentType, Size: size}
}

func attach(text string, files ...inbox.Attachment) func(*channels.Outgoing) {
	return func(o *channels.Outgoing) { o.Message.Text, o.Message.Attachments = text, files }
}

func TestAFileLeavesByAnAddressThatTwilioMayFetch(t *testing.T) {
	t.Parallel()
	kind, server := start(t)
	for i, caption := range []string{"Your lamp", ""} {
		out := answer("")
		attach(caption, picture)(&out)
		_, err := kind.Send(t.Context(), out)
		require.NoError(t, err)
		form := server.Sent()[i].Form
		require.Equal(t, caption, form.Get("Body"))
		require.Equal(t, caption != "", form.Has("Body"))
		require.Len(t, form["MediaUrl"], 1)
		address, err := url.Parse(form.Get("MediaUrl"))
		require.NoError(t, err)
		require.Equal(t, "/media/0190-file", address.Path)
		require.True(t, kind.Media.Valid("0190-file", address.Query().Get("expires"), address.Query().Get("signature"), time.Now()))
	}
}

func TestALookUpTellsFilesFromTexts(t *testing.T) {
	t.Parallel()
	kind, server := start(t)
	sent := answer("")
	attach("Hi", picture)(&sent)
	server.Fail(faketwilio.Fault{Drop: true})
	_, err := kind.Send(t.Context(), sent)
	require.Equal(t, channels.Unknown, failure(t, err).Outcome)

	accepted, found, err := kind.Sent(t.Context(), sent)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, server.Sent()[0].SID, accepted.ProviderMessageID)

	_, _, err = kind.Sent(t.Context(), answer("Hi"))
	require.Equal(t, channels.Unknown, failure(t, err).Outcome, "a text is not the picture with the same words")
}

func TestARefusalKeepsTwiliosCodeInWords(t *testing.T) {
	t.Parallel()
	kind, server := start(t)
	server.Fail(faketwilio.Fault{Status: 400, Code: 63016})
	_, err := kind.Send(t.Context(), answer("Hi"))
	refused := failure(t, err)
	require.Equal(t, channels.Final, refused.Outcome)
	require.Equal(t, inbox.CodeTemplateRequired, refused.Code)
	require.Contains(t, refused.Detail, "63016")

	server.Fail(faketwilio.Fault{Status: 429, Code: 20429})
	_, err = kind.Send(t.Context(), answer("Hi"))
	require.Equal(t, channels.Retry, failure(t, err).Outcome)
	require.Empty(t, server.Sent())
}

func TestAMessageWhoseAnswerWasLostIsFoundAtTwilio(t *testing.T) {
	t.Parallel()
	kind, server := start(t)
	out := answer("Hi")
	server.Fail(faketwilio.Fault{Drop: true})
	_, err := kind.Send(t.Context(), out)
	require.Equal(t, channels.Unknown, failure(t, err).Outcome)
	require.Positive(t, failure(t, err).RetryAfter, "it is looked up then")
	require.Len(t, server.Sent(), 1)

	accepted, found, err := kind.Sent(t.Context(), out)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, server.Sent()[0].SID, accepted.ProviderMessageID)
}

func TestALookUpSaysOnlyWhatIsCertain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sent  []string // to the contact since
		known int      // how many of them are the thread's earlier ones
		found string   // the index of ours, "no", or "nobody knows"
	}{
		"nothing was sent":          {nil, 0, "no"},
		"only what we know":         {[]string{"Hi", "Hi"}, 2, "no"},
		"ours beside an equal one":  {[]string{"Hi", "Hi"}, 1, "1"},
		"two that may be ours":      {[]string{"Hi", "Hi"}, 0, "nobody knows"},
		"something else":            {[]string{"Something else"}, 0, "nobody knows"},
		"ours beside another's one": {[]string{"Something else", "Hi"}, 0, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind, server := start(t)
			out := answer("Hi")
			for i, text := range c.sent {
				sid := server.Send(ours, theirs, text)
				if i < c.known {
					out.References = append(out.References, sid)
				}
			}
			server.Send(ours, "whatsapp:+15550009999", "Hi")
			accepted, found, err := kind.Sent(t.Context(), out)
			switch c.found {
			case "no":
				require.NoError(t, err)
				require.False(t, found)
			case "nobody knows":
				require.Equal(t, channels.Unknown, failure(t, err).Outcome)
			default:
				require.NoError(t, err)
				require.True(t, found)
				require.Equal(t, server.Sent()[1].SID, accepted.ProviderMessageID)
			}
		})
	}
}

func TestALookUpThatFailsIsWorthAnother(t *testing.T) {
	t.Parallel()
	kind, server := start(t)
	server.Fail(faketwilio.Fault{Drop: true})
	_, _, err := kind.Sent(t.Context(), answer("Hi"))
	require.Equal(t, channels.Retry, failure(t, err).Outcome)
}
