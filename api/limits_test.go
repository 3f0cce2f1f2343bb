package api

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func TestAnAddressWaitsWhenItsBurstIsUsedUp(t *testing.T) {
	t.Parallel()
	limiter := newLimiter[netip.Prefix](0.5, 2, 10)
	now := time.Now()
	for range 2 {
		if _, ok := limiter.take(network("192.0.2.1"), now); !ok {
			t.Fatal("the burst was refused")
		}
	}
	if wait, ok := limiter.take(network("192.0.2.1"), now); ok || wait != 2 {
		t.Errorf("got %d, %v; want a wait of 2 seconds", wait, ok)
	}
	if _, ok := limiter.take(network("192.0.2.2"), now); !ok {
		t.Error("another address was refused too")
	}
	if _, ok := limiter.take(network("192.0.2.1"), now.Add(2*time.Second)); !ok {
		t.Error("refused after the wait: the refused request was counted")
	}
}

func TestOneClientHasOneBudgetHoweverItsAddressIsWritten(t *testing.T) {
	t.Parallel()
	for first, second := range map[string]string{
		"192.0.2.1":       "::ffff:192.0.2.1",
		"2001:db8::1":     "2001:db8::ffff:2",
		"fe80::1%eth0":    "fe80::2%eth1",
		"not an address":  "",
		"2001:db8:0:1::1": "2001:db8:0:1:ffff::",
	} {
		limiter := newLimiter[netip.Prefix](1, 1, 10)
		limiter.take(network(first), time.Time{})
		if _, ok := limiter.take(network(second), time.Time{}); ok {
			t.Errorf("%s and %s have two budgets", first, second)
		}
	}
}

func TestTheTableOfAddressesStaysBounded(t *testing.T) {
	t.Parallel()
	limiter := newLimiter[netip.Prefix](1, 1, 3)
	now := time.Now()
	for i := range 50 {
		limiter.take(network("198.51.100.1"), now)
		limiter.take(network(fmt.Sprintf("192.0.2.%d", i)), now)
	}
	if len(limiter.known) != 3 || limiter.recent.Len() != 3 {
		t.Errorf("%d addresses are remembered", len(limiter.known))
	}
	if _, ok := limiter.take(network("198.51.100.1"), now); ok {
		t.Error("an address that is heard of all the time was forgotten")
	}
}
