package handlers

import (
	"context"
	"time"

	"linlipay/access"
	"linlipay/approval"
	"linlipay/billing"
	"linlipay/fault"
	"linlipay/money"
)

// correctionRoutes are the routes of bills one by one, and of what corrects them.
func (s *Server) correctionRoutes() []route {
	const one = "/v1/bills/:id"
	matter := billing.CorrectionMatter()
	return []route{
		{id: "getBill", method: "GET", path: one, who: anyStaff,
			summary:  "A bill with what was paid towards it and what corrects it",
			endpoint: handle(s, 200, s.getBill)},
		{id: "createCorrection", method: "POST", path: one + "/corrections", who: asks(matter),
			summary: "Ask for a correction of a bill (更正), which another person approves", keyed: true,
			problems: []fault.Code{fault.WrongState, fault.TooMany}, endpoint: handle(s, 201, s.askCorrection)},
		{id: "decideCorrection", method: "POST", path: one + "/corrections/decision", who: decidesByAuthority,
			summary: "Approve or reject a correction, as another person than the maker, and one whom the table of " +
				"authority lets decide it",
			problems: []fault.Code{fault.WrongState, fault.OrderOpen}, endpoint: handle(s, 200, s.decideCorrection)},
		{id: "withdrawCorrection", method: "POST", path: one + "/corrections/withdrawal", who: asks(matter),
			summary: "Take back one's own request", problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 200, s.withdrawCorrection)},
	}
}

// correctionView is what changed a bill.
type correctionView struct {
	Kind   billing.CorrectionKind `json:"kind"`
	Amount money.Fen              `json:"amount"` // fen
	At     time.Time              `json:"at"`     // when it was approved
}

// corrections are those that changed a bill, in their order.
func corrections(b *billing.Bill) []correctionView {
	list := []correctionView{}
	for i := range b.Corrections {
		if c := &b.Corrections[i]; c.State == approval.Approved {
			list = append(list, correctionView{c.Kind, c.Amount, c.DecidedAt})
		}
	}
	return list
}

// correctionRequestView is a correction that was asked for, whatever became of it.
type correctionRequestView struct {
	Kind   billing.CorrectionKind `json:"kind"`
	Amount money.Fen              `json:"amount"` // fen; of a cancellation all that the bill was of
	// of a cancellation: the unit, fee and period may be billed again
	Rebill bool `json:"rebill,omitempty"`
	requestView
}

// settlementView is what an order, or a draw of a prepayment, paid towards a bill.
type settlementView struct {
	Order      string    `json:"order,omitempty"`
	Prepayment string    `json:"prepayment,omitempty"` // where no order paid: of which it was drawn
	Amount     money.Fen `json:"amount"`               // fen
	GivenBack  money.Fen `json:"refunded"`             // fen of that
	At         time.Time `json:"paid_at"`
}

// billRecordView is a bill with all that happened to it.
type billRecordView struct {
	Bill      billView `json:"bill"`
	Community string   `json:"community"`
	Place     string   `json:"community_name"`
	Label     string   `json:"unit_label"`
	// when it was published; none of a bill from before that was kept
	PublishedAt *time.Time              `json:"published_at,omitempty"`
	Settlements []settlementView        `json:"settlements"` // what orders and prepayments paid, in their order
	Requests    []correctionRequestView `json:"corrections"` // all that were asked for, the last one last
}

// waits is the correction that waits for a decision, nil where none does.
func (v *billRecordView) waits() *requestView {
	if n := len(v.Requests); n > 0 && v.Requests[n-1].State == approval.Requested {
		return &v.Requests[n-1].requestView
	}
	return nil
}

// billRecord shows a bill; who decides is asked for where a correction of it waits.
func (s *Server) billRecord(ctx context.Context, c *call, b *billing.Bill) (billRecordView, error) {
	if !b.Waits(s.Now()) {
		return s.billRecordFor(ctx, c, b, nil)
	}
	bench, err := s.Access.Bench(ctx, c.Company)
	if err != nil {
		return billRecordView{}, err
	}
	return s.billRecordFor(ctx, c, b, bench)
}

// billRecordFor shows a bill; who of a bench decides is said where a correction of it waits.
func (s *Server) billRecordFor(ctx context.Context, c *call, b *billing.Bill, bench *access.Bench) (billRecordView,
	error) {
	var many deciders
	var err error
	if b.Waits(s.Now()) && bench != nil {
		if many, err = s.Access.Deciders(ctx, bench, b.Case(b.Correction())); err != nil {
			return billRecordView{}, err
		}
	}
	of, err := s.billView(ctx, b)
	if err != nil {
		return billRecordView{}, err
	}
	u, err := s.Property.Unit(ctx, b.Unit)
	if err != nil {
		return billRecordView{}, err
	}
	v := billRecordView{Bill: of, Community: b.Community, Place: s.Property.CommunityName(ctx, b.Community),
		Label: u.Label, PublishedAt: given(b.PublishedAt), Settlements: []settlementView{},
		Requests: []correctionRequestView{}}
	for i := range b.Settlements {
		if paid := &b.Settlements[i]; paid.Amount > 0 {
			v.Settlements = append(v.Settlements, settlementView{Order: paid.Order, Prepayment: paid.Prepayment(),
				Amount: paid.Amount, GivenBack: paid.Amount - paid.Net(), At: paid.At})
		}
	}
	for i := range b.Corrections {
		v.Requests = append(v.Requests, s.correctionRequest(ctx, c, b, &b.Corrections[i], many))
	}
	return v, nil
}

// correctionRequest shows a request for a correction, and what it changes while it waits.
func (s *Server) correctionRequest(ctx context.Context, c *call, b *billing.Bill, of *billing.Correction,
	many deciders) correctionRequestView {
	r := of.Request
	r.State = r.At(s.Now())
	if c.Kind != access.StaffKind { // what people wrote is theirs
		r.Reason, r.Note = "", ""
	}
	v := correctionRequestView{of.Kind, of.Amount, of.Rebill, *c.request(r, many)}
	if r.State != approval.Requested {
		return v
	}
	if v.MayDecide {
		v.DecidesFor, v.MayDecide = s.Access.WouldDecide(ctx, b.Case(of), c.Caller)
	}
	v.Outdated = r.Base != b.Revision()
	for _, of := range []struct {
		field         string
		before, after money.Fen
	}{{"billed", b.Billed(), of.After(b.Billed())}, {"owed", b.Owed(), of.After(b.Owed())}} {
		v.Differences = append(v.Differences, differenceView{Field: of.field, Before: of.before.Yuan(),
			After: of.after.Yuan()})
	}
	return v
}

// bill is a bill within the caller's reach.
func (s *Server) bill(ctx context.Context, c *call, id string) (*billing.Bill, error) {
	b, err := s.Billing.Bill(ctx, id)
	if err != nil {
		return nil, err
	}
	if !c.Reaches(b.Company, b.Community) {
		return nil, outOfReach()
	}
	return b, nil
}

func (s *Server) getBill(ctx context.Context, c *call, in idInput) (billRecordView, error) {
	b, err := s.bill(ctx, c, in.ID)
	if err != nil {
		return billRecordView{}, err
	}
	return s.billRecord(ctx, c, b)
}

type correctionInput struct {
	ID   string                 `path:"id" json:"-"`
	Kind billing.CorrectionKind `json:"kind"`
	// fen, more than 0; left out of a cancellation, which is of the whole bill
	Amount money.Fen `json:"amount,omitempty"`
	// of a cancellation: the unit, fee and period may be billed again; else they never are
	Rebill   bool   `json:"rebill,omitempty"`
	Reason   string `json:"reason" most:"200"`  // for whoever decides, and for the record
	Replaces string `json:"replaces,omitempty"` // the id of a request that this one takes the place of
}

func (s *Server) askCorrection(ctx context.Context, c *call, in correctionInput) (billRecordView, error) {
	if _, err := s.bill(ctx, c, in.ID); err != nil {
		return billRecordView{}, err
	}
	b, hit, err := s.Billing.AskCorrection(ctx, in.ID, billing.NewCorrection{
		Kind: in.Kind, Amount: in.Amount, Rebill: in.Rebill, Reason: in.Reason, Replaces: in.Replaces, Key: c.Key,
		KeyHash: c.KeyHash, By: c.Person(),
	})
	if err != nil {
		return billRecordView{}, err
	}
	c.hit(hit)
	return s.billRecord(ctx, c, b)
}

func (s *Server) decideCorrection(ctx context.Context, c *call, in decisionInput) (billRecordView, error) {
	b, err := s.bill(ctx, c, in.ID)
	if err != nil {
		return billRecordView{}, err
	}
	if asked := b.Correction(); asked != nil && in.Approve {
		err := s.mayStillAsk(ctx, c, billing.CorrectionMatter(), asked.Signatures, b.Community)
		if err != nil {
			return billRecordView{}, err
		}
	}
	b, err = s.Billing.DecideCorrection(ctx, in.ID, in.decision(), c.Person())
	if err != nil {
		return billRecordView{}, err
	}
	return s.billRecord(ctx, c, b)
}

func (s *Server) withdrawCorrection(ctx context.Context, c *call, in withdrawalInput) (billRecordView, error) {
	if _, err := s.bill(ctx, c, in.ID); err != nil {
		return billRecordView{}, err
	}
	b, err := s.Billing.WithdrawCorrection(ctx, in.ID, in.Request, c.Person())
	if err != nil {
		return billRecordView{}, err
	}
	return s.billRecord(ctx, c, b)
}

// correctionApprovals are the corrections that wait within the caller's reach.
func (s *Server) correctionApprovals(ctx context.Context, c *call) (all []approvalView, err error) {
	bills, err := everything(func(cursor string, limit int) ([]billing.Bill, string, error) {
		return s.Billing.WaitingCorrections(ctx, c.Company, cursor, limit)
	})
	if err != nil {
		return nil, err
	}
	bench, err := s.Access.Bench(ctx, c.Company)
	if err != nil {
		return nil, err
	}
	for i := range bills {
		b := &bills[i]
		if !c.Reaches(b.Company, b.Community) {
			continue // another's to decide
		}
		v, err := s.billRecordFor(ctx, c, b, bench)
		if err != nil {
			return nil, err
		}
		all = append(all, approvalView{Kind: CorrectionApproval, Bill: &v})
	}
	return all, nil
}
