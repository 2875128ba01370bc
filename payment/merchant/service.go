// Package merchant is which account takes the money (商户号, 支付路由): a company's merchant accounts with their sealed
// settings, what people ask to change and others decide, the routes between accounts, and the circuits of those whose
// institution does not answer. It knows no orders: it is asked by company, community and way to pay.
package merchant

import (
	"log/slog"
	"time"

	"linlipay/audit"
	"linlipay/fault"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// Config is what a Service needs.
type Config struct {
	Gateways       []gateway.Gateway
	Accounts       *Accounts
	BaseURL        string        // where institutions reach us, such as "https://pay.example.com"; no trailing slash
	Hosts          gateway.Hosts // where institutions may be asked beside their own hosts
	Sandbox        bool          // a trial: merchant accounts on this machine are accepted
	GatewayTimeout time.Duration // most that one question to an institution may take
	Now            func() time.Time
	Log            *slog.Logger
}

// Service says which account takes the money: the accounts with what people ask about them, the routes between them,
// and the circuits of those whose institution does not answer. Beside the faults that a method names it returns the
// store's (see package store); an account of another company is NotFound, and settings that cannot be opened are
// Internal.
type Service struct {
	*Accounts
	routes   store.Collection[Routes]
	gateways map[gateway.Institution]gateway.Gateway
	circuits circuits
	cfg      Config
}

// Schemas are the collections of accounts and routes.
func Schemas() []store.Schema { return []store.Schema{accountRecords.Schema, routes.Schema} }

// NewService makes the service over a store on which Ensure was called with the schemas.
func NewService(st store.Store, cfg Config) *Service {
	s := &Service{Accounts: cfg.Accounts, routes: routes.In(st), cfg: cfg,
		gateways: map[gateway.Institution]gateway.Gateway{}}
	for _, g := range cfg.Gateways {
		s.gateways[g.Institution()] = g
	}
	return s
}

// now is the present, in UTC and whole milliseconds, as it is stored.
func (s *Service) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Millisecond) }

// Gateway returns the institution's gateway, or an Unsupported fault.
func (s *Service) Gateway(i gateway.Institution) (gateway.Gateway, error) {
	if g, ok := s.gateways[i]; ok {
		return g, nil
	}
	return nil, fault.New(fault.Unsupported, "不支持该支付渠道。", "This institution is not supported.")
}

// Observe counts how an account's institution answered, for its circuit.
func (s *Service) Observe(account string, err error) { s.circuits.observe(account, err, s.now()) }

// Outboxes are the collections whose documents owe events to the audit log.
func (s *Service) Outboxes() []audit.Outbox {
	return []audit.Outbox{
		audit.From(s.records, func(a *AccountRecord) *audit.Owed { return &a.OwesAudit }),
		audit.From(s.routes, func(r *Routes) *audit.Owed { return &r.OwesAudit }),
	}
}
