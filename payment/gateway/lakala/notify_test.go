package lakala_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

// signedNotice is a message as the institution signs it now.
func signedNotice(body string) gateway.RawNotification {
	return notice(body, "1795593600", "nonce1234567", sign(platformKey(), "1795593600\nnonce1234567\n"+body+"\n"))
}

// ofOrder is a counter order's notification of one trade.
func ofOrder(status, trade string) string {
	whole := strings.Replace(order(status), `"order_trade_info_list":[]`,
		`"order_trade_info":`+strings.Replace(trade, "log_No", "log_no", 1), 1)
	return strings.Replace(whole, `"total_amount":12345`, `"total_amount":67200`, 1)
}

var scanNotice = strings.Replace(strings.Replace(scanPaid, "trade_state\"", "trade_status\"", 1),
	`"trade_main_type":"PREORDER",`, "", 1)

// refundedOrder is a notification that some of an order of 123.45 yuan went back.
func refundedOrder(amount int) string {
	return strings.Replace(ofOrder("6", scanned("A2", "REFUND", "S", amount, "A1")), `"total_amount":67200`,
		`"total_amount":12345`, 1)
}

func TestParse(t *testing.T) {
	for name, c := range map[string]struct {
		body  string
		kind  gateway.NotificationKind
		state gateway.TradeState
		id    string
		no    string
	}{
		"a scan, paid": {scanNotice, gateway.NotifyTrade, gateway.TradePaid,
			"2026112566210002570007/SUCCESS", "2026112566210002570007"},
		"a scan, failed": {strings.Replace(scanNotice, "SUCCESS", "FAIL", 1), gateway.NotifyTrade,
			gateway.TradeFailed, "2026112566210002570007/FAIL", "2026112566210002570007"},
		"a scan, reversed": {strings.Replace(scanNotice, "SUCCESS", "REVOKED", 1), gateway.NotifyTrade,
			gateway.TradeClosed, "2026112566210002570007/REVOKED", "2026112566210002570007"},
		"a scan's refund": {strings.Replace(scanNotice, `"log_no"`, `"trade_main_type":"REFUND","log_no"`,
			1), gateway.NotifyRefund, "", "2026112566210002570007/SUCCESS", ""},
		"an order, scanned": {ofOrder("2", scanned("A1", "PAY", "S", 12345, "")), gateway.NotifyTrade,
			gateway.TradePaid, "A1/PAY/S", "A1"},
		"an order, by card": {ofOrder("2", carded("K1", "PAY", "S", "")), gateway.NotifyTrade,
			gateway.TradePaid, "K1/PAY/S", "K1"},
		"an order, reversed": {ofOrder("3", carded("K1", "PAY", "C", "")), gateway.NotifyTrade,
			gateway.TradeClosed, "K1/PAY/C", ""},
		"an order, voided": {ofOrder("6", carded("K2", "CANCEL", "S", "K1")), gateway.NotifyTrade,
			gateway.TradePaid, "K2/CANCEL/S", "K1"},
		"an order, refunded": {refundedOrder(345), gateway.NotifyTrade, gateway.TradePaid, "A2/REFUND/S",
			"A1"},
		"an order, its refund failed": {ofOrder("2", scanned("A2", "REFUND", "F", 345, "A1")), gateway.NotifyOther,
			"", "A2/REFUND/F", ""},
		"an order, failed": {ofOrder("3", scanned("A1", "PAY", "F", 12345, "")), gateway.NotifyOther, "",
			"A1/PAY/F", ""},
		"an order, under way": {ofOrder("1", scanned("A1", "PAY", "P", 12345, "")), gateway.NotifyOther, "",
			"A1/PAY/P", ""},
		"unknown fields": {strings.Replace(scanNotice, `"log_no"`, `"new_field":{"x":[1]},"log_no"`, 1),
			gateway.NotifyTrade, gateway.TradePaid, "2026112566210002570007/SUCCESS", "2026112566210002570007"},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := newGateway().Verify(t.Context(), account("https://example.com"), signedNotice(c.body), now())
			if err != nil || n.Kind != c.kind || n.Report.State != c.state || n.ID != c.id ||
				n.Report.TransactionID != c.no {
				t.Fatalf("got %+v, %v", n, err)
			}
			if c.kind == gateway.NotifyTrade && n.Report.OutTradeNo != number || c.state == gateway.TradePaid &&
				n.Report.Amount != 12345 {
				t.Errorf("got %+v", n.Report)
			}
		})
	}
}

func TestANotificationOfARefundIsAHint(t *testing.T) {
	body := strings.Replace(strings.Replace(scanBack, `"trade_state"`, `"trade_status"`, 1), `"out_trade_no"`,
		`"origin_out_trade_no":"202611250000000000000001","out_trade_no"`, 1)
	for word, state := range map[string]gateway.RefundState{"SUCCESS": gateway.RefundDone, "FAIL": gateway.RefundClosed,
		"NEW": gateway.RefundProcessing} {
		n, err := newGateway().Verify(t.Context(), account("https://example.com"),
			signedNotice(strings.Replace(body, "SUCCESS", word, 1)), now())
		want := gateway.RefundReport{OutTradeNo: number, OutRefundNo: "R1", RefundID: "2026112566160003670036",
			State: state, Amount: 345, Raw: word}
		if state == gateway.RefundDone {
			want.DoneAt = time.Date(2026, 11, 25, 7, 59, 59, 0, time.UTC)
		}
		if err != nil || n.Kind != gateway.NotifyRefund || n.Refund != want {
			t.Errorf("got %+v, %v", n, err)
		}
	}
}

// A notification and a query of the same payment say the same, but for what the notification cannot know.
func TestNoticesAndQueriesAgree(t *testing.T) {
	for w, c := range map[gateway.PaymentMethod]struct{ path, answer, notice string }{
		{Wallet: gateway.WalletWeChat, Method: gateway.JSAPI}: {tradequery, ok(scanPaid), scanNotice},
		{Wallet: gateway.WalletAny, Method: gateway.Native}: {counter, okay(counterPaid),
			ofOrder("2", scanned("A1", "PAY", "S", 12345, ""))},
		{Wallet: gateway.WalletCard, Method: gateway.CardPresent}: {counter, okay(cardPaid),
			ofOrder("2", carded("K1", "PAY", "S", ""))},
	} {
		s := script(t, map[string]reply{c.path: {body: c.answer}})
		r, err := newGateway().Query(t.Context(), s.account, trade(w.Wallet, w.Method))
		if err != nil {
			t.Fatal(err)
		}
		n, err := newGateway().Verify(t.Context(), s.account, signedNotice(c.notice), now())
		if err != nil || n.Report != r {
			t.Errorf("the query says %+v\nthe notice says %+v, %v", r, n.Report, err)
		}
	}
}

func TestNoticesThatMustNotBeBelieved(t *testing.T) {
	forged := func(name, body string) {
		t.Run(name, func(t *testing.T) {
			_, err := newGateway().Verify(t.Context(), account("https://example.com"), signedNotice(body), now())
			wantKind(t, err, gateway.Unauthentic, false)
			if a := newGateway().Acknowledge(err); a.Status != 401 || strings.Contains(string(a.Body), "SUCCESS") {
				t.Errorf("answered %+v", a)
			}
		})
	}
	forged("another merchant", strings.Replace(scanNotice, "82229007392000A", "82229007392000B", 1))
	forged("another merchant's order", strings.ReplaceAll(ofOrder("2", scanned("A1", "PAY", "S", 1, "")),
		`"merchant_no":"82229007392000A"`, `"merchant_no":"82229007392000B"`))
	forged("no merchant", strings.Replace(scanNotice, "merchant_no", "merchant", 1))
	forged("both kinds at once", strings.Replace(scanNotice, `"log_no"`, `"out_order_no":"1","log_no"`, 1))
	forged("neither kind", `{"merchant_no":"82229007392000A"}`)
	forged("an order without its trade", order("2"))
	forged("a name given twice", strings.Replace(scanNotice, `"log_no"`, `"out_trade_no":"1","log_no"`, 1))
	forged("a name given twice, deep inside", strings.Replace(ofOrder("2", scanned("A1", "PAY", "S", 1, "")),
		`"trade_type":"PAY"`, `"trade_type":"PAY","trade_type":"PAY"`, 1))
	forged("an amount with a point", strings.Replace(scanNotice, `"12345"`, `"123.45"`, 1))
	forged("not JSON", "merchant_no=82229007392000A")
	forged("more after the end", scanNotice+"{}")
	forged("nothing", "")
}

func TestAnswers(t *testing.T) {
	g := newGateway()
	if a := g.Acknowledge(nil); a.Status != 200 || string(a.Body) != `{"code":"SUCCESS","message":"执行成功"}` ||
		a.ContentType != "application/json" {
		t.Errorf("success is answered %+v", a)
	}
	if a := g.Acknowledge(errors.New("not now")); a.Status != 500 || strings.Contains(string(a.Body), "SUCCESS") {
		t.Errorf("a failure is answered %+v", a)
	}
}
