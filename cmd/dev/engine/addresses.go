package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"syscall"
)

// addresses are where the server's parts listen.
type addresses struct {
	frontend, frontendHTTP, history, matching, worker *net.TCPAddr
	// ui is nil when there is none.
	ui *net.TCPAddr
}

// pickAddresses checks that the wanted addresses are free and picks free ports
// for the rest. All are held until the last is known, so that they differ.
func pickAddresses(options Options) (at addresses, err error) {
	const anyPort = "127.0.0.1:0"
	parts := []struct {
		name, address string
		picked        **net.TCPAddr
	}{
		{"temporal", options.Address, &at.frontend},
		{"temporal's web UI", options.UIAddress, &at.ui},
		{"temporal's HTTP API", anyPort, &at.frontendHTTP},
		{"temporal's history service", anyPort, &at.history},
		{"temporal's matching service", anyPort, &at.matching},
		{"temporal's worker service", anyPort, &at.worker},
	}
	for _, part := range parts {
		if part.address == "" && part.picked == &at.ui {
			continue
		}
		listener, err := Listen(part.address)
		if errors.Is(err, syscall.EADDRINUSE) {
			return addresses{}, fmt.Errorf("the address for %s, %s, is taken by another program", part.name, part.address)
		}
		if err != nil {
			return addresses{}, fmt.Errorf("address for %s: %w", part.name, err)
		}
		defer listener.Close()
		*part.picked = listener.Addr().(*net.TCPAddr)
	}
	return at, nil
}

// Listen takes an address; for port 0 a port below those that a system gives to
// outgoing connections, one of which could take it before the server does.
func Listen(address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port != "0" {
		return net.Listen("tcp", address)
	}
	for {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(20000+rand.IntN(10000))))
		if !errors.Is(err, syscall.EADDRINUSE) {
			return listener, err
		}
	}
}
