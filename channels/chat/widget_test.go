package chat_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"switchboard/channels/chat"
)

func TestTheWidgetSaysInWordsWhoIsThere(t *testing.T) {
	t.Parallel()
	settings := checked(t, `{"availability":{"mode":"hours","reply_time":"hours",
		"hours":{"time_zone":"Europe/Berlin","ranges":[]},
		"away":{"message":"All at lunch."},"outside":{"message":"Good night."}}}`)
	returns := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		presence chat.Presence
		text     string
		reply    chat.ReplyTime
	}{
		"open with a reply time":       {chat.Presence{State: "open", Show: "reply_time"}, "We usually answer within a few hours.", chat.ReplyHours},
		"open without":                 {chat.Presence{State: "open", Show: "none"}, "", chat.ReplyNone},
		"away":                         {chat.Presence{State: "away", Show: "message"}, "All at lunch.", chat.ReplyNone},
		"outside hours":                {chat.Presence{State: "outside_hours", Show: "message"}, "Good night.", chat.ReplyNone},
		"outside hours, back tomorrow": {chat.Presence{State: "outside_hours", Show: "return_time", ReturnsAt: returns}, "We are back on Tuesday 24 November, 09:00 CET.", chat.ReplyNone},
		"hidden":                       {chat.Presence{State: "away", Hidden: true, Show: "none"}, "", chat.ReplyNone},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := settings.Show(tc.presence, chat.People{})
			if got.Text != tc.text || got.ReplyTime != tc.reply || got.State != tc.presence.State || got.Hidden != tc.presence.Hidden {
				t.Errorf("got %+v", got)
			}
			if (got.ReturnsAt != nil) != !tc.presence.ReturnsAt.IsZero() {
				t.Errorf("returns at %v", got.ReturnsAt)
			}
		})
	}
}

func TestTheLanguageSpeaksWhereTheSettingsAreSilent(t *testing.T) {
	t.Parallel()
	got := checked(t, ``).Show(chat.Presence{State: "outside_hours", Show: "message"}, chat.People{})
	if got.Text == "" || got.Text != got.Texts["outside_hours"] {
		t.Errorf("got %q", got.Text)
	}
}

func TestTheHeadingShowsWhomTheSettingsSay(t *testing.T) {
	t.Parallel()
	ada, bob := chat.Face{Name: "Ada"}, chat.Face{Name: "Bob"}
	all := chat.People{Company: "Acme", Owner: &ada, Chosen: []chat.Face{bob}}
	cases := map[string]struct {
		settings string
		people   chat.People
		title    string
		faces    []chat.Face
	}{
		"custom": {
			`{"heading":{"mode":"custom","name":"Help","avatar_url":"https://example.com/a.png"}}`, all,
			"Help", []chat.Face{{Name: "Help", AvatarURL: "https://example.com/a.png"}},
		},
		"custom without a name":           {``, all, "Acme", []chat.Face{{Name: "Acme"}}},
		"custom without any name":         {``, chat.People{}, "Chat with us", []chat.Face{{Name: "Chat with us"}}},
		"specific":                        {`{"heading":{"mode":"specific","agent_ids":["b"]}}`, all, "Acme", []chat.Face{bob}},
		"owner":                           {`{"heading":{"mode":"contact_owner","name":"Help"}}`, all, "Ada", []chat.Face{ada}},
		"owner of somebody new":           {`{"heading":{"mode":"contact_owner","name":"Help"}}`, chat.People{}, "Help", []chat.Face{{Name: "Help"}}},
		"owner of somebody new with team": {`{"heading":{"mode":"contact_owner","team_ids":["t"]}}`, chat.People{Company: "Acme", Chosen: []chat.Face{bob}}, "Acme", []chat.Face{bob}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := checked(t, tc.settings).Show(chat.Presence{}, tc.people).Heading
			if got.Title != tc.title || !slices.Equal(got.Faces, tc.faces) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestMoreThanThreeFacesAreThreeDifferentOnesOfThem(t *testing.T) {
	t.Parallel()
	settings := checked(t, `{"heading":{"mode":"specific","agent_ids":["a"]}}`)
	var people chat.People
	for i := range 10 {
		people.Chosen = append(people.Chosen, chat.Face{Name: fmt.Sprint("agent ", i)})
	}
	seen := map[chat.Face]bool{}
	for i := range 100 {
		people.Visitor = fmt.Sprint("visitor ", i)
		got := settings.Show(chat.Presence{}, people).Heading.Faces
		if again := settings.Show(chat.Presence{}, people).Heading.Faces; !slices.Equal(again, got) {
			t.Fatalf("a visitor sees %v, and then %v", got, again)
		}
		if len(got) != 3 || got[0] == got[1] || got[1] == got[2] || got[0] == got[2] {
			t.Fatalf("got %v", got)
		}
		for _, face := range got {
			if !slices.Contains(people.Chosen, face) {
				t.Fatalf("%v is a stranger", face)
			}
			seen[face] = true
		}
	}
	if len(seen) <= 3 {
		t.Error("always the same three")
	}
}

func TestThePromptIsTheWelcomeMessageUnlessItHasItsOwnText(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		`{"welcome_message":"Hi"}`:                                            "none",
		`{"welcome_message":"Hi","prompt":{"enabled":true}}`:                  "Hi",
		`{"welcome_message":"Hi","prompt":{"enabled":true,"text":"A sale!"}}`: "A sale!",
		`{"prompt":{"enabled":true}}`:                                         "none",
	}
	for settings, want := range cases {
		got := "none"
		if prompt := checked(t, settings).Show(chat.Presence{}, chat.People{}).Prompt; prompt != nil {
			got = prompt.Text
		}
		if got != want {
			t.Errorf("%s prompts %q, want %q", settings, got, want)
		}
	}
}

func TestColoursBecomeSixDigits(t *testing.T) {
	t.Parallel()
	for colour, want := range map[string]string{"": "#14599d", "green": "#1d6b34", "#AbC": "#aabbcc", "#102030": "#102030"} {
		settings := checked(t, fmt.Sprintf(`{"accent_colour":%q}`, colour))
		if got := settings.Show(chat.Presence{}, chat.People{}).AccentColour; got != want {
			t.Errorf("%q is %s, want %s", colour, got, want)
		}
	}
}
