package gatewaytest

import (
	"slices"
	"testing"

	"linlipay/payment/gateway"
)

func TestAPageShowsTheTableOfFieldsAndNoMore(t *testing.T) {
	const (
		head = "## Fields\n\n| in | field | promise | nothing | zero | other | note " +
			"|\n|---|---|---|---|---|---|---|\n"
		state  = "| query | `state` | always | unbelieved | – | – | it may have failed |"
		amount = "| query | `amount` | always | unbelieved | unbelieved | – | none is of nothing |"
		other  = "| what | source |\n|---|---|\n| a refund | D |\n"
	)
	rule := gateway.FieldRule{In: "query", Name: "state", Promise: gateway.Always, Nothing: gateway.Unbelieved,
		Note: "it may have failed"}
	more := gateway.FieldRule{In: "query", Name: "amount", Promise: gateway.Always, Nothing: gateway.Unbelieved,
		Zero: gateway.Unbelieved, Note: "none is of nothing"}
	for name, c := range map[string]struct {
		page           string
		more           []gateway.FieldRule
		missing, stale []string
	}{
		"the same":                {page: head + state + "\n\n" + other},
		"nothing":                 {page: other, missing: []string{state}},
		"an empty table":          {page: head, missing: []string{state}},
		"a row of an older table": {page: head + state + "\n" + amount + "\n", stale: []string{amount}},
		"a row of another table": {page: head + state + "\n\n" + head + amount + "\n",
			more: []gateway.FieldRule{more}},
		"a stale row at the end":    {page: head + state + "\n\n" + head + amount, stale: []string{amount}},
		"a row that says otherwise": {head + amount, nil, []string{state}, []string{amount}},
		"a row outside any table":   {page: state, missing: []string{state}},
		"a row of another kind":     {page: head + state + "\n" + "| a | b |\n", stale: []string{"| a | b |"}},
	} {
		rules := []gateway.FieldRule{rule}
		missing, stale := compareTables(c.page, rules, slices.Concat(rules, c.more))
		if !slices.Equal(missing, c.missing) || !slices.Equal(stale, c.stale) {
			t.Errorf("%s: missing %q, stale %q", name, missing, stale)
		}
	}
}
