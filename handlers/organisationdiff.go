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
	case r.Authority != nil:
		return differing(s.authorityTexts(ctx, c, o.Authority), s.authorityTexts(ctx, c, *r.Authority))
	case r.Deputy != nil:
		return s.deputyLines(ctx, c, *r.Deputy)
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

// authorityTexts are what a table says of each matter, in words: who decides up to how much, and where.
func (s *Server) authorityTexts(ctx context.Context, c *call, t access.AuthorityTable) []line {
	var all []line
	for _, m := range access.AuthorityMatters() {
		var texts []string
		for _, l := range t.Lines {
			if l.Matter == m {
				texts = append(texts, s.authorityText(ctx, c, l))
			}
		}
		if len(t.Lines) == 0 {
			texts = []string{s.authorityText(ctx, c, access.AuthorityLine{Role: access.Finance})}
		}
		all = append(all, line{"over_" + string(m), strings.Join(texts, c.says("；", "; "))})
	}
	return all
}

func (s *Server) authorityText(ctx context.Context, c *call, l access.AuthorityLine) string {
	zh, en := l.Role.Words()
	most := c.says("不限金额", "any amount")
	if l.UpTo > 0 {
		most = c.says("≤ ¥"+l.UpTo.Yuan(), "up to ¥"+l.UpTo.Yuan())
	}
	text := c.says(zh, en) + " " + most
	names := make([]string, len(l.Communities))
	for i, id := range l.Communities {
		names[i] = cmp.Or(s.Property.CommunityName(ctx, id), id)
	}
	if len(names) > 0 {
		text += c.says("（"+strings.Join(names, "、")+"）", " ("+strings.Join(names, ", ")+")")
	}
	return text
}

// deputyLines are who would decide in whose place, and when.
func (s *Server) deputyLines(ctx context.Context, c *call, d access.Deputy) (views []differenceView) {
	names := s.namer(c.Company)
	for _, l := range []line{{"deputy_person", d.Person}, {"deputy_who", d.Deputy}} {
		name, err := names.name(ctx, l[1])
		if err != nil || name == "" {
			name = l[1]
		}
		views = append(views, differenceView{Field: l[0], After: name})
	}
	return append(views, differenceView{Field: "deputy_days", After: string(d.From + " – " + d.To)})
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
