package lakala_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
	"linlipay/payment/gateway/gatewaytest"
	"linlipay/payment/gateway/lakala"
	"linlipay/payment/sandbox"
)

// bank is the institution on loopback, which shares no code with the gateway, and our end of its notifications.
type bank struct {
	*testing.T
	s        *sandbox.Sandbox
	g        *lakala.Gateway
	a        gateway.Account
	messages chan gateway.RawNotification
	notify   string
}

func open(t *testing.T) *bank {
	t.Helper()
	s := gatewaytest.Play(t, sandbox.Config{Second: time.Microsecond})
	b := &bank{T: t, s: s, g: lakala.New(nil, 5*time.Second, time.Now),
		messages: make(chan gateway.RawNotification, 100)}
	inbox := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		answer := b.g.Acknowledge(nil)
		w.WriteHeader(answer.Status)
		w.Write(answer.Body)
		b.messages <- gateway.RawNotification{Header: r.Header, Body: body}
	}))
	t.Cleanup(inbox.Close)
	c := s.Credentials().Lakala
	b.notify = inbox.URL + "/callbacks/lakala/a"
	b.a = gateway.Account{ID: "a", Version: 1, Institution: gateway.Lakala, Settings: map[string]string{
		"base_url": c.BaseURL, "appid": c.Appid, "serial_no": c.SerialNo, "merchant_no": c.MerchantNo,
		"term_no": c.TermNo, "private_key_pem": c.PrivateKeyPEM,
		"platform_cert_pem": c.PlatformCertPEM, "code_kinds": c.CodeKinds, "wechat_appid": c.WechatAppid,
		"wechat_app_secret":     c.WechatAppSecret,
		"wechat_oauth_base_url": c.OAuthBaseURL, "wechat_token_base_url": c.OAuthBaseURL,
	}}
	if err := b.g.Check(b.a); err != nil {
		t.Fatal(err)
	}
	return b
}

// control asks the institution's control API, and reads its answer into out unless it is nil.
func (b *bank) control(method, path string, in, out any) {
	b.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		b.Fatal(err)
	}
	req, err := http.NewRequestWithContext(b.Context(), method, b.s.Credentials().ControlURL+path,
		strings.NewReader(string(body)))
	if err != nil {
		b.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err == nil && out != nil {
		err = json.Unmarshal(raw, out)
	}
	if err != nil || resp.StatusCode != http.StatusOK {
		b.Fatalf("%s: %d %s %v", path, resp.StatusCode, raw, err)
	}
}

func (b *bank) fault(f sandbox.Script) {
	b.Helper()
	b.control("POST", "/faults", f, nil)
}

// pay has a wallet scan a text and pay.
func (b *bank) pay(content string, w gateway.Wallet) {
	b.Helper()
	var p sandbox.Payment
	b.control("POST", "/scan", map[string]string{"content": content, "wallet": string(w)}, &p)
	b.control("POST", "/payments/"+p.ID+"/confirm", nil, nil)
}

// next is the next notification of a payment, believed. A counter order's refunds are told of, too.
func (b *bank) next() gateway.Notification {
	b.Helper()
	for {
		n, err := b.g.Verify(b.Context(), b.a, b.message(), time.Now())
		if err != nil {
			b.Fatal(err)
		}
		if n.Kind != gateway.NotifyTrade {
			b.Errorf("got %+v", n)
		}
		if !strings.HasPrefix(n.Event, "REFUND") {
			return n
		}
	}
}

func (b *bank) message() gateway.RawNotification {
	b.Helper()
	select {
	case m := <-b.messages:
		return m
	case <-time.After(10 * time.Second):
		b.Fatal("no notification came")
		return gateway.RawNotification{}
	}
}

// sums are what the institution's ledger says it took and gave back, in fen.
func (b *bank) sums() (taken, back money.Fen) {
	b.Helper()
	var lines []sandbox.Line
	b.control("GET", "/ledger", nil, &lines)
	for _, l := range lines {
		taken += l.TakenFen
		back += l.GivenBackFen
	}
	return taken, back
}

func (b *bank) charge(no string, w gateway.Wallet, m gateway.Method) gateway.Charge {
	return gateway.Charge{
		OutTradeNo: no, Wallet: w, Method: m, Amount: 12345, Title: "物业费 2026年11月", ClientIP: "127.0.0.1",
		NotifyURL: b.notify, ReturnURL: "http://127.0.0.1:1/back",
		CreatedAt: time.Now(), ExpiresAt: time.Now().Add(10 * time.Minute),
	}
}

// asked names a charge in later questions, with what is known once it is paid.
func asked(c gateway.Charge, p gateway.Prepared, r gateway.Report) gateway.Trade {
	t := gateway.Trade{
		OutTradeNo: c.OutTradeNo, Wallet: c.Wallet, Method: c.Method, Amount: c.Amount, UpstreamNo: p.UpstreamNo,
		TransactionID: r.TransactionID, StatementNo: r.StatementNo,
		Card: r.Card, CreatedAt: c.CreatedAt, PaidAt: r.PaidAt,
	}
	if r.Wallet != "" {
		t.Wallet = r.Wallet
	}
	return t
}

func (b *bank) open(c gateway.Charge) gateway.Prepared {
	b.Helper()
	p, err := b.g.Open(b.Context(), b.a, c)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func (b *bank) query(t gateway.Trade, want gateway.TradeState) gateway.Report {
	b.Helper()
	r, err := b.g.Query(b.Context(), b.a, t)
	if err != nil || r.State != want || r.OutTradeNo != t.OutTradeNo || want == gateway.TradePaid && r.Amount != 12345 {
		b.Fatalf("query of %s: %+v, %v; want %s", t.OutTradeNo, r, err, want)
	}
	return r
}

// giveBack refunds some of a payment twice under one number, then the rest, then more than there is.
func (b *bank) giveBack(t gateway.Trade) {
	b.Helper()
	r := gateway.RefundRequest{Trade: t, OutRefundNo: t.OutTradeNo + "R1", Amount: 345, Total: 12345, Reason: "多收",
		RequestedAt: time.Now()}
	_, err := b.g.QueryRefund(b.Context(), b.a, r)
	wantKind(b.T, err, gateway.NotFound, true)
	for range 2 {
		if done, err := b.g.Refund(b.Context(), b.a, r); err != nil || done.State != gateway.RefundDone ||
			done.Amount != 345 || done.RefundID == "" {
			b.Fatalf("refund: %+v, %v", done, err)
		}
	}
	if q := b.query(t, gateway.TradePaid); q.TransactionID != t.TransactionID {
		b.Errorf("after a refund the payment is %+v", q)
	}
	r.OutRefundNo, r.Amount = t.OutTradeNo+"R2", 12001
	_, err = b.g.Refund(b.Context(), b.a, r)
	wantKind(b.T, err, gateway.Declined, true)
	r.OutRefundNo, r.Amount = t.OutTradeNo+"R3", 12000
	if done, err := b.g.Refund(b.Context(), b.a, r); err != nil || done.State != gateway.RefundDone {
		b.Fatalf("refund: %+v, %v", done, err)
	}
	if done, err := b.g.QueryRefund(b.Context(), b.a, r); err != nil || done.State != gateway.RefundDone ||
		done.DoneAt.IsZero() {
		b.Fatalf("query: %+v, %v", done, err)
	}
}

func TestScanningEveryQR(t *testing.T) {
	b := open(t)
	for no, c := range map[string]struct{ asked, pays gateway.Wallet }{
		"20261125000000000000000101": {gateway.WalletAlipay, gateway.WalletAlipay},
		"20261125000000000000000201": {gateway.WalletUnionPay, gateway.WalletUnionPay},
		"20261125000000000000000301": {gateway.WalletAny, gateway.WalletWeChat},
		"20261125000000000000000401": {gateway.WalletAny, gateway.WalletAlipay},
		"20261125000000000000000501": {gateway.WalletAny, gateway.WalletUnionPay},
	} {
		ch := b.charge(no, c.asked, gateway.Native)
		_, err := b.g.Query(t.Context(), b.a, asked(ch, gateway.Prepared{}, gateway.Report{}))
		wantKind(t, err, gateway.NotFound, true)
		p := b.open(ch)
		b.query(asked(ch, p, gateway.Report{}), gateway.TradeUnpaid)
		b.pay(p.CodeURL, c.pays)
		r := b.query(asked(ch, p, gateway.Report{}), gateway.TradePaid)
		if n := b.next(); n.Kind != gateway.NotifyTrade || n.Report.TransactionID != r.TransactionID ||
			n.Report.Amount != 12345 || n.Report.Wallet != c.pays || n.Report.PaidAt != r.PaidAt {
			t.Errorf("the query says %+v\nthe notification %+v", r, n.Report)
		}
		wantKind(t, b.g.Close(t.Context(), b.a, asked(ch, p, gateway.Report{})), gateway.AlreadyPaidUpstream, true)
		b.query(asked(ch, gateway.Prepared{}, r), gateway.TradePaid) // also where the order's number was lost
		b.giveBack(asked(ch, p, r))
		ch.OutTradeNo = strings.TrimSuffix(no, "1") + "2"
		p = b.open(ch)
		if err := b.g.Close(t.Context(), b.a, asked(ch, p, gateway.Report{})); err != nil {
			t.Fatal(err)
		}
		b.query(asked(ch, p, gateway.Report{}), gateway.TradeClosed)
		_, err = b.g.Open(t.Context(), b.a, ch)
		wantKind(t, err, gateway.AlreadyClosedUpstream, true)
	}
	if taken, back := b.sums(); taken != 5*12345 || back != taken {
		t.Errorf("taken %d and given back %d fen", taken, back)
	}
}

func TestJSAPIInsideWeChat(t *testing.T) {
	b := open(t)
	address, err := b.g.AuthorizeURL(b.a, "http://127.0.0.1:1/back", "st")
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	resp, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	back, err := resp.Location()
	if err != nil || back.Query().Get("state") != "st" {
		t.Fatal(back, err)
	}
	ch := b.charge("20261125000000000000000101", gateway.WalletWeChat, gateway.JSAPI)
	if ch.PayerID, err = b.g.Payer(t.Context(), b.a, back.Query().Get("code")); err != nil {
		t.Fatal(err)
	}
	p := b.open(ch)
	parameters, err := json.Marshal(p.JSAPI)
	if err != nil {
		t.Fatal(err)
	}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `<script id="wcpay" type="application/json">`+string(parameters)+`</script>`)
	}))
	defer page.Close()
	b.pay(page.URL, gateway.WalletWeChat) // the wallet verifies the parameters' signature
	r := b.query(asked(ch, p, gateway.Report{}), gateway.TradePaid)
	if n := b.next(); n.Report != r || r.PayerID != ch.PayerID {
		t.Errorf("the payer is %s\nthe query says %+v\nthe notification %+v", ch.PayerID, r, n.Report)
	}
	b.giveBack(asked(ch, p, r))
}

// show has a wallet show a payment code; more are further members of the request.
func (b *bank) show(w gateway.Wallet, more map[string]any) string {
	b.Helper()
	in := map[string]any{"wallet": w}
	for name, value := range more {
		in[name] = value
	}
	var c sandbox.ShownCode
	b.control("POST", "/codes", in, &c)
	return c.Code
}

func TestPaymentCodes(t *testing.T) {
	b := open(t)
	for i, w := range []gateway.Wallet{gateway.WalletWeChat, gateway.WalletAlipay, gateway.WalletUnionPay} {
		ch := b.charge("2026112500000000000000010"+string(rune('1'+i)), w, gateway.CodePresented)
		ch.AuthCode = b.show(w, nil)
		r, err := b.g.PayCode(t.Context(), b.a, ch)
		if err != nil || r.State != gateway.TradePaid || r.Amount != 12345 || r.Wallet != w {
			t.Fatalf("%+v, %v", r, err)
		}
		if q := b.query(asked(ch, gateway.Prepared{}, r), gateway.TradePaid); q != r {
			t.Errorf("the charge says %+v\nthe query %+v", r, q)
		}
		for range 2 {
			if err := b.g.Reverse(t.Context(), b.a, asked(ch, gateway.Prepared{}, r)); err != nil {
				t.Fatal(err)
			}
		}
		if q := b.query(asked(ch, gateway.Prepared{}, r), gateway.TradePaid); q.Returned != gateway.ReturnedAll ||
			q.Raw != "REFUND" {
			t.Errorf("a revoked charge is told as %+v", q)
		}
	}
	select {
	case m := <-b.messages:
		t.Errorf("a charge that was answered at once is notified: %s", m.Body)
	default:
	}
	if taken, back := b.sums(); taken != 3*12345 || back != taken {
		t.Errorf("taken %d and given back %d fen", taken, back)
	}
	none := b.charge("20261125000000000000000201", gateway.WalletAlipay, gateway.CodePresented)
	wantKind(t, b.g.Reverse(t.Context(), b.a, asked(none, gateway.Prepared{}, gateway.Report{})), gateway.NotFound,
		true)
}

func TestPaymentCodesThatAskOrFail(t *testing.T) {
	b := open(t)
	ch := b.charge("20261125000000000000000101", gateway.WalletWeChat, gateway.CodePresented)
	ch.AuthCode = b.show(gateway.WalletWeChat, map[string]any{"ask_password": true})
	if r, err := b.g.PayCode(t.Context(), b.a, ch); err != nil || r.State != gateway.TradeUnpaid {
		t.Fatalf("%+v, %v", r, err)
	}
	b.query(asked(ch, gateway.Prepared{}, gateway.Report{}), gateway.TradeUnpaid)
	var waiting []sandbox.Payment
	b.control("GET", "/payments?waiting=1", nil, &waiting)
	b.control("POST", "/payments/"+waiting[0].ID+"/confirm", nil, nil)
	r := b.query(asked(ch, gateway.Prepared{}, gateway.Report{}), gateway.TradePaid)
	if n := b.next(); n.Report != r {
		t.Errorf("the query says %+v\nthe notification %+v", r, n.Report)
	}
	for i, c := range []struct {
		code string
		why  gateway.DeclineReason
	}{
		{b.show(gateway.WalletWeChat, map[string]any{"balance_fen": 1}), gateway.BalanceLow},
		{ch.AuthCode, gateway.CodeUsed},
		{b.show(gateway.WalletAlipay, map[string]any{"valid_seconds": 0}), gateway.CodeExpired},
		{"130000000000000000", gateway.CodeInvalid},
	} {
		bad := b.charge("2026112500000000000000020"+string(rune('1'+i)), gateway.WalletWeChat, gateway.CodePresented)
		bad.AuthCode = c.code
		_, err := b.g.PayCode(t.Context(), b.a, bad)
		wantKind(t, err, gateway.Declined, true)
		if !strings.Contains(err.Error(), "BBS") || strings.Contains(err.Error(), c.code) || whyOf(err) != c.why {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}

func whyOf(err error) gateway.DeclineReason { return err.(*gateway.Error).Reason }

// present holds a card to a terminal that was handed a call, and returns what the application hands back.
func (b *bank) present(call *gateway.DeviceCall, card string, declined bool) map[string]string {
	b.Helper()
	var back struct{ Fields map[string]string }
	b.control("POST", "/cards/present", map[string]any{"institution": "lakala", "fields": call.Extras, "card": card,
		"declined": declined}, &back)
	return back.Fields
}

func TestCardsOnATerminal(t *testing.T) {
	b := open(t)
	var kept sandbox.ShownCard
	b.control("POST", "/cards", map[string]string{"type": "credit", "issuer": "工商银行"}, &kept)
	ch := b.charge("20261125000000000000000101", gateway.WalletCard, gateway.CardPresent)
	p := b.open(ch)
	said, err := b.g.ReadResult(b.a, asked(ch, p, gateway.Report{}), b.present(p.Device, kept.Card, true))
	if err != nil || said.Done || said.Message == "" {
		t.Fatalf("declined: %+v, %v", said, err)
	}
	b.query(asked(ch, p, gateway.Report{}), gateway.TradeUnpaid)
	if said, err = b.g.ReadResult(b.a, asked(ch, p, gateway.Report{}),
		b.present(p.Device, kept.Card, false)); err != nil || !said.Done || said.Amount != 12345 {
		t.Fatalf("charged: %+v, %v", said, err)
	}
	r := b.query(asked(ch, p, gateway.Report{}), gateway.TradePaid)
	if n := b.next(); n.Report != r {
		t.Errorf("the query says %+v\nthe notification %+v", r, n.Report)
	}
	told := r.Card
	told.AuthCode = said.Card.AuthCode // which the institution does not tell
	if told != said.Card || r.Method != gateway.CardPresent || r.Card.Masked != kept.Masked ||
		r.Card.Type != card.CreditCard || r.PaidAt != said.At {
		t.Errorf("the device says %+v\nthe institution %+v", said, r)
	}
	b.giveBack(asked(ch, p, r))
}

func TestVoidsOnATerminal(t *testing.T) {
	b := open(t)
	var card sandbox.ShownCard
	b.control("POST", "/cards", map[string]string{}, &card)
	ch := b.charge("20261125000000000000000101", gateway.WalletCard, gateway.CardPresent)
	p := b.open(ch)
	b.present(p.Device, card.Card, false)
	r := b.query(asked(ch, p, gateway.Report{}), gateway.TradePaid)
	b.next()
	request := gateway.RefundRequest{Trade: asked(ch, p, r), OutRefundNo: "V1", Amount: 12345, Total: 12345, Void: true}
	_, err := b.g.QueryRefund(t.Context(), b.a, request)
	wantKind(t, err, gateway.NotFound, true)
	call, err := b.g.VoidCall(b.a, asked(ch, p, r))
	if err != nil {
		t.Fatal(err)
	}
	said, err := b.g.ReadResult(b.a, asked(ch, p, r), b.present(&call, "", false))
	if err != nil || !said.Done || said.Amount != 12345 {
		t.Fatalf("voided: %+v, %v", said, err)
	}
	if done, err := b.g.QueryRefund(t.Context(), b.a, request); err != nil || done.State != gateway.RefundDone ||
		done.DoneAt.IsZero() {
		t.Fatalf("%+v, %v", done, err)
	}
	q := b.query(asked(ch, p, gateway.Report{}), gateway.TradePaid)
	if n := b.next(); q.Returned != gateway.ReturnedAll || n.Report.Returned != gateway.ReturnedAll ||
		n.Report.TransactionID != r.TransactionID {
		t.Errorf("the void's notification: %+v", n)
	}
	if taken, back := b.sums(); taken != 12345 || back != taken {
		t.Errorf("taken %d and given back %d fen", taken, back)
	}
}

func TestWhatIsNotSignedProvesNothing(t *testing.T) {
	b := open(t)
	for _, w := range []gateway.PaymentMethod{{Wallet: gateway.WalletAlipay, Method: gateway.Native},
		{Wallet: gateway.WalletAny, Method: gateway.Native}} {
		ch := b.charge("2026112500000000000000"+string(w.Wallet[:2])+"01", w.Wallet, w.Method)
		p := b.open(ch)
		for fault, kind := range map[sandbox.Fault]gateway.ErrorKind{
			sandbox.UnsignedError: gateway.NotFound, sandbox.BadSignature: gateway.Indeterminate,
			sandbox.ProbeSignature:      gateway.Indeterminate,
			sandbox.TimeoutAfterSuccess: gateway.Indeterminate, sandbox.TimeoutBeforeEffect: gateway.Indeterminate,
			sandbox.Garbage: gateway.Indeterminate, sandbox.OversizedBody: gateway.Indeterminate,
		} {
			b.fault(sandbox.Script{Institution: "lakala", Fault: fault, Operation: "query"})
			_, err := b.g.Query(t.Context(), b.a, asked(ch, p, gateway.Report{}))
			wantKind(t, err, kind, false)
			b.fault(sandbox.Script{Institution: "lakala", Fault: fault, Operation: "close"})
			wantKind(t, b.g.Close(t.Context(), b.a, asked(ch, p, gateway.Report{})), kind, false)
		}
		b.fault(sandbox.Script{Institution: "lakala", Fault: sandbox.UnknownFields, Operation: "query"})
		b.query(asked(ch, p, gateway.Report{}), gateway.TradeClosed) // by one of the closes whose answer was spoilt
	}
}

func TestNotificationsOfTheSandboxThatMustNotBeBelieved(t *testing.T) {
	b := open(t)
	for i, fault := range []sandbox.Fault{sandbox.Forged, sandbox.Stale, sandbox.WrongMerchant} {
		for _, w := range []gateway.Wallet{gateway.WalletAlipay, gateway.WalletAny} {
			ch := b.charge("2026112500000000000000"+string(w[:2])+"0"+string(rune('1'+i)), w, gateway.Native)
			p := b.open(ch)
			b.fault(sandbox.Script{Fault: fault, OutTradeNo: ch.OutTradeNo, Operation: "pay"})
			b.pay(p.CodeURL, gateway.WalletAlipay)
			_, err := b.g.Verify(t.Context(), b.a, b.message(), time.Now())
			wantKind(t, err, gateway.Unauthentic, false)
		}
	}
	ch := b.charge("20261125000000000000000101", gateway.WalletAny, gateway.Native)
	p := b.open(ch)
	b.fault(sandbox.Script{Fault: sandbox.WrongAmount, OutTradeNo: ch.OutTradeNo, Operation: "pay"})
	b.pay(p.CodeURL, gateway.WalletWeChat)
	if n := b.next(); n.Report.Amount != 12346 { // the order compares it, and asks
		t.Errorf("got %+v", n)
	}
}

func TestRefundsThatWait(t *testing.T) {
	b := open(t)
	ch := b.charge("20261125000000000000000101", gateway.WalletAlipay, gateway.Native)
	p := b.open(ch)
	b.pay(p.CodeURL, gateway.WalletAlipay)
	r := b.query(asked(ch, p, gateway.Report{}), gateway.TradePaid)
	request := gateway.RefundRequest{Trade: asked(ch, p, r), OutRefundNo: "R1", Amount: 345, Total: 12345}
	b.fault(sandbox.Script{Fault: sandbox.RefundSlow, Institution: "lakala"})
	if done, err := b.g.Refund(t.Context(), b.a, request); err != nil || done.State != gateway.RefundProcessing {
		t.Fatalf("%+v, %v", done, err)
	}
	var refunds []sandbox.Refund
	b.control("GET", "/refunds", nil, &refunds)
	b.control("POST", "/refunds/"+refunds[0].ID+"/settle", nil, nil)
	if done, err := b.g.QueryRefund(t.Context(), b.a, request); err != nil || done.State != gateway.RefundDone {
		t.Fatalf("%+v, %v", done, err)
	}
	request.OutRefundNo = "R2"
	b.fault(sandbox.Script{Fault: sandbox.MerchantBalanceLow, Institution: "lakala"})
	_, err := b.g.Refund(t.Context(), b.a, request)
	wantKind(t, err, gateway.Declined, true)
	if whyOf(err) != gateway.MerchantBalance {
		t.Error(err)
	}
	b.fault(sandbox.Script{Fault: sandbox.TimeoutAfterSuccess, Institution: "lakala", Operation: "refund"})
	_, err = b.g.Refund(t.Context(), b.a, request)
	wantKind(t, err, gateway.Indeterminate, false)
	if done, err := b.g.Refund(t.Context(), b.a, request); err != nil || done.State != gateway.RefundDone {
		t.Fatalf("%+v, %v", done, err)
	}
	if _, back := b.sums(); back != 690 {
		t.Errorf("given back %d fen", back)
	}
}
