package billing

import (
	"cmp"
	"slices"
	"time"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/money"
)

// A published bill never changes: what is owed of it changes by documents that stand in it, each asked for by one
// person and approved by another. The journal is told of each that was approved.

// CorrectionKind says what a correction is.
type CorrectionKind string

// The kinds of corrections.
const (
	Increase     CorrectionKind = "increase"     // 调增: the bill was made for too little
	Decrease     CorrectionKind = "decrease"     // 调减: the bill was made for too much
	Reduction    CorrectionKind = "reduction"    // 减免: the bill was right, and less of it is asked for
	WriteOff     CorrectionKind = "write_off"    // 核销: the bill is right, and nobody will pay it any more
	Cancellation CorrectionKind = "cancellation" // 作废（冲红）: there should have been no such bill
)

// CorrectionKinds lists all of them.
func CorrectionKinds() []CorrectionKind {
	return []CorrectionKind{Reduction, Decrease, Increase, WriteOff, Cancellation}
}

// Correction is a document that changes what is owed of a bill once it is approved.
type Correction struct {
	approval.Request
	Kind CorrectionKind `json:"kind"`
	// in fen, more than 0; of a cancellation what the bill was of then
	Amount money.Fen `json:"amount"`
	// of a cancellation: the unit, fee and period may be billed again; else they never are
	Rebill  bool   `json:"rebill,omitempty"`
	Key     string `json:"key"` // scope and Idempotency-Key of who asked
	KeyHash string `json:"key_hash"`
}

// CorrectionMatter is who asks for a correction, and who decides it.
func CorrectionMatter() approval.Matter {
	return approval.Matter{
		ZH: "账单更正", EN: "correction of a bill",
		Asks: []string{"cashier", "finance"}, Decides: []string{"finance"}, Lasts: 30 * 24 * time.Hour,
	}
}

// Case is what a correction of the bill decides over, for whoever says who may: of a cancellation all that the bill is
// of now, of the others what was approved of the same kind before, too.
func (b *Bill) Case(c *Correction) approval.Case {
	amount := c.Amount
	if c.Kind == Cancellation && c.State == approval.Requested {
		amount = b.Billed()
	}
	for i := range b.Corrections {
		before := &b.Corrections[i]
		if before.ID != c.ID && before.Kind == c.Kind && before.State == approval.Approved {
			amount += before.Amount // bounded: see fits
		}
	}
	return approval.Case{Matter: CorrectionMatter(), Kind: string(c.Kind), Company: b.Company, Community: b.Community,
		Amount: amount, Signatures: c.Signatures}
}

// corrections is the most that were asked for one bill. Ours: a bill stays one small document.
const corrections = 100

// effect is by how much a correction changes what the bill is of, in fen; 0 before it is approved.
func (c *Correction) effect() money.Fen {
	switch {
	case c.State != approval.Approved:
		return 0
	case c.Kind == Increase:
		return c.Amount
	}
	return -c.Amount
}

// After is what a sum of the bill, in fen, is to be once the correction is approved.
func (c *Correction) After(sum money.Fen) money.Fen {
	switch c.Kind {
	case Increase:
		return sum + c.Amount // bounded: see fits
	case Cancellation:
		return 0
	}
	return sum - c.Amount
}

// Billed is what the bill is of, in fen: what it was published with, and what corrections made of that.
func (b *Bill) Billed() money.Fen {
	billed := b.Amount
	for i := range b.Corrections {
		billed += b.Corrections[i].effect() // bounded: see fits
	}
	return billed
}

// Revision is how many corrections changed the bill: a request for another is made on it.
func (b *Bill) Revision() (n int64) {
	for i := range b.Corrections {
		if b.Corrections[i].State == approval.Approved {
			n++
		}
	}
	return n
}

// Correction is the last one that was asked for, nil where nobody did.
func (b *Bill) Correction() *Correction {
	if len(b.Corrections) == 0 {
		return nil
	}
	return &b.Corrections[len(b.Corrections)-1]
}

// standing is the request for the last correction, nil where there is none.
func (b *Bill) standing() *approval.Request {
	if c := b.Correction(); c != nil {
		return &c.Request
	}
	return nil
}

// Waits reports whether a correction waits for a decision at a time.
func (b *Bill) Waits(now time.Time) bool { return b.standing().At(now) == approval.Requested }

// waits reports whether somebody is asked for a decision, or was and did not decide in time.
func (b *Bill) waits() bool {
	c := b.Correction()
	return c != nil && c.State == approval.Requested
}

// cancellation is the correction that cancelled the bill, or nil.
func (b *Bill) cancellation() *Correction {
	if c := b.Correction(); c != nil && c.Kind == Cancellation && c.State == approval.Approved {
		return c
	}
	return nil
}

// CancelledForGood reports whether the bill was cancelled, and its unit, fee and period are never billed again.
func (b *Bill) CancelledForGood() bool {
	c := b.cancellation()
	return c != nil && !c.Rebill
}

// paid is what orders pay of the bill still, in fen.
func (b *Bill) paid() (paid money.Fen) {
	for i := range b.Settlements {
		paid += b.Settlements[i].Net()
	}
	return paid
}

// stands is the status that follows from what is owed.
func (b *Bill) stands() BillStatus {
	switch {
	case b.cancellation() != nil:
		return Cancelled
	case b.due() == 0:
		return PaidBill
	}
	return Unpaid
}

// mostBilled is the most that a bill can be of, in fen: a hundred million yuan. Ours; sums of bills stay far from the
// end of the numbers.
const mostBilled = money.Fen(10_000_000_000)

// fits says why a correction cannot be of the bill as it is, nil that it can. A decrease of what is paid already needs
// a refund before it, a cancellation of all that is.
func (b *Bill) fits(c *Correction) error {
	switch {
	case b.Status == Cancelled:
		return fault.New(fault.WrongState, "账单已作废，不能再更正。", "The bill is cancelled and cannot be corrected.")
	case b.PaidBy == Imported:
		return fault.New(fault.WrongState, "账单已在他处缴清，不能更正。", "The bill was paid elsewhere and cannot be corrected.")
	case c.Kind == Increase && c.Amount > mostBilled-b.Billed():
		return wrong("amount", "更正后金额超出上限。", "A bill cannot be of so much.")
	case c.Kind == Increase:
		return nil
	case c.Kind == Cancellation && b.paid() > 0:
		return fault.New(fault.WrongState, "账单已收 "+b.paid().Yuan()+" 元，请先退款再作废。",
			b.paid().Yuan()+" of the bill is paid; refund that before you cancel it.")
	case b.Owed() == 0:
		return fault.New(fault.WrongState, "账单没有欠费，不能再减少；已收部分请先退款。",
			"Nothing is owed of the bill; refund what is paid before you lower it.")
	case c.Kind != Cancellation && c.Amount > b.Owed():
		return wrong("amount", "金额超过账单的欠费 "+b.Owed().Yuan()+" 元；已收部分请先退款。",
			"The amount is more than the "+b.Owed().Yuan()+" owed of the bill; refund what is paid before.")
	}
	return nil
}

// wrong is the Invalid fault of what is asked for, by its field.
func wrong(field, zh, en string) error {
	return fault.New(fault.Invalid, zh, en).With("field", field)
}

// checked is the correction that is asked for, with what follows from the bill filled in.
func (b *Bill) checked(n NewCorrection) (*Correction, error) {
	c := &Correction{Kind: n.Kind, Amount: n.Amount, Rebill: n.Rebill, Key: n.Key, KeyHash: n.KeyHash}
	switch whole := n.Kind == Cancellation; {
	case !slices.Contains(CorrectionKinds(), n.Kind):
		return nil, wrong("kind", "没有这种更正。", "There is no such correction.")
	case n.Reason == "":
		return nil, wrong("reason", "请填写更正原因。", "Say why the bill is corrected.")
	case whole && n.Amount != 0:
		return nil, wrong("amount", "作废是整笔作废，不填金额。", "A cancellation is of the whole bill, without an amount.")
	case whole:
		c.Amount = b.Billed()
	case n.Rebill:
		return nil, wrong("rebill", "只有作废的账单可以重新出账。", "Only a cancelled bill can be billed again.")
	case n.Amount <= 0:
		return nil, wrong("amount", "金额须大于 0。", "The amount is more than 0.")
	}
	return c, b.fits(c)
}

// correct makes the bill what its last correction says, which was approved at a time.
func (b *Bill) correct(at time.Time) {
	b.Parts = max(b.Parts, 1) // what was paid keeps its part, and what is owed is another
	if b.Status = b.stands(); b.Status != PaidBill {
		b.PaidBy, b.PaidAt = "", time.Time{}
		return
	}
	b.PaidAt = at.UTC()
	for i := range b.Settlements {
		if b.Settlements[i].Net() > 0 {
			b.PaidBy = cmp.Or(b.Settlements[i].Order, ByPrepayment)
		}
	}
}

// entry is the kind under which the journal is told of a correction.
func (k CorrectionKind) entry() EntryKind {
	switch k {
	case Increase:
		return Increased
	case Decrease:
		return Decreased
	case Reduction:
		return Reduced
	case WriteOff:
		return WrittenOff
	}
	return Reversed
}
