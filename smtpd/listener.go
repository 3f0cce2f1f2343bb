package smtpd

import (
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

const (
	// idleTimeout is how long a client may say nothing (RFC 5321, section
	// 4.5.3.2.7: at least five minutes).
	idleTimeout = 5 * time.Minute
	// maxSession ends connections that say something now and then.
	maxSession = time.Hour
	// refuseTimeout bounds the one line a refused connection is given; a new connection
	// takes it at once.
	refuseTimeout = 10 * time.Second
)

// listener limits connections and knows the open ones.
type listener struct {
	net.Listener
	most, mostPerAddress int
	refused              func()

	mu         sync.Mutex
	open       map[*conn]struct{}
	perAddress map[netip.Prefix]int
	draining   bool
}

func newListener(inner net.Listener, most, mostPerAddress int, refused func()) *listener {
	return &listener{
		Listener: inner, most: most, mostPerAddress: mostPerAddress, refused: refused,
		open: make(map[*conn]struct{}), perAddress: make(map[netip.Prefix]int),
	}
}

// Accept returns the next connection within the limits; the others are told to
// come back.
func (l *listener) Accept() (net.Conn, error) {
	for {
		inner, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c := l.admit(inner); c != nil {
			return c, nil
		}
		l.refused()
		_ = inner.SetWriteDeadline(time.Now().Add(refuseTimeout))
		_, _ = inner.Write([]byte("421 4.7.0 Too many connections. Come back later.\r\n"))
		_ = inner.Close()
	}
}

func (l *listener) admit(inner net.Conn) *conn {
	from := remote(inner.RemoteAddr())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.draining || len(l.open) >= l.most || l.perAddress[from] >= l.mostPerAddress {
		return nil
	}
	c := &conn{Conn: inner, listener: l, from: from, until: time.Now().Add(maxSession)}
	l.open[c] = struct{}{}
	l.perAddress[from]++
	return c
}

// remote is whom a connection counts for: an IPv4 address, or an IPv6 network of
// the size one customer gets.
func remote(address net.Addr) netip.Prefix {
	tcp, ok := address.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	ip := tcp.AddrPort().Addr().Unmap()
	bits := 64
	if ip.Is4() {
		bits = 32
	}
	prefix, _ := ip.WithZone("").Prefix(bits) // the zero address has no prefix
	return prefix
}

func (l *listener) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, open := l.open[c]; !open {
		return
	}
	delete(l.open, c)
	if l.perAddress[c.from]--; l.perAddress[c.from] == 0 {
		delete(l.perAddress, c.from)
	}
}

// drain ends each connection as soon as it has no transaction.
func (l *listener) drain() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.draining = true
	for c := range l.open {
		c.drain()
	}
}

// cut ends all connections at once.
func (l *listener) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		_ = c.Conn.Close()
	}
}

// conn is a connection with time limits of its own: the library's begin with
// the command and would cut a large mail off.
type conn struct {
	net.Conn
	listener *listener
	from     netip.Prefix
	until    time.Time

	mu       sync.Mutex
	busy     bool // a transaction is under way
	draining bool
	paused   bool // the next read fails
}

// Read fails with a timeout, which the library answers with 421, when the client
// is silent for too long or has to go.
func (c *conn) Read(b []byte) (int, error) {
	if err := c.allowRead(); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c *conn) allowRead() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paused || c.draining && !c.busy {
		c.paused = false
		return os.ErrDeadlineExceeded
	}
	deadline := time.Now().Add(idleTimeout)
	if deadline.After(c.until) {
		deadline = c.until
	}
	return c.Conn.SetReadDeadline(deadline)
}

func (c *conn) setBusy(busy bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = busy
}

// pause makes the next read fail, once.
func (c *conn) pause() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = true
}

func (c *conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.draining = true
	if !c.busy {
		_ = c.Conn.SetReadDeadline(time.Unix(1, 0)) // wakes a read that waits
	}
}

func (c *conn) Close() error {
	c.listener.forget(c)
	return c.Conn.Close()
}
