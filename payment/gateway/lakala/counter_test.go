package lakala_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// order is a counter order of 123.45 yuan with its trades, the latest first.
func order(status string, trades ...string) string {
	return `{"pay_order_no":"26112511012001101011025385338","out_order_no":"202611250000000000000001",` +
		`"channel_id":"","trans_merchant_no":"82229007392000A",` +
		`"trans_term_no":"D9587314","merchant_no":"82229007392000A","term_no":"D9296400","order_status":"` + status +
		`","order_info":"物业费","total_amount":12345,` +
		`"order_create_time":"20261125155000","order_efficient_time":"20261125161000","order_trade_info_list":[` +
		strings.Join(trades, ",") + `]}`
}

// scanned is a scanned trade of an order.
func scanned(no, kind, status string, amount int, origin string) string {
	return fmt.Sprintf(`{"trade_no":"%s","log_No":"66212380030451","trade_type":"%s","trade_status":"%s",`+
		`"trade_amount":%d,"payer_amount":%d,"user_id1":"135******50",`+
		`"user_id2":"2088312273770657","busi_type":"SCPAY","trade_time":"20261125155958","acc_type":"04",`+
		`"pay_mode":"ALIPAY","origin_trade_no":"%s"}`,
		no, kind, status, amount, amount, origin)
}

// carded is one of a card.
func carded(no, kind, status, origin string) string {
	return fmt.Sprintf(`{"trade_no":"%s","log_No":"26112508030257","trade_ref_no":"080302570007","trade_type":"%s",`+
		`"trade_status":"%s","trade_amount":12345,`+
		`"payer_amount":12345,"busi_type":"UPCARD","trade_time":"20261125155958",`+
		`"payer_account_no":"622202******1234","payer_account_bank":"工商银行","acc_type":"01",`+
		`"client_batch_no":"000123","client_seq_no":"000456","auth_code":"agreement","origin_trade_no":"%s"}`, no, kind,
		status, origin)
}

var (
	counterPaid = order("2", scanned("A1", "PAY", "S", 12345, ""))
	cardPaid    = order("2", carded("K1", "PAY", "S", ""))
)

func TestReportsOfACounterOrder(t *testing.T) {
	s := script(t, map[string]reply{counter: {body: okay(counterPaid)}})
	r, err := newGateway().Query(t.Context(), s.account, trade(gateway.WalletAny, gateway.Native))
	want := gateway.Report{
		OutTradeNo: number, State: gateway.TradePaid, TransactionID: "A1", Amount: 12345, Currency: "CNY",
		Merchant: merchant, App: appid, PayerID: "2088312273770657",
		PaidAt: time.Date(2026, 11, 25, 7, 59, 58, 0, time.UTC), Wallet: gateway.WalletAlipay, Method: gateway.Native,
		StatementNo: "66212380030451", Raw: "2",
	}
	if err != nil || r != want {
		t.Fatalf("got %+v, %v\nwant %+v", r, err, want)
	}
	same(t, s.last(counter), `{"out_order_no":"202611250000000000000001","merchant_no":"82229007392000A"}`)
	s = script(t, map[string]reply{counter: {body: okay(cardPaid)}})
	r, err = newGateway().Query(t.Context(), s.account, trade(gateway.WalletCard, gateway.CardPresent))
	want.TransactionID, want.PayerID, want.Wallet, want.Method, want.StatementNo = "K1", "", gateway.WalletCard,
		gateway.CardPresent, "26112508030257"
	want.Card = card.Card{
		ReferenceNo: "080302570007", BatchNo: "000123", TraceNo: "000456", Masked: "622202******1234",
		Type: card.CreditCard, Issuer: "工商银行",
		Merchant: merchant, Terminal: "D9587314",
	}
	if err != nil || r != want {
		t.Fatalf("got %+v, %v\nwant %+v", r, err, want)
	}
}

func TestStatesOfACounterOrder(t *testing.T) {
	const none = gateway.TradeState("") // not believed
	pay := func(no, status string) string { return scanned(no, "PAY", status, 12345, "") }
	for name, c := range map[string]struct {
		order string
		state gateway.TradeState
		raw   string
	}{
		"waiting":    {order("0"), gateway.TradeUnpaid, "0"},
		"being paid": {order("1", pay("A1", "P")), gateway.TradeUnpaid, "1"},
		"failed":     {order("3", pay("A1", "F")), gateway.TradeFailed, "3"},
		"expired":    {order("4"), gateway.TradeClosed, "4"},
		"cancelled":  {order("5"), gateway.TradeClosed, "5"},
		"closed":     {order("7"), gateway.TradeClosed, "7"},
		"paid":       {order("2", pay("A1", "S")), gateway.TradePaid, "2"},
		"given back": {order("6", scanned("A2", "REFUND", "S", 12345, "A1"), pay("A1", "S")),
			gateway.TradePaid, "6"},
		"paid after it was closed": {order("7", pay("A1", "S")), gateway.TradePaid, "7"},
		"paid at the second try":   {order("2", pay("A2", "S"), pay("A1", "F")), gateway.TradePaid, "2"},
		"paid twice": {order("2", pay("A2", "S"), pay("A1", "S")), gateway.TradePaid,
			"2 重复支付 A2 123.45"},
		"reversed (冲正), open":            {order("0", carded("K1", "PAY", "C", "")), gateway.TradeUnpaid, "0"},
		"reversed (冲正), failed":          {order("3", carded("K1", "PAY", "C", "")), gateway.TradeFailed, "3"},
		"reversed (冲正), said to be paid": {order("2", carded("K1", "PAY", "C", "")), gateway.TradeClosed, "2"},
		"voided (撤销)": {order("6", carded("K2", "CANCEL", "S", "K1"),
			carded("K1", "PAY", "S", "")), gateway.TradePaid, "6"},
		"voided, the payment not named": {order("5", carded("K2", "CANCEL", "S", ""),
			carded("K1", "PAY", "S", "")), gateway.TradePaid, "5"},
		"a void that failed": {order("2", carded("K2", "CANCEL", "F", "K1"),
			carded("K1", "PAY", "S", "")), gateway.TradePaid, "2"},
		"voided, then paid anew": {order("2", carded("K3", "PAY", "S", ""), carded("K2", "CANCEL", "S", ""),
			carded("K1", "PAY", "S", "")), gateway.TradePaid, "2"},
		"expired while a card is asked":    {order("4", carded("K1", "PAY", "T", "")), gateway.TradeUnpaid, "4"},
		"closed while a wallet is asked":   {order("7", pay("A1", "P")), gateway.TradeUnpaid, "7"},
		"closed, its trade never sent":     {order("7", pay("A1", "X")), gateway.TradeClosed, "7"},
		"said to be paid, without a trade": {order("2"), none, ""},
		"given back, without a trade":      {order("6"), none, ""},
		"a status of no meaning":           {order("9"), none, ""},
		"no status":                        {order(""), none, ""},
		"of another number":                {strings.Replace(counterPaid, `01",`, `02",`, 1), none, ""},
		"of another merchant": {strings.ReplaceAll(counterPaid, "82229007392000A", "82229007392000B"),
			none, ""},
		"of another order": {strings.Replace(counterPaid, "26112511012001101011025385338",
			"26112511012001101011025385339", 1), none, ""},
		"paid without number": {order("2", pay("", "S")), none, ""},
		"paid without time": {strings.Replace(counterPaid, "20261125155958", "", 1), gateway.TradePaid,
			"2"},
		"paid nothing": {order("2", scanned("A1", "PAY", "S", 0, "")), none, ""},
		"an amount with a point": {strings.Replace(counterPaid, `"trade_amount":12345`, `"trade_amount":123.45`, 1),
			none, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{counter: {body: okay(c.order)}})
			asked := trade(gateway.WalletAny, gateway.Native)
			asked.UpstreamNo = "26112511012001101011025385338"
			r, err := newGateway().Query(t.Context(), s.account, asked)
			if c.state == none {
				wantKind(t, err, gateway.Indeterminate, false)
				return
			}
			if err != nil || r.State != c.state || r.Raw != c.raw || r.Amount != 12345 || r.OutTradeNo != number {
				t.Fatalf("got %+v, %v", r, err)
			}
			if c.state == gateway.TradePaid && strings.Contains(c.raw, "重复") && r.TransactionID != "A1" {
				t.Errorf("the second payment is reported: %+v", r)
			}
		})
	}
}

// Of several payments a void takes the one that it names, or the latest before it.
func TestWhichPaymentAVoidUndoes(t *testing.T) {
	at := func(minute, trade string) string {
		return strings.Replace(trade, "20261125155958", "202611251558"+minute, 1)
	}
	first, second := at("10", carded("K1", "PAY", "S", "")), at("20", carded("K2", "PAY", "S", ""))
	for _, c := range []struct{ void, want string }{
		{at("30", carded("K3", "CANCEL", "S", "")), "K1"}, {at("15", carded("K3", "CANCEL", "S", "")), "K2"},
		{at("30", carded("K3", "CANCEL", "S", "K1")), "K2"},
		{at("30", carded("K3", "CANCEL", "S", "K2")), "K1"}, {at("30", carded("K3", "CANCEL", "S", "K0")), "K1"},
	} {
		for _, trades := range [][]string{{c.void, second, first}, {first, second, c.void}, {second, c.void, first}} {
			// the first is as documented
			s := script(t, map[string]reply{counter: {body: okay(order("2", trades...))}})
			r, err := newGateway().Query(t.Context(), s.account, trade(gateway.WalletCard, gateway.CardPresent))
			if err != nil || r.TransactionID != c.want {
				t.Errorf("%s leaves %+v, %v; want %s", c.void, r, err, c.want)
			}
		}
	}
	both := order("5", at("30", carded("K4", "CANCEL", "S", "K2")), at("25", carded("K3", "CANCEL", "S", "")), second,
		first)
	s := script(t, map[string]reply{counter: {body: okay(both)}})
	if r, err := newGateway().Query(t.Context(), s.account,
		trade(gateway.WalletCard, gateway.CardPresent)); err != nil ||
		r.Returned != gateway.ReturnedAll || r.TransactionID != "K1" {
		t.Errorf("two voids leave %+v, %v", r, err)
	}
}

// What counts is the trade's amount, never the order's, in the institution's own example of a notification too.
func TestTheAmountIsTheTrades(t *testing.T) {
	s := script(t, map[string]reply{counter: {body: okay(order("2", scanned("A1", "PAY", "S", 1200, "")))}})
	if r, err := newGateway().Query(t.Context(), s.account, trade(gateway.WalletAny, gateway.Native)); err != nil ||
		r.Amount != 1200 {
		t.Fatalf("got %+v, %v", r, err)
	}
}

// After two hours a trade that is under way keeps an order no longer.
func TestATradeUnderWayDoesNotKeepAnOrderForEver(t *testing.T) {
	s := script(t, map[string]reply{counter: {body: okay(order("4", carded("K1", "PAY", "U", "")))}})
	asked := trade(gateway.WalletCard, gateway.CardPresent)
	for age, state := range map[time.Duration]gateway.TradeState{2*time.Hour - time.Second: gateway.TradeUnpaid,
		2 * time.Hour: gateway.TradeClosed} {
		asked.CreatedAt = now().Add(-age)
		if r, err := newGateway().Query(t.Context(), s.account, asked); err != nil || r.State != state {
			t.Errorf("after %v: %+v, %v", age, r, err)
		}
	}
}

func TestCloseOfACounterOrder(t *testing.T) {
	for name, c := range map[string]struct {
		close, query reply
		kind         gateway.ErrorKind
		signed       bool
	}{
		"closed": {
			reply{body: okay(`{"out_order_no":"202611250000000000000001",` +
				`"pay_order_no":"26112511012001101011025385338"}`)}, reply{}, "", false},
		"closed, nothing told": {reply{body: fail("000000")}, reply{}, "", false},
		"closed, another": {reply{body: okay(`{"out_order_no":"202611250000000000000002"}`)}, reply{},
			gateway.Indeterminate, false},
		"closed, unsigned": {reply{body: okay(`{}`), unsigned: true}, reply{}, gateway.Indeterminate, false},
		"refused, and paid": {reply{body: fail("CCSS1")}, reply{body: okay(counterPaid)}, gateway.AlreadyPaidUpstream,
			true},
		"refused, and closed": {reply{body: fail("CCSS1")}, reply{body: okay(order("7"))},
			gateway.AlreadyClosedUpstream, true},
		"refused, and open":   {reply{body: fail("CCSS1")}, reply{body: okay(order("0"))}, gateway.Indeterminate, true},
		"the success of labs": {reply{body: ok(`{}`)}, reply{body: okay(counterPaid)}, gateway.Indeterminate, false},
		"refused, unsigned": {reply{body: fail("CCSS1"), unsigned: true}, reply{body: okay(counterPaid)},
			gateway.Indeterminate, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{closeOrder: c.close, counter: c.query})
			err := newGateway().Close(t.Context(), s.account, trade(gateway.WalletCard, gateway.CardPresent))
			if c.kind != "" {
				wantKind(t, err, c.kind, c.signed)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			same(t, s.last(closeOrder), `{"out_order_no":"202611250000000000000001","merchant_no":"82229007392000A"}`)
		})
	}
}
