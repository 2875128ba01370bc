package payment

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/store"
)

// OnOpen says what happens when something that a new order wants is held by an open one.
type OnOpen string

// The choices.
const (
	Refuse   OnOpen = "refuse"    // the new order is refused with a pointer to the open one
	TakeOver OnOpen = "supersede" // the open one is closed upstream, then the new one takes its place
)

// NewOrder asks for an order.
type NewOrder struct {
	Company        string
	Community      string
	Entity         string // the legal entity whose money it is; "" is the company's first
	Payer          Payer
	Origin         Origin
	Items          []Item
	Title          string
	OnOpen         OnOpen // "" is Refuse
	By             string // who asks, for the timeline
	IdempotencyKey string // scope and Idempotency-Key; "" is none
	KeyHash        string // hash of the request under Key

	// StillOwed is called once the items are held by the order and before anybody can pay; an error cancels the order
	// and is returned. It is OrderOpen where other orders hold more parts of an item than leave room for this one's.
	StillOwed func(ctx context.Context, order string) error
}

// createTries bounds how many holders one Create may meet, one after the other.
const createTries = 20

// Create makes an order, whole or not at all. The same Key and KeyHash again give the first order and hit; the same Key
// with another hash is KeyReused. Items or a terminal held by an open order are OrderOpen, paid items are AlreadyPaid,
// both with the detail "order". Too many orders at once are Unavailable. Unavailable is for too many others who ask for
// the same items at once.
func (s *Service) Create(ctx context.Context, n NewOrder) (o *Order, hit bool, err error) {
	amount, err := n.check()
	if err != nil {
		return nil, false, err
	}
	settled, err := s.settings(ctx, n.Company)
	if err != nil {
		return nil, false, err
	}
	for range createTries {
		o := s.build(n, amount, settled)
		err := s.orders.Insert(ctx, o)
		if err == nil {
			return s.stillOwed(ctx, o, n)
		}
		if !fault.Is(err, fault.AlreadyExists) {
			return nil, false, err
		}
		if first, err := s.Repeated(ctx, n); first != nil || err != nil {
			return first, first != nil, err
		}
		if err := s.resolveHolds(ctx, o, n); err != nil {
			return nil, false, err
		}
	}
	return nil, false, fault.New(fault.Unavailable, "系统繁忙，请稍后重试。", "Too many orders at once; please try again.")
}

func (n NewOrder) check() (money.Fen, error) {
	if len(n.Items) == 0 || len(n.Items) > 200 {
		return 0, fault.New(fault.Invalid, "请选择 1 至 200 笔账单。", "Choose between 1 and 200 bills.")
	}
	seen := map[string]bool{}
	var total money.Fen
	for _, it := range n.Items {
		sum, err := total.Add(it.Amount)
		if it.Amount <= 0 || err != nil || seen[it.Ref] {
			return 0, fault.New(fault.Invalid, "账单重复或金额不正确。", "A bill is repeated or its amount is not positive.")
		}
		total, seen[it.Ref] = sum, true
	}
	return total, nil
}

func (s *Service) build(n NewOrder, amount money.Fen, settled Settings) *Order {
	now := s.now()
	lifetime := settled.DeskLifetime
	if n.Origin.Kind == Phone || n.Origin.Kind == API {
		lifetime = settled.PhoneLifetime
	}
	o := &Order{
		ID: s.newOrderNumber(now), Company: n.Company, Community: n.Community,
		Entity: cmp.Or(n.Entity, n.Company), Payer: n.Payer, Origin: n.Origin,
		Items: n.Items, Amount: amount, Title: n.Title, Status: Pending,
		Token: s.newToken(), IdempotencyKey: n.IdempotencyKey, KeyHash: n.KeyHash, CreatedAt: now,
		UpdatedAt: now, ExpiresAt: now.Add(lifetime),
	}
	o.note(now, Created, 0, n.By, "")
	o.schedule(now)
	return o
}

// stillOwed is the second look, with the items held: whatever was paid before they were held is visible now.
func (s *Service) stillOwed(ctx context.Context, o *Order, n NewOrder) (*Order, bool, error) {
	if n.StillOwed == nil {
		return o, false, nil
	}
	err := n.StillOwed(ctx, o.ID)
	if err == nil {
		return o, false, nil
	}
	reason := ByItemsGone
	switch {
	case fault.Is(err, fault.OrderOpen):
		reason = ByTakeOver
	case fault.Is(err, fault.WrongState):
		reason = ByItemsChanged
	}
	if _, closeErr := s.Close(ctx, o.ID, reason, ""); closeErr != nil {
		s.cfg.Log.Error("an order for items no longer owed stays open until its deadline", "order", o.ID, "err",
			closeErr)
	}
	return nil, false, err
}

// Repeated returns the order that the request's key made before, nil when there is none. The same key with another hash
// is KeyReused; AlreadyPaid is what the first request was told.
func (s *Service) Repeated(ctx context.Context, n NewOrder) (*Order, error) {
	if n.IdempotencyKey == "" {
		return nil, nil
	}
	o, err := s.first(ctx, store.Query{Index: byKey, Equal: []any{n.Community, n.IdempotencyKey}, Limit: 1})
	switch {
	case fault.Is(err, fault.NotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case o.KeyHash != n.KeyHash:
		return nil, keyReused()
	case o.CloseReason == ByItemsGone:
		return nil, alreadyPaid("")
	}
	return o, nil
}

// resolveHolds deals with the open orders that hold what o wants: it returns their fault, or nil when the way is free.
func (s *Service) resolveHolds(ctx context.Context, o *Order, n NewOrder) error {
	for _, hold := range o.holds() {
		holder, err := s.first(ctx, store.Query{Index: byHold, Equal: []any{o.Community, hold}, Limit: 1})
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if holder.Status == Paid {
			return alreadyPaid(holder.ID)
		}
		if n.OnOpen != TakeOver {
			return orderOpen(holder.ID)
		}
		if err := s.Release(ctx, holder.ID, ByTakeOver, n.By); err != nil {
			return err
		}
	}
	return nil
}

// Release closes an order, upstream first, so that what it holds is free. It is AlreadyPaid once it is paid, and
// OrderOpen while it can be paid still.
func (s *Service) Release(ctx context.Context, id string, reason CloseReason, by string) error {
	o, err := s.Close(ctx, id, reason, by)
	if err == nil && o.Status == Closing {
		err = orderOpen(id)
	}
	return err
}

func keyReused() *fault.Error {
	return fault.New(fault.KeyReused, "该幂等键已用于另一请求。", "This Idempotency-Key was used for another request.")
}

func alreadyPaid(order string) *fault.Error {
	e := fault.New(fault.AlreadyPaid, "账单已支付，无需重复付款。", "The bill has been paid already.")
	if order == "" {
		return e
	}
	return e.With("order", order)
}

func orderOpen(order string) *fault.Error {
	return fault.New(fault.OrderOpen, "已有进行中的订单。", "There is an open order already.").With("order", order)
}

// newOrderNumber makes an Order.ID: 14 digits of Shanghai time and 10 random ones. A number that is taken fails the
// insert, and Create draws another.
func (s *Service) newOrderNumber(now time.Time) string {
	n := binary.BigEndian.Uint64(s.random(8)) % 10_000_000_000 // the bias is below one in a thousand million
	return fmt.Sprintf("%s%010d", calendar.Format(now, "20060102150405"), n)
}

// newToken makes the unguessable part of a QR's address: 128 random bits.
func (s *Service) newToken() string { return base64.RawURLEncoding.EncodeToString(s.random(16)) }

// random returns n random bytes.
func (s *Service) random(n int) []byte {
	raw := make([]byte, n)
	if _, err := io.ReadFull(s.cfg.Random, raw); err != nil {
		panic("payment: no randomness: " + err.Error()) // crypto/rand never fails on supported systems
	}
	return raw
}
