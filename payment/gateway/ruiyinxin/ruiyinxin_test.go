package ruiyinxin_test

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/payment/gateway"
	"linlipay/payment/gateway/ruiyinxin"
)

func TestOffersFollowFromTheSettings(t *testing.T) {
	s := script(t, nil)
	for _, c := range []struct {
		account gateway.Account
		want    string
	}{
		{s.account, "[{wechat native} {wechat code} {alipay native} {alipay code} {unionpay native} {unionpay code} " +
			"{wechat jsapi}]"},
		{s.with("wechat_appid", "", "wechat_app_secret", ""),
			"[{wechat native} {wechat code} {alipay native} {alipay code} {unionpay native} {unionpay code}]"},
		{s.with("pay_way_unionpay", "-"),
			"[{wechat native} {wechat code} {alipay native} {alipay code} {wechat jsapi}]"},
		{s.with("pay_way_wechat", "-"), "[{alipay native} {alipay code} {unionpay native} {unionpay code}]"},
		{s.with("pay_way_unionpay", "YLZF", "card_application", "generic"),
			"[{wechat native} {wechat code} {alipay native} {alipay code} {unionpay native} {unionpay code} {wechat " +
				"jsapi} {card card_present}]"},
		{gateway.Account{ID: "none", Version: 1}, "[]"},
	} {
		if got := fmt.Sprint(newGateway().Offers(c.account)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestCheckNamesTheSettingThatIsWrong(t *testing.T) {
	s := script(t, nil)
	if err := newGateway().Check(s.account); err != nil {
		t.Fatal(err)
	}
	k := scriptKeys()
	for _, c := range []struct{ name, value string }{
		{"cooperator", ""}, {"merchant_code", ""}, {"private_key_pem", ""}, {"platform_public_key_pem", ""},
		{"private_key_pem", "x"}, {"private_key_pem", publicPEM(k.merchant)},
		{"previous_private_key_pem", publicPEM(k.merchant)},
		{"platform_public_key_pem", privatePEM(k.merchant)}, {"platform_public_key_pem", "-----BEGIN PUBLIC KEY-----"},
		{"base_url", "http://qr.ruiyinxin.com/ydzf/ydzf-smzf"}, {"wechat_oauth_base_url", "ftp://x"},
		{"wechat_token_base_url", "http://example.com"},
		{"wechat_app_secret", ""}, {"card_application", "own"}, {"trust_device", "true"}, {"tran_code_prefix", "A B"},
		{"window_minutes", "0"}, {"window_minutes", "five"},
		{"field_names", "{"}, {"field_names", `{"userId":1}`}, {"extra_fields", "[]"}, {"code_kinds", "2068"},
		{"code_kinds", "000000=refused"},
		{"code_kinds", "1=done"}, {"code_kinds", "1=absent/balance_low"}, {"code_kinds", "1=refused/nothing"},
		{"statement_columns", `{"x":"y"}`}, {"statement_columns", "1"},
	} {
		err := newGateway().Check(s.with(c.name, c.value))
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s %.20q: got %v", c.name, c.value, err)
		}
		if err != nil && strings.Contains(err.Error(), "MII") {
			t.Errorf("%s: the key is in the error", c.name)
		}
	}
	described := newGateway().Settings()
	for name := range s.account.Settings {
		found := false
		for _, d := range described {
			found = found || d.Name == name
		}
		if !found {
			t.Errorf("%s is not described", name)
		}
	}
}

func TestOpenSendsWhatThirdPartiesKnow(t *testing.T) {
	jsapi := said("S", "000000", `{"wxjsapiStr":"{\"appId\":\"wx0123456789abcdef\",\"timeStamp\":1764057600,`+
		`\"nonceStr\":\"n\",\"package\":\"prepay_id=1\",\"signType\":\"RSA\",\"paySign\":\"s\"}"}`)
	s := script(t, map[string]reply{"SMZF002": {text: said("S", "000000", `{"qrCode":"https://qr.example/1"}`)},
		"SMZF010": {text: jsapi}})
	common := map[string]any{"merchantCode": "M00000000000001", "totalAmount": "123.45", "subject": "物业费 2026年11月"}
	for _, c := range []struct {
		wallet gateway.Wallet
		method gateway.Method
		code   string
		more   map[string]any
	}{
		{gateway.WalletWeChat, gateway.Native, "SMZF002", map[string]any{"payWay": "WXZF"}},
		{gateway.WalletAlipay, gateway.Native, "SMZF002", map[string]any{"payWay": "ZFBZF"}},
		{gateway.WalletUnionPay, gateway.Native, "SMZF002", map[string]any{"payWay": "YLZF"}},
		{gateway.WalletWeChat, gateway.JSAPI, "SMZF010",
			map[string]any{"payWay": "WXZF", "subAppid": "wx0123456789abcdef", "userId": "oABC"}},
	} {
		p, err := newGateway().Open(t.Context(), s.with("pay_way_unionpay", "YLZF"), charge(c.wallet, c.method))
		if err != nil {
			t.Fatal(c, err)
		}
		if c.method == gateway.Native && p.CodeURL != "https://qr.example/1" {
			t.Errorf("%v: got %+v", c, p)
		}
		if c.method == gateway.JSAPI &&
			fmt.Sprint(p.JSAPI) != "map[appId:wx0123456789abcdef nonceStr:n package:prepay_id=1 paySign:s "+
				"signType:RSA timeStamp:1764057600]" {
			t.Errorf("%v: got %+v", c, p)
		}
		q := s.sent(t, c.code)
		for name, value := range common {
			c.more[name] = value
		}
		if fmt.Sprint(q.fields) != fmt.Sprint(c.more) {
			t.Errorf("sent %v\nwant %v", q.fields, c.more)
		}
		if q.form.Get("cooperator") != "R_SMZF_TEST" || q.form.Get("reqMsgId") != number ||
			q.form.Get("callBack") != "http://127.0.0.1:1/callbacks/ruiyinxin/a" ||
			len(q.form) != 8 || q.head["version"] != "1.0.0" || q.head["msgType"] != "01" ||
			len(q.head["reqDate"].(string)) != 14 || len(q.head) != 4 {
			t.Errorf("sent %v with %v", q.form, q.head)
		}
	}
}

func TestWhatIsNotPublicCanBeDeclared(t *testing.T) {
	s := script(t, map[string]reply{"RYX002": {text: said("S", "000000", `{"codeUrl":"https://qr.example/1"}`)}})
	a := s.with("tran_code_prefix", "RYX", "protocol_version", "2.0", "field_names",
		`{"qrCode":"codeUrl","totalAmount":"amt"}`, "extra_fields", `{"scene":"1"}`)
	p, err := newGateway().Open(t.Context(), a, charge(gateway.WalletWeChat, gateway.Native))
	if err != nil || p.CodeURL != "https://qr.example/1" {
		t.Fatal(p, err)
	}
	q := s.sent(t, "RYX002")
	if q.fields["amt"] != "123.45" || q.fields["totalAmount"] != nil || q.fields["scene"] != "1" ||
		q.head["version"] != "2.0" {
		t.Errorf("sent %v with %v", q.fields, q.head)
	}
}

func TestOpenRefusesWhatIsNotOffered(t *testing.T) {
	s := script(t, nil)
	for _, c := range []gateway.Charge{
		charge(gateway.WalletUnionPay, gateway.JSAPI), charge(gateway.WalletAlipay, gateway.JSAPI),
		charge(gateway.WalletCard, gateway.CardPresent),
		charge(gateway.WalletWeChat, gateway.H5), charge(gateway.WalletAny, gateway.Native),
		charge(gateway.WalletCash, gateway.Notes),
	} {
		_, err := newGateway().Open(t.Context(), s.account, c)
		wantKind(t, err, gateway.Declined, true)
	}
	_, err := newGateway().Open(t.Context(), s.with("wechat_appid", "", "wechat_app_secret", ""),
		charge(gateway.WalletWeChat, gateway.JSAPI))
	wantKind(t, err, gateway.Declined, true)
	if len(s.asked) > 0 {
		t.Error("the institution was asked")
	}
}

func TestAnswersToACharge(t *testing.T) {
	no := said("E", "9999", `{}`)
	for name, c := range map[string]struct {
		charged, found reply
		kind           gateway.ErrorKind
		signed         bool
	}{
		"a QR":                 {reply{text: said("S", "000000", `{"qrCode":"x"}`)}, reply{}, "", false},
		"a QR, under way":      {reply{text: said("R", "", `{"qrCode":"x"}`)}, reply{}, "", false},
		"a QR, data as a text": {reply{text: said("S", "000000", `"{\"qrCode\":\"x\"}"`)}, reply{}, "", false},
		"a QR under another status": {reply{text: said("S", "000000", `{"qrCode":"x"}`), status: 500}, reply{}, "",
			false},
		"no QR":                {reply{text: said("S", "000000", `{}`)}, reply{}, gateway.Indeterminate, false},
		"no data":              {reply{text: said("S", "000000", `null`)}, reply{}, gateway.Indeterminate, false},
		"data of another form": {reply{text: said("S", "000000", `[]`)}, reply{}, gateway.Indeterminate, false},
		"success with a failure's code": {reply{text: said("S", "9999", `{"qrCode":"x"}`)}, told("R", "", ""),
			gateway.Indeterminate, true},
		"unsigned": {reply{text: said("S", "000000", `{"qrCode":"x"}`), unsigned: true}, reply{},
			gateway.Indeterminate, false},
		"forged": {reply{text: said("S", "000000", `{"qrCode":"x"}`), forged: true}, reply{},
			gateway.Indeterminate, false},
		"no; unknown there too":  {reply{text: no}, reply{text: said("E", "8888", `{}`)}, gateway.Declined, true},
		"no; absent":             {reply{text: no}, reply{text: said("E", "4004", `{}`)}, gateway.Declined, true},
		"no; the trade is there": {reply{text: no}, told("R", "", ""), gateway.Indeterminate, true},
		"no; it is paid":         {reply{text: no}, told("S", "000000", ""), gateway.AlreadyPaidUpstream, true},
		"no; it was cancelled": {reply{text: no}, told("S", "000000", `,"isClearOrCancel":"1"`),
			gateway.AlreadyClosedUpstream, true},
		"no; it failed": {reply{text: no}, told("E", "1", ""), gateway.Declined, true},
		"no; no answer": {reply{text: no}, reply{}, gateway.Indeterminate, true},
		"no; an unsigned no": {reply{text: no}, reply{text: said("E", "4004", `{}`), unsigned: true},
			gateway.Indeterminate, true},
		"a known no":     {reply{text: said("E", "5005", `{}`)}, reply{}, gateway.Declined, true},
		"an unsigned no": {reply{text: no, unsigned: true}, reply{}, gateway.Indeterminate, false},
		"a no in clear": {reply{whole: `{"respType":"E","respCode":"9999","respMsg":"验签失败"}`}, reply{},
			gateway.Indeterminate, false},
		"a broken connection":      {reply{}, reply{}, gateway.Indeterminate, false},
		"a page":                   {reply{whole: "<html>"}, reply{}, gateway.Indeterminate, false},
		"a page of a broken proxy": {reply{whole: "<html>", status: 502}, reply{}, gateway.TryLater, false},
		"too many calls":           {reply{whole: "", text: "x", status: 429}, reply{}, gateway.TryLater, false},
		"a redirect":               {reply{whole: "x", status: 302}, reply{}, gateway.Indeterminate, false},
		"nothing":                  {reply{whole: " "}, reply{}, gateway.Indeterminate, false},
		"a number":                 {reply{whole: "1"}, reply{}, gateway.Indeterminate, false},
		"under another number": {reply{text: said("S", "000000", `{"qrCode":"x"}`),
			whole: strings.Replace(frame, "REQ", "other", 1)}, reply{}, gateway.Indeterminate, false},
		"of another question": {reply{text: said("S", "000000", `{"qrCode":"x"}`),
			whole: strings.Replace(frame, "CODE", "SMZF010", 1)}, reply{}, gateway.Indeterminate, false},
		"fields twice": {reply{text: said("S", "000000", `{"qrCode":"x"}`),
			whole: strings.Replace(frame, "{", `{"signData":"",`, 1)}, reply{}, gateway.Indeterminate, false},
		"unknown fields": {reply{text: said("S", "000000", `{"qrCode":"x","more":{"a":[1]}}`),
			whole: strings.Replace(frame, "{", `{"more":[{}],`, 1)}, reply{}, "", false},
		"a field twice in the text": {reply{text: said("S", "000000", `{"qrCode":"x","qrCode":"y"}`)}, reply{},
			gateway.Indeterminate, false},
		"the text is no JSON": {reply{text: "qrCode=x"}, reply{}, gateway.Indeterminate, false},
		"the text is null":    {reply{text: "null"}, reply{}, gateway.Indeterminate, false},
		"of another merchant": {reply{text: said("S", "000000", `{"qrCode":"x","merchantCode":"M2"}`)}, reply{},
			gateway.Indeterminate, false},
		"for another number": {reply{text: said("S", "000000", `{"qrCode":"x","reqMsgId":"other"}`)}, reply{},
			gateway.Indeterminate, false},
		"of ten minutes ago": {
			reply{text: strings.Replace(said("S", "000000", `{"qrCode":"x"}`), "NOW",
				stamp(time.Now().Add(-10*time.Minute)), 1)},
			reply{}, gateway.Indeterminate, false},
		"of no time": {
			reply{text: strings.Replace(said("S", "000000", `{"qrCode":"x"}`), `"respDate":"NOW",`, "", 1)}, reply{},
			"", false},
		"of no proper time": {reply{text: strings.Replace(said("S", "000000", `{"qrCode":"x"}`), "NOW", "now", 1)},
			reply{}, gateway.Indeterminate, false},
		"oversized": {reply{whole: `"` + strings.Repeat("x", 2<<20) + `"`}, reply{}, gateway.Indeterminate, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{"SMZF002": c.charged, "SMZF006": c.found})
			p, err := newGateway().Open(t.Context(), s.account, charge(gateway.WalletWeChat, gateway.Native))
			if c.kind == "" && (err != nil || p.CodeURL != "x") {
				t.Fatalf("got %+v, %v", p, err)
			}
			if c.kind != "" {
				wantKind(t, err, c.kind, c.signed)
			}
		})
	}
}

func TestNoConnectionIsUnreached(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	s := script(t, nil)
	a := s.with("base_url", "http://"+l.Addr().String())
	_, err = newGateway().Open(t.Context(), a, charge(gateway.WalletWeChat, gateway.Native))
	wantKind(t, err, gateway.Unreachable, false)
	_, err = newGateway().Query(t.Context(), a, trade())
	wantKind(t, err, gateway.Unreachable, false)
}

func TestAnUnverifiableCertificateIsUnknown(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	_, err := newGateway().Query(t.Context(), script(t, nil).with("base_url", server.URL), trade())
	wantKind(t, err, gateway.Indeterminate, false)
}

func TestASlowAnswerEndsWithTheTimeout(t *testing.T) {
	block := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-block
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(block) })
	_, err := ruiyinxin.New(nil, 50*time.Millisecond, time.Now).Query(t.Context(),
		script(t, nil).with("base_url", server.URL), trade())
	wantKind(t, err, gateway.Indeterminate, false)
}

func TestOfJSAPI(t *testing.T) {
	good := map[string]string{"appId": "wx0123456789abcdef", "timeStamp": "1", "nonceStr": "n", "package": "p",
		"signType": "RSA", "paySign": "s"}
	write := func(drop, value string) string {
		var parts []string
		for name, v := range good {
			if name == drop {
				v = value
			}
			parts = append(parts, `"`+name+`":"`+v+`"`)
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	for words, ok := range map[string]bool{
		`{"wxjsapiStr":` + write("", "") + `}`: true, `{"wxjsapiStr":` + write("paySign", "") + `}`: false,
		`{"wxjsapiStr":` + write("appId", "wxother") + `}`: false,
		`{"wxjsapiStr":"{"}`: false, `{"wxjsapiStr":""}`: false, `{}`: false, `{"wxjsapiStr":"[]"}`: false,
	} {
		s := script(t, map[string]reply{"SMZF010": {text: said("S", "000000", words)}})
		p, err := newGateway().Open(t.Context(), s.account, charge(gateway.WalletWeChat, gateway.JSAPI))
		if ok != (err == nil && p.JSAPI["paySign"] == "s") {
			t.Errorf("%s: got %+v, %v", words, p, err)
		}
	}
}

func TestTheVerdictOfAnAnswerIsTold(t *testing.T) {
	for _, forged := range []bool{false, true} {
		s := script(t, map[string]reply{"SMZF006": {text: said("E", "4004", `{}`), forged: forged}})
		ctx, v := gateway.WithVerdict(t.Context())
		newGateway().Query(ctx, s.account, trade())
		if (v.Err == nil) == forged {
			t.Errorf("forged %t: %v", forged, v.Err)
		}
	}
}
