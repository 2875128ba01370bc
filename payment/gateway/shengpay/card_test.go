package shengpay_test

import (
	"encoding/base64"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/calendar"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

var cards = []string{"card_application", "generic", "card_package", "cn.example.pos", "card_activity", ".Main",
	"card_bill_path", "/bill/card"}

func cardTrade() gateway.Trade {
	return gateway.Trade{OutTradeNo: number, Wallet: gateway.WalletCard, Method: gateway.CardPresent, Amount: 12345}
}

func TestCardsInTheGenericForm(t *testing.T) {
	s := script(t, nil)
	a, way := s.with(cards...), gateway.PaymentMethod{Wallet: gateway.WalletCard, Method: gateway.CardPresent}
	if !slices.Contains(newGateway().Offers(a), way) || slices.Contains(newGateway().Offers(s.account), way) ||
		newGateway().ConfirmsCards() != gateway.ByStatement {
		t.Errorf("offered %v, undeclared %v", newGateway().Offers(a), newGateway().Offers(s.account))
	}
	p, err := newGateway().Open(t.Context(), a, charge(gateway.WalletCard, gateway.CardPresent))
	if err != nil || p.Device == nil || p.Device.Package != "cn.example.pos" || p.Device.Activity != ".Main" ||
		!maps.Equal(p.Device.Extras, map[string]string{"action": "pay", "out_trade_no": number, "amount": "12345",
			"merchant_no": merchant}) {
		t.Errorf("%+v, %v", p.Device, err)
	}
	if p, err = newGateway().Open(t.Context(), s.with(append(cards, "sub_mch_id", "93751498")...),
		charge(gateway.WalletCard, gateway.CardPresent)); err != nil || p.Device.Extras["merchant_no"] != "93751498" {
		t.Errorf("of a merchant under another: %+v, %v", p.Device, err)
	}
	voided := cardTrade()
	voided.Card = card.Card{BatchNo: "000017", TraceNo: "000423", Merchant: "told otherwise"}
	call, err := newGateway().VoidCall(a, voided)
	if err != nil || call.Extras["action"] != "void" || call.Extras["batch_no"] != "000017" ||
		call.Extras["trace_no"] != "000423" || call.Extras["merchant_no"] != merchant {
		t.Errorf("%+v, %v", call, err)
	}
	_, err = newGateway().VoidCall(s.account, voided)
	failure(t, "undeclared", err, gateway.Declined, true)
	fields := map[string]string{"result": "success", "out_trade_no": number, "amount": "12345",
		"reference_no": "123456789012"}
	if r, err := newGateway().ReadResult(a, cardTrade(), fields); err != nil || !r.Done || r.Amount != 12345 ||
		r.Card.ReferenceNo != "123456789012" {
		t.Errorf("%+v, %v", r, err)
	}
	fields["memo"] = "6222020200000000006"
	_, err = newGateway().ReadResult(a, cardTrade(), fields)
	failure(t, "a card number", err, gateway.Unauthentic, false)
	if len(s.asked) > 0 {
		t.Errorf("asked %v", s.asked)
	}
}

const billText = "\ufeff商户号,门店名称,终端号,交易时间,交易类型,交易批次号,凭证号,参考号,卡号,卡类别,发卡行机构代码,发卡行名称,交易金额,手续费,交易日期,交易单号,订单号\r\n" +
	merchant + ",\"清河店, 一楼\",D9296400,2026-11-24 12:01:02,消费,000017,000423,123456789012,622202******0006,01,102," +
	"工商银行,\"1,123.45\",0.10,2026-11-24,SP1," + number + "\r\n" +
	merchant + ",清河店,D9296400,2026-11-24 12:05:00,撤销,000017,000424,123456789013,622202******0006,00,102,工商银行,-1.00," +
	"0.00,2026-11-24,,\r\n" +
	merchant + ",清河店,D9296400,2026-11-24 12:06:00,退货,000017,000425,123456789014,622202******0006,00,102,工商银行,-1.00," +
	"0.00,2026-11-24,,\r\n" +
	"11111111,别处,D1,2026-11-24 12:05:00,消费,000001,000001,123456789015,622202******0006,00,102,工商银行,1.00,0.00," +
	"2026-11-24,SP2,\r\n" +
	"合计,,,,,,,,,,,,3.00,,,,\r\n"

var day = calendar.Date(2026, 11, 24)

func billReply(text string) reply {
	return ok("billDate", "20261124", "fileContent", base64.StdEncoding.EncodeToString([]byte(text)))
}

func TestTheStatementOfADay(t *testing.T) {
	s := script(t, map[string]reply{"/bill/card": billReply(billText)})
	got, err := newGateway().CardTrades(t.Context(), s.with(cards...), day)
	line := gateway.Report{Currency: "CNY", Merchant: merchant, Wallet: gateway.WalletCard, Method: gateway.CardPresent}
	paid, void := line, line
	paid.OutTradeNo, paid.State, paid.TransactionID, paid.StatementNo, paid.Amount, paid.Raw = number,
		gateway.TradePaid, "SP1", "SP1", 112345, "消费"
	paid.PaidAt = time.Date(2026, 11, 24, 4, 1, 2, 0, time.UTC)
	paid.Card = card.Card{
		ReferenceNo: "123456789012", BatchNo: "000017", TraceNo: "000423", Masked: "622202******0006",
		Type: card.CreditCard, Issuer: "工商银行", Merchant: merchant, Terminal: "D9296400",
	}
	void.State, void.TransactionID, void.Amount, void.Raw, void.PaidAt = gateway.TradeClosed, "20261124123456789013",
		100, "撤销", time.Date(2026, 11, 24, 4, 5, 0, 0, time.UTC)
	void.Card = paid.Card
	void.Card.ReferenceNo, void.Card.TraceNo, void.Card.Type = "123456789013", "000424", card.DebitCard
	if err != nil || !reflect.DeepEqual(got, []gateway.Report{paid, void}) {
		t.Fatalf("%+v, %v", got, err)
	}
	if path, f := s.last(t); path != "/bill/card" || f["billDate"] != "20261124" {
		t.Errorf("asked %s with %v", path, f)
	}
	s = script(t,
		map[string]reply{
			"": ok("day", "20261124", "text",
				base64.StdEncoding.EncodeToString(
					[]byte("MERCHANT,AT,KIND,SUM,RRN\n"+merchant+",20261124120102,sale,1.00,123456789012\n")))})
	got, err = newGateway().CardTrades(t.Context(),
		s.with(append(cards, "card_bill_date_field", "day", "card_bill_content_field", "text", "card_bill_pay_types",
			"sale",
			"card_bill_columns", "merchant=MERCHANT,time=AT,type=KIND,amount=SUM,reference=RRN")...), day)
	if err != nil || len(got) != 1 || got[0].Amount != 100 || !got[0].PaidAt.Equal(paid.PaidAt) {
		t.Errorf("with other names: %+v, %v", got, err)
	}
	for _, empty := range []string{"", "\ufeff\n", billText[:strings.Index(billText, "\r\n")+2]} {
		if got, err := newGateway().CardTrades(t.Context(),
			script(t, map[string]reply{"": billReply(empty)}).with(cards...), day); err != nil || len(got) != 0 {
			t.Errorf("%q: %+v, %v", empty, got, err)
		}
	}
}

func TestStatementsThatAreNotThereOrNotBelieved(t *testing.T) {
	older := day.AddDate(0, 0, -2)
	for name, c := range map[string]struct {
		answer reply
		day    time.Time
		kind   gateway.ErrorKind
		signed bool
	}{
		"in the making": {no("BILL_CREATING", false), day, gateway.TryLater, true},
		"none yet":      {no("BILL_NOT_EXIST", false), day, gateway.TryLater, true},
		"unsigned none": {no("BILL_NOT_EXIST", true), older, gateway.NotFound, false},
		"unsigned": {reply{status: 200, says: billReply(billText).says, unsigned: true}, day, gateway.Indeterminate,
			false},
		"another day": {billReply(billText), older, gateway.Indeterminate, false},
		"no text":     {ok(), day, gateway.Indeterminate, false},
		"no base64":   {ok("fileContent", "消费"), day, gateway.Indeterminate, false},
		"GBK":         {billReply("\xc9\xcc\xbb\xa7"), day, gateway.Indeterminate, false},
		"no titles":   {billReply(billText[strings.Index(billText, "\r\n")+2:]), day, gateway.Indeterminate, false},
		"a card number": {billReply(strings.Replace(billText, "622202******0006", "6222020200000000006", 1)), day,
			gateway.Indeterminate, false},
		"two signs": {billReply(strings.Replace(billText, `"1,123.45"`, `"--1,123.45"`, 1)), day, gateway.Indeterminate,
			false},
		"no amount": {billReply(strings.Replace(billText, `"1,123.45"`, `"1,123.456"`, 1)), day, gateway.Indeterminate,
			false},
		"nothing":   {billReply(strings.Replace(billText, `"1,123.45"`, `0.00`, 1)), day, gateway.Indeterminate, false},
		"no number": {billReply(strings.Replace(billText, "123456789013", "", 1)), day, gateway.Indeterminate, false},
		"no time": {billReply(strings.Replace(billText, "12:01:02", "12:61:02", 1)), day, gateway.Indeterminate,
			false},
		"nobody answered": {reply{}, day, gateway.Indeterminate, false},
	} {
		s := script(t, map[string]reply{"": c.answer})
		got, err := newGateway().CardTrades(t.Context(), s.with(cards...), c.day)
		failure(t, name, err, c.kind, c.signed)
		if got != nil || card.HasCardNumber(err.Error()) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if got, err := newGateway().CardTrades(t.Context(),
		script(t, map[string]reply{"": no("BILL_NOT_EXIST", false)}).with(cards...), older); err != nil ||
		len(got) != 0 {
		t.Errorf("an empty day: %+v, %v", got, err)
	}
	_, err := newGateway().CardTrades(t.Context(), script(t, nil).with("card_application", "generic"), day)
	failure(t, "without a path", err, gateway.TryLater, false)
}
