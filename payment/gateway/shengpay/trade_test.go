package shengpay_test

import (
	"errors"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

const (
	offline = "/pay/unifiedorderOffline"
	online  = "/pay/unifiedorder"
	query   = "/pay/queryOrder"
	reverse = "/pay/reverseOrder"
	refund  = "/refund/orderRefund"
	refunds = "/refund/queryRefundOrder"
)

func TestOrdersByEveryWay(t *testing.T) {
	const params = `{"appId":"wx0123456789abcdef","timeStamp":1795593600,"nonceStr":"n","package":"prepay_id=wx1",` +
		`"signType":"RSA","paySign":"s"}`
	for _, c := range []struct {
		wallet               gateway.Wallet
		method               gateway.Method
		path, tradeType, get string
		want                 gateway.Prepared
		extra, page          string
	}{
		{gateway.WalletAny, gateway.Native, offline, "shengpay_aggre", "https://qr.example/1",
			gateway.Prepared{CodeURL: "https://qr.example/1"}, "", ""},
		{gateway.WalletWeChat, gateway.Native, offline, "wx_native", "weixin://wxpay/x",
			gateway.Prepared{CodeURL: "weixin://wxpay/x"}, "", ""},
		{gateway.WalletAlipay, gateway.Native, offline, "alipay_qr", "https://qr.alipay.com/x",
			gateway.Prepared{CodeURL: "https://qr.alipay.com/x"}, "", ""},
		{gateway.WalletUnionPay, gateway.Native, offline, "upacp_qr", "https://qr.95516.com/x",
			gateway.Prepared{CodeURL: "https://qr.95516.com/x"}, "", ""},
		{gateway.WalletWeChat, gateway.JSAPI, online, "wx_jsapi", params, gateway.Prepared{JSAPI: map[string]string{
			"appId": "wx0123456789abcdef", "timeStamp": "1795593600", "nonceStr": "n", "package": "prepay_id=wx1",
			"signType": "RSA", "paySign": "s",
		}}, `{"openId":"oPayer","appId":"wx0123456789abcdef"}`, ""},
		{gateway.WalletWeChat, gateway.H5, online, "wx_wap", "https://h5.example/p?a=1",
			gateway.Prepared{RedirectURL: "https://h5.example/p?a=1"}, "", "https://pay.example.com/back"},
		{gateway.WalletAlipay, gateway.Wap, online, "alipay_wap", "https://h5.example/p",
			gateway.Prepared{RedirectURL: "https://h5.example/p"}, "", "https://pay.example.com/back"},
	} {
		s := script(t, map[string]reply{"": ok("outTradeNo", number, "totalFee", "12345", "payInfo", c.get)})
		got, err := newGateway().Open(t.Context(), s.account, charge(c.wallet, c.method))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", c.tradeType, got, err)
		}
		path, f := s.last(t)
		delete(f, "sign")
		if len(f["nonceStr"]) < 16 || len(f["nonceStr"]) > 32 {
			t.Errorf("nonceStr %q", f["nonceStr"])
		}
		delete(f, "nonceStr")
		want := map[string]string{
			"mchId": merchant, "outTradeNo": number, "totalFee": "12345", "currency": "CNY", "body": "物业费 2026年11月",
			"clientIp": "10.0.0.1", "signType": "RSA",
			"notifyUrl": "https://pay.example.com/n/1", "timeExpire": "20261125120500", "tradeType": c.tradeType,
		}
		for name, value := range map[string]string{"extra": c.extra, "pageUrl": c.page} {
			if value != "" {
				want[name] = value
			}
		}
		if path != c.path || !reflect.DeepEqual(f, want) {
			t.Errorf("asked %s with %v; want %s with %v", path, f, c.path, want)
		}
		if !slices.Contains(newGateway().Offers(s.account), gateway.PaymentMethod{Wallet: c.wallet, Method: c.method}) {
			t.Errorf("%s is not offered", c.tradeType)
		}
	}
}

// Orders end with their attempt, or after order_minutes, whichever comes first.
func TestTimeExpire(t *testing.T) {
	s := script(t, map[string]reply{"": ok("payInfo", "x")})
	for _, c := range []struct {
		minutes, want string
		expires       time.Duration
	}{{"", "20261125120300", 3 * time.Minute}, {"", "20261125120500", time.Hour}, {"30", "20261125123000", time.Hour}} {
		ch := charge(gateway.WalletAny, gateway.Native)
		ch.ExpiresAt = clock().Add(c.expires)
		if _, err := newGateway().Open(t.Context(), s.with("order_minutes", c.minutes), ch); err != nil {
			t.Fatal(err)
		}
		if _, f := s.last(t); f["timeExpire"] != c.want {
			t.Errorf("order_minutes %q, attempt of %v: %s; want %s", c.minutes, c.expires, f["timeExpire"], c.want)
		}
	}
}

func TestOrdersThatAreNotAsked(t *testing.T) {
	s := script(t, nil)
	noPayer, far := charge(gateway.WalletWeChat, gateway.JSAPI), charge(gateway.WalletAny, gateway.Native)
	noPayer.PayerID, far.NotifyURL = "", "https://pay.example.com/"+strings.Repeat("n", 128)
	for _, ch := range []gateway.Charge{
		noPayer, far, charge(gateway.WalletAny, gateway.H5), charge(gateway.WalletAlipay, gateway.JSAPI),
		charge(gateway.WalletUnionPay, gateway.CodePresented),
		charge(gateway.WalletCard, gateway.CardPresent), charge("", gateway.Native),
		charge(gateway.WalletCash, gateway.Notes),
	} {
		_, err := newGateway().Open(t.Context(), s.account, ch)
		failure(t, string(ch.Wallet)+" "+string(ch.Method), err, gateway.Declined, true)
	}
	if len(s.asked) > 0 {
		t.Errorf("asked %v", s.asked)
	}
	broken := s.with("sign_type", "MD5")
	_, err := newGateway().Open(t.Context(), broken, charge(gateway.WalletAny, gateway.Native))
	failure(t, "MD5", err, gateway.Declined, true)
	if ways := newGateway().Offers(broken); ways != nil {
		t.Errorf("offers %v", ways)
	}
}

func TestOrdersWhoseAnswerIsNotBelieved(t *testing.T) {
	k := scriptKeys()
	good := map[string]string{"returnCode": "SUCCESS", "resultCode": "SUCCESS", "mchId": merchant, "outTradeNo": number,
		"payInfo": "https://qr.example/1"}
	for name, answer := range map[string]reply{
		"unsigned":            {status: 200, says: good, unsigned: true},
		"another's signature": {status: 200, body: signed(k.stranger, "RSA", good)},
		"MD5": {status: 200, body: `{"returnCode":"SUCCESS","resultCode":"SUCCESS","payInfo":"x",` +
			`"signType":"MD5","sign":"0123456789abcdef0123456789abcdef"}`},
		"another order":    ok("outTradeNo", number+"1", "payInfo", "x"),
		"another amount":   ok("outTradeNo", number, "totalFee", "12346", "payInfo", "x"),
		"no payInfo":       ok("outTradeNo", number),
		"another merchant": ok("mchId", "1", "payInfo", "x"), "a status": {status: 500, says: good},
		"a page": {status: 200, body: "<html>"},
		"moved":  {status: 302, body: "moved"}, "too long": {status: 200, body: strings.Repeat(" ", 1<<20+1)},
		"silence": {}, "a list": {status: 200, body: "[]"},
		"neither":        {status: 200, says: map[string]string{"returnCode": "SUCCESS"}},
		"an unsigned no": no("NEW_CODE", true),
	} {
		s := script(t, map[string]reply{"": answer})
		got, err := newGateway().Open(t.Context(), s.account, charge(gateway.WalletAny, gateway.Native))
		var e *gateway.Error
		if !errors.As(err, &e) || e.Kind != gateway.Indeterminate || !got.IsZero() {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if e != nil && e.Signed != (name == "neither") {
			t.Errorf("%s: signed %t", name, e.Signed)
		}
	}
	for method, info := range map[gateway.Method]string{gateway.H5: "javascript:alert(1)",
		gateway.JSAPI: `{"appId":"wx0123456789abcdef"}`} {
		s := script(t, map[string]reply{"": ok("payInfo", info)})
		_, err := newGateway().Open(t.Context(), s.account, charge(gateway.WalletWeChat, method))
		failure(t, info, err, gateway.Indeterminate, false)
	}
}

func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	s := script(t, nil)
	_, err = newGateway().Open(t.Context(), s.with("base_url", "http://"+l.Addr().String()),
		charge(gateway.WalletAny, gateway.Native))
	failure(t, "no listener", err, gateway.Unreachable, false)
}

// Both keys verify while one takes the other's place.
func TestOldAndNewKeyVerify(t *testing.T) {
	k := scriptKeys()
	s := script(t, map[string]reply{"": ok("payInfo", "x")})
	for keys, good := range map[string]bool{
		publicPEM(&k.stranger.PublicKey) + k.institutionPEM: true,
		k.institutionPEM + publicPEM(&k.stranger.PublicKey): true, publicPEM(&k.stranger.PublicKey): false,
	} {
		_, err := newGateway().Open(t.Context(), s.with("platform_public_key_pem", keys),
			charge(gateway.WalletAny, gateway.Native))
		if (err == nil) != good {
			t.Errorf("%v; want %t", err, good)
		}
	}
}

func TestQueryTellsEachState(t *testing.T) {
	at := time.Date(2026, 11, 25, 4, 1, 2, 0, time.UTC)
	for _, c := range []struct {
		status string
		state  gateway.TradeState
	}{
		{"PAY_INIT", gateway.TradeUnpaid}, {"PAY_ING", gateway.TradeUnpaid}, {"PAY_SUCCESS", gateway.TradePaid},
		{"PAY_FAIL", gateway.TradeFailed},
		{"CLOSED", gateway.TradeClosed}, {"REFUND_ING", gateway.TradePaid}, {"REFUND_SUCCESS", gateway.TradePaid},
		{"REFUND_INIT", gateway.TradePaid},
	} {
		s := script(t,
			map[string]reply{query: ok("outTradeNo", number, "status", c.status, "totalFee", "12345", "transactionId",
				"WP1", "timeEnd", "20261125120102",
				"tradeType", "alipay_qr", "payerInfo", `{"openid":"oPayer"}`)})
		got, err := newGateway().Query(t.Context(), s.account, trade())
		want := gateway.Report{
			OutTradeNo: number, State: c.state, TransactionID: "WP1", Amount: 12345, Currency: "CNY",
			Merchant: merchant, PayerID: "oPayer",
			Wallet: gateway.WalletAlipay, Raw: c.status,
		}
		if c.state == gateway.TradePaid {
			want.PaidAt = at
		}
		if c.status == "REFUND_SUCCESS" {
			want.Returned = gateway.ReturnedSome
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", c.status, got, err)
		}
	}
	s := script(t,
		map[string]reply{query: ok("outTradeNo", number, "state", "PAY_SUCCESS", "totalFee", "12345", "transactionId",
			"WP1", "paidOn", "20261125120102")})
	got, err := newGateway().Query(t.Context(), s.with("status_field", "state", "paid_time_fields", "timeEnd,paidOn"),
		trade())
	if err != nil || got.State != gateway.TradePaid || !got.PaidAt.Equal(at) || got.Wallet != "" {
		t.Errorf("with other names: %+v, %v", got, err)
	}
	got, err = newGateway().Query(t.Context(), s.with("status_field", "state"), trade())
	if err != nil || !got.PaidAt.IsZero() || got.State != gateway.TradePaid {
		t.Errorf("without a time: %+v, %v", got, err)
	}
}

func TestQueriesThatAreNotBelieved(t *testing.T) {
	paid := func(more ...string) reply {
		return ok(append([]string{"outTradeNo", number, "status", "PAY_SUCCESS", "totalFee", "12345", "transactionId",
			"WP1"}, more...)...)
	}
	for name, answer := range map[string]reply{
		"another order": paid("outTradeNo", number+"1"), "no order": paid("outTradeNo", ""),
		"another merchant": paid("mchId", "1"), "a new state": paid("status", "PAID"),
		"no state": paid("status", ""), "no amount": paid("totalFee", ""), "yuan": paid("totalFee", "123.45"),
		"a sign":     paid("totalFee", "+12345"),
		"below zero": paid("totalFee", "-1"), "nothing": paid("totalFee", "0"),
		"too much": paid("totalFee", "99999999999999999999"), "no transaction": paid("transactionId", ""),
	} {
		s := script(t, map[string]reply{query: answer})
		got, err := newGateway().Query(t.Context(), s.account, trade())
		failure(t, name, err, gateway.Indeterminate, false)
		if got.State == gateway.TradePaid {
			t.Errorf("%s: %+v", name, got)
		}
	}
	card := trade()
	card.Wallet, card.Method = gateway.WalletCard, gateway.CardPresent
	_, err := newGateway().Query(t.Context(), script(t, nil).account, card)
	failure(t, "a card", err, gateway.Indeterminate, false)
}

// Without close_path an order ends by its timeExpire alone, and nobody is told otherwise.
func TestCloseWithoutAPublishedWay(t *testing.T) {
	for status, kind := range map[string]gateway.ErrorKind{
		"PAY_INIT": gateway.TryLater, "PAY_ING": gateway.TryLater, "PAY_SUCCESS": gateway.AlreadyPaidUpstream,
		"REFUND_SUCCESS": gateway.AlreadyPaidUpstream,
	} {
		s := script(t,
			map[string]reply{query: ok("outTradeNo", number, "status", status, "totalFee", "12345", "transactionId",
				"WP1")})
		failure(t, status, newGateway().Close(t.Context(), s.account, trade()), kind, true)
		if len(s.asked) != 1 {
			t.Errorf("%s: asked %v", status, s.asked)
		}
	}
	s := script(t, map[string]reply{query: ok("outTradeNo", number, "status", "CLOSED")})
	if err := newGateway().Close(t.Context(), s.account, trade()); err != nil {
		t.Errorf("closed: %v", err)
	}
	failure(t, "absent",
		newGateway().Close(t.Context(), script(t, map[string]reply{query: no("ORDER_NOT_EXIST", false)}).account,
			trade()),
		gateway.NotFound, true)
	failure(t, "unsigned",
		newGateway().Close(t.Context(), script(t, map[string]reply{query: no("ORDER_NOT_EXIST", true)}).account,
			trade()),
		gateway.NotFound, false)
	failure(t, "silence", newGateway().Close(t.Context(), script(t, nil).account, trade()), gateway.Indeterminate,
		false)
}

func TestCloseByADeclaredPath(t *testing.T) {
	for _, c := range []struct {
		closes, status string
		kind           gateway.ErrorKind
	}{
		{"", "CLOSED", ""}, {"", "PAY_SUCCESS", gateway.AlreadyPaidUpstream}, {"", "PAY_INIT", gateway.TryLater},
		{"ORDER_PAID", "PAY_SUCCESS", gateway.AlreadyPaidUpstream},
		{"ORDER_CLOSED", "CLOSED", gateway.AlreadyClosedUpstream}, {"ORDER_NOT_EXIST", "", gateway.NotFound},
		{"NEW_CODE", "", gateway.Indeterminate},
	} {
		closes := ok()
		if c.closes != "" {
			closes = no(c.closes, false)
		}
		s := script(t,
			map[string]reply{"/pay/closeOrder": closes, query: ok("outTradeNo", number, "status", c.status, "totalFee",
				"12345", "transactionId", "WP1")})
		err := newGateway().Close(t.Context(), s.with("close_path", "/pay/closeOrder"), trade())
		if c.kind == "" && err != nil {
			t.Errorf("%+v: %v", c, err)
		} else if c.kind != "" {
			failure(t, c.closes+" "+c.status, err, c.kind, true)
		}
	}
}

// expired_after_minutes is a company's own word that what nobody began to pay by then is closed.
func TestOrdersThatTheInstitutionNeverCloses(t *testing.T) {
	s := script(t, map[string]reply{query: ok("outTradeNo", number, "status", "PAY_INIT")})
	paying := script(t, map[string]reply{query: ok("outTradeNo", number, "status", "PAY_ING")})
	for _, c := range []struct {
		account gateway.Account
		age     time.Duration
		state   gateway.TradeState
	}{
		{s.account, 24 * time.Hour, gateway.TradeUnpaid}, {s.with("expired_after_minutes", "10"), 15 * time.Minute,
			gateway.TradeUnpaid},
		{s.with("expired_after_minutes", "10"), 15*time.Minute + time.Second, gateway.TradeClosed},
		{paying.with("expired_after_minutes", "10"), time.Hour, gateway.TradeUnpaid},
	} {
		old := trade()
		old.CreatedAt = clock().Add(-c.age)
		if r, err := newGateway().Query(t.Context(), c.account, old); err != nil || r.State != c.state {
			t.Errorf("after %v: %+v, %v; want %s", c.age, r, err, c.state)
		}
	}
}

func TestEveryCode(t *testing.T) {
	for _, c := range publishedCodes() {
		for _, unsigned := range []bool{false, true} {
			s := script(t, map[string]reply{"": no(c.code, unsigned), refunds: no("REFUND_NOT_EXIST", false)})
			_, err := newGateway().Open(t.Context(), s.account, charge(gateway.WalletAny, gateway.Native))
			e := failure(t, "order "+c.code, err, c.order, !unsigned)
			if e.Code != c.code || e.Message != "文字" {
				t.Errorf("%s: %v", c.code, e)
			}
			_, err = newGateway().Query(t.Context(), s.account, trade())
			failure(t, "query "+c.code, err, c.query, !unsigned)
			_, err = newGateway().Refund(t.Context(), s.account, refundRequest())
			if e := failure(t, "refund "+c.code, err, c.refund, !unsigned); e.Reason != c.refundWhy {
				t.Errorf("%s: why %q; want %q", c.code, e.Reason, c.refundWhy)
			}
		}
	}
}

func TestCodesThatNobodyPublished(t *testing.T) {
	s := script(t, map[string]reply{"": no("NEW_CODE", false), refunds: no("REFUND_NOT_EXIST", false)})
	_, err := newGateway().Open(t.Context(), s.account, charge(gateway.WalletAny, gateway.Native))
	failure(t, "an order", err, gateway.Declined, true)
	_, err = newGateway().Query(t.Context(), s.account, trade())
	failure(t, "a query", err, gateway.Indeterminate, true)
	_, err = newGateway().PayCode(t.Context(), s.with(codes...), codeCharge())
	failure(t, "a code", err, gateway.Indeterminate, true)
	failure(t, "a reversal", newGateway().Reverse(t.Context(), s.account, trade()), gateway.Indeterminate, true)

	own := s.with("error_kinds", "NEW_CODE=refused:merchant_balance, OLD=busy")
	_, err = newGateway().Refund(t.Context(), own, refundRequest())
	if e := failure(t, "declared", err, gateway.Declined, true); e.Reason != gateway.MerchantBalance {
		t.Errorf("why %q", e.Reason)
	}
	s = script(t,
		map[string]reply{"": {status: 200, says: map[string]string{"returnCode": "FAIL", "returnMsg": "验签失败"}}})
	_, err = newGateway().Open(t.Context(), s.account, charge(gateway.WalletAny, gateway.Native))
	if e := failure(t, "not understood", err, gateway.Declined, true); e.Message != "验签失败" {
		t.Errorf("message %q", e.Message)
	}
}

func TestOAuth(t *testing.T) {
	s := script(t, map[string]reply{"/sns/oauth2/access_token": {status: http.StatusOK, body: `{"openid":"oPayer"}`}})
	address, err := newGateway().AuthorizeURL(s.account, "https://pay.example.com/back", "st")
	want := s.account.Settings["base_url"] + "/connect/oauth2/authorize?appid=wx0123456789abcdef&" +
		"redirect_uri=https%3A%2F%2Fpay.example.com%2Fback&response_type=code&scope=snsapi_base&" +
		"state=st#wechat_redirect"
	if err != nil || address != want {
		t.Errorf("%s, %v", address, err)
	}
	if id, err := newGateway().Payer(t.Context(), s.account, "c"); err != nil || id != "oPayer" {
		t.Errorf("%s, %v", id, err)
	}
	for name, answer := range map[string]reply{
		"refusal": {status: 200, body: `{"errcode":40029,"errmsg":"invalid code"}`},
		"page":    {status: 200, body: "<html>"}, "silence": {}} {
		_, err := newGateway().Payer(t.Context(), script(t, map[string]reply{"": answer}).account, "c")
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	without := s.with("wechat_appid", "", "wechat_app_secret", "")
	if _, err := newGateway().AuthorizeURL(without, "https://pay.example.com/back", "st"); err == nil {
		t.Error("an address without wechat_appid")
	}
	if slices.Contains(newGateway().Offers(without),
		gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.JSAPI}) {
		t.Error("JSAPI is offered without wechat_appid")
	}
}
