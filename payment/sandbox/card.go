package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"linlipay/money"
)

// card is a test card. It has no full number: no institution here ever needs one, and what does not exist cannot leak.
type card struct {
	Handle  string
	Masked  string // first six and last four digits
	Type    string // 00 debit, 01 credit, 02 semi-credit, 03 prepaid
	Issuer  string
	Balance *money.Fen // what it can pay; nil is enough for anything
}

// Slip is what identifies a card payment between merchant, acquirer and bank. It is what the terminal prints.
type Slip struct {
	ReferenceNo string `json:"reference_no"` // 参考号: 12 digits
	BatchNo     string `json:"batch_no"`     // 批次号: 6 digits
	TraceNo     string `json:"trace_no"`     // 流水号, 凭证号: 6 digits
	AuthCode    string `json:"auth_code"`    // 授权码: 6 digits
	Masked      string `json:"masked"`
	Type        string `json:"type"` // 00 debit, 01 credit, 02 semi-credit, 03 prepaid
	Issuer      string `json:"issuer"`
	Terminal    string `json:"terminal"`
}

// What can be wrong with a card payment. Each institution has its own words for these.
var (
	errCardUnknown  = errors.New("there is no such card")
	errCardDeclined = errors.New("the issuer declined the card")
	errNotPayable   = errors.New("the trade cannot be paid by card now")
	errBatchSettled = errors.New("the payment's batch is settled")
)

// batch is what a terminal counts by: the batch that is open, and the last trace number in it.
type batch struct {
	No    int
	Trace int
	Day   string // of Shanghai: a batch is settled at the day's end
}

// addCard issues a card.
func (b *bank) addCard(c card) card {
	b.mu.Lock()
	defer b.mu.Unlock()
	c.Handle = "card-" + randomHex(8)
	b.cards[c.Handle] = &c
	return c
}

// batchOf is the open batch of a merchant's terminal. The bank must be locked.
func (b *bank) batchOf(t *trade, terminal string) *batch {
	key, today := outKey(t.Institution, t.Merchant.ID, terminal), b.now().In(shanghai).Format(time.DateOnly)
	open := b.batches[key]
	switch {
	case open == nil:
		open = &batch{No: 1, Day: today}
		b.batches[key] = open
	case open.Day != today:
		open.settle(today)
	}
	return open
}

// settle closes the batch, if there is anything in it, and opens the next.
func (o *batch) settle(today string) {
	if o.Trace > 0 {
		o.No, o.Trace = o.No%999_999+1, 0
	}
	o.Day = today
}

// settleBatches settles the open batches of all terminals of an institution; "" is every institution's.
func (b *bank) settleBatches(institution string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	today := b.now().In(shanghai).Format(time.DateOnly)
	for key, open := range b.batches {
		if strings.HasPrefix(key, institution+"/") || institution == "" {
			open.settle(today)
		}
	}
}

// slip numbers a card payment on a terminal. The bank must be locked.
func (b *bank) slip(t *trade, c card, terminal string) *Slip {
	open := b.batchOf(t, terminal)
	open.Trace++
	b.serial++
	return &Slip{
		ReferenceNo: fmt.Sprintf("%s%08d", b.now().In(shanghai).Format("0102"), b.serial),
		BatchNo:     fmt.Sprintf("%06d", open.No),
		TraceNo:     fmt.Sprintf("%06d", open.Trace), AuthCode: fmt.Sprintf("%06d", randomBelow(1_000_000)),
		Masked: c.Masked, Type: c.Type, Issuer: c.Issuer,
		Terminal: terminal,
	}
}

// charge takes the money of a card for a trade, on a terminal.
func (b *bank) charge(id, handle, terminal string, declined bool) (trade, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, c := b.byText[id], b.cards[handle]
	b.expire(t)
	switch {
	case c == nil:
		return *t, errCardUnknown
	case t.State != unpaid || t.Asking || !t.accepts(BankCard):
		return *t, errNotPayable
	case declined:
		return *t, errCardDeclined
	case c.Balance != nil && *c.Balance < t.Amount:
		return *t, errBalanceLow
	}
	was := t.Wallet
	t.Wallet, t.Card, t.card = BankCard, b.slip(t, *c, terminal), c
	if err := b.take(t); err != nil {
		t.Wallet, t.Card, t.card = was, nil, nil
		return *t, err
	}
	c.move(-t.Amount)
	b.rememberSlip(t)
	return *t, nil
}

// move changes what a card can pay.
func (c *card) move(amount money.Fen) {
	if c != nil && c.Balance != nil {
		*c.Balance += amount // far from the type's bounds: what goes back came from there
	}
}

// void undoes a card payment of the batch that is open (撤销), on the same terminal, and returns the slip of the undoing.
// A repeat returns it again.
func (b *bank) void(id, terminal string) (Slip, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.byText[id]
	switch {
	case t.Void != nil:
		return *t.Void, nil
	case t.Card == nil || t.State != paid || len(t.refunds) > 0:
		return Slip{}, errNotPaid
	}
	if open := b.batchOf(t, terminal); t.Card.Terminal != terminal || t.Card.BatchNo != fmt.Sprintf("%06d", open.No) {
		return Slip{}, errBatchSettled
	}
	made := b.slip(t, card{Masked: t.Card.Masked, Type: t.Card.Type, Issuer: t.Card.Issuer}, terminal)
	line := t.line(b.now())
	line.Card, line.GivenBackFen = made, t.Amount
	if err := b.ledger.write(line); err != nil {
		return Slip{}, err
	}
	t.card.move(t.Amount)
	t.State, t.Void, t.GivenBack, t.BackAt = revoked, made, t.Amount, b.now()
	return *made, nil
}

// slipKeys are the texts by which a card payment is found: terminal, batch and trace, or the reference number.
func slipKeys(institution, merchant string, s Slip) [2]string {
	of := outKey(institution, merchant, "")
	return [2]string{"slip:" + of + s.Terminal + "/" + s.BatchNo + "/" + s.TraceNo, "reference:" + of + s.ReferenceNo}
}

// rememberSlip makes a card payment known by its slip. The bank must be locked.
func (b *bank) rememberSlip(t *trade) {
	for _, key := range slipKeys(t.Institution, t.Merchant.ID, *t.Card) {
		b.byText[key] = t
	}
}

// bySlip returns a copy of the card payment that a slip names: by its reference number, or else by terminal, batch and
// trace.
func (b *bank) bySlip(institution string, m *merchant, s Slip) (trade, bool) {
	keys := slipKeys(institution, m.ID, s)
	if s.ReferenceNo != "" {
		return b.find(keys[1])
	}
	return b.find(keys[0])
}

// restoreBatch goes on numbering after a slip of an earlier run.
func (b *bank) restoreBatch(line Line) {
	var no, trace int
	s := line.Card
	fmt.Sscanf(s.BatchNo, "%d", &no)
	fmt.Sscanf(s.TraceNo, "%d", &trace)
	b.batches[outKey(line.Institution, line.Merchant, s.Terminal)] = &batch{No: no, Trace: trace,
		Day: line.At.In(shanghai).Format(time.DateOnly)}
}
