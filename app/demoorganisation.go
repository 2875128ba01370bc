package app

import (
	"context"

	"linlipay/access"
	"linlipay/property"
)

// demoEntities are the made-up legal entities: of each company the first is itself, the second has its last community.
// No company has these codes.
func demoEntities(c demoCompany) []access.LegalEntity {
	main := access.LegalEntity{ID: c.id, Kind: access.Corporation, Name: c.name, TaxNumber: "91350100M000100Y43",
		Series: "A", Books: "001", Accounts: []access.BankAccount{{Bank: "示例银行营业部", Number: "1000200030004000"}}}
	branch := access.LegalEntity{Kind: access.Branch, Name: c.name + "第二分公司", TaxNumber: "91350100M000200Y3P",
		Series: "B", Books: "002"}
	return []access.LegalEntity{main, branch}
}

// organise gives a company two legal entities and two regions, at the first start. It stands for two people who have
// done it, as whatever the shell does.
func (d demo) organise(ctx context.Context, a *App, c demoCompany) error {
	shell := access.Shell(c.id)
	if err := a.Access.Found(ctx, c.id, c.name, a.cfg.settings()); err != nil {
		return err
	}
	o, err := a.Access.Organisation(ctx, c.id)
	if err != nil || len(o.Regions) > 0 {
		return err
	}
	for _, e := range demoEntities(c) {
		if _, err := a.Access.AskEntity(ctx, shell, e, access.Asked{}); err != nil {
			return err
		}
	}
	for _, name := range []string{"东片区", "西片区"} {
		if o, err = a.Access.PutRegion(ctx, shell, access.Region{Name: name}); err != nil {
			return err
		}
	}
	return d.place(ctx, a, o)
}

// place puts a company's communities into its regions in turn, and the last one into its second entity, if there are
// others.
func (d demo) place(ctx context.Context, a *App, o *access.Organisation) error {
	all, err := a.Property.Communities(ctx, property.Scope{Company: o.ID})
	if err != nil {
		return err
	}
	if err := d.placeInRegions(ctx, a, o, all); err != nil || len(all) < 2 {
		return err
	}
	_, err = a.Access.AskMove(ctx, access.Shell(o.ID), access.Move{Communities: []string{all[len(all)-1].ID},
		Entity: o.Entities[1].ID, From: "2026-01-01"}, access.Asked{})
	return err
}

// placeInRegions puts communities into a company's regions in turn.
func (d demo) placeInRegions(ctx context.Context, a *App, o *access.Organisation, all []property.Community) error {
	for i, region := range o.Regions {
		m := access.Move{Region: region.ID, From: "2026-01-01"}
		for n := i; n < len(all); n += len(o.Regions) {
			m.Communities = append(m.Communities, all[n].ID)
		}
		if len(m.Communities) == 0 {
			continue
		}
		if _, err := a.Access.AskMove(ctx, access.Shell(o.ID), m, access.Asked{}); err != nil {
			return err
		}
	}
	return nil
}
