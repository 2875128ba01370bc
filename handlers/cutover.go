package handlers

import (
	"context"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/property"
	"linlipay/store"
)

// cutOverRoutes are the routes of communities that move in: whether the balance that they came with agrees with the
// system before (上线核对).
func (s *Server) cutOverRoutes() []route {
	const one = "/v1/communities/:id/cutover"
	matter := billing.CutOverMatter()
	readers := staffWith(access.Finance, access.Operations, access.Auditor)
	return []route{
		{id: "listCutovers", method: "GET", path: "/v1/cutovers", who: readers,
			summary:  "Communities, and where the cut-over of each stands",
			endpoint: listed(s, store.SortsBy("community_name"), s.cutOvers)},
		{id: "getCutover", method: "GET", path: one, who: readers,
			summary:  "A community's open balance (期初余额) beside its control totals",
			endpoint: handle(s, 200, s.getCutOver)},
		{id: "updateCutover", method: "PUT", path: one, who: asks(matter),
			summary:  "Enter what the system before says is owed of each fee",
			problems: []fault.Code{fault.WrongState, fault.Stale}, endpoint: handle(s, 200, s.enterTotals)},
		{id: "requestCutover", method: "POST", path: one + "/requests", who: asks(matter),
			summary: "Ask to lock an open balance that agrees, or to open again one that is locked; another person " +
				"approves", problems: []fault.Code{fault.WrongState, fault.Stale}, endpoint: handle(s, 200, s.askLock)},
		{id: "decideCutover", method: "POST", path: one + "/decision", who: decides(matter),
			summary:  "Approve or reject what was asked for, as another person than the maker",
			problems: []fault.Code{fault.WrongState, fault.Stale}, endpoint: handle(s, 200, s.decideLock)},
		{id: "withdrawCutover", method: "POST", path: one + "/withdrawal", who: asks(matter),
			summary: "Take back one's own request", problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 200, s.withdrawLock)},
	}
}

// cutOverSummaryView is where a community's cut-over stands.
type cutOverSummaryView struct {
	Community   string               `json:"community"`
	Place       string               `json:"community_name"`
	State       billing.CutOverState `json:"state"`
	FirstPeriod string               `json:"first_period,omitempty"` // yyyy-MM: earlier bills are the open balance
	LockedAt    *time.Time           `json:"locked_at,omitempty"`
	Owed        money.Fen            `json:"locked_amount,omitempty"` // fen owed that it was locked with
	Held        money.Fen            `json:"locked_held,omitempty"`   // fen held for households that it was locked with
	// somebody waits for a decision: to lock it, or to open it again
	Waits bool `json:"requested"`
}

// feeTotalView is the open balance of one fee, or what the system before held under one name, beside its control total.
type feeTotalView struct {
	Fee  string `json:"fee"`
	Held bool   `json:"held,omitempty"` // held for households, as a prepayment or a deposit, and not owed by them
	// fen that the system before says; none where nothing was entered
	Control *money.Fen `json:"control_amount,omitempty"`
	// how many bills the system before says; none where it does not
	ControlBills int       `json:"control_bills,omitempty"`
	Amount       money.Fen `json:"amount"`     // fen: what the bills are of, or what was held
	Bills        int       `json:"bills"`      // how many
	Difference   money.Fen `json:"difference"` // fen: by how much more the bills have
	Agrees       bool      `json:"matches"`    // amount, and the number of bills where there is one
	Left         money.Fen `json:"owed"`       // fen: what is owed of it, or held, still
}

// cutOverView is a community's open balance.
type cutOverView struct {
	cutOverSummaryView
	Fees     []feeTotalView `json:"fees"`
	Agrees   bool           `json:"matches"` // all of them do, and control totals were entered
	Revision int64          `json:"revision"`
	Request  *requestView   `json:"request,omitempty"` // the last wish to lock it, or to open it again
}

func (s *Server) cutOverSummary(in *property.Community, c *billing.CutOver) cutOverSummaryView {
	v := cutOverSummaryView{Community: in.ID, Place: in.Name, State: c.State()}
	if c == nil {
		return v
	}
	v.FirstPeriod, v.Waits = c.FirstPeriod, c.Waits()
	if c.Locked != nil {
		v.LockedAt = given(c.Locked.At)
		for _, f := range c.Locked.Fees {
			if f.Held {
				v.Held += f.Owed // bounded: each agreed with its control total
			} else {
				v.Owed += f.Owed
			}
		}
	}
	return v
}

// cutOverRecord shows a cut-over and its balance.
func (s *Server) cutOverRecord(ctx context.Context, c *call, in *property.Community, of *billing.CutOver,
	all []billing.Reconciled) (cutOverView, error) {
	v := cutOverView{cutOverSummaryView: s.cutOverSummary(in, of), Fees: []feeTotalView{}}
	entered := false
	v.Agrees = true
	for _, r := range all {
		fee := feeTotalView{Fee: r.Fee, Amount: r.Owed, Bills: r.Bills, Difference: r.Difference(), Agrees: r.Agrees(),
			Left: r.Left, Held: r.Held}
		if r.Control != nil {
			fee.Control, fee.ControlBills, entered = &r.Control.Amount, r.Control.Bills, true
		}
		v.Agrees = v.Agrees && fee.Agrees
		v.Fees = append(v.Fees, fee)
	}
	v.Agrees = v.Agrees && entered
	if of == nil {
		return v, nil
	}
	v.Revision = of.Revision
	if of.Request == nil {
		return v, nil
	}
	many, err := s.deciders(ctx, c, billing.CutOverMatter(), in.ID)
	v.Request = c.request(*of.Request, many)
	return v, err
}

type cutOversQuery struct {
	State billing.CutOverState `query:"state" json:"-"` // "" is any
	pageQuery
}

func (s *Server) cutOvers(ctx context.Context, c *call, in cutOversQuery) (list[cutOverSummaryView], error) {
	communities, err := s.Property.Communities(ctx, scope(c))
	if err != nil {
		return list[cutOverSummaryView]{}, err
	}
	of, err := s.Billing.CutOvers(ctx, c.Company)
	if err != nil {
		return list[cutOverSummaryView]{}, err
	}
	var all []cutOverSummaryView
	for i := range communities {
		v := s.cutOverSummary(&communities[i], of[communities[i].ID])
		if in.State == "" || in.State == v.State {
			all = append(all, v)
		}
	}
	name := inName()
	return sortedPage(in.pageQuery, all, func(v *cutOverSummaryView) string { return v.Community },
		sortKeys[cutOverSummaryView]{
			"community_name": func(v *cutOverSummaryView) string { return name(v.Place) },
		})
}

type cutOverQuery struct {
	ID string `path:"id" json:"-"`
	// bills of before are counted (yyyy-MM); "" is what was entered, and none are before that. A balance that is locked
	// is as it was locked
	FirstPeriod string `query:"first_period" json:"-"`
}

func (s *Server) getCutOver(ctx context.Context, c *call, in cutOverQuery) (cutOverView, error) {
	community, err := s.community(ctx, c, in.ID)
	if err != nil {
		return cutOverView{}, err
	}
	of, err := s.Billing.CutOver(ctx, in.ID)
	if err != nil {
		return cutOverView{}, err
	}
	all, err := s.Billing.Reconciled(ctx, in.ID, of, in.FirstPeriod)
	if err != nil {
		return cutOverView{}, err
	}
	return s.cutOverRecord(ctx, c, community, of, all)
}

// changeCutOver has a change made of the cut-over of a community within the caller's reach, and shows what came of it.
func (s *Server) changeCutOver(ctx context.Context, c *call, id string,
	change func(property.Community) (*billing.CutOver, error)) (cutOverView, error) {
	community, err := s.community(ctx, c, id)
	if err != nil {
		return cutOverView{}, err
	}
	of, err := change(*community)
	if err != nil {
		return cutOverView{}, err
	}
	if of.Waits() && of.Locked == nil { // counted just now
		return s.cutOverRecord(ctx, c, community, of, of.Stored())
	}
	all, err := s.Billing.Reconciled(ctx, id, of, "")
	if err != nil {
		return cutOverView{}, err
	}
	return s.cutOverRecord(ctx, c, community, of, all)
}

type controlTotalInput struct {
	Fee    string    `json:"fee" most:"60"`
	Amount money.Fen `json:"amount" least:"0"` // fen
	// how many that is; left out where the system before does not say
	Bills int `json:"bills,omitempty" least:"0"`
}

type totalsInput struct {
	ID          string              `path:"id" json:"-"`
	FirstPeriod string              `json:"first_period"` // yyyy-MM: bills of earlier periods are the open balance
	Totals      []controlTotalInput `json:"totals"`       // those of before are replaced
	// as the answer that was looked at had it, 0 of what there is not yet; another since is 409
	Revision int64 `json:"revision" said:"always" least:"0"`
}

func (s *Server) enterTotals(ctx context.Context, c *call, in totalsInput) (cutOverView, error) {
	totals := make([]billing.ControlTotal, len(in.Totals))
	for i, t := range in.Totals {
		totals[i] = billing.ControlTotal{Fee: t.Fee, Amount: t.Amount, Bills: t.Bills}
	}
	return s.changeCutOver(ctx, c, in.ID, func(community property.Community) (*billing.CutOver, error) {
		return s.Billing.EnterTotals(ctx, community, in.FirstPeriod, totals, in.Revision)
	})
}

type lockInput struct {
	ID string `path:"id" json:"-"`
	// as the answer that was looked at had it; another since is 409
	Revision int64  `json:"revision" said:"always" least:"0"`
	Reason   string `json:"reason,omitempty" most:"200"` // for whoever decides; required to open it again
}

func (s *Server) askLock(ctx context.Context, c *call, in lockInput) (cutOverView, error) {
	return s.changeCutOver(ctx, c, in.ID, func(community property.Community) (*billing.CutOver, error) {
		return s.Billing.AskLock(ctx, community, in.Reason, in.Revision, c.Person())
	})
}

func (s *Server) decideLock(ctx context.Context, c *call, in decisionInput) (cutOverView, error) {
	return s.changeCutOver(ctx, c, in.ID, func(community property.Community) (*billing.CutOver, error) {
		of, err := s.Billing.CutOver(ctx, in.ID)
		if err == nil && of != nil && of.Request != nil && in.Approve {
			err = s.mayStillAsk(ctx, c, billing.CutOverMatter(), of.Request.Signatures, in.ID)
		}
		if err != nil {
			return nil, err
		}
		return s.Billing.DecideLock(ctx, community, in.decision(), c.Person())
	})
}

func (s *Server) withdrawLock(ctx context.Context, c *call, in withdrawalInput) (cutOverView, error) {
	return s.changeCutOver(ctx, c, in.ID, func(community property.Community) (*billing.CutOver, error) {
		return s.Billing.WithdrawLock(ctx, community, in.Request, c.Person())
	})
}

// cutOverApprovals are the locks that wait within the caller's reach.
func (s *Server) cutOverApprovals(ctx context.Context, c *call) (all []approvalView, err error) {
	waiting, err := everything(func(cursor string, limit int) ([]billing.CutOver, string, error) {
		return s.Billing.WaitingCutOvers(ctx, c.Company, cursor, limit)
	})
	if err != nil {
		return nil, err
	}
	for i := range waiting {
		of := &waiting[i]
		if !c.Reaches(of.Company, of.ID) {
			continue // another's to decide
		}
		community, err := s.Property.Community(ctx, of.ID)
		if err != nil {
			return nil, err
		}
		v, err := s.cutOverRecord(ctx, c, community, of, of.Stored())
		if err != nil {
			return nil, err
		}
		all = append(all, approvalView{Kind: CutOverApproval, CutOver: &v})
	}
	return all, nil
}
