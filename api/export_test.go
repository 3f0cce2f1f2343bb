package api

import "time"

// SetHeartbeat makes event streams look at the listener's rights sooner.
func SetHeartbeat(every time.Duration) { heartbeat = every }
