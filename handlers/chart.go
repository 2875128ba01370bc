package handlers

import (
	"context"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/fault"
)

// Chart is what package billing asks about companies' legal entities and regions, which package access keeps.
type Chart struct{ Access *access.Service }

// EntityOn is the legal entity in whose name a community's money is taken on a day.
func (o Chart) EntityOn(ctx context.Context, company, community, day string) (string, error) {
	return o.Access.EntityOn(ctx, company, community, access.Day(day))
}

// RegionOn is the region that a community is in on a day, "" for none.
func (o Chart) RegionOn(ctx context.Context, company, community, day string) (string, error) {
	return o.Access.RegionOn(ctx, company, community, access.Day(day))
}

// PrepaymentsPayDue reports whether a company's prepayments pay bills by themselves once they are due.
func (o Chart) PrepaymentsPayDue(ctx context.Context, company string) (bool, error) {
	s, err := o.Access.SettingsOf(ctx, company)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return s.Prepayments == access.PrepaymentsDue, err
}

// Chart are a company's entities and regions by name; none where nobody has founded it.
func (o Chart) Chart(ctx context.Context, company string) (billing.Chart, error) {
	of, err := o.Access.Organisation(ctx, company)
	if fault.Is(err, fault.NotFound) {
		return billing.Chart{}, nil
	}
	if err != nil {
		return billing.Chart{}, err
	}
	var chart billing.Chart
	for _, e := range of.Entities {
		chart.Entities = append(chart.Entities, billing.Named{ID: e.ID, Name: e.Name, Code: e.TaxNumber,
			From: string(e.From), To: string(e.To)})
	}
	for _, r := range of.Regions {
		chart.Regions = append(chart.Regions, billing.Named{ID: r.ID, Name: r.Name, From: string(r.From),
			To: string(r.To)})
	}
	return chart, nil
}

// Placing asks in somebody's name that new communities belong where a workbook says; for the shell it is done at once.
// Its faults are those of access.Service.AskMove.
func (o Chart) Placing(by access.Caller, reason string) func(context.Context, billing.Placement) error {
	return func(ctx context.Context, to billing.Placement) error {
		m := access.Move{Communities: to.Communities, Entity: to.Entity, Region: to.Region, From: access.Day(to.From)}
		_, err := o.Access.AskMove(ctx, by, m, access.Asked{Reason: reason})
		return err
	}
}
