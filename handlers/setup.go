package handlers

import (
	"context"
	"slices"

	"linlipay/access"
	"linlipay/payment"
	"linlipay/payment/merchant"
	"linlipay/property"
)

// What a company does before it can collect (上线). Nothing is kept of it: each step is done when what it is for is
// there, wherever and in which order that was entered.

// SetupStep says what is to be done.
type SetupStep string

// The steps, in the order in which a company takes them.
const (
	SetupEntity   SetupStep = "legal_entity"     // every legal entity says its tax number (统一社会信用代码)
	SetupStaff    SetupStep = "staff"            // one asks, another can approve, and somebody collects
	SetupHomes    SetupStep = "units"            // a workbook of homes and what they owe was imported
	SetupAccount  SetupStep = "merchant_account" // an institution takes money for the company
	SetupTerminal SetupStep = "terminal"         // a terminal is paired
	SetupPayment  SetupStep = "first_payment"    // somebody has paid
)

// setupItemView is a step, and whether it is done.
type setupItemView struct {
	Step SetupStep `json:"step"`
	Done bool      `json:"completed"`
}

// setup is what there is to do in a company that is not set up yet, for who does it: operations and finance of all of
// it. It is none where nothing is missing; a terminal is missed by nobody, since people pay without one too.
func (s *Server) setup(ctx context.Context, c *call) ([]setupItemView, error) {
	steps := []struct {
		step SetupStep
		done func(context.Context, *call) (bool, error)
	}{
		{SetupEntity, s.entitiesNamed}, {SetupStaff, s.staffed}, {SetupHomes, s.housed}, {SetupAccount, s.accounted},
		{SetupTerminal, s.terminaled}, {SetupPayment, s.collected},
	}
	views, left := make([]setupItemView, 0, len(steps)), false
	for _, next := range steps {
		done, err := next.done(ctx, c)
		if err != nil {
			return nil, err
		}
		left = left || !done && next.step != SetupTerminal
		views = append(views, setupItemView{next.step, done})
	}
	if !left {
		return nil, nil
	}
	return views, nil
}

func (s *Server) entitiesNamed(ctx context.Context, c *call) (bool, error) {
	o, err := s.organisation(ctx, c)
	return err == nil && !slices.ContainsFunc(o.Entities, func(e access.LegalEntity) bool { return e.TaxNumber == "" }),
		err
}

// staffed: a second person can decide over merchant accounts, which nobody can take money without, and there are
// cashiers.
func (s *Server) staffed(ctx context.Context, c *call) (bool, error) {
	many, err := s.deciders(ctx, c, merchant.AccountMatter(), "")
	if err != nil || len(many) < 2 {
		return false, err
	}
	all, err := s.Access.Everybody(ctx, c.Company)
	return slices.ContainsFunc(all, func(m access.Staff) bool {
		return !m.Disabled && slices.Contains(m.Roles, access.Cashier)
	}), err
}

func (s *Server) housed(ctx context.Context, c *call) (bool, error) {
	some, _, err := s.Property.CommunityPage(ctx, property.Scope{Company: c.Company}, "", 1)
	return len(some) > 0, err
}

// accounted: an account that is no longer asked for, and not out of use. Cash has none.
func (s *Server) accounted(ctx context.Context, c *call) (bool, error) {
	all, err := everything(func(cursor string, limit int) ([]merchant.AccountInfo, string, error) {
		return s.Payments.Merchants().AccountInfos(ctx, c.Company, cursor, limit)
	})
	return slices.ContainsFunc(all, func(a merchant.AccountInfo) bool { return !a.Disabled }), err
}

func (s *Server) terminaled(ctx context.Context, c *call) (bool, error) {
	some, _, err := s.Terminals.List(ctx, c.Company, nil, "", 1)
	return len(some) > 0, err
}

func (s *Server) collected(ctx context.Context, c *call) (bool, error) {
	paid := payment.Filter{Company: c.Company, Status: payment.Paid}
	for {
		some, next, err := s.Payments.Find(ctx, paid)
		if err != nil || len(some) > 0 || next == "" {
			return len(some) > 0, err
		}
		paid.Cursor = next
	}
}
