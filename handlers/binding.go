package handlers

import (
	"context"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/property"
)

// bindingRoutes are the routes of bindings.
func (s *Server) bindingRoutes() []route {
	return []route{
		{id: "acknowledgeUnitBindings", method: "POST", path: "/v1/units/:id/bindings/acknowledgement", who: residents,
			summary: "Mark what happened at a home as read", endpoint: handle(s, 204, s.readHousehold)},
		{id: "listBindings", method: "GET", path: "/v1/bindings", who: residentsAndFront,
			summary: "What a resident asked for; for staff the requests by state (绑定申请)",
			records: recording{done: audit.PhonesSeen}, problems: []fault.Code{fault.NotFound},
			endpoint: listed(s, withUsual("-requested_at"), s.findBindings)},
		{id: "countBindings", method: "GET", path: "/v1/bindings/counts",
			who: staffWith(access.Cashier, access.Operations), summary: "How many requests wait for the office",
			endpoint: handle(s, 200, s.bindingsWaiting)},
		{id: "createBinding", method: "POST", path: "/v1/bindings", who: residents,
			summary: "Ask for a home: by a code to the phone on record, or at the office", perMinute: 10,
			problems: []fault.Code{fault.NotFound, fault.AlreadyExists, fault.Expired},
			endpoint: handle(s, 202, s.askToBind)},
		{id: "confirmBinding", method: "POST", path: "/v1/bindings/:id/confirmation", who: residents,
			summary: "Bind by the code that went to the phone on record", perMinute: 10,
			records: recording{refused: audit.BindingDenied}, problems: []fault.Code{fault.WrongState, fault.Expired},
			endpoint: handle(s, 200, s.bindByCode)},
		{id: "decideBinding", method: "POST", path: "/v1/bindings/:id/decision",
			who: staffWith(access.Cashier, access.Operations), summary: "Approve or refuse a request",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.decideBinding)},
		{id: "endBinding", method: "POST", path: "/v1/bindings/:id/termination", who: residentsAndFront,
			summary: "End a binding, or take back a request", problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 200, s.endBinding)},
	}
}

type bindCodeInput struct {
	ID   string `path:"id" json:"-"`
	Code string `json:"code"`
}

// bindByCode binds a home by the code that went to the phone on record.
func (s *Server) bindByCode(ctx context.Context, c *call, in bindCodeInput) (bindingView, error) {
	if err := needed(map[string]string{"code": in.Code}); err != nil {
		return bindingView{}, err
	}
	b, err := s.ownBinding(ctx, c, in.ID)
	if err != nil {
		return bindingView{}, err
	}
	c.event = audit.Event{Object: "binding:" + b.ID, Company: b.Company, Communities: []string{b.Community}}
	if err := s.Access.CodeWaits(ctx, toBind, b.ID); err != nil { // where none can be right none is a guess
		return bindingView{}, err
	}
	if err := s.Access.Spend(ctx, "codes tried of "+c.Actor(), triesOfResident, aDay); err != nil {
		return bindingView{}, err
	}
	tried := "codes tried of " + c.Actor() + " at " + b.Community + " " + b.Home()
	if err := s.Access.Spend(ctx, tried, triesAtHome, aDay); err != nil {
		return bindingView{}, err
	}
	text := in.Code
	if b.Unit == "" {
		text = "" // nobody has got the code of a home that is none
	}
	if err := s.Access.UseCodeFor(ctx, toBind, b.ID, text); err != nil {
		return bindingView{}, err
	}
	if b, err = s.Property.BindByCode(ctx, b.ID); err != nil {
		return bindingView{}, err
	}
	return s.bindingView(ctx, c, b, nil)
}

// ownBinding is a binding that the caller, a resident, asked for; any other does not exist.
func (s *Server) ownBinding(ctx context.Context, c *call, id string) (*property.Binding, error) {
	b, err := s.Property.Binding(ctx, id)
	if err != nil {
		return nil, err
	}
	if b.Resident != c.ID {
		return nil, outOfReach()
	}
	return b, nil
}

type bindingsQuery struct {
	State     property.BindingState `query:"state" json:"-"`     // for staff; "" is requested
	Community string                `query:"community" json:"-"` // for staff; "" is all within reach
	pageQuery
}

// findBindings lists what a resident has asked for, or the requests that staff decide.
func (s *Server) findBindings(ctx context.Context, c *call, in bindingsQuery) (list[bindingView], error) {
	c.phonesSeen("")
	if in.State == "" {
		in.State = property.Requested
	}
	if c.Kind == access.ResidentKind {
		newest := in.Sort == "" || in.Sort.Desc()
		bindings, next, err := s.Property.MyBindings(ctx, c.ID, newest, in.Cursor, in.Limit)
		return s.bindingViews(ctx, c, bindings, next, nil, err)
	}
	where, err := s.searched(ctx, c, in.Community)
	if err != nil {
		return list[bindingView]{}, err
	}
	if in.Sort != "" {
		bindings, next, err := s.Property.BindingsAsked(ctx, where, in.State, in.Sort.Desc(), in.Cursor, in.Limit)
		return s.bindingViews(ctx, c, bindings, next, nil, err)
	}
	bindings, next, err := s.Property.BindingPage(ctx, where, in.State, in.Cursor, in.Limit)
	return s.bindingViews(ctx, c, bindings, next, nil, err)
}

// bindingCounts says how many bindings are in a state.
type bindingCounts struct {
	Requested int64 `json:"requested"`
}

// bindingsWaiting counts the requests that wait for the office, without showing any.
func (s *Server) bindingsWaiting(ctx context.Context, c *call, _ none) (bindingCounts, error) {
	where, err := s.searched(ctx, c, "")
	if err != nil {
		return bindingCounts{}, err
	}
	n, err := s.Property.Waiting(ctx, where)
	return bindingCounts{n}, err
}

type bindingDecision struct {
	ID      string `path:"id" json:"-"`
	Approve bool   `json:"approve"`
	Reason  string `json:"reason,omitempty" most:"100"` // to refuse; the resident sees it
}

func (s *Server) decideBinding(ctx context.Context, c *call, in bindingDecision) (bindingView, error) {
	b, err := s.Property.Binding(ctx, in.ID)
	if err != nil {
		return bindingView{}, err
	}
	if !scope(c).Covers(b.Company, b.Community) {
		return bindingView{}, outOfReach()
	}
	if b, err = s.Property.DecideBinding(ctx, b.ID, in.Approve, in.Reason, c.Actor()); err != nil {
		return bindingView{}, err
	}
	return s.bindingView(ctx, c, b, nil)
}

type endInput struct {
	ID     string `path:"id" json:"-"`
	Reason string `json:"reason,omitempty" most:"100"` // staff's; the resident sees it
}

// endBinding ends a binding: by whoever asked for it, by the owner on record, or by the office.
func (s *Server) endBinding(ctx context.Context, c *call, in endInput) (bindingView, error) {
	b, err := s.Property.Binding(ctx, in.ID)
	if err != nil {
		return bindingView{}, err
	}
	var h *property.Home
	switch {
	case c.Kind == access.StaffKind:
		if !scope(c).Covers(b.Company, b.Community) {
			return bindingView{}, outOfReach()
		}
	case b.Resident != c.ID:
		if b.BoundAt.IsZero() { // what only waits is between the resident and the office
			return bindingView{}, outOfReach()
		}
		if h, err = s.householdOf(ctx, c, b.Unit); err != nil {
			return bindingView{}, err
		}
		if h.As != property.Owner || h.Tenure != b.Tenure {
			return bindingView{},
				fault.New(fault.Forbidden, "只有业主可以解除他人的绑定。", "Only the owner may end somebody else's binding.")
		}
	}
	if b, err = s.Property.EndBinding(ctx, b.ID, in.Reason, c.Actor()); err != nil {
		return bindingView{}, err
	}
	return s.bindingView(ctx, c, b, h)
}
