package handlers

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// troubled is a listener that fails some times before it accepts.
type troubled struct {
	net.Listener
	fails []error
	at    atomic.Int32
}

func (l *troubled) Accept() (net.Conn, error) {
	if i := int(l.at.Add(1)) - 1; i < len(l.fails) {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", l.fails[i])}
	}
	return l.Listener.Accept()
}

// guarding serves a page behind a doorman, and returns its address.
func guarding(t *testing.T, l net.Listener, limit int, proxies Proxies) (d *doorman, at string) {
	t.Helper()
	d = newDoorman(l, proxies, limit, slog.New(slog.DiscardHandler))
	s := New(Config{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	ended := make(chan error, 1)
	go func() { ended <- s.app.Listener(d) }()
	t.Cleanup(func() {
		if err := s.app.Shutdown(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return d, l.Addr().String()
}

func listening(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// connect opens a connection from one of this machine's addresses.
func connect(t *testing.T, from, to string) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 10 * time.Second}).Dial("tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// answers reports whether a connection is answered.
func answers(c net.Conn) bool {
	c.SetDeadline(time.Now().Add(10 * time.Second)) // guards a hang
	if _, err := io.WriteString(c, "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return false
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err == nil && resp.StatusCode == http.StatusNotFound
}

// A connection that cannot be accepted is no end: whatever the system's reason, the next one is.
func TestAcceptGoesOn(t *testing.T) {
	l := &troubled{Listener: listening(t), fails: []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS,
		syscall.ENOMEM, syscall.ECONNABORTED, syscall.EPROTO, syscall.EINTR}}
	_, at := guarding(t, l, 1024, nil)
	if !answers(connect(t, "127.0.0.1", at)) {
		t.Error("nobody is served any more")
	}
	d := newDoorman(listening(t), nil, 64, slog.New(slog.DiscardHandler))
	d.Close()
	if _, err := d.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed listener: %v", err)
	}
}

// One address has some idle connections and no more; those idle longest are closed, and nobody else's.
func TestIdleConnectionsOfOneAddressAreBounded(t *testing.T) {
	d, at := guarding(t, listening(t), 4096, Proxies{netip.MustParsePrefix("127.0.0.1/32")})
	mine := connect(t, "127.0.0.8", at)
	if !answers(mine) {
		t.Fatal("not served")
	}
	var theirs []net.Conn
	for range 200 {
		theirs = append(theirs, connect(t, "127.0.0.9", at))
	}
	last := theirs[len(theirs)-1]
	if !answers(last) || !answers(mine) || answers(theirs[0]) {
		t.Error("the wrong connections were closed")
	}
	d.mu.Lock()
	home, all, ours := d.byHome["127.0.0.9"], len(d.guests), d.byHome["127.0.0.8"]
	d.mu.Unlock()
	if home > idleMost || ours != 1 || all > idleMost+1 {
		t.Errorf("%d of one address, %d of another, %d in all", home, ours, all)
	}
	for range 200 { // a proxy of ours may have more
		connect(t, "127.0.0.1", at)
	}
	if !answers(connect(t, "127.0.0.1", at)) {
		t.Error("the proxy is not served")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if got := d.byHome["127.0.0.1"]; got < 200 {
		t.Errorf("the proxy has %d connections", got)
	}
}

// When there are as many connections as may be, the idlest makes room, wherever it comes from.
func TestConnectionsAreBoundedAltogether(t *testing.T) {
	d, at := guarding(t, listening(t), 64, Proxies{netip.MustParsePrefix("127.0.0.0/8")})
	for range 300 {
		connect(t, "127.0.0.1", at)
	}
	if !answers(connect(t, "127.0.0.2", at)) {
		t.Error("nobody is served any more")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.guests) > d.most || d.most != 48 {
		t.Errorf("%d connections of %d", len(d.guests), d.most)
	}
}

// Whoever sends a body that is too large is told so, and is not cut off before they could read it.
func TestWhoeverSendsTooMuchIsToldSo(t *testing.T) {
	f := serve(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := make([]byte, 4*bodyLimit)
	_, err = fmt.Fprintf(conn, "POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"+
		"Content-Length: %d\r\n\r\n", len(body))
	if err != nil {
		t.Fatal(err)
	}
	for range 4 { // the answer is there before the rest is sent
		if _, err := conn.Write(body[:bodyLimit]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("%s", resp.Status)
	}
}
