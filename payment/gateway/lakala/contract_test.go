package lakala_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/gateway/gatewaytest"
	"linlipay/payment/gateway/lakala"
	"linlipay/payment/sandbox"
)

func TestContract(t *testing.T) {
	t.Parallel()
	gatewaytest.Run(t, subject(t, lakala.New(nil, 30*time.Second, time.Now), nil, map[string]string{
		"a refund is notified": "labs tells of a scan's refund by its answer and by a query; no notification of it " +
			"is documented",
	}))
}

// What is given back through the newer refund front, and the aggregate QR of the counter, pass the same suite as far
// as they go.
func TestContractOfTheCounter(t *testing.T) {
	t.Parallel()
	g := lakala.New(nil, 30*time.Second, time.Now)
	gatewaytest.Run(t, subject(t, part{g, gateway.WalletAny, g.CounterFieldRules()}, nil, map[string]string{
		"cards": "TestContract pays by card",
		"a refund is notified": "a counter order's notification has the institution's number of a refund and not " +
			"ours: it is told as money that went back for the order",
	}))
}

func TestContractOfTheRefundFront(t *testing.T) {
	t.Parallel()
	g := lakala.New(nil, 30*time.Second, time.Now)
	gatewaytest.Run(t, subject(t, part{g, gateway.WalletAlipay, g.FrontFieldRules()},
		map[string]string{"refund_front": "1"}, map[string]string{"cards": "TestContract pays by card"}))
}

// part is a gateway that offers the QR of one wallet, and WeChat's payment codes, with the table of what is read
// there.
type part struct {
	*lakala.Gateway
	wallet gateway.Wallet
	rules  []gateway.FieldRule
}

func (p part) Offers(gateway.Account) []gateway.PaymentMethod {
	return []gateway.PaymentMethod{{Wallet: p.wallet, Method: gateway.Native},
		{Wallet: gateway.WalletWeChat, Method: gateway.CodePresented}}
}

func (p part) FieldRules() []gateway.FieldRule { return p.rules }

func (p part) Open(ctx context.Context, a gateway.Account, ch gateway.Charge) (gateway.Prepared, error) {
	if ch.Wallet != p.wallet || ch.Method != gateway.Native {
		return gateway.Prepared{}, &gateway.Error{Kind: gateway.Declined}
	}
	return p.Gateway.Open(ctx, a, ch)
}

// allRules are the rules of every table on the page.
func allRules() []gateway.FieldRule {
	g := newGateway()
	return slices.Concat(g.FieldRules(), g.CounterFieldRules(), g.CardFieldRules(), g.FrontFieldRules())
}

// subject is a gateway on trial, with more settings than the institution's credentials are.
func subject(t *testing.T, g gateway.Gateway, settings, unsupported map[string]string) gatewaytest.Subject {
	t.Helper()
	bank := gatewaytest.OpenInstitutions(t)
	second, err := bank.Merchant(1)
	if err != nil {
		t.Fatal(err)
	}
	first, other := merchantAt("first", bank.Credentials().Lakala), merchantAt("second", second.Lakala)
	maps.Copy(first.Settings, settings)
	return gatewaytest.Subject{
		Gateway: g, Institutions: bank, Account: first, Other: other,
		Codes: []string{
			"BBS10000", "BBS00001", "BBS00100", "BBS00101", "000100", "000101", "BBS11105", "BBS11112", "BPS10034",
			"BBS11000", "BBS11106", "BBS11200", "GW0004",
			"RFD11105", "RFD11112", "710032", "710033", "710034", "710035", "710036", "710037", "710038", "710039",
			"710046", "710047", "710048", "710049",
			"710050", "710051", "710052", "710053", "999999",
		},
		Failing: func(t *testing.T, code string, signed bool) (gateway.Gateway, gateway.Account) {
			replies := map[string]reply{}
			for _, path := range []string{
				preorder, micropay, tradequery, revoked, closeScan, refundScan, create, counter, closeOrder,
				refundCard, refundQuery, refundFront, queryFront,
			} {
				replies[path] = reply{body: fail(code), unsigned: !signed}
			}
			account := script(t, replies).account
			maps.Copy(account.Settings, settings)
			return newGateway(), account
		},
		MoreRules:   allRules(),
		Unsupported: unsupported,
	}
}

func merchantAt(id string, c sandbox.LakalaCredentials) gateway.Account {
	return gateway.Account{ID: id, Version: 1, Institution: gateway.Lakala, Settings: map[string]string{
		"base_url": c.BaseURL, "appid": c.Appid, "serial_no": c.SerialNo, "merchant_no": c.MerchantNo,
		"term_no": c.TermNo, "private_key_pem": c.PrivateKeyPEM,
		"platform_cert_pem": c.PlatformCertPEM, "code_kinds": c.CodeKinds, "wechat_appid": c.WechatAppid,
		"wechat_app_secret":     c.WechatAppSecret,
		"wechat_oauth_base_url": c.OAuthBaseURL, "wechat_token_base_url": c.OAuthBaseURL,
	}}
}
