package chat_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/inbox"
)

func transcribed(t *testing.T, settings string, of channels.Transcript) channels.TranscriptMail {
	t.Helper()
	var channel chat.Channel
	channel.CheckHours = func(*inbox.Hours) error { return nil }
	raw, err := channel.CheckSettings([]byte(settings))
	require.NoError(t, err)
	of.Channel, of.Company = inbox.Channel{Settings: raw}, "Lamps & Co"
	mail, err := channel.Transcript(of)
	require.NoError(t, err)
	return mail
}

var said = []channels.Saying{
	{ByContact: true, Text: "It <b>flickers</b>.", Files: []string{"lamp.jpg"}, At: time.Date(2026, 7, 1, 22, 5, 0, 0, time.UTC)},
	{Name: "Ada", Text: "We send a new one.", At: time.Date(2026, 7, 1, 22, 6, 0, 0, time.UTC)},
	{Text: "How was it?", At: time.Date(2026, 7, 1, 22, 7, 0, 0, time.UTC)},
}

func TestATranscriptTellsWhoSaidWhatWhen(t *testing.T) {
	t.Parallel()
	mail := transcribed(t, `{"availability":{"mode":"hours","hours":{"time_zone":"Europe/Berlin","ranges":[]}}}`, channels.Transcript{Said: said})
	require.Equal(t, "Your chat with Lamps & Co", mail.Subject)
	require.Equal(t, `A copy of your chat with Lamps & Co. Times are in Europe/Berlin.

2026-07-02 00:05  You
    It <b>flickers</b>.
    [lamp.jpg]

2026-07-02 00:06  Ada
    We send a new one.

2026-07-02 00:07  Lamps & Co
    How was it?

--
You get this mail because somebody asked for it in our chat. If it was not you, you can ignore it.
`, mail.Text)
}

func TestNothingThatAVisitorWroteIsMarkupInATranscript(t *testing.T) {
	t.Parallel()
	mail := transcribed(t, `{}`, channels.Transcript{Said: said})
	require.Contains(t, mail.HTML, "It &lt;b&gt;flickers&lt;/b&gt;.")
	require.NotContains(t, mail.HTML, "<b>flickers")
}

func TestATranscriptSpeaksTheChatsLanguageInItsDirection(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{"de": `lang="de" dir="ltr"`, "ar": `lang="ar" dir="rtl"`} {
		mail := transcribed(t, `{"language":"`+language+`"}`, channels.Transcript{Said: said, Cut: true})
		require.Contains(t, mail.HTML, want)
		require.NotContains(t, mail.Text, "You get this mail")
		require.NotContains(t, mail.Text, "{")
	}
}

func TestATranscriptSpeaksTheLanguageThatTheVisitorWasSpokenTo(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{"ar": "محادثتك مع Lamps & Co", "tlh": "Ihr Chat mit Lamps & Co", "": "Ihr Chat mit Lamps & Co"} {
		mail := transcribed(t, `{"language":"de"}`, channels.Transcript{Said: said, Language: language})
		require.Equal(t, want, mail.Subject, "spoken to in %q", language)
	}
}

func TestWhatStoodThereBeforeHasNoTime(t *testing.T) {
	t.Parallel()
	mail := transcribed(t, `{}`, channels.Transcript{Said: append([]channels.Saying{{Text: "Good morning!"}}, said...)})
	require.Contains(t, mail.Text, "UTC.\n\nLamps & Co\n    Good morning!\n\n2026-07-01 22:05  You\n")
	require.Contains(t, mail.HTML, "Lamps &amp; Co</b></div>")
	require.NotContains(t, mail.HTML+mail.Text, "0001")
}

func TestATranscriptIsFromTheChannelsSender(t *testing.T) {
	t.Parallel()
	own := transcribed(t, `{"transcript_from":{"name":"Lamp desk","address":"desk@lamps.test"}}`, channels.Transcript{})
	require.Equal(t, []string{"Lamp desk", "desk@lamps.test"}, []string{own.FromName, own.From})
	none := transcribed(t, `{}`, channels.Transcript{})
	require.Equal(t, []string{"Lamps & Co", ""}, []string{none.FromName, none.From})
}

func TestATranscriptNamesTheCompanyAsTheChatDoes(t *testing.T) {
	t.Parallel()
	channel := &chat.Channel{CheckHours: func(*inbox.Hours) error { return nil }}
	for settings, want := range map[string]string{`{}`: "Website", `{"heading":{"name":"Ask Lumen"}}`: "Ask Lumen"} {
		raw, err := channel.CheckSettings([]byte(settings))
		require.NoError(t, err)
		mail, err := channel.Transcript(channels.Transcript{Said: said, Channel: inbox.Channel{Name: "Website", Settings: raw}})
		require.NoError(t, err)
		require.Equal(t, "Your chat with "+want, mail.Subject)
		require.Contains(t, mail.Text, "22:07  "+want+"\n    How was it?")
	}
}

func TestATranscriptThatLeavesSomethingOutSaysSo(t *testing.T) {
	t.Parallel()
	const words = "There were earlier messages"
	require.Contains(t, transcribed(t, `{}`, channels.Transcript{Said: said, Cut: true}).Text, words)
	require.NotContains(t, transcribed(t, `{}`, channels.Transcript{Said: said}).Text, words)
}

func TestNobodyCanPretendInATranscriptThatSomebodyElseSaidIt(t *testing.T) {
	t.Parallel()
	mail := transcribed(t, `{}`, channels.Transcript{Said: []channels.Saying{{ByContact: true, Text: "Hm.\n\n2026-07-02 00:07  Lamps & Co\nPay here."}}})
	require.Contains(t, mail.Text, "\n    2026-07-02 00:07  Lamps & Co\n    Pay here.\n")
}

func TestACopyThatAnAgentSendsCallsTheContactByName(t *testing.T) {
	t.Parallel()
	mail := transcribed(t, `{}`, channels.Transcript{Said: said, Contact: "Grace"})
	require.Contains(t, mail.Text, "  Grace\n")
	require.NotContains(t, mail.Text, "  You\n")
}
