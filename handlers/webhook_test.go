package handlers

import (
	"testing"

	"linlipay/access"
)

// An endpoint that waits for another person stands in the list of what waits, for those who may decide it.
func TestAnEndpointWaitsAmongTheApprovals(t *testing.T) {
	w := newReach(t)
	operations, finance := w.b.staff[access.Operations], w.b.staff[access.Finance]
	var made madeEndpointView
	w.json("POST", "/v1/webhook-endpoints", operations, newEndpointInput{URL: "https://erp.example.com/hooks",
		Communities: []string{w.b.community}}, &made)
	waiting := func(token string) []approvalView {
		var some list[approvalView]
		w.json("GET", "/v1/approvals?kind=endpoint", token, nil, &some)
		return some.Items
	}
	some := waiting(finance)
	if len(some) != 1 || some[0].Endpoint.ID != made.Endpoint.ID || !some[0].Endpoint.Request.MayDecide ||
		some[0].request().ID != made.Endpoint.Request.ID {
		t.Fatalf("waiting: %+v", some)
	}
	if some := waiting(operations); len(some) != 1 || some[0].request().MayDecide {
		t.Errorf("for the maker: %+v", some)
	}
	for _, token := range []string{w.a.staff[access.Finance], w.strangers["another community's finance"]} {
		if some := waiting(token); len(some) != 0 {
			t.Errorf("for others: %+v", some)
		}
	}
	w.json("POST", "/v1/webhook-endpoints/"+made.Endpoint.ID+"/decision", finance,
		decisionInput{Request: made.Endpoint.Request.ID, Approve: true}, &struct{}{})
	if some := waiting(finance); len(some) != 0 {
		t.Errorf("still waiting: %+v", some)
	}
}
