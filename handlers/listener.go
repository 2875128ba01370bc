package handlers

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// doorman is a listener that a server can live with when connections are more than it has descriptors for. It keeps
// some descriptors free for the store and the institutions, lets one address have so many idle connections, and closes
// those that have been idle longest; when a connection cannot be accepted all the same it waits and accepts again.
type doorman struct {
	net.Listener
	proxies Proxies // their addresses may have as many as there are
	most    int     // connections altogether
	mostOf  int     // idle ones of one address
	log     *slog.Logger

	mu      sync.Mutex
	guests  map[*guest]bool
	byHome  map[string]int // connections of each household
	warned  time.Time
	closing chan struct{}
	once    sync.Once
}

// Bounds of connections.
const (
	idleMost      = 64      // idle connections of one address, as many as ten browsers keep
	descriptors   = 4096    // where the limit of descriptors cannot be read
	reserved      = 256     // descriptors that are kept free, or a quarter where there are few
	connectsMost  = 100_000 // connections at once
	acceptLongest = time.Second
)

// newDoorman stands before a listener; limit is how many descriptors the process may have.
func newDoorman(l net.Listener, proxies Proxies, limit int, log *slog.Logger) *doorman {
	return &doorman{
		Listener: l, proxies: proxies, most: min(limit-min(reserved, limit/4), connectsMost), mostOf: idleMost,
		log:    log,
		guests: map[*guest]bool{}, byHome: map[string]int{}, closing: make(chan struct{}),
	}
}

// descriptorLimit is how many descriptors the process may have.
func descriptorLimit() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return descriptors
	}
	return int(min(limit.Cur, 1<<20))
}

// Accept waits for a connection. It fails only once the listener is closed.
func (d *doorman) Accept() (net.Conn, error) {
	for pause := 5 * time.Millisecond; ; {
		conn, err := d.Listener.Accept()
		if err == nil {
			if g := d.admit(conn); g != nil {
				return g, nil
			}
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return nil, err
		}
		d.warn("a connection could not be accepted; the idlest are closed", err)
		d.free(8)
		select {
		case <-d.closing:
			return nil, net.ErrClosed
		case <-time.After(pause):
		}
		pause = min(2*pause, acceptLongest)
	}
}

// Close ends Accept.
func (d *doorman) Close() error {
	d.once.Do(func() { close(d.closing) })
	return d.Listener.Close()
}

// admit takes a connection in, making room for it; nil is that there was none.
func (d *doorman) admit(conn net.Conn) *guest {
	g := &guest{Conn: conn, door: d}
	trusted := false
	if peer, err := netip.ParseAddrPort(conn.RemoteAddr().String()); err == nil {
		from := plain(peer.Addr())
		g.home, trusted = household(from), d.proxies.Contains(from)
	}
	g.since.Store(time.Now().UnixNano())
	g.state.Store(idle) // nothing was asked yet
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.guests) >= d.most && d.freeLocked(1, nil) == 0 {
		d.warnLocked("there are too many connections, and none is idle", nil)
		conn.Close()
		return nil
	}
	if !trusted && d.byHome[g.home] >= d.mostOf {
		theirs := func(other *guest) bool { return other.home == g.home }
		d.freeLocked(d.idleLocked(theirs)+1-d.mostOf, theirs)
	}
	d.guests[g] = true
	d.byHome[g.home]++
	return g
}

// free closes the idlest connections, n at most.
func (d *doorman) free(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.freeLocked(n, nil)
}

// idleLocked counts the idle connections that are of a kind.
func (d *doorman) idleLocked(of func(*guest) bool) (n int) {
	for g := range d.guests {
		if g.state.Load() == idle && of(g) {
			n++
		}
	}
	return n
}

// freeLocked closes the idlest connections of a kind (nil is any), n at most, and returns how many it closed.
func (d *doorman) freeLocked(n int, of func(*guest) bool) (closed int) {
	for closed < n {
		var idlest *guest
		for g := range d.guests {
			if g.state.Load() == idle && (of == nil || of(g)) &&
				(idlest == nil || g.since.Load() < idlest.since.Load()) {
				idlest = g
			}
		}
		if idlest == nil {
			return closed
		}
		d.forgetLocked(idlest)
		if idlest.state.CompareAndSwap(idle, gone) {
			idlest.Conn.Close()
			closed++
		}
	}
	return closed
}

func (d *doorman) leave(g *guest) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forgetLocked(g)
}

func (d *doorman) forgetLocked(g *guest) {
	if !d.guests[g] {
		return
	}
	delete(d.guests, g)
	if d.byHome[g.home]--; d.byHome[g.home] <= 0 {
		delete(d.byHome, g.home)
	}
}

func (d *doorman) warn(what string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.warnLocked(what, err)
}

// warnLocked leaves a line in the log, one in ten seconds.
func (d *doorman) warnLocked(what string, err error) {
	if now := time.Now(); now.Sub(d.warned) > 10*time.Second {
		d.warned = now
		d.log.Warn(what, "connections", len(d.guests), "most", d.most, "err", err)
	}
}

// The states of a connection.
const (
	busy int32 = iota // a request is being answered
	idle              // it waits for a request, or for the rest of one
	gone              // it was closed to make room
)

// guest is a connection that knows whether it is idle: the server reads from it only when it waits for a request.
type guest struct {
	net.Conn
	door  *doorman
	home  string // whose it is
	state atomic.Int32
	since atomic.Int64 // when it last did anything, in ns
}

// Read reads; while nothing comes the connection is idle.
func (g *guest) Read(b []byte) (int, error) {
	g.state.CompareAndSwap(busy, idle)
	n, err := g.Conn.Read(b)
	if !g.state.CompareAndSwap(idle, busy) && g.state.Load() == gone {
		return 0, net.ErrClosed
	}
	g.since.Store(time.Now().UnixNano())
	return n, err
}

// Close closes the connection once. What is on its way to a server that closes makes its system say so by a reset,
// which takes the last answer from whoever has not read it: a body that is refused for its size. So it is let in for a
// moment.
func (g *guest) Close() error {
	was := g.state.Swap(gone)
	if was == gone {
		return nil
	}
	g.door.leave(g)
	if half, ok := g.Conn.(interface{ CloseWrite() error }); ok && was == busy && half.CloseWrite() == nil {
		g.drain()
	}
	return g.Conn.Close()
}

// Bounds of what is let in once the last answer was written, after which a reset serves whoever still sends.
const (
	drainLongest = time.Second
	drainMost    = 4 << 20 // bytes
)

// drain reads and drops what still comes.
func (g *guest) drain() {
	if g.Conn.SetReadDeadline(time.Now().Add(drainLongest)) == nil {
		_, _ = io.CopyN(io.Discard, g.Conn, drainMost) // until the other side ends, too: nothing is asked of it
	}
}
