package shengpay_test

import (
	"encoding/pem"
	"strings"
	"testing"

	"linlipay/fault"
)

func TestSettingsAreChecked(t *testing.T) {
	s := script(t, nil)
	if err := newGateway().Check(s.account); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{"mch_id", ""}, {"mch_id", "12345678901234567"}, {"refund_query_field", "a b"}, {"private_key_pem", ""},
		{"private_key_pem", "SECRET"}, {"private_key_pem", scriptKeys().institutionPEM},
		{"platform_public_key_pem", ""},
		{"platform_public_key_pem", scriptKeys().merchantPEM}, {"sign_type", "MD5"}, {"sign_type", "rsa"},
		{"base_url", "http://example.com"}, {"base_url", "x"},
		{"wechat_oauth_base_url", "ftp://example.com"}, {"wechat_token_base_url", "http://example.com"},
		{"wechat_app_secret", ""}, {"order_minutes", "0"},
		{"order_minutes", "121"}, {"order_minutes", "1.5"}, {"expired_after_minutes", "-1"}, {"native_path", "pay"},
		{"web_path", "/pay?x=1"}, {"reverse_path", "//x"},
		{"close_path", "https://x/"}, {"close_path", "/pay/reverseOrder"}, {"code_path", "/pay/authPay"},
		{"code_field", "authCode"}, {"code_trade_type_alipay", "alipay_scan"},
		{"code_in_extra", "true"}, {"status_field", "a b"}, {"refund_number_field", "中"}, {"error_kinds", "X"},
		{"error_kinds", "X=gone"}, {"error_kinds", "X=busy:code_used"},
		{"error_kinds", "=busy"}, {"error_kinds", "X=forged"}, {"refund_states", "X=none"}, {"refund_states", "X"},
		{"card_application", "own"}, {"trust_device", "1"},
		{"card_bill_path", "bill"}, {"card_bill_columns", "order"}, {"card_bill_columns", "colour=颜色"},
		{"card_bill_date_field", "a&b"}, {"card_bill_content_field", "="},
	} {
		err := newGateway().Check(s.with(c[0], c[1]))
		name := c[0]
		if strings.HasPrefix(name, "code_") && name != "code_in_extra" {
			name = "code_path"
		}
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s %.40q: %v", c[0], c[1], err)
		} else if c[1] != "" && len(c[1]) > 6 && strings.Contains(err.Error(), c[1]) && c[1] != "/pay/authPay" {
			t.Errorf("%s: the value is told: %v", c[0], err)
		}
	}
	block, _ := pem.Decode([]byte(scriptKeys().merchantPEM))
	bare := strings.Join(strings.Fields(string(pem.EncodeToMemory(&pem.Block{Type: "X", Bytes: block.Bytes}))), "\n")
	bare = strings.TrimSuffix(strings.TrimPrefix(bare, "-----BEGIN\nX-----\n"), "\n-----END\nX-----")
	for _, good := range [][]string{
		{"private_key_pem", bare}, codes, {"close_path", "/pay/closeOrder", "order_minutes", "120",
			"expired_after_minutes", "1440", "sign_type", "RSA2"},
		{"card_application", "generic", "trust_device", "yes", "card_bill_path", "/bill/card", "card_bill_columns",
			"order=商户订单号, batch=批次号"},
		{"error_kinds", " A=busy , B=refused:balance_low,", "refund_states", "A=stuck", "wechat_appid", "",
			"wechat_app_secret", ""}, {"base_url", "https://mchapitest.shengpay.com/"},
	} {
		if err := newGateway().Check(s.with(good...)); err != nil {
			t.Errorf("%.80q: %v", good, err)
		}
	}
}

// Every setting that the gateway reads is described once, and what is secret is typed unseen.
func TestSettingsAreDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range newGateway().Settings() {
		if seen[d.Name] || d.ZH == "" || d.EN == "" {
			t.Errorf("%+v", d)
		}
		seen[d.Name] = true
		if d.Secret != (d.Name == "private_key_pem" || d.Name == "wechat_app_secret") {
			t.Errorf("%s: secret %t", d.Name, d.Secret)
		}
	}
	for name := range script(t, nil).with(append(codes, "close_path", "/x", "card_application", "generic",
		"trust_device", "yes")...).Settings {
		if !seen[name] {
			t.Errorf("%s is not described", name)
		}
	}
}
