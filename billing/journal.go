package billing

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"linlipay/calendar"
	"linlipay/chain"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/store"
)

// The journal (应收流水) is every move of what is owed, and of what was paid ahead, that the ledger does not know, since
// no order made it: one chain for each company, beside the ledger's. With the ledger's lines it says what each bill
// owes, and VerifyBills holds bills and prepayments to both.
//
// A move of a bill stands in the bill until it is in the journal. That bills were published, often thousands at once,
// is owed by a publication: one document for some hundred bills, written before them and taken away once the journal
// has them. Either is carried out as often as needed, under ids that let each entry stand once.

// EntryKind says which way the move went.
type EntryKind string

// The kinds of entries.
const (
	Published           EntryKind = "published"             // 出账: the bill is owed from then on
	PaidElsewhere       EntryKind = "paid_elsewhere"        // 他处已缴: it was paid by other means than an order
	PaidElsewhereUndone EntryKind = "paid_elsewhere_undone" // 撤销他处已缴: an order held it, and so the mark did not stand

	// Prepayments: the money came before, and paid the bill now; see Draw.
	PrepaymentUsed     EntryKind = "prepayment_used"     // 预存抵扣
	PrepaymentReturned EntryKind = "prepayment_returned" // 撤销预存抵扣: the bill is owed again
	PrepaymentPaidOut  EntryKind = "prepayment_paid_out" // 预存退付: of no bill; see Payout

	// Deposits; see PayoutMethod.
	DepositPaidOut  EntryKind = "deposit_paid_out" // 押金退付
	DepositDeducted EntryKind = "deposit_deducted" // 押金扣款: the company keeps it, for the entry's fee
	DepositMoved    EntryKind = "deposit_moved"    // 押金转预存
	// 撤销押金转预存: an institution gave back by itself what the deposit came by
	DepositMovedBack EntryKind = "deposit_moved_back"

	// What the system before held; see Opening.
	PrepaymentOpened EntryKind = "prepayment_opened" // 期初预存
	DepositOpened    EntryKind = "deposit_opened"    // 期初押金

	// Corrections; see CorrectionKind.
	Increased  EntryKind = "increased"   // 调增
	Decreased  EntryKind = "decreased"   // 调减
	Reduced    EntryKind = "reduced"     // 减免
	WrittenOff EntryKind = "written_off" // 核销
	Reversed   EntryKind = "reversed"    // 冲红: the bill was cancelled
)

// Entry is one move of what is owed. Its fields never change once it is written; they are hashed in this order.
type Entry struct {
	ID     string    `json:"id"` // the bill and the number of the move, from 0; a payout's is of its own
	Kind   EntryKind `json:"kind"`
	Amount money.Fen `json:"amount"` // in fen, more than 0
	Bill   string    `json:"bill"`
	// of a payout, which is of no bill and no period
	Prepayment string `json:"prepayment,omitempty"`

	Company   string    `json:"company"`
	Community string    `json:"community"`
	Entity    string    `json:"entity"` // the legal entity to which the bill is owed, or that has the prepayment
	Unit      string    `json:"unit"`
	Fee       string    `json:"fee"`
	Period    string    `json:"period"` // yyyy-MM
	Day       string    `json:"day"`    // yyyy-MM-dd in Asia/Shanghai, of At
	At        time.Time `json:"at"`
	Hash      string    `json:"hash"` // over the entry before it and this one, in hex
}

// LineID is the entry's id.
func (e Entry) LineID() string { return e.ID }

// Link is the entry's hash.
func (e Entry) Link() string { return e.Hash }

// Linked is the entry with that hash.
func (e Entry) Linked(hash string) Entry { e.Hash = hash; return e }

// LineKeys are none: entries are found by their ids.
func (e Entry) LineKeys() store.Keys { return nil }

// entryOf is a move of an amount, in fen, of a bill.
func (b *Bill) entryOf(no int64, kind EntryKind, amount money.Fen, at time.Time) Entry {
	return Entry{
		ID: fmt.Sprintf("%s/%d", b.ID, no), Kind: kind, Amount: amount, Bill: b.ID, Company: b.Company,
		Community: b.Community, Entity: b.EntityID(), Unit: b.Unit, Fee: b.Fee, Period: b.Period,
	}.on(at)
}

// on is the entry of an instant, to the millisecond.
func (e Entry) on(at time.Time) Entry {
	e.At = at.UTC().Truncate(time.Millisecond)
	e.Day = calendar.Day(e.At)
	return e
}

// of is what the entry is of: a bill, or a prepayment.
func (e Entry) of() string { return cmp.Or(e.Bill, e.Prepayment) }

// Moves are a bill's moves that the journal may not have yet.
type Moves struct {
	Last     int64   `json:"last,omitempty"`      // the number of the last one; 0 is that it was published
	BornPaid bool    `json:"born_paid,omitempty"` // it was published as paid elsewhere, which is move 1
	Owed     []Entry `json:"owed,omitempty"`
}

// Move adds a move of an amount, in fen, of the bill, which the journal is owed.
func (b *Bill) Move(kind EntryKind, amount money.Fen, at time.Time) {
	b.Moves.Last++
	b.Moves.Owed = append(b.Moves.Owed[:len(b.Moves.Owed):len(b.Moves.Owed)], b.entryOf(b.Moves.Last, kind, amount, at))
}

// moved adds the move that changed whether a bill counts as paid elsewhere, if one did.
func (b *Bill) moved(elsewhere bool, at time.Time) {
	switch now := b.PaidBy == Imported; {
	case now && !elsewhere:
		b.Move(PaidElsewhere, b.Billed(), at)
	case elsewhere && !now:
		b.Move(PaidElsewhereUndone, b.Billed(), at)
	}
}

// journalBlock is how many entries one block of the journal has at most. Ours, as the ledger's.
const journalBlock = 200

var journal = chain.Kind[Entry]{Name: "receivables", Most: journalBlock}

// publication says that bills were published, or are about to be: the journal is owed that.
type publication struct {
	ID      string    `json:"id"`
	Version int64     `json:"-"`
	Company string    `json:"company"`
	Bills   []string  `json:"bills"`
	At      time.Time `json:"at"`
	// of the bills: whose open balance they may change
	Communities []string `json:"communities,omitempty"`
}

var publications = store.Kind[publication]{
	Schema: store.Schema{
		Name:    "publications",
		Fields:  []store.Field{{Name: "company", Type: store.String}, {Name: "at", Type: store.Int}},
		Indexes: []store.Index{{Name: "by_at", Fields: []string{"at"}}},
		Shard:   "company",
	},
	ID:      func(p *publication) string { return p.ID },
	Version: func(p *publication) *int64 { return &p.Version },
	Keys: func(p *publication) store.Keys {
		return store.Keys{"company": {p.Company}, "at": {p.At.UnixMilli()}}
	},
}

// Journal is the journal of all companies: a chain of its own for each.
func (s *Service) Journal() chain.Chain[Entry] { return s.journal }

// publish writes new bills and tells the journal of them. It returns the ids of those that were there already, which
// are as they were. Bills that would change a balance that is locked, or waits to be, are WrongState, and so is what
// comes after them.
func (s *Service) publish(ctx context.Context, bills []Bill) (taken []string, err error) {
	at := s.now().UTC().Truncate(time.Millisecond)
	for i := range bills {
		b := &bills[i]
		if b.PublishedAt = at; b.PaidBy == Imported {
			b.Moves = Moves{Last: 1, BornPaid: true}
		}
	}
	for some := range slices.Chunk(bills, journalBlock/2) { // a bill is two entries at most: one block takes them
		p := &publication{ID: rand.Text(), Company: some[0].Company, At: s.now().UTC()}
		for _, b := range some {
			p.Bills = append(p.Bills, b.ID)
			if !slices.Contains(p.Communities, b.Community) {
				p.Communities = append(p.Communities, b.Community)
			}
		}
		if err := s.publications.Insert(ctx, p); err != nil {
			return nil, err
		}
		if refused := s.admitted(ctx, some); refused != nil {
			return nil, errors.Join(refused, s.publications.Delete(ctx, p))
		}
		there, err := s.bills.InsertMany(ctx, some)
		if err != nil {
			return nil, err
		}
		fresh := slices.DeleteFunc(slices.Clone(some), func(b Bill) bool { return slices.Contains(there, b.ID) })
		if err := s.settlePublication(ctx, p, fresh); err != nil {
			return nil, err
		}
		taken = append(taken, there...)
	}
	return taken, nil
}

// settlePublication tells the journal of the bills of a publication, and takes it away.
func (s *Service) settlePublication(ctx context.Context, p *publication, bills []Bill) error {
	var entries []Entry
	for i := range bills {
		b := &bills[i]
		entries = append(entries, b.entryOf(0, Published, b.Amount, b.PublishedAt))
		if b.Moves.BornPaid {
			entries = append(entries, b.entryOf(1, PaidElsewhere, b.Amount, b.PublishedAt))
		}
	}
	if _, err := s.journal.Append(ctx, p.Company, entries); err != nil {
		return err
	}
	err := s.publications.Delete(ctx, p)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Stale) { // another process was faster
		return nil
	}
	return err
}

// publicationLife is how long a publication waits for bills that are not there. Ours: whoever was about to write them
// has long given up by then.
const publicationLife = 24 * time.Hour

// resumePublication carries out a publication that a crash cut short, once its bills are there or it is old. It returns
// how many bills it told the journal of.
func (s *Service) resumePublication(ctx context.Context, p *publication) (int, error) {
	var bills []Bill
	for _, id := range p.Bills {
		b, err := s.bills.Get(ctx, id)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return 0, err
		}
		if err == nil && !b.PublishedAt.IsZero() { // else it is from before there was a journal
			bills = append(bills, *b)
		}
	}
	age := s.now().Sub(p.At)
	if len(bills) < len(p.Bills) && age < publicationLife || len(p.Bills) == 0 && age < publicationWrites {
		return 0, nil // the latter is of openings, which are not looked for: they may be being written
	}
	return len(bills), s.settlePublication(ctx, p, bills)
}

// postMoves tells the journal what a bill owes it, and returns how many entries that was.
func (s *Service) postMoves(ctx context.Context, b *Bill) (int, error) {
	owed := b.Moves.Owed
	if len(owed) == 0 {
		return 0, nil
	}
	if _, err := s.journal.Append(ctx, b.Company, owed); err != nil {
		return 0, err
	}
	_, err := s.update(ctx, b.ID, func(b *Bill) error {
		left := slices.DeleteFunc(slices.Clone(b.Moves.Owed), func(e Entry) bool {
			return slices.ContainsFunc(owed, func(told Entry) bool { return told.ID == e.ID })
		})
		if len(left) == len(b.Moves.Owed) {
			return store.ErrUnchanged
		}
		b.Moves.Owed = left
		return nil
	})
	return len(owed), err
}
