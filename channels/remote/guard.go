package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"
)

// errPrivate is an address on our own network, or of nobody.
var errPrivate = errors.New("not a public address")

// special are the networks that are not public and that package net/netip does
// not know as such (IANA's special-purpose registries of IPv4 and IPv6).
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("168.63.129.16/32"), // Azure's metadata
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"), // these four hold IPv4 addresses
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2001::/32"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("fec0::/10"),
}

// public reports whether an address is somebody's on the internet.
func public(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	return address.IsGlobalUnicast() && !address.IsPrivate() &&
		!slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(address) })
}

// dialer connects to public addresses, and to trusted hosts wherever they are.
type dialer struct {
	trusted []string
	open    net.Dialer
	guarded net.Dialer
}

func guard(bases []string) *dialer {
	d := &dialer{
		open: net.Dialer{Timeout: 10 * time.Second},
		// The address is looked at when it is about to be connected to: whatever a
		// name led to before does not count.
		guarded: net.Dialer{Timeout: 10 * time.Second, Control: checkAddress},
	}
	for _, base := range bases {
		if u, err := url.Parse(base); err == nil && u.Host != "" {
			d.trusted = append(d.trusted, hostPort(u))
		}
	}
	return d
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if slices.Contains(d.trusted, address) {
		return d.open.DialContext(ctx, network, address)
	}
	return d.guarded.DialContext(ctx, network, address)
}

func checkAddress(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", errPrivate, err)
	}
	if !public(to.Addr()) {
		return errPrivate
	}
	return nil
}

// hostPort is what an address is dialled as.
func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "http":
		port = "80"
	default:
		port = "443"
	}
	return net.JoinHostPort(u.Hostname(), port)
}
