package payment_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
)

// ref is an item that no order has.
func (w *world) ref() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refs++
	return fmt.Sprint("item", w.refs)
}

// takenBy is the account that takes a QR's payment in a community, or the code of the fault.
func (w *world) takenBy(company, community string, wallet gateway.Wallet) string {
	w.t.Helper()
	n := newOrder(w.ref())
	n.Company, n.Community = company, community
	o, _, err := w.pay.Create(w.t.Context(), n)
	if err != nil {
		w.t.Fatal(err)
	}
	o, no, _, err := w.pay.Attempt(w.t.Context(), o.ID, payment.NewAttempt{Wallet: wallet, Method: gateway.Native})
	if err != nil {
		return string(fault.CodeOf(err))
	}
	return o.Attempt(no).Account
}

// acquirer adds an account at Lakala that takes Alipay's QR too.
func (w *world) acquirer() {
	w.t.Helper()
	if err := w.accounts.Add(w.t.Context(), gateway.Account{ID: "l", Company: "c", Institution: gateway.Lakala},
		w.now()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) route(community string, accounts ...string) error {
	_, err := w.pay.Merchants().SetRoutes(w.t.Context(),
		merchant.Routes{Company: "c", Community: community, PaymentMethods: []merchant.Route{
			{PaymentMethod: gateway.PaymentMethod{Wallet: gateway.WalletAlipay, Method: gateway.Native},
				Accounts: accounts},
		}}, "staff:ops")
	return err
}

func TestACompanyChoosesWhoTakesAWay(t *testing.T) {
	w := newWorld(t)
	w.acquirer()
	if got := w.takenBy("c", "m", gateway.WalletAlipay); got != "a" {
		t.Errorf("without a choice %s takes it, not the wallet's own institution", got)
	}
	if err := w.route("", "l", "a"); err != nil {
		t.Fatal(err)
	}
	if err := w.route("m2", "a"); err != nil {
		t.Fatal(err)
	}
	for community, want := range map[string]string{"m": "l", "m2": "a", "m3": "l"} {
		if got := w.takenBy("c", community, gateway.WalletAlipay); got != want {
			t.Errorf("%s: %s, want %s", community, got, want)
		}
	}
	for name, accounts := range map[string][]string{"none": {}, "three": {"a", "l", "x"}, "another's": {"w2"},
		"one that does not offer it": {"w"}, "one twice": {"a", "a"}} {
		if err := w.route("m", accounts...); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A way is listed exactly when an attempt by it is taken, whichever of the accounts chosen for it are disabled.
func TestOnlyWaysThatSomebodyTakesAreListed(t *testing.T) {
	qr := gateway.PaymentMethod{Wallet: gateway.WalletAlipay, Method: gateway.Native}
	for name, c := range map[string]struct {
		community string
		chosen    []string
		disabled  []string
		want      string // who takes the way; Unsupported where nobody does
	}{
		"no choice":                              {"", nil, nil, "a"},
		"no choice, the first disabled":          {"", nil, []string{"a"}, "l"},
		"no choice, all disabled":                {"", nil, []string{"a", "l"}, "unsupported"},
		"one chosen":                             {"", []string{"l"}, nil, "l"},
		"the one chosen is disabled":             {"", []string{"l"}, []string{"l"}, "unsupported"},
		"the community's own choice is disabled": {"m", []string{"l"}, []string{"l"}, "unsupported"},
		"another community's choice is disabled": {"m2", []string{"l"}, []string{"l"}, "a"},
		"the second stands in":                   {"", []string{"l", "a"}, []string{"l"}, "a"},
		"both chosen are disabled":               {"", []string{"l", "a"}, []string{"a", "l"}, "unsupported"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.acquirer()
			if c.chosen != nil {
				if err := w.route(c.community, c.chosen...); err != nil {
					t.Fatal(err)
				}
			}
			for _, id := range c.disabled {
				if _, err := w.pay.Merchants().DisableAccount(t.Context(), "c", id, "staff:ops"); err != nil {
					t.Fatal(err)
				}
			}
			ways, err := w.pay.Merchants().PaymentMethods(t.Context(), "c", w.create(w.ref()).Community, "c")
			if err != nil {
				t.Fatal(err)
			}
			if got := w.takenBy("c", "m", qr.Wallet); got != c.want ||
				slices.Contains(ways, qr) != (got != "unsupported") {
				t.Errorf("%s takes it, want %s; listed %v", got, c.want, ways)
			}
			if !slices.Contains(ways, gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.Native}) {
				t.Errorf("a way of which nothing was said is missing: %v", ways)
			}
		})
	}
}

// Without a choice nobody stands behind the wallet's own institution: another may cost the company more.
func TestNobodyStandsBehindWithoutAChoice(t *testing.T) {
	w := newWorld(t)
	w.acquirer()
	w.alipay.down = true
	for range 3 {
		if got := w.takenBy("c", "m", gateway.WalletAlipay); got != string(fault.UpstreamUnknown) {
			t.Fatalf("%s takes it", got)
		}
	}
}

// An institution that does not answer gets no new attempts: they go to the fallback, and the attempts it has stay
// its own.
func TestTheNextOrderGoesToTheSecondInstitution(t *testing.T) {
	w := newWorld(t)
	w.acquirer()
	if err := w.route("", "l", "a"); err != nil {
		t.Fatal(err)
	}
	w.lakala.silent, w.lakala.lateOpen = true, true
	var lost []string
	for range 3 {
		lost = append(lost, w.create(w.ref()).ID)
		if _, _, _, err := w.pay.Attempt(t.Context(), lost[len(lost)-1],
			payment.NewAttempt{Wallet: gateway.WalletAlipay, Method: gateway.Native}); !fault.Is(err,
			fault.UpstreamUnknown) {
			t.Fatalf("a lost answer: %v", err)
		}
	}
	if got := w.takenBy("c", "m", gateway.WalletAlipay); got != "a" {
		t.Errorf("the next order goes to %s", got)
	}
	if _, _, _, err := w.pay.Attempt(t.Context(), lost[0],
		payment.NewAttempt{Wallet: gateway.WalletAlipay, Method: gateway.Native}); !fault.Is(err,
		fault.UpstreamUnknown) {
		t.Errorf("an order that may be paid at the first is not offered at the second: %v", err)
	}
	w.lakala.silent, w.lakala.lateOpen = false, false
	w.pass(31 * time.Second)
	if got := w.takenBy("c", "m", gateway.WalletAlipay); got != "l" {
		t.Errorf("when the first answers again %s takes the orders", got)
	}
	if got := w.takenBy("c", "m", gateway.WalletAlipay); got != "l" {
		t.Errorf("after a good trial %s takes the orders", got)
	}
}

// An institution that cannot be reached was sent nothing: the payer's own request goes on at the second.
func TestNobodyAtTheFirstInstitution(t *testing.T) {
	w := newWorld(t)
	w.acquirer()
	if err := w.route("", "l", "a"); err != nil {
		t.Fatal(err)
	}
	w.lakala.down = true
	o := w.create("b1")
	n := payment.NewAttempt{Wallet: gateway.WalletAlipay, Method: gateway.Native, IdempotencyKey: "k"}
	o, no, hit, err := w.pay.Attempt(t.Context(), o.ID, n)
	if err != nil || hit || no != 2 || o.Attempt(1).State != payment.AttemptFailed || o.Attempt(2).Account != "a" ||
		o.Attempt(2).Institution != gateway.Alipay {
		t.Fatalf("attempt %d (hit %t): %v, %+v", no, hit, err, o.Attempts)
	}
	if o, no, hit, err = w.pay.Attempt(t.Context(), o.ID, n); err != nil || !hit || no != 2 {
		t.Errorf("the same key again: attempt %d, hit %t, %v of %d", no, hit, err, len(o.Attempts))
	}
	if got := w.takenBy("c", "m", gateway.WalletAlipay); got != "a" {
		t.Errorf("the next order knocks at %s", got)
	}
	if w.alipay.down = true; w.takenBy("c", "m", gateway.WalletAlipay) != string(fault.UpstreamUnknown) {
		t.Error("with nobody anywhere the payer is not asked to try again")
	}
}

// finder is an institution that tells who the payer is, inside the WeChat app.
type finder struct{ *institution }

func (finder) Offers(gateway.Account) []gateway.PaymentMethod {
	return []gateway.PaymentMethod{{Wallet: gateway.WalletWeChat, Method: gateway.JSAPI}}
}

func (finder) AuthorizeURL(gateway.Account, string, string) (string, error) { return "https://x", nil }

func (finder) Payer(context.Context, gateway.Account, string) (string, error) { return "openid", nil }

// A payer who comes back from WeChat to a failing account does not use up the one attempt that tries whether its
// institution answers again.
func TestComingBackFromWechatIsNoTrial(t *testing.T) {
	w := newWorld(t)
	w.acquirer()
	w.pay = payment.NewService(w.store, payment.Config{
		Items:    w,
		Gateways: []gateway.Gateway{finder{w.wechat}, finder{w.lakala}}, Accounts: w.accounts,
		BaseURL: "http://127.0.0.1", Now: w.now, Log: quiet(),
		Wait: func(ctx context.Context, d time.Duration) error { w.pass(d); return ctx.Err() },
	})
	way := gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.JSAPI}
	if _, err := w.pay.Merchants().SetRoutes(t.Context(),
		merchant.Routes{Company: "c",
			PaymentMethods: []merchant.Route{{PaymentMethod: way, Accounts: []string{"l", "w"}}}},
		"staff:ops"); err != nil {
		t.Fatal(err)
	}
	taken := func() string {
		o, no, _, err := w.pay.Attempt(t.Context(), w.create(w.ref()).ID,
			payment.NewAttempt{Wallet: way.Wallet, Method: way.Method, PayerID: "openid"})
		if err != nil {
			t.Fatal(err)
		}
		return o.Attempt(no).Account
	}
	if w.lakala.down = true; taken() != "w" {
		t.Fatal("nobody is at the first, and the second does not take the order")
	}
	w.lakala.down = false
	w.pass(31 * time.Second)
	if id, err := w.pay.Payer(t.Context(), w.create(w.ref()), "l", "code"); err != nil || id != "openid" {
		t.Fatal(id, err)
	}
	if got := taken(); got != "l" {
		t.Errorf("%s takes the first order after the institution is back", got)
	}
}
