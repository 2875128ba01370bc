package handlers

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"linlipay/access"
)

// organisationDifferences are what a request changes, before and after, for whoever decides: of a move one line a
// community, in which entities, regions and communities have their names.
func (s *Server) organisationDifferences(ctx context.Context, c *call, o *access.Organisation,
	r *access.OrganisationRequest) []differenceView {
	switch {
	case r.Entity != nil:
		before := access.LegalEntity{}
		if have := o.Entity(r.Entity.ID); have != nil {
			before = *have
		}
		return differing(entityLines(before), entityLines(*r.Entity))
	case r.Move != nil:
		return s.moveLines(ctx, c, o, *r.Move)
	}
	return differing(settingsLines(o.Settings), settingsLines(*r.Settings))
}

// line is a field's name and its value.
type line [2]string

func differing(before, after []line) []differenceView {
	var views []differenceView
	for i, is := range after {
		if was := before[i]; was != is {
			views = append(views, differenceView{Field: is[0], Before: was[1], After: is[1]})
		}
	}
	return views
}

func entityLines(e access.LegalEntity) []line {
	accounts := make([]string, len(e.Accounts))
	for i, a := range e.Accounts {
		accounts[i] = a.Bank + " " + a.Number
	}
	return []line{{"org_name", e.Name}, {"org_kind", string(e.Kind)}, {"org_tax_number", e.TaxNumber},
		{"org_seal", e.Seal}, {"org_series", e.Series}, {"org_books", e.Books},
		{"org_accounts", strings.Join(accounts, "; ")}, {"org_from", string(e.From)}, {"org_to", string(e.To)}}
}

func settingsLines(s access.Settings) []line {
	return []line{{"set_unapplied", s.Unapplied}, {"set_refund_limit", s.RefundLimit.Yuan()},
		{"set_desk_minutes", fmt.Sprint(s.DeskMinutes)}, {"set_phone_minutes", fmt.Sprint(s.PhoneMinutes)},
		{"set_part_payments", string(cmp.Or(s.PartPayments, access.PartsAtDesk))},
		{"set_prepayments", string(cmp.Or(s.Prepayments, access.PrepaymentsOnRequest))}}
}

// moveLines are where communities would belong on the day from which they move, and have belonged; also on later days
// for which something else was decided.
func (s *Server) moveLines(ctx context.Context, c *call, o *access.Organisation, m access.Move) []differenceView {
	views := []differenceView{{Field: "org_from", After: string(m.From)}}
	for _, v := range o.Moved(m) {
		name, what := entityName, c.says("公司主体", "legal entity")
		if v.Region {
			name, what = regionName, c.says("区域", "region")
		}
		field := cmp.Or(s.Property.CommunityName(ctx, v.Community), v.Community) + " · " + what
		if v.From != m.From {
			field += " · " + c.says("自 ", "from ") + string(v.From) + c.says(" 起", "")
		}
		views = append(views, differenceView{Field: field, Before: name(o, v.Before), After: name(o, v.After)})
	}
	return views
}

func entityName(o *access.Organisation, id string) string {
	if e := o.Entity(id); e != nil {
		return e.Name
	}
	return id
}

func regionName(o *access.Organisation, id string) string {
	if r := o.Region(id); r != nil {
		return r.Name
	}
	return id
}
