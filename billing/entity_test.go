package billing

import (
	"context"
	"testing"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/property"
)

// chartOf is an organisation as a test says.
type chartOf struct {
	chart    Chart
	entityOn func(company, community, day string) string
	region   string // in which every community is
	placed   []Placement
	payDue   bool // prepayments pay what is due
}

func (c *chartOf) EntityOn(_ context.Context, company, community, day string) (string, error) {
	return c.entityOn(company, community, day), nil
}

func (c *chartOf) PrepaymentsPayDue(context.Context, string) (bool, error) { return c.payDue, nil }

func (c *chartOf) RegionOn(context.Context, string, string, string) (string, error) {
	return c.region, nil
}

func (c *chartOf) Chart(context.Context, string) (Chart, error) { return c.chart, nil }

// A community changes its legal entity on the first of October: each bill is owed to the entity of its period's first
// day, whenever it is taken in; an order takes the entity of its bills and not that of the day; bills of two are paid
// apart.
func TestBillsAreOwedToTheEntityOfTheirDay(t *testing.T) {
	s, pay := open(t)
	s.organisation = &chartOf{entityOn: func(company, _, day string) string {
		if day >= "2026-10-01" {
			return "new"
		}
		return company
	}}
	_, err := s.Import(t.Context(), all, sheetOf(t, head,
		[]any{"锦绣花园", "3栋", "2单元", "1201", "王小明", "13800000001", "物业费", "2026-09", "10"},
		[]any{"锦绣花园", "3栋", "2单元", "1201", "王小明", "13800000001", "停车费", "2026-09", "20"},
		[]any{"锦绣花园", "3栋", "2单元", "1201", "王小明", "13800000001", "物业费", "2026-10", "30"},
		[]any{"锦绣花园", "3栋", "2单元", "1201", "王小明", "13800000001", "物业费", "2026-11", "40"}))
	if err != nil {
		t.Fatal(err)
	}
	communities, err := s.Communities(t.Context(), property.Scope{Company: "one"})
	if err != nil {
		t.Fatal(err)
	}
	units, _, err := s.FindUnits(t.Context(), []string{communities[0].ID}, "1201", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	bills, err := s.Bills(t.Context(), units[0].ID, Unpaid)
	if err != nil {
		t.Fatal(err)
	}
	of := map[string][]string{}
	for _, b := range bills {
		want := "one"
		if b.Period >= "2026-10" {
			want = "new"
		}
		if b.Entity != want || b.EntityID() != want {
			t.Errorf("%s is owed to %s, not to %s", b.Title(), b.Entity, want)
		}
		of[want] = append(of[want], b.ID)
	}
	both := Collect{Unit: units[0].ID, Bills: []string{of["one"][0], of["new"][0]},
		Origin: payment.Origin{Kind: payment.Counter}}
	if _, _, err := s.Collect(t.Context(), both); !fault.Is(err, fault.Invalid) {
		t.Errorf("an order of two entities: %v", err)
	}
	for entity, ids := range of {
		one := Collect{Unit: units[0].ID, Bills: ids, Origin: payment.Origin{Kind: payment.Counter}}
		o, _, err := s.Collect(t.Context(), one)
		if err != nil || o.EntityID() != entity {
			t.Fatalf("an order for bills of %s: %+v, %v", entity, o, err)
		}
		if _, _, err = pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: o.Amount, By: "staff:c"}); err != nil {
			t.Fatal(err)
		}
	}
	old := Bill{Company: "one"}
	if old.EntityID() != "one" {
		t.Errorf("a bill of before there were entities is of %q", old.EntityID())
	}
}
