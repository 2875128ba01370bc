package billing

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"linlipay/audit"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/property"
	"linlipay/store"
)

// Prepayment (预存款) is what a debtor has paid ahead to one legal entity: a home's owner, whose it stays when another
// comes. Money comes in by orders, as credits, and pays bills by draws. What is not drawn goes back by refunds of the
// orders that it came by, or by payouts to named payees. All of it stands in one document, so that compare-and-set
// keeps it from being used twice. A deposit (押金) is one that is held for a purpose, and pays no bill.
type Prepayment struct {
	ID        string `json:"id"`
	Version   int64  `json:"-"`
	Company   string `json:"company"`
	Community string `json:"community"`
	Entity    string `json:"entity"` // the legal entity that has the money
	Unit      string `json:"unit"`
	Tenure    int    `json:"tenure,omitempty"` // of the owner whose it is

	Deposit *Deposit `json:"deposit,omitempty"` // nil where it may pay bills
	Fees    []string `json:"fees,omitempty"`    // it pays for these alone; none is for all
	Credits []Credit `json:"credits,omitempty"`
	Draws   []Draw   `json:"draws,omitempty"`
	// the number of the last draw, which is never given again
	LastDraw int      `json:"last_draw,omitempty"`
	Payouts  []Payout `json:"payouts,omitempty"`
	Owed     []Entry  `json:"owed,omitempty"` // what the journal is to be told of payouts
	// when bills that are due are looked for next
	SearchAt time.Time `json:"search_at,omitzero"`

	OwesAudit audit.Owed `json:"owes_audit,omitempty"`
}

// Source is by what money came in, once.
type Source struct {
	Order     string `json:"order,omitempty"`     // the order that brought it
	Item      string `json:"item,omitempty"`      // its item that paid ahead
	Unapplied int    `json:"unapplied,omitempty"` // or the number of its unapplied funds
	Payout    string `json:"payout,omitempty"`    // or, of no order, a deposit and its payout; see prepays
	Before    string `json:"before,omitempty"`    // or a row of what the system before held; see openingID
}

// Credit is money that came in, and what of it went back.
type Credit struct {
	Source
	Opening *Opening  `json:"opening,omitempty"` // of a source before
	Amount  money.Fen `json:"amount"`
	At      time.Time `json:"at"`

	Withheld []Reopening `json:"withheld,omitempty"` // by refunds that may give it back
	// refunds that gave nothing back, for which nothing is set aside any more, however late one asks
	Released  []string    `json:"released,omitempty"`
	GivenBack []Reopening `json:"given_back,omitempty"`
}

// net is what is left of the credit, in fen.
func (c *Credit) net() money.Fen { return c.Amount - sumOf(c.GivenBack) }

func sumOf(back []Reopening) (sum money.Fen) {
	for _, g := range back {
		sum += g.Amount // bounded by what came in
	}
	return sum
}

// DrawState is where a draw stands.
type DrawState string

// The states of a draw. One that its bill could not take is taken off.
const (
	DrawReserved  DrawState = "reserved"  // set aside, while the bill is asked
	DrawUsed      DrawState = "used"      // the bill is paid by it
	DrawReturning DrawState = "returning" // it is to be undone, and the bill does not say so yet
	DrawReturned  DrawState = "returned"  // undone: the bill is owed again; final
)

// Draw is money of a prepayment that pays a bill.
type Draw struct {
	No     int       `json:"no"` // 1, 2, … within the prepayment
	Bill   string    `json:"bill"`
	Title  string    `json:"title"` // the bill's
	Amount money.Fen `json:"amount"`
	State  DrawState `json:"state"`
	At     time.Time `json:"at"`
	By     string    `json:"by"` // who asked, such as "staff:…"; audit.System by itself on the day it was due

	ReturnedAt time.Time `json:"returned_at,omitzero"`
	ReturnedBy string    `json:"returned_by,omitempty"`
	Reason     string    `json:"reason,omitempty"` // why it was undone

	Key     string `json:"key,omitempty"` // scope and Idempotency-Key
	KeyHash string `json:"key_hash,omitempty"`
}

// byOpenDraw is the index of the prepayments with something that is under way; bySearch that of those to look for
// bills.
const (
	byOpenDraw = "by_open"
	bySearch   = "by_search"
)

var prepaid = store.Kind[Prepayment]{
	Schema: audit.Declare(store.Schema{
		Name: "prepaid",
		Fields: []store.Field{
			{Name: "community", Type: store.String}, {Name: "unit", Type: store.String},
			{Name: "open", Type: store.Int}, {Name: "search", Type: store.Int},
			{Name: "payouts", Type: store.String, Many: true},
		},
		Indexes: []store.Index{
			{Name: "by_unit", Fields: []string{"unit"}},
			{Name: "by_community", Fields: []string{"community"}},
			{Name: byOpenDraw, Fields: []string{"open"}},
			{Name: bySearch, Fields: []string{"search"}},
			{Name: byPayout, Fields: []string{"payouts"}},
		},
		Personal: []string{"draws.*.reason", "payouts.*.payee", "payouts.*.account", "payouts.*.reason",
			"payouts.*.note", "payouts.*.why_not", "payouts.*.bank", "payouts.*.reference", "payouts.*.consent",
			"credits.*.opening.payer", "credits.*.opening.receipt"},
		Shard: "community",
	}),
	ID:      func(p *Prepayment) string { return p.ID },
	Version: func(p *Prepayment) *int64 { return &p.Version },
	Keys: func(p *Prepayment) store.Keys {
		keys := store.Keys{"community": {p.Community}, "unit": {p.Unit}, "payouts": p.payoutKeys()}
		if open := p.openSince(); !open.IsZero() {
			keys["open"] = []any{open.UnixMilli()}
		}
		if p.Deposit == nil && p.Available() > 0 {
			keys["search"] = []any{p.SearchAt.UnixMilli()}
		}
		return p.OwesAudit.Key(keys)
	},
}

func prepaymentID(unit string, tenure int, entity string) string {
	return fmt.Sprintf("%s.%d.%s", unit, tenure, entity)
}

const topUpPrefix = "prepayment/"

// topUpRef is the reference of an order's item that pays ahead: no two orders want the same, but a request and its
// repeat, which have a key.
func topUpRef(prepayment, key string) string {
	return topUpPrefix + prepayment + "/" + onceOf(key)
}

// TopUpOf is the prepayment that an order's item is paid to, a deposit or not, and whether it is to one.
func TopUpOf(ref string) (prepayment string, is bool) {
	if deposit, is := strings.CutPrefix(ref, depositPrefix); is {
		return deposit, true
	}
	rest, is := strings.CutPrefix(ref, topUpPrefix)
	if !is {
		return "", false
	}
	prepayment, _, is = strings.Cut(rest, "/")
	return prepayment, is
}

// Draw returns the draw with the number, or nil.
func (p *Prepayment) Draw(no int) *Draw {
	i := slices.IndexFunc(p.Draws, func(d Draw) bool { return d.No == no })
	if i < 0 {
		return nil
	}
	return &p.Draws[i]
}

// drawID names a draw in the bill that it pays.
func (p *Prepayment) drawID(no int) string { return fmt.Sprintf("%s/%d", p.ID, no) }

// cutDraw is the prepayment and the number of a draw by what drawID names it.
func cutDraw(id string) (prepayment string, no int) {
	prepayment, number, _ := strings.Cut(id, "/")
	no, _ = strconv.Atoi(number) // 0 is none
	return prepayment, no
}

// Prepayment is the prepayment of which the settlement was drawn, "" where an order paid.
func (s *Settlement) Prepayment() string {
	prepayment, _ := cutDraw(s.Draw)
	return prepayment
}

// Drawn is what prepayments pay of the bill still, in fen.
func (b *Bill) Drawn() (drawn money.Fen) {
	for i := range b.Settlements {
		if paid := &b.Settlements[i]; paid.Draw != "" && !paid.Tentative {
			drawn += paid.Net()
		}
	}
	return drawn
}

// Balance is what came in and neither went back, nor paid bills, nor was paid out, in fen. It is less than 0 where an
// institution gave back by itself what was used.
func (p *Prepayment) Balance() (balance money.Fen) {
	for i := range p.Credits {
		balance += p.Credits[i].net() // bounded by what came in
	}
	for _, d := range p.Draws {
		if d.State == DrawUsed || d.State == DrawReturning {
			balance -= d.Amount
		}
	}
	return balance - p.PaidOut()
}

// Reserved is what of the balance is set aside, in fen: for bills, and for refunds and payouts that are on their way.
func (p *Prepayment) Reserved() (reserved money.Fen) {
	for i := range p.Credits {
		reserved += sumOf(p.Credits[i].Withheld)
	}
	for _, d := range p.Draws {
		if d.State == DrawReserved {
			reserved += d.Amount
		}
	}
	for i := range p.Payouts {
		if o := &p.Payouts[i]; o.withholds() {
			reserved += o.Amount
		}
	}
	return reserved
}

// Available is what may pay bills or go back, in fen.
func (p *Prepayment) Available() money.Fen { return max(0, p.Balance()-p.Reserved()) }

// openSince is since when a draw is under way, or the journal or a prepayment is owed a payout; zero where none is.
func (p *Prepayment) openSince() (since time.Time) {
	for _, d := range p.Draws {
		at := d.At
		switch d.State {
		case DrawReturning:
			at = d.ReturnedAt
		case DrawUsed, DrawReturned:
			continue
		}
		if since.IsZero() || at.Before(since) {
			since = at
		}
	}
	for _, e := range p.Owed {
		if since.IsZero() || e.At.Before(since) {
			since = e.At
		}
	}
	for i := range p.Payouts {
		if o := &p.Payouts[i]; o.Moving && (since.IsZero() || o.PaidAt.Before(since)) {
			since = o.PaidAt
		}
	}
	return since
}

// PaysFor reports whether it may pay for a bill: of the owner whose it is, owed to the same legal entity, and of a fee
// that it is for.
func (p *Prepayment) PaysFor(b *Bill, of property.Ownership) bool {
	named := func(fee string) bool { return spelledFee(fee) == spelledFee(b.Fee) }
	return p.Deposit == nil && b.Unit == p.Unit && of.Has(b.Tenure) && b.EntityID() == p.Entity &&
		(len(p.Fees) == 0 || slices.ContainsFunc(p.Fees, named))
}

// credit is what a source brought, or nil.
func (p *Prepayment) credit(from Source) *Credit {
	i := slices.IndexFunc(p.Credits, func(c Credit) bool { return c.Source == from })
	if i < 0 {
		return nil
	}
	return &p.Credits[i]
}

// PrepaymentMoveKind says what moved.
type PrepaymentMoveKind string

// The kinds of moves.
const (
	PaidIn         PrepaymentMoveKind = "paid_in"         // 存入: an order paid ahead
	AheadOpened    PrepaymentMoveKind = "opened"          // 期初: the system before held it
	UnappliedFunds PrepaymentMoveKind = "unapplied_funds" // 异常款转入: money that its order could not keep
	AheadRefunded  PrepaymentMoveKind = "refunded"        // 退款
	AheadUsed      PrepaymentMoveKind = "used"            // 抵扣账单
	AheadReturned  PrepaymentMoveKind = "returned"        // 撤销抵扣: the bill is owed again
	AheadPaidOut   PrepaymentMoveKind = "paid_out"        // 退付: to a named payee
	AheadDeducted  PrepaymentMoveKind = "deducted"        // 扣款: the company keeps it, of a deposit
	AheadMoved     PrepaymentMoveKind = "moved"           // 转预存: of a deposit to a prepayment, in the record of both
)

// PrepaymentMove is one move of a prepayment's balance.
type PrepaymentMove struct {
	At      time.Time
	Kind    PrepaymentMoveKind
	Amount  money.Fen // in fen; less than 0 where it leaves
	Balance money.Fen // in fen, after it
	Order   string    // by which it came, "" for a draw
	Draw    *Draw     // nil for money that came or went
	Payout  *Payout   // of what left by one
	Deposit string    // whose money it is, where it came of a deposit
	Opening *Opening  // of AheadOpened
}

// Moves are all that moved the balance, the oldest first.
func (p *Prepayment) Moves() []PrepaymentMove {
	var moves []PrepaymentMove
	for i := range p.Credits {
		c := &p.Credits[i]
		kind := PaidIn
		switch {
		case c.Unapplied > 0:
			kind = UnappliedFunds
		case c.Payout != "":
			kind = AheadMoved
		case c.Opening != nil:
			kind = AheadOpened
		}
		deposit, _ := c.cutPayout()
		moves = append(moves, PrepaymentMove{At: c.At, Kind: kind, Amount: c.Amount, Order: c.Order, Deposit: deposit,
			Opening: c.Opening})
		for _, g := range c.GivenBack {
			gone := AheadRefunded
			if c.Payout != "" {
				gone = AheadMoved // back to the deposit, which went back
			}
			moves = append(moves, PrepaymentMove{At: later(g.At, c.At), Kind: gone, Amount: -g.Amount, Order: c.Order,
				Deposit: deposit})
		}
	}
	for i := range p.Draws {
		d := &p.Draws[i]
		if d.State != DrawReserved {
			moves = append(moves, PrepaymentMove{At: d.At, Kind: AheadUsed, Amount: -d.Amount, Draw: d})
		}
		if d.State == DrawReturned {
			moves = append(moves, PrepaymentMove{At: later(d.ReturnedAt, d.At), Kind: AheadReturned, Amount: d.Amount,
				Draw: d})
		}
	}
	for i := range p.Payouts {
		if o := &p.Payouts[i]; o.Status() == PayoutPaid {
			kind := AheadPaidOut
			switch o.Method {
			case Deduction:
				kind = AheadDeducted
			case AsPrepayment:
				kind = AheadMoved
			}
			moves = append(moves, PrepaymentMove{At: o.PaidAt, Kind: kind, Amount: -o.Amount, Payout: o})
			for _, g := range o.GivenBack {
				at := later(g.At, o.PaidAt)
				moves = append(moves, PrepaymentMove{At: at, Kind: kind, Amount: g.Amount, Payout: o})
			}
		}
	}
	slices.SortStableFunc(moves, func(a, b PrepaymentMove) int { // of one instant, what comes before what leaves
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(b.Amount, a.Amount))
	})
	var balance money.Fen
	for i := range moves {
		balance += moves[i].Amount
		moves[i].Balance = balance
	}
	return moves
}

// later is the later of two instants: clocks of two institutions differ.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// creditOf is the credit of an order's item that paid ahead.
func creditOf(o *payment.Order, it payment.Item) Credit {
	return Credit{Source: Source{Order: o.ID, Item: it.Ref}, Amount: it.Amount, At: o.PaidAt}
}
