package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/calendar"
	"linlipay/payment/gateway"
	"linlipay/payment/ledger"
	"linlipay/property"
	"linlipay/workbook"
)

func (f *fixture) overview(token string) overviewView {
	f.t.Helper()
	var v overviewView
	f.json("GET", "/v1/overview", token, nil, &v)
	return v
}

// bill adds two bills of a month to the only unit of a community, 10.00 and 20.00.
func (f *fixture) bill(community, period string) {
	f.t.Helper()
	rows := [][]any{
		{"小区", "楼栋", "单元", "房号", "业主", "手机", "费用项目", "账期", "金额"},
		{community, "1栋", "1单元", "101", "业主丙", "13800000003", "车位费", period, "20.00"},
		{community, "1栋", "1单元", "101", "业主丙", "13800000003", "水费", period, "10.00"},
	}
	var out bytes.Buffer
	if err := workbook.Write(&out, workbook.Table{Rows: rows}); err != nil {
		f.t.Fatal(err)
	}
	if _, err := f.s.Billing.Import(f.t.Context(), of("aaa"), &out); err != nil {
		f.t.Fatal(err)
	}
}

// billOf is the first bill of a fee.
func (f *fixture) billOf(bills []billing.Bill, fee string) string {
	for _, b := range bills {
		if b.Fee == fee {
			return b.ID
		}
	}
	f.t.Fatal("no bill of ", fee, " in ", bills)
	return ""
}

// monthOf adds up the bills of a company's units, or of one community's, unit by unit.
func (f *fixture) monthOf(company, community, period string) (v monthView) {
	f.t.Helper()
	v.Period = period
	all, err := f.s.Property.Communities(f.t.Context(), property.Scope{Company: company})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, c := range all {
		if community != "" && c.ID != community {
			continue
		}
		units, _, err := f.s.Property.FindUnits(f.t.Context(), []string{c.ID}, "", "", 0)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, u := range units {
			for _, status := range []billing.BillStatus{billing.Unpaid, billing.PaidBill} {
				bills, err := f.s.Billing.Bills(f.t.Context(), u.ID, status)
				if err != nil {
					f.t.Fatal(err)
				}
				for _, b := range bills {
					if b.Period != period {
						continue
					}
					v.Bills, v.Billed = v.Bills+1, v.Billed+b.Amount
					if b.Owed() == 0 {
						v.PaidBills, v.Paid = v.PaidBills+1, v.Paid+b.Amount
					}
				}
			}
		}
	}
	return v
}

// Which numbers a role sees: those of the lists that it may see.
func TestTheFirstPageCountsForItsReader(t *testing.T) {
	f := serve(t)
	for _, x := range []struct {
		role                                         access.Role
		today, mine, month, messages, allOfTerminals bool
		chains                                       bool
	}{
		{role: access.Cashier, today: true, mine: true, allOfTerminals: true},
		{role: access.Finance, today: true, month: true, messages: true, allOfTerminals: true, chains: true},
		{role: access.Operations, messages: true, allOfTerminals: true},
		{role: access.Auditor, today: true, month: true, messages: true, allOfTerminals: true, chains: true},
	} {
		v := f.overview(f.a.staff[x.role])
		if (v.Today != nil) != x.today || (v.Yesterday != nil) != x.today || (v.DayBefore != nil) != x.today ||
			(v.Mine != nil) != x.mine ||
			(v.Month != nil) != x.month || (v.Messages != nil) != x.messages ||
			(v.Terminals != nil) != x.allOfTerminals || (len(v.Chains) > 0) != x.chains {
			raw, _ := json.Marshal(v)
			t.Errorf("%s sees %s", x.role, raw)
		}
	}
}

// What the first page says of the audit log: nothing before it was verified, how far it was, and what was found.
func TestTheFirstPageTellsOfTheChains(t *testing.T) {
	f := serve(t)
	auditor := f.a.staff[access.Auditor]
	chain := func() chainView {
		t.Helper()
		v := f.overview(auditor)
		if len(v.Chains) == 0 || v.Chains[0].Chain != "audit" {
			t.Fatalf("%+v", v.Chains)
		}
		return v.Chains[0]
	}
	v := chain()
	if v.State != chainUnverified || v.VerifiedAt != nil || v.Last == 0 || len(v.LastHash) != 64 {
		t.Errorf("before: %+v", v)
	}
	check := func() {
		t.Helper()
		if err := f.s.Audit.CheckAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	check()
	if v = chain(); v.State != chainIntact || v.VerifiedTo != v.Last || v.Lines != v.Last || v.VerifiedAt == nil {
		t.Errorf("verified: %+v", v)
	}
	last, err := f.st.Get(t.Context(), "audit", fmt.Sprintf("aaa/%012d", v.Last))
	if err == nil {
		err = f.st.Delete(t.Context(), "audit", last.ID, last.Version)
	}
	if err != nil {
		t.Fatal(err)
	}
	check()
	if v = chain(); v.State != chainBroken || v.Finding == "" {
		t.Errorf("cut: %+v", v)
	}
}

// inOneDay is now, once there are minutes left of the day: what a test does after it is done on one day.
func inOneDay() time.Time {
	time.Sleep(time.Until(calendar.AddDays(time.Now().Add(2*time.Minute), 0))) // not at all, but for the last minutes
	return time.Now().In(calendar.Zone())
}

// The numbers are those of what was done: cash taken by two people in two communities, some of it handed back, as
// somebody of the whole company, of one community and of another company sees them.
func TestTheFirstPagesNumbers(t *testing.T) {
	now := inOneDay()
	f := serve(t)
	ctx := t.Context()
	if _, err := f.s.Billing.Import(ctx, of("aaa"), threeBills(t, "丙小区", "业主丙", "13800000003")); err != nil {
		t.Fatal(err)
	}
	all, err := f.s.Property.Communities(ctx, property.Scope{Company: "aaa"})
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	other := all[0].ID
	if other == f.a.community {
		other = all[1].ID
	}
	narrow := access.Staff{Login: "aaa-narrow", Name: "丙收银", Company: "aaa",
		Roles: []access.Role{access.Cashier, access.Finance}, Communities: []string{other}}
	if err := f.s.Access.AddStaff(ctx, narrow, "password-aaa"); err != nil {
		t.Fatal(err)
	}
	var in tokensView
	f.json("POST", "/v1/members/sessions", "", loginInput{"aaa-narrow", "password-aaa"}, &in)

	f.bill("丙小区", now.Format("2006-01"))

	pay := func(token, order string) {
		t.Helper()
		f.inCash(token, order, 100000, "cash-"+order)
	}
	pay(f.a.staff[access.Cashier], f.a.order.ID) // 10.00 in the first community
	units, _, err := f.s.Property.FindUnits(ctx, []string{other}, "101", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	bills, err := f.s.Billing.Bills(ctx, units[0].ID, billing.Unpaid)
	if err != nil {
		t.Fatal(err)
	}
	var o orderView
	f.json("POST", "/v1/orders", in.AccessToken,
		orderInput{Unit: units[0].ID, Bills: []string{f.billOf(bills, "车位费"), f.billOf(bills, "物业费")}}, &o)
	pay(in.AccessToken, o.ID)
	for _, id := range []string{f.a.order.ID, o.ID} {
		if _, err := f.s.Payments.Advance(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.s.Payments.Post(ctx); err != nil {
		t.Fatal(err)
	}

	whole, one, foreign := f.overview(f.a.staff[access.Finance]), f.overview(in.AccessToken),
		f.overview(f.b.staff[access.Finance])
	for _, x := range []struct {
		who   string
		v     overviewView
		taken int64
		n     int64
	}{{"the whole company", whole, 4000, 2}, {"one community", one, 3000, 1}, {"another company", foreign, 0, 0}} {
		if int64(x.v.Today.Taken) != x.taken || x.v.Today.TakenCount != x.n ||
			x.v.Today.Day != now.Format(time.DateOnly) || x.v.Yesterday.TakenCount != 0 {
			t.Errorf("%s: %+v", x.who, *x.v.Today)
		}
	}
	if mine := f.overview(f.a.staff[access.Cashier]).Mine; mine.Taken != 1000 || mine.TakenCount != 1 {
		t.Errorf("the cashier took %+v", mine)
	}
	if one.Mine.Taken != 3000 || len(one.Today.By) != 1 || one.Today.By[0].Institution != gateway.Cash ||
		one.Today.By[0].Taken != 3000 {
		t.Errorf("%+v, %+v", one.Mine, one.Today.By)
	}
	for where, v := range map[string]overviewView{"": whole, other: one} {
		if want := f.monthOf("aaa", where, now.Format("2006-01")); *v.Month != want || want.Bills == 0 ||
			want.PaidBills == want.Bills {
			t.Errorf("the month in %q: %+v, its bills say %+v", where, *v.Month, want)
		}
	}
	if whole.Terminals.All != 1 || one.Terminals.All != 0 || foreign.Terminals.All != 1 {
		t.Errorf("terminals: %+v, %+v, %+v", *whole.Terminals, *one.Terminals, *foreign.Terminals)
	}
}

// A person's cash is what they took and handed out themselves today: not what another did, not yesterday's, and not the
// card payment of which they said that it never came.
func TestTheFirstPagesCashIsTheReadersOwn(t *testing.T) {
	at := func(day, who string, through gateway.Institution) ledger.Moved {
		return ledger.Moved{Day: day, Cashier: who, Institution: string(through), Taken: 500, TakenCount: 1,
			Refunded:      200,
			RefundedCount: 1}
	}
	got := cashOf("2026-11-28", "staff:a", []ledger.Moved{
		at("2026-11-28", "staff:a", gateway.Cash), at("2026-11-28", "staff:b", gateway.Cash),
		at("2026-11-27", "staff:a", gateway.Cash),
		at("2026-11-28", "staff:a", gateway.Lakala), at("2026-11-28", "", gateway.WeChat),
	})
	if want := (movedView{Taken: 500, TakenCount: 1, GivenBack: 200, GivenBackCount: 1}); *got != want {
		t.Errorf("%+v, want %+v", *got, want)
	}
}
