package sandbox

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// counterOrder is req_data of special_create.
func counterOrder(number string, amount int, more map[string]any) map[string]any {
	v := map[string]any{
		"out_order_no": number, "total_amount": amount, "order_info": "物业费", "support_repeat_pay": 0,
		"trade_biz_tp":         "110A17",
		"order_efficient_time": time.Now().Add(time.Hour).In(time.FixedZone("", 8*3600)).Format("20060102150405"),
	}
	for k, value := range more {
		v[k] = value
	}
	return v
}

// cardOnly restricts an order to cards.
func cardOnly(more map[string]any) map[string]any {
	v := map[string]any{"counter_param": `{"pay_mode":"CARD"}`,
		"busi_type_param": `[{"busi_type":"UPCARD","params":{"crd_flg":"CRDFLG_D|CRDFLG_C|CRDFLG_OTH"}}]`}
	for k, value := range more {
		v[k] = value
	}
	return v
}

// trades are an order's, by trade_type.
func (l lklClient) trades(t *testing.T, number string) (order map[string]any, byType map[string]map[string]any) {
	t.Helper()
	order, byType = l.must(t, counterQuery, "000000", map[string]any{"out_order_no": number}),
		map[string]map[string]any{}
	for _, row := range order["order_trade_info_list"].([]any) {
		byType[row.(map[string]any)["trade_type"].(string)] = row.(map[string]any)
	}
	return order, byType
}

func TestLakalaCounterTakesAnyWallet(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	l, in := newLklClient(t, s), lklInbox(t, 1)
	for i, wallet := range []string{"wechat", "alipay", "unionpay"} {
		number := "C" + randomHex(8)
		made := l.must(t, counterCreate, "000000",
			counterOrder(number, 500,
				map[string]any{"notify_url": in.URL, "busi_type_param": `[{"busi_type":"SCPAY"}]`}))
		wants(t, made, map[string]string{"out_order_no": number, "total_amount": "500"})
		order, trades := l.trades(t, number)
		wants(t, order, map[string]string{"order_status": "0", "pay_order_no": fmt.Sprint(made["pay_order_no"])})
		if len(trades) != 0 {
			t.Errorf("an open order has trades: %v", trades)
		}
		pay(t, s, made["counter_url"].(string), wallet)
		in.wait(t, 1)
		told := l.notice(t, in, 2*i) // the refund of the one before was told in between
		wants(t, told, map[string]string{"order_status": "2", "out_order_no": number})
		about := told["order_trade_info"].(map[string]any)
		wants(t, about, map[string]string{"trade_type": "PAY", "trade_status": "S", "trade_amount": "500",
			"busi_type": "SCPAY"})
		order, trades = l.trades(t, number)
		wants(t, order, map[string]string{"order_status": "2"})
		wants(t, trades["PAY"], map[string]string{"log_No": fmt.Sprint(about["log_no"]),
			"trade_no": fmt.Sprint(about["trade_no"])})
		if _, twice := trades["PAY"]["log_no"]; twice {
			t.Error("the query has log_no beside log_No")
		}
		l.must(t, counterClose, lakalaPaid, map[string]any{"out_order_no": number})
		back := origin("", map[string]any{"origin_trade_no": about["trade_no"], "out_trade_no": "R" + number,
			"refund_amount": "200"})
		l.must(t, scanRefund, lakalaParam, back) // what was ordered at the counter is named by two numbers
		back["origin_log_no"] = about["log_no"]
		l.must(t, scanRefund, "BBS00000", back)
		order, trades = l.trades(t, number)
		wants(t, order, map[string]string{"order_status": "6"})
		wants(t, trades["REFUND"], map[string]string{"trade_amount": "200", "trade_status": "S",
			"origin_trade_no": fmt.Sprint(about["trade_no"])})
		in.wait(t, 1)
	}
}

func TestLakalaCounterRefusesAndCloses(t *testing.T) {
	s := start(t, Config{})
	l, number := newLklClient(t, s), "C"+randomHex(8)
	l.must(t, counterQuery, "BBS11114", map[string]any{"out_order_no": number})
	for field, bad := range map[string]any{
		"order_efficient_time": "20200101000000", "total_amount": 0, "counter_param": "{",
		"busi_type_param": `[{"busi_type":"BARTER"}]`, "trade_biz_tp": "17", "order_info": strings.Repeat("费", 65),
	} {
		l.must(t, counterCreate, lakalaParam,
			counterOrder(number, 5, map[string]any{"counter_param": `{"pay_mode":"WECHAT"}`, field: bad}))
	}
	made := l.must(t, counterCreate, "000000",
		counterOrder(number, 5, map[string]any{"counter_param": `{"pay_mode":"WECHAT"}`}))
	if status := call(t, s, "POST", "/scan", map[string]any{"content": made["counter_url"], "wallet": "alipay"},
		nil); status != 400 {
		t.Errorf("an order for WeChat was scanned with Alipay: %d", status)
	}
	resp, err := http.Get(made["counter_url"].(string)) // a browser is shown the wallet
	if err != nil || resp.StatusCode != 200 || !strings.HasPrefix(resp.Request.URL.String(), s.url("control")+"/pay/") {
		t.Errorf("counter_url: %v %v", resp, err)
	}
	resp.Body.Close()
	for range 2 {
		wants(t, l.must(t, counterClose, "000000", map[string]any{"pay_order_no": made["pay_order_no"]}),
			map[string]string{"order_status": "7", "out_order_no": number})
	}
	order, _ := l.trades(t, number)
	wants(t, order, map[string]string{"order_status": "7"})
}

// swipeCard issues a card and presents it.
func swipeCard(t *testing.T, s *Sandbox, card map[string]any, fields map[string]string, declined bool) (ShownCard,
	map[string]string) {
	t.Helper()
	var shown ShownCard
	if status := call(t, s, "POST", "/cards", card, &shown); status != 200 {
		t.Fatalf("cards: %d", status)
	}
	return shown,
		present(t, s, map[string]any{"institution": "lakala", "fields": fields, "card": shown.Card,
			"declined": declined})
}

func present(t *testing.T, s *Sandbox, in map[string]any) map[string]string {
	t.Helper()
	var out struct {
		Fields map[string]string `json:"fields"`
	}
	if status := call(t, s, "POST", "/cards/present", in, &out); status != 200 {
		t.Fatalf("present: %d", status)
	}
	return out.Fields
}

// extras are what a terminal hands to the application.
func extras(number, amount, process string) map[string]string {
	return map[string]string{"msg_tp": "0200", "pay_tp": "0", "proc_tp": "00", "proc_cd": process, "amt": amount,
		"order_no": number, "appid": "com.linlipay.pos", "time_stamp": "20261125100000"}
}

var slipForm = map[string]*regexp.Regexp{
	"refernumber": regexp.MustCompile(`^[0-9]{12}$`), "batchbillno": regexp.MustCompile(`^[0-9]{12}$`),
	"systraceno": regexp.MustCompile(`^[0-9]{6}$`), "cardtype": regexp.MustCompile(`^0[0-3]$`),
}

func TestLakalaTakesACard(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	l, in, number := newLklClient(t, s), lklInbox(t, 1), "C"+randomHex(8)
	l.must(t, counterCreate, "000000", counterOrder(number, 12345, cardOnly(map[string]any{"notify_url": in.URL})))
	if wrong := present(t, s,
		map[string]any{"institution": "lakala", "fields": extras(number, "123.46", "000000")}); wrong["reason"] == "" {
		t.Errorf("another amount was charged: %v", wrong)
	}
	if _, back := swipeCard(t, s, map[string]any{"type": "debit", "issuer": "招商银行"}, extras(number, "123.45", "000000"),
		true); back["reason"] == "" || back["refernumber"] != "" {
		t.Errorf("a declined card: %v", back)
	}
	if _, back := swipeCard(t, s, map[string]any{"balance_fen": 12344}, extras(number, "123.45", "000000"),
		false); back["reason"] == "" {
		t.Errorf("an empty card: %v", back)
	}
	card, back := swipeCard(t, s, map[string]any{"type": "credit", "issuer": "中国银行", "balance_fen": 12345},
		extras(number, "123.45", "000000"), false)
	for field, form := range slipForm {
		if !form.MatchString(back[field]) {
			t.Errorf("%s is %q", field, back[field])
		}
	}
	var detail map[string]string
	if json.Unmarshal([]byte(back["txndetail"]), &detail) != nil || detail["priaccount"] != card.Masked ||
		len(detail["authcode"]) != 6 || back["msg_tp"] != "0210" || back["cardtype"] != "01" ||
		back["amt"] != "123.45" {
		t.Errorf("handed back: %v", back)
	}
	in.wait(t, 1)
	about := l.notice(t, in, 0)["order_trade_info"].(map[string]any)
	wants(t, about, map[string]string{"trade_type": "PAY", "busi_type": "UPCARD", "trade_ref_no": back["refernumber"],
		"client_batch_no": back["batchbillno"][:6],
		"client_seq_no":   back["batchbillno"][6:], "payer_account_no": card.Masked, "acc_type": "01",
		"payer_account_bank": "中国银行", "trade_amount": "12345"})
	if _, back := swipeCard(t, s, nil, extras(number, "123.45", "000000"), false); back["reason"] == "" {
		t.Errorf("a paid order was charged again: %v", back)
	}
	l.must(t, scanRefund, lakalaNoRefund, origin("", map[string]any{"origin_trade_no": about["trade_no"],
		"origin_log_no": about["log_no"], "out_trade_no": "R1", "refund_amount": "1"}))
	ask := map[string]any{"out_trade_no": "R2", "refund_amount": "45", "origin_biz_type": "1",
		"origin_trade_date":   about["trade_time"].(string)[:8],
		"origin_trade_ref_no": back["refernumber"], "origin_log_no": about["log_no"],
		"origin_card_no": card.Masked[:4] + "****" + card.Masked[len(card.Masked)-4:]}
	wants(t, l.must(t, anyRefund, "000000", ask), map[string]string{"refund_amount": "45", "out_trade_no": "R2"})
	ask["out_trade_no"], ask["origin_card_no"] = "R3", "6200****0000x"
	l.must(t, anyRefund, cardMissing, ask)
	list := l.must(t, anyRefunds, "000000", map[string]any{"out_trade_no": "Q", "origin_out_trade_no": "R2",
		"origin_biz_type": "1", "origin_trade_date": ask["origin_trade_date"],
		"origin_trade_ref_no": back["refernumber"]})["refund_list"].([]any)
	wants(t, list[0].(map[string]any), map[string]string{"out_trade_no": "R2", "trade_state": "SUCCESS",
		"crd_no": card.Masked, "pay_mode": "01"})
	if back := present(t, s,
		map[string]any{"institution": "lakala", "fields": extras(number, "", "200000")}); back["reason"] == "" {
		t.Errorf("a payment with a refund was voided: %v", back)
	}
}

func TestLakalaVoidsWithinTheBatch(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	l, in := newLklClient(t, s), lklInbox(t, 1)
	charge := func() (number string, back map[string]string) {
		number = "C" + randomHex(8)
		l.must(t, counterCreate, "000000", counterOrder(number, 100, cardOnly(map[string]any{"notify_url": in.URL})))
		_, back = swipeCard(t, s, nil, extras(number, "1.00", "000000"), false)
		in.wait(t, 1)
		return number, back
	}
	number, paid := charge()
	fields := extras(number, "1.00", "200000")
	fields["batchbillno"] = paid["batchbillno"]
	for range 2 { // a repeat undoes nothing again
		if back := present(t, s, map[string]any{"institution": "lakala", "fields": fields}); back["reason"] != "" ||
			back["sysoldtraceno"] != paid["systraceno"] || back["batchbillno"] == paid["batchbillno"] {
			t.Fatalf("void: %v", back)
		}
	}
	in.wait(t, 1)
	wants(t, l.notice(t, in, 1)["order_trade_info"].(map[string]any),
		map[string]string{"trade_type": "CANCEL", "trade_status": "S", "trade_amount": "100"})
	order, trades := l.trades(t, number)
	wants(t, order, map[string]string{"order_status": "5"})
	wants(t, trades["CANCEL"], map[string]string{"origin_trade_no": fmt.Sprint(trades["PAY"]["trade_no"])})
	number, paid = charge()
	if status := call(t, s, "POST", "/batches/settle", map[string]string{"institution": "lakala"}, nil); status != 200 {
		t.Fatalf("settle: %d", status)
	}
	if back := present(t, s,
		map[string]any{"institution": "lakala", "fields": extras(number, "", "200000")}); back["reason"] == "" {
		t.Errorf("a settled payment was voided: %v", back)
	}
	if _, next := charge(); next["batchbillno"] <= paid["batchbillno"] || next["systraceno"] != "000001" {
		t.Errorf("after the settlement %v follows %v", next["batchbillno"], paid["batchbillno"])
	}
}

func TestLakalaApplicationCrashes(t *testing.T) {
	s := start(t, Config{})
	l := newLklClient(t, s)
	for fault, status := range map[Fault]string{Lost: "2", TimeoutAfterSuccess: "2", TimeoutBeforeEffect: "0"} {
		number := "C" + randomHex(8)
		l.must(t, counterCreate, "000000", counterOrder(number, 100, cardOnly(nil)))
		if err := s.faults.add(Script{Fault: fault, OutTradeNo: number, Operation: "card"}); err != nil {
			t.Fatal(err)
		}
		if _, back := swipeCard(t, s, nil, extras(number, "1.00", "000000"), false); len(back) != 0 {
			t.Errorf("%s: %v was handed back", fault, back)
		}
		order, _ := l.trades(t, number)
		wants(t, order, map[string]string{"order_status": status})
	}
}

// After a restart the institution still knows what it took: by every number, and the batch goes on.
func TestLakalaRemembers(t *testing.T) {
	dir := t.TempDir()
	first, err := New(Config{Dir: dir, Keys: &keys})
	if err != nil {
		t.Fatal(err)
	}
	m := first.keys.place("lakala", 0)
	handle := first.bank.addCard(card{Masked: "622202******1234", Type: "00"}).Handle
	made, _ := first.bank.make(trade{Institution: "lakala", Wallets: []Wallet{BankCard}, Merchant: m, OutTradeNo: "C1",
		OrderNo: "26112510123", Amount: 100, Kind: "counter", Exists: true})
	was, err := first.bank.charge(made.ID, handle, m.Terminal, false)
	if err != nil || first.Close() != nil {
		t.Fatal(err)
	}
	s := start(t, Config{Dir: dir})
	l := newLklClient(t, s)
	wants(t, l.must(t, counterQuery, "000000", map[string]any{"pay_order_no": "26112510123"}),
		map[string]string{"order_status": "2", "out_order_no": "C1"})
	_, trades := l.trades(t, "C1")
	wants(t, trades["PAY"], map[string]string{"trade_no": was.TransactionID, "trade_ref_no": was.Card.ReferenceNo,
		"payer_account_no": "622202******1234"})
	if back := present(t, s,
		map[string]any{"institution": "lakala",
			"fields": extras("C1", "", "200000")}); back["sysoldtraceno"] != "000001" ||
		back["systraceno"] != "000002" {
		t.Errorf("the void after a restart: %v", back)
	}
}

func TestLakalaStatement(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	l := newLklClient(t, s)
	made := l.paidScan(t, s, "T1", "1000", "")
	l.must(t, scanRefund, "BBS00000", origin("T1", map[string]any{"out_trade_no": "R1", "refund_amount": "400"}))
	l.must(t, counterCreate, "000000", counterOrder("C1", 100, cardOnly(nil)))
	_, slip := swipeCard(t, s, nil, extras("C1", "1.00", "000000"), false)
	rows := l.statement(t, s)
	if len(rows) != 3 {
		t.Fatalf("the statement has %v", rows)
	}
	for i, want := range []map[string]string{
		{"交易类型": "消费", "支付方式": "ALIPAY", "对账单流水号": made["log_no"].(string), "商户订单号": "T1", "交易金额": "10.00"},
		{"交易类型": "退货", "原拉卡拉交易流水号": made["trade_no"].(string), "商户退款流水号": "R1", "交易金额": "-4.00"},
		{"交易类型": "消费", "支付方式": "CARD", "参考号": slip["refernumber"], "批次号": slip["batchbillno"][:6],
			"凭证号": slip["systraceno"], "交易金额": "1.00"},
	} {
		for column, value := range want {
			if rows[i][column] != value {
				t.Errorf("row %d: %s is %q, want %q", i, column, rows[i][column], value)
			}
		}
	}
	for fault, want := range map[Fault]int{RowMissing: 2, RowExtra: 4, RowDifferent: 3} {
		if err := s.faults.add(Script{Fault: fault, OutTradeNo: "C1"}); err != nil {
			t.Fatal(err)
		}
		spoilt := l.statement(t, s)
		if len(spoilt) != want || fault == RowDifferent && spoilt[2]["交易金额"] != "1.01" {
			t.Errorf("%s: %v", fault, spoilt)
		}
	}
}

// statement reads by their columns the rows of today, and of yesterday: midnight may have passed since they were made.
func (l lklClient) statement(t *testing.T, s *Sandbox) (rows []map[string]string) {
	t.Helper()
	now := time.Now().In(time.FixedZone("", 8*3600))
	return append(l.statementOf(t, s, now.AddDate(0, 0, -1).Format("2006-01-02")),
		l.statementOf(t, s, now.Format("2006-01-02"))...)
}

func (l lklClient) statementOf(t *testing.T, s *Sandbox, day string) (rows []map[string]string) {
	t.Helper()
	resp, err := http.Get(s.url("control") + "/statements/lakala/" + l.c.MerchantNo + "/" + day)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("statement: %v %v", resp, err)
	}
	defer resp.Body.Close()
	all, err := csv.NewReader(resp.Body).ReadAll()
	if err != nil && err != io.EOF {
		t.Fatal(err)
	}
	for _, line := range all[1:] {
		row := map[string]string{}
		for i, column := range all[0] {
			row[column] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}
