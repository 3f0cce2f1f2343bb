package api

import "time"

// SetHeartbeat makes event streams look at the listener's rights sooner.
func SetHeartbeat(every time.Duration) { heartbeat = every }

// UsualHeartbeat is for many streams: looking at the rights of each so often would
// keep the store busy.
func (o *Options) UsualHeartbeat() { o.heartbeat = 15 * time.Second }
