package lakala_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

const (
	preordered = `{"merchant_no":"82229007392000A","out_trade_no":"202611250000000000000001",` +
		`"trade_no":"2026112566210002570007","log_no":"66210002570007",` +
		`"settle_merchant_no":"","acc_resp_fields":{"code":"https://qr.alipay.com/bax0912","code_image":""}}`
	jsapiFields = `{"code":"","prepay_id":"wx25160000","app_id":"wx0123456789abcdef","time_stamp":"1795593600",` +
		`"nonce_str":"n","package":"prepay_id=wx25160000",` +
		`"pay_sign":"c2ln","sign_type":"RSA"}`
	counterCreated = `{"merchant_no":"82229007392000A","channel_id":"","out_order_no":"202611250000000000000001",` +
		`"order_create_time":"20261125160000",` +
		`"order_efficient_time":"20261125161059","pay_order_no":"26112511012001101011025385338",` +
		`"total_amount":"12345","counter_url":"https://pay.wsmsd.cn/r/0000?x=1"}`
)

func TestNativeSendsWhatTheInstitutionRequires(t *testing.T) {
	for wallet, accountType := range map[gateway.Wallet]string{gateway.WalletAlipay: "ALIPAY",
		gateway.WalletUnionPay: "UQRCODEPAY"} {
		s := script(t, map[string]reply{preorder: {body: ok(preordered)}})
		p, err := newGateway().Open(t.Context(), s.account, charge(wallet, gateway.Native))
		if err != nil || p.CodeURL != "https://qr.alipay.com/bax0912" || p.UpstreamNo != "" || p.JSAPI != nil {
			t.Fatalf("got %+v, %v", p, err)
		}
		same(t, s.last(preorder), `{"merchant_no":"82229007392000A","term_no":"D9296400",`+
			`"out_trade_no":"202611250000000000000001","account_type":"`+accountType+`",
			"trans_type":"41","total_amount":"12345",
			"location_info":{"request_ip":"36.45.36.95"},"notify_url":"https://example.com/callbacks/lakala/a",
			"subject":"物业费 2026年11月","acc_busi_fields":{"timeout_express":"10"}}`)
	}
}

// An order that ends within the minute has the shortest time-out that there is.
func TestTheShortestTimeOut(t *testing.T) {
	s := script(t, map[string]reply{preorder: {body: ok(preordered)}})
	ch := charge(gateway.WalletAlipay, gateway.Native)
	ch.ExpiresAt = now().Add(59 * time.Second)
	if _, err := newGateway().Open(t.Context(), s.account, ch); err != nil {
		t.Fatal(err)
	}
	same(t, s.last(preorder)["acc_busi_fields"].(map[string]any), `{"timeout_express":"1"}`)
}

func TestJSAPISendsTheOpenidAndGivesBackTheParameters(t *testing.T) {
	s := script(t,
		map[string]reply{
			preorder: {body: ok(strings.Replace(preordered, `{"code":"https://qr.alipay.com/bax0912","code_image":""}`,
				jsapiFields, 1))}})
	p, err := newGateway().Open(t.Context(), s.account, charge(gateway.WalletWeChat, gateway.JSAPI))
	if err != nil || p.CodeURL != "" || len(p.JSAPI) != 6 {
		t.Fatalf("got %+v, %v", p, err)
	}
	for name, want := range map[string]string{
		"appId": "wx0123456789abcdef", "timeStamp": "1795593600", "nonceStr": "n", "package": "prepay_id=wx25160000",
		"signType": "RSA", "paySign": "c2ln",
	} {
		if p.JSAPI[name] != want {
			t.Errorf("%s is %q", name, p.JSAPI[name])
		}
	}
	sent := s.last(preorder)
	same(t, sent["acc_busi_fields"].(map[string]any), `{"sub_appid":"wx0123456789abcdef","user_id":"oABC",`+
		`"timeout_express":"10"}`)
	if sent["account_type"] != "WECHAT" || sent["trans_type"] != "51" {
		t.Errorf("sent %v", sent)
	}
}

func TestTheAggregateQRIsACounterOrderThatIsPaidOnceByScanning(t *testing.T) {
	s := script(t, map[string]reply{create: {body: okay(counterCreated)}})
	p, err := newGateway().Open(t.Context(), s.account, charge(gateway.WalletAny, gateway.Native))
	if err != nil || p.CodeURL != "https://pay.wsmsd.cn/r/0000?x=1" || p.UpstreamNo != "26112511012001101011025385338" {
		t.Fatalf("got %+v, %v", p, err)
	}
	same(t, s.last(create),
		`{"out_order_no":"202611250000000000000001","merchant_no":"82229007392000A",
		"total_amount":12345,"order_efficient_time":"20261125161059",
		"notify_url":"https://example.com/callbacks/lakala/a",
		"support_cancel":0,"support_refund":1,"support_repeat_pay":0,"callback_url":"https://example.com/back",
		"order_info":"物业费 2026年11月","term_no":"D9296400",
		"busi_type_param":"[{\"busi_type\":\"SCPAY\",\"params\":{\"crd_flg\":\"CRDFLG_D|CRDFLG_C|CRDFLG_OTH\"}}]",
		"repeat_pay_auto_refund":"1","repeat_pay_notify":"0","close_order_auto_refund":"0","trade_biz_tp":"110A17"}`)
}

// An order that is refused with a code of no public meaning is what the institution says of the trade.
func TestAnOrderThatIsRefused(t *testing.T) {
	state := func(s string) reply { return reply{body: ok(strings.Replace(scanPaid, "SUCCESS", s, 1))} }
	for name, c := range map[string]struct {
		order, query reply
		kind         gateway.ErrorKind
		signed       bool
	}{
		"unknown code, unknown trade": {reply{body: fail("BBS99999")}, reply{body: fail("BBS88888")},
			gateway.Declined, true},
		"unknown code, no word of it": {reply{body: fail("BBS99999")}, reply{status: -1}, gateway.Indeterminate, true},
		"unknown code, a busy query": {reply{body: fail("BBS99999")}, reply{body: fail("BBS00001")},
			gateway.Indeterminate, true},
		"unknown code, a paid trade": {reply{body: fail("BBS99999")}, state("SUCCESS"), gateway.AlreadyPaidUpstream,
			true},
		"unknown code, a closed trade": {reply{body: fail("BBS99999")}, state("CLOSE"), gateway.AlreadyClosedUpstream,
			true},
		"unknown code, an open trade": {reply{body: fail("BBS99999")}, state("CREATE"), gateway.Indeterminate, true},
		"unknown code, unsigned": {reply{body: fail("BBS99999"), unsigned: true}, state("CLOSE"),
			gateway.Indeterminate, false},
		"unsigned": {reply{body: ok(preordered), unsigned: true}, reply{}, gateway.Indeterminate,
			false},
		"signed for another": {reply{body: ok(preordered), appid: "OP00000004"}, reply{}, gateway.Indeterminate,
			false},
		"signed long ago":  {reply{body: ok(preordered), late: 301}, reply{}, gateway.Indeterminate, false},
		"signed elsewhere": {reply{body: ok(preordered), bad: true}, reply{}, gateway.Indeterminate, false},
		"of another number": {reply{body: ok(strings.Replace(preordered, "01\"", "02\"", 1))}, reply{},
			gateway.Indeterminate, false},
		"of another merchant": {
			reply{body: ok(strings.Replace(preordered, "82229007392000A", "82229007392000B", 1))}, reply{},
			gateway.Indeterminate, false},
		"without a code": {
			reply{body: ok(strings.Replace(preordered, "https://qr.alipay.com/bax0912", "", 1))}, reply{},
			gateway.Indeterminate, false},
		"a name given twice": {
			reply{body: ok(strings.Replace(preordered, `"log_no"`, `"out_trade_no"`, 1))}, reply{},
			gateway.Indeterminate,
			false},
		"a broken connection": {reply{status: -1}, reply{}, gateway.Indeterminate, false},
		"a proxy's page":      {reply{body: "<html>", unsigned: true}, reply{}, gateway.Indeterminate, false},
		"a proxy's gateway time-out": {reply{status: 504, body: "<html>", unsigned: true}, reply{}, gateway.TryLater,
			false},
		"another status than 200": {reply{status: 202, body: ok(preordered)}, reply{body: fail("BBS88888")},
			gateway.Indeterminate, false},
		"a redirect": {reply{status: 302, body: ""}, reply{}, gateway.Indeterminate, false},
		"null":       {reply{body: "null"}, reply{}, gateway.Indeterminate, false},
		"a list":     {reply{body: "[]"}, reply{}, gateway.Indeterminate, false},
		"the platform, as itself": {reply{status: 403, body: `{"code":"GW0004","message":"IP"}`, unsigned: true},
			reply{}, gateway.Declined, false},
		"a code with an empty resp_data": {reply{body: `{"code":"BBS00000","resp_data":""}`}, reply{},
			gateway.Indeterminate,
			false},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{preorder: c.order, tradequery: c.query})
			_, err := newGateway().Open(t.Context(), s.account, charge(gateway.WalletAlipay, gateway.JSAPI))
			wantKind(t, err, gateway.Declined, true) // that way is not offered, and nobody is asked
			if len(s.asked) != 0 {
				t.Error("the institution was asked")
			}
			p, err := newGateway().Open(t.Context(), s.account, charge(gateway.WalletAlipay, gateway.Native))
			wantKind(t, err, c.kind, c.signed)
			if !p.IsZero() {
				t.Errorf("prepared %+v", p)
			}
		})
	}
}

func TestOffersFollowFromTheSettings(t *testing.T) {
	a := account("https://example.com")
	jsapi := gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.JSAPI}
	with := newGateway().Offers(a)
	delete(a.Settings, "wechat_appid")
	without := newGateway().Offers(a)
	if len(with) != 8 || len(without) != 7 || with[7] != jsapi {
		t.Errorf("offers %v and %v", with, without)
	}
	for _, w := range with {
		if w == (gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.Native}) {
			t.Error("WeChat has no QR of its own at Lakala")
		}
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	for name, value := range map[string]string{
		"appid": "", "serial_no": "", "private_key_pem": "", "platform_cert_pem": "", "merchant_no": "", "term_no": "",
		"base_url": "http://s2.lakala.com", "request_ip": "here",
		"repeat_pay_auto_refund": "yes", "wechat_app_secret": "", "code_kinds": "BBS1=maybe",
		"device_pay_extras": "amt={amount_yuan}", "device_void_extras": "[]",
		"device_result_fields": `{"rrn":"refernumber"}`, "wechat_oauth_base_url": "http://open.weixin.qq.com",
	} {
		a := account("https://example.com/sit")
		if err := newGateway().Check(a); err != nil {
			t.Fatal(err)
		}
		a.Settings[name] = value
		if err := newGateway().Check(a); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s = %q: %v", name, value, err)
		}
	}
	for name, value := range map[string]string{
		"private_key_pem": strings.Replace(merchantPEM, "MII", "MIJ", 1), "platform_cert_pem": merchantPEM,
		"base_url": "https://s2.lakala.com/?x=1", "appid": "OP\"1",
		"code_kinds": "BBS00000=absent",
	} {
		a := account("https://example.com")
		a.Settings[name] = value
		if err := newGateway().Check(a); err == nil || strings.Contains(err.Error(), "MII") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNothingWasSentWhereNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String()
	l.Close()
	_, err = newGateway().Query(t.Context(), account(base), trade(gateway.WalletAlipay, gateway.JSAPI))
	wantKind(t, err, gateway.Unreachable, false)
	tls := httptest.NewTLSServer(http.NotFoundHandler()) // a certificate that nobody vouches for
	defer tls.Close()
	_, err = newGateway().Query(t.Context(), account(tls.URL), trade(gateway.WalletAlipay, gateway.JSAPI))
	wantKind(t, err, gateway.Indeterminate, false)
	if !strings.Contains(err.Error(), "certificate") {
		t.Errorf("the certificate is not the reason: %v", err)
	}
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 40 {
			io.WriteString(w, strings.Repeat(" ", 1<<16))
		}
	}))
	defer endless.Close()
	_, err = newGateway().Query(t.Context(), account(endless.URL), trade(gateway.WalletAlipay, gateway.JSAPI))
	wantKind(t, err, gateway.Indeterminate, false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = newGateway().Query(ctx, account(endless.URL), trade(gateway.WalletAlipay, gateway.JSAPI))
	wantKind(t, err, gateway.Indeterminate, false)
}

func TestTheOpenidComesFromTheCompanysOwnAccount(t *testing.T) {
	token := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Get("appid") != "wx0123456789abcdef" || q.Get("secret") != "s3cret" ||
			q.Get("code") != "c1" {
			io.WriteString(w, `{"errcode":40029,"errmsg":"invalid code"}`)
			return
		}
		io.WriteString(w, `{"openid":"oABC"}`)
	}))
	defer token.Close()
	a := account("https://example.com")
	a.Settings["wechat_token_base_url"] = token.URL
	address, err := newGateway().AuthorizeURL(a, "https://example.com/back", "st")
	if err != nil ||
		!strings.HasPrefix(address, "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx0123456789abcdef&") ||
		!strings.HasSuffix(address, "&scope=snsapi_base&state=st#wechat_redirect") {
		t.Fatal(address, err)
	}
	if id, err := newGateway().Payer(t.Context(), a, "c1"); err != nil || id != "oABC" {
		t.Fatal(id, err)
	}
	_, err = newGateway().Payer(t.Context(), a, "c2")
	wantKind(t, err, gateway.Declined, false)
	a.Settings["wechat_token_base_url"], a.ID = "https://127.0.0.1:1", "b"
	if _, err = newGateway().Payer(t.Context(), a, "c1"); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Fatalf("the error holds the secret, or there is none: %v", err)
	}
}

// What the form asks for is what is read: an account with every default written out is the account without.
func TestSettingsAreDescribed(t *testing.T) {
	a, described := account("https://example.com/sit"), map[string]gateway.Setting{}
	for _, d := range newGateway().Settings() {
		described[d.Name] = d
		if d.ZH == "" || d.EN == "" || d.Required && d.Default != "" {
			t.Errorf("%+v", d)
		}
		if a.Settings[d.Name] == "" {
			a.Settings[d.Name] = d.Default
		}
	}
	if err := newGateway().Check(a); err != nil {
		t.Error(err)
	}
	for name := range a.Settings {
		if described[name].Name == "" {
			t.Errorf("%s is not described", name)
		}
	}
	for name, d := range described {
		b := account("https://example.com/sit")
		delete(b.Settings, name)
		if err := newGateway().Check(b); (err != nil) != (d.Required || strings.HasPrefix(name, "wechat_app")) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// Whoever tests an account learns whether the answer verified, and what the institution's clock says.
func TestTheVerdictIsTold(t *testing.T) {
	for unsigned, s := range map[bool]*scripted{
		false: script(t, map[string]reply{tradequery: {body: fail("BBS11114")}}),
		true:  script(t, map[string]reply{tradequery: {body: fail("BBS11114"), unsigned: true}}),
	} {
		ctx, v := gateway.WithVerdict(t.Context())
		_, err := newGateway().Query(ctx, s.account, trade(gateway.WalletAlipay, gateway.JSAPI))
		wantKind(t, err, gateway.Indeterminate, !unsigned)
		if (v.Err != nil) != unsigned || v.Date.IsZero() {
			t.Errorf("unsigned %t: %+v", unsigned, v)
		}
	}
}
