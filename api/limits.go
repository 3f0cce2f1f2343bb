package api

import (
	lru "container/list"
	"math"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// knownClients bounds how many clients a limiter remembers; the one that was silent
// for longest is forgotten first.
const knownClients = 20_000

// limiter limits requests per client: a network, a visitor.
type limiter[K comparable] struct {
	limit rate.Limit
	burst int
	most  int

	mu     sync.Mutex
	recent *lru.List // of *clientBudget, last heard of first
	known  map[K]*lru.Element
}

type clientBudget[K comparable] struct {
	client K
	budget *rate.Limiter
}

// newLimiter lets each client make so many requests a second, and a burst at once.
func newLimiter[K comparable](perSecond float64, burst, most int) *limiter[K] {
	return &limiter[K]{
		limit: rate.Limit(perSecond), burst: burst, most: most,
		recent: lru.New(), known: map[K]*lru.Element{},
	}
}

// take uses up one request of the client; wait is how many whole seconds it should
// wait when it has none left.
func (l *limiter[K]) take(client K, now time.Time) (wait int, ok bool) {
	reservation := l.budget(client).ReserveN(now, 1)
	delay := reservation.DelayFrom(now)
	if delay == 0 {
		return 0, true
	}
	reservation.CancelAt(now)
	return int(math.Ceil(delay.Seconds())), false
}

func (l *limiter[K]) budget(client K) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known, ok := l.known[client]; ok {
		l.recent.MoveToFront(known)
		return known.Value.(*clientBudget[K]).budget
	}
	if l.recent.Len() >= l.most {
		oldest := l.recent.Remove(l.recent.Back()).(*clientBudget[K])
		delete(l.known, oldest.client)
	}
	fresh := &clientBudget[K]{client: client, budget: rate.NewLimiter(l.limit, l.burst)}
	l.known[client] = l.recent.PushFront(fresh)
	return fresh.budget
}

// network is what one client has: an IPv4 address, or an IPv6 /64. What is no
// address counts as one client.
func network(address string) netip.Prefix {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}
	}
	addr = addr.Unmap()
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(addr.WithZone(""), bits).Masked()
}
