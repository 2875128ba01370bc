// Package handlers is the HTTP face: a table of routes for each noun beside its handlers, put together in routes.go;
// one adapter that decodes strictly and encodes (adapter.go), one map from fault codes to HTTP (problem.go), live
// events (live.go) and the institutions' callbacks (callback.go). It decides who may reach what, and no business.
package handlers

import (
	"context"
	"io/fs"
	"log/slog"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/billing"
	"linlipay/payment"
	"linlipay/payment/merchant"
	"linlipay/property"
	"linlipay/seal"
	"linlipay/terminal"
	"linlipay/webhook"
)

// Config is what the server needs.
type Config struct {
	Payments  *payment.Service
	Property  *property.Service
	Billing   *billing.Service
	Terminals *terminal.Service
	Access    *access.Service
	Accounts  *merchant.Accounts
	Audit     *audit.Service
	Webhooks  *webhook.Service
	Box       seal.Box                                 // seals the cursors of lists
	Settings  access.Settings                          // of a company that has settled nothing yet
	BaseURL   string                                   // where payers reach us; no trailing slash
	SendCode  func(context.Context, CodeMessage) error // sends a one-time code; nil is not set up
	// a trial's: address of the sandbox, where its wallet pays and cards are read
	Trial     string
	ShowCodes bool                               // answers one-time codes to whoever asks: the demo
	Demo      func(context.Context) (any, error) // what the demo's start page shows to this machine; nil in production
	Ready     func(context.Context) error        // nil when money can be taken
	Proxies   Proxies                            // whose X-Forwarded-For is believed
	Pages     fs.FS                              // the built pages
	Now       func() time.Time
	Log       *slog.Logger
}

// Server is the HTTP face.
type Server struct {
	Config
	app   *fiber.App
	live  *live
	paces *allowances

	heartbeat time.Duration
}

// Bounds of a request.
const (
	bodyLimit      = 64 << 10 // bytes
	requestTimeout = 10 * time.Second
)

// New makes the server with all its routes.
func New(cfg Config) *Server {
	s := &Server{Config: cfg, paces: newAllowances(cfg.Now), heartbeat: heartbeat}
	s.live = newLive(cfg.Payments, cfg.Log)
	s.app = fiber.New(fiber.Config{
		AppName: "LinliPay", DisableStartupMessage: true, Immutable: true, StrictRouting: true, CaseSensitive: true,
		BodyLimit: bodyLimit, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, ReadBufferSize: 16 << 10,
		ErrorHandler:                 s.fail,
		DisablePreParseMultipartForm: true, // which unpacks, and no route takes
	})
	s.app.Use(s.identify, s.recoverPanic, s.secure)
	var large []route
	for _, r := range s.routes() {
		s.app.Add(r.method, r.path, s.guarded(r))
		if r.bodyMost > 0 {
			large = append(large, r)
		}
		if r.method == fiber.MethodGet && r.kind != eventStreamKind {
			// the same without its body (RFC 9110, 9.3.2); a stream has no end
			s.app.Add(fiber.MethodHead, r.path, s.guarded(r))
		}
	}
	s.app.Server().HeaderReceived = s.bounds(large)
	return s
}

// App is the underlying application, for tests.
func (s *Server) App() *fiber.App { return s.app }

// Serve serves on a listener until ctx is done, and then ends within a few seconds.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go s.live.run(ctx)
	go func() {
		<-ctx.Done()
		if err := s.app.ShutdownWithTimeout(3 * time.Second); err != nil {
			s.Log.Warn("the server did not end in time", "err", err)
		}
	}()
	return s.app.Listener(newDoorman(l, s.Proxies, descriptorLimit(), s.Log))
}
