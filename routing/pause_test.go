package routing_test

import (
	"testing"
	"time"

	"switchboard/routing"
)

func TestHowLongAChannelPauses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		asked time.Duration
		try   int
		want  time.Duration
	}{
		{7 * time.Second, 1, 7 * time.Second},
		{7 * time.Second, 9, 7 * time.Second},
		{365 * 24 * time.Hour, 1, time.Hour},
		{0, 0, 15 * time.Second},
		{0, 1, 15 * time.Second},
		{0, 2, 30 * time.Second},
		{0, 3, time.Minute},
		{0, 9, time.Hour},
		{0, 1 << 30, time.Hour},
		{-time.Second, 1, 15 * time.Second},
	} {
		if got := routing.Pause(c.asked, c.try); got != c.want {
			t.Errorf("asked %v, try %d: %v, want %v", c.asked, c.try, got, c.want)
		}
	}
}
