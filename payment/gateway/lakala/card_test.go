package lakala_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// A number that passes Luhn with UnionPay's prefix, as no card of anybody's.
const fullCard = "6222020000000000000"

func TestACardIsACounterOrderAndAnIntent(t *testing.T) {
	s := script(t, map[string]reply{create: {body: okay(counterCreated)}})
	p, err := newGateway().Open(t.Context(), s.account, charge(gateway.WalletCard, gateway.CardPresent))
	if err != nil || p.CodeURL != "" || p.UpstreamNo != "26112511012001101011025385338" || p.Device == nil {
		t.Fatalf("got %+v, %v", p, err)
	}
	sent := s.last(create)
	if sent["counter_param"] != `{"pay_mode":"CARD"}` ||
		sent["busi_type_param"] != `[{"busi_type":"UPCARD","params":{"crd_flg":"CRDFLG_D|CRDFLG_C|CRDFLG_OTH"}}]` ||
		sent["support_cancel"] != 1. || sent["support_repeat_pay"] != 0. {
		t.Errorf("sent %v", sent)
	}
	want := map[string]string{
		"msg_tp": "0200", "pay_tp": "0", "proc_tp": "00", "proc_cd": "000000", "amt": "123.45", "order_no": number,
		"appid":      "com.linlipay.pos",
		"time_stamp": "20261125160000", "order_info": "物业费 2026年11月",
	}
	if p.Device.Package != "com.lkl.cloudpos.payment" ||
		p.Device.Activity != "com.lkl.cloudpos.payment.activity.MainMenuActivity" ||
		!maps.Equal(p.Device.Extras, want) {
		t.Errorf("the terminal hands over %+v", p.Device)
	}
}

func TestTheCallFollowsTheSettings(t *testing.T) {
	s := script(t, map[string]reply{create: {body: okay(counterCreated)}})
	maps.Copy(s.account.Settings, map[string]string{
		"device_package": "com.example.pos", "device_activity": ".Pay", "device_appid": "com.example.desk",
		"trade_biz_tp": "110A01", "vpos_id": "587305941625155584",
		"channel_id": "95", "shop_name": "一号店", "repeat_pay_auto_refund": "0",
		"device_pay_extras": `{"amount":"{amount_fen}","no":"{pay_order_no}","who":"{appid}","what":"{title} {time}"}`,
	})
	p, err := newGateway().Open(t.Context(), s.account, charge(gateway.WalletCard, gateway.CardPresent))
	if err != nil {
		t.Fatal(err)
	}
	want := gateway.DeviceCall{Package: "com.example.pos", Activity: ".Pay", Extras: map[string]string{
		"amount": "12345", "no": "26112511012001101011025385338", "who": "com.example.desk",
		"what": "物业费 2026年11月 20261125160000",
	}}
	if fmt.Sprint(*p.Device) != fmt.Sprint(want) {
		t.Errorf("the terminal hands over %+v", p.Device)
	}
	sent := s.last(create)
	for name, value := range map[string]string{
		"trade_biz_tp": "110A01", "vpos_id": "587305941625155584", "channel_id": "95", "shop_name": "一号店",
		"repeat_pay_auto_refund": "0",
	} {
		if sent[name] != value {
			t.Errorf("%s is %v", name, sent[name])
		}
	}
}

func TestVoidCall(t *testing.T) {
	asked := trade(gateway.WalletCard, gateway.CardPresent)
	_, err := newGateway().VoidCall(account("https://example.com"), asked)
	wantKind(t, err, gateway.Declined, false)
	asked.Card = card.Card{BatchNo: "000123", TraceNo: "000456"}
	call, err := newGateway().VoidCall(account("https://example.com"), asked)
	want := map[string]string{
		"msg_tp": "0200", "pay_tp": "0", "proc_tp": "00", "proc_cd": "200000", "order_no": number,
		"batchbillno": "000123000456", "appid": "com.linlipay.pos",
		"time_stamp": "20261125160000",
	}
	if err != nil || !maps.Equal(call.Extras, want) {
		t.Errorf("got %+v, %v", call, err)
	}
}

// handedBack is what the application says of a payment.
func handedBack(change map[string]string) map[string]string {
	m := map[string]string{
		"msg_tp": "0210", "pay_tp": "0", "proc_cd": "000000", "amt": "123.45", "order_no": number,
		"refernumber": "080302570007", "batchbillno": "000123000456",
		"cardtype": "01", "time_stamp": "20261125155958", "merid": merchant, "termid": "D9587314",
		"appid": "com.linlipay.pos",
		"txndetail": `{"mername":"物业","authcode":"A12345","priaccount":"622202******1234","iisno":"工商银行",` +
			`"transamount":"123.45","batchno":"000123","systraceno":"000456",` +
			`"translocaldate":"20261125","translocaltime":"155958","expdate":"3012"}`,
	}
	for name, value := range change {
		if m[name] = value; value == "" {
			delete(m, name)
		}
	}
	return m
}

func TestReadResult(t *testing.T) {
	full := gateway.DeviceResult{
		Done: true, Amount: 12345, At: time.Date(2026, 11, 25, 7, 59, 58, 0, time.UTC),
		Card: card.Card{
			ReferenceNo: "080302570007", BatchNo: "000123", TraceNo: "000456", AuthCode: "A12345",
			Masked: "622202******1234", Type: card.CreditCard, Issuer: "工商银行",
			Merchant: merchant, Terminal: "D9587314",
		},
	}
	bare := full
	bare.Card.AuthCode, bare.Card.Masked, bare.Card.Issuer = "", "", ""
	failed := gateway.DeviceResult{Message: "55:密码错误"}
	for name, c := range map[string]struct {
		fields map[string]string
		want   gateway.DeviceResult
	}{
		"done":                              {handedBack(nil), full},
		"done, by Android's word too":       {handedBack(map[string]string{"result_code": "-1"}), full},
		"without the number of the order":   {handedBack(map[string]string{"order_no": ""}), full},
		"the detail's amount, in yuan":      {handedBack(map[string]string{"amt": ""}), full},
		"the detail's date":                 {handedBack(map[string]string{"time_stamp": ""}), full},
		"the detail's batch":                {handedBack(map[string]string{"batchbillno": ""}), full},
		"no detail":                         {handedBack(map[string]string{"txndetail": ""}), bare},
		"an amount in the form of ISO 8583": {handedBack(map[string]string{"amt": "000000012345"}), full},
		"failed":                            {map[string]string{"msg_tp": "0210", "reason": "55:密码错误"}, failed},
		"failed, with its order": {map[string]string{"msg_tp": "0210", "reason": "55:密码错误",
			"order_no": number}, failed},
		"cancelled": {map[string]string{"result_code": "0"}, gateway.DeviceResult{}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := newGateway().ReadResult(account("https://example.com"),
				trade(gateway.WalletCard, gateway.CardPresent),
				c.fields)
			if err != nil || r != c.want {
				t.Errorf("got %+v, %v\nwant %+v", r, err, c.want)
			}
		})
	}
}

func TestResultsThatAreRefused(t *testing.T) {
	for name, change := range map[string]map[string]string{
		"another order":                     {"order_no": "202611250000000000000002"},
		"another amount":                    {"amt": "123.46"},
		"another amount of a failure":       {"amt": "123.46", "reason": "05:失败"},
		"no amount":                         {"amt": "", "txndetail": ""},
		"an amount that is none":            {"amt": "¥123.45"},
		"no reference number":               {"refernumber": ""},
		"a short reference number":          {"refernumber": "08030257"},
		"a batch of five digits":            {"batchbillno": "00012000456"},
		"a detail that is no object":        {"txndetail": "[1]"},
		"a detail with a name twice":        {"txndetail": `{"batchno":"000123","batchno":"000124"}`},
		"a full card number":                {"cardno": fullCard},
		"a full card number in words":       {"print_info": "卡号 6222 0200 0000 0000 000 谢谢"},
		"a full card number in the detail":  {"txndetail": `{"priaccount":"` + fullCard + `"}`},
		"as a number in the detail":         {"txndetail": `{"priaccount":` + fullCard + `}`},
		"deep in the detail":                {"txndetail": `{"a":{"b":["` + fullCard + `"]}}`},
		"a full card number in the reason":  {"reason": "卡 " + fullCard + " 无效", "msg_tp": "0210"},
		"a full card number as a name":      {fullCard: "x"},
		"a card number that fails Luhn":     {"txndetail": `{"priaccount":"6222020000000000005"}`},
		"track data":                        {"track2": "abc"},
		"track data in the detail":          {"txndetail": `{"Track_2_Data":"abc"}`},
		"track data under another name":     {"extra": fullCard + "=3012201000000"},
		"a PIN":                             {"pinblock": "0123456789ABCDEF"},
		"the chip's data":                   {"icdata": "9F2608"},
		"an authorisation code of 7 digits": {"txndetail": `{"authcode":"1234567"}`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newGateway().ReadResult(account("https://example.com"),
				trade(gateway.WalletCard, gateway.CardPresent),
				handedBack(change))
			wantKind(t, err, gateway.Unauthentic, false)
			if text := fmt.Sprintf("%s %+v %#v", err, err, err); strings.Contains(strings.ReplaceAll(text, " ", ""),
				"0000000000") && !strings.Contains(name, "order") {
				t.Errorf("the number is told: %s", text)
			}
		})
	}
}

func TestResultFieldsFollowTheSettings(t *testing.T) {
	a := account("https://example.com")
	a.Settings["device_result_fields"] = `{"reference_no":"rrn","amount":"money","message_type":"type"}`
	fields := handedBack(map[string]string{"refernumber": "", "amt": "", "msg_tp": "", "txndetail": ""})
	maps.Copy(fields, map[string]string{"rrn": "080302570007", "money": "123.45", "type": "0210"})
	r, err := newGateway().ReadResult(a, trade(gateway.WalletCard, gateway.CardPresent), fields)
	if err != nil || !r.Done || r.Amount != 12345 || r.Card.ReferenceNo != "080302570007" {
		t.Errorf("got %+v, %v", r, err)
	}
}

// An institution that tells a whole card number does not make us keep it.
func TestACardNumberOfTheInstitutionsIsMasked(t *testing.T) {
	for told, want := range map[string]string{
		"622202******1234": "622202******1234", fullCard: "622202*********0000", "": "", "135******50": "",
		"6222****1234": "", "zhang@example.com": "",
	} {
		s := script(t, map[string]reply{counter: {body: okay(strings.Replace(cardPaid, "622202******1234", told, 1))}})
		r, err := newGateway().Query(t.Context(), s.account, trade(gateway.WalletCard, gateway.CardPresent))
		if err != nil || r.Card.Masked != want {
			t.Errorf("%q became %q, %v", told, r.Card.Masked, err)
		}
	}
}

func TestCardsAreConfirmedByQuery(t *testing.T) {
	if newGateway().ConfirmsCards() != gateway.ByQuery {
		t.Error("cards are confirmed in another way")
	}
}
