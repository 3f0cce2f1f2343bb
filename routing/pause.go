package routing

import "time"

const (
	// firstPause is a channel's pause when its provider asks for less and does not
	// say for how long; it doubles with each try.
	firstPause = 15 * time.Second
	// longestPause keeps a provider's mistake from silencing a channel.
	longestPause = time.Hour
)

// Pause returns how long nothing leaves by a channel whose provider asked for
// less, at a message's try, counted from 1. asked is the provider's wish, zero for
// none.
func Pause(asked time.Duration, try int) time.Duration {
	pause := asked
	if pause <= 0 {
		pause = firstPause << min(max(try-1, 0), 8)
	}
	return min(pause, longestPause)
}
