// Package sandbox plays the institutions on loopback with their real wire protocols: it verifies the merchants' signatures, signs its answers,
// sends signed notifications on the real retry schedules, keeps its own ledger, has a wallet in which a person scans and pays, and makes
// faults on demand. It shares no code with the gateways that talk to it, so that neither can hide the other's mistake.
//
// The core (trade.go, code.go, refund.go, ledger.go, notify.go, faults.go, control*.go) knows no protocol; wechat*.go and alipay*.go each are one
// institution.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Config is where and how the sandbox runs. The zero value runs on free loopback ports and keeps nothing.
type Config struct {
	Dir         string // where credentials.json, its keys and the ledger are kept; "" keeps nothing
	WechatAddr  string // loopback address of each listener; "" is 127.0.0.1:0
	AlipayAddr  string
	ControlAddr string

	Second      time.Duration    // how long a second of the institutions' schedules takes; 0 is a real one
	RefundAfter time.Duration    // how long a refund at WeChat is PROCESSING; 0 is almost none
	Wallet      fs.FS            // the built wallet page: wallet.html and its assets/; nil shows a line of text
	Now         func() time.Time // nil is time.Now
	Log         *slog.Logger     // nil is silent
}

// Sandbox is the institutions at work.
type Sandbox struct {
	cfg    Config
	keys   *keyring
	bank   *bank
	faults *faults
	sender *sender

	wechat, alipay, control net.Listener
	servers                 []*http.Server
}

// New opens the listeners and writes Dir/credentials.json; Run serves. An address that is not loopback is refused.
func New(cfg Config) (*Sandbox, error) {
	cfg = cfg.withDefaults()
	keys, err := openKeyring(cfg.Dir)
	if err != nil {
		return nil, err
	}
	bank, err := openBank(cfg)
	if err != nil {
		return nil, err
	}
	bank.restore(keys)
	s := &Sandbox{cfg: cfg, keys: keys, bank: bank, faults: &faults{}}
	s.sender = newSender(cfg, s.faults)
	for _, r := range bank.unfinished() {
		s.finishLater(r)
	}
	if err := s.listen(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.serve(s.wechat, &wechat{Sandbox: s})
	s.serve(s.alipay, &alipay{Sandbox: s})
	s.serve(s.control, s.controlRoutes())
	if err := keys.writeCredentials(cfg.Dir, s.Credentials()); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (c Config) withDefaults() Config {
	for _, addr := range []*string{&c.WechatAddr, &c.AlipayAddr, &c.ControlAddr} {
		if *addr == "" {
			*addr = "127.0.0.1:0"
		}
	}
	if c.Second == 0 {
		c.Second = time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

func (s *Sandbox) listen() error {
	for _, l := range []struct {
		addr string
		into *net.Listener
	}{{s.cfg.WechatAddr, &s.wechat}, {s.cfg.AlipayAddr, &s.alipay}, {s.cfg.ControlAddr, &s.control}} {
		if err := loopbackOnly(l.addr); err != nil {
			return err
		}
		ln, err := net.Listen("tcp", l.addr)
		if err != nil {
			return fmt.Errorf("sandbox: the address %s is taken or cannot be used: %w", l.addr, err)
		}
		*l.into = ln
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
		return fmt.Errorf("sandbox: %s is not a loopback address; the sandbox plays money and never leaves this machine", addr)
	}
	return nil
}

// bodyLimit bounds every request's body, in bytes.
const bodyLimit = 1 << 20

func (s *Sandbox) serve(l net.Listener, h http.Handler) {
	s.servers = append(s.servers, &http.Server{
		Handler: http.MaxBytesHandler(h, bodyLimit), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelWarn), Addr: l.Addr().String(),
	})
}

// Run serves until ctx is done.
func (s *Sandbox) Run(ctx context.Context) error {
	ended := make(chan error, len(s.servers))
	for i, l := range []net.Listener{s.wechat, s.alipay, s.control} {
		go func() { ended <- s.servers[i].Serve(l) }()
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
	for _, l := range []net.Listener{s.wechat, s.alipay, s.control} {
		if l != nil {
			l.Close() // closed already by its server, or never served
		}
	}
	return s.bank.close()
}

func (s *Sandbox) wechatURL() string  { return "http://" + s.wechat.Addr().String() }
func (s *Sandbox) alipayURL() string  { return "http://" + s.alipay.Addr().String() + "/gateway.do" }
func (s *Sandbox) controlURL() string { return "http://" + s.control.Addr().String() }

// payPage is where a browser pays a trade in the wallet.
func (s *Sandbox) payPage(t *trade) string { return s.controlURL() + "/pay/" + t.ID }
