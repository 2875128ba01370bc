package lakala_test

import (
	"strings"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
	"linlipay/payment/gateway/gatewaytest"
	"linlipay/payment/gateway/lakala"
	"linlipay/payment/sandbox"
)

// What went back of a counter order is told by the lines of its refunds and voids. A reader adds a line.
func TestMoneyThatWentBackAtTheCounter(t *testing.T) {
	paid := scanned("A1", "PAY", "S", 12345, "")
	again := strings.Replace(scanned("A2", "PAY", "S", 12345, ""), "20261125155958", "20261125155959", 1)
	back := func(no, status string, amount int, of string) string {
		return scanned(no, "REFUND", status, amount, of)
	}
	for name, c := range map[string]struct {
		order    string
		state    gateway.TradeState
		returned gateway.Returned
		amount   money.Fen
	}{
		"nothing": {order("2", paid), gateway.TradePaid, "", 0},
		"a part": {order("6", back("A2", "S", 345, "A1"), paid), gateway.TradePaid,
			gateway.ReturnedSome, 345},
		"a part, of no payment named": {order("6", back("A2", "S", 345, ""), paid), gateway.TradePaid,
			gateway.ReturnedSome, 345},
		"two parts": {order("6", back("A3", "S", 1000, "A1"), back("A2", "S", 345, "A1"),
			paid), gateway.TradePaid, gateway.ReturnedSome, 1345},
		"all in one": {order("6", back("A2", "S", 12345, "A1"), paid), gateway.TradePaid,
			gateway.ReturnedAll, 0},
		"all in two": {order("6", back("A3", "S", 12000, "A1"), back("A2", "S", 345, "A1"),
			paid), gateway.TradePaid, gateway.ReturnedAll, 0},
		"a refund under way":   {order("6", back("A2", "P", 345, "A1"), paid), gateway.TradePaid, "", 0},
		"a refund that failed": {order("2", back("A2", "F", 345, "A1"), paid), gateway.TradePaid, "", 0},
		"one under way beside one done": {order("6", back("A3", "P", 1000, "A1"), back("A2", "S", 345, "A1"),
			paid), gateway.TradePaid, gateway.ReturnedSome, 345},
		"paid twice, the second given back": {order("2", back("A3", "S", 12345, "A2"), again, paid),
			gateway.TradePaid, "", 0},
		"paid twice, one given back, not said which": {order("2", back("A3", "S", 12345, ""), again, paid),
			gateway.TradePaid, "", 0},
		"paid twice, both given back": {order("6", back("A4", "S", 12345, ""), back("A3", "S", 12345, ""), again, paid),
			gateway.TradePaid, gateway.ReturnedAll, 0},
		"paid twice, the second given back and a part of the first": {order("6", back("A4", "S", 345, ""),
			back("A3", "S", 12345, "A2"), again, paid), gateway.TradePaid, gateway.ReturnedSome, 345},
		"another payment's":       {order("2", back("A9", "S", 345, "A8"), paid), gateway.TradePaid, "", 0},
		"said by the state alone": {order("6", paid), gateway.TradePaid, gateway.ReturnedSome, 0},
		"a void on the terminal": {order("5", carded("K2", "CANCEL", "S", "K1"),
			carded("K1", "PAY", "S", "")), gateway.TradePaid, gateway.ReturnedAll, 0},
		"a void that failed": {order("2", carded("K2", "CANCEL", "F", "K1"),
			carded("K1", "PAY", "S", "")), gateway.TradePaid, "", 0},
		"reversed by the bank, never kept": {order("2", carded("K1", "PAY", "C", "")), gateway.TradeClosed, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{counter: {body: okay(c.order)}})
			r, err := newGateway().Query(t.Context(), s.account, trade(gateway.WalletAny, gateway.Native))
			if err != nil || r.State != c.state || r.Returned != c.returned || r.ReturnedAmount != c.amount ||
				r.Amount != 12345 {
				t.Errorf("got %+v, %v", r, err)
			}
		})
	}
}

// That an order which we have booked has ended says of its payment only what is told of that.
func TestAnOrderThatEndedAfterItWasPaid(t *testing.T) {
	for name, c := range map[string]struct {
		order    string
		believed bool
	}{
		"cancelled":                {order("5"), true},
		"reversed by the bank":     {order("2", carded("K1", "PAY", "C", "")), true},
		"closed, without payment":  {order("7"), false},
		"expired, without payment": {order("4"), false},
	} {
		s := script(t, map[string]reply{counter: {body: okay(c.order)}})
		known := trade(gateway.WalletCard, gateway.CardPresent)
		known.PaidAt, known.TransactionID = now(), "K1"
		r, err := newGateway().Query(t.Context(), s.account, known)
		if !c.believed {
			wantKind(t, err, gateway.Indeterminate, false)
		} else if err != nil || r.Returned != gateway.ReturnedAll || r.TransactionID != "K1" || r.Amount != 12345 {
			t.Errorf("%s: got %+v, %v", name, r, err)
		}
	}
}

// A notification of an order's refund or void says of which payment, and that some or all of it went back.
func TestNotificationsOfMoneyThatWentBack(t *testing.T) {
	for name, c := range map[string]struct {
		body     string
		returned gateway.Returned
		raw      string
	}{
		"a part": {refundedOrder(345), gateway.ReturnedSome, "REFUND S"},
		"all":    {refundedOrder(12345), gateway.ReturnedAll, "REFUND S"},
		"a void": {ofOrder("5", carded("K2", "CANCEL", "S", "A1")), gateway.ReturnedAll, "CANCEL S"},
	} {
		n, err := newGateway().Verify(t.Context(), account("https://example.com"), signedNotice(c.body), now())
		r := n.Report
		if err != nil || n.Kind != gateway.NotifyTrade || r.State != gateway.TradePaid || r.TransactionID != "A1" ||
			r.Amount != 12345 || r.Returned != c.returned ||
			r.ReturnedAmount != 0 || r.Raw != c.raw {
			t.Errorf("%s: got %+v, %v", name, n, err)
		}
	}
	unnamed := strings.Replace(refundedOrder(345), `"origin_trade_no":"A1"`, `"origin_trade_no":""`, 1)
	if n, err := newGateway().Verify(t.Context(), account("https://example.com"), signedNotice(unnamed),
		now()); err != nil || n.Report.State != gateway.TradeClosed {
		t.Errorf("a refund of no payment named: %+v, %v", n, err)
	}
	for word, returned := range map[string]gateway.Returned{"REFUND": gateway.ReturnedAll,
		"PART_REFUND": gateway.ReturnedSome} {
		n, err := newGateway().Verify(t.Context(), account("https://example.com"),
			signedNotice(strings.Replace(scanNotice, "SUCCESS", word, 1)), now())
		if err != nil || n.Report.State != gateway.TradePaid || n.Report.Returned != returned {
			t.Errorf("%s: got %+v, %v", word, n, err)
		}
	}
}

// refundHere has a person give money back on the institution's own page and returns the institution's number of the
// refund.
func (b *bank) refundHere(handle string, amount money.Fen) string {
	b.Helper()
	var r sandbox.Refund
	b.control("POST", "/payments/"+handle+"/refund", map[string]money.Fen{"amount_fen": amount}, &r)
	return r.ID
}

// scanIt has a wallet scan a text and pay; it returns the wallet's handle.
func (b *bank) scanIt(content string, w gateway.Wallet) string {
	b.Helper()
	var p sandbox.Payment
	b.control("POST", "/scan", map[string]string{"content": content, "wallet": string(w)}, &p)
	b.control("POST", "/payments/"+p.ID+"/confirm", nil, nil)
	return p.ID
}

func TestRefundsOnTheInstitutionsOwnPage(t *testing.T) {
	b := open(t)
	for no, w := range map[string]gateway.Wallet{"20261125000000000000000101": gateway.WalletAlipay,
		"20261125000000000000000201": gateway.WalletAny} {
		ch := b.charge(no, w, gateway.Native)
		p := b.open(ch)
		handle := b.scanIt(p.CodeURL, gateway.WalletAlipay)
		r := b.query(asked(ch, p, gateway.Report{}), gateway.TradePaid)
		b.next()
		number := b.refundHere(handle, 2345)
		if q := b.query(asked(ch, p, r), gateway.TradePaid); q.Returned != gateway.ReturnedSome ||
			q.ReturnedAmount != 2345 || q.TransactionID != r.TransactionID {
			t.Errorf("%s: a part is told as %+v", w, q)
		}
		if w == gateway.WalletAny {
			b.foreign(asked(ch, p, r), number)
		}
		b.refundHere(handle, 0)
		for _, known := range []gateway.Report{r, {}} { // also where the payment's notification was lost
			if q := b.query(asked(ch, p, known), gateway.TradePaid); q.Returned != gateway.ReturnedAll ||
				q.TransactionID != r.TransactionID {
				t.Errorf("%s: all of it is told as %+v", w, q)
			}
		}
	}
}

// foreign asks about a refund of a counter order that a person made, by the institution's number, and reads the
// notification of it.
func (b *bank) foreign(t gateway.Trade, number string) {
	b.Helper()
	request := gateway.RefundRequest{Trade: t, OutRefundNo: number, Total: 12345, Foreign: true}
	if r, err := b.g.QueryRefund(b.Context(), b.a, request); err != nil || r.State != gateway.RefundDone ||
		r.Amount != 2345 || r.OutRefundNo != number || r.DoneAt.IsZero() {
		b.Errorf("got %+v, %v", r, err)
	}
	request.OutRefundNo = "2026112566000000999999"
	_, err := b.g.QueryRefund(b.Context(), b.a, request)
	wantKind(b.T, err, gateway.NotFound, true)
	n, err := b.g.Verify(b.Context(), b.a, b.message(), time.Now())
	if err != nil || n.Report.Returned != gateway.ReturnedSome || n.Report.TransactionID != t.TransactionID ||
		n.Report.Amount != 12345 {
		b.Errorf("the notification: %+v, %v", n, err)
	}
}

// A charge that was revoked before it was paid was never kept, though the institution has the same word for it.
func TestAChargeThatWasRevokedUnpaid(t *testing.T) {
	b := open(t)
	ch := b.charge("20261125000000000000000101", gateway.WalletWeChat, gateway.CodePresented)
	ch.AuthCode = b.show(gateway.WalletWeChat, map[string]any{"ask_password": true})
	if _, err := b.g.PayCode(t.Context(), b.a, ch); err != nil {
		t.Fatal(err)
	}
	if err := b.g.Reverse(t.Context(), b.a, asked(ch, gateway.Prepared{}, gateway.Report{})); err != nil {
		t.Fatal(err)
	}
	if r := b.query(asked(ch, gateway.Prepared{}, gateway.Report{}), gateway.TradeClosed); r.Raw != "REFUND" ||
		r.Returned != "" {
		t.Errorf("got %+v", r)
	}
}

// An order for WeChat outlives its timeout_express: it is unpaid until we close it.
func TestAnExpiredOrderForWeChatIsClosedByCall(t *testing.T) {
	var later time.Duration
	clock := func() time.Time { return time.Now().Add(later) }
	s := gatewaytest.Play(t, sandbox.Config{Second: time.Microsecond, Now: clock})
	a, g := merchantAt("a", s.Credentials().Lakala), lakala.New(nil, 5*time.Second, clock)
	ch := charge(gateway.WalletWeChat, gateway.JSAPI)
	ch.PayerID, ch.NotifyURL, ch.CreatedAt, ch.ExpiresAt = "oABCDEFGHIJKLMNOPQRSTUVWXYZ01", "", clock(),
		clock().Add(5*time.Minute)
	if _, err := g.Open(t.Context(), a, ch); err != nil {
		t.Fatal(err)
	}
	later = 2 * time.Hour
	for _, want := range []gateway.TradeState{gateway.TradeUnpaid, gateway.TradeClosed} {
		if r, err := g.Query(t.Context(), a, trade(gateway.WalletWeChat, gateway.JSAPI)); err != nil ||
			r.State != want {
			t.Fatalf("got %+v, %v; want %s", r, err, want)
		}
		if err := g.Close(t.Context(), a, trade(gateway.WalletWeChat, gateway.JSAPI)); err != nil {
			t.Fatal(err)
		}
	}
}
