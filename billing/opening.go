package billing

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/payment"
	"linlipay/property"
	"linlipay/store"
)

// Opening (期初) is what the system before this one says of money that it held for somebody: a prepayment, or a
// deposit. It comes in by a workbook, before a community's open balance is locked, and counts in its control totals
// under its name.
type Opening struct {
	Payer   string `json:"payer,omitempty"`   // who paid it; "" where that is not known, as are the others
	PaidOn  string `json:"paid_on,omitempty"` // yyyy-MM-dd
	Method  string `json:"method,omitempty"`  // in the words of the system before, such as 现金
	Receipt string `json:"receipt,omitempty"` // the number of its receipt there
}

// newOpening is a row of a workbook that says what is held, checked against what is stored.
type newOpening struct {
	*readOpening
	id     string   // of the source
	tenure int      // whose it is
	entity string   // the legal entity that has the money
	fees   []string // what alone a prepayment is for
}

// openingID is the same for a row that comes again, also with another amount.
func (o *readOpening) openingID() string {
	if o.Receipt != "" {
		return property.IDOf(o.unit.ID, property.Fold(o.name), "receipt", property.Fold(o.Receipt))
	}
	return property.IDOf(o.unit.ID, property.Fold(o.name), property.Fold(o.Payer), o.PaidOn)
}

// document is the prepayment or the deposit that an opening is of, as it is made where there is none.
func (o *newOpening) document(company string) *Prepayment {
	p := &Prepayment{ID: prepaymentID(o.unit.ID, o.tenure, o.entity), Company: company, Community: o.unit.Community,
		Entity: o.entity, Unit: o.unit.ID, Tenure: o.tenure, Fees: o.fees}
	if o.deposit {
		p.ID, p.Deposit = p.ID+"."+o.id, &Deposit{Name: o.name}
	}
	return p
}

// openings are the credits that came from the system before.
func (p *Prepayment) openings() (all []*Credit) {
	for i := range p.Credits {
		if p.Credits[i].Opening != nil {
			all = append(all, &p.Credits[i])
		}
	}
	return all
}

// openingEntry is what the journal is told of an opening.
func (p *Prepayment) openingEntry(c *Credit) Entry {
	kind := PrepaymentOpened
	if p.Deposit != nil {
		kind = DepositOpened
	}
	return Entry{ID: fmt.Sprintf("%s/opening/%s", p.ID, c.Before), Kind: kind, Amount: c.Amount, Prepayment: p.ID,
		Fee: p.name(), Company: p.Company, Community: p.Community, Entity: p.Entity, Unit: p.Unit}.on(c.At)
}

// open adds an opening, which the journal is owed. It reports whether it was not there.
func (p *Prepayment) open(c Credit) bool {
	if p.credit(c.Source) != nil {
		return false
	}
	p.Credits, p.SearchAt = append(p.Credits, c), c.At
	p.Owed = append(slices.Clip(p.Owed), p.openingEntry(&c))
	return true
}

// takeOpenings writes what the system before held, some hundred at a time, and tells the journal. A publication that
// names no bills says meanwhile that they are being written, so that nobody locks a balance that they change; one that
// is locked, or waits to be, is WrongState.
func (s *Service) takeOpenings(ctx context.Context, company string, all []newOpening) error {
	for some := range slices.Chunk(all, journalBlock/2) {
		telling := &publication{ID: rand.Text(), Company: company, At: s.now().UTC()}
		for i := range some {
			if c := some[i].unit.Community; !slices.Contains(telling.Communities, c) {
				telling.Communities = append(telling.Communities, c)
			}
		}
		if err := s.publications.Insert(ctx, telling); err != nil {
			return err
		}
		if err := s.openSome(ctx, company, some, telling.Communities); err != nil {
			return err
		}
		if err := s.settlePublication(ctx, telling, nil); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) openSome(ctx context.Context, company string, some []newOpening, communities []string) error {
	for _, id := range communities {
		c, err := s.CutOver(ctx, id)
		if err != nil {
			return err
		}
		if refused := c.admitsOpenings(); refused != nil {
			return refused
		}
	}
	at := s.now().UTC()
	for i := range some {
		o := &some[i]
		if err := s.whoHolds(ctx, company, o); err != nil {
			return err
		}
		credit := Credit{Source: Source{Before: o.id}, Amount: o.amount, At: at, Opening: &o.Opening}
		p := o.document(company)
		p.open(credit)
		err := s.prepaid.Insert(ctx, p)
		if fault.Is(err, fault.AlreadyExists) {
			p, err = s.prepaid.Update(ctx, p.ID, func(p *Prepayment) error {
				if !p.open(credit) {
					return store.ErrUnchanged
				}
				return nil
			})
		}
		if err == nil {
			_, err = s.postPayouts(ctx, p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// admitsOpenings is the WrongState fault of money held before that would change a balance that is locked, or that
// another person looks at.
func (c *CutOver) admitsOpenings() *fault.Error {
	switch c.State() {
	case CutOverRequested:
		return fault.New(fault.WrongState, "该小区的期初余额正待审批，预存款和押金暂不能导入；请先撤回锁定申请",
			"The community's open balance waits to be locked: nothing that was held before can come in")
	case CutOverLocked:
		return fault.New(fault.WrongState, "该小区的期初余额已锁定，预存款和押金不能再导入；确有遗漏请先申请解锁",
			"The community's open balance is locked: nothing that was held before can come in")
	}
	return nil
}

// heldBefore adds up what the system before held in a community, by its names, as openBalance adds up bills.
func (s *Service) heldBefore(ctx context.Context, community string, add func(FeeSum) error) error {
	q := store.Query{Index: "by_community", Equal: []any{community}}
	return s.prepaid.All(ctx, q, func(p Prepayment) error {
		left := max(0, p.Balance())
		for _, c := range p.openings() {
			sum := FeeSum{Fee: p.name(), Held: true, Bills: 1, Owed: c.Amount, Published: c.Amount,
				Left: min(left, c.Amount)}
			left -= sum.Left
			if err := add(sum); err != nil {
				return err
			}
		}
		return nil
	})
}

// whoseIs is the tenure of the owner whose what was held is: the one on record, or where a name is said and is none of
// theirs, the last one before with that name. ok is false where nobody has that name.
func whoseIs(u *property.Unit, holder string) (tenure int, ok bool) {
	if holder == "" || u.Owner == "" || property.Compact(holder) == property.Compact(u.Owner) {
		return u.Tenure, true
	}
	for t := u.Tenure - 1; t >= 0; t-- {
		if property.Compact(u.OwnerIn(t)) == property.Compact(holder) {
			return t, true
		}
	}
	return 0, false
}

// checkOpenings holds what a workbook says is held against what is stored, and says what became of each row but those
// that it returns, which are new.
func (s *Service) checkOpenings(ctx context.Context, in *intake, h *have, fresh []property.Unit) ([]newOpening,
	error) {
	var all []newOpening
	units := map[string]*property.Unit{}
	limits := map[string][]string{} // by the document that they come into
	for i := range fresh {
		units[fresh[i].ID] = &fresh[i]
	}
	for _, o := range in.openings {
		u := cmp.Or(h.units[o.unit.ID], units[o.unit.ID])
		if u == nil {
			o.row.set(Refused, "没有该房屋；请核对小区、楼栋、单元和房号，或先导入它的账单",
				"there is no such unit; look at community, building, entrance and room, or import its bills first")
			continue
		}
		tenure, known := whoseIs(u, o.holder)
		if !known {
			o.row.set(Refused, "业主「"+shortened(o.holder)+"」不是该房屋现在或以前的业主，无法确定款项属于谁",
				"nobody of that name is or was the unit's owner: whose it is cannot be told")
			continue
		}
		if refused := h.cutOvers[u.Community].admitsOpenings(); refused != nil {
			o.row.set(Refused, refused.ZH, refused.EN)
			continue
		}
		n := newOpening{readOpening: o, id: o.openingID(), tenure: tenure, fees: o.fees}
		if h.communities[u.Community] { // a new one has no entity yet
			if err := s.whoHolds(ctx, in.how.Company, &n); err != nil {
				return nil, err
			}
		}
		is, err := s.isOpen(ctx, in.how.Company, &n)
		if err != nil {
			return nil, err
		}
		if is {
			continue
		}
		into := n.document(in.how.Company).ID
		if before, known := limits[into]; known && !slices.Equal(before, n.fees) {
			o.row.set(Refused, "同一户前面的预存款限用费用与此不同，请写成一样",
				"an earlier row of the same prepayment is for other fees; write both alike")
			continue
		}
		limits[into] = n.fees
		all = append(all, n)
	}
	return all, nil
}

// whoHolds finds the legal entity that has the money: the one that the row names, or else the one that takes the
// community's money today.
func (s *Service) whoHolds(ctx context.Context, company string, n *newOpening) (err error) {
	switch {
	case n.named != nil:
		n.entity = n.named.ID
	case n.entity == "":
		n.entity, err = s.entityOn(ctx, company, n.unit.Community, calendar.Day(s.now()))
	}
	return err
}

// isOpen reports whether an opening is there, whosever it was taken to be, or cannot come beside what is, and says so
// of its row.
func (s *Service) isOpen(ctx context.Context, company string, n *newOpening) (bool, error) {
	all, err := s.paidAhead(ctx, n.unit.ID)
	if err != nil {
		return false, err
	}
	into := n.document(company).ID
	for i := range all {
		p := &all[i]
		switch c := p.credit(Source{Before: n.id}); {
		case c != nil && c.Amount == n.amount:
			n.row.set(Repeated, "", "")
		case c != nil:
			n.row.set(Differs, "已导入过，金额是 "+c.Amount.Yuan()+" 元，没有更改",
				"it is there already with "+c.Amount.Yuan()+"; nothing was changed")
		case p.ID == into && !slices.Equal(n.fees, p.Fees):
			n.row.set(Differs, "已有的预存款限用费用与此不同，没有导入",
				"the prepayment that is there is for other fees; nothing was changed")
		default:
			continue
		}
		return true, nil
	}
	return false, nil
}

// openingsTaken says of new openings that they were taken in, and adds up their amounts.
func (in *intake) openingsTaken(all []newOpening) (err error) {
	for _, o := range all {
		if in.report.Held, err = in.report.Held.Add(o.amount); err != nil {
			return err
		}
		o.row.set(Taken, "", "")
	}
	return nil
}

// name is what the money is held as: a deposit's name, or that it is a prepayment.
func (p *Prepayment) name() string {
	if p.Deposit != nil {
		return p.Deposit.Name
	}
	return payment.AheadTitle
}
