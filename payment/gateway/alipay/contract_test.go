package alipay_test

import (
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/gateway/alipay"
	"linlipay/payment/gateway/gatewaytest"
)

func TestContract(t *testing.T) {
	bank := gatewaytest.OpenInstitutions(t)
	second, err := bank.Merchant(1)
	if err != nil {
		t.Fatal(err)
	}
	other := account(bank.Sandbox)
	other.ID, other.Settings["app_id"], other.Settings["seller_id"] = "b", second.Alipay.AppID, second.Alipay.SellerID
	other.Settings["private_key_pem"] = second.Alipay.PrivateKeyPEM
	codes := []string{"isv.invalid-signature", "isv.invalid-app-id", "isp.unknow-error", "ACQ.AN_UNPUBLISHED_ONE"}
	for _, entries := range publishedCodes() {
		for code := range entries {
			codes = append(codes, code)
		}
	}
	gatewaytest.Run(t, gatewaytest.Subject{
		Gateway: alipay.New(nil, 30*time.Second), Institutions: bank, Account: account(bank.Sandbox), Other: other,
		Codes: codes,
		Failing: func(t *testing.T, code string, signed bool) (gateway.Gateway, gateway.Account) {
			node := `{"code":"40004","msg":"Business Failed","sub_code":"` + code + `","sub_msg":"文字"}`
			a := script(t, map[string]reply{"": {node: node, unsigned: !signed}}).account
			a.ID = a.Settings["base_url"]
			return newGateway(), a
		},
		Unsupported: map[string]string{
			"cards": "the institution takes no bank cards on a terminal",
			"a stale notification is not believed": "a message carries no time of its sending: it is repeated " +
				"unchanged for 25 hours",
		},
	})
}
