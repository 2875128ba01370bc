package payment

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/store"
)

// The ledger (流水账) has a line for every fen that moved, in blocks that are only ever added. Each line's hash covers the one before it, so that a
// company's lines form one chain. An order that changed owes its line as an effect; the ledger's writer takes many such lines into one block, and
// a unique index on the lines' ids keeps each from being written twice.

// LineKind says which way the money moved.
type LineKind string

// The kinds of lines.
const (
	Taken     LineKind = "taken"      // a payer's money arrived
	GivenBack LineKind = "given_back" // it went back
)

// Line is one movement of money. Its fields never change once it is written; they are hashed in this order.
type Line struct {
	ID            string      `json:"id"` // of the order and its attempt (our out-trade number) or its refund (out-refund number): written once
	Kind          LineKind    `json:"kind"`
	Amount        money.Fen   `json:"amount"` // more than 0
	Order         string      `json:"order"`
	OutTradeNo    string      `json:"out_trade_no"`
	TransactionID string      `json:"transaction_id"` // the institution's number of the payment or the refund; a device's, where it was booked on its word
	Institution   Institution `json:"institution"`    // Cash also for what a person gave back by other means
	Method        Method      `json:"method"`
	Account       string      `json:"account,omitempty"` // merchant account id
	Company       string      `json:"company"`
	Community     string      `json:"community,omitempty"`
	Cashier       string      `json:"cashier,omitempty"` // who took or handed out, where a person did
	Shift         string      `json:"shift,omitempty"`   // the cashier's shift
	BusinessDay   string      `json:"business_day"`      // yyyy-MM-dd in Asia/Shanghai, of MovedAt
	MovedAt       time.Time   `json:"moved_at"`          // the institution's time
	Hash          string      `json:"hash"`              // over the line before it and this one, in hex
}

// chain is the line's hash after the one before it.
func (l Line) chain(prev string) string {
	l.Hash = prev
	raw, err := json.Marshal(l)
	if err != nil {
		panic("payment: a ledger line does not encode: " + err.Error())
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// block is the unit in which lines are added: whole or not at all.
type block struct {
	ID        string    `json:"id"` // company and number
	Version   int64     `json:"-"`
	Company   string    `json:"company"`
	No        int64     `json:"no"`   // 1, 2, … without a gap
	Prev      string    `json:"prev"` // hash of the line before the first; "" at the beginning
	Lines     []Line    `json:"lines"`
	WrittenAt time.Time `json:"written_at"`
}

// last is the hash that the next block goes on from.
func (b *block) last() string { return b.Lines[len(b.Lines)-1].Hash }

func blockID(company string, no int64) string { return fmt.Sprintf("%s/%012d", company, no) }

// blocks keeps the ledger, sharded by company so that its unique index stays within one shard.
var blocks = store.Kind[block]{
	Schema: store.Schema{
		Name: "ledger",
		Fields: []store.Field{
			{Name: "company", Type: store.String}, {Name: "no", Type: store.Int},
			{Name: "line", Type: store.String, Many: true}, {Name: "order", Type: store.String, Many: true},
		},
		Indexes: []store.Index{
			{Name: "by_no", Fields: []string{"company", "no"}, Unique: true},
			{Name: "by_line", Fields: []string{"company", "line"}, Unique: true},
			{Name: "by_order", Fields: []string{"company", "order"}},
		},
		Shard: "company",
	},
	ID:      func(b *block) string { return b.ID },
	Version: func(b *block) *int64 { return &b.Version },
	Keys: func(b *block) store.Keys {
		keys := store.Keys{"company": {b.Company}, "no": {b.No}}
		for _, l := range b.Lines {
			keys["line"] = append(keys["line"], l.ID)
			if !slices.Contains(keys["order"], any(l.Order)) {
				keys["order"] = append(keys["order"], l.Order)
			}
		}
		return keys
	},
}

// blockLines bounds the lines of one block.
const blockLines = 200

// Append adds lines of one company to its ledger, each once whatever is repeated. Any number of processes may call it: whoever finds the next
// number taken reads on and tries again, as long as the ledger grows meanwhile.
func (s *Service) Append(ctx context.Context, company string, lines []Line) error {
	var taken int64 // the highest number that another writer was found to have
	for tries := 0; tries < createTries; tries++ {
		if len(lines) == 0 {
			return nil
		}
		b, err := s.nextBlock(ctx, company, lines)
		if err != nil {
			return err
		}
		if b.No > taken {
			taken, tries = b.No, 0
		}
		if err := s.blocks.Insert(ctx, b); err == nil || !fault.Is(err, fault.AlreadyExists) {
			return err
		}
		if lines, err = s.unwritten(ctx, company, lines); err != nil { // the number is taken, or one of the lines stands already
			return err
		}
	}
	return fault.New(fault.Unavailable, "系统繁忙，请稍后重试。", "The ledger does not grow and takes no block; please try again.")
}

// unwritten leaves out the lines that the ledger has.
func (s *Service) unwritten(ctx context.Context, company string, lines []Line) ([]Line, error) {
	var some []Line
	for _, l := range lines {
		n, err := s.blocks.Count(ctx, store.Query{Index: "by_line", Equal: []any{company, l.ID}})
		if err != nil {
			return nil, err
		}
		if n == 0 {
			some = append(some, l)
		}
	}
	return some, nil
}

// nextBlock chains lines to the ledger's end.
func (s *Service) nextBlock(ctx context.Context, company string, lines []Line) (*block, error) {
	end, _, err := s.blocks.Find(ctx, store.Query{Index: "by_no", Equal: []any{company}, Desc: true, Limit: 1})
	if err != nil {
		return nil, err
	}
	b := &block{Company: company, No: 1, Lines: slices.Clone(lines), WrittenAt: s.now()}
	if len(end) == 1 {
		b.No, b.Prev = end[0].No+1, end[0].last()
	}
	b.ID = blockID(company, b.No)
	prev := b.Prev
	for i := range b.Lines {
		b.Lines[i].Hash = b.Lines[i].chain(prev)
		prev = b.Lines[i].Hash
	}
	return b, nil
}

// Lines calls each for every line of a company's ledger, in its order.
func (s *Service) Lines(ctx context.Context, company string, each func(Line) error) error {
	return s.blocks.All(ctx, store.Query{Index: "by_no", Equal: []any{company}}, func(b block) error {
		for _, l := range b.Lines {
			if err := each(l); err != nil {
				return err
			}
		}
		return nil
	})
}

// Record writes the lines that orders owe into the ledger, at most one block of each company, and returns of how many orders it did. A company whose lines
// fail is put aside for a growing time, and so is an order that alone is to blame; neither keeps another company waiting, nor is it an error here.
func (s *Service) Record(ctx context.Context) (int, error) {
	written := 0
	q := store.Query{Index: byUnrecorded, Limit: blockLines}
	for {
		docs, next, err := s.orders.Docs(ctx, q)
		if err != nil {
			return written, err
		}
		some := byCompany(docs)
		switch {
		case next == "":
		case len(some) > 1: // the last one is cut: it comes whole on the next page
			last := len(some) - 1
			q.From, some = some[last].company, some[:last]
		default: // it has its block; whatever else it owes must not keep the next company waiting
			q.From = some[0].company + "\x01"
		}
		written += s.recordAll(ctx, some)
		if next == "" {
			return written, nil
		}
	}
}

// recordTime is the most that writing one company's block may take.
const recordTime = 10 * time.Second

// owing is what one company owes the ledger: documents of its orders.
type owing struct {
	company string
	orders  []store.Doc
}

// byCompany parts documents that come in the order of their companies.
func byCompany(docs []store.Doc) []owing {
	var some []owing
	for _, d := range docs {
		company := d.Keys["company"][0].(string)
		if len(some) == 0 || some[len(some)-1].company != company {
			some = append(some, owing{company: company})
		}
		last := &some[len(some)-1]
		last.orders = append(last.orders, d)
	}
	return some
}

// recordAll writes what some companies owe, side by side, and returns of how many orders it did.
func (s *Service) recordAll(ctx context.Context, some []owing) int {
	written := make([]int, len(some))
	s.sideBySide(len(some), func(i int) {
		ctx, cancel := context.WithTimeout(ctx, recordTime)
		defer cancel()
		written[i] = s.recordCompany(ctx, some[i])
	})
	total := 0
	for _, n := range written {
		total += n
	}
	return total
}

// recordCompany writes what one company owes, unless it is put aside.
func (s *Service) recordCompany(ctx context.Context, of owing) int {
	if s.aside.holds(ledgerOf(of.company), s.now()) {
		return 0
	}
	orders := s.readable(of.orders)
	if len(orders) == 0 {
		return 0
	}
	err := s.sound(func() error { return s.recordOf(ctx, of.company, orders) })
	switch {
	case err == nil:
		s.aside.forget(ledgerOf(of.company))
		for _, o := range orders {
			s.aside.forget("lines of " + o.ID)
		}
		return len(orders)
	case passing(ctx, err):
		s.putLedgerAside(of.company, err)
		return 0
	}
	return s.recordSingly(ctx, of.company, orders)
}

// passing reports whether what went wrong is nobody's fault: the store could not answer, or time was up.
func passing(ctx context.Context, err error) bool {
	return fault.Is(err, fault.Unavailable) || ctx.Err() != nil
}

func (s *Service) putLedgerAside(company string, why error) {
	until := s.aside.put(ledgerOf(company), effectPause, s.now())
	s.cfg.Log.Error("the ledger lines of a company could not be written and are put aside",
		"company", company, "until", until, "err", why)
}

// ledgerOf names what a company owes the ledger, among what is put aside.
func ledgerOf(company string) string { return "ledger of " + company }

// readable are the orders that can be read and are not put aside.
func (s *Service) readable(docs []store.Doc) []*Order {
	var some []*Order
	for _, d := range docs {
		if s.aside.holds("lines of "+d.ID, s.now()) {
			continue
		}
		o, err := s.orders.Read(d)
		if err != nil {
			s.putLinesAside(d.ID, err)
			continue
		}
		some = append(some, o)
	}
	return some
}

// recordSingly finds out which of a company's orders is to blame for a block that was refused: it alone is put aside.
func (s *Service) recordSingly(ctx context.Context, company string, owing []*Order) (written int) {
	for _, o := range owing {
		err := s.sound(func() error { return s.recordOf(ctx, company, []*Order{o}) })
		switch {
		case err == nil:
			s.aside.forget("lines of " + o.ID)
			written++
		case passing(ctx, err):
			s.putLedgerAside(company, err)
			return written
		default:
			s.putLinesAside(o.ID, err)
		}
	}
	return written
}

func (s *Service) putLinesAside(order string, why error) {
	until := s.aside.put("lines of "+order, effectPause, s.now())
	s.cfg.Log.Error("the ledger lines of an order could not be written and are put aside", "order", order, "until", until, "err", why)
}

// recordOf writes what some orders of one company owe, then strikes it off.
func (s *Service) recordOf(ctx context.Context, company string, owing []*Order) error {
	var lines []Line
	for _, o := range owing {
		lines = append(lines, o.owedLines()...)
	}
	if err := s.Append(ctx, company, lines); err != nil {
		return err
	}
	var failed error
	for _, o := range owing {
		written := o.owedLines()
		_, err := s.change(ctx, o, func(o *Order) bool { return o.recorded(written, s.now()) })
		failed = errors.Join(failed, err)
	}
	return failed
}

// owedLines are the lines that the order still owes the ledger.
func (o *Order) owedLines() []Line {
	var lines []Line
	for _, e := range o.Effects {
		switch e.Kind {
		case RecordTaken:
			lines = append(lines, o.takenLine(e.No))
		case RecordGivenBack:
			lines = append(lines, o.givenBackLine(e.No))
		}
	}
	return lines
}

func (o *Order) takenLine(attempt int) Line {
	a := o.Attempt(attempt)
	l := o.line(a, a.PaidAt)
	l.ID, l.Kind, l.Amount, l.TransactionID = outTradeNo(o.ID, attempt), Taken, a.Received, cmp.Or(a.BookedAs, a.TransactionID) // lines never change
	if a.Institution == Cash {
		l.Cashier = a.By
	}
	return l
}

func (o *Order) givenBackLine(refund int) Line {
	r := o.Refund(refund)
	l := o.line(o.Attempt(r.Attempt), r.SucceededAt)
	l.ID, l.Kind, l.Amount, l.TransactionID, l.Cashier = r.OutRefundNo, GivenBack, r.Amount, r.RefundID, r.DoneBy
	if r.ByHand && o.Attempt(r.Attempt).DeniedBy == "" { // what never came went back to nobody
		l.Institution, l.Method, l.Account = Cash, Notes, ""
	}
	return l
}

func (o *Order) line(a *Attempt, moved time.Time) Line {
	return Line{
		Order: o.ID, OutTradeNo: a.OutTradeNo, Institution: a.Institution, Method: a.Method, Account: a.Account, Company: o.Company, Community: o.Community,
		BusinessDay: moved.In(Shanghai()).Format(time.DateOnly), MovedAt: moved,
	}
}

// recorded strikes off the lines that the ledger has.
func (o *Order) recorded(lines []Line, now time.Time) bool {
	before := len(o.Effects)
	o.Effects = slices.DeleteFunc(o.Effects, func(e Effect) bool {
		var id string
		switch e.Kind {
		case RecordTaken:
			id = outTradeNo(o.ID, e.No)
		case RecordGivenBack:
			id = o.Refund(e.No).OutRefundNo
		}
		return id != "" && slices.ContainsFunc(lines, func(l Line) bool { return l.ID == id })
	})
	o.schedule(now)
	return len(o.Effects) != before
}
