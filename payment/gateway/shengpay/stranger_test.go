package shengpay_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"linlipay/payment/gateway"
	"linlipay/payment/gateway/shengpay"
	"linlipay/payment/sandbox"
)

// Words of the institution for an order, and what they mean of one that we have booked and of one that we have not.
func TestWordsForAnOrder(t *testing.T) {
	const unpaid, paid, closed, failed = gateway.TradeUnpaid, gateway.TradePaid, gateway.TradeClosed,
		gateway.TradeFailed
	const nothing, some, all = gateway.ReturnedNothing, gateway.ReturnedSome, gateway.ReturnedAll
	for _, c := range []struct {
		word           string
		settings       []string
		booked         bool
		state          gateway.TradeState
		returned       gateway.Returned
		amount, stands string
	}{
		{word: "PAY_INIT", state: unpaid, returned: nothing},
		{word: "PAY_ING", state: unpaid, returned: nothing},
		{word: "PAY_SUCCESS", state: paid, returned: nothing},
		{word: "PAY_SUCCESS", booked: true, state: paid, returned: nothing},
		{word: "PAY_FAIL", state: failed, returned: nothing},
		{word: "CLOSED", state: closed, returned: nothing},
		{word: "CLOSED", booked: true, state: paid, returned: all},
		{word: "REVOKED", state: closed, returned: nothing},
		{word: "REVOKED", booked: true, state: paid, returned: all},
		{word: "REFUND", state: paid, returned: some},
		{word: "REFUND_SUCCESS", state: paid, returned: some},
		{word: "REFUND_SUCCESS", booked: true, state: paid, returned: some},
		{word: "REFUND_PART", state: paid, returned: some}, // a new word of the kind
		{word: "REFUND_INIT", state: paid, returned: nothing},
		{word: "REFUND_ING", state: paid, returned: nothing},
		{word: "REFUND_FAIL", state: paid, returned: nothing},
		{word: "REFUND_CLOSED", state: paid, returned: nothing},
		{word: "REFUND_BACK", settings: []string{"refund_states", "REFUND_BACK=stuck"}, state: paid, returned: nothing},
	} {
		for _, method := range []gateway.Method{gateway.Native, gateway.CodePresented} {
			s := script(t, map[string]reply{query: ok("outTradeNo", number, "status", c.word, "totalFee", "12345",
				"transactionId", "WP1")})
			asked := trade()
			asked.Method = method
			if c.booked {
				asked.PaidAt, asked.TransactionID = clock(), "WP1"
			}
			got, err := newGateway().Query(t.Context(), s.with(c.settings...), asked)
			if err != nil || got.State != c.state || got.Returned != c.returned || got.ReturnedAmount != 0 {
				t.Errorf("%s of %s, booked %t: %+v, %v", c.word, method, c.booked, got, err)
			}
			if c.state == gateway.TradePaid && (got.Amount != 12345 || got.TransactionID != "WP1") {
				t.Errorf("%s of %s: a payment of %v as %q", c.word, method, got.Amount, got.TransactionID)
			}
		}
	}
}

// After a reversal that was taken, any word by which money went back is its end; a close is ended by none.
func TestWordsAfterAReversal(t *testing.T) {
	for word, want := range map[string]struct{ reversed, closed gateway.ErrorKind }{
		"CLOSED": {"", ""}, "REVOKED": {"", ""}, "PAY_FAIL": {"", ""}, "REFUND_SUCCESS": {"",
			gateway.AlreadyPaidUpstream},
		"REFUND_ING": {gateway.TryLater, gateway.AlreadyPaidUpstream}, "PAY_SUCCESS": {gateway.TryLater,
			gateway.AlreadyPaidUpstream},
		"PAY_ING": {gateway.TryLater, gateway.TryLater},
	} {
		s := script(t, map[string]reply{
			query: ok("outTradeNo", number, "status", word, "totalFee", "12345", "transactionId",
				"WP1"), reverse: ok(), "/pay/closeOrder": ok(),
		})
		code := trade()
		code.Method = gateway.CodePresented
		for _, ended := range []struct {
			by   string
			want gateway.ErrorKind
			got  error
		}{
			{"a reversal", want.reversed, newGateway().Reverse(t.Context(), s.account, code)},
			{"a close", want.closed, newGateway().Close(t.Context(), s.with("close_path", "/pay/closeOrder"), trade())},
		} {
			if ended.want == "" && ended.got != nil {
				t.Errorf("%s after %s: %v", word, ended.by, ended.got)
			} else if ended.want != "" {
				failure(t, word+" after "+ended.by, ended.got, ended.want, true)
			}
		}
	}
}

// signedWithNull is a message with a null field, signed over the text with it as k= or without it.
func signedWithNull(f map[string]string, text func(map[string]string) string) string {
	f = maps.Clone(f)
	f["signType"] = "RSA"
	f["sign"] = signature(scriptKeys().institution, "RSA", text(f))
	return strings.Replace(flat(f), "{", `{"attach":null,`, 1)
}

func textOf(f map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		pairs = append(pairs, name+"="+f[name])
	}
	return strings.Join(pairs, "&")
}

func TestNullIsSignedEitherWay(t *testing.T) {
	s := script(t, nil)
	for name, c := range map[string]struct {
		text  func(map[string]string) string
		valid bool
	}{
		"left out":      {textOf, true},
		"as k=":         {func(f map[string]string) string { return "attach=&" + textOf(f) }, true},
		"as null":       {func(f map[string]string) string { return "attach=null&" + textOf(f) }, false},
		"another as k=": {func(f map[string]string) string { return "attic=&" + textOf(f) }, false},
	} {
		got, err := parse(t, s.account, signedWithNull(paidNotice(), c.text))
		if (err == nil) != c.valid || c.valid && got.Report.Amount != 12345 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	// An empty text is no null: it is signed as nothing only.
	empty := strings.Replace(signedWithNull(paidNotice(),
		func(f map[string]string) string { return "attach=&" + textOf(f) }), "null", `""`, 1)
	_, err := parse(t, s.account, empty)
	failure(t, "an empty text as k=", err, gateway.Unauthentic, false)
}

// Every order says until when it can be paid, whatever the charge says of that.
func TestEveryOrderSaysWhenItEnds(t *testing.T) {
	s := script(t, map[string]reply{"": ok("outTradeNo", number, "status", "PAY_ING", "payInfo",
		"https://qr.example/1")})
	account := s.with(codes...)
	for _, way := range newGateway().Offers(account) {
		for name, ends := range map[string]time.Time{"soon": clock().Add(3 * time.Minute),
			"late": clock().Add(time.Hour), "unsaid": {}} {
			ch := charge(way.Wallet, way.Method)
			ch.AuthCode, ch.ExpiresAt = authCode, ends
			if name == "unsaid" {
				ch.CreatedAt = time.Time{}
			}
			if way.Method == gateway.CodePresented {
				_, _ = newGateway().PayCode(t.Context(), account, ch)
			} else {
				_, _ = newGateway().Open(t.Context(), account,
					ch) // some want another payInfo; what was asked is what counts
			}
			want := map[string]string{"soon": "20261125120300", "late": "20261125120500",
				"unsaid": "20261125120500"}[name]
			if path, f := s.last(t); f["timeExpire"] != want {
				t.Errorf("%s by %s, %s: %s asked with timeExpire %q; want %s", way.Wallet, way.Method, name, path,
					f["timeExpire"], want)
			}
		}
	}
}

// Titles and what is sent of them: 127 bytes, whole characters, none that the institution may refuse, never nothing.
func TestTitlesFit(t *testing.T) {
	for title, want := range map[string]string{
		"物业费 2026年11月":                 "物业费 2026年11月",
		"":                             "物业缴费",
		"  \t\n":                       "物业缴费",
		"电梯\u200b费\x00":                "电梯费",
		"停车\n费":                        "停车 费",
		"a/b=c&d":                      "a/b=c&d",
		"😀物业费":                         "？物业费",
		"𠮷先生":                          "？先生",
		strings.Repeat("费", 43):        strings.Repeat("费", 42),
		strings.Repeat("a", 125) + "费": strings.Repeat("a", 125),
		"bad\xff":                      "bad",
	} {
		s := script(t, map[string]reply{"": ok("payInfo", "https://qr.example/1"),
			refunds: no("REFUND_NOT_EXIST", false)})
		ch := charge(gateway.WalletAny, gateway.Native)
		ch.Title = title
		if _, err := newGateway().Open(t.Context(), s.account, ch); err != nil {
			t.Fatal(err)
		}
		if _, f := s.last(t); f["body"] != want {
			t.Errorf("%q is sent as %q; want %q", title, f["body"], want)
		}
		if title == "" {
			continue // no reason is sent: TestARefundWithoutAReason
		}
		back := refundRequest()
		back.Reason = title
		_, _ = newGateway().Refund(t.Context(), s.account, back)
		_, f := s.last(t)
		if f["refundDesc"] == "" || len(f["refundDesc"]) > 80 || !utf8.ValidString(f["refundDesc"]) ||
			!strings.HasPrefix(want, f["refundDesc"]) {
			t.Errorf("%q as a reason is sent as %q", title, f["refundDesc"])
		}
	}
}

// An address that is too long is sent by no call.
func TestAddressesFit(t *testing.T) {
	s := script(t, nil)
	far := "https://pay.example.com/" + strings.Repeat("n", 128)
	code, back := codeCharge(), refundRequest()
	code.NotifyURL, back.NotifyURL = far, far
	_, err := newGateway().PayCode(t.Context(), s.with(codes...), code)
	failure(t, "a code", err, gateway.Declined, true)
	page := charge(gateway.WalletWeChat, gateway.H5)
	page.ReturnURL = far
	_, err = newGateway().Open(t.Context(), s.account, page)
	failure(t, "a page", err, gateway.Declined, true)
	_, err = newGateway().Refund(t.Context(), s.account, back)
	failure(t, "a refund", err, gateway.Indeterminate, false) // whether an earlier request was taken is not known
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Contains(s.asked, refund) {
		t.Errorf("asked %v", s.asked)
	}
}

// Our number of a refund has a name of its own in each call.
func TestNamesOfARefundsNumber(t *testing.T) {
	for _, c := range []struct {
		settings     []string
		asked, query string
	}{
		{nil, "outRefundNo", "outRefundNo"},
		{[]string{"refund_number_field", "refundOrderNo"}, "refundOrderNo", "refundOrderNo"},
		{[]string{"refund_number_field", "refundOrderNo", "refund_query_field", "outRefundNo"}, "refundOrderNo",
			"outRefundNo"},
	} {
		answer := ok("refundOrderNo", refundNumber, "refundStatus", "REFUND_SUCCESS")
		s := script(t, map[string]reply{refund: answer, refunds: answer})
		a := s.with(c.settings...)
		if _, err := newGateway().Refund(t.Context(), a, refundRequest()); err != nil {
			t.Fatal(err)
		}
		_, asked := s.last(t)
		if _, err := newGateway().QueryRefund(t.Context(), a, refundRequest()); err != nil {
			t.Fatal(err)
		}
		_, queried := s.last(t)
		if asked[c.asked] != refundNumber || queried[c.query] != refundNumber {
			t.Errorf("%v: asked with %v, then %v", c.settings, asked, queried)
		}
	}
}

// A refund that was made at the institution is told under its own numbers, of which third parties know refundOrderNo
// and refundId.
func TestRefundsMadeAtTheInstitution(t *testing.T) {
	k := scriptKeys()
	told := func(more ...string) string {
		f := map[string]string{"mchId": merchant, "nonceStr": "n", "refundStatus": "REFUND_SUCCESS"}
		for i := 0; i < len(more); i += 2 {
			f[more[i]] = more[i+1]
		}
		return signed(k.institution, "RSA", f)
	}
	s := script(t, map[string]reply{refunds: ok("refundId", "RF9", "refundOrderNo", "P9", "outTradeNo", number,
		"refundStatus", "REFUND_SUCCESS", "refundFee", "345")})
	for name, c := range map[string]struct{ body, number string }{
		"all": {told("refundId", "RF9", "refundOrderNo", "P9", "outTradeNo", number, "refundFee", "345"),
			"P9"},
		"its own":       {told("refundId", "RF9", "outTradeNo", number, "refundFee", "345"), "RF9"},
		"no amount":     {told("refundId", "RF9", "refundOrderNo", "P9", "outTradeNo", number), "P9"},
		"no order":      {told("refundId", "RF9", "refundOrderNo", "P9", "refundFee", "345"), "P9"},
		"numbers alone": {told("refundId", "RF9", "refundOrderNo", "P9"), "P9"},
	} {
		n, err := parse(t, s.account, c.body)
		got := n.Refund
		if err != nil || n.Kind != gateway.NotifyRefund || got.OutRefundNo != c.number || got.OutTradeNo != number ||
			got.Amount != 345 ||
			got.State != gateway.RefundDone || got.RefundID != "RF9" {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
		r, err := newGateway().QueryRefund(t.Context(), s.account,
			gateway.RefundRequest{Trade: trade(), OutRefundNo: c.number, Total: 12345, Foreign: true})
		if err != nil || r.Amount != 345 || r.OutRefundNo != c.number || r.OutTradeNo != number ||
			r.State != gateway.RefundDone {
			t.Errorf("%s is asked about: %+v, %v", name, r, err)
		}
	}
	for name, answer := range map[string]reply{
		"another refund": ok("refundId", "RF8", "refundStatus", "REFUND_SUCCESS", "refundFee", "345"),
		"another order": ok("refundId", "RF9", "outTradeNo", number+"1", "refundStatus", "REFUND_SUCCESS",
			"refundFee", "345"),
		"nothing":  ok("refundId", "RF9", "refundStatus", "REFUND_SUCCESS", "refundFee", "0"),
		"no state": ok("refundId", "RF9", "refundFee", "345"),
	} {
		s := script(t, map[string]reply{refunds: answer})
		_, err := newGateway().QueryRefund(t.Context(), s.account,
			gateway.RefundRequest{Trade: trade(), OutRefundNo: "RF9", Foreign: true})
		failure(t, name, err, gateway.Indeterminate, false)
	}
}

// The sandbox plays such a refund: its notification is read, and the refund is asked about under either number.
func TestRefundsMadeAtTheSandbox(t *testing.T) {
	w := &wind{}
	bank := playedBank(t, w)
	bodies := make(chan []byte, 9)
	inbox := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- body
		io.WriteString(rw, "SUCCESS")
	}))
	t.Cleanup(inbox.Close)
	a, g := played(t, "first", bank.Credentials().Shengpay), shengpay.New(nil, 10*time.Second, w.now)
	ch := charge(gateway.WalletAny, gateway.Native)
	ch.CreatedAt, ch.ExpiresAt, ch.NotifyURL = w.now(), w.now().Add(time.Hour), inbox.URL
	prepared, err := g.Open(t.Context(), a, ch)
	if err != nil {
		t.Fatal(err)
	}
	var p sandbox.Payment
	control(t, bank, "/scan", map[string]string{"content": prepared.CodeURL, "wallet": "wechat"}, &p)
	control(t, bank, "/payments/"+p.ID+"/confirm", nil, &struct{}{})
	<-bodies
	control(t, bank, "/payments/"+p.ID+"/refund", map[string]int{"amount_fen": 2345}, &json.RawMessage{})
	n, err := g.Verify(t.Context(), a, gateway.RawNotification{Body: <-bodies}, w.now())
	if err != nil || n.Kind != gateway.NotifyRefund || n.Refund.Amount != 2345 || n.Refund.OutTradeNo != number ||
		n.Refund.State != gateway.RefundDone {
		t.Fatalf("the notification: %+v, %v", n, err)
	}
	for _, no := range []string{n.Refund.OutRefundNo, n.Refund.RefundID} {
		r, err := g.QueryRefund(t.Context(), a, gateway.RefundRequest{Trade: trade(), OutRefundNo: no, Total: 12345,
			Foreign: true})
		if err != nil || r.Amount != 2345 || r.OutRefundNo != no || r.State != gateway.RefundDone {
			t.Errorf("%s: %+v, %v", no, r, err)
		}
	}
	_, err = g.QueryRefund(t.Context(), a, gateway.RefundRequest{Trade: trade(), OutRefundNo: "P0", Total: 12345,
		Foreign: true})
	failure(t, "none", err, gateway.NotFound, true)
}
