package handlers

import (
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// What a company has still to do is ticked off as it is done, by whatever way; who does not do it is not asked to.
func TestWhatACompanyHasToDo(t *testing.T) {
	f := serve(t)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const password = "a garden of seven plums"
	enter := func(login string, roles ...access.Role) string {
		t.Helper()
		must(f.s.Access.AddStaff(ctx, access.Staff{Login: login, Name: login, Company: "new", Roles: roles}, password))
		var v tokensView
		f.json("POST", "/v1/members/sessions", "", loginInput{login, password}, &v)
		return v.AccessToken
	}
	must(f.s.Property.AddCompany(ctx, "new", "新物业"))
	must(f.s.Access.Found(ctx, "new", "新物业", access.DefaultSettings()))
	first := enter("first", access.Operations)
	left := func(want ...SetupStep) {
		t.Helper()
		var steps []string
		for _, s := range f.overview(first).Setup {
			if !s.Done {
				steps = append(steps, string(s.Step))
			}
		}
		var wanted []string
		for _, s := range want {
			wanted = append(wanted, string(s))
		}
		if got := strings.Join(steps, " "); got != strings.Join(wanted, " ") {
			t.Fatalf("left: %s; want %s", got, strings.Join(wanted, " "))
		}
	}
	left(SetupEntity, SetupStaff, SetupHomes, SetupAccount, SetupTerminal, SetupPayment)
	second := enter("second", access.Finance)
	left(SetupEntity, SetupStaff, SetupHomes, SetupAccount, SetupTerminal, SetupPayment) // nobody collects
	cashier := enter("cashier", access.Cashier)
	left(SetupEntity, SetupHomes, SetupAccount, SetupTerminal, SetupPayment)

	o, err := f.s.Access.Organisation(ctx, "new")
	must(err)
	e := o.Entities[0]
	e.TaxNumber = "91350100M000100Y43"
	_, err = f.s.Access.AskEntity(ctx, access.Shell("new"), e, access.Asked{Revision: e.Revision})
	must(err)
	_, err = f.s.Billing.Import(ctx, of("new"), threeBills(t, "新小区", "业主新", "13800000008"))
	must(err)
	left(SetupAccount, SetupTerminal, SetupPayment)
	must(f.s.Accounts.Add(ctx, gateway.Account{ID: "new-wechat", Company: "new", Institution: gateway.WeChat,
		Settings: map[string]string{}}, time.Now()))
	left(SetupTerminal, SetupPayment)

	all, err := f.s.Property.Communities(ctx, of("new").Scope)
	must(err)
	units, _, err := f.s.Property.FindUnits(ctx, []string{all[0].ID}, "101", "", 0)
	must(err)
	bills, err := f.s.Billing.Bills(ctx, units[0].ID, billing.Unpaid)
	must(err)
	var made orderView
	f.json("POST", "/v1/orders", cashier, orderInput{Unit: units[0].ID, Bills: []string{bills[0].ID}}, &made)
	left(SetupTerminal, SetupPayment)
	if paid := f.inCash(cashier, made.ID, bills[0].Amount, "first"); paid.Status != payment.Paid {
		t.Fatal(paid.Status)
	}
	left() // a terminal is missed by nobody
	if len(f.overview(second).Setup) != 0 {
		t.Error("finance is told of more than operations")
	}
}

// Who may not set a company up is not told what is left to do.
func TestWhoIsToldWhatACompanyHasToDo(t *testing.T) {
	f := serve(t)
	for role, told := range map[access.Role]bool{access.Operations: true, access.Finance: true, access.Cashier: false,
		access.Auditor: false} {
		if got := len(f.overview(f.a.staff[role]).Setup) > 0; got != told {
			t.Errorf("%s: told %v", role, got)
		}
	}
	if len(f.overview(f.finance2(f.a.community)).Setup) > 0 {
		t.Error("who works for a community alone is told what the company has to do")
	}
}
