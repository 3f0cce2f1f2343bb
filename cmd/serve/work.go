package serve

import (
	"context"
	"fmt"
	"time"

	"switchboard/workers"
)

// retryTemporal is how long a worker waits before it looks again for a Temporal
// that is away.
const retryTemporal = 2 * time.Second

// work runs the workers until ctx ends, starting them as soon as Temporal is
// there, and makes sure that the sweep is scheduled.
func (s *Server) work(ctx context.Context) {
	var running *workers.Workers
	s.insist(ctx, "start worker", func() (err error) {
		running, err = workers.Start(s.temporal, s.steps, s.config.ShutdownGrace, s.fail)
		return err
	})
	if running == nil {
		return
	}
	defer running.Stop()
	s.insist(ctx, "schedule sweep", func() error { return workers.ScheduleSweep(ctx, s.temporal) })
	<-ctx.Done()
}

// insist tries until it succeeds or ctx ends.
func (s *Server) insist(ctx context.Context, what string, try func() error) {
	for ctx.Err() == nil {
		err := try()
		if err == nil {
			s.log.InfoContext(ctx, "done", "what", what)
			return
		}
		s.log.WarnContext(ctx, "waiting for Temporal", "what", what, "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(retryTemporal):
		}
	}
}

// fail reports a part that died; the first report counts.
func (s *Server) fail(err error) {
	select {
	case s.failed <- fmt.Errorf("a part of the server died: %w", err):
	default:
	}
}
