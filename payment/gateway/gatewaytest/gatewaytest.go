// Package gatewaytest is the suite that every gateway passes, and cash: what gateway.Gateway and its optional abilities
// promise, tried against the institution itself (played on loopback, sharing no code with the gateway) and over a line
// to it on which anything can go wrong; and what holds of an order whoever takes its money, tried with the product's
// own service (case_desk.go). What the institution's own ledger says, or the cashier's drawer holds, is the measure of
// every amount.
//
// A subject skips only what it declares unsupported, with the reason, and an ability that it does not have must be
// declared.
package gatewaytest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"linlipay/payment/gateway"
)

// Subject is what takes money, on trial: an institution by its gateway, or cash.
type Subject struct {
	Cash bool // notes and coins are on trial; the gateway is that of the institution whose QR may be open meanwhile

	// its own time-out must be 20 seconds or more, so that only a context ends what takes longer than a case allows
	Gateway      gateway.Gateway
	Account      gateway.Account // a merchant's at the institution that Institutions plays
	Other        gateway.Account // another merchant's there
	Institutions *Institutions

	// Codes are the institution's published error codes. Failing returns a gateway and an account at an institution
	// that answers every question with a code, signed if it is told so.
	Codes   []string
	Failing func(t *testing.T, code string, signed bool) (gateway.Gateway, gateway.Account)

	MoreRules []gateway.FieldRule // of the page's tables, those that other subjects try

	// cases, by name, or an ability as a whole ("cards"), that the subject does not claim to have, and why
	Unsupported map[string]string
}

// suite is a subject on trial.
type suite struct {
	Subject
	inbox  *inbox
	serial int
}

// ability is what a case needs of a subject.
type ability string

const (
	behindGateway ability = "an institution behind a gateway"
	orders        ability = "orders that a payer pays at the institution"
	codes         ability = "payment codes"
	refunds       ability = "refunds"
	cards         ability = "cards"
)

func abilities() []ability { return []ability{behindGateway, orders, codes, refunds, cards} }

// test is one case of the suite.
type test struct {
	name  string
	needs []ability
	run   func(*testing.T, *suite)
}

// tests are all cases; all but those of the desk are put to a gateway.
func tests() []test {
	all := deskTests()
	for _, tests := range [][]test{orderTests(), codeTests(), refundTests(), noticeTests(), answerTests(),
		settingTests(), cardTests(), fieldTests(), textTests()} {
		for _, c := range tests {
			c.needs = append([]ability{behindGateway}, c.needs...)
			all = append(all, c)
		}
	}
	return all
}

// Run runs the suite.
func Run(t *testing.T, subject Subject) {
	s := &suite{Subject: subject, inbox: newInbox(t, subject.Gateway.Acknowledge)}
	all := tests()
	s.declarations(t, all)
	for _, c := range all {
		if why := s.unsupported(c); why != "" {
			t.Run(c.name+" (unsupported: "+why+")", func(t *testing.T) { t.Skip(why) })
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			for _, need := range c.needs {
				if !s.able(need) {
					t.Fatalf("the subject has not %s and does not declare it", need)
				}
			}
			c.run(t, s)
		})
	}
}

// declarations checks that what is declared unsupported exists, and that no ability is declared away which the subject
// has.
func (s *suite) declarations(t *testing.T, all []test) {
	t.Helper()
	for name, why := range s.Unsupported {
		known := slices.ContainsFunc(all, func(c test) bool {
			return c.name == name
		}) || slices.Contains(abilities(), ability(name))
		if !known || why == "" {
			t.Errorf("%q is declared unsupported, but there is no such case, or no reason", name)
		}
		if s.able(ability(name)) {
			t.Errorf("%q is declared unsupported, but offered", name)
		}
	}
}

// unsupported is why a subject does not claim to pass a case; "" is that it does.
func (s *suite) unsupported(c test) string {
	for _, need := range c.needs {
		if why := s.Unsupported[string(need)]; why != "" {
			return why
		}
	}
	return s.Unsupported[c.name]
}

// able reports whether the subject has an ability; cash has none of a gateway's.
func (s *suite) able(what ability) bool {
	if s.Cash {
		return false
	}
	switch what {
	case behindGateway:
		return true
	case orders:
		return len(s.ways(remote)) > 0
	case codes:
		_, ok := s.Gateway.(gateway.CodePayer)
		return ok && len(s.ways(byCode)) > 0
	case refunds:
		_, ok := s.Gateway.(gateway.Refunder)
		return ok
	case cards:
		_, ok := s.Gateway.(gateway.CardTaker)
		return ok && len(s.ways(bySwipe)) > 0
	}
	return false
}

func byCode(w gateway.PaymentMethod) bool  { return w.Method == gateway.CodePresented }
func bySwipe(w gateway.PaymentMethod) bool { return w.Method == gateway.CardPresent }

// remote is a way by which the payer's own wallet pays what was opened.
func remote(w gateway.PaymentMethod) bool {
	return w.Method != gateway.CodePresented && w.Method != gateway.CardPresent && w.Method != gateway.Notes
}

// ways are those that the gateway offers, as far as which accepts them.
func (s *suite) ways(which func(gateway.PaymentMethod) bool) (methods []gateway.PaymentMethod) {
	for _, w := range s.Gateway.Offers(s.Account) {
		if which(w) {
			methods = append(methods, w)
		}
	}
	return methods
}

// main is the way by which cases pay that are about something else: a QR of the institution's, where there is one.
func (s *suite) main(t *testing.T) gateway.PaymentMethod {
	t.Helper()
	methods := s.ways(remote)
	if len(methods) == 0 {
		t.Fatal("no way to pay is offered")
	}
	for _, w := range methods {
		if w.Method == gateway.Native {
			return w
		}
	}
	return methods[0]
}

// number is a fresh number of an order, in the form of ours: 26 digits.
func (s *suite) number() string {
	s.serial++
	return fmt.Sprintf("20261125%016d01", s.serial)
}

// wayName is a way in the name of a case.
func wayName(w gateway.PaymentMethod) string {
	return strings.TrimSpace(string(w.Wallet) + " " + string(w.Method))
}

// Settings are an institution's credentials as the settings of an account.
func Settings(t testing.TB, credentials any) map[string]string {
	t.Helper()
	raw, err := json.Marshal(credentials)
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}
