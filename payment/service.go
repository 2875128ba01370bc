package payment

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment/gateway"
	"linlipay/payment/ledger"
	"linlipay/payment/merchant"
	"linlipay/store"
	"linlipay/webhook"
)

// Config is what a Service needs. Zero durations mean the defaults named.
type Config struct {
	Gateways []gateway.Gateway
	Accounts *merchant.Accounts
	Items    ItemOwner // who owns what orders pay for; nil only where nothing is paid
	BaseURL  string    // where institutions and payers reach us, such as "https://pay.example.com"; no trailing slash
	Now      func() time.Time
	Wait     func(context.Context, time.Duration) error // pauses; nil is a real timer
	Log      *slog.Logger

	DeskLifetime   time.Duration // how long an order made at a desk or terminal can be paid; 5 minutes
	PhoneLifetime  time.Duration // the same for the resident's phone; 15 minutes
	GatewayTimeout time.Duration // most that one question to an institution may take; 8 seconds

	UnappliedPolicy UnappliedPolicy // what becomes of unapplied funds; refund
	RefundLimit     money.Fen       // up to this much of an order, in fen, refunds need no second person; 0 is none

	// what a company has settled for itself; nil is the four above for every company
	SettingsOf func(ctx context.Context, company string) (Settings, error)

	// what the numbers of a legal entity's receipts begin with, "" for nothing; nil is nothing for everyone
	ReceiptPrefix func(ctx context.Context, company, entity string) (string, error)

	// who decides refunds, by what each company has laid down; nil is whoever did not ask for it
	Authority approval.Authority

	Random  io.Reader     // order numbers and tokens; crypto/rand
	Hosts   gateway.Hosts // where institutions may be asked beside their own hosts
	Sandbox bool          // a trial: merchant accounts on this machine are accepted
	// the order loop advances one order after the other, for a simulation that must repeat itself
	OneByOne bool
}

// ItemOwner is who owns what orders pay for. Its methods are called at least once for every effect owed, one at a time
// per order and in the order in which things happened, and must be idempotent under the order's ID and the refund's or
// the unapplied funds' number.
type ItemOwner interface {
	// Settle marks what a paid order pays for as paid, each item once, and returns the refs of those that something
	// else has settled.
	Settle(ctx context.Context, o *Order) (unsettled []string, err error)
	// Withhold sets aside what a refund is to give back of items that pay ahead, so that nothing else uses it. It is
	// WrongState where less is left: nothing goes back then.
	Withhold(ctx context.Context, o *Order, r *Refund) error
	// Release frees what Withhold set aside for a refund that gave nothing back.
	Release(ctx context.Context, o *Order, r *Refund) error
	// Reopen makes owed again exactly what a refund gave back; of what was paid ahead it is gone.
	Reopen(ctx context.Context, o *Order, r *Refund) error
	// KeepPrepayment keeps unapplied funds for the order's payer.
	KeepPrepayment(ctx context.Context, o *Order, e *UnappliedFunds) error
}

// Service moves orders. Any number of processes may run it on one store. Beside the faults that a method names it
// returns the store's (see package store), and those of merchant.Accounts.Get where an account is gone or cannot be
// opened. That an institution does not answer is none where it can be asked again: the answer is then what the order
// is.
type Service struct {
	orders    store.Collection[Order]
	messages  store.Collection[Notification]
	lease     store.Lease // of the order loop
	ledger    *ledger.Ledger
	feed      store.Feed
	cardDays  store.Collection[cardDay]
	merchants *merchant.Service
	lanes     lanes
	aside     asides
	samples   samples
	cfg       Config
}

// Schemas are the collections of this package.
func Schemas() []store.Schema {
	return append(merchant.Schemas(), orders.Schema, notifications.Schema, store.LeaseSchema(), ledger.Schema(),
		cardDays.Schema)
}

// NewService makes the service over a store on which Ensure was called with Schemas.
func NewService(st store.Store, cfg Config) *Service {
	cfg.DeskLifetime = orDefault(cfg.DeskLifetime, 5*time.Minute)
	cfg.PhoneLifetime = orDefault(cfg.PhoneLifetime, 15*time.Minute)
	cfg.GatewayTimeout = orDefault(cfg.GatewayTimeout, 8*time.Second)
	if cfg.Wait == nil {
		cfg.Wait = wait
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.UnappliedPolicy == "" {
		cfg.UnappliedPolicy = RefundUnapplied
	}
	s := &Service{
		orders: orders.In(st), messages: notifications.In(st),
		cardDays: cardDays.In(st), feed: st,
		cfg: cfg,
	}
	s.lease = store.NewLease(st, "orders", leaseTime, s.now)
	s.ledger = ledger.New(st, s.now)
	s.merchants = merchant.NewService(st, merchant.Config{
		Gateways: cfg.Gateways, Accounts: cfg.Accounts, BaseURL: cfg.BaseURL, Hosts: cfg.Hosts, Sandbox: cfg.Sandbox,
		GatewayTimeout: cfg.GatewayTimeout, Now: cfg.Now, Log: cfg.Log,
	})
	return s
}

// Merchants are the companies' accounts and routes: who takes the money.
func (s *Service) Merchants() *merchant.Service { return s.merchants }

// Ledger is the ledger that orders are recorded in. Its heads are signed with the audit log's.
func (s *Service) Ledger() *ledger.Ledger { return s.ledger }

// wait pauses for d, or returns the context's error.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

// now is the present, in UTC and whole milliseconds, as it is stored.
func (s *Service) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Millisecond) }

// Get returns the order, or NotFound.
func (s *Service) Get(ctx context.Context, id string) (*Order, error) { return s.orders.Get(ctx, id) }

// ByToken returns the order behind a QR, or NotFound.
func (s *Service) ByToken(ctx context.Context, token string) (*Order, error) {
	return s.first(ctx, store.Query{Index: byToken, Equal: []any{token}})
}

// Holding is a part of an item that an order holds: it is open for it or has paid for it.
type Holding struct {
	Order  string
	Status Status
	Part   int
	Amount money.Fen // in fen
}

// Holdings are the orders that hold an item of the community, of the first so many parts of it (1 is an item that
// nobody pays in parts), in their order.
func (s *Service) Holdings(ctx context.Context, community, ref string, parts int) ([]Holding, error) {
	var held []Holding
	for part := range parts {
		o, err := s.first(ctx, store.Query{Index: byHold, Equal: []any{community, holdOf(ref, part)}})
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(o.Items, func(it Item) bool { return it.Ref == ref })
		held = append(held, Holding{o.ID, o.Status, part, o.Items[i].Amount})
	}
	return held, nil
}

func (s *Service) first(ctx context.Context, q store.Query) (*Order, error) {
	q.Limit = 1
	orders, _, err := s.orders.Find(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(orders) == 0 {
		return nil, fault.New(fault.NotFound, "订单不存在。", "There is no such order.")
	}
	return &orders[0], nil
}

// Place is where the feed of orders stands: whoever reads orders after asking for it, and then watches from it, misses
// nothing. "" is a store that does not say it.
func (s *Service) Place(ctx context.Context) (string, error) {
	token, err := store.Now(ctx, s.feed)
	return string(token), err
}

// Watch calls each for every change of an order, by any process, after the token ("" is from now on), until ctx is done
// (then it returns nil) or each returns an error. A token that reaches too far back is an Expired fault.
func (s *Service) Watch(ctx context.Context, after string, each func(token string, o *Order) error) error {
	return s.feed.Watch(ctx, store.Token(after), func(c store.Change) error {
		if c.Collection != s.orders.Name() || c.Version == 0 {
			return nil
		}
		o, err := s.orders.Get(ctx, c.ID)
		if fault.Is(err, fault.Unavailable) || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if fault.Is(err, fault.NotFound) { // it was deleted meanwhile
			return nil
		}
		if err != nil { // whoever follows must not stand still at one order that cannot be read
			s.cfg.Log.Error("an order that changed cannot be read and is left out", "order", c.ID, "err", err)
			return nil
		}
		return each(string(c.Token), o)
	})
}

// AuthorizeURL is where the payer's browser goes so that WeChat tells who they are, and the merchant account that this
// holds for, whose attempt must follow; Unsupported where none takes JSAPI payments. An account without an AppID is an
// error of kind Declined.
func (s *Service) AuthorizeURL(ctx context.Context, o *Order, redirect, state string) (address, account string,
	err error) {
	t, err := s.merchants.Candidate(ctx, jsapi(o, ""))
	if err != nil {
		return "", "", err
	}
	finder, err := t.PayerFinder()
	if err != nil {
		return "", "", err
	}
	address, err = finder.AuthorizeURL(t.Account, redirect, state)
	return address, t.Account.ID, err
}

// jsapi is who takes an order's money inside the WeChat app.
func jsapi(o *Order, account string) merchant.Wanted {
	return merchant.Wanted{Company: o.Company, Community: o.Community, Entity: o.EntityID(), Account: account,
		Way: gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.JSAPI}}
}

// Payer exchanges the code that the browser came back with for the payer's id, as that merchant account knows it. Where
// no account takes JSAPI payments it is Unsupported; a code that WeChat declines is Upstream, and no answer
// UpstreamUnknown.
func (s *Service) Payer(ctx context.Context, o *Order, accountID, code string) (string, error) {
	t, err := s.merchants.Candidate(ctx, jsapi(o, accountID))
	if err != nil {
		return "", err
	}
	finder, err := t.PayerFinder()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.GatewayTimeout)
	defer cancel()
	id, err := finder.Payer(ctx, t.Account, code)
	if err != nil {
		return "", forPerson(err)
	}
	return id, nil
}

// notifyURL is where an institution reports on an account's trades.
func (s *Service) notifyURL(i gateway.Institution, account string) string {
	return fmt.Sprintf("%s/callbacks/%s/%s", strings.TrimSuffix(s.cfg.BaseURL, "/"), i, account)
}

// update is Update of the orders; what was decided, and what others hear of, becomes events that the order owes.
func (s *Service) update(ctx context.Context, id string, change func(*Order) error) (*Order, error) {
	return s.orders.Update(ctx, id, s.withEvents(withDeeds(ctx, change)))
}

// updateFrom is UpdateFrom, as update is Update.
func (s *Service) updateFrom(ctx context.Context, seen *Order, change func(*Order) error) (*Order, error) {
	return s.orders.UpdateFrom(ctx, seen, s.withEvents(withDeeds(ctx, change)))
}

// withEvents is a change that also owes the events which tell of it.
func (s *Service) withEvents(change func(*Order) error) func(*Order) error {
	return func(o *Order) error {
		before := o.stage()
		if err := change(o); err != nil {
			return err
		}
		o.changed(before, s.now())
		return nil
	}
}

// replace writes an order that was changed in place, if nobody has changed it since; before is how it stood.
func (s *Service) replace(ctx context.Context, o *Order, before stage) error {
	o.changed(before, s.now())
	return s.orders.Replace(ctx, o)
}

// Outboxes are the collections whose documents owe events to the audit log.
func (s *Service) Outboxes() []audit.Outbox {
	return append(s.merchants.Outboxes(),
		audit.From(s.orders, func(o *Order) *audit.Owed { return &o.OwesAudit }))
}

// Events is the outbox of the orders; data shows an order as an event tells of it.
func (s *Service) Events(data webhook.Data[Order]) webhook.Outbox {
	return webhook.From(s.orders, func(o *Order) *webhook.Owed { return &o.OwesEvents }, data)
}
