package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func (c smzfClient) byCode(code, yuan string) map[string]any {
	data := c.charge("", yuan)
	delete(data, "payWay")
	data["scene"], data["authCode"], data["terminalId"] = "1", code, "1"
	return data
}

func (c smzfClient) original(number string, more ...any) map[string]any {
	data := map[string]any{"oriReqMsgId": number, "merchantCode": c.c.MerchantCode}
	for i := 0; i < len(more); i += 2 {
		data[more[i].(string)] = more[i+1]
	}
	return data
}

// paidByCode charges a code and returns the payment's number.
func (c smzfClient) paidByCode(t *testing.T, s *Sandbox, yuan string) string {
	t.Helper()
	number := "A" + randomHex(8)
	c.must(t, "SMZF003", number, "", c.byCode(show(t, s, map[string]any{"wallet": "alipay"}), yuan), "S000000")
	return number
}

func TestRuiyinxinCodes(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	c := newSMZFClient(t, s)
	in := newInbox(t, func(w http.ResponseWriter, _ int) { fmt.Fprint(w, "000000") })
	for wallet, payWay := range map[string]string{"wechat": "WXZF", "alipay": "ZFBZF", "unionpay": ""} {
		number, data := "A"+randomHex(8), c.byCode(show(t, s, map[string]any{"wallet": wallet}), "10.00")
		data["payWay"] = payWay
		for range 2 { // a repeat is answered alike, and charges nothing
			if got := c.must(t, "SMZF003", number, in.URL, data, "S000000"); got.data["totalAmount"] != "10.00" ||
				got.data["payTime"] == "" {
				t.Errorf("%s: %v", wallet, got)
			}
		}
		in.wait(t, 1)
		for range 2 {
			c.must(t, "SMZF005", "C"+randomHex(8), "", c.original(number), "S000000")
		}
		c.mustState(t, number, "S000000 1") // it succeeded, and was given back
		c.must(t, "SMZF003", number, in.URL, data, "E200022")
	}
	lines := s.bank.ledger.all()
	if len(lines) != 6 || lines[5].GivenBackFen != 1000 || !lines[5].reversal() {
		t.Errorf("the ledger: %+v", lines)
	}
}

func TestRuiyinxinCodeAsksForThePassword(t *testing.T) {
	s := start(t, Config{})
	c := newSMZFClient(t, s)
	for then, want := range map[string]string{"confirm": "S000000 0", "cancel": "E200033 0", "": "R2068 0"} {
		number, data := "A"+randomHex(8), c.byCode(show(t, s, map[string]any{"wallet": "wechat", "ask_password": true}),
			"1.00")
		c.must(t, "SMZF003", number, "", data, "R2068")
		waiting := s.bank.waiting()
		if len(waiting) != 1 {
			t.Fatalf("waiting: %+v", waiting)
		}
		if then != "" {
			call(t, s, "POST", "/payments/"+waiting[0].ID+"/"+then, nil, nil)
		}
		c.mustState(t, number, want)
		c.must(t, "SMZF005", "C"+randomHex(8), "", c.original(number), "S000000")
		c.mustState(t, number, map[bool]string{true: "S000000 1", false: "E200022 1"}[then == "confirm"])
	}
	if err := s.faults.add(Script{Fault: UserPaying, Institution: "ruiyinxin"}); err != nil {
		t.Fatal(err)
	}
	c.must(t, "SMZF003", "A"+randomHex(8), "", c.byCode(show(t, s, map[string]any{"wallet": "alipay"}), "1.00"),
		"R2068")
}

func TestRuiyinxinCodeRefusals(t *testing.T) {
	s := start(t, Config{})
	c := newSMZFClient(t, s)
	spent := show(t, s, map[string]any{"wallet": "wechat"})
	c.must(t, "SMZF003", "Aused", "", c.byCode(spent, "1.00"), "S000000")
	with := func(change map[string]any) map[string]any {
		data := c.byCode(show(t, s, map[string]any{"wallet": "wechat"}), "1.00")
		maps.Copy(data, change)
		return data
	}
	for name, ask := range map[string]struct {
		number string
		data   map[string]any
		want   string
	}{
		"sound":                 {"A1", with(map[string]any{"scene": "2"}), "E200010"},
		"no code":               {"A2", with(map[string]any{"authCode": ""}), "E200010"},
		"a strange payWay":      {"A3", with(map[string]any{"payWay": "QQZF"}), "E200010"},
		"another wallet's code": {"A4", with(map[string]any{"payWay": "ZFBZF"}), "E200030"},
		"a used code":           {"A5", c.byCode(spent, "1.00"), "E200030"},
		"an old code": {"A6",
			c.byCode(show(t, s, map[string]any{"wallet": "alipay", "valid_seconds": 0}), "1.00"), "E200031"},
		"a poor wallet": {"A7",
			c.byCode(show(t, s, map[string]any{"wallet": "alipay", "balance_fen": 99}), "1.00"), "E200032"},
		"a used number, other amount": {"Aused", with(map[string]any{"totalAmount": "2.00"}), "E200023"},
	} {
		t.Run(name, func(t *testing.T) { c.must(t, "SMZF003", ask.number, "", ask.data, ask.want) })
	}
	c.mustState(t, "A7", "E200033 0")
	if err := s.faults.add(Script{Fault: MerchantBalanceLow, Operation: "reverse"}); err != nil {
		t.Fatal(err)
	}
	c.must(t, "SMZF005", "C1", "", c.original("Aused"), "E200041")
	c.must(t, "SMZF005", "C1", "", c.original("Anone"), "E200020")
	c.must(t, "SMZF005", "C1", "", map[string]any{"oriReqMsgId": "Aused"}, "E200010")
	c.mustState(t, "Aused", "S000000 0")
}

func TestRuiyinxinClose(t *testing.T) {
	s := start(t, Config{})
	c := newSMZFClient(t, s)
	number := "A" + randomHex(8)
	made := c.must(t, "SMZF002", number, "", c.charge("ZFBZF", "1.00"), "S000000")
	var p Payment
	call(t, s, "POST", "/scan", map[string]string{"content": fmt.Sprint(made.data["qrCode"]), "wallet": "alipay"}, &p)
	for range 2 {
		c.must(t, "SMZF005", "C"+randomHex(8), "", c.original(number), "S000000")
	}
	c.mustState(t, number, "E200022 1")
	c.must(t, "SMZF002", number, "", c.charge("ZFBZF", "1.00"), "E200022")
	if err := s.faults.add(Script{Fault: PaidAfterClose, Institution: "ruiyinxin"}); err != nil {
		t.Fatal(err)
	}
	if status := call(t, s, "POST", "/payments/"+p.ID+"/confirm", nil, nil); status != http.StatusOK {
		t.Errorf("paid after close: %d", status)
	}
	c.mustState(t, number, "S000000 0")
}

func TestRuiyinxinRefunds(t *testing.T) {
	s := start(t, Config{})
	c := newSMZFClient(t, s)
	number := c.paidByCode(t, s, "3.00")
	var id string
	for i := range 2 { // a repeat is the same refund
		got := c.must(t, "SMZF004", "R1", "", c.original(number, "refundAmount", "1.00"), "S000000")
		if got.data["refundAmount"] != "1.00" || i > 0 && got.id != id {
			t.Errorf("refund: %v", got)
		}
		id = got.id
	}
	if got := c.mustState(t, "R1", "S000000 0"); got["totalAmount"] != "1.00" || got["smzfMsgId"] != id {
		t.Errorf("query: %v", got)
	}
	c.mustState(t, number, "S000000 0")
	for name, ask := range map[string]struct {
		number string
		data   map[string]any
		want   string
	}{
		"no such payment":    {"R2", c.original("Anone", "refundAmount", "1.00"), "E200020"},
		"no merchant":        {"R2", map[string]any{"oriReqMsgId": number, "refundAmount": "1.00"}, "E200010"},
		"nothing":            {"R2", c.original(number, "refundAmount", "0.00"), "E200010"},
		"more than is left":  {"R2", c.original(number, "refundAmount", "2.01"), "E200040"},
		"other terms":        {"R1", c.original(number, "refundAmount", "1.01"), "E200023"},
		"a payment's number": {number, c.original(number, "refundAmount", "1.00"), "E200023"},
	} {
		t.Run(name, func(t *testing.T) { c.must(t, "SMZF004", ask.number, "", ask.data, ask.want) })
	}
	c.must(t, "SMZF005", "C1", "", c.original(number), "E200024") // not after a refund
	for fault, want := range map[Fault]string{MerchantBalanceLow: "E200041", RefundClosed: "E200042",
		RefundSlow: "R200002"} {
		if err := s.faults.add(Script{Fault: fault, OutTradeNo: number, Operation: "refund"}); err != nil {
			t.Fatal(err)
		}
		c.must(t, "SMZF004", "R"+strings.ReplaceAll(string(fault), "_", ""), "",
			c.original(number, "refundAmount", "0.50"), want)
	}
	c.mustState(t, "Rrefundclosed", "E200042 0")
	c.mustState(t, "Rrefundslow", "R200002 0")
	for _, r := range s.bank.allRefunds() {
		if r.State == refunding {
			call(t, s, "POST", "/refunds/"+r.ID+"/settle", nil, nil)
		}
	}
	c.mustState(t, "Rrefundslow", "S000000 0")
	if lines := s.bank.ledger.all(); len(lines) != 3 || lines[1].GivenBackFen != 100 || lines[2].GivenBackFen != 50 {
		t.Errorf("the ledger: %+v", lines)
	}
}

// A day's file: rows by wallet, and the cards under titles of their own.
func TestRuiyinxinStatement(t *testing.T) {
	day := time.Date(2026, 11, 20, 12, 0, 0, 0, shanghai)
	at := &clock{at: day}
	s := start(t, Config{Now: at.now})
	c := newSMZFClient(t, s)
	number := c.paidByCode(t, s, "3.00")
	c.must(t, "SMZF004", "R1", "", c.original(number, "refundAmount", "1.00"), "S000000")
	var shown ShownCard
	call(t, s, "POST", "/cards", map[string]string{"type": "credit", "issuer": "招商|银行"}, &shown)
	swiped := map[string]any{"institution": "ruiyinxin", "card": shown.Card,
		"fields": map[string]string{"action": "pay", "out_trade_no": "12345678901234567890123456", "amount": "500",
			"merchant_no": c.c.MerchantCode}}
	var result struct{ Fields map[string]string }
	if call(t, s, "POST", "/cards/present", swiped, &result); result.Fields["result"] != "success" ||
		result.Fields["masked_card"] != shown.Masked || result.Fields["card_type"] != "01" {
		t.Fatalf("the application hands back %v", result.Fields)
	}
	// nothing but the statement tells of cards
	c.must(t, "SMZF006", "Q1", "", map[string]any{"oriReqMsgId": "12345678901234567890123456"}, "E200020")
	ask := map[string]any{"settleDate": "20261120", "fileType": "1"}
	c.must(t, "SMZF020", "B1", "", ask, "E200050")
	at.move(24 * time.Hour)
	content := fmt.Sprint(c.must(t, "SMZF020", "B1", "", ask, "S000000").data["content"])
	sections := strings.Split(content, "########\n")
	if len(sections) != 2 || strings.Count(sections[0], "\n") != 2 || strings.Count(sections[1], "\n") != 2 {
		t.Fatalf("the file: %s", content)
	}
	first, second := strings.Split(strings.Split(sections[0], "\n")[0], "|"),
		strings.Split(strings.Split(sections[0], "\n")[1], "|")
	if len(first) != 19 || first[0] != c.c.Cooperator || first[1] != c.c.MerchantCode || first[3] != number ||
		first[4] != "3.00" || first[5] != "20261120" || first[12] != "ZFBZF" ||
		second[3] != "R1" || second[4] != "1.00" || second[9] != "SMZF004" || second[10] != number {
		t.Errorf("the rows: %v\n%v", first, second)
	}
	lines := strings.Split(sections[1], "\n")
	titles, values := strings.Split(lines[0], "|"), strings.Split(lines[1], "|")
	for title, want := range map[string]string{
		"商户号": c.c.MerchantCode, "交易类型": "消费", "参考号": result.Fields["reference_no"], "交易批次号": result.Fields["batch_no"],
		"凭证号": result.Fields["trace_no"],
		"卡号":  shown.Masked, "卡类别": "01", "发卡行名称": "招商银行", "交易金额": "5.00", "订单号": "12345678901234567890123456",
		"终端号": result.Fields["terminal_no"],
	} {
		if i := slices.Index(titles, title); i < 0 || values[i] != want {
			t.Errorf("%s: %v, want %s", title, values, want)
		}
	}
	c.must(t, "SMZF020", "B1", "", map[string]any{"settleDate": "2026-11-20", "fileType": "1"}, "E200010")
	got := c.must(t, "SMZF020", "B1", "", map[string]any{"settleDate": "20261119", "fileType": "1"}, "S000000")
	if empty := fmt.Sprint(got.data["content"]); empty != "########\n"+lines[0]+"\n" {
		t.Errorf("a day without trades: %q", empty)
	}
}

func TestRuiyinxinStatementFaults(t *testing.T) {
	day := time.Date(2026, 11, 20, 12, 0, 0, 0, shanghai)
	at := &clock{at: day}
	s := start(t, Config{Now: at.now})
	c := newSMZFClient(t, s)
	var shown ShownCard
	call(t, s, "POST", "/cards", nil, &shown)
	for n := range 2 {
		fields := map[string]string{"action": "pay", "out_trade_no": fmt.Sprintf("1234567890123456789012345%d", n),
			"amount": "500", "merchant_no": c.c.MerchantCode}
		call(t, s, "POST", "/cards/present", map[string]any{"institution": "ruiyinxin", "card": shown.Card,
			"fields": fields}, nil)
	}
	void := map[string]string{"action": "void", "out_trade_no": "12345678901234567890123450", "amount": "500",
		"merchant_no": c.c.MerchantCode}
	var result struct{ Fields map[string]string }
	if call(t, s, "POST", "/cards/present", map[string]any{"institution": "ruiyinxin", "fields": void},
		&result); result.Fields["result"] != "success" {
		t.Fatalf("the void: %v", result.Fields)
	}
	at.move(24 * time.Hour)
	rows := func() []string {
		content := fmt.Sprint(c.must(t, "SMZF020", "B1", "", map[string]any{"settleDate": "20261120", "fileType": "1"},
			"S000000").data["content"])
		return strings.Split(strings.TrimSpace(strings.Split(content, "########\n")[1]), "\n")[1:]
	}
	honest := rows()
	if len(honest) != 3 || !strings.Contains(honest[2], "|消费撤销|") {
		t.Fatalf("the rows: %q", honest)
	}
	for fault, check := range map[Fault]func([]string) bool{
		RowMissing: func(got []string) bool { return slices.Equal(got, honest[1:]) },
		RowExtra:   func(got []string) bool { return len(got) == 4 },
		RowDifferent: func(got []string) bool {
			return len(got) == 3 && strings.Contains(got[0], "|5.01|") && slices.Equal(got[1:], honest[1:])
		},
	} {
		if err := s.faults.add(Script{Institution: "ruiyinxin", Fault: fault}); err != nil {
			t.Fatal(err)
		}
		if got := rows(); !check(got) {
			t.Errorf("%s: %q", fault, got)
		}
	}
}
