package host

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// Reach is where a transport connects to, judged by the address that a name has resolved to, for each connection
// anew: a name that resolves to another address the second time is no way around it.
type Reach int

// The reaches.
const (
	OnlyPublic       Reach = iota // public addresses alone: institutions in production
	PublicOrLoopback              // this machine too: the played institutions
	Anywhere                      // wherever a name leads: our own address, which whoever runs the machine chose
)

// ErrReach is why a connection is not made: the address is beyond the reach.
var ErrReach = errors.New("host: the address that the name resolves to is not public")

// Control is for a net.Dialer: it is told the address just before it is connected to. An address that it does not allow
// is ErrReach.
func (r Reach) Control(_, address string, _ syscall.RawConn) error {
	if r == Anywhere {
		return nil
	}
	if a, err := netip.ParseAddrPort(address); err != nil || !r.allows(placeOf(a.Addr())) {
		return ErrReach
	}
	return nil
}

func (r Reach) allows(p Place) bool { return p == Public || p == Loopback && r == PublicOrLoopback }

// NewTransport is the transport to servers of others, institutions and companies' own: certificates are verified,
// every phase has a time-out, connections are kept, and none is made beyond its reach. No proxy is used.
func NewTransport(r Reach) *http.Transport {
	return &http.Transport{
		DialContext: (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second, Control: r.Control}).
			DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: 10 * time.Second,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   64,
		ForceAttemptHTTP2:     true,
	}
}
