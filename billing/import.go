package billing

import (
	"context"
	"io"
	"slices"

	"linlipay/audit"
	"linlipay/fault"
	"linlipay/property"
	"linlipay/store"
)

// Take is something that a workbook says of what is stored, and that is taken only on demand.
type Take string

// What may be taken on demand.
const (
	TakeOwners Take = "owners" // a known unit has another owner with another phone
	TakePaid   Take = "paid"   // a known bill that nobody has collected anything for is paid
	// a new bill stands beside numbers in a column of which nothing is known, which do not change it
	TakeColumns Take = "columns"
	TakeFees    Take = "fees" // a new bill stands beside one of the unit and period whose fee goes by another name
)

// Takes lists all of them.
func Takes() []Take { return []Take{TakeOwners, TakePaid, TakeColumns, TakeFees} }

// ImportRequest is how a workbook is to be taken in.
type ImportRequest struct {
	property.Scope        // whose it is; rows of other communities than the scope's are refused
	Trial          bool   // nothing is written; the report is what it would be
	Take           []Take // what is taken of that which waits for a person's word
	By             string // who takes it in, for the record of owners; "" is Imported
	Masked         bool   // the report names no owner on record: who takes it in may not look at them

	// Place puts new communities where the workbook says that they belong, or asks for it; no trial calls it. Its
	// faults refuse their rows; none is that whoever imports may not ask for it, which refuses them in a trial too.
	Place        func(context.Context, Placement) error
	PlacesAtOnce bool // what Place does is in force when it returns
}

func (how ImportRequest) takes(t Take) bool { return slices.Contains(how.Take, t) }

// importsAtOnce is how many workbooks are taken in at once, by whomever: each may take some hundred megabytes of
// memory.
const importsAtOnce = 2

// Import reads a company's workbook. The whole workbook is read and checked before anything is written; what is written
// has ids that follow from what it is, so that a repeat, also after a crash in between, takes nothing twice. A file
// that is no workbook is an Invalid fault.
func (s *Service) Import(ctx context.Context, how ImportRequest, r io.Reader) (*ImportReport, error) {
	if _, err := s.property.Company(ctx, how.Company); err != nil && !(how.Trial && fault.Is(err, fault.NotFound)) {
		return nil, err
	}
	select {
	case s.importing <- struct{}{}:
		defer func() { <-s.importing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if !how.Trial { // so that it is not told of marks that an import before it did not get to the end of
		marks := store.Outbox[Bill]{Docs: s.bills, Index: byOutbox, Settle: s.settleMark}
		if _, err := marks.Sweep(ctx); err != nil {
			return nil, err
		}
	}
	chart, err := s.chart(ctx, how.Company)
	if err != nil {
		return nil, err
	}
	in, err := readWorkbook(ctx, how, chart, r, s.now())
	if err != nil {
		return nil, err
	}
	have, err := s.have(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := s.compare(ctx, in, have); err != nil {
		return nil, err
	}
	in.report.finish()
	return in.report, nil
}

// newcomers are what a workbook brings that is not stored yet.
type newcomers struct {
	bills []*readBill
	units []property.Unit
	added map[string]bool // ids of units
}

// compare holds every row against what is stored, writes what is new, and says what became of each row.
func (s *Service) compare(ctx context.Context, in *intake, h *have) error {
	fresh := &newcomers{added: map[string]bool{}}
	owners, places := s.ownersOf(in, h), newPlaces{}
	for _, b := range in.bills {
		if err := s.compareRow(ctx, in, h, owners, places, fresh, b); err != nil {
			return err
		}
	}
	var err error
	if fresh.bills, err = s.place(ctx, in, places, fresh.bills); err != nil {
		return err
	}
	fresh.units = unitsOf(fresh.bills, fresh.units)
	in.noteNew(h, fresh.units)
	openings, err := s.checkOpenings(ctx, in, h, fresh.units)
	if err != nil {
		return err
	}
	if !in.how.Trial {
		if err := s.insert(ctx, in, h, fresh.units, fresh.bills); err != nil {
			return err
		}
		if err := s.takeOpenings(ctx, in.how.Company, openings); err != nil {
			return err
		}
	}
	if err := in.openingsTaken(openings); err != nil {
		return err
	}
	return in.count(fresh.bills)
}

// compareRow holds a row against what is stored. What is new goes among the newcomers.
func (s *Service) compareRow(ctx context.Context, in *intake, h *have, owners *owners, places newPlaces,
	fresh *newcomers, b *readBill) error {
	row := &in.units[in.known[b.bill.Unit]]
	unknown := h.units[row.ID] == nil && !fresh.added[row.ID]
	if h.meetsCancelled(b) {
		return nil
	}
	before := h.bills[spelledBill(&b.bill)]
	if b.none && before == nil {
		b.about(colAmount)
		b.row.set(Skipped, "金额写着没有要交的，不是账单，没有导入", "by its amount nothing is owed; it is no bill and was left out")
		return nil
	}
	if unknown && h.refusesLookalike(in, row, b) {
		return nil
	}
	if before != nil { // its fee may be written in another way
		b.bill.ID = before.ID
	}
	belongs, err := s.belongs(ctx, in, h, places, b)
	if err != nil || !belongs {
		return err
	}
	if !in.sure(h, b, before) {
		return nil
	}
	if before == nil && h.refusesLocked(b) {
		return nil
	}
	proceed, err := owners.meet(ctx, b, before)
	switch {
	case err != nil:
		return err
	case before != nil:
		if err := s.again(ctx, in, b, before); err != nil {
			return err
		}
		b.ownerToo(proceed)
		return nil
	case !proceed:
		return nil
	}
	if unknown {
		fresh.admit(in, h, row)
	}
	h.noteFee(&b.bill, b.row.Row)
	fresh.bills = append(fresh.bills, b)
	return nil
}

// meetsCancelled looks whether a row is of a bill that was cancelled. Where that was for good, the row is left out and
// it is true; else the row's is one more bill, the same however often it is taken in.
func (h *have) meetsCancelled(b *readBill) bool {
	of := spelledBill(&b.bill)
	before := h.bills[of]
	switch {
	case before == nil || before.Status != Cancelled:
		return false
	case before.CancelledForGood():
		b.row.set(Skipped, "该账单已作废且不再出账，没有导入", "the bill was cancelled for good; the row was left out")
		return true
	}
	b.bill.ID, b.bill.Reissue = property.IDOf(before.ID, "again"), before.Reissue+1
	delete(h.bills, of)
	return false
}

// admit keeps a unit that is not stored, and what later rows could mistake for it.
func (n *newcomers) admit(in *intake, h *have, row *property.Unit) {
	n.added[row.ID] = true
	h.note(row)
	name := in.community(row.Community).Name
	h.named[property.SpelledCommunity(name)] = name
	n.units = append(n.units, *row)
}

// refusesLookalike refuses a row whose community or unit is not there, but seems to be one that is.
func (h *have) refusesLookalike(in *intake, row *property.Unit, b *readBill) bool {
	c := in.community(row.Community)
	if name := h.otherwise(c); name != "" {
		b.row.set(Refused, "已有小区「"+name+"」，与表中「"+c.Name+"」像是同一个，请写成一样",
			"there is a community "+name+", which "+c.Name+" seems to mean; write both alike")
		return true
	}
	if name, ok := h.mistaken(row); ok {
		have, said := name.beside(homeName{row.Label, row.Building, row.Entrance, row.Room})
		b.row.set(Refused, "已有房屋 "+have+"，与表中 "+said+" 像是同一户，请写成一样",
			"there is a unit "+have+", which "+said+" seems to mean; write both alike")
		return true
	}
	return false
}

// refusesLocked refuses a row that would change an open balance that is locked, or waits to be.
func (h *have) refusesLocked(b *readBill) bool {
	refused := h.cutOvers[b.bill.Community].admits(&b.bill)
	if refused == nil {
		return false
	}
	b.about(colPeriod)
	b.row.set(Refused, refused.ZH, refused.EN)
	return true
}

// count says of new bills that they were taken in, and adds up their amounts.
func (in *intake) count(fresh []*readBill) error {
	for _, b := range fresh {
		if b.row.Outcome != "" { // another import was faster
			continue
		}
		b.row.done(Taken, Warned, b)
		sum, err := in.report.Amount.Add(b.bill.Amount)
		if err != nil {
			return err
		}
		in.report.Amount = sum
	}
	return nil
}

// insert writes what is new: what others stand on first.
func (s *Service) insert(ctx context.Context, in *intake, h *have, units []property.Unit, fresh []*readBill) error {
	if err := s.property.AddCommunities(ctx, in.newCommunities(h, units)); err != nil {
		return err
	}
	there, err := s.property.AddUnits(ctx, units)
	if err != nil {
		return err
	}
	if len(there) > 0 { // what they are by now was not looked at
		return fault.New(fault.Stale, "另一个人正在导入同样的房屋，请稍后重新导入。",
			"Somebody else is importing the same units; import again.")
	}
	bills := make([]Bill, len(fresh))
	for i, b := range fresh {
		if b.bill.Entity, err = s.entityOf(ctx, &b.bill); err != nil {
			return err
		}
		bills[i] = b.bill
	}
	taken, err := s.publish(ctx, bills)
	if err != nil {
		return err
	}
	return s.wereFaster(ctx, in, fresh, taken)
}

// newCommunities are those of the new units that are not stored.
func (in *intake) newCommunities(h *have, units []property.Unit) (communities []property.Community) {
	for _, c := range in.communities {
		of := func(u property.Unit) bool { return u.Community == c.ID }
		if !h.communities[c.ID] && slices.ContainsFunc(units, of) {
			communities = append(communities, c)
		}
	}
	return communities
}

// wereFaster holds bills that another import has written meanwhile, by their ids, against what it wrote.
func (s *Service) wereFaster(ctx context.Context, in *intake, fresh []*readBill, taken []string) error {
	faster := map[string]bool{}
	for _, id := range taken {
		faster[id] = true
	}
	for _, b := range fresh {
		if !faster[b.bill.ID] {
			continue
		}
		before, err := s.bills.Get(ctx, b.bill.ID)
		if err != nil {
			return err
		}
		if err := s.again(ctx, in, b, before); err != nil {
			return err
		}
	}
	return nil
}

// Record is what the audit log keeps of an import: which workbook, by its SHA-256, and what was taken on demand.
func (how ImportRequest) Record(sum string) audit.State {
	state := audit.State{"workbook_sha256": sum}
	for _, t := range how.Take {
		state["take_"+string(t)] = "yes"
	}
	return state
}
