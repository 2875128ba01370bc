package billing

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/property"
	"linlipay/store"
)

// CutOver is a community's cut-over, nil where nothing was entered.
func (s *Service) CutOver(ctx context.Context, community string) (*CutOver, error) {
	c, err := s.cutOvers.Get(ctx, community)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return c, err
}

// CutOvers are a company's cut-overs, by their communities.
func (s *Service) CutOvers(ctx context.Context, company string) (map[string]*CutOver, error) {
	all := map[string]*CutOver{}
	err := s.cutOvers.All(ctx, store.Query{Index: "by_company", Equal: []any{company}}, func(c CutOver) error {
		all[c.ID] = &c
		return nil
	})
	return all, err
}

// Reconciled holds a community's open balance, of bills before a period, against its control totals, by fee. A balance
// that is locked is as it was then, beside what is owed of it still. first is the first period (yyyy-MM) that is not
// of it, "" the one that was entered; one that cannot be is Invalid. c may be nil: then nothing is of it but what first
// says.
func (s *Service) Reconciled(ctx context.Context, community string, c *CutOver, first string) ([]Reconciled, error) {
	switch {
	case first == "" && c == nil:
		return nil, nil
	case first == "", c != nil && c.Locked != nil:
		first = c.FirstPeriod
	default:
		if err := checkFirst(first, s.now()); err != nil {
			return nil, err
		}
	}
	sums, err := s.openBalance(ctx, community, first)
	if err != nil || c == nil || c.Locked == nil {
		return c.reconcile(sums), err
	}
	locked := slices.Clone(c.Locked.Fees)
	for i := range locked {
		locked[i].Left = 0
		for _, now := range sums {
			if spelledFee(now.Fee) == spelledFee(locked[i].Fee) {
				locked[i].Left = now.Left
			}
		}
	}
	return c.reconcile(locked), nil
}

// openBalance adds up a community's bills of periods before one, by fee, and what the system before held, by its name.
// Each bill is counted once, as it was last seen: it may be paid, or owed again, while they are read.
func (s *Service) openBalance(ctx context.Context, community, before string) ([]FeeSum, error) {
	type seen struct {
		version int64
		sum     FeeSum
	}
	bills := map[string]seen{}
	for _, status := range append(BillStatuses(), Unpaid) { // what is owed again by then is seen at the end
		q := store.Query{Index: "by_community", Equal: []any{community, string(status)}, To: before,
			Limit: store.MaxLimit}
		err := s.bills.All(ctx, q, func(b Bill) error {
			if have, known := bills[b.ID]; known && have.version >= b.Version {
				return nil
			}
			one := seen{b.Version, FeeSum{Fee: b.Fee}}
			err := one.sum.count(&b)
			bills[b.ID] = one
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	sums := map[string]FeeSum{}
	add := func(sum FeeSum) error {
		key := spelledFee(sum.Fee)
		of, known := sums[key]
		if !known {
			of.Fee = sum.Fee
		}
		err := of.add(sum)
		sums[key] = of
		return err
	}
	for _, one := range bills {
		if err := add(one.sum); err != nil {
			return nil, err
		}
	}
	if err := s.heldBefore(ctx, community, add); err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(sums), func(a, b FeeSum) int { return strings.Compare(a.Fee, b.Fee) }), nil
}

// EnterTotals enters what the system before says is owed of each fee, in place of what was entered before. A revision
// that is not the present one is Stale, what cannot be Invalid, and a balance that is locked, or waits to be,
// WrongState.
func (s *Service) EnterTotals(ctx context.Context, in property.Community, first string, totals []ControlTotal,
	revision int64) (*CutOver, error) {
	if err := checkFirst(first, s.now()); err != nil {
		return nil, err
	}
	if err := checkTotals(totals); err != nil {
		return nil, err
	}
	return s.changeCutOver(ctx, in, audit.CutOverEntered, func(c *CutOver) error {
		switch state := c.State(); {
		case c.Revision != revision:
			return changedMeanwhile()
		case state == CutOverLocked:
			return fault.New(fault.WrongState, "期初余额已锁定，请先申请解锁。", "The open balance is locked; ask to open it.")
		case state == CutOverRequested:
			return fault.New(fault.WrongState, "期初余额正待审批，请先撤回申请。",
				"The open balance waits to be locked; withdraw that first.")
		}
		c.FirstPeriod, c.Totals = first, totals
		c.Revision++
		return nil
	})
}

// AskLock asks to lock a balance, or to open again one that is locked, which is Invalid without a reason; another
// person decides. A balance that does not agree with its control totals is WrongState, a revision that is not the
// present one Stale. From then on no bill of the balance comes in.
func (s *Service) AskLock(ctx context.Context, in property.Community, reason string, revision int64,
	by approval.Person) (*CutOver, error) {
	c, err := s.CutOver(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	var sums []FeeSum
	if c.State() != CutOverLocked {
		if sums, err = s.agreed(ctx, c); err != nil {
			return nil, err
		}
	} else if strings.TrimSpace(reason) == "" {
		return nil, wrong("reason", "请说明为什么要解锁。", "Say why it is to be opened again.")
	}
	return s.changeCutOver(ctx, in, audit.CutOverAsked, func(c *CutOver) error {
		if c.Revision != revision {
			return changedMeanwhile()
		}
		r, err := CutOverMatter().Ask(approval.Asking{Standing: c.Request, Base: c.Revision,
			Reason: strings.TrimSpace(reason)}, by, s.now())
		if err == nil {
			c.Request, c.Asked = r, sums
		}
		return err
	})
}

// DecideLock approves or rejects what was asked for. A balance is locked only as its control totals have it, and once
// nobody is writing bills of it: who begins to write after it was asked for sees that, and gives way. What became
// another wish meanwhile is Stale. See approval.Request.Decide for the other faults.
func (s *Service) DecideLock(ctx context.Context, in property.Community, d approval.Decision,
	by approval.Person) (*CutOver, error) {
	c, err := s.CutOver(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	verb := audit.CutOverRejected
	var lock *Lock
	if d.Approve {
		verb = audit.CutOverApproved
		if lock, err = s.lockOf(ctx, c, by); err != nil {
			return nil, err
		}
	}
	return s.changeCutOver(ctx, in, verb, func(c *CutOver) error {
		if err := c.Request.Decide(CutOverMatter(), d, c.Revision, by, s.now()); err != nil || !d.Approve {
			return err
		}
		if c.Locked == nil && lock == nil { // what was asked for is another thing by now
			return changedMeanwhile()
		}
		if c.Locked != nil {
			lock = nil
		}
		c.Locked = lock
		c.Revision++
		return nil
	})
}

func changedMeanwhile() error {
	return fault.New(fault.Stale, "内容已被他人修改，请刷新后重试。", "Somebody changed it meanwhile; look again.")
}

// WithdrawLock takes back what the caller asked for. Its faults are approval.Request.Withdraw's.
func (s *Service) WithdrawLock(ctx context.Context, in property.Community, request string,
	by approval.Person) (*CutOver, error) {
	return s.changeCutOver(ctx, in, audit.CutOverWithdrawn, func(c *CutOver) error {
		return c.Request.Withdraw(request, by, s.now())
	})
}

// agreed is the open balance, or the WrongState fault of one that is not what the control totals say.
func (s *Service) agreed(ctx context.Context, c *CutOver) ([]FeeSum, error) {
	if c == nil {
		return nil, agree(nil)
	}
	sums, err := s.openBalance(ctx, c.ID, c.FirstPeriod)
	if err != nil {
		return nil, err
	}
	return sums, agree(c.reconcile(sums))
}

// lockOf is the balance as it is to be locked: nobody is writing bills of it, and it agrees with its control totals.
// nil is that nothing is to be locked, or not by this person.
func (s *Service) lockOf(ctx context.Context, c *CutOver, by approval.Person) (*Lock, error) {
	if c.State() != CutOverRequested || CutOverMatter().MayDecide(c.Request.Signatures, by) != nil {
		return nil, nil
	}
	at := s.now()
	if err := s.nobodyPublishes(ctx, c.ID, at); err != nil {
		return nil, err
	}
	sums, err := s.agreed(ctx, c)
	if err != nil {
		return nil, err
	}
	return &Lock{At: at.UTC(), Fees: sums}, nil
}

// nobodyPublishes is the WrongState fault of a community of which bills may be being written.
func (s *Service) nobodyPublishes(ctx context.Context, community string, at time.Time) error {
	return s.publications.All(ctx, store.Query{Index: "by_at"}, func(p publication) error {
		if slices.Contains(p.Communities, community) && at.Sub(p.At) < publicationWrites {
			return fault.New(fault.WrongState, "该小区正在导入账单，请稍后再批准。",
				"Bills of the community are being taken in; approve it in a while.")
		}
		return nil
	})
}

// changeCutOver alters a community's cut-over, begins it where there is none, and owes the audit log why.
func (s *Service) changeCutOver(ctx context.Context, in property.Community, verb audit.Verb,
	change func(*CutOver) error) (*CutOver, error) {
	apply := func(c *CutOver) error {
		before := c.recorded()
		if err := change(c); err != nil {
			return err
		}
		c.OwesAudit.Owe(ctx, "cutovers/"+c.ID, c.Version, audit.Event{At: s.now(), Verb: verb,
			Object: "community:" + c.ID, Company: c.Company, Communities: []string{c.ID}, Before: before,
			After: c.recorded()})
		return nil
	}
	for {
		c, err := s.cutOvers.Update(ctx, in.ID, apply)
		if !fault.Is(err, fault.NotFound) {
			return c, err
		}
		c = &CutOver{ID: in.ID, Company: in.Company}
		if err := apply(c); err != nil {
			return nil, err
		}
		if err = s.cutOvers.Insert(ctx, c); !fault.Is(err, fault.AlreadyExists) {
			return c, err
		}
	}
}

// recorded is what the audit log keeps of a cut-over.
func (c *CutOver) recorded() audit.State {
	state := audit.State{"state": string(c.State()), "first_period": c.FirstPeriod}
	for _, t := range c.Totals {
		state["total "+t.Fee] = t.Amount.Yuan()
	}
	if c.Request != nil {
		state["request"] = c.Request.ID
	}
	return state
}

// WaitingCutOvers is a page of a company's cut-overs that wait for a decision, and the cursor of the next.
func (s *Service) WaitingCutOvers(ctx context.Context, company, cursor string, limit int) ([]CutOver, string, error) {
	return s.cutOvers.Find(ctx, store.Query{Index: byWaiting, Equal: []any{company}, Cursor: cursor, Limit: limit})
}

// publicationWrites is how long whoever told of bills may still be writing them. Ours: a workbook is given ten minutes.
const publicationWrites = 15 * time.Minute

// admitted is the fault of writing bills that change a balance that is locked, or waits to be. It is asked once a
// publication tells of them, so that whoever locks the balance at that time sees it.
func (s *Service) admitted(ctx context.Context, bills []Bill) error {
	of := map[string]*CutOver{}
	for i := range bills {
		b := &bills[i]
		c, known := of[b.Community]
		if !known {
			var err error
			if c, err = s.CutOver(ctx, b.Community); err != nil {
				return err
			}
			of[b.Community] = c
		}
		if refused := c.admits(b); refused != nil {
			return refused
		}
	}
	return nil
}

// verifyCutOver says what of a company's locked balances is not as it was locked, "" for nothing.
func (s *Service) verifyCutOver(ctx context.Context, company string) (why string, err error) {
	q := store.Query{Index: "by_company", Equal: []any{company}}
	err = s.cutOvers.All(ctx, q, func(c CutOver) error {
		if c.Locked == nil || why != "" {
			return nil
		}
		sums, err := s.openBalance(ctx, c.ID, c.FirstPeriod)
		if err != nil {
			return err
		}
		if why = c.Locked.disagrees(c.ID, sums); why == "" {
			return nil
		}
		now, err := s.cutOvers.Get(ctx, c.ID)
		if err == nil && now.Revision != c.Revision { // it was opened again meanwhile
			why = ""
		}
		return err
	})
	return why, err
}
