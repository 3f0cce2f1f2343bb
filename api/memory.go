package api

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// Files are in memory until they are stored or have left. How many bytes of them may
// be at once in a process, and how many of one client: an address, an agent. What a
// message without files has does not count, so that messages and webhooks go on while
// files wait.
const (
	memoryOfAll    = 128 << 20
	memoryOfClient = 48 << 20
	uncounted      = 64 << 10
	// memoryWait is how long somebody waits for his turn, and then is told to.
	memoryWait = 10 * time.Second
)

var (
	errClientsMemory = errors.New("the client's requests take all the memory they may")
	errAllMemory     = errors.New("all requests take all the memory they may")
)

// memory is what clients' files may take. Who asks first has his turn first.
type memory struct {
	all      *semaphore.Weighted
	ofClient int64
	wait     time.Duration

	mu      sync.Mutex
	clients map[string]*clientMemory
}

// clientMemory is known while somebody uses it.
type clientMemory struct {
	*semaphore.Weighted
	users int
}

func newMemory(ofAll, ofClient int64, wait time.Duration) *memory {
	return &memory{all: semaphore.NewWeighted(ofAll), ofClient: ofClient, wait: wait, clients: map[string]*clientMemory{}}
}

// take waits for so many bytes, until they are given back. What is free is had at once,
// however late it is.
func (m *memory) take(ctx context.Context, client string, bytes int64) (giveBack func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, m.wait)
	defer cancel()
	own := m.join(client)
	if !own.TryAcquire(bytes) && own.Acquire(ctx, bytes) != nil {
		m.leave(client)
		return nil, errClientsMemory
	}
	giveOwn := func() { own.Release(bytes); m.leave(client) }
	if !m.all.TryAcquire(bytes) && m.all.Acquire(ctx, bytes) != nil {
		giveOwn()
		return nil, errAllMemory
	}
	return func() { m.all.Release(bytes); giveOwn() }, nil
}

func (m *memory) join(client string) *clientMemory {
	m.mu.Lock()
	defer m.mu.Unlock()
	own := m.clients[client]
	if own == nil {
		own = &clientMemory{Weighted: semaphore.NewWeighted(m.ofClient)}
		m.clients[client] = own
	}
	own.users++
	return own
}

func (m *memory) leave(client string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if own := m.clients[client]; own.users > 1 {
		own.users--
	} else {
		delete(m.clients, client)
	}
}
