package chat_test

import (
	"encoding/json"
	"errors"
	"testing"

	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/inbox"
)

var _ channels.Kind = (*chat.Channel)(nil)

func TestCheckSettingsNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ settings, field string }{
		"an unknown colour":            {`{"accent_colour":"mauve"}`, "settings.accent_colour"},
		"a colour of five digits":      {`{"accent_colour":"#12345"}`, "settings.accent_colour"},
		"a style instead of a colour":  {`{"accent_colour":"#fff;x:y"}`, "settings.accent_colour"},
		"a position in the middle":     {`{"position":"middle"}`, "settings.position"},
		"a language without texts":     {`{"language":"tlh"}`, "settings.language"},
		"a heading nobody knows":       {`{"heading":{"mode":"logo"}}`, "settings.heading.mode"},
		"a heading without people":     {`{"heading":{"mode":"specific"}}`, "settings.heading.agent_ids"},
		"an avatar in the clear":       {`{"heading":{"avatar_url":"http://example.com/a.png"}}`, "settings.heading.avatar_url"},
		"an avatar that is a script":   {`{"heading":{"avatar_url":"javascript:alert(1)"}}`, "settings.heading.avatar_url"},
		"a prompt in the past":         {`{"prompt":{"delay_seconds":-1}}`, "settings.prompt.delay_seconds"},
		"a mode nobody knows":          {`{"availability":{"mode":"sometimes"}}`, "settings.availability.mode"},
		"hours without hours":          {`{"availability":{"mode":"hours"}}`, "settings.availability.hours"},
		"hours that are wrong":         {`{"availability":{"mode":"hours","hours":{"time_zone":"Mars/Base","ranges":[]}}}`, "settings.availability.hours.time_zone"},
		"an unknown reply time":        {`{"availability":{"reply_time":"soon"}}`, "settings.availability.reply_time"},
		"a return time when away":      {`{"availability":{"away":{"behaviour":"return_time"}}}`, "settings.availability.away.behaviour"},
		"a reply time without hours":   {`{"availability":{"away":{"behaviour":"reply_time"}}}`, "settings.availability.away.behaviour"},
		"a reply time outside hours":   {`{"availability":{"outside":{"behaviour":"reply_time"}}}`, "settings.availability.outside.behaviour"},
		"a sender that is no address":  {`{"transcript_from":{"address":"us"}}`, "settings.transcript_from.address"},
		"an origin that is a wildcard": {`{"allowed_origins":["*"]}`, "settings.allowed_origins"},
		"an unknown setting":           {`{"colour":"blue"}`, "settings"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := kind().CheckSettings(json.RawMessage(tc.settings))
			e, ok := errors.AsType[*inbox.Error](err)
			if !ok || e.Code != inbox.CodeInvalid || e.Field != tc.field {
				t.Errorf("got %v, want invalid %s", err, tc.field)
			}
		})
	}
}

func TestCheckedSettingsAreAcceptedAgainUnchanged(t *testing.T) {
	t.Parallel()
	for _, settings := range []string{``, `{"accent_colour":"#FFF","heading":{"mode":"contact_owner"}}`} {
		once, err := kind().CheckSettings(json.RawMessage(settings))
		if err != nil {
			t.Fatal(err)
		}
		twice, err := kind().CheckSettings(once)
		if err != nil || string(once) != string(twice) {
			t.Errorf("got %s, %v; want %s", twice, err, once)
		}
	}
}

func TestOnlyHoursOfferTheReplyTimeWhenAllAreAway(t *testing.T) {
	t.Parallel()
	checked(t, `{"availability":{"mode":"hours","hours":{"time_zone":"UTC","ranges":[]},"away":{"behaviour":"reply_time"}}}`)
}

func kind() *chat.Channel {
	return &chat.Channel{CheckHours: func(h *inbox.Hours) error {
		if h != nil && h.TimeZone == "Mars/Base" {
			return inbox.Invalid("time_zone", "There is no such zone.")
		}
		return nil
	}}
}

func checked(t *testing.T, raw string) chat.Settings {
	t.Helper()
	normalised, err := kind().CheckSettings(json.RawMessage(raw))
	if err != nil {
		t.Fatal(err)
	}
	settings, err := chat.ReadSettings(normalised)
	if err != nil {
		t.Fatal(err)
	}
	return settings
}
