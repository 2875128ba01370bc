package payment_test

import (
	"testing"
	"time"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
)

// Routes change when another person approves what one asked for; until then money goes where it went.
func TestRoutesWaitForAnotherPerson(t *testing.T) {
	w := newWorld(t)
	w.acquirer()
	finance := approval.Person{ID: "staff:f", Roles: []string{"finance"}}
	ask := func(a merchant.Asker, accounts ...string) (*merchant.Routes, error) {
		return w.pay.Merchants().AskRoutes(t.Context(),
			merchant.Routes{Company: "c", Community: "m", PaymentMethods: []merchant.Route{
				{PaymentMethod: gateway.PaymentMethod{Wallet: gateway.WalletAlipay, Method: gateway.Native},
					Accounts: accounts},
			}}, a)
	}
	if _, err := ask(merchant.Asker{By: maker}, "w2"); !fault.Is(err, fault.Invalid) {
		t.Errorf("another's account: %v", err)
	}
	r, err := ask(merchant.Asker{By: maker}, "l", "a")
	if err != nil {
		t.Fatal(err)
	}
	request := w.pay.Merchants().Change(r)
	if len(request.Differences) != 1 || request.Differences[0].Field != "alipay native" ||
		request.Differences[0].After != "l, a" || request.Differences[0].Before != "" {
		t.Errorf("%+v", request)
	}
	if got := w.takenBy("c", "m", gateway.WalletAlipay); got != "a" {
		t.Errorf("while it waits %s takes it", got)
	}
	decide := func(by approval.Person, d approval.Decision) error {
		_, err := w.pay.Merchants().DecideRoutes(t.Context(), "c", "m", d, by)
		return err
	}
	yes := approval.Decision{Request: request.ID, Approve: true}
	if err := decide(maker, yes); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by the maker: %v", err)
	}
	if _, err := w.pay.Merchants().DecideRoutes(t.Context(), "d", "m", yes, finance); !fault.Is(err, fault.WrongState) {
		t.Errorf("in another company: %v", err)
	}
	if routes, _, err := w.pay.Merchants().WaitingRoutes(t.Context(), "c", "", 10); err != nil || len(routes) != 1 {
		t.Errorf("%d wait, %v", len(routes), err)
	}
	if _, err := ask(merchant.Asker{By: finance}, "a"); !fault.Is(err, fault.WrongState) {
		t.Errorf("a second beside it: %v", err)
	}
	if err := decide(finance, yes); err != nil {
		t.Fatal(err)
	}
	if got := w.takenBy("c", "m", gateway.WalletAlipay); got != "l" {
		t.Errorf("approved, %s takes it", got)
	}
	if routes, _, err := w.pay.Merchants().WaitingRoutes(t.Context(), "c", "", 10); err != nil || len(routes) != 0 {
		t.Errorf("%d wait, %v", len(routes), err)
	}
	if _, err := ask(merchant.Asker{By: finance}, "a"); !fault.Is(err, fault.Stale) {
		t.Errorf("on what was seen before: %v", err)
	}
	if _, err := ask(merchant.Asker{By: finance, Revision: 1}, "l", "a"); !fault.Is(err, fault.Invalid) {
		t.Errorf("nothing was asked for: %v", err)
	}
	r, err = ask(merchant.Asker{By: finance, Revision: 1}, "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.pay.Merchants().WithdrawRoutes(t.Context(), "c", "m", r.Request.ID, maker); !fault.Is(err,
		fault.Forbidden) {
		t.Errorf("withdrawn by another: %v", err)
	}
	if err := w.route("m", "a"); err != nil { // from the shell: what waits is outdated
		t.Fatal(err)
	}
	if err := decide(maker, approval.Decision{Request: r.Request.ID, Approve: true}); !fault.Is(err,
		fault.WrongState) {
		t.Errorf("approved although it changed since: %v", err)
	}
	if _, err := w.pay.Merchants().WithdrawRoutes(t.Context(), "c", "m", r.Request.ID, finance); err != nil {
		t.Error(err)
	}
}

// An account that takes the way no more when a choice is approved is not chosen.
func TestRoutesAreCheckedWhenTheyAreApproved(t *testing.T) {
	w := newWorld(t)
	w.acquirer()
	ways := []merchant.Route{
		{PaymentMethod: gateway.PaymentMethod{Wallet: gateway.WalletAlipay, Method: gateway.Native},
			Accounts: []string{"l"}}}
	r, err := w.pay.Merchants().AskRoutes(t.Context(), merchant.Routes{Company: "c", PaymentMethods: ways},
		merchant.Asker{By: maker})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.pay.Merchants().DisableAccount(t.Context(), "c", "l", "staff:ops"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pay.Merchants().DecideRoutes(t.Context(), "c", "",
		approval.Decision{Request: r.Request.ID, Approve: true},
		checker); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
	if r.Request.ExpiresAt.Sub(r.Request.RequestedAt) != 7*24*time.Hour {
		t.Errorf("it lasts until %v", r.Request.ExpiresAt)
	}
}

// The people: one who asks, one who decides.
var (
	maker   = approval.Person{ID: "staff:1", Roles: []string{"operations"}}
	checker = approval.Person{ID: "staff:2", Roles: []string{"finance"}}
)
