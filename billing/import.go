package billing

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"linlipay/audit"
	"linlipay/calendar"
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
)

// Takes lists all of them.
func Takes() []Take { return []Take{TakeOwners, TakePaid} }

// ImportRequest is how a workbook is to be taken in.
type ImportRequest struct {
	property.Scope        // whose it is; rows of other communities than the scope's are refused
	Trial          bool   // nothing is written; the report is what it would be
	Take           []Take // what is taken of that which waits for a person's word
	By             string // who takes it in, for the record of owners; "" is Imported
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
		if _, err := s.Sweep(ctx); err != nil {
			return nil, err
		}
	}
	in, err := readWorkbook(how, r, s.now())
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

// have is what is stored of that which a workbook names.
type have struct {
	communities map[string]bool
	units       map[string]*property.Unit
	named       map[string]string // names of communities by how they are spelled
	alike       map[string]string // labels of units by what they could be mistaken for; see alike
	bills       map[string]*Bill  // by how they are spelled
}

// have reads what is stored: communities are read through, which is less than to ask for each unit and bill.
func (s *Service) have(ctx context.Context, in *intake) (*have, error) {
	h := &have{map[string]bool{}, map[string]*property.Unit{}, map[string]string{}, map[string]string{},
		map[string]*Bill{}}
	from, to := "9999-99", ""
	for _, b := range in.bills {
		from, to = min(from, b.bill.Period), max(to, b.bill.Period)
	}
	known, err := s.property.Communities(ctx, property.Scope{Company: in.how.Company})
	if err != nil {
		return nil, err
	}
	for _, c := range known {
		h.named[property.SpelledCommunity(c.Name)] = c.Name
	}
	for _, c := range in.communities {
		_, err := s.property.Community(ctx, c.ID)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		h.communities[c.ID] = true
		err = s.property.EachUnit(ctx, c.ID, func(u property.Unit) error {
			if _, wanted := in.known[u.ID]; wanted {
				h.units[u.ID] = &u
			}
			h.note(&u)
			return nil
		})
		for _, status := range []BillStatus{Unpaid, PaidBill} {
			if err != nil {
				return nil, err
			}
			q := store.Query{Index: "by_community", Equal: []any{c.ID, string(status)}, From: from, To: to + "~",
				Limit: store.MaxLimit}
			err = s.bills.All(ctx, q, func(b Bill) error {
				if in.billed[spelledBill(&b)] != nil {
					h.bills[spelledBill(&b)] = &b
				}
				return nil
			})
		}
		if err != nil {
			return nil, err
		}
	}
	return h, nil
}

// note remembers what a unit could be mistaken for by a row that names another.
func (h *have) note(u *property.Unit) {
	for _, key := range u.Alike() {
		h.alike[key] = u.Label
	}
}

// otherwise is how the name of a community is spelled that a new one seems to mean, "" for none.
func (h *have) otherwise(c property.Community) string {
	name := h.named[property.SpelledCommunity(c.Name)]
	if h.communities[c.ID] || property.Compact(name) == property.Compact(c.Name) {
		return ""
	}
	return name
}

// mistaken is the unit that a row probably means, where it names one that is not there: written in one cell or in
// several, with its entrance or without. "" is none.
func (h *have) mistaken(row *property.Unit) string {
	for i, key := range row.Alike() {
		if i == 1 { // a unit with an entrance is mistaken for one without, and the other way round
			key = strings.Replace(key, "with ", "out ", 1)
			if row.Entrance == "" {
				key = strings.Replace(key, "out ", "with ", 1)
			}
		}
		if label := h.alike[key]; label != "" {
			return label
		}
	}
	return ""
}

// compare holds every row against what is stored, writes what is new, and says what became of each row.
func (s *Service) compare(ctx context.Context, in *intake, h *have) error {
	var fresh []*readBill
	var units []property.Unit
	added := map[string]bool{}
	owners := s.ownersOf(in, h)
	for _, b := range in.bills {
		row := &in.units[in.known[b.bill.Unit]]
		stored := h.units[row.ID]
		if stored == nil && !added[row.ID] {
			if name := h.otherwise(in.community(row.Community)); name != "" {
				b.row.set(Refused, "已有小区「"+name+"」，与表中「"+in.community(row.Community).Name+"」像是同一个，请写成一样",
					"there is a community "+name+", which "+in.community(row.Community).Name+
						" seems to mean; write both alike")
				continue
			}
			if label := h.mistaken(row); label != "" {
				b.row.set(Refused, "已有房屋 "+label+"，与表中 "+row.Label+" 像是同一户，请写成一样", "there is a unit "+label+", which "+
					row.Label+" seems to mean; write both alike")
				continue
			}
		}
		before := h.bills[spelledBill(&b.bill)]
		if before != nil { // its fee may be written in another way
			b.bill.ID = before.ID
		}
		proceed, err := owners.meet(ctx, b, before)
		if err != nil {
			return err
		}
		if before != nil {
			if err := s.again(ctx, in, b, before); err != nil {
				return err
			}
			b.ownerToo(proceed)
			continue
		}
		if !proceed {
			continue
		}
		if stored == nil && !added[row.ID] {
			added[row.ID] = true
			h.note(row)
			name := in.community(row.Community).Name
			h.named[property.SpelledCommunity(name)] = name
			units = append(units, *row)
		}
		fresh = append(fresh, b)
	}
	in.noteNew(h, units)
	if !in.how.Trial {
		if err := s.insert(ctx, in, h, units, fresh); err != nil {
			return err
		}
	}
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
	var communities []property.Community
	for _, c := range in.communities {
		if !h.communities[c.ID] && slices.ContainsFunc(units, func(u property.Unit) bool {
			return u.Community == c.ID
		}) {
			communities = append(communities, c)
		}
	}
	if err := s.property.AddCommunities(ctx, communities); err != nil {
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
		entity, err := s.entityOf(ctx, &b.bill)
		if err != nil {
			return err
		}
		b.bill.Entity = entity
		bills[i] = b.bill
	}
	taken, err := s.bills.InsertMany(ctx, bills)
	if err != nil {
		return err
	}
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

// again says what became of a bill that is there already. It is unchanged only where the row says nothing else of it.
func (s *Service) again(ctx context.Context, in *intake, b *readBill, have *Bill) error {
	row := b.bill
	switch {
	case have.Amount != row.Amount:
		b.about(colAmount, property.Fold(b.amount.Seen()))
		b.differs(fmt.Sprintf("该账单已有，金额为 %s，表中为 %s，未更改；要改金额请先作更正", have.Amount, row.Amount),
			fmt.Sprintf("the bill is there with %s, the row has %s; it was not changed", have.Amount, row.Amount))
	case row.Status == PaidBill && have.Status == Unpaid:
		return s.nowPaid(ctx, in, b, have)
	case row.Status == Unpaid && have.PaidBy == Imported:
		b.about(colStatus, property.Fold(b.status.Seen()))
		b.differs("该账单先前按已缴导入，表中为未缴，未更改", "the bill came in as paid, the row has it unpaid; it was not changed")
	case have.paidHere() && row.Status == PaidBill && !row.PaidAt.IsZero() &&
		calendar.Day(row.PaidAt) != calendar.Day(have.PaidAt):
		b.about(colPaidAt, calendar.Day(row.PaidAt))
		b.warn(fmt.Sprintf("已于 %s 通过本系统缴清，表中缴费日期为 %s，请核对是否缴了两次", calendar.Day(have.PaidAt), calendar.Day(row.PaidAt)),
			fmt.Sprintf("it was paid here on %s, the row has %s; look whether it was paid twice",
				calendar.Day(have.PaidAt),
				calendar.Day(row.PaidAt)))
		b.row.done(Repeated, Repeated, b)
	case b.due && have.DueDate != row.DueDate:
		b.about(colDue, row.DueDate)
		b.differs(fmt.Sprintf("该账单已有，截止日期为 %s，表中为 %s，未更改", have.DueDate, row.DueDate),
			fmt.Sprintf("the bill is there, due %s, the row has %s; it was not changed", have.DueDate, row.DueDate))
	case row.Status == Unpaid && have.Status == PaidBill:
		b.warn("已通过本系统缴清", "it was paid here")
		b.row.done(Repeated, Repeated, b)
	default:
		b.row.done(Repeated, Repeated, b)
	}
	return nil
}

// paidHere reports whether an order paid the bill.
func (b *Bill) paidHere() bool { return b.Status == PaidBill && b.PaidBy != Imported }

// nowPaid is a bill that is owed here and paid by the workbook: taken on demand where nothing of it was collected,
// nothing is being collected, and nobody begins to before it is paid.
func (s *Service) nowPaid(ctx context.Context, in *intake, b *readBill, have *Bill) error {
	b.about(colStatus, property.Fold(b.status.Seen()))
	asPaid := func(why, en string) {
		b.differs(fmt.Sprintf("该账单在系统中未缴（欠 %s），表中为已缴%s", have.Owed(), why),
			fmt.Sprintf("the bill is owed here (%s), the row has it paid%s", have.Owed(), en))
	}
	holder, err := s.OpenOrder(ctx, have)
	switch {
	case err != nil:
		return err
	case have.Owed() != have.Amount:
		asPaid("；系统已收过一部分，不能按已缴导入", "; a part was collected here, so that it cannot be taken as paid")
		return nil
	case holder != "":
		asPaid("；有订单 "+holder+" 正在收款，不能按已缴导入",
			"; order "+holder+" is collecting it, so that it cannot be taken as paid")
		return nil
	case !in.how.takes(TakePaid):
		asPaid("；核实后可勾选「按已缴更新」再导入，否则会再收一次", "; unless it is taken as paid it will be collected again")
		b.row.Take = TakePaid
		return nil
	case in.how.Trial:
	default:
		if marked, err := s.MarkPaid(ctx, b.bill.ID, b.bill.Amount, b.bill.PaidAt); err != nil {
			return err
		} else if !marked {
			asPaid("；此刻有人正在付款，没有更改", "; somebody is paying it now, so that it was not changed")
			return nil
		}
	}
	b.warn("原为未缴，按已缴更新", "was owed, and is now paid by the workbook")
	b.row.done(Warned, Warned, b)
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
