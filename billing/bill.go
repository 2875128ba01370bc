package billing

import (
	"cmp"
	"context"
	"regexp"
	"time"

	"linlipay/audit"
	"linlipay/calendar"
	"linlipay/money"
	"linlipay/property"
	"linlipay/store"
	"linlipay/webhook"
)

// BillStatus is whether a bill is settled.
type BillStatus string

// The statuses of a bill.
const (
	Unpaid BillStatus = "unpaid" // owed, wholly or in part
	// nothing is owed, since it was paid, or corrections left nothing; money that goes back makes it unpaid
	PaidBill  BillStatus = "paid"
	Cancelled BillStatus = "cancelled" // 已作废: there should have been no such bill; final
)

// BillStatuses lists all of them.
func BillStatuses() []BillStatus { return []BillStatus{Unpaid, PaidBill, Cancelled} }

// Bill is one fee of one unit for one period.
type Bill struct {
	ID        string `json:"id"`
	Version   int64  `json:"-"`
	Company   string `json:"company"`
	Community string `json:"community"`
	// the legal entity to which it is owed: the community's on the first day of the period; "" is the company's first
	Entity  string     `json:"entity,omitempty"`
	Unit    string     `json:"unit"`
	Fee     string     `json:"fee"`               // 费用项目, such as "物业费"
	Period  string     `json:"period"`            // 账期, yyyy-MM
	Amount  money.Fen  `json:"amount"`            // in fen, more than 0
	DueDate string     `json:"due_date"`          // yyyy-MM-dd in Asia/Shanghai
	Tenure  int        `json:"tenure,omitempty"`  // of the owner who was on record when it was taken in
	Reissue int        `json:"reissue,omitempty"` // how many of the unit, fee and period were cancelled before it
	Status  BillStatus `json:"status"`
	PaidBy  string     `json:"paid_by,omitempty"` // number of the order that paid last, "prepayment" or "imported"
	PaidAt  time.Time  `json:"paid_at,omitzero"`

	// how many parts it is paid in, written before an order takes one; 0 where nobody pays it in parts
	Parts       int          `json:"parts,omitempty"`
	Settlements []Settlement `json:"settlements,omitempty"` // what orders paid towards it, and what went back

	Corrections []Correction `json:"corrections,omitempty"` // all that were asked for, the last one last

	Outbox   []Effect  `json:"outbox,omitempty"`   // what it owes still
	MarkedAt time.Time `json:"marked_at,omitzero"` // since when

	PublishedAt time.Time `json:"published_at,omitzero"` // zero: from before there was a journal
	Moves       Moves     `json:"moves,omitzero"`        // what the journal is to know of it

	OwesEvents webhook.Owed `json:"owes_events,omitzero"` // what others hear of, not yet published
	OwesAudit  audit.Owed   `json:"owes_audit,omitempty"`
}

// owesSince is since when the bill owes an effect or the journal a move, zero where it owes nothing.
func (b *Bill) owesSince() time.Time {
	if len(b.Outbox) > 0 || len(b.Moves.Owed) == 0 {
		return b.MarkedAt
	}
	return b.Moves.Owed[0].At
}

// byOutbox is the index of the bills that owe an effect, the oldest first.
const byOutbox = "by_outbox"

// byWaiting is the index of the bills of which a correction waits for a decision, by until when.
const byWaiting = "by_waiting"

// ByPrepayment stands in Bill.PaidBy for a bill whose last payment was a draw of a prepayment.
const ByPrepayment = "prepayment"

// Imported stands in Bill.PaidBy for a bill that came in as paid.
const Imported = "imported"

var bills = store.Kind[Bill]{
	Schema: webhook.Declare(audit.Declare(store.Schema{
		Name: "bills",
		Fields: []store.Field{
			{Name: "community", Type: store.String}, {Name: "unit", Type: store.String},
			{Name: "status", Type: store.String},
			{Name: "period", Type: store.String}, {Name: "amount", Type: store.Int},
			{Name: "outbox", Type: store.Int}, {Name: "waiting", Type: store.String},
			{Name: "decide_by", Type: store.Int},
		},
		Indexes: []store.Index{
			{Name: "by_unit", Fields: []string{"unit", "status", "period"}},
			{Name: "by_community", Fields: []string{"community", "status", "period"}},
			{Name: byOutbox, Fields: []string{"outbox"}},
			{Name: byWaiting, Fields: []string{"waiting", "decide_by"}},
		},
		Personal: []string{"corrections.*.reason", "corrections.*.note"},
		Shard:    "community",
	})),
	ID:      func(b *Bill) string { return b.ID },
	Version: func(b *Bill) *int64 { return &b.Version },
	Keys: func(b *Bill) store.Keys {
		keys := store.Keys{"community": {b.Community}, "unit": {b.Unit}, "status": {string(b.Status)},
			"period": {b.Period}, "amount": {int64(b.Billed())}}
		if len(b.Outbox) > 0 || len(b.Moves.Owed) > 0 {
			keys["outbox"] = []any{b.owesSince().UnixMilli()}
		}
		if b.waits() {
			keys["waiting"], keys["decide_by"] = []any{b.Company}, []any{b.standing().ExpiresAt.UnixMilli()}
		}
		return b.OwesEvents.Key(b.OwesAudit.Key(keys))
	},
}

// EntityID is the legal entity to which the bill is owed. What was made before there were entities is the company's
// first, which has the company's id.
func (b *Bill) EntityID() string { return cmp.Or(b.Entity, b.Company) }

// entityOf is the legal entity to which a new bill is owed.
func (s *Service) entityOf(ctx context.Context, b *Bill) (string, error) {
	return s.entityOn(ctx, b.Company, b.Community, b.Period+"-01")
}

// entityOn is the legal entity in whose name a community's money is taken on a day (yyyy-MM-dd).
func (s *Service) entityOn(ctx context.Context, company, community, day string) (string, error) {
	if s.organisation == nil {
		return company, nil
	}
	return s.organisation.EntityOn(ctx, company, community, day)
}

// Title is the bill's line on an order, such as "物业费 2026年11月".
func (b *Bill) Title() string { return b.Fee + " " + calendar.InWords(b.Period, false) }

// Overdue reports whether an unpaid bill's due date has passed in Asia/Shanghai.
func (b *Bill) Overdue(now time.Time) bool {
	return b.Status == Unpaid && calendar.Day(now) > b.DueDate
}

// Bill returns a bill, or NotFound.
func (s *Service) Bill(ctx context.Context, id string) (*Bill, error) { return s.bills.Get(ctx, id) }

// Bills lists all of a unit's bills with the status by period: unpaid ones oldest first, others newest first.
func (s *Service) Bills(ctx context.Context, unit string, status BillStatus) ([]Bill, error) {
	var bills []Bill
	err := s.bills.All(ctx, billsOf(unit, status), func(b Bill) error { bills = append(bills, b); return nil })
	return bills, err
}

func billsOf(unit string, status BillStatus) store.Query {
	return store.Query{Index: "by_unit", Equal: []any{unit, string(status)}, Desc: status != Unpaid}
}

// BillPage is a page of a unit's bills with the statuses, one status after the other, each in the order of Bills, and
// the cursor of the next, "" on the last.
func (s *Service) BillPage(ctx context.Context, unit string, of []BillStatus, cursor string, limit int) (bills []Bill,
	next string, err error) {
	parts := make([]string, len(of))
	for i := range of {
		parts[i] = string(of[i])
	}
	return property.Pages(parts, cursor, limit, func(status, place string, most int) ([]Bill, string, error) {
		q := billsOf(unit, BillStatus(status))
		q.Cursor, q.Limit = place, most
		return s.bills.Find(ctx, q)
	})
}

// spelledBill is a bill by its unit, fee and period, however the fee is spaced and whatever its money is named.
func spelledBill(b *Bill) string {
	return b.Unit + " " + b.Period + " " + spelledFee(b.Fee)
}

// spelledFee is a fee however it is spaced and whatever its money is named.
func spelledFee(fee string) string { return inYuan.ReplaceAllString(spelled(fee), "") }

var inYuan = regexp.MustCompile(`\((人民币)?元\)$`)
