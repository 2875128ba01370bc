package payment_test

import (
	"testing"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/ledger"
)

// Each line is whom two accounts of Alipay's QR collect for, which of them the company has put first, and whose order
// is paid: the account that takes it is one that may, or nobody's. "" collects for all; c is the company's first.
func TestMoneyGoesToItsOwnEntitysAccount(t *testing.T) {
	for name, c := range map[string]struct {
		a, l   string   // whom the accounts collect for
		routes []string // what the company has chosen
		entity string   // of the order
		want   string
	}{
		"all collect for all":                          {"", "", nil, "e2", "a"},
		"the first is another's":                       {"c", "", nil, "e2", "l"},
		"the first is its own":                         {"e2", "", nil, "e2", "a"},
		"both are another's":                           {"c", "c", nil, "e2", string(fault.Unsupported)},
		"an order of none is the first's":              {"c", "e2", nil, "", "a"},
		"and never another's":                          {"e2", "e2", nil, "", string(fault.Unsupported)},
		"the choice is another's":                      {"e2", "c", []string{"l"}, "e2", "a"},
		"the choice is another's, and none is its own": {"c", "c", []string{"l"}, "e2", string(fault.Unsupported)},
		"the first choice is another's":                {"e2", "c", []string{"l", "a"}, "e2", "a"},
		"what stands behind it is another's":           {"e2", "c", []string{"a", "l"}, "e2", "a"},
		"both choices, each for its own":               {"e2", "c", []string{"l", "a"}, "c", "l"},
		"an account of all, chosen for a few":          {"", "c", []string{"l", "a"}, "e2", "a"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.acquirer()
			for id, entity := range map[string]string{"a": c.a, "l": c.l} {
				acc, err := w.accounts.Get(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				acc.Entity = entity
				if err := w.accounts.Put(t.Context(), acc, w.now()); err != nil {
					t.Fatal(err)
				}
			}
			if c.routes != nil {
				if err := w.route("", c.routes...); err != nil {
					t.Fatal(err)
				}
			}
			n := newOrder(w.ref())
			n.Entity = c.entity
			o, _, err := w.pay.Create(t.Context(), n)
			if err != nil {
				t.Fatal(err)
			}
			try := payment.NewAttempt{Wallet: gateway.WalletAlipay, Method: gateway.Native}
			got := ""
			if paid, no, _, err := w.pay.Attempt(t.Context(), o.ID, try); err != nil {
				got = string(fault.CodeOf(err))
			} else {
				got = paid.Attempt(no).Account
			}
			if got != c.want {
				t.Errorf("%s takes it, not %s", got, c.want)
			}
			named := try
			named.Account = "l"
			if l := (gateway.Account{Entity: c.l}); !l.For(o.EntityID()) {
				if _, _, _, err := w.pay.Attempt(t.Context(), o.ID, named); err == nil {
					t.Error("another entity's account takes it when it is named")
				}
			}
		})
	}
}

// An order's entity stands in its lines of the ledger, and is found by it.
func TestLinesAndListsCarryTheEntity(t *testing.T) {
	w := newWorld(t)
	n := newOrder(w.ref())
	n.Entity = "e2"
	o, _, err := w.pay.Create(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = w.pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: o.Amount, By: "staff:c"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pay.Post(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines := 0
	err = w.pay.Ledger().Lines(t.Context(), "c", func(l ledger.Line) error {
		if lines++; l.Entity != "e2" {
			t.Errorf("a line of %q: %+v", l.Entity, l)
		}
		return nil
	})
	if err != nil || lines != 1 {
		t.Errorf("%d lines: %v", lines, err)
	}
	for entity, want := range map[string]int{"": 1, "e2": 1, "c": 0} {
		found, _, err := w.pay.Find(t.Context(), payment.Filter{Company: "c", Entity: entity})
		if err != nil || len(found) != want {
			t.Errorf("%d orders of %q, not %d: %v", len(found), entity, want, err)
		}
	}
}

// A choice for all says nothing about a community for which none of the accounts chosen collects; one that is out of
// force for a while stays the choice, and no other account takes its place.
func TestAChoiceOfAccountsForOtherCommunities(t *testing.T) {
	for name, c := range map[string]struct {
		l    gateway.Account // the account chosen
		want string
	}{
		"it collects for all":           {gateway.Account{}, "l"},
		"it collects for the community": {gateway.Account{Communities: []string{"m"}}, "l"},
		"it collects for another":       {gateway.Account{Communities: []string{"n"}}, "a"},
		"it is disabled":                {gateway.Account{Disabled: true}, string(fault.Unsupported)},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.acquirer()
			if err := w.route("", "l"); err != nil {
				t.Fatal(err)
			}
			acc, err := w.accounts.Get(t.Context(), "l")
			if err != nil {
				t.Fatal(err)
			}
			acc.Communities = c.l.Communities
			if err := w.accounts.Put(t.Context(), acc, w.now()); err != nil {
				t.Fatal(err)
			}
			if c.l.Disabled {
				if _, err := w.pay.Merchants().DisableAccount(t.Context(), "c", "l", "staff:ops"); err != nil {
					t.Fatal(err)
				}
			}
			o, _, err := w.pay.Create(t.Context(), newOrder(w.ref()))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			try := payment.NewAttempt{Wallet: gateway.WalletAlipay, Method: gateway.Native}
			if paid, no, _, err := w.pay.Attempt(t.Context(), o.ID, try); err != nil {
				got = string(fault.CodeOf(err))
			} else {
				got = paid.Attempt(no).Account
			}
			if got != c.want {
				t.Errorf("%s takes it, not %s", got, c.want)
			}
		})
	}
}
