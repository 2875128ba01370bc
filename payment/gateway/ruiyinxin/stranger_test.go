package ruiyinxin_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/gateway/ruiyinxin"
	"linlipay/payment/sandbox"
)

const theirs = "2026112542000001" // the institution's number in said

// unnamed is an answer to 006 that does not name the payment.
func unnamed() string {
	return said("S", "000000", `{"oriRespType":"S","oriRespCode":"000000","totalAmount":"123.45"}`)
}

// What may stand for oriReqMsgId in an answer that lacks it, and what must not: each row that is not believed is an
// answer that somebody could put in the place of ours.
func TestAnswersThatNameNoPayment(t *testing.T) {
	known, booked, other := trade(), trade(), trade()
	known.UpstreamNo = theirs
	booked.TransactionID, booked.PaidAt = theirs, time.Now()
	other.UpstreamNo = "2026112542000002"
	named, strict := told("S", "000000", "").text, []string{"unnamed_answers", "refuse"}
	but := func(text, what, with string) string { return strings.Replace(text, what, with, 1) }
	const sum = `,"totalAmount":"123.45"`
	for name, c := range map[string]struct {
		text     string
		trade    gateway.Trade
		settings []string
		paid     bool
	}{
		"the number of the charge's answer": {unnamed(), known, nil, true},
		"the number that was booked":        {unnamed(), booked, nil, true},
		"the amount beside data":            {but(but(unnamed(), sum, ""), `,"data"`, sum+`,"data"`), known, nil, true},

		"nothing is known":         {unnamed(), trade(), nil, false},
		"another payment's answer": {unnamed(), other, nil, false},
		"no number":                {but(unnamed(), `"smzfMsgId":"`+theirs+`",`, ""), known, nil, false},
		"the number in another field": {but(unnamed(), sum, sum+`,"channelNo":"2026112542000002"`), other, nil,
			false},
		"no time": {but(unnamed(), `"respDate":"NOW",`, ""), known, nil, false},
		"an old time": {but(unnamed(), "NOW", stamp(time.Now().Add(-6*time.Minute))), known, nil,
			false},
		"another amount":                   {but(unnamed(), "123.45", "123.46"), known, nil, false},
		"no amount":                        {but(unnamed(), sum, ""), known, nil, false},
		"the account takes nothing for it": {unnamed(), known, strict, false},

		"it names ours, with another number":   {named, other, nil, true},
		"it names ours, the account is strict": {named, known, strict, true},
		"it names ours and another": {but(named, `"respType"`, `"oriReqMsgId":"x","respType"`), known, nil,
			false},
		"it names another, with our number": {but(named, "NUMBER", number[:25]+"9"), known, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{"SMZF006": {text: c.text}})
			r, err := newGateway().Query(t.Context(), s.with(c.settings...), c.trade)
			if !c.paid {
				wantKind(t, err, gateway.Indeterminate, false)
			} else if err != nil || r.State != gateway.TradePaid || r.Amount != 12345 || r.TransactionID != theirs {
				t.Fatalf("got %+v, %v", r, err)
			}
		})
	}
	// The number around it is not signed, and proves nothing either way.
	for _, around := range []string{"REQ", "B20180904000003478130", number} {
		whole := strings.Replace(frame, "REQ", around, 1)
		s := script(t, map[string]reply{"SMZF006": {text: unnamed(), whole: whole}})
		if _, err := newGateway().Query(t.Context(), s.account, known); err != nil {
			t.Errorf("%s around it: %v", around, err)
		}
		_, err := newGateway().Query(t.Context(), s.account, other)
		wantKind(t, err, gateway.Indeterminate, false)
	}
}

// A number that was told for two orders stands for neither.
func TestANumberThatIsTwoOrders(t *testing.T) {
	s := script(t, map[string]reply{"SMZF002": {text: said("S", "000000", `{"qrCode":"weixin://x"}`)},
		"SMZF006": {text: unnamed()}})
	g := newGateway()
	first, err := g.Open(t.Context(), s.account, charge(gateway.WalletWeChat, gateway.Native))
	if err != nil || first.UpstreamNo != theirs {
		t.Fatalf("got %+v, %v", first, err)
	}
	asked := trade()
	asked.UpstreamNo = first.UpstreamNo
	if _, err := g.Query(t.Context(), s.account, asked); err != nil {
		t.Errorf("the only order: %v", err)
	}
	if again, err := g.Open(t.Context(), s.account, charge(gateway.WalletWeChat, gateway.Native)); err != nil ||
		again.UpstreamNo != theirs {
		t.Errorf("the same order again: %+v, %v", again, err)
	}
	ch := charge(gateway.WalletWeChat, gateway.Native)
	ch.OutTradeNo = number[:25] + "2"
	second, err := g.Open(t.Context(), s.account, ch)
	if err != nil || second.UpstreamNo != "" {
		t.Errorf("the answer to another order: %+v, %v", second, err)
	}
	_, err = g.Query(t.Context(), s.account, asked)
	wantKind(t, err, gateway.Indeterminate, false)
	s.replies["SMZF002"] = reply{text: strings.Replace(s.replies["SMZF002"].text, `"respDate":"NOW",`, "", 1)}
	if old, err := newGateway().Open(t.Context(), s.account, ch); err != nil || old.UpstreamNo != "" {
		t.Errorf("an answer without a time: %+v, %v", old, err)
	}
}

// older plays a server of the older form until the test is over.
func (b *bank) older() {
	b.fault(sandbox.Script{Fault: sandbox.OlderForm, Count: 1000})
}

func TestAnOlderServerOfTheSandbox(t *testing.T) {
	b := openBank(t)
	b.older()
	notices := make(chan []byte, 9)
	inbox := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		notices <- body
		io.WriteString(w, "000000")
	}))
	t.Cleanup(inbox.Close)
	ch := charge(gateway.WalletUnionPay, gateway.Native)
	ch.NotifyURL = inbox.URL
	p, err := b.g.Open(t.Context(), b.a, ch)
	if err != nil {
		t.Fatal(err)
	}
	asked := trade()
	asked.UpstreamNo = p.UpstreamNo
	want := func(state gateway.TradeState) gateway.Report {
		t.Helper()
		r, err := ruiyinxin.New(nil, 10*time.Second, b.now).Query(t.Context(), b.a, asked) // it remembers nothing
		if err != nil || r.State != state {
			t.Fatalf("got %+v, %v; want %s", r, err, state)
		}
		return r
	}
	want(gateway.TradeUnpaid)
	var shown sandbox.Payment
	b.control("/scan", map[string]string{"content": p.CodeURL, "wallet": "unionpay"}, &shown)
	b.control("/payments/"+shown.ID+"/confirm", nil, nil)
	r := want(gateway.TradePaid)
	if r.Amount != 12345 || r.TransactionID != p.UpstreamNo || r.PaidAt.IsZero() {
		t.Errorf("got %+v", r)
	}
	_, err = b.g.Verify(t.Context(), b.a, gateway.RawNotification{Body: <-notices}, b.now())
	wantKind(t, err, gateway.Unauthentic, false) // it is not signed

	asked.UpstreamNo = ""
	_, err = ruiyinxin.New(nil, 10*time.Second, b.now).Query(t.Context(), b.a, asked)
	wantKind(t, err, gateway.Indeterminate, false)

	var code sandbox.ShownCode
	b.control("/codes", map[string]string{"wallet": "wechat"}, &code)
	byCode := charge(gateway.WalletWeChat, gateway.CodePresented)
	byCode.OutTradeNo, byCode.AuthCode = number[:25]+"3", code.Code
	if r, err := b.g.PayCode(t.Context(), b.a, byCode); err != nil || r.State != gateway.TradePaid {
		t.Errorf("by a code: %+v, %v", r, err)
	}
}

// Whatever the answer to a payment code says, another process finds the payment at a server that names none.
func TestAPaymentCodeIsFoundByAnotherProcess(t *testing.T) {
	yes, asking := reply{text: said("S", "000000", `{}`)}, reply{text: said("R", "200002", `{}`)}
	later := reply{text: unnamed()}
	for name, c := range map[string]struct{ charged, found reply }{
		"paid":                           {yes, later},
		"a password":                     {asking, later},
		"a password, by its code":        {reply{text: said("E", "2068", `{}`)}, later},
		"paid, and the question is lost": {yes, reply{}},
	} {
		s := script(t, map[string]reply{"SMZF003": c.charged, "SMZF006": c.found})
		r, _ := newGateway().PayCode(t.Context(), s.account, codeCharge())
		s.mu.Lock()
		s.replies["SMZF006"] = later
		s.mu.Unlock()
		asked := trade()
		asked.Method, asked.UpstreamNo = gateway.CodePresented, r.UpstreamNo
		if r, err := newGateway().Query(t.Context(), s.account, asked); err != nil || r.State != gateway.TradePaid {
			t.Errorf("%s: got %+v, %v", name, r, err)
		}
	}
	s := script(t, map[string]reply{"SMZF003": {text: strings.Replace(asking.text, theirs, authCode, 1)}})
	if r, _ := newGateway().PayCode(t.Context(), s.account, codeCharge()); r.UpstreamNo != "" {
		t.Errorf("a payment code is told as the number %s", r.UpstreamNo)
	}
}

// A signed notification in which the institution's number and ours stand together is a reason to believe an answer
// that names only the former; one that leaves ours to the envelope is not.
func TestNotificationsOfServersThatNameNoPayment(t *testing.T) {
	s := script(t, map[string]reply{"SMZF006": {text: unnamed()}})
	n, err := newGateway().Verify(t.Context(), s.account,
		notice(noticed("S", `{"reqMsgId":"NUMBER","totalAmount":"123.45"}`), ""), time.Now())
	if err != nil || n.Report.State != gateway.TradePaid || n.Report.Amount != 12345 {
		t.Errorf("named: %+v, %v", n, err)
	}
	_, err = newGateway().Verify(t.Context(), s.account, notice(noticed("S", `{"totalAmount":"123.45"}`), ""),
		time.Now())
	wantKind(t, err, gateway.Indeterminate, false)
}

// What the words of 006 mean of a trade that we have booked and of one that we have not, and which of them is the end
// of a cancellation.
func TestWordsForACancelledTrade(t *testing.T) {
	for _, c := range []struct {
		kind, code, flag string
		booked           bool
		state            gateway.TradeState
		returned         gateway.Returned
		ends             bool
	}{
		{"S", "000000", "0", false, gateway.TradePaid, "", false},
		{"S", "000000", "", true, gateway.TradePaid, "", false},
		{"S", "000000", "1", false, gateway.TradePaid, gateway.ReturnedAll, true},
		{"S", "000000", "1", true, gateway.TradePaid, gateway.ReturnedAll, true},
		{"E", "51", "1", false, gateway.TradeClosed, "", true},
		{"E", "51", "1", true, gateway.TradePaid, gateway.ReturnedAll, true},
		{"E", "3", "", false, gateway.TradeClosed, "", true},
		{"E", "3", "", true, gateway.TradePaid, gateway.ReturnedAll, true},
		{"E", "51", "0", false, gateway.TradeFailed, "", true},
		{"R", "", "1", false, gateway.TradeClosed, "", true},
		{"R", "200002", "0", false, gateway.TradeUnpaid, "", false},
		{"E", "2068", "", false, gateway.TradeUnpaid, "", false},
		{"E", "200002", "", false, gateway.TradeUnpaid, "", false},
	} {
		s := script(t, map[string]reply{
			"SMZF005": {text: said("S", "000000", `{}`)}, "SMZF006": told(c.kind, c.code,
				`,"isClearOrCancel":"`+c.flag+`"`),
		})
		a, asked := s.with("code_kinds", "3=closed"), trade()
		if c.booked {
			asked.TransactionID, asked.PaidAt = theirs, time.Now()
		}
		r, err := newGateway().Query(t.Context(), a, asked)
		if err != nil || r.State != c.state || r.Returned != c.returned || c.state == gateway.TradePaid &&
			(r.Amount != 12345 || r.TransactionID != theirs) {
			t.Errorf("%+v: got %+v, %v", c, r, err)
		}
		if err := newGateway().Reverse(t.Context(), a, asked); (err == nil) != c.ends {
			t.Errorf("%+v: reversed, %v", c, err)
		}
	}
}

// Titles and what is sent of them.
func TestTitlesFit(t *testing.T) {
	for _, c := range []struct{ title, most, want string }{
		{"物业费 2026年11月", "", "物业费 2026年11月"},
		{"", "", "物业缴费"},
		{" \n\t\x00", "", "物业缴费"},
		{"停车\n费", "", "停车 费"},
		{"a/b=c&d|e", "", "a/b=c&d|e"},
		{"😀物业费", "", "？物业费"},
		{"𠮷先生", "", "？先生"},
		{"bad\xff", "", "bad"},
		{strings.Repeat("费", 43), "", strings.Repeat("费", 42)},
		{strings.Repeat("费", 43), "20", strings.Repeat("费", 6)},
		{strings.Repeat("a", 300), "256", strings.Repeat("a", 256)},
	} {
		s := script(t, map[string]reply{"SMZF002": {text: said("S", "000000", `{"qrCode":"weixin://x"}`)}})
		ch := charge(gateway.WalletWeChat, gateway.Native)
		ch.Title = c.title
		if _, err := newGateway().Open(t.Context(), s.with("subject_bytes", c.most), ch); err != nil {
			t.Fatal(err)
		}
		if got := s.sent(t, "SMZF002").fields["subject"]; got != c.want {
			t.Errorf("%q is sent as %q; want %q", c.title, got, c.want)
		}
	}
}

func TestUnionPayIsUPZF(t *testing.T) {
	s := script(t, map[string]reply{"SMZF002": {text: said("S", "000000", `{"qrCode":"https://qr.95516.com/1"}`)}})
	for setting, want := range map[string]string{"": "UPZF", "YLZF": "YLZF"} {
		if _, err := newGateway().Open(t.Context(), s.with("pay_way_unionpay", setting),
			charge(gateway.WalletUnionPay, gateway.Native)); err != nil {
			t.Fatal(err)
		}
		if got := s.sent(t, "SMZF002").fields["payWay"]; got != want {
			t.Errorf("%q: sent %v", setting, got)
		}
	}
}

// A refund that was made at the institution is asked about under its number; the amount is what is told of it.
func TestRefundsMadeAtTheInstitution(t *testing.T) {
	for more, want := range map[string]string{
		`,"refundAmount":"23.45"`: "23.45", `,"refundAmount":"23.45","totalAmount":"123.45"`: "23.45",
		`,"totalAmount":"23.45"`:  "23.45",
		`,"totalAmount":"123.45"`: "0.00", "": "0.00", `,"refundAmount":"0.00"`: "", `,"refundAmount":"x"`: "",
	} {
		s := script(t, map[string]reply{"SMZF006": {text: said("S", "000000",
			`{"oriReqMsgId":"NUMBER","oriRespType":"S"`+more+`}`)}})
		r, err := newGateway().QueryRefund(t.Context(), s.account,
			gateway.RefundRequest{Trade: trade(), OutRefundNo: "P1", Total: 12345, Foreign: true})
		if want == "" {
			wantKind(t, err, gateway.Indeterminate, false)
		} else if err != nil || fmt.Sprint(r.Amount.Yuan()) != want || r.OutRefundNo != "P1" ||
			r.State != gateway.RefundDone {
			t.Errorf("%s: %+v, %v", more, r, err)
		}
	}
}
