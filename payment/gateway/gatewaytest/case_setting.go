package gatewaytest

import (
	"maps"
	"strings"
	"testing"

	"linlipay/payment/gateway"
)

func settingTests() []test {
	return []test{
		{"settings that lack something are refused by its name", nil, settingsMissing},
		{"no secret is told in an error", nil, settingsSecret},
		{"every published error code is one of our kinds", nil, publishedCodes},
	}
}

// without is the account with another value of a setting.
func without(a gateway.Account, name, value string) gateway.Account {
	a.ID, a.Settings = a.ID+" "+name+" "+value[:min(len(value), 4)], maps.Clone(a.Settings)
	a.Settings[name] = value
	return a
}

func settingsMissing(t *testing.T, s *suite) {
	if err := s.Gateway.Check(s.Account); err != nil {
		t.Fatalf("the account is complete, but: %v", err)
	}
	described, ok := s.Gateway.(gateway.Described)
	if !ok {
		t.Fatal("the gateway does not describe its settings")
	}
	for _, setting := range described.Settings() {
		if err := s.Gateway.Check(without(s.Account, setting.Name, "")); setting.Required &&
			(err == nil || !strings.Contains(err.Error(), setting.Name)) {
			t.Errorf("without %s: %v", setting.Name, err)
		}
		if setting.PEM && s.Account.Settings[setting.Name] != "" {
			if err := s.Gateway.Check(without(s.Account, setting.Name, "no key")); err == nil ||
				!strings.Contains(err.Error(), setting.Name) {
				t.Errorf("with no key as %s: %v", setting.Name, err)
			}
		}
	}
	if err := s.Gateway.Check(without(s.Account, "base_url", "http://example.com")); err == nil {
		t.Error("an address without TLS on another machine is accepted")
	}
}

// settingsSecret looks for secrets in what a failing institution makes the gateway say.
func settingsSecret(t *testing.T, s *suite) {
	described, ok := s.Gateway.(gateway.Described)
	if !ok {
		t.Fatal("the gateway does not describe its settings")
	}
	nowhere := moved(t, s.Account, nobody(t))
	_, err := s.Gateway.Query(t.Context(), nowhere, gateway.Trade{OutTradeNo: s.number()})
	errors := []error{err}
	for _, setting := range described.Settings() {
		if setting.Secret && s.Account.Settings[setting.Name] != "" {
			errors = append(errors,
				s.Gateway.Check(without(s.Account, setting.Name, s.Account.Settings[setting.Name][1:])))
		}
	}
	for _, setting := range described.Settings() {
		secret := s.Account.Settings[setting.Name]
		if len(secret) > 200 {
			secret = secret[100:140] // the middle of a key
		}
		for _, err := range errors {
			if setting.Secret && secret != "" && err != nil && strings.Contains(err.Error(), secret[1:]) {
				t.Errorf("%s is told: %v", setting.Name, err)
			}
		}
	}
}

// publishedCodes asks every question of an institution that answers with each of its codes: none is a success, a panic
// or a kind of its own, and what is not signed says so.
func publishedCodes(t *testing.T, s *suite) {
	if len(s.Codes) == 0 {
		t.Fatal("no error code of the institution is named")
	}
	for _, code := range s.Codes {
		for _, signed := range []bool{true, false} {
			at := &suite{Subject: s.Subject, inbox: s.inbox}
			at.Gateway, at.Account = s.Failing(t, code, signed)
			for _, q := range at.questions() {
				said, err := q.ask(t.Context(), at, at.Account, q.about(at))
				if err == nil && signed && undecided(said) {
					continue
				}
				if got := kind(t, err); got == "" || got == gateway.Unauthentic || got == gateway.Unreachable {
					t.Errorf("%s to %s, signed %t: %v", code, q.name, signed, err)
				} else if !signed && failure(t, err).Signed {
					t.Errorf("%s to %s is not signed, but counts as proof: %v", code, q.name, err)
				}
			}
		}
	}
}

// undecided reports whether an answer says that the end is not known yet, which an institution may have a code for: the
// payer is asked for the password, or a refund is on its way.
func undecided(said any) bool {
	switch said := said.(type) {
	case gateway.Report:
		return said.State == gateway.TradeUnpaid
	case gateway.RefundReport:
		return said.State == gateway.RefundProcessing
	}
	return false
}
