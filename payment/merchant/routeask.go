package merchant

import (
	"context"
	"slices"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/store"
)

// RouteRequest is a choice of routes that waits for another person, or the last that did. It stands in the Routes.
type RouteRequest struct {
	approval.Request
	Ways []Route `json:"ways"` // all of them as they would be
}

// standing is the request, nil where there never was one.
func (r *Routes) standing() *approval.Request {
	if r.Request == nil {
		return nil
	}
	return &r.Request.Request
}

// AskRoutes asks that what a company has chosen for a community be replaced. It takes effect once another person has
// approved it. An account that is not the company's, does not serve the community or does not offer the way is an
// Invalid fault.
func (s *Service) AskRoutes(ctx context.Context, r Routes, a Asker) (*Routes, error) {
	if err := s.checkRoutes(ctx, r); err != nil {
		return nil, err
	}
	return s.changeRoutes(ctx, r.Company, r.Community, audit.RoutesAsked, a.By.ID, func(have *Routes) error {
		if sameRoutes(have.PaymentMethods, r.PaymentMethods) {
			return fault.New(fault.Invalid, "没有任何改动。", "Nothing would change.")
		}
		request, err := a.ask(RouteMatter(), have.standing(), have.Revision, s.now())
		have.Request = &RouteRequest{request, r.PaymentMethods}
		return err
	})
}

// DecideRoutes approves or refuses what waits for a community; what was approved takes effect at once in every process.
// Its faults are approval.Request.Decide's, and Invalid for a choice that cannot be any more.
func (s *Service) DecideRoutes(ctx context.Context, company, community string, d approval.Decision,
	by approval.Person) (*Routes, error) {
	waiting, err := s.RoutesOf(ctx, company, community)
	if err != nil {
		return nil, err
	}
	if waiting.Request != nil && d.Approve { // an account may have been disabled or lost the way since
		if err := s.checkRoutes(ctx, Routes{Company: company, Community: community,
			PaymentMethods: waiting.Request.Ways}); err != nil {
			return nil, err
		}
	}
	return s.changeRoutes(ctx, company, community, decided(d.Approve, audit.RoutesApproved, audit.RoutesRejected),
		by.ID, func(have *Routes) error {
			if err := have.standing().Decide(RouteMatter(), d, have.Revision, by, s.now()); err != nil {
				return err
			}
			if d.Approve {
				have.put(have.Request.Ways, have.Request.RequestedBy, s.now())
			}
			return nil
		})
}

// WithdrawRoutes takes back what the caller asked for. Its faults are approval.Request.Withdraw's.
func (s *Service) WithdrawRoutes(ctx context.Context, company, community, request string, by approval.Person) (*Routes,
	error) {
	return s.changeRoutes(ctx, company, community, audit.RoutesWithdrawn, by.ID, func(have *Routes) error {
		return have.standing().Withdraw(request, by, s.now())
	})
}

// changeRoutes changes what a company has chosen for a community, be there anything yet or not, and owes the audit
// log what was done.
func (s *Service) changeRoutes(ctx context.Context, company, community string, verb audit.Verb, by string,
	change func(*Routes) error) (*Routes, error) {
	id := routesID(company, community)
	do := func(r *Routes) error {
		was := Routes{PaymentMethods: r.PaymentMethods}
		if err := change(r); err != nil {
			return err
		}
		is := Routes{PaymentMethods: r.PaymentMethods}
		if r.Request != nil && verb != audit.RoutesApproved && verb != audit.RoutesChanged {
			is.PaymentMethods = r.Request.Ways // what was asked for
		}
		r.owe(ctx, verb, by, differ(&was, &is), s.now())
		return nil
	}
	r, err := s.routes.Update(ctx, id, do)
	if !fault.Is(err, fault.NotFound) {
		return r, err
	}
	r = &Routes{ID: id, Company: company, Community: community}
	if err := do(r); err != nil {
		return nil, err
	}
	err = s.routes.Insert(ctx, r)
	if fault.Is(err, fault.AlreadyExists) { // another was faster
		return s.routes.Update(ctx, id, do)
	}
	return r, err
}

// differ are the ways that two choices give to different accounts.
func differ(before, after *Routes) []Difference {
	var differences []Difference
	for _, route := range slices.Concat(before.PaymentMethods, after.PaymentMethods) {
		field := string(route.Wallet) + " " + string(route.Method)
		was, is := list(before.accounts(route.PaymentMethod)), list(after.accounts(route.PaymentMethod))
		seen := slices.ContainsFunc(differences, func(d Difference) bool { return d.Field == field })
		if was != is && !seen {
			differences = append(differences, Difference{Field: field, Before: was, After: is})
		}
	}
	return differences
}

// WaitingRoutes is a page of a company's routes with a request that waits for a decision, and the cursor of the next.
func (s *Service) WaitingRoutes(ctx context.Context, company, cursor string, limit int) (routes []Routes, next string,
	err error) {
	page, next, err := s.routes.Find(ctx, store.Query{Index: byWaiting, Equal: []any{company}, Cursor: cursor,
		Limit: limit})
	for _, r := range page {
		if r.standing().At(s.now()) == approval.Requested {
			routes = append(routes, r)
		}
	}
	return routes, next, err
}

// RoutesChange is what may be shown of a request for routes.
type RoutesChange struct {
	approval.Request
	Outdated    bool // what it would change has changed since: it cannot be approved
	Ways        []Route
	Differences []Difference // while it waits
}

// Change is the request of the routes as it stands now; nil is none.
func (s *Service) Change(r *Routes) *RoutesChange {
	if r.Request == nil {
		return nil
	}
	c := &RoutesChange{Request: r.Request.Request, Ways: r.Request.Ways}
	if c.State = r.standing().At(s.now()); c.State != approval.Requested {
		return c
	}
	c.Outdated = c.Base != r.Revision
	c.Differences = differ(r, &Routes{PaymentMethods: c.Ways})
	return c
}

// sameRoutes reports whether two choices are the same, in whatever order of the ways.
func sameRoutes(a, b []Route) bool {
	before, after := Routes{PaymentMethods: a}, Routes{PaymentMethods: b}
	return len(a) == len(b) && !slices.ContainsFunc(a, func(r Route) bool {
		return !slices.Equal(before.accounts(r.PaymentMethod), after.accounts(r.PaymentMethod))
	})
}
