package routing_test

import (
	"testing"
	"time"

	"switchboard/inbox"
	"switchboard/routing"
)

func TestWhenToWarnThatAWindowCloses(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		kind      inbox.ChannelKind
		told, now time.Duration // after the contact wrote; told 0 is not yet
		end       time.Duration // of what is warned of; 0 is nothing
	}{
		"at first":                        {inbox.KindMessenger, 0, 0, day},
		"when it is due":                  {inbox.KindMessenger, 0, 23 * time.Hour, day},
		"late, while it holds":            {inbox.KindMessenger, 0, day - time.Second, day},
		"once told":                       {inbox.KindMessenger, day, 23 * time.Hour, 7 * day},
		"a person's time":                 {inbox.KindMessenger, 0, day, 7 * day},
		"a person's time, told":           {inbox.KindMessenger, 7 * day, 7*day - time.Hour, 0},
		"when everything is over":         {inbox.KindMessenger, 0, 7 * day, 0},
		"WhatsApp":                        {inbox.KindWhatsApp, 0, 0, day},
		"WhatsApp has no time for people": {inbox.KindWhatsApp, 0, day, 0},
		"no window":                       {inbox.KindChat, 0, 0, 0},
	} {
		conversation := inbox.Conversation{ChannelKind: c.kind, LastContactAt: monday}
		conversation.Window.ClosesAt = routing.WindowExpires(c.kind, monday)
		var told, wantAt, wantEnd time.Time
		if c.told > 0 {
			told = monday.Add(c.told)
		}
		if c.end > 0 {
			wantAt, wantEnd = monday.Add(c.end-time.Hour), monday.Add(c.end)
		}
		at, end := routing.WindowWarning(conversation, told, monday.Add(c.now))
		if !at.Equal(wantAt) || !end.Equal(wantEnd) {
			t.Errorf("%s: at %v for %v, want %v for %v", name, at, end, wantAt, wantEnd)
		}
	}
}
