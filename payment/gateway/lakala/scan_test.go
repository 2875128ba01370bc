package lakala_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
)

const scanPaid = `{"merchant_no":"82229007392000A","out_trade_no":"202611250000000000000001",` +
	`"trade_no":"2026112566210002570007","log_no":"66210002570007",` +
	`"trade_main_type":"PREORDER","acc_trade_no":"4200002","account_type":"WECHAT","trade_state":"SUCCESS",` +
	`"trade_state_desc":"","total_amount":"12345",` +
	`"payer_amount":"12000","trade_time":"20261125155958","user_id1":"oABC","user_id2":"oLKL"}`

// scanWords are the institution's words for a scanned trade. A reader adds a line: what it says of the money, with
// the time of a payment and without, and of a trade that we know was paid.
var scanWords = map[string]struct {
	state    gateway.TradeState
	returned gateway.Returned
	unpaid   gateway.TradeState // where nothing says that it was ever paid
	booked   gateway.Returned   // where we have booked it
}{
	"INIT":        {gateway.TradeUnpaid, "", gateway.TradeUnpaid, ""},
	"CREATE":      {gateway.TradeUnpaid, "", gateway.TradeUnpaid, ""},
	"DEAL":        {gateway.TradeUnpaid, "", gateway.TradeUnpaid, ""},
	"UNKNOWN":     {gateway.TradeUnpaid, "", gateway.TradeUnpaid, ""},
	"SUCCESS":     {gateway.TradePaid, "", gateway.TradePaid, ""},
	"PART_REFUND": {gateway.TradePaid, gateway.ReturnedSome, gateway.TradePaid, gateway.ReturnedSome},
	"REFUND":      {gateway.TradePaid, gateway.ReturnedAll, gateway.TradeClosed, gateway.ReturnedAll},
	"CLOSE":       {gateway.TradeClosed, "", gateway.TradeClosed, gateway.ReturnedAll},
	"REVOKED":     {gateway.TradeClosed, "", gateway.TradeClosed, gateway.ReturnedAll},
	"FAIL":        {gateway.TradeFailed, "", gateway.TradeFailed, ""},
}

func TestScanStates(t *testing.T) {
	for word, w := range scanWords {
		s := script(t, map[string]reply{tradequery: {body: ok(strings.Replace(scanPaid, "SUCCESS", word, 1))}})
		asked := trade(gateway.WalletWeChat, gateway.JSAPI)
		r, err := newGateway().Query(t.Context(), s.account, asked)
		want := gateway.Report{
			OutTradeNo: number, State: w.state, TransactionID: "2026112566210002570007", Amount: 12345,
			Currency: "CNY", Merchant: merchant, App: appid, PayerID: "oABC",
			Wallet: gateway.WalletWeChat, StatementNo: "66210002570007", Raw: word, Returned: w.returned,
		}
		if w.state == gateway.TradePaid {
			want.PaidAt = time.Date(2026, 11, 25, 7, 59, 58, 0, time.UTC)
		}
		if err != nil || r != want {
			t.Errorf("%s: got %+v, %v", word, r, err)
		}
		asked.PaidAt, asked.TransactionID = now(), "2026112566210002570007"
		if r, err := newGateway().Query(t.Context(), s.account, asked); err != nil || r.Returned != w.booked ||
			w.booked != "" && r.State != gateway.TradePaid {
			t.Errorf("%s of what we booked: got %+v, %v", word, r, err)
		}
		never := strings.Replace(strings.Replace(scanPaid, `"payer_amount":"12000","trade_time":"20261125155958"`,
			`"payer_amount":"0","trade_time":""`, 1), "SUCCESS", word, 1)
		s = script(t, map[string]reply{tradequery: {body: ok(never)}})
		for method, state := range map[gateway.Method]gateway.TradeState{gateway.CodePresented: w.unpaid,
			gateway.JSAPI: w.state} { // a code's charge may have been revoked unpaid
			r, err := newGateway().Query(t.Context(), s.account, trade(gateway.WalletWeChat, method))
			if err != nil || r.State != state {
				t.Errorf("%s by %s without its time: got %+v, %v; want %s", word, method, r, err, state)
			}
		}
	}
	s := script(t, map[string]reply{tradequery: {body: ok(scanPaid)}})
	if _, err := newGateway().Query(t.Context(), s.account, trade(gateway.WalletWeChat, gateway.JSAPI)); err != nil {
		t.Fatal(err)
	}
	same(t, s.last(tradequery),
		`{"merchant_no":"82229007392000A","term_no":"D9296400","out_trade_no":"202611250000000000000001"}`)
}

// Of a part that went back labs does not tell the amount; lams lists the refunds.
func TestHowMuchOfAScanWentBack(t *testing.T) {
	list := func(refunds ...string) reply {
		return reply{body: okay(`{"refund_list":[` + strings.Join(refunds, ",") + `]}`)}
	}
	of := func(amount, state string) string {
		return `{"out_trade_no":"R","log_no":"1","trade_state":"` + state + `","refund_amount":"` + amount + `"}`
	}
	for name, c := range map[string]struct {
		list reply
		want money.Fen
		log  string // why it is not told
	}{
		"one": {list(of("345", "SUCCESS")), 345, ""},
		"two, and one under way": {list(of("345", "SUCCESS"), of("1000", "SUCCESS"), of("7", "DEAL"),
			of("8", "FAIL")), 1345, ""},
		"none":                {list(), 0, "no refund that is done"},
		"none that is done":   {list(of("7", "DEAL")), 0, "no refund that is done"},
		"more than was paid":  {list(of("12345", "SUCCESS"), of("1", "SUCCESS")), 0, "more than the 12345 fen"},
		"not to be read":      {list(of("3.45", "SUCCESS")), 0, "refund_amount"},
		"of an unknown state": {list(of("345", "SUCCESS"), of("7", "BACK")), 0, "unknown state"},
		"without its amount":  {list(of("345", "SUCCESS"), of("", "SUCCESS")), 0, "without its amount"},
		"of another kind":     {reply{body: okay(`{"refund_list":"345"}`)}, 0, "refund_list"},
		"refused":             {reply{body: fail("710050")}, 0, "710050"},
		"nothing that is believed": {reply{body: okay(`{"refund_list":[` + of("345", "SUCCESS") + `]}`),
			unsigned: true}, 0, "signed for appid"},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{tradequery: {body: ok(strings.Replace(scanPaid, "SUCCESS", "PART_REFUND",
				1))}, refundQuery: c.list})
			var log strings.Builder
			g := newGateway()
			g.Log = slog.New(slog.NewTextHandler(&log, nil))
			r, err := g.Query(t.Context(), s.account, trade(gateway.WalletWeChat, gateway.JSAPI))
			if err != nil || r.State != gateway.TradePaid || r.Returned != gateway.ReturnedSome ||
				r.ReturnedAmount != c.want {
				t.Errorf("got %+v, %v", r, err)
			}
			if told := log.String(); (told == "") != (c.log == "") || !strings.Contains(told, c.log) {
				t.Errorf("logged %q, want %q", told, c.log)
			}
			same(t, s.last(refundQuery),
				`{"merchant_no":"82229007392000A","term_no":"D9296400","out_trade_no":"202611250000000000000001",
				"origin_biz_type":"3",
				"origin_trade_date":"20261125","origin_trade_no":"2026112566210002570007"}`)
		})
	}
}

// The list is asked for by the payment's day: where that is not told, the log says so.
func TestAScanWithoutItsTimeHasNoList(t *testing.T) {
	part := strings.Replace(scanPaid, "SUCCESS", "PART_REFUND", 1)
	s := script(t, map[string]reply{tradequery: {body: ok(strings.Replace(part, `"trade_time"`, `"other_time"`, 1))}})
	var log strings.Builder
	g := newGateway()
	g.Log = slog.New(slog.NewTextHandler(&log, nil))
	r, err := g.Query(t.Context(), s.account, trade(gateway.WalletWeChat, gateway.JSAPI))
	if err != nil || r.Returned != gateway.ReturnedSome || r.ReturnedAmount != 0 ||
		!strings.Contains(log.String(), "no time") {
		t.Errorf("got %+v, %v, logged %q", r, err, log.String())
	}
}

func TestAnswersToAQueryThatMustNotBeBelieved(t *testing.T) {
	change := func(old, with string) reply { return reply{body: ok(strings.Replace(scanPaid, old, with, 1))} }
	for name, r := range map[string]reply{
		"a state of no meaning":  change(`"SUCCESS"`, `"PAID"`),
		"no state":               change(`"SUCCESS"`, `""`),
		"another case":           change(`"trade_state"`, `"Trade_State"`),
		"of another number":      change(`01"`, `02"`),
		"of another merchant":    change("82229007392000A", "82229007392000B"),
		"of a refund":            change("PREORDER", "REFUND"),
		"without number":         change("2026112566210002570007", ""),
		"without amount":         change(`"12345"`, `""`),
		"with half a fen":        change(`"12345"`, `"12345.5"`),
		"with a negative amount": change(`"12345"`, `"-12345"`),
		"with an exponent":       change(`"12345"`, `12345e0`),
		"nothing":                {body: ok("null")},
		"an empty object":        {body: ok("{}")},
		"unsigned":               {body: ok(scanPaid), unsigned: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{tradequery: r})
			_, err := newGateway().Query(t.Context(), s.account, trade(gateway.WalletWeChat, gateway.JSAPI))
			wantKind(t, err, gateway.Indeterminate, false)
		})
	}
}

func TestCloseOfAScan(t *testing.T) {
	const closed = `{"origin_trade_no":"2026112566210002570007","origin_out_trade_no":"202611250000000000000001",` +
		`"trade_time":"20261125160000"}`
	state := func(s string) reply { return reply{body: ok(strings.Replace(scanPaid, "SUCCESS", s, 1))} }
	for name, c := range map[string]struct {
		close, query reply
		kind         gateway.ErrorKind
		signed       bool
	}{
		"closed":           {reply{body: ok(closed)}, reply{}, "", false},
		"closed, unsigned": {reply{body: ok(closed), unsigned: true}, reply{}, gateway.Indeterminate, false},
		"closed, another": {reply{body: ok(strings.Replace(closed, `01"`, `02"`, 1))}, reply{},
			gateway.Indeterminate, false},
		"refused, and paid": {reply{body: fail("BBS99999")}, state("SUCCESS"), gateway.AlreadyPaidUpstream,
			true},
		"refused, and closed": {reply{body: fail("BBS99999")}, state("CLOSE"), gateway.AlreadyClosedUpstream,
			true},
		"refused, and open": {reply{body: fail("BBS99999")}, state("CREATE"), gateway.Indeterminate, true},
		"refused, and unknown": {reply{body: fail("BBS99999")}, reply{body: fail("BBS11114")}, gateway.NotFound,
			true},
		"refused, unsigned": {reply{body: fail("BBS99999"), unsigned: true}, state("SUCCESS"),
			gateway.Indeterminate, false},
		"refused, and no word of it": {reply{body: fail("BBS99999")}, reply{status: -1}, gateway.Indeterminate, true},
		"refused, and an unsigned one": {reply{body: fail("BBS99999")}, reply{body: ok(scanPaid), unsigned: true},
			gateway.Indeterminate, true},
		"busy": {reply{body: fail("BBS10000")}, reply{}, gateway.TryLater, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{closeScan: c.close, tradequery: c.query})
			s.account.Settings["code_kinds"] = "BBS11114=absent"
			err := newGateway().Close(t.Context(), s.account, trade(gateway.WalletWeChat, gateway.JSAPI))
			if c.kind != "" {
				wantKind(t, err, c.kind, c.signed)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			same(t, s.last(closeScan),
				`{"merchant_no":"82229007392000A","term_no":"D9296400","origin_out_trade_no":"202611250000000000000001",
				"location_info":{"request_ip":"127.0.0.1"}}`)
		})
	}
}

// Only its wallet is known of an aggregate QR that was paid, where the answer that named the counter order was lost:
// labs is asked, then the counter.
func TestAPaidQRWhoseOrderNumberWasLost(t *testing.T) {
	s := script(t, map[string]reply{tradequery: {body: fail("BBS88888")}, counter: {body: okay(counterPaid)}})
	r, err := newGateway().Query(t.Context(), s.account, trade(gateway.WalletAlipay, gateway.Native))
	if err != nil || r.State != gateway.TradePaid || r.Wallet != gateway.WalletAlipay ||
		s.paths() != tradequery+" "+counter {
		t.Fatalf("got %+v, %v after %s", r, err, s.paths())
	}
	s = script(t, map[string]reply{tradequery: {body: fail("BBS88888")}})
	_, err = newGateway().Query(t.Context(), s.account, trade(gateway.WalletAlipay, gateway.Native))
	wantKind(t, err, gateway.Indeterminate, true)
	s = script(t, map[string]reply{tradequery: {body: fail("BBS88888")}, counter: {body: okay(counterPaid)}})
	// no counter order has a payment code
	_, err = newGateway().Query(t.Context(), s.account, trade(gateway.WalletAlipay, gateway.CodePresented))
	wantKind(t, err, gateway.Indeterminate, true)
	s = script(t, map[string]reply{tradequery: {body: ok(scanPaid), unsigned: true},
		counter: {body: okay(counterPaid)}})
	_, err = newGateway().Query(t.Context(), s.account, trade(gateway.WalletAlipay, gateway.Native))
	wantKind(t, err, gateway.Indeterminate, false)
}

func TestEveryPublicCode(t *testing.T) {
	for kind, list := range map[gateway.ErrorKind]string{
		gateway.TryLater: "BBS10000 BBS00001 BBS00100 BBS00101 000100 000101 BBS11105 BBS11112 BPS10034 710032 " +
			"710034 710038 710039 710046 710048",
		gateway.Declined: "BBS11000 BBS11106 BBS11200 GW0004 710033 710035 710036 710037 710047 710049 710050 710051 " +
			"710052 710053",
		gateway.Indeterminate: "999999 BBS11114 NEW",
	} {
		for code := range strings.FieldsSeq(list) {
			for _, unsigned := range []bool{false, true} {
				s := script(t, map[string]reply{tradequery: {body: fail(code), unsigned: unsigned}})
				_, err := newGateway().Query(t.Context(), s.account, trade(gateway.WalletWeChat, gateway.JSAPI))
				wantKind(t, err, kind, !unsigned)
				if !strings.Contains(err.Error(), code+" 文字") {
					t.Errorf("%s: %v", code, err)
				}
			}
		}
	}
	s := script(t, map[string]reply{tradequery: {body: fail("BBS00001")}})
	s.account.Settings["code_kinds"] = "BBS12345=absent, BBS00001=refused/balance_low"
	_, err := newGateway().Query(t.Context(), s.account, trade(gateway.WalletWeChat, gateway.JSAPI))
	wantKind(t, err, gateway.Declined, true)
}
