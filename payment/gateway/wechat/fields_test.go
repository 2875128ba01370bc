package wechat_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
)

const (
	queryCall = "GET /v3/pay/transactions/out-trade-no/C1234567"
	// paidTold is a payment with everything that the institution documents of one; a coupon of 6.80 was used.
	paidTold = `{"appid":"wx0123456789abcdef","mchid":"1900000001","out_trade_no":"C1234567","transaction_id":"42",` +
		`"trade_type":"NATIVE","trade_state":"SUCCESS","trade_state_desc":"支付成功","bank_type":"OTHERS","attach":"",` +
		`"success_time":"2026-11-24T17:00:00+08:00","payer":{"openid":"oABC"},` +
		`"amount":{"total":20680,"payer_total":20000,"currency":"CNY","payer_currency":"CNY"}}`
)

// believed is what is believed of a payment; with a kind it is not.
type believed struct {
	amount   money.Fen
	currency string
	payer    string
	timeless bool
	kind     gateway.ErrorKind
}

// leftOut are edits of paidTold, and what each of the messages that tell a payment makes of it.
func leftOut() map[string]struct {
	old, with string
	believed
} {
	whole := believed{amount: 20680, currency: "CNY", payer: "oABC"}
	no := believed{kind: gateway.Indeterminate}
	dollars, nobody, timeless := whole, whole, whole
	dollars.currency, nobody.payer, timeless.timeless = "USD", "", true
	type edit = struct {
		old, with string
		believed
	}
	const amount = `"amount":{"total":20680,"payer_total":20000,"currency":"CNY","payer_currency":"CNY"}`
	const at = `"success_time":"2026-11-24T17:00:00+08:00"`
	return map[string]edit{
		"nothing":                 {`"attach":"",`, ``, whole},
		"all but the amounts":     {amount, `"amount":{"total":20680,"payer_total":20680}`, whole},
		"all but the total":       {amount, `"amount":{"total":20680}`, whole},
		"currency null":           {`"currency":"CNY"`, `"currency":null`, whole},
		"currency empty":          {`"currency":"CNY"`, `"currency":""`, whole},
		"another currency":        {`"currency":"CNY"`, `"currency":"USD"`, dollars},
		"currency twice":          {`"currency":"CNY"`, `"currency":"CNY","currency":"CNY"`, no},
		"no amount":               {amount, `"amount":null`, no},
		"an empty amount":         {amount, `"amount":{}`, no},
		"no total":                {`"total":20680,`, ``, no},
		"a total of nothing":      {`"total":20680`, `"total":0`, no},
		"a negative total":        {`"total":20680`, `"total":-20680`, no},
		"a total in yuan":         {`"total":20680`, `"total":206.80`, no},
		"a total as a text":       {`"total":20680`, `"total":"20680"`, whole},
		"total twice":             {`"total":20680`, `"total":1,"total":20680`, no},
		"amount in other letters": {amount, `"amount":{"total":20680},"AMOUNT":{"total":1}`, whole},
		"no payer":                {`"payer":{"openid":"oABC"}`, `"payer":null`, nobody},
		"a payer without a name":  {`"payer":{"openid":"oABC"}`, `"payer":{"openid":""}`, nobody},
		"an empty payer":          {`"payer":{"openid":"oABC"}`, `"payer":""`, nobody},
		"no time":                 {at + ",", ``, timeless},
		"a time that is none":     {at, `"success_time":"20261124170000"`, timeless},
		"no transaction":          {`"transaction_id":"42"`, `"transaction_id":""`, no},
		"no number":               {`"out_trade_no":"C1234567",`, ``, no},
		"no state":                {`"trade_state":"SUCCESS"`, `"trade_state":null`, no},
		"no merchant":             {`"mchid":"1900000001",`, ``, whole},
		"no app":                  {`"appid":"wx0123456789abcdef",`, ``, whole},
		"nothing that is not read": {
			`"trade_type":"NATIVE","trade_state":"SUCCESS","trade_state_desc":"支付成功","bank_type":"OTHERS","attach":"",`,
			`"trade_state":"SUCCESS",`, whole,
		},
	}
}

// What the institution may leave out of a payment is no reason to doubt it, to whatever question and in whatever
// message.
func TestWhatIsLeftOutOfAPayment(t *testing.T) {
	i, now := ours(t), time.Unix(1_790_000_000, 0)
	for name, c := range leftOut() {
		body := strings.Replace(paidTold, c.old, c.with, 1)
		if body == paidTold {
			t.Fatalf("%s: nothing is edited", name)
		}
		s := script(t, map[string]reply{queryCall: {status: 200, body: body}, codePay: {status: 200, body: body}})
		for message, read := range map[string]func() (gateway.Report, error){
			"query": func() (gateway.Report, error) {
				return newGateway().Query(t.Context(), s.account, gateway.Trade{OutTradeNo: "C1234567"})
			},
			"code": func() (gateway.Report, error) {
				return newGateway().PayCode(t.Context(), s.account, codeCharge("C1234567", authCode))
			},
			"notification": func() (gateway.Report, error) {
				m := i.sign(t, i.envelope(t, "TRANSACTION.SUCCESS", body), now)
				n, err := newGateway().Verify(t.Context(), i.account, m, now)
				return n.Report, err
			},
		} {
			r, err := read()
			var e *gateway.Error
			if c.kind != "" && (!errors.As(err, &e) || e.Kind != c.kind) {
				t.Errorf("%s, %s: got %+v, %v; want %s", name, message, r, err, c.kind)
			}
			got := believed{r.Amount, r.Currency, r.PayerID, r.PaidAt.IsZero(), ""}
			if c.kind == "" && (err != nil || r.State != gateway.TradePaid || r.TransactionID != "42" ||
				got != c.believed) {
				t.Errorf("%s, %s: got %+v, %v; want %+v", name, message, r, err, c.believed)
			}
			if c.kind == "" && (r.Merchant != "1900000001" || r.App != "wx0123456789abcdef") {
				t.Errorf("%s, %s: for %s of %s", name, message, r.App, r.Merchant)
			}
		}
	}
}

// An order is prepared only with what the payer needs.
func TestWhatIsLeftOutOfAnOrder(t *testing.T) {
	for _, c := range []struct {
		method gateway.Method
		body   string
		ok     bool
	}{
		{gateway.Native, `{"code_url":"weixin://wxpay/bizpayurl?pr=1"}`, true},
		{gateway.Native, `{"code_url":""}`, false},
		{gateway.Native, `{}`, false},
		{gateway.Native, `{"code_url":"weixin://1","code_url":"weixin://2"}`, false},
		{gateway.JSAPI, `{"prepay_id":"wx1"}`, true},
		{gateway.JSAPI, `{"prepay_id":null}`, false},
		{gateway.JSAPI, `{"prepay_id":""}`, false},
		{gateway.JSAPI, `{}`, false},
		{gateway.H5, `{"h5_url":"https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx1&package=1"}`, true},
		{gateway.H5, `{"h5_url":"/cgi-bin"}`, false},
		{gateway.H5, `{"h5_url":""}`, false},
		{gateway.H5, `{}`, false},
	} {
		s := script(t, map[string]reply{"": {status: 200, body: c.body}})
		p, err := newGateway().Open(t.Context(), s.account, charge("C1234567", c.method, "https://example.com/n"))
		var e *gateway.Error
		if c.ok && (err != nil || p.IsZero()) || !c.ok &&
			(!errors.As(err, &e) || e.Kind != gateway.Indeterminate || !p.IsZero()) {
			t.Errorf("%s %s: got %+v, %v", c.method, c.body, p, err)
		}
	}
}

// What stands around the resource of a notification: a message that does not say what it is about is sent again.
func TestWhatIsLeftOutOfANotification(t *testing.T) {
	i, now := ours(t), time.Unix(1_790_000_000, 0)
	whole := string(i.envelope(t, "TRANSACTION.SUCCESS", paidTold))
	for _, c := range []struct {
		old, with string
		ok        bool
	}{
		{`"id":"EV-1"`, `"id":""`, true},
		{`"id":"EV-1",`, ``, true},
		{`"event_type":"TRANSACTION.SUCCESS"`, `"event_type":""`, false},
		{`"event_type":"TRANSACTION.SUCCESS",`, ``, false},
		{`"event_type":"TRANSACTION.SUCCESS"`, `"event_type":"REFUND.SUCCESS","event_type":"TRANSACTION.SUCCESS"`,
			false},
		{`"algorithm":"AEAD_AES_256_GCM",`, ``, false},
		{`"nonce":"123456789012"`, `"nonce":null`, false},
		{`"associated_data":"transaction",`, ``, false}, // it is part of what was sealed
	} {
		body := strings.Replace(whole, c.old, c.with, 1)
		if body == whole {
			t.Fatalf("%s is not in %s", c.old, whole)
		}
		n, err := newGateway().Verify(t.Context(), i.account, i.sign(t, []byte(body), now), now)
		var e *gateway.Error
		if c.ok && (err != nil || n.Report.Amount != 20680) || !c.ok &&
			(!errors.As(err, &e) || e.Kind != gateway.Unauthentic) {
			t.Errorf("%s for %s: got %+v, %v", c.with, c.old, n, err)
		}
	}
}
