package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/billing"
	"linlipay/fault"
	"linlipay/handlers"
	"linlipay/host"
	"linlipay/mongo"
	"linlipay/payment"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
	"linlipay/payment/gateway/alipay"
	"linlipay/payment/gateway/lakala"
	"linlipay/payment/gateway/ruiyinxin"
	"linlipay/payment/gateway/shengpay"
	"linlipay/payment/gateway/wechat"
	"linlipay/payment/merchant"
	"linlipay/property"
	"linlipay/seal"
	"linlipay/sqlite"
	"linlipay/store"
	"linlipay/terminal"
	"linlipay/web"
	"linlipay/webhook"
)

// App is one process of the product. New opens, Run serves, Close lets go: the same for the command and for tests.
type App struct {
	Store     store.Store
	Accounts  *merchant.Accounts
	Payments  *payment.Service
	Property  *property.Service
	Billing   *billing.Service
	Terminals *terminal.Service
	Access    *access.Service
	Audit     *audit.Service
	Webhooks  *webhook.Service

	sealed   *store.Sealed // Store
	box      seal.Box
	cfg      Config
	log      *slog.Logger
	server   *handlers.Server
	listener net.Listener
	settles  bool // Close chains what its command owes the audit log, since no loop does
}

// gatewayTimeout is the most that one question to an institution may take.
const gatewayTimeout = 8 * time.Second

// settleTime is the most that a command waits for the audit log.
const settleTime = 5 * time.Second

// New opens the store, makes its collections and takes the port. What is missing or unsafe is refused here, before
// anything is served. Its errors say what to do about it, in words for whoever runs the machine.
func New(ctx context.Context, cfg Config, logs io.Writer) (*App, error) {
	a, err := prepare(ctx, cfg, logs)
	if err != nil {
		return nil, err
	}
	if err := a.checkAccounts(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	proxies, err := handlers.ParseProxies(cfg.TrustedProxies)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	a.server = handlers.New(a.serving(proxies))
	a.Webhooks.Attach(a.server.EventOutboxes()...)
	if err := a.listen(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// serving is what the server is made of; requests from proxies say themselves where they come from.
func (a *App) serving(proxies handlers.Proxies) handlers.Config {
	return handlers.Config{
		Payments: a.Payments, Property: a.Property, Billing: a.Billing, Terminals: a.Terminals, Access: a.Access,
		Accounts: a.Accounts, Audit: a.Audit, Webhooks: a.Webhooks, BaseURL: a.cfg.BaseURL,
		ShowCodes: a.cfg.Sandbox, Trial: a.cfg.trial, Ready: a.Store.Ping, Proxies: proxies, Pages: web.Dist(),
		Box: a.box, Settings: a.cfg.settings(), Now: time.Now, Log: a.log,
	}
}

// prepare opens the store and makes what works on it, whatever the merchant accounts are like.
func prepare(ctx context.Context, cfg Config, logs io.Writer) (*App, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	log, err := newLog(cfg, logs)
	if err != nil {
		return nil, err
	}
	box, err := cfg.box()
	if err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, log: log}
	a.box = box
	if err := a.open(ctx, box); err != nil {
		return nil, err
	}
	if err := a.build(ctx, box); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// open opens the store, which box seals.
func (a *App) open(ctx context.Context, box seal.Box) error {
	plain, err := openStore(ctx, a.cfg.Store, a.cfg.existing, a.log)
	if err != nil {
		return err
	}
	a.sealed = store.Seal(plain, box, time.Now, a.log)
	a.Store = a.sealed
	return nil
}

// build makes the services on the store, which box seals, each from those that it stands on.
func (a *App) build(ctx context.Context, box seal.Box) error {
	if err := a.Store.Ensure(ctx, slices.Concat(payment.Schemas(), property.Schemas(), billing.Schemas(),
		terminal.Schemas(), access.Schemas(), audit.Schemas(), webhook.Schemas())...); err != nil {
		return err
	}
	if err := a.checkKeys(ctx); err != nil {
		return err
	}
	a.Access = access.NewService(a.Store, box, access.OWASP(), time.Now)
	if err := a.buildPayments(box); err != nil {
		return err
	}
	if err := a.buildProperty(ctx); err != nil {
		return err
	}
	a.Terminals = terminal.NewService(a.Store, box, time.Now)
	a.Billing = billing.NewService(a.Store, a.Property, handlers.Chart{Access: a.Access}, a.Access, a.Payments,
		time.Now)
	a.Access.SetTerminals(a.Terminals)
	if a.cfg.Sandbox {
		a.Access.SetTrial()
	}
	if err := a.found(ctx); err != nil {
		return err
	}
	if err := a.buildWebhooks(box); err != nil {
		return err
	}
	a.buildAudit(box)
	return nil
}

// buildWebhooks makes what tells a company's own systems what happened.
func (a *App) buildWebhooks(box seal.Box) error {
	private, err := webhook.ParseHosts(a.cfg.WebhookHosts)
	a.Webhooks = webhook.NewService(webhook.Config{
		Store: a.Store, Box: box, Now: time.Now, Log: a.log, PrivateHosts: private, Loopback: a.cfg.Sandbox,
	})
	return err
}

// buildPayments makes the merchant accounts and what takes money on them.
func (a *App) buildPayments(box seal.Box) error {
	hosts, err := gateway.ParseHosts(a.cfg.InstitutionHosts)
	if err != nil {
		return err
	}
	a.Accounts = merchant.NewAccounts(a.Store, box)
	items := a.cfg.items
	if items == nil {
		items = billing.NewBooks(a.Store, time.Now)
	}
	a.Payments = payment.NewService(a.Store, payment.Config{
		Items: items, Gateways: a.gateways(), Accounts: a.Accounts, BaseURL: a.cfg.BaseURL, Now: time.Now, Log: a.log,
		GatewayTimeout: gatewayTimeout, SettingsOf: a.settingsOf, ReceiptPrefix: a.receiptPrefix, Authority: a.Access,
		Sandbox: a.cfg.Sandbox, Hosts: hosts,
	})
	return nil
}

// gateways are the institutions that can be asked, on loopback in a trial alone.
func (a *App) gateways() []gateway.Gateway {
	reach := host.OnlyPublic
	if a.cfg.Sandbox {
		reach = host.PublicOrLoopback
	}
	over := host.NewTransport(reach)
	acquirer := lakala.New(over, gatewayTimeout, time.Now)
	acquirer.Log = a.log
	return []gateway.Gateway{
		wechat.New(over, gatewayTimeout, time.Now), alipay.New(over, gatewayTimeout), acquirer,
		shengpay.New(over, gatewayTimeout, time.Now), ruiyinxin.New(over, gatewayTimeout, time.Now),
	}
}

// buildProperty makes what knows communities and units, and puts in order what an earlier version has stored.
func (a *App) buildProperty(ctx context.Context) error {
	a.Property = property.NewService(a.Store, time.Now)
	return a.Property.PutInOrder(ctx, func(c property.Community, units int64) {
		a.log.Info("the units of a community are put in order, once", "community", c.ID, "units", units)
	})
}

// buildAudit makes the audit log, which takes in what the services, the ledger and the shell's commands owe it.
func (a *App) buildAudit(box seal.Box) {
	a.Audit = audit.NewService(a.Store, box, time.Now, a.log)
	a.Audit.Attach(slices.Concat(a.Payments.Outboxes(), a.Property.Outboxes(), a.Billing.Outboxes(),
		a.Access.Outboxes(), a.Terminals.Outboxes(), a.Webhooks.Outboxes())...)
	if dir, ok := sqliteDir(a.cfg.Store); ok {
		a.Audit.Attach(audit.Spool(leftEvents(dir)))
	}
	a.Audit.Follow(a.Payments.Ledger(), a.Billing.Journal())
}

// checkAccounts refuses to take money while a merchant account cannot be used: incomplete, sealed under another key, or
// of the sandbox in production. One that is disabled takes none, so it is only told of.
func (a *App) checkAccounts(ctx context.Context) error {
	all, err := a.Payments.Merchants().AllAccountInfos(ctx)
	if err != nil {
		return sentence(err)
	}
	for _, acc := range all {
		if acc.Trouble == nil {
			continue
		}
		if !acc.Disabled {
			return unusable(acc)
		}
		a.log.Warn("a disabled merchant account cannot be used", "account", acc.ID, "company", acc.Company, "err",
			acc.Trouble)
	}
	return nil
}

// unusable says what to do about a merchant account that cannot be used.
func unusable(acc merchant.AccountInfo) error {
	return fmt.Errorf("merchant account %[1]s cannot be used: %[2]s %[3]s Store it again (linlipay account "+
		"%[1]s SETTINGS.json --company %[4]s --institution %[5]s) or take it out "+
		"of use (linlipay account %[1]s --company %[4]s --disable)", acc.ID, acc.Trouble.ZH, acc.Trouble.EN,
		acc.Company, acc.Institution)
}

func (a *App) listen() error {
	l, err := net.Listen("tcp", a.cfg.Listen)
	if err != nil {
		return fmt.Errorf("the address %s is taken or cannot be used; choose another with LINLIPAY_LISTEN or "+
			"--listen: %w", a.cfg.Listen, err)
	}
	a.listener = l
	return nil
}

// openStore opens the store that an address names; "" is the default. existing says that an SQLite database must be
// there.
func openStore(ctx context.Context, address string, existing bool, log *slog.Logger) (store.Store, error) {
	if dir, ok := sqliteDir(address); ok {
		return openSQLite(ctx, dir, existing)
	}
	if strings.HasPrefix(address, "mongodb://") || strings.HasPrefix(address, "mongodb+srv://") {
		s, err := mongo.Open(ctx, address, log)
		if err != nil {
			return nil, sentence(err)
		}
		return s, nil
	}
	return nil, fmt.Errorf("LINLIPAY_STORE is %q: it must be sqlite:DIR or a mongodb:// address", address)
}

// openSQLite opens the database in a directory; existing says that it must be there.
func openSQLite(ctx context.Context, dir string, existing bool) (store.Store, error) {
	open := sqlite.Open
	if existing {
		open = sqlite.OpenExisting
	}
	s, err := open(ctx, dir)
	if err != nil {
		return nil, sentence(err)
	}
	return s, nil
}

// sentence is a fault as one sentence in both languages, with its cause.
func sentence(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	return fmt.Errorf("%s %s (%w)", f.ZH, f.EN, err)
}

// Run serves and runs the background loops until ctx is done. It returns what ended the server; that the loops fail is
// logged, and they go on.
func (a *App) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(audit.As(ctx, audit.Who{Actor: audit.System}))
	defer stop()
	var loops sync.WaitGroup
	var loopErr error
	loops.Go(func() { loopErr = a.Payments.Run(ctx) })
	loops.Go(func() { a.Audit.Run(ctx) })
	loops.Go(func() {
		a.Billing.Run(ctx, func(err error) { a.log.Error("bills owe a look still that failed", "err", err) })
	})
	loops.Go(func() {
		a.Terminals.Run(ctx, func(err error) { a.log.Error("silent terminals could not be looked for", "err", err) })
	})
	loops.Go(func() { a.Webhooks.Run(ctx) })
	loops.Go(func() { a.forget(ctx) })
	err := a.server.Serve(ctx, a.listener)
	stop()
	loops.Wait()
	return errors.Join(err, loopErr)
}

// addAccount checks a merchant account and stores it.
func (a *App) addAccount(ctx context.Context, acc gateway.Account) error {
	if err := a.Payments.Merchants().Usable(acc); err != nil {
		return err
	}
	return a.Accounts.Put(ctx, acc, time.Now())
}

// Close lets go of the store and the port. Its error is the store's.
func (a *App) Close() error {
	if a.settles {
		a.settleAudit()
	}
	if a.listener != nil {
		a.listener.Close() // closed already by the server that served on it
	}
	return a.Store.Close()
}

// settleAudit chains the events that are owed the audit log.
func (a *App) settleAudit() {
	ctx, cancel := context.WithTimeout(context.Background(), settleTime)
	defer cancel()
	if _, err := a.Audit.Settle(ctx); err != nil {
		a.log.Warn("events of the audit log are owed still, and chained when the server runs", "err", err)
	}
}

// withoutCards keeps full card numbers out of the log, wherever they come from. A time is none, though its digits may
// add up as one.
func withoutCards(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() != slog.KindTime && card.HasCardNumber(a.Value.String()) {
		a.Value = slog.StringValue("[a full card number was removed]")
	}
	return a
}

func newLog(cfg Config, w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		return nil, fmt.Errorf("LINLIPAY_LOG_LEVEL is %q: it must be debug, info, warn or error", cfg.LogLevel)
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: withoutCards})), nil
}
