package handlers

import (
	"testing"

	"linlipay/access"
	"linlipay/approval"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
)

// Routes are asked for by one and decided by another, each as the request that they saw; what waits is in the list.
func TestRoutesAreDecidedByAnother(t *testing.T) {
	f := serve(t)
	operations, finance := f.a.staff[access.Operations], f.a.staff[access.Finance]
	way := merchant.Route{PaymentMethod: gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.Native},
		Accounts: []string{"aaawechat"}}
	here := "?community=" + f.a.community
	var asked, then routesView
	ask := routesInput{Routes: []merchant.Route{way}, askedInput: askedInput{Reason: "换收款账户"}}
	f.json("PUT", "/v1/routes"+here, operations, ask, &asked)
	if len(asked.Routes) != 0 || asked.Request == nil || !asked.Request.Mine || asked.Request.MayDecide ||
		asked.Request.Differences[0].After != "aaawechat" || asked.Request.Reason != "换收款账户" {
		t.Fatalf("asked: %+v %+v", asked, asked.Request)
	}
	yes := routesDecision{Request: asked.Request.ID, Approve: true}
	unexplained, mistaken := yes, yes
	unexplained.Approve, mistaken.Request = false, "another"
	for name, c := range map[string]struct {
		token  string
		path   string
		body   any
		status int
	}{
		"by the maker":                  {operations, "/decision" + here, yes, 403},
		"by a cashier":                  {f.a.staff[access.Cashier], "/decision" + here, yes, 403},
		"by another company":            {f.b.staff[access.Finance], "/decision" + here, yes, 404},
		"of another community":          {finance, "/decision", yes, 409},
		"another request than was seen": {finance, "/decision" + here, mistaken, 409},
		"refused without a reason":      {finance, "/decision" + here, unexplained, 400},
		"withdrawn by another": {finance, "/withdrawal" + here, routesWithdrawal{Request: asked.Request.ID},
			403},
	} {
		if status, _, answer := f.ask("POST", "/v1/routes"+c.path, c.token, c.body); status != c.status {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	if status, _, _ := f.ask("PUT", "/v1/routes"+here, operations, ask); status != 409 {
		t.Errorf("a second request beside the first: %d", status)
	}
	var waiting list[approvalView]
	f.json("GET", "/v1/approvals", finance, nil, &waiting)
	if len(waiting.Items) != 1 || waiting.Items[0].Routes.Request.ID != asked.Request.ID ||
		!waiting.Items[0].Routes.Request.MayDecide {
		t.Errorf("waiting: %+v", waiting)
	}
	f.json("POST", "/v1/routes/decision"+here, finance, yes, &then)
	if len(then.Routes) != 1 || then.Revision != 1 || then.Request.State != approval.Approved ||
		then.ChangedBy != asked.Request.By {
		t.Errorf("approved: %+v %+v", then, then.Request)
	}
	ask.Routes, ask.Revision = []merchant.Route{}, 1
	f.json("PUT", "/v1/routes"+here, finance, ask, &asked)
	f.json("POST", "/v1/routes/withdrawal"+here, finance,
		routesWithdrawal{Request: asked.Request.ID}, &then)
	if len(then.Routes) != 1 || then.Request.State != approval.Withdrawn {
		t.Errorf("withdrawn: %+v", then)
	}
	waiting = list[approvalView]{}
	if f.json("GET", "/v1/approvals", operations, nil, &waiting); len(waiting.Items) != 0 {
		t.Errorf("still waiting: %+v", waiting)
	}
}
