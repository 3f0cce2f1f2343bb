package daemon

import (
	"strings"
	"sync"
)

// log is what a daemon writes.
type log struct {
	ready string
	// begun is closed when it is known whether the daemon listens.
	begun chan struct{}

	mu    sync.Mutex
	text  strings.Builder
	known bool
}

func (l *log) Write(lines []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(lines)
	if !l.known && (strings.Contains(l.text.String(), l.ready) || l.failed()) {
		l.known = true
		close(l.begun)
	}
	return len(lines), nil
}

func (l *log) failed() bool { return strings.Contains(strings.ToLower(l.text.String()), "fatal:") }

// start says how the start went.
func (l *log) start() error {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case strings.Contains(l.text.String(), "already in use"):
		return errPortTaken
	case l.failed():
		return startError(l.text.String())
	}
	return nil
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
