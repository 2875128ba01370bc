package payment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// Statements of card payments, where they are all that an institution confirms with: each day's is read once it is
// published, and what it shows is booked or confirmed.

// cardDay records that a business day's statement of a merchant account was worked through.
type cardDay struct {
	ID      string    `json:"id"` // account/yyyy-MM-dd
	Version int64     `json:"-"`
	Lines   int       `json:"lines"`
	ReadAt  time.Time `json:"read_at"`
}

var cardDays = store.Kind[cardDay]{
	Schema:  store.Schema{Name: "card_days"},
	ID:      func(d *cardDay) string { return d.ID },
	Version: func(d *cardDay) *int64 { return &d.Version },
	Keys:    func(*cardDay) store.Keys { return nil },
}

const (
	statementPause = 10 * time.Minute // how often unpublished statements are asked for
	statementDays  = 3                // how far back they are
)

// ReadStatements reads the statements of card payments of the last days that were not read yet, from the accounts that
// have nothing else to confirm with, and books or confirms what they show. It may be called at any time by any process;
// what is booked twice changes nothing. Accounts are read side by side, and one that fails is told of in the error and
// keeps no other from being read.
func (s *Service) ReadStatements(ctx context.Context) error {
	accounts, err := s.merchants.All(ctx)
	failed := make([]error, len(accounts))
	s.sideBySide(len(accounts), func(i int) {
		failed[i] = s.sound(func() error { return s.readDays(ctx, accounts[i]) })
	})
	return errors.Join(append(failed, err)...)
}

// readDays reads the last days' statements of one account, if it has nothing else to confirm cards with.
func (s *Service) readDays(ctx context.Context, a gateway.Account) error {
	g, _ := s.merchants.Gateway(a.Institution) // one that there is no gateway for has no statement
	cards, takes := g.(gateway.CardTaker)
	lister, lists := g.(gateway.CardLister)
	if !takes || !lists || cards.ConfirmsCards() != gateway.ByStatement ||
		!slices.Contains(g.Offers(a), gateway.PaymentMethod{Wallet: gateway.WalletCard, Method: gateway.CardPresent}) {
		return nil
	}
	var failed error
	for back := statementDays; back > 0; back-- {
		if err := s.readDay(ctx, lister, a, calendar.AddDays(s.now(), -back)); err != nil {
			failed = errors.Join(failed, fmt.Errorf("account %s: %w", a.ID, err))
		}
	}
	return failed
}

// readDay works one day's statement through, once. One that is not published yet is no error.
func (s *Service) readDay(ctx context.Context, lister gateway.CardLister, a gateway.Account, day time.Time) error {
	done := &cardDay{ID: a.ID + "/" + calendar.Day(day)}
	if _, err := s.cardDays.Get(ctx, done.ID); !fault.Is(err, fault.NotFound) {
		return err
	}
	upstream, cancel := s.upstream(ctx)
	lines, err := lister.CardTrades(upstream, a, day)
	cancel()
	if gateway.KindOf(err) == gateway.TryLater {
		return nil
	}
	if err != nil {
		return err
	}
	// a payment before its void
	slices.SortStableFunc(lines, func(a, b gateway.Report) int { return a.PaidAt.Compare(b.PaidAt) })
	shown := map[string]bool{}
	var failed error
	for _, line := range lines {
		// a payment that cannot be booked must not keep the others unbooked, but a void may be that payment's: it waits
		if failed != nil && line.State != gateway.TradePaid {
			continue
		}
		attempt, err := s.showOnStatement(ctx, a, line)
		failed, shown[attempt] = errors.Join(failed, err), true
	}
	if failed != nil {
		return failed
	}
	if err := s.missOnStatement(ctx, a, day, shown); err != nil {
		return err
	}
	done.Lines, done.ReadAt = len(lines), s.now()
	if err := s.cardDays.Insert(ctx, done); !fault.Is(err, fault.AlreadyExists) {
		return err
	}
	return nil
}

// showOnStatement books or confirms one line of a statement, and returns our number of the payment that it shows, ""
// when there is none. Money of no order of ours is held by one of its own.
func (s *Service) showOnStatement(ctx context.Context, account gateway.Account, r gateway.Report) (outTradeNo string,
	err error) {
	o, no, err := s.matchCard(ctx, account, r)
	if fault.Is(err, fault.NotFound) && r.State == gateway.TradePaid {
		return "", s.bookUnmatched(ctx, account, r)
	}
	if fault.Is(err, fault.NotFound) {
		_, err = s.showVoidOfStray(ctx, account, r)
		return "", err
	}
	if err != nil {
		return "", err
	}
	switch {
	case r.State != gateway.TradePaid:
		err = s.showVoid(ctx, account, o, no, r)
	case o.Attempt(no).State != AttemptSucceeded:
		_, err = s.book(ctx, o, no, 0, r)
	default:
		err = s.showBooked(ctx, account, o, no, r)
	}
	return o.Attempt(no).OutTradeNo, err
}

// showBooked confirms what was booked on a device's word. Where the statement shows another amount, what was denied, or
// a second charge of the same number, its money is held by an order of its own, and finance takes what the device said
// out of the books.
func (s *Service) showBooked(ctx context.Context, account gateway.Account, o *Order, no int, r gateway.Report) error {
	settled, err := s.settings(ctx, o.Company)
	if err != nil {
		return err
	}
	o, err = s.change(ctx, o, func(o *Order) bool { return o.confirmed(no, r, settled.UnappliedPolicy, s.now()) })
	if err == nil {
		o, err = s.deliverOutbox(ctx, o)
	}
	if err != nil {
		return err
	}
	a := o.Attempt(no)
	if !a.Provisional && a.DeniedBy == "" {
		if a.TransactionID == r.TransactionID {
			return nil
		}
		if _, err := s.change(ctx, o, func(o *Order) bool { return o.repeated(no, r, s.now()) }); err != nil {
			return err
		}
	}
	return s.bookUnmatched(ctx, account, r)
}

// bookUnmatched holds money of an unknown number that a statement shows.
func (s *Service) bookUnmatched(ctx context.Context, account gateway.Account, r gateway.Report) error {
	if err := s.orders.Insert(ctx, unmatchedOrder(account, r, s.now())); !fault.Is(err, fault.AlreadyExists) {
		return err
	}
	return nil
}

// matchCard finds the attempt that a statement's line is about: by our number, else by what identifies the card
// payment.
func (s *Service) matchCard(ctx context.Context, account gateway.Account, r gateway.Report) (*Order, int, error) {
	if r.OutTradeNo != "" {
		return s.match(ctx, account, r.OutTradeNo)
	}
	unknown := fault.New(fault.NotFound, "没有对应的刷卡记录。", "No card payment of this merchant account is like that.")
	key := r.Card.Key()
	if key == "" {
		return nil, 0, unknown
	}
	var found *Order
	no := 0
	q := store.Query{Index: bySearch, Equal: []any{account.Company, key}, Desc: true}
	err := s.orders.All(ctx, q, func(o Order) error {
		if no = o.toldOf(account, r, key); no == 0 {
			return nil
		}
		found = &o
		return errMatched
	})
	switch {
	case errors.Is(err, errMatched):
		return found, no, nil
	case err != nil:
		return nil, 0, err
	}
	return nil, 0, unknown
}

// errMatched ends a search.
var errMatched = errors.New("payment: found")

// missOnStatement notes the unconfirmed payments of a day that its statement does not show, and the unconfirmed voids
// where it shows the payment alone.
func (s *Service) missOnStatement(ctx context.Context, account gateway.Account, day time.Time,
	shown map[string]bool) error {
	q := store.Query{Index: byWork, Equal: []any{account.Company, string(QueueUnconfirmed)}}
	var failed error
	err := s.orders.Each(ctx, q, func(o *Order, err error) error {
		if err == nil {
			_, err = s.change(ctx, o, func(o *Order) bool { return o.missed(account.ID, day, shown, s.now()) })
		}
		failed = errors.Join(failed, err)
		return nil
	})
	return errors.Join(failed, err)
}
