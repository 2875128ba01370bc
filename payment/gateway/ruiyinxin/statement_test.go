package ruiyinxin_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"linlipay/calendar"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

const titles = "商户号|终端号|交易时间|交易类型|交易批次号|凭证号|参考号|卡号|卡类别|发卡行名称|交易金额|交易单号|订单号"

var day = calendar.Date(2026, 11, 25)

// statementOf is an answer that holds a statement.
func statementOf(content string) reply {
	raw, err := json.Marshal(content)
	if err != nil {
		panic(err)
	}
	return reply{text: said("S", "000000", `{"settleDate":"20261125","content":`+string(raw)+`}`)}
}

func TestAStatementListsCards(t *testing.T) {
	content := "R_SMZF_TEST|M00000000000001|1|2|3.00|a scanned payment's columns, which are others\n########\n\ufeff" +
		titles + "\r\n" +
		"M00000000000001|T1|2026-11-25 " +
		"10:00:00|消费|000001|000007|123456789012|622202******1234|借记卡|工商银行|123.45|2026112542000000000007|" + number +
		"\r\n" +
		"M00000000000001|T1|20261125110000|消费撤销|000001|000008|123456789013|622202******1234|01|工商银行|-123.45||\r\n" +
		"M00000000000001|T1|2026/11/25 12:00:00|退货|000001|000009|123456789014|622202******1234|借记卡|工商银行|1.00||\r\n" +
		"M2|T9|2026-11-25 12:00:00|消费|000001|000009|123456789014|622202******1234|借记卡|工商银行|1.00||\r\n" +
		"M00000000000001|T1|2026-11-25 12:30:00|微信支付|||||||9.00|4200001|\r\n\r\n"
	s := script(t, map[string]reply{"SMZF020": statementOf(content)})
	reports, err := newGateway().CardTrades(t.Context(), s.account, day.Add(13*time.Hour))
	if err != nil || len(reports) != 2 {
		t.Fatalf("got %+v, %v", reports, err)
	}
	kept := card.Card{
		ReferenceNo: "123456789012", BatchNo: "000001", TraceNo: "000007", Masked: "622202******1234",
		Type: card.DebitCard, Issuer: "工商银行",
		Merchant: "M00000000000001", Terminal: "T1",
	}
	paid := gateway.Report{
		OutTradeNo: number, State: gateway.TradePaid, TransactionID: "2026112542000000000007", Amount: 12345,
		Currency: "CNY", Merchant: "M00000000000001",
		PaidAt: time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC), Wallet: gateway.WalletCard, Method: gateway.CardPresent,
		Card: kept, Raw: "消费",
	}
	void := paid
	void.OutTradeNo, void.State, void.TransactionID, void.PaidAt, void.Raw = "", gateway.TradeClosed,
		"20261125123456789013", paid.PaidAt.Add(time.Hour), "消费撤销"
	void.Card.ReferenceNo, void.Card.TraceNo, void.Card.Type = "123456789013", "000008", card.CreditCard
	if reports[0] != paid || reports[1] != void {
		t.Errorf("got  %+v\n     %+v\nwant %+v\n     %+v", reports[0], reports[1], paid, void)
	}
	if q := s.sent(t, "SMZF020"); q.fields["settleDate"] != "20261125" || q.fields["fileType"] != "1" {
		t.Errorf("asked for %v", q.fields)
	}
}

func TestAnswersToAStatement(t *testing.T) {
	line := "\nM00000000000001|T1|2026-11-25 10:00:00|消费|000001|000007|123456789012|622202******1234|借记卡|" +
		"工商银行|123.45|1|" + number
	change := func(old, with string) reply { return statementOf(titles + strings.Replace(line, old, with, 1)) }
	for name, c := range map[string]struct {
		reply
		lines int
		kind  gateway.ErrorKind
	}{
		"one":      {statementOf(titles + line), 1, ""},
		"none":     {statementOf(titles), 0, ""},
		"no text":  {statementOf(""), 0, ""},
		"no field": {reply{text: said("S", "000000", `{}`)}, 0, ""},
		"columns in another order": {statementOf("交易金额|交易类型|交易时间|卡号|参考号\n1.00|消费|20261125100000|622202******1234|123" +
			"456789012"), 1, ""},
		"columns that are missing": {statementOf("交易金额|交易类型|交易时间|卡号\n1.00|消费|20261125100000|622202******1234"), 0,
			gateway.Indeterminate},
		"no titles":               {statementOf(strings.TrimSpace(line)), 0, gateway.Indeterminate},
		"another separator":       {statementOf(strings.ReplaceAll(titles+line, "|", ",")), 0, gateway.Indeterminate},
		"a kind of no meaning":    {change("|消费|", "|预授权|"), 0, gateway.Indeterminate},
		"an amount of no meaning": {change("123.45", "123.456"), 0, gateway.Indeterminate},
		"no reference number":     {change("|123456789012|", "||"), 1, ""},
		"no number at all": {
			statementOf(titles + strings.NewReplacer("|123456789012|", "||", "|1|", "||").Replace(line)), 0,
			gateway.Indeterminate,
		},
		"no amount":                    {change("123.45", ""), 0, gateway.Indeterminate},
		"two signs":                    {change("123.45", "--123.45"), 0, gateway.Indeterminate},
		"nothing":                      {change("123.45", "0.00"), 0, gateway.Indeterminate},
		"a time of no meaning":         {change("2026-11-25 10:00:00", "25.11.2026"), 0, gateway.Indeterminate},
		"a full card number":           {change("622202******1234", "6222021234567890128"), 0, gateway.Indeterminate},
		"a full card number elsewhere": {change("工商银行", "6222 0212 3456 7890 128"), 0, gateway.Indeterminate},
		"a short line": {
			statementOf(titles + "\nM00000000000001|T1|2026-11-25 10:00:00|消费|000001|000007|123456789012"), 0,
			gateway.Indeterminate},
		"of another day": {
			reply{text: strings.Replace(statementOf(titles+line).text, `"settleDate":"20261125"`,
				`"settleDate":"20261124"`, 1)}, 0, gateway.Indeterminate},
		"not there yet": {reply{text: said("E", "9999", `{}`)}, 0, gateway.TryLater},
		"being made":    {reply{text: said("R", "", `{}`)}, 0, gateway.TryLater},
		"unsigned":      {reply{text: statementOf(titles + line).text, unsigned: true}, 0, gateway.Indeterminate},
		"silence":       {reply{}, 0, gateway.Indeterminate},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{"SMZF020": c.reply})
			reports, err := newGateway().CardTrades(t.Context(), s.account, day)
			if kind, _ := kindOf(err); kind != c.kind || len(reports) != c.lines || err != nil && c.kind == "" {
				t.Errorf("got %+v, %v", reports, err)
			}
			if err != nil && (strings.Contains(err.Error(), "6222021234567890128") ||
				strings.Contains(err.Error(), "7890 128")) {
				t.Error("the error repeats the card number")
			}
		})
	}
}

func TestAStatementOfAnotherForm(t *testing.T) {
	s := script(t,
		map[string]reply{"SMZF020": statementOf("金额\t类型\t时间\t卡\tRRN\n1.00\t消费\t20261125100000\t622202******1234" +
			"\t123456789012")})
	columns := `{"amount":"金额","type":"类型","time":"时间","card":"卡","reference":"RRN"}`
	reports, err := newGateway().CardTrades(t.Context(), s.with("statement_separator", `\t`, "statement_columns",
		columns),
		day)
	if err != nil || len(reports) != 1 || reports[0].Amount != 100 || reports[0].Card.ReferenceNo != "123456789012" {
		t.Errorf("got %+v, %v", reports, err)
	}
}

// A day of many thousand lines is longer than other answers may be.
func TestALongStatement(t *testing.T) {
	var content strings.Builder
	content.WriteString(titles)
	for i := range 12_000 {
		fmt.Fprintf(&content, "\nM00000000000001|T1|2026-11-25 "+
			"10:00:00|消费|000001|%06d|%012d|622202******1234|借记卡|工商银行|123.45||", i%1_000_000, i)
	}
	s := script(t, map[string]reply{"SMZF020": statementOf(content.String())})
	reports, err := newGateway().CardTrades(t.Context(), s.account, day)
	if err != nil || len(reports) != 12_000 || reports[11_999].Card.ReferenceNo != "000000011999" {
		t.Errorf("got %d, %v", len(reports), err)
	}
}
