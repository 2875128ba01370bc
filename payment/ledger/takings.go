package ledger

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"linlipay/calendar"
	"linlipay/chain"
	"linlipay/money"
	"linlipay/store"
)

// Moved is how much money of a business day moved, by where and through whom.
type Moved struct {
	Day         string // yyyy-MM-dd in Asia/Shanghai
	Community   string // "" is money of no order
	Institution string
	Method      string
	Cashier     string // who took or handed out cash

	Taken, Refunded           money.Fen
	TakenCount, RefundedCount int64
}

// movedKey is what lines are added up by.
type movedKey struct {
	day, community string
	institution    string
	method         string
	cashier        string
}

// days adds up a company's ledger by day, from a first day on. The ledger is only ever added to, so that what was read
// once is not read again.
type days struct {
	first string // the first day that is whole
	head  int64  // the last block that was read
	sums  map[movedKey]*Moved
}

func (d *days) add(l Line) {
	if l.BusinessDay < d.first {
		return
	}
	k := movedKey{l.BusinessDay, l.Community, l.Institution, l.Method, l.Cashier}
	m := d.sums[k]
	if m == nil {
		m = &Moved{Day: l.BusinessDay, Community: l.Community, Institution: l.Institution, Method: l.Method,
			Cashier: l.Cashier}
		d.sums[k] = m
	}
	switch l.Kind {
	case Charge:
		m.Taken, m.TakenCount = m.Taken+l.Amount, m.TakenCount+1
	case Refund:
		m.Refunded, m.RefundedCount = m.Refunded+l.Amount, m.RefundedCount+1
	}
}

// takings are the days of each company.
type takings struct {
	sync.Mutex
	of map[string]*days
}

// skew is how far an institution's clock may be ahead of ours: a line may be written so long before it moved.
const skew = time.Hour

// Takings is what moved of a company's money since the beginning of a day in Asia/Shanghai, as the ledger has it, in
// the order of its keys.
func (l *Ledger) Takings(ctx context.Context, company string, since time.Time) ([]Moved, error) {
	l.takings.Lock()
	defer l.takings.Unlock()
	first := calendar.Day(since)
	d := l.takings.of[company]
	var err error
	if d == nil || d.first > first {
		d, err = l.readBack(ctx, company, first)
	} else {
		err = l.readOn(ctx, company, d)
	}
	if err != nil {
		return nil, err
	}
	d.first = first
	maps.DeleteFunc(d.sums, func(k movedKey, _ *Moved) bool { return k.day < first })
	l.takings.of[company] = d
	moveds := make([]Moved, 0, len(d.sums))
	for _, m := range d.sums {
		moveds = append(moveds, *m)
	}
	slices.SortFunc(moveds, func(a, b Moved) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Community, b.Community),
			cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Method, b.Method),
			cmp.Compare(a.Cashier, b.Cashier))
	})
	return moveds, nil
}

// blocksAtOnce is how many blocks are read in one go: each is as large as blockLines lines.
const blocksAtOnce = 50

// readBack reads the ledger from its end back to what was written before the first day: no line of that day stands
// further back.
func (l *Ledger) readBack(ctx context.Context, company, first string) (*days, error) {
	begins, err := calendar.ParseDay(first)
	if err != nil {
		return nil, err
	}
	d := &days{first: first, sums: map[movedKey]*Moved{}}
	q := store.Query{Index: "by_no", Equal: []any{company}, Desc: true, Limit: blocksAtOnce}
	for {
		blocks, next, err := l.Find(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, b := range blocks {
			d.head = max(d.head, b.No)
			if b.WrittenAt.Before(begins.Add(-skew)) {
				return d, nil
			}
			d.addAll(b)
		}
		if next == "" {
			return d, nil
		}
		q.Cursor = next
	}
}

// readOn reads what was written since.
func (l *Ledger) readOn(ctx context.Context, company string, d *days) error {
	q := store.Query{Index: "by_no", Equal: []any{company}, From: d.head + 1, Limit: blocksAtOnce}
	for {
		blocks, next, err := l.Find(ctx, q)
		if err != nil {
			return err
		}
		for _, b := range blocks {
			d.addAll(b)
			d.head = b.No
		}
		if next == "" {
			return nil
		}
		q.Cursor = next
	}
}

func (d *days) addAll(b chain.Block[Line]) {
	for _, l := range b.Lines {
		d.add(l)
	}
}
