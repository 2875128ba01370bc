package gateway_test

import (
	"errors"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// swiped is a trade by card, as the device was asked for it and told of it.
func swiped() (gateway.Trade, map[string]string) {
	t := gateway.Trade{OutTradeNo: "20261124090000000000000101", Wallet: gateway.WalletCard,
		Method: gateway.CardPresent,
		Amount: 30050}
	return t, map[string]string{
		"result": "success", "out_trade_no": t.OutTradeNo, "amount": "30050", "reference_no": "123456789012",
		"batch_no": "000017", "trace_no": "000423",
		"auth_code": "A1B2C3", "masked_card": "622202******0006", "card_type": "01", "issuer": "工商银行",
		"merchant_no": "822290073920001",
		"terminal_no": "D9296400", "time": "20261124170501", "code": "00", "message": "交易成功", "printed": "yes",
	}
}

func TestGenericCall(t *testing.T) {
	trade, _ := swiped()
	trade.Card = card.Card{ReferenceNo: "123456789012", BatchNo: "000017", TraceNo: "000423",
		Masked: "622202******0006", Merchant: "822290073920001"}
	want := map[string]string{"action": "pay", "out_trade_no": "20261124090000000000000101", "amount": "30050",
		"merchant_no": "822290073920001"}
	pay := gateway.GenericCall("cn.example.pos", ".Pay", gateway.CardPay, trade)
	if pay.Package != "cn.example.pos" || pay.Activity != ".Pay" || !maps.Equal(pay.Extras, want) {
		t.Errorf("pay: %+v", pay)
	}
	maps.Copy(want, map[string]string{"action": "void", "reference_no": "123456789012", "batch_no": "000017",
		"trace_no": "000423"})
	if void := gateway.GenericCall("", "", gateway.CardVoid, trade); !maps.Equal(void.Extras, want) {
		t.Errorf("void: %+v", void)
	}
}

func TestGenericResult(t *testing.T) {
	trade, fields := swiped()
	got, err := gateway.ReadGenericResult(trade, fields)
	want := gateway.DeviceResult{
		Done: true, Amount: 30050, At: time.Date(2026, 11, 24, 9, 5, 1, 0, time.UTC), Message: "00 交易成功",
		Card: card.Card{
			ReferenceNo: "123456789012", BatchNo: "000017", TraceNo: "000423", AuthCode: "A1B2C3",
			Masked: "622202******0006", Type: card.CreditCard,
			Issuer: "工商银行", Merchant: "822290073920001", Terminal: "D9296400",
		},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, result := range []string{"failed", "cancelled"} {
		got, err := gateway.ReadGenericResult(trade,
			map[string]string{"result": result, "out_trade_no": trade.OutTradeNo, "code": "51", "message": "余额不足"})
		if err != nil || !reflect.DeepEqual(got, gateway.DeviceResult{Message: result + " 51 余额不足"}) {
			t.Errorf("%s: %+v, %v", result, got, err)
		}
	}
}

// Each case changes one field of a good result; "-" takes it out.
func TestGenericResultsThatAreNotBelieved(t *testing.T) {
	const kept, secret = "6222020200000000006", "12256001"
	for _, c := range []struct{ name, value string }{
		{"out_trade_no", "20261124090000000000000102"}, {"out_trade_no", "-"}, {"amount", "30051"},
		{"amount", "300.50"}, {"amount", "030050"}, {"amount", "-30050"},
		{"amount", "-"}, {"result", "-"}, {"result", "SUCCESS"}, {"result", "ok"}, {"reference_no", "12345678901"},
		{"batch_no", "17"}, {"trace_no", "00042x"},
		{"auth_code", "A1B2C3D"}, {"masked_card", "622202"}, {"masked_card", kept},
		{"masked_card", "62220202000****0006"}, {"card_type", "04"},
		{"card_type", "debit"}, {"time", "20261324170501"}, {"time", "2026-11-24"}, {"terminal_no", "D 9296400"},
		{"issuer", strings.Repeat("行", 100)}, {"issuer", "\xff"},
		{"message", kept}, {"anything", "卡号 6222 0202 0000 0000 006"}, {kept, "x"},
		{"anything", ";622202020000000000=" + secret + "?"},
		{"raw", "622202020000000000D" + secret}, {"track2", "62******"}, {"Track_2_Data", secret},
		{"pin_block", secret}, {"PIN", secret}, {"field55", secret},
	} {
		trade, fields := swiped()
		if fields[c.name] = c.value; c.value == "-" {
			delete(fields, c.name)
		}
		got, err := gateway.ReadGenericResult(trade, fields)
		var e *gateway.Error
		if !errors.As(err, &e) || e.Kind != gateway.Unauthentic || !reflect.DeepEqual(got, gateway.DeviceResult{}) {
			t.Errorf("%s %q: %+v, %v", c.name, c.value, got, err)
		} else if card.HasCardNumber(err.Error()) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error repeats it: %v", c.name, err)
		}
	}
}

func TestAGenericResultNamesThePaymentOneWayOrTheOther(t *testing.T) {
	for _, c := range []struct {
		missing string
		found   bool
	}{
		{"reference_no", true}, {"batch_no trace_no terminal_no", true}, {"reference_no batch_no", false},
		{"reference_no trace_no", false},
		{"reference_no terminal_no", false}, {"auth_code masked_card card_type issuer merchant_no time code message",
			true},
	} {
		trade, fields := swiped()
		for _, name := range strings.Fields(c.missing) {
			fields[name] = ""
		}
		if r, err := gateway.ReadGenericResult(trade, fields); r.Done != c.found || (err == nil) != c.found {
			t.Errorf("without %s: %+v, %v", c.missing, r, err)
		}
	}
}
