package handlers

import (
	"slices"
	"strings"
	"testing"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/money"
)

// A statement over HTTP: of the owner on record or of the one before, of some days, as far as the caller may see.
func TestAStatementOverHTTP(t *testing.T) {
	f := serve(t)
	cashier, finance := f.a.staff[access.Cashier], f.a.staff[access.Finance]
	path := "/v1/units/" + f.a.unit.ID + "/statement"
	paid := f.inCash(cashier, f.a.order.ID, f.a.order.Amount, "cash")
	if _, err := f.s.Payments.Post(t.Context()); err != nil {
		t.Fatal(err)
	}
	var v statementView
	f.json("GET", path, finance, nil, &v)
	kinds := []billing.StatementKind{}
	for _, l := range v.Lines {
		kinds = append(kinds, l.Kind)
	}
	want := []billing.StatementKind{billing.LinePublished, billing.LinePublished, billing.LinePublished,
		billing.LineReceived}
	if !slices.Equal(kinds, want) || v.Closing != 2000 || v.Debtor.Owed != 2000 || v.Label != f.a.unit.Label ||
		len(v.Payees) != 1 || v.Payees[0] != "aaa" || v.Company != "甲物业" || len(v.Totals) != 2 {
		t.Fatalf("%+v", v)
	}
	if last := v.Lines[3]; last.Order != paid.ID || last.Receipt != "00000001" || last.Amount != -1000 ||
		last.Balance != 2000 || last.Title != "物业费 2026年9月" {
		t.Errorf("%+v", last)
	}
	for query, want := range map[string]string{
		"?from=2026-11-31": "from", "?to=1.1.2026": "to", "?from=2026-11-02&to=2026-11-01": "from",
		"?tenure=x": "tenure", "?tenure=-1": "tenure",
	} {
		if status, _, body := f.ask("GET", path+query, cashier, nil); status != 400 ||
			!strings.Contains(body, `"field":"`+want+`"`) {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
	if status, _, body := f.ask("GET", path+"?tenure=1", cashier, nil); status != 404 {
		t.Errorf("a tenure that there was not: %d %s", status, body)
	}
	f.json("GET", path+"?to=2020-01-01", cashier, nil, &v)
	if len(v.Lines) != 0 || v.Closing != 0 || v.To != "2020-01-01" {
		t.Errorf("%+v", v)
	}
}

// After an owner's change everybody has the statements that they may see, with the names that they may.
func TestWhoseStatementsWhoSees(t *testing.T) {
	f := serve(t)
	unit := "/v1/units/" + f.a.unit.ID
	f.inCash(f.a.staff[access.Cashier], f.a.order.ID, f.a.order.Amount, "cash")
	f.json("PUT", unit+"/owner", f.a.staff[access.Operations], ownerInput{Owner: "李四明",
		Phone: "13900000009"}, &unitView{})
	_, program := f.apiClient(f.a)
	now := f.residentOf("13900000009")
	for who, c := range map[string]struct {
		token, query string
		names        string
		closing      money.Fen
		lines        int
		orders       bool
	}{
		"staff":               {f.a.staff[access.Finance], "", "李四明 业主aaa", 0, 0, false},
		"staff of the former": {f.a.staff[access.Auditor], "?tenure=0", "李四明 业主aaa", 2000, 4, true},
		"a program":           {program, "?tenure=0", "李*明 业*a", 2000, 4, true},
		"a terminal":          {f.a.terminal, "", "李*明", 0, 0, false},
		"who lives there":     {now, "", "李*明", 0, 0, false},
		"the former owner":    {f.a.resident, "", "业*a", 2000, 2, false},
	} {
		var v statementView
		f.json("GET", unit+"/statement"+c.query, c.token, nil, &v)
		var names []string
		for _, d := range v.Debtors {
			names = append(names, d.Name)
		}
		orders := slices.ContainsFunc(v.Lines, func(l statementLineView) bool { return l.Order != "" })
		if v.Closing != c.closing || len(v.Lines) != c.lines || orders != c.orders ||
			strings.Join(names, " ") != c.names {
			t.Errorf("%s sees %v: %+v", who, names, v)
		}
	}
	for who, token := range map[string]string{"a terminal": f.a.terminal, "who lives there": now,
		"another company": f.b.staff[access.Finance], "another resident": f.b.resident} {
		if status, _, body := f.ask("GET", unit+"/statement?tenure=0", token, nil); status != 404 {
			t.Errorf("%s asks for the former owner's: %d %s", who, status, body)
		}
	}
}
