package handlers

import (
	"cmp"
	"context"
	"slices"

	"linlipay/access"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
)

// settingsRoutes are the routes of a company's settings.
func (s *Server) settingsRoutes() []route {
	return []route{
		{id: "getSettings", method: "GET", path: "/v1/settings", who: staffWith(access.Finance, access.Operations),
			summary: "What the company has settled about its money", endpoint: handle(s, 200, s.getSettings)},
		{id: "updateSettings", method: "PUT", path: "/v1/settings", who: asks(access.OrganisationMatter()),
			summary:  "Ask for other settings; another person approves",
			problems: []fault.Code{fault.WrongState, fault.Stale}, endpoint: handle(s, 200, s.askSettings)},
	}
}

// What a company has settled for itself (设置): another person approves each change.

type settingsView struct {
	Unapplied payment.UnappliedPolicy `json:"unapplied"` // what becomes of unapplied money
	// in fen: up to this much of an order goes back without a second person
	RefundLimit  money.Fen `json:"refund_limit"`
	DeskMinutes  int       `json:"desk_minutes"`  // how long an order of a counter or a terminal can be paid
	PhoneMinutes int       `json:"phone_minutes"` // the same for the phone

	PartPayments access.PartPayments  `json:"part_payments"` // who may pay a part of a bill
	Prepayments  access.PrepaymentUse `json:"prepayments"`   // when what was paid ahead pays bills
	Revision     int64                `json:"revision"`
}

type companySettingsView struct {
	Settings settingsView `json:"settings"`
	// the change that waits for another person, or the last that did
	Change *organisationChangeView `json:"change,omitempty"`
}

func settingsOf(s access.Settings) *settingsView {
	return &settingsView{payment.UnappliedPolicy(s.Unapplied), s.RefundLimit, s.DeskMinutes, s.PhoneMinutes,
		cmp.Or(s.PartPayments, access.PartsAtDesk), cmp.Or(s.Prepayments, access.PrepaymentsOnRequest), s.Revision}
}

func (s *Server) getSettings(ctx context.Context, c *call, _ none) (companySettingsView, error) {
	o, err := s.organisation(ctx, c)
	if err != nil {
		return companySettingsView{}, err
	}
	return s.settingsView(ctx, c, o)
}

func (s *Server) settingsView(ctx context.Context, c *call, o *access.Organisation) (companySettingsView, error) {
	v := companySettingsView{Settings: *settingsOf(o.Settings)}
	if !c.WholeCompany() {
		return v, nil
	}
	views, err := s.organisationRequests(ctx, c, o)
	if i := slices.IndexFunc(views, func(r organisationChangeView) bool { return r.Settings != nil }); i >= 0 {
		v.Change = &views[i]
	}
	return v, err
}

type settingsInput struct {
	Unapplied    payment.UnappliedPolicy `json:"unapplied"`
	RefundLimit  money.Fen               `json:"refund_limit" most:"100000000"`
	DeskMinutes  int                     `json:"desk_minutes" least:"1" most:"120"`
	PhoneMinutes int                     `json:"phone_minutes" least:"1" most:"120"`
	PartPayments access.PartPayments     `json:"part_payments"`
	Prepayments  access.PrepaymentUse    `json:"prepayments"`
	askedInput
}

func (s *Server) askSettings(ctx context.Context, c *call, in settingsInput) (companySettingsView, error) {
	if _, err := s.organisation(ctx, c); err != nil {
		return companySettingsView{}, err
	}
	now := access.Settings{Unapplied: string(in.Unapplied), RefundLimit: in.RefundLimit, DeskMinutes: in.DeskMinutes,
		PhoneMinutes: in.PhoneMinutes, PartPayments: in.PartPayments, Prepayments: in.Prepayments}
	o, err := s.Access.AskSettings(ctx, c.Caller, now, in.asked())
	if err != nil {
		return companySettingsView{}, err
	}
	return s.settingsView(ctx, c, o)
}
