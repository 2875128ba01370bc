// Package sandbox plays the institutions on loopback with their real wire protocols: it verifies the merchants'
// signatures, signs its answers, sends signed notifications on the real retry schedules, keeps its own ledger, has a
// wallet in which a person scans and pays, and makes faults on demand. It shares no code with the gateways that talk to
// it, so that neither can hide the other's mistake.
//
// The core (institution.go, trade.go, code.go, refund.go, ledger.go, notify.go, faults.go, control*.go) knows no
// protocol; wechat*.go, alipay*.go, lakala*.go, shengpay*.go and ruiyinxin*.go each are one institution.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Config is where and how the sandbox runs. The zero value runs on free loopback ports and keeps nothing.
type Config struct {
	Dir           string // where credentials.json, its keys and the ledger are kept; "" keeps nothing
	WechatAddr    string // loopback address of each listener; "" is 127.0.0.1:0
	AlipayAddr    string
	LakalaAddr    string
	ShengpayAddr  string
	RuiyinxinAddr string
	ControlAddr   string

	Second      time.Duration    // how long a second of the institutions' schedules takes; 0 is a real one
	RefundAfter time.Duration    // how long a refund is on its way where it is not done at once; 0 is almost none
	Wallet      fs.FS            // the built wallet page: wallet.html and its assets/; nil shows a line of text
	Keys        *KeyPool         // where new keys come from; nil makes them for this sandbox alone
	Now         func() time.Time // nil is time.Now
	Log         *slog.Logger     // nil is silent
}

// Sandbox is the institutions at work. Its errors are those of the files below its directory and of its listeners.
type Sandbox struct {
	cfg    Config
	keys   *keyring
	bank   *bank
	faults *faults
	sender *sender
	calls  cardCalls

	listeners map[string]net.Listener // by institution, and "control"
	servers   map[string]*http.Server
	enrolling sync.Mutex
}

// New opens the listeners and writes Dir/credentials.json; Run serves. An address that is not loopback is refused. That
// is an error, and so is what cannot be opened or written.
func New(cfg Config) (*Sandbox, error) {
	cfg = cfg.withDefaults()
	s := &Sandbox{cfg: cfg, faults: &faults{}, listeners: map[string]net.Listener{}, servers: map[string]*http.Server{}}
	var err error
	if s.keys, err = openKeyring(cfg.Dir, cfg.Keys, s.institutions()); err != nil {
		return nil, err
	}
	if s.bank, err = openBank(cfg, s.institutions()); err != nil {
		return nil, err
	}
	s.bank.restore(s.keys)
	s.sender = newSender(cfg, s.faults)
	for _, r := range s.bank.unfinished() {
		s.finishLater(r)
	}
	if err = s.open(); err == nil {
		err = s.writeCredentials()
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (c Config) withDefaults() Config {
	for _, addr := range []*string{&c.WechatAddr, &c.AlipayAddr, &c.LakalaAddr, &c.ShengpayAddr, &c.RuiyinxinAddr,
		&c.ControlAddr} {
		if *addr == "" {
			*addr = "127.0.0.1:0"
		}
	}
	if c.Second == 0 {
		c.Second = time.Second
	}
	if c.Keys == nil {
		c.Keys = &KeyPool{}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// open opens every institution's listener and the control API's.
func (s *Sandbox) open() error {
	for _, i := range s.institutions() {
		if err := s.listen(i.traits().name, i.traits().addr, i); err != nil {
			return err
		}
	}
	return s.listen("control", s.cfg.ControlAddr, s.controlRoutes())
}

// bodyLimit bounds every request's body, in bytes.
const bodyLimit = 1 << 20

func (s *Sandbox) listen(name, addr string, h http.Handler) error {
	if err := loopbackOnly(addr); err != nil {
		return err
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("sandbox: the address %s is taken or cannot be used: %w", addr, err)
	}
	s.listeners[name] = l
	s.servers[name] = &http.Server{
		Handler: http.MaxBytesHandler(h, bodyLimit), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelWarn), Addr: l.Addr().String(),
	}
	return nil
}

// loopbackOnly refuses an address that other machines could reach.
func loopbackOnly(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("sandbox: %q is not an address: %w", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf(
			"sandbox: %s is not a loopback address; the sandbox plays money and never leaves this machine", addr)
	}
	return nil
}

// Run serves until ctx is done.
func (s *Sandbox) Run(ctx context.Context) error {
	ended := make(chan error, len(s.servers))
	for name, l := range s.listeners {
		go func() { ended <- s.servers[name].Serve(l) }()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-ended:
	}
	return errors.Join(err, s.Close())
}

// Close ends the servers and the notifications under way.
func (s *Sandbox) Close() error {
	s.sender.close()
	for _, srv := range s.servers {
		srv.Close() // its listener is closed below as well, which is all that can fail
	}
	for _, l := range s.listeners {
		l.Close() // closed already by its server, or never served
	}
	return s.bank.close()
}

// url is the root of an institution's listener, or of the control API's.
func (s *Sandbox) url(name string) string { return "http://" + s.listeners[name].Addr().String() }

// payPage is where a browser pays a trade in the wallet.
func (s *Sandbox) payPage(t *trade) string { return s.url("control") + "/pay/" + t.ID }
