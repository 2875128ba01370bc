package billing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/property"
)

// What a workbook says of legal entities (公司主体) and regions (区域). To whom a bill is owed follows from where its
// community belongs, which decides over money and is changed in the organisation, by two people. So a row may name the
// entity, and is refused where that is another one: nobody's money goes elsewhere because of a cell. A new community
// belongs where its rows say: by the shell at once; otherwise that is asked for, and its rows wait.

// placed reads what a row says of the entity to which its bill is owed and of the region of its community.
func (in *intake) placed(c cells, into *readBill) (bad *problem) {
	for _, f := range []struct {
		of     column
		all    []Named
		to     **Named
		day    string
		zh, en string
	}{
		{colEntity, in.chart.Entities, &into.entity, into.bill.Period + "-01", "公司主体", "legal entity"},
		{colRegion, in.chart.Regions, &into.region, "", "区域", "region"},
	} {
		text, bad := c.text(f.of)
		if bad != nil {
			return bad
		}
		if property.Compact(text) == "" {
			continue
		}
		_, at := c.cell(f.of)
		n := find(f.all, text)
		switch {
		case n == nil && len(f.all) == 0:
			return no(at, "公司还没有"+f.zh+"，请先在「组织」中添加，或清空这一列",
				"the company has no "+f.en+" yet: add it to the organisation first, or clear the column")
		case n == nil:
			return no(at, "没有"+f.zh+"「"+shortened(text)+"」，请先在「组织」中添加，或照写："+namesOf(f.all),
				"there is no "+f.en+" of that name: add it to the organisation first, or write one of "+namesOf(f.all))
		case f.day != "" && !n.on(f.day):
			return no(at, "「"+n.Name+"」"+days(*n)+"，不含账期 "+into.bill.Period,
				n.Name+" is there "+daysEN(*n)+", which "+into.bill.Period+" is not within")
		}
		*f.to = n
	}
	return nil
}

func days(n Named) string {
	return fmt.Sprintf("自 %s 至 %s 有效", cmp.Or(n.From, "成立"), cmp.Or(n.To, "今"))
}

func daysEN(n Named) string {
	return fmt.Sprintf("from %s to %s", cmp.Or(n.From, "ever"), cmp.Or(n.To, "today"))
}

// belongs holds what a row says against where its community belongs, and keeps what it says of a new one. It reports
// whether the row may go on.
func (s *Service) belongs(ctx context.Context, in *intake, h *have, places newPlaces, b *readBill) (bool, error) {
	if !h.communities[b.bill.Community] {
		return places.note(b), nil
	}
	if b.entity != nil {
		if ok, err := s.owedTo(ctx, in, b, h.bills[spelledBill(&b.bill)]); !ok || err != nil {
			return false, err
		}
	}
	if b.region == nil {
		return true, nil
	}
	have, err := s.organisation.RegionOn(ctx, in.how.Company, b.bill.Community, calendar.Day(in.now))
	if err == nil && have != b.region.ID {
		name := cmp.Or(nameOf(in.chart.Regions, have), "（无）")
		b.about(colRegion)
		b.warn("小区现属区域「"+name+"」，表中为「"+b.region.Name+"」，未更改；请在「组织」中变更",
			"the community is in region "+name+", the row has "+b.region.Name+"; it stays, unless you change the "+
				"organisation")
	}
	return true, err
}

// owedTo refuses a row that names another entity than the one to which its bill is owed.
func (s *Service) owedTo(ctx context.Context, in *intake, b *readBill, before *Bill) (bool, error) {
	have, err := s.entityOf(ctx, &b.bill)
	if err != nil {
		return false, err
	}
	if before != nil {
		have = before.EntityID()
	}
	if have == b.entity.ID {
		return true, nil
	}
	name := nameOf(in.chart.Entities, have)
	b.about(colEntity)
	b.row.set(Refused, b.bill.Period+" 的账单属于「"+name+"」，表中为「"+b.entity.Name+
		"」；请照写，或先在「组织」中变更小区的归属，获批后再导入",
		"bills of "+b.bill.Period+" are owed to "+name+", the row has "+b.entity.Name+
			": write that, or first change where the community belongs, and import again when it is approved")
	return false, nil
}

// newPlaces are where the new communities of a workbook are to belong, by community.
type newPlaces map[string]*newPlace

type newPlace struct {
	entity, region       *Named
	entityRow, regionRow int    // the row that said so first
	from                 string // the first day of the earliest period
	rows                 []*readBill
}

// note takes what a row says of its new community; it reports whether the row may go on.
func (p newPlaces) note(b *readBill) bool {
	at := p[b.bill.Community]
	if at == nil {
		at = &newPlace{from: b.bill.Period + "-01"}
		p[b.bill.Community] = at
	}
	for _, f := range []struct {
		of   column
		said *Named
		have **Named
		row  *int
	}{{colEntity, b.entity, &at.entity, &at.entityRow}, {colRegion, b.region, &at.region, &at.regionRow}} {
		switch {
		case f.said == nil:
		case *f.have == nil:
			*f.have, *f.row = f.said, b.row.Row
		case (*f.have).ID != f.said.ID:
			b.about(f.of)
			b.row.set(Refused, fmt.Sprintf("新小区在第 %d 行写的是「%s」，请写成一样", *f.row, (*f.have).Name),
				fmt.Sprintf("row %d of the new community has %s; write both alike", *f.row, (*f.have).Name))
			return false
		}
	}
	at.from = min(at.from, b.bill.Period+"-01")
	at.rows = append(at.rows, b)
	return true
}

// placement is where a new community is to belong, nil where nothing is to be done: it is the first entity's anyway.
func (p *newPlace) placement(community string, first string, today string) *Placement {
	to := Placement{Communities: []string{community}, From: p.from}
	if p.entity != nil && p.entity.ID != first {
		to.Entity = p.entity.ID
	}
	if p.region != nil {
		to.Region = p.region.ID
	}
	switch {
	case to.Entity == "" && to.Region == "":
		return nil
	case to.Entity == "":
		to.From = max(today, p.region.From)
	}
	return &to
}

// place puts the new communities of a workbook where its rows say, or asks for it. It returns the rows that can be
// stored now: those of a community whose entity waits for another person do not go on.
func (s *Service) place(ctx context.Context, in *intake, places newPlaces, fresh []*readBill) ([]*readBill, error) {
	for _, c := range in.communities {
		p := places[c.ID]
		if p == nil || len(in.chart.Entities) == 0 {
			continue
		}
		to := p.placement(c.ID, in.chart.Entities[0].ID, calendar.Day(in.now))
		if to == nil {
			continue
		}
		stays, err := s.placeOne(ctx, in, c, p, to)
		if err != nil {
			return nil, err
		}
		if !stays {
			fresh = slices.DeleteFunc(fresh, func(b *readBill) bool { return b.bill.Community == c.ID })
		}
	}
	return fresh, nil
}

// placeOne places one new community. It reports whether its rows can be stored now.
func (s *Service) placeOne(ctx context.Context, in *intake, c property.Community, p *newPlace, to *Placement) (bool,
	error) {
	if in.how.Place == nil {
		for _, b := range p.rows {
			b.row.set(Refused, "新小区「"+c.Name+"」要写公司主体或区域，须由负责全公司的运营人员导入；也可清空这两列",
				"only operations of the whole company say to which entity or region the new community "+c.Name+
					" belongs: have them import it, or clear both columns")
		}
		return false, nil
	}
	if !in.how.Trial {
		if err := s.property.AddCommunities(ctx, []property.Community{c}); err != nil {
			return false, err
		}
		err := in.how.Place(ctx, *to)
		if f := (*fault.Error)(nil); errors.As(err, &f) && f.Code != fault.Internal && f.Code != fault.Unavailable {
			for _, b := range p.rows {
				b.row.set(Refused, "小区「"+c.Name+"」不能这样归属："+f.ZH, c.Name+" cannot belong there: "+f.EN)
			}
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	in.notePlace(c, p, to)
	if in.how.PlacesAtOnce || to.Entity == "" {
		return true, nil
	}
	for _, b := range p.rows {
		b.warn("新小区归属「"+p.entity.Name+"」须由另一人在「待审批」中批准，获批后请再导入一次",
			"that the new community belongs to "+p.entity.Name+" waits for another person; import again once it "+
				"is approved")
		b.row.done(Pending, Pending, b)
	}
	return false, nil
}

// unitsOf are those units that have one of the bills.
func unitsOf(bills []*readBill, units []property.Unit) []property.Unit {
	billed := map[string]bool{}
	for _, b := range bills {
		billed[b.bill.Unit] = true
	}
	return slices.DeleteFunc(units, func(u property.Unit) bool { return !billed[u.ID] })
}

// notePlace says where a new community will belong.
func (in *intake) notePlace(c property.Community, p *newPlace, to *Placement) {
	zh, en := "", ""
	if to.Entity != "" {
		zh, en = "，公司主体「"+p.entity.Name+"」", ", legal entity "+p.entity.Name
	}
	if to.Region != "" {
		zh, en = zh+"，区域「"+p.region.Name+"」", en+", region "+p.region.Name
	}
	end, endEN := "：导入后须另一人批准", ": it waits for another person once it is imported"
	switch {
	case in.how.PlacesAtOnce:
		end, endEN = "", ""
	case !in.how.Trial:
		end, endEN = "：已提交审批", ": asked for, it waits for another person"
	}
	in.report.note("", "新小区「"+c.Name+"」自 "+to.From+" 起归属"+zh+end,
		"the new community "+c.Name+" belongs from "+to.From+en+endEN)
}
