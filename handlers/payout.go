package handlers

import (
	"context"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/property"
	"linlipay/store"
)

// payoutRoutes are the routes of what leaves prepayments and deposits by another person's approval (退付): to a named
// payee, or, of a deposit, to the company or to a prepayment.
func (s *Server) payoutRoutes() []route {
	const of, one = "/v1/prepayments/:id/payouts", "/v1/prepayments/:id/payouts/:payout"
	matter := billing.PayoutMatter()
	return []route{
		{id: "listPayouts", method: "GET", path: "/v1/payouts", who: anyStaff,
			summary:  "Payouts of prepayments and deposits (退付) with a status, such as those to be paid",
			endpoint: listed(s, store.SortsBy("requested_at"), s.listPayouts)},
		{id: "createPayout", method: "POST", path: of, who: asks(matter), keyed: true,
			summary: "Ask for money of a prepayment to be paid to a named payee, by bank transfer or in cash, or " +
				"for a deduction of a deposit, or for it to become a prepayment; another person approves",
			problems: []fault.Code{fault.WrongState, fault.TooMany}, endpoint: handle(s, 201, s.askPayout)},
		{id: "decidePayout", method: "POST", path: of + "/decision", who: decidesByAuthority,
			summary: "Approve or reject a payout, as another person than the maker, and one whom the table of " +
				"authority lets decide it",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.decidePayout)},
		{id: "withdrawPayout", method: "POST", path: of + "/withdrawal", who: asks(matter),
			summary: "Take back one's own request", problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 200, s.withdrawPayout)},
		{id: "payPayout", method: "POST", path: one + "/payment",
			who:      staffWith(access.Cashier, access.Finance),
			summary:  "Say that an approved payout is paid: cash at the counter, a transfer by finance",
			problems: []fault.Code{fault.NotFound, fault.WrongState}, endpoint: handle(s, 200, s.payPayout)},
		{id: "cancelPayout", method: "POST", path: one + "/cancellation", who: staffWith(access.Finance),
			summary:  "Say that an approved payout is not paid: the money is available again",
			problems: []fault.Code{fault.NotFound, fault.WrongState}, endpoint: handle(s, 200, s.cancelPayout)},
	}
}

// payoutView is a payout of a prepayment.
type payoutView struct {
	Prepayment string               `json:"prepayment"`
	Unit       string               `json:"unit"`
	Label      string               `json:"unit_label"`
	Community  string               `json:"community"`
	Place      string               `json:"community_name"`
	Debtor     string               `json:"debtor"`            // whose prepayment it is
	Deposit    string               `json:"deposit,omitempty"` // a deposit's name
	Company    string               `json:"payer"`             // the name of the legal entity that pays
	Status     billing.PayoutStatus `json:"status"`            // what became of it; state is that of its request
	Amount     money.Fen            `json:"amount"`            // fen
	Method     billing.PayoutMethod `json:"method"`            // how it is paid
	Payee      string               `json:"payee,omitempty"`   // whoever gets it, where money leaves
	Bank       string               `json:"bank,omitempty"`    // of a bank transfer
	// of a bank transfer; its last four digits but for finance, and for who may decide
	Account   string     `json:"account,omitempty"`
	Fee       string     `json:"fee,omitempty"`     // of a deduction: what it is for
	Consent   string     `json:"consent,omitempty"` // of what stays with the company: how the payer agreed
	PaidAt    *time.Time `json:"paid_at,omitempty"` // of what stays with the company: when it was approved
	PaidBy    string     `json:"paid_by,omitempty"`
	Reference string     `json:"reference,omitempty"` // the bank's number of the transfer, or of the signed slip

	CancelledAt *time.Time `json:"cancelled_at,omitempty"`
	CancelledBy string     `json:"cancelled_by,omitempty"`
	WhyNot      string     `json:"cancellation_reason,omitempty"`
	requestView
}

// payoutView shows a payout of a prepayment; who of a bench decides is said while it waits.
func (s *Server) payoutView(ctx context.Context, c *call, h *property.Unit, p *billing.Prepayment, o *billing.Payout,
	bench *access.Bench) (payoutView, error) {
	var many deciders
	var err error
	if o.Status() == billing.PayoutRequested && bench != nil {
		if many, err = s.Access.Deciders(ctx, bench, p.PayoutCase(o)); err != nil {
			return payoutView{}, err
		}
	}
	payer, err := s.Access.EntityName(ctx, p.Company, p.Entity)
	v := payoutView{
		Prepayment: p.ID, Unit: p.Unit, Label: h.Label, Community: p.Community,
		Place: s.Property.CommunityName(ctx, p.Community), Debtor: h.OwnerIn(p.Tenure), Company: payer,
		Deposit: depositName(p), Fee: o.Fee, Consent: o.Consent,
		Status: o.Status(), Amount: o.Amount, Method: o.Method, Payee: o.Payee, Bank: o.Bank, Account: o.Account,
		PaidAt: given(o.PaidAt), PaidBy: o.PaidBy, Reference: o.Reference, CancelledAt: given(o.CancelledAt),
		CancelledBy: o.CancelledBy, WhyNot: o.WhyNot, requestView: *c.request(o.Request, many),
	}
	if v.MayDecide {
		v.DecidesFor, v.MayDecide = s.Access.WouldDecide(ctx, p.PayoutCase(o), c.Caller)
	}
	if !c.isFinance() && !v.MayDecide {
		v.Account = lastDigits(o.Account)
	}
	return v, err
}

// isFinance reports whether the caller is staff of finance.
func (c *call) isFinance() bool { return c.Person().Has([]string{string(access.Finance)}) }

// lastDigits is an account's number of which four digits are shown.
func lastDigits(account string) string {
	if len(account) <= 4 {
		return account
	}
	return "****" + account[len(account)-4:]
}

// payoutsOf are the payouts of a prepayment, the newest first; staff are told.
func (s *Server) payoutsOf(ctx context.Context, c *call, p *billing.Prepayment) ([]payoutView, error) {
	if c.Kind != access.StaffKind {
		return []payoutView{}, nil
	}
	var some []billing.PayoutIn
	for i := range slices.Backward(p.Payouts) {
		some = append(some, billing.PayoutIn{Prepayment: p, Payout: &p.Payouts[i]})
	}
	return s.payoutViews(ctx, c, some)
}

// payoutsIn are the payouts with a status in some communities; none are all of the company's.
func (s *Server) payoutsIn(ctx context.Context, c *call, status billing.PayoutStatus,
	communities []string) ([]billing.PayoutIn, error) {
	found, err := s.Billing.Payouts(ctx, c.Company, status)
	return slices.DeleteFunc(found, func(of billing.PayoutIn) bool {
		there := of.Prepayment.Community
		return !c.Reaches(of.Prepayment.Company, there) || len(communities) > 0 && !slices.Contains(communities, there)
	}), err
}

// payoutViews shows payouts; who decides is said of those that wait.
func (s *Server) payoutViews(ctx context.Context, c *call, some []billing.PayoutIn) ([]payoutView, error) {
	var bench *access.Bench
	views := []payoutView{}
	for _, of := range some {
		var err error
		if bench == nil && of.Status() == billing.PayoutRequested {
			if bench, err = s.Access.Bench(ctx, c.Company); err != nil {
				return nil, err
			}
		}
		u, err := s.Property.Unit(ctx, of.Prepayment.Unit)
		if err != nil {
			return nil, err
		}
		v, err := s.payoutView(ctx, c, u, of.Prepayment, of.Payout, bench)
		if err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return views, nil
}

type payoutsQuery struct {
	Status    billing.PayoutStatus `query:"status" json:"-"`    // "" is approved: to be paid
	Community string               `query:"community" json:"-"` // "" is any
	pageQuery
}

func (s *Server) listPayouts(ctx context.Context, c *call, in payoutsQuery) (list[payoutView], error) {
	if in.Status == "" {
		in.Status = billing.PayoutApproved
	}
	communities, err := s.among(ctx, c, in.Community)
	if err != nil {
		return list[payoutView]{}, err
	}
	all, err := s.payoutsIn(ctx, c, in.Status, communities)
	if err != nil {
		return list[payoutView]{}, err
	}
	page, err := sortedPage(in.pageQuery, all, func(of *billing.PayoutIn) string { return of.ID },
		sortKeys[billing.PayoutIn]{"requested_at": func(of *billing.PayoutIn) string { return inTime(of.RequestedAt) }})
	if err != nil {
		return list[payoutView]{}, err
	}
	views, err := s.payoutViews(ctx, c, page.Items)
	return list[payoutView]{views, page.Next}, err
}

// payoutApprovals are the payouts that wait within the caller's reach.
func (s *Server) payoutApprovals(ctx context.Context, c *call) (all []approvalView, err error) {
	waiting, err := s.payoutsIn(ctx, c, billing.PayoutRequested, nil)
	if err != nil {
		return nil, err
	}
	views, err := s.payoutViews(ctx, c, waiting)
	for i := range views {
		all = append(all, approvalView{Kind: PayoutApproval, Payout: &views[i]})
	}
	return all, err
}

type payoutInput struct {
	ID     string               `path:"id" json:"-"`
	Amount money.Fen            `json:"amount"` // fen, more than 0
	Method billing.PayoutMethod `json:"method"`
	Payee  string               `json:"payee,omitempty" most:"40"` // the name of whoever gets the money
	// of a bank transfer: where the account is, and its number
	Bank     string `json:"bank,omitempty" most:"60"`
	Account  string `json:"account,omitempty" most:"64"`
	Fee      string `json:"fee,omitempty" most:"40"`      // of a deduction: what it is for, such as 装修损坏赔偿
	Consent  string `json:"consent,omitempty" most:"100"` // of what stays with the company: how the payer agreed
	Reason   string `json:"reason" most:"200"`            // for whoever decides, and for the record
	Replaces string `json:"replaces,omitempty"`           // the id of a request that this one takes the place of
}

func (s *Server) askPayout(ctx context.Context, c *call, in payoutInput) (prepaymentRecordView, error) {
	return s.withPrepayment(ctx, c, in.ID, func(*billing.Prepayment) (*billing.Prepayment, error) {
		p, hit, err := s.Billing.AskPayout(ctx, in.ID, billing.NewPayout{
			Amount: in.Amount, Method: in.Method, Payee: in.Payee, Bank: in.Bank, Account: in.Account,
			Fee: in.Fee, Consent: in.Consent,
			Reason: in.Reason, Replaces: in.Replaces, Key: c.Key, KeyHash: c.KeyHash, By: c.Person(),
		})
		c.hit(hit && err == nil)
		return p, err
	})
}

func (s *Server) decidePayout(ctx context.Context, c *call, in decisionInput) (prepaymentRecordView, error) {
	return s.withPrepayment(ctx, c, in.ID, func(p *billing.Prepayment) (*billing.Prepayment, error) {
		if o := p.Payout(in.Request); o != nil && in.Approve {
			err := s.mayStillAsk(ctx, c, billing.PayoutMatter(), o.Signatures, p.Community)
			if err != nil {
				return nil, err
			}
		}
		return s.Billing.DecidePayout(ctx, in.ID, in.decision(), c.Person())
	})
}

func (s *Server) withdrawPayout(ctx context.Context, c *call, in withdrawalInput) (prepaymentRecordView, error) {
	return s.withPrepayment(ctx, c, in.ID, func(*billing.Prepayment) (*billing.Prepayment, error) {
		return s.Billing.WithdrawPayout(ctx, in.ID, in.Request, c.Person())
	})
}

type payoutPaymentInput struct {
	ID     string `path:"id" json:"-"`
	Payout string `path:"payout" json:"-"`
	// the bank's number of the transfer, which a transfer has, or that of the signed slip
	Reference string `json:"reference,omitempty" most:"64"`
}

func (s *Server) payPayout(ctx context.Context, c *call, in payoutPaymentInput) (prepaymentRecordView, error) {
	return s.withPrepayment(ctx, c, in.ID, func(p *billing.Prepayment) (*billing.Prepayment, error) {
		o := p.Payout(in.Payout)
		if o != nil && o.Method == billing.BankTransfer && !c.isFinance() {
			return nil, fault.New(fault.Forbidden, "银行转账由财务登记付款。", "A transfer is for finance to pay.")
		}
		return s.Billing.PayPayout(ctx, in.ID, in.Payout, in.Reference, c.Actor())
	})
}

type payoutCancellationInput struct {
	ID     string `path:"id" json:"-"`
	Payout string `path:"payout" json:"-"`
	Reason string `json:"reason" most:"200"` // why it is not paid
}

func (s *Server) cancelPayout(ctx context.Context, c *call, in payoutCancellationInput) (prepaymentRecordView, error) {
	return s.withPrepayment(ctx, c, in.ID, func(*billing.Prepayment) (*billing.Prepayment, error) {
		return s.Billing.CancelPayout(ctx, in.ID, in.Payout, in.Reason, c.Actor())
	})
}
