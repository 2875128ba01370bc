package billing

import (
	"context"
	"fmt"
	"strings"

	"linlipay/fault"
	"linlipay/property"
	"linlipay/store"
)

// have is what is stored of that which a workbook names.
type have struct {
	communities map[string]bool
	units       map[string]*property.Unit
	named       map[string]string   // names of communities by how they are spelled
	alike       map[string]homeName // units by what they could be mistaken for
	bills       map[string]*Bill    // by how they are spelled
	fees        map[string]*likeFee // bills by what they are for; see likeBill
	cutOvers    map[string]*CutOver // of the communities, where there is one
}

// have reads what is stored: communities are read through, which is less than to ask for each unit and bill.
func (s *Service) have(ctx context.Context, in *intake) (*have, error) {
	h := &have{map[string]bool{}, map[string]*property.Unit{}, map[string]string{}, map[string]homeName{},
		map[string]*Bill{}, map[string]*likeFee{}, map[string]*CutOver{}}
	known, err := s.property.Communities(ctx, property.Scope{Company: in.how.Company})
	if err != nil {
		return nil, err
	}
	for _, c := range known {
		h.named[property.SpelledCommunity(c.Name)] = c.Name
	}
	for _, c := range in.communities {
		_, err := s.property.Community(ctx, c.ID)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err == nil {
			err = s.haveCommunity(ctx, in, h, c.ID)
		}
		if err != nil {
			return nil, err
		}
	}
	return h, nil
}

// haveCommunity reads what is stored of a community: all its units, and the bills that the workbook may repeat.
func (s *Service) haveCommunity(ctx context.Context, in *intake, h *have, community string) error {
	h.communities[community] = true
	c, err := s.CutOver(ctx, community)
	if err != nil {
		return err
	}
	h.cutOvers[community] = c
	err = s.property.EachUnit(ctx, community, func(u property.Unit) error {
		_, billed := in.known[u.ID]
		if billed || in.holding[u.ID] {
			h.units[u.ID] = &u
		}
		h.note(&u)
		return nil
	})
	from, to := in.periods()
	for _, status := range []BillStatus{Cancelled, Unpaid, PaidBill} { // what stands counts before what was cancelled
		if err != nil {
			return err
		}
		q := store.Query{Index: "by_community", Equal: []any{community, string(status)}, From: from, To: to + "~",
			Limit: store.MaxLimit}
		err = s.bills.All(ctx, q, func(b Bill) error {
			if in.billed[spelledBill(&b)] != nil && !b.reissuedAs(h.bills[spelledBill(&b)]) {
				h.bills[spelledBill(&b)] = &b
			}
			if in.alike[likeBill(&b)] && (b.Status != Cancelled || b.CancelledForGood()) {
				h.noteFee(&b, 0)
			}
			return nil
		})
	}
	return err
}

// periods are the first and the last one that the workbook has a bill of.
func (in *intake) periods() (from, to string) {
	from = "9999-99"
	for _, b := range in.bills {
		from, to = min(from, b.bill.Period), max(to, b.bill.Period)
	}
	return from, to
}

// note remembers what a unit could be mistaken for by a row that names another.
func (h *have) note(u *property.Unit) {
	for _, key := range u.Alike() {
		h.alike[key] = homeName{u.Label, u.Building, u.Entrance, u.Room}
	}
}

// homeName is what a unit is called, as a whole and by its parts.
type homeName struct{ label, building, entrance, room string }

// beside are two names of a home as a report shows them: by their parts where nothing else differs.
func (n homeName) beside(other homeName) (one, two string) {
	if n.label != other.label {
		return n.label, other.label
	}
	return n.parts(), other.parts()
}

func (n homeName) parts() string {
	return fmt.Sprintf("楼栋「%s」单元「%s」房号「%s」", n.building, n.entrance, n.room)
}

// otherwise is how the name of a community is spelled that a new one seems to mean, "" for none.
func (h *have) otherwise(c property.Community) string {
	name := h.named[property.SpelledCommunity(c.Name)]
	if h.communities[c.ID] || property.Compact(name) == property.Compact(c.Name) {
		return ""
	}
	return name
}

// mistaken is the unit that a row probably means, where it names one that is not there: written in one cell or in
// several, with its entrance or without.
func (h *have) mistaken(row *property.Unit) (name homeName, ok bool) {
	for i, key := range row.Alike() {
		if i == 1 { // a unit with an entrance is mistaken for one without, and the other way round
			key = strings.Replace(key, "with ", "out ", 1)
			if row.Entrance == "" {
				key = strings.Replace(key, "out ", "with ", 1)
			}
		}
		if name, ok := h.alike[key]; ok {
			return name, true
		}
	}
	return homeName{}, false
}

// reissuedAs reports whether another bill of the unit, fee and period was made after the bill was cancelled.
func (b *Bill) reissuedAs(other *Bill) bool { return other != nil && other.Reissue > b.Reissue }
