package api

import "time"

// SetHeartbeat makes event streams look at the listener's rights sooner.
func SetHeartbeat(every time.Duration) { heartbeat = every }

// UsualHeartbeat is for many streams: looking at the rights of each so often would
// keep the store busy.
func (o *Options) UsualHeartbeat() { o.heartbeat = 15 * time.Second }

// BoundMemory bounds what files take, in bytes, and returns whether so many are free.
// Clients may stop in the middle of a file.
func (o *Options) BoundMemory(ofAll, ofClient int64, wait time.Duration) (free func(bytes int64) bool) {
	bounded := newMemory(ofAll, ofClient, wait)
	o.memory, o.slowGrace = bounded, time.Hour
	return func(bytes int64) bool {
		ok := bounded.all.TryAcquire(bytes)
		if ok {
			bounded.all.Release(bytes)
		}
		return ok
	}
}

// Hurry gives slow clients less time at first.
func (o *Options) Hurry(grace time.Duration) { o.slowGrace = grace }

// HurryBodies is Hurry for what clients send: the server may take its time to answer.
func (o *Options) HurryBodies(grace time.Duration) {
	o.slowGrace, o.answerGraces = grace, time.Hour/grace
}

// BePatient has /readyz wait for parts that are slow.
func (o *Options) BePatient() { o.readyWithin = time.Hour }

// StandStill stops the clock of what limits how often somebody asks.
func (o *Options) StandStill() {
	now := time.Now()
	o.clock = func() time.Time { return now }
}
