package billing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/store"
)

// A community's open balance (期初余额) comes from the system before this one as bills of earlier periods, taken in from
// workbooks. Its cut-over (上线) holds them against what that system says: a control total for each fee. Once all agree,
// one person asks to lock the balance and another approves; from then on no bill of those periods comes in any more:
// they are paid, here or in the system before, and corrected. Two people can open it again.

// CutOver is how a community's open balance was taken over. There is none before somebody enters a control total.
type CutOver struct {
	ID          string         `json:"id"` // the community's
	Version     int64          `json:"-"`
	Company     string         `json:"company"`
	FirstPeriod string         `json:"first_period"` // yyyy-MM: bills of earlier periods are the open balance
	Totals      []ControlTotal `json:"totals"`
	Revision    int64          `json:"revision"` // counts what was entered, locked and opened again
	// the last wish to lock, or to open again what is locked; nil where nobody asked
	Request *approval.Request `json:"request,omitempty"`
	Asked   []FeeSum          `json:"asked,omitempty"`  // the balance that was asked to be locked
	Locked  *Lock             `json:"locked,omitempty"` // nil while the balance is open

	OwesAudit audit.Owed `json:"owes_audit,omitempty"`
}

// ControlTotal (控制总数) is what the system before says is owed of a fee.
type ControlTotal struct {
	Fee    string    `json:"fee"`
	Amount money.Fen `json:"amount"`          // in fen, 0 or more
	Bills  int       `json:"bills,omitempty"` // how many bills that is; 0 where the system before does not say
}

// Lock is a balance as it was when it was locked.
type Lock struct {
	At   time.Time `json:"at"`
	Fees []FeeSum  `json:"fees"`
}

// FeeSum is the open balance of one fee, as the bills have it.
type FeeSum struct {
	Fee   string `json:"fee"`
	Held  bool   `json:"held,omitempty"` // held for households, as a prepayment or a deposit, and not owed by them
	Bills int    `json:"bills"`          // of which something was owed
	// in fen: what they are of by the system before: what was paid, reduced and written off here does not change it
	Owed money.Fen `json:"owed"`
	// in fen: what all bills that came in were of, also those that are paid elsewhere or cancelled by now
	Published money.Fen `json:"published"`
	Left      money.Fen `json:"left"` // in fen: what is owed still
}

// Reconciled is the open balance of a fee beside its control total.
type Reconciled struct {
	FeeSum
	Control *ControlTotal // nil where none was entered
}

// Agrees reports whether the bills have what the system before says. What has no control total may owe nothing.
func (r Reconciled) Agrees() bool {
	if r.Control == nil {
		return r.Owed == 0
	}
	return r.Owed == r.Control.Amount && (r.Control.Bills == 0 || r.Control.Bills == r.Bills)
}

// Difference is by how much more the bills have than the system before says, in fen.
func (r Reconciled) Difference() money.Fen {
	if r.Control == nil {
		return r.Owed
	}
	return r.Owed - r.Control.Amount // both are bounded: see checkTotals
}

// CutOverMatter is who asks to lock an open balance, or to open it again, and who decides.
func CutOverMatter() approval.Matter {
	return approval.Matter{ZH: "期初余额锁定", EN: "lock of an open balance",
		Asks: []string{"finance", "operations"}, Decides: []string{"finance"}}
}

// CutOverState is where a community's cut-over stands.
type CutOverState string

// The states.
const (
	CutOverNone      CutOverState = "none"      // 未开始: nothing was entered
	CutOverOpen      CutOverState = "open"      // 核对中: bills come in, and control totals are entered
	CutOverRequested CutOverState = "requested" // 待审批: a person waits for another to lock it; no bills come in
	CutOverLocked    CutOverState = "locked"    // 已锁定
)

// CutOverStates lists all of them.
func CutOverStates() []CutOverState {
	return []CutOverState{CutOverNone, CutOverOpen, CutOverRequested, CutOverLocked}
}

var cutOvers = store.Kind[CutOver]{
	Schema: audit.Declare(store.Schema{
		Name: "cutovers",
		Fields: []store.Field{
			{Name: "company", Type: store.String}, {Name: "waiting", Type: store.String},
		},
		Indexes: []store.Index{
			{Name: "by_company", Fields: []string{"company"}}, {Name: byWaiting, Fields: []string{"waiting"}},
		},
		Personal: []string{"request.reason", "request.note"},
		Shard:    "company",
	}),
	ID:      func(c *CutOver) string { return c.ID },
	Version: func(c *CutOver) *int64 { return &c.Version },
	Keys: func(c *CutOver) store.Keys {
		keys := store.Keys{"company": {c.Company}}
		if c.Waits() {
			keys["waiting"] = []any{c.Company}
		}
		return c.OwesAudit.Key(keys)
	},
}

// Waits reports whether somebody is asked for a decision.
func (c *CutOver) Waits() bool { return c.Request != nil && c.Request.State == approval.Requested }

// State is where the cut-over stands; nil is one that has not begun.
func (c *CutOver) State() CutOverState {
	switch {
	case c == nil:
		return CutOverNone
	case c.Locked != nil:
		return CutOverLocked
	case c.Waits():
		return CutOverRequested
	}
	return CutOverOpen
}

// admits is the WrongState fault of a bill that would change a balance that is locked, or that another person looks at.
// One that takes the place of a cancelled bill is no other: whoever cancelled that did not say for how much it comes
// again, which a correction does.
func (c *CutOver) admits(b *Bill) *fault.Error {
	s := c.State()
	if s != CutOverRequested && s != CutOverLocked || b.Period >= c.FirstPeriod {
		return nil
	}
	first := calendar.InWords(c.FirstPeriod, false)
	if s == CutOverRequested {
		return fault.New(fault.WrongState, "该小区的期初余额正待审批，"+first+"之前的账单暂不能导入；请先撤回锁定申请",
			"The community's open balance waits to be locked: bills of before "+c.FirstPeriod+" cannot come in")
	}
	return fault.New(fault.WrongState, "该小区的期初余额已锁定，"+first+"之前的账单不能再导入；确有遗漏请先申请解锁",
		"The community's open balance is locked: bills of before "+c.FirstPeriod+" cannot come in")
}

// mostTotals is how many control totals a community may have: fees are some dozen. Ours.
const mostTotals = 200

// mostControlled is the most that a control total may be of, in fen: a hundred billion yuan. Ours; sums stay far from
// the end of the numbers.
const mostControlled = money.Fen(10_000_000_000_000)

// checkFirst is the Invalid fault of what is no month, or one after the next: the bills of the time between could not
// come in.
func checkFirst(first string, now time.Time) error {
	if _, err := calendar.LastDay(first); err != nil {
		return wrong("first_period", "首个账期应为 yyyy-MM。", "The first period is yyyy-MM.")
	}
	year, month, _ := now.In(calendar.Zone()).Date()
	if next := calendar.Month(calendar.Date(year, month+1, 1)); first > next {
		return wrong("first_period", "首个账期最晚为 "+next+"。", "The first period is "+next+" at the latest.")
	}
	return nil
}

// checkTotals is the Invalid fault of control totals that cannot be.
func checkTotals(totals []ControlTotal) error {
	if len(totals) > mostTotals {
		return wrong("totals", fmt.Sprintf("最多 %d 个费用项目。", mostTotals),
			fmt.Sprintf("At most %d fees have a control total.", mostTotals))
	}
	seen := map[string]bool{}
	for i := range totals {
		t := &totals[i]
		t.Fee = strings.TrimSpace(t.Fee)
		switch {
		case t.Fee == "":
			return wrong("totals", "请填写费用项目。", "Name the fee.")
		case seen[spelledFee(t.Fee)]:
			return wrong("totals", "费用项目重复："+t.Fee, "A fee has two control totals: "+t.Fee)
		case t.Amount < 0 || t.Amount > mostControlled || t.Bills < 0:
			return wrong("totals", "控制总数不正确："+t.Fee, "A control total cannot be so: "+t.Fee)
		}
		seen[spelledFee(t.Fee)] = true
	}
	return nil
}

// reconcile puts the control totals beside what the bills have, by fee: those that were entered in their order, then
// the others by name.
func (c *CutOver) reconcile(sums []FeeSum) []Reconciled {
	var all []Reconciled
	left := slices.Clone(sums)
	if c != nil {
		for i := range c.Totals {
			t := &c.Totals[i]
			r := Reconciled{FeeSum{Fee: t.Fee}, t}
			for j := range left {
				if spelledFee(left[j].Fee) == spelledFee(t.Fee) {
					r.FeeSum = left[j]
					left = slices.Delete(left, j, j+1)
					break
				}
			}
			all = append(all, r)
		}
	}
	for _, s := range left {
		all = append(all, Reconciled{s, nil})
	}
	return all
}

// agree is the WrongState fault of balances that differ from their control totals; the first is named.
func agree(all []Reconciled) error {
	if !slices.ContainsFunc(all, func(r Reconciled) bool { return r.Control != nil }) {
		return fault.New(fault.WrongState, "请先填写原系统各费用项目的欠费合计。",
			"Enter first what the system before says is owed of each fee.")
	}
	for _, r := range all {
		if !r.Agrees() {
			return fault.New(fault.WrongState,
				fmt.Sprintf("「%s」与原系统不一致：本系统 %d 笔 %s 元%s，请核对后再提交。", r.Fee, r.Bills, r.Owed.Yuan(),
					r.said("，原系统 ", " 笔 ", " 元")),
				fmt.Sprintf("%s does not agree: %d bills of %s here%s.", r.Fee, r.Bills, r.Owed.Yuan(),
					r.said(", ", " bills of ", " in the system before")))
		}
	}
	return nil
}

// said is the control total as a sentence has it.
func (r Reconciled) said(before, between, after string) string {
	switch {
	case r.Control == nil:
		return ""
	case r.Control.Bills == 0:
		return before + r.Control.Amount.Yuan() + after
	}
	return fmt.Sprintf("%s%d%s%s%s", before, r.Control.Bills, between, r.Control.Amount.Yuan(), after)
}

// count adds a bill of the open balance to the sum of its fee.
func (s *FeeSum) count(b *Bill) error {
	var err error
	if s.Published, err = s.Published.Add(b.Amount); err != nil {
		return err
	}
	if b.Status == Cancelled || b.PaidBy == Imported {
		return nil
	}
	s.Bills++
	if s.Owed, err = s.Owed.Add(b.rightly()); err != nil {
		return err
	}
	s.Left, err = s.Left.Add(b.Owed())
	return err
}

// rightly is what the bill should have been made for, in fen: a reduction or a write-off asks for less of a bill that
// was right.
func (b *Bill) rightly() money.Fen {
	of := b.Amount
	for i := range b.Corrections {
		if c := &b.Corrections[i]; c.Kind == Increase || c.Kind == Decrease {
			of += c.effect() // bounded: see fits
		}
	}
	return of
}

// add adds the sums of a bill.
func (s *FeeSum) add(b FeeSum) (err error) {
	s.Bills += b.Bills
	s.Held = s.Held || b.Held
	s.Fee = min(s.Fee, b.Fee) // of several spellings always the same one
	if s.Owed, err = s.Owed.Add(b.Owed); err != nil {
		return err
	}
	if s.Published, err = s.Published.Add(b.Published); err != nil {
		return err
	}
	s.Left, err = s.Left.Add(b.Left)
	return err
}

// Stored is the balance as it was locked, or as it was asked to be, beside its control totals.
func (c *CutOver) Stored() []Reconciled {
	if c.Locked != nil {
		return c.reconcile(c.Locked.Fees)
	}
	return c.reconcile(c.Asked)
}

// disagrees says what of bills that came in is not as it was locked in a community, "" for nothing.
func (l *Lock) disagrees(community string, sums []FeeSum) string {
	published := map[string]money.Fen{}
	for _, sum := range sums {
		published[spelledFee(sum.Fee)] = sum.Published
	}
	for _, sum := range slices.Concat(l.Fees, sums) {
		locked := l.of(sum.Fee)
		if now := published[spelledFee(sum.Fee)]; now != locked {
			return fmt.Sprintf("the open balance of %s in community %s was locked with %s, and is of %s", sum.Fee,
				community, locked.Yuan(), now.Yuan())
		}
	}
	return ""
}

// of is what came in of a fee before it was locked, in fen.
func (l *Lock) of(fee string) money.Fen {
	for _, sum := range l.Fees {
		if spelledFee(sum.Fee) == spelledFee(fee) {
			return sum.Published
		}
	}
	return 0
}
