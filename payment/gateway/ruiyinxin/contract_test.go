package ruiyinxin_test

import (
	"encoding/json"
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/gateway/gatewaytest"
	"linlipay/payment/gateway/ruiyinxin"
	"linlipay/payment/sandbox"
)

// played is an account of a merchant of the sandbox, which says of its own assumptions what the settings declare.
func played(t *testing.T, id string, c sandbox.RuiyinxinCredentials) gateway.Account {
	t.Helper()
	a := gateway.Account{ID: id, Version: 1, Institution: gateway.Ruiyinxin}
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
	const later = "the statement of a day is published once it is over; see statement_test.go"
	bank := gatewaytest.OpenInstitutions(t)
	second, err := bank.Merchant(1)
	if err != nil {
		t.Fatal(err)
	}
	gatewaytest.Run(t, gatewaytest.Subject{
		Gateway: ruiyinxin.New(nil, 30*time.Second, time.Now), Institutions: bank,
		Account: played(t, "first", bank.Credentials().Ruiyinxin), Other: played(t, "second", second.Ruiyinxin),
		Codes: []string{"2068", "200002", "4004", "5005", "6006", "UNKNOWN"},
		Failing: func(t *testing.T, code string, signed bool) (gateway.Gateway, gateway.Account) {
			replies := map[string]reply{}
			for _, tran := range []string{"SMZF002", "SMZF003", "SMZF004", "SMZF005", "SMZF006", "SMZF010"} {
				replies[tran] = reply{text: said("E", code, `{}`), unsigned: !signed}
			}
			return newGateway(), script(t, replies).account
		},
		Unsupported: map[string]string{
			"a refund is notified": "no notification of refunds is known",
			"all that the institution gave back by itself is told": "no field that is known of 006 " +
				"speaks of refunds; the statement lists them",
			"a card pays, the device tells it and the institution confirms it": later,
			"a card payment is voided on its batch":                            later,
			"a card payment is given back by its reference number":             "refunds of cards are not public",
		},
	})
}
