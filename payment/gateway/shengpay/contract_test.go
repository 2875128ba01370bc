package shengpay_test

import (
	"encoding/json"
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/gateway/gatewaytest"
	"linlipay/payment/gateway/shengpay"
	"linlipay/payment/sandbox"
)

// played is an account of a merchant of the sandbox, which says of its own assumptions what the profiles declare.
func played(t *testing.T, id string, c sandbox.ShengpayCredentials) gateway.Account {
	t.Helper()
	a := gateway.Account{ID: id, Version: 1, Institution: gateway.Shengpay}
	raw, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(raw, &a.Settings)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestContract(t *testing.T) {
	const later = "the statement of a day is published once it is over; see TestCardsOfTheSandbox"
	const untimed = "a notification carries no time; see the package comment"
	const secret = "refunds of cards are not public"
	for _, signType := range []string{"RSA", "RSA2"} {
		t.Run(signType, func(t *testing.T) {
			bank := gatewaytest.OpenInstitutions(t)
			second, err := bank.Merchant(1)
			if err != nil {
				t.Fatal(err)
			}
			first := bank.Credentials()
			first.Shengpay.SignType, second.Shengpay.SignType = signType, signType
			var codes []string
			for _, c := range publishedCodes() {
				codes = append(codes, c.code)
			}
			gatewaytest.Run(t, gatewaytest.Subject{
				Gateway: shengpay.New(nil, 30*time.Second, time.Now), Institutions: bank,
				Account: played(t, "first", first.Shengpay), Other: played(t, "second", second.Shengpay),
				Codes: append(codes, "UNPUBLISHED"),
				Failing: func(t *testing.T, code string, signed bool) (gateway.Gateway, gateway.Account) {
					return newGateway(), script(t, map[string]reply{"": no(code, !signed)}).account
				},
				Unsupported: map[string]string{
					"a stale notification is not believed":                             untimed,
					"a card pays, the device tells it and the institution confirms it": later,
					"a card payment is voided on its batch":                            later,
					"a card payment is given back by its reference number":             secret,
				},
			})
		})
	}
}
