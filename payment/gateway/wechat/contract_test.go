package wechat_test

import (
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/gateway/gatewaytest"
	"linlipay/payment/gateway/wechat"
)

func TestContract(t *testing.T) {
	bank := gatewaytest.OpenInstitutions(t)
	second, err := bank.Merchant(1)
	if err != nil {
		t.Fatal(err)
	}
	account := func(id string, m map[string]string) gateway.Account {
		return gateway.Account{ID: id, Version: 1, Institution: gateway.WeChat, Settings: m}
	}
	status := map[string]int{}
	for _, c := range publishedCodes() {
		status[c.code] = c.status
	}
	codes := []string{"ORDER_NOT_EXIST", "ORDERNOTEXIST", "REFUND_NOT_EXISTS", "OPENID_MISMATCH", "REVERSE_EXPIRE",
		"USERPAYING", "ORDER_NOT_READY", "UNPUBLISHED"}
	for code := range status {
		codes = append(codes, code)
	}
	gatewaytest.Run(t, gatewaytest.Subject{
		Gateway: wechat.New(nil, 30*time.Second, time.Now), Institutions: bank,
		Account: account("first", settings(bank.Credentials().Wechat)),
		Other:   account("second", settings(second.Wechat)),
		Codes:   codes,
		Failing: func(t *testing.T, code string, signed bool) (gateway.Gateway, gateway.Account) {
			answer := reply{status: status[code], body: `{"code":"` + code + `","message":"文字"}`, unsigned: !signed}
			if answer.status == 0 {
				answer.status = 400
			}
			return newGateway(), failing(t, answer)
		},
		Unsupported: map[string]string{"cards": "the institution takes no bank cards on a terminal"},
	})
}

// failing is an account at an institution that answers everything alike.
func failing(t *testing.T, answer reply) gateway.Account {
	account := script(t, map[string]reply{"": answer}).account
	account.ID = account.Settings["base_url"]
	return account
}
