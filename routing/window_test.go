package routing_test

import (
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
)

func TestWindowsChangeToTheSecond(t *testing.T) {
	t.Parallel()
	const (
		second = time.Second
		day    = 24 * time.Hour
		week   = 7 * day
	)
	cases := []struct {
		kind  inbox.ChannelKind
		since time.Duration
		state inbox.WindowState
		ends  time.Duration
	}{
		{inbox.KindMessenger, 0, inbox.WindowOpen, day},
		{inbox.KindMessenger, day - second, inbox.WindowOpen, day},
		{inbox.KindMessenger, day, inbox.WindowHumanAgent, week},
		{inbox.KindMessenger, day + second, inbox.WindowHumanAgent, week},
		{inbox.KindMessenger, week - second, inbox.WindowHumanAgent, week},
		{inbox.KindMessenger, week, inbox.WindowClosed, 0},
		{inbox.KindMessenger, week + second, inbox.WindowClosed, 0},
		{inbox.KindWhatsApp, 0, inbox.WindowOpen, day},
		{inbox.KindWhatsApp, day - second, inbox.WindowOpen, day},
		{inbox.KindWhatsApp, day, inbox.WindowClosed, 0},
		{inbox.KindWhatsApp, day + second, inbox.WindowClosed, 0},
		{inbox.KindWhatsApp, week, inbox.WindowClosed, 0},
		{inbox.KindEmail, 52 * week, inbox.WindowNone, 0},
		{inbox.KindChat, 52 * week, inbox.WindowNone, 0},
		{inbox.KindForm, 52 * week, inbox.WindowNone, 0},
		{inbox.KindCall, 52 * week, inbox.WindowNone, 0},
	}
	for _, c := range cases {
		t.Run(string(c.kind)+" after "+c.since.String(), func(t *testing.T) {
			t.Parallel()
			want := inbox.Window{State: c.state}
			if c.ends > 0 {
				want.ClosesAt = monday.Add(c.ends)
			}
			expires := routing.WindowExpires(c.kind, monday)
			if got := routing.Window(c.kind, expires, monday, monday.Add(c.since)); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestOnlyMessengerAndWhatsAppWindowsExpire(t *testing.T) {
	t.Parallel()
	for _, kind := range []inbox.ChannelKind{inbox.KindEmail, inbox.KindChat, inbox.KindForm, inbox.KindCall} {
		if got := routing.WindowExpires(kind, monday); !got.IsZero() {
			t.Errorf("%s: got %v, want none", kind, got)
		}
	}
	for _, kind := range []inbox.ChannelKind{inbox.KindMessenger, inbox.KindWhatsApp} {
		if got, want := routing.WindowExpires(kind, monday), monday.Add(24*time.Hour); !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", kind, got, want)
		}
	}
}

func TestAStoredWindowIsNotTheLastMessages(t *testing.T) {
	t.Parallel()
	lastMessage := monday.AddDate(0, 0, -30)
	expires := monday.Add(time.Hour)
	reopened := routing.Window(inbox.KindMessenger, expires, lastMessage, monday)
	if want := (inbox.Window{State: inbox.WindowOpen, ClosesAt: expires}); reopened != want {
		t.Errorf("opened by a reaction: got %+v, want %+v", reopened, want)
	}
	over := routing.Window(inbox.KindMessenger, expires, lastMessage, expires)
	if want := (inbox.Window{State: inbox.WindowClosed}); over != want {
		t.Errorf("afterwards a person may not answer a message of last month: got %+v, want %+v", over, want)
	}
}

func TestWhoMaySend(t *testing.T) {
	t.Parallel()
	const allowed = inbox.Code("")
	cases := []struct {
		kind   inbox.ChannelKind
		state  inbox.WindowState
		author inbox.AuthorKind
		want   inbox.Code
	}{
		{inbox.KindChat, inbox.WindowNone, inbox.AuthorAgent, allowed},
		{inbox.KindChat, inbox.WindowNone, inbox.AuthorAutomation, allowed},
		{inbox.KindMessenger, inbox.WindowOpen, inbox.AuthorAgent, allowed},
		{inbox.KindMessenger, inbox.WindowOpen, inbox.AuthorAutomation, allowed},
		{inbox.KindMessenger, inbox.WindowHumanAgent, inbox.AuthorAgent, allowed},
		{inbox.KindMessenger, inbox.WindowHumanAgent, inbox.AuthorAutomation, inbox.CodeHumanAgentOnly},
		{inbox.KindMessenger, inbox.WindowHumanAgent, "somebody", inbox.CodeHumanAgentOnly},
		{inbox.KindMessenger, inbox.WindowClosed, inbox.AuthorAgent, inbox.CodeWindowClosed},
		{inbox.KindMessenger, inbox.WindowClosed, inbox.AuthorAutomation, inbox.CodeWindowClosed},
		{inbox.KindWhatsApp, inbox.WindowOpen, inbox.AuthorAgent, allowed},
		{inbox.KindWhatsApp, inbox.WindowOpen, inbox.AuthorAutomation, allowed},
		{inbox.KindWhatsApp, inbox.WindowClosed, inbox.AuthorAgent, inbox.CodeTemplateRequired},
		{inbox.KindWhatsApp, inbox.WindowClosed, inbox.AuthorAutomation, inbox.CodeTemplateRequired},
		{inbox.KindMessenger, "", inbox.AuthorAgent, inbox.CodeWindowClosed},
	}
	for _, c := range cases {
		t.Run(string(c.kind)+" "+string(c.state)+" "+string(c.author), func(t *testing.T) {
			t.Parallel()
			refusal := routing.MaySend(inbox.Window{State: c.state}, c.kind, c.author)
			if refusal == nil {
				refusal = &inbox.Error{Remedy: "none needed"}
			}
			if refusal.Code != c.want || refusal.Remedy == "" {
				t.Errorf("got %+v, want %q with a remedy", refusal, c.want)
			}
		})
	}
}

func TestATemplateLeavesAtAnyTimeByWhatsAppAlone(t *testing.T) {
	t.Parallel()
	for kind, code := range map[inbox.ChannelKind]inbox.Code{
		inbox.KindWhatsApp: "", inbox.KindMessenger: inbox.CodeInvalid, inbox.KindChat: inbox.CodeInvalid,
		inbox.KindEmail: inbox.CodeInvalid, inbox.KindForm: inbox.CodeInvalid, inbox.KindCall: inbox.CodeInvalid,
	} {
		var got inbox.Code
		if refusal := routing.MaySendTemplate(kind); refusal != nil {
			got = refusal.Code
		}
		if got != code {
			t.Errorf("%s: got %q, want %q", kind, got, code)
		}
	}
}
