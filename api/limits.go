package api

import (
	lru "container/list"
	"math"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// knownAddresses bounds how many addresses a limiter remembers; the one that was
// silent for longest is forgotten first.
const knownAddresses = 20_000

// addressLimiter limits requests per client address.
type addressLimiter struct {
	limit rate.Limit
	burst int
	most  int

	mu     sync.Mutex
	recent *lru.List // of *addressBudget, last heard of first
	byAddr map[netip.Prefix]*lru.Element
}

type addressBudget struct {
	address netip.Prefix
	budget  *rate.Limiter
}

// newAddressLimiter lets each address make so many requests a second, and a
// burst at once.
func newAddressLimiter(perSecond float64, burst, most int) *addressLimiter {
	return &addressLimiter{
		limit: rate.Limit(perSecond), burst: burst, most: most,
		recent: lru.New(), byAddr: map[netip.Prefix]*lru.Element{},
	}
}

// take uses up one request of the address; wait is how many whole seconds it
// should wait when it has none left.
func (l *addressLimiter) take(address string, now time.Time) (wait int, ok bool) {
	reservation := l.budget(network(address)).ReserveN(now, 1)
	delay := reservation.DelayFrom(now)
	if delay == 0 {
		return 0, true
	}
	reservation.CancelAt(now)
	return int(math.Ceil(delay.Seconds())), false
}

func (l *addressLimiter) budget(address netip.Prefix) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known, ok := l.byAddr[address]; ok {
		l.recent.MoveToFront(known)
		return known.Value.(*addressBudget).budget
	}
	if l.recent.Len() >= l.most {
		oldest := l.recent.Remove(l.recent.Back()).(*addressBudget)
		delete(l.byAddr, oldest.address)
	}
	fresh := &addressBudget{address: address, budget: rate.NewLimiter(l.limit, l.burst)}
	l.byAddr[address] = l.recent.PushFront(fresh)
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
