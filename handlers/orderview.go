package handlers

import (
	"cmp"
	"context"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
)

type orderView struct {
	ID          string              `json:"id"`
	Version     int64               `json:"version"`
	Status      payment.Status      `json:"status"`
	CloseReason payment.CloseReason `json:"close_reason,omitempty"`
	Company     string              `json:"company"`
	CompanyName string              `json:"company_name,omitempty"` // as receipts name it
	// the legal entity whose money it is; for staff and API clients
	Entity    string `json:"entity,omitempty"`
	Community string `json:"community"`
	// and the label: what people call the home, since two communities may have a 10栋 101
	Place     string          `json:"community_name"`
	Label     string          `json:"unit_label"` // of money of no unit the title
	Unit      unitRef         `json:"unit"`
	Payer     payerView       `json:"payer"`
	Origin    payment.Origin  `json:"origin"`
	Title     string          `json:"title"`
	Amount    money.Fen       `json:"amount"` // fen
	Items     []itemView      `json:"items"`
	Attempts  []attemptView   `json:"attempts"`
	Refunds   []refundView    `json:"refunds,omitempty"`
	Unapplied []unappliedView `json:"unapplied_funds,omitempty"`
	Untaken   []untakenView   `json:"rejected_reports,omitempty"` // 刷卡: results that were not taken; not for residents
	Refunded  money.Fen       `json:"refunded,omitempty"`         // fen that went back of what the order kept
	PaidBy    int             `json:"paid_attempt,omitempty"`     // number of the attempt whose money the order keeps
	Timeline  []payment.Event `json:"timeline,omitempty"`
	// how often each of its receipts was printed at a desk or a terminal; for those
	Prints    []printsView `json:"receipt_prints,omitempty"`
	CreatedAt time.Time    `json:"created_at"`
	UpdatedAt time.Time    `json:"updated_at"` // when anything last became of it
	ExpiresAt time.Time    `json:"expires_at"`
	PaidAt    *time.Time   `json:"paid_at,omitempty"`
	ClosedAt  *time.Time   `json:"closed_at,omitempty"`
	QR        qrView       `json:"qr"`
	Now       time.Time    `json:"server_time"` // the server's clock, for countdowns
}

// orderView shows an order to a caller. Only staff see the payer's name whole, some of the phone, and the timeline;
// they and API clients see by whom it was made, whose money it is, and what of it may go back.
func (s *Server) orderView(ctx context.Context, c access.Caller, o *payment.Order) orderView {
	v := orderView{
		ID: o.ID, Version: o.Version, Status: o.Status, CloseReason: o.CloseReason, Company: o.Company,
		CompanyName: s.Property.CompanyName(ctx, o.Company), Community: o.Community,
		Place: s.Property.CommunityName(ctx, o.Community), Label: cmp.Or(o.Payer.Label, o.Title),
		Unit: unitRef{o.Payer.Unit, o.Payer.Label}, Payer: payerView{Name: maskName(o.Payer.Name)},
		Origin: payment.Origin{Kind: o.Origin.Kind}, Title: o.Title,
		Amount: o.Amount, Items: items(c, o), Attempts: []attemptView{}, PaidBy: o.PaidBy,
		CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt, ExpiresAt: o.ExpiresAt,
		PaidAt: given(o.PaidAt), ClosedAt: given(o.ClosedAt), QR: s.qrView(o), Now: s.Now().UTC(),
	}
	for i := range o.Attempts {
		v.Attempts = append(v.Attempts, attempt(c, o, &o.Attempts[i]))
	}
	for i := range o.Refunds {
		if c.Kind == access.StaffKind || !declared(&o.Refunds[i]) {
			v.Refunds = append(v.Refunds, s.refund(ctx, c, o, &o.Refunds[i]))
		}
	}
	for i := range o.Unapplied {
		v.Unapplied = append(v.Unapplied, unapplied(c, &o.Unapplied[i]))
	}
	for i := range o.RejectedReports {
		if c.Kind != access.ResidentKind {
			v.Untaken = append(v.Untaken, untaken(c, &o.RejectedReports[i]))
		}
	}
	v.Refunded = o.Refunded()
	if c.Kind == access.StaffKind || c.Kind == access.TerminalKind {
		v.Prints = prints(o)
	}
	if c.Kind == access.StaffKind || c.Kind == access.ClientKind {
		v.Entity, v.Origin = o.EntityID(), o.Origin
	}
	if c.Kind == access.StaffKind {
		v.Payer, v.Timeline = payerView{o.Payer.Name, maskPhone(o.Payer.Phone)}, o.Timeline
	}
	return v
}

// printsView is how often a receipt was printed: a paper that is not the first is a reprint (补打).
type printsView struct {
	Refund int `json:"refund,omitempty"` // number of the refund whose receipt it is; none is the payment's
	Count  int `json:"count"`
}

func prints(o *payment.Order) (views []printsView) {
	for refund := range len(o.Refunds) + 1 {
		if n := o.Printed(refund); n > 0 {
			views = append(views, printsView{refund, n})
		}
	}
	return views
}

type itemView struct {
	Ref       string    `json:"ref"`
	Title     string    `json:"title"`
	Amount    money.Fen `json:"amount"`                // fen
	Of        money.Fen `json:"bill_amount,omitempty"` // fen that the bill comes to, where this pays a part of it
	Unsettled bool      `json:"unsettled,omitempty"`   // it had been settled otherwise: its money is unapplied
	// it pays ahead: its money is the owner's prepayment, or with deposit a deposit of theirs
	PaysAhead bool `json:"pays_ahead,omitempty"`
	Deposit   bool `json:"deposit,omitempty"`
	// fen that may still be asked back, of what was paid ahead if it was not used; for staff and API clients
	Refundable money.Fen `json:"refundable,omitempty"`
}

func items(c access.Caller, o *payment.Order) []itemView {
	some := make([]itemView, 0, len(o.Items))
	for _, it := range o.Items {
		v := itemView{Ref: it.Ref, Title: it.Title, Amount: it.Amount, Of: it.Of, Unsettled: it.Unsettled,
			PaysAhead: it.PaysAhead, Deposit: it.PaysAhead && billing.IsDeposit(it.Ref)}
		if c.Kind == access.StaffKind || c.Kind == access.ClientKind {
			v.Refundable = o.Refundable(it.Ref)
		}
		some = append(some, v)
	}
	return some
}

type unitRef struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

type payerView struct {
	Name string `json:"name"`
	// for staff alone, and masked: whole ones stand with the homes, where looking is on record
	Phone string `json:"phone,omitempty"`
}

type qrView struct {
	URL string `json:"url"`
	PNG string `json:"png"`
	SVG string `json:"svg"`
}
