package ruiyinxin_test

import (
	"fmt"
	"testing"

	"linlipay/payment/gateway"
)

// The generic form is tested where it is; here is what this gateway adds to it.
func TestCards(t *testing.T) {
	s := script(t, nil)
	a := s.with("card_application", "generic", "card_package", "com.example.pos", "card_activity", ".Pay")
	p, err := newGateway().Open(t.Context(), a, charge(gateway.WalletCard, gateway.CardPresent))
	if err != nil || p.Device == nil || p.Device.Package != "com.example.pos" || p.Device.Activity != ".Pay" ||
		fmt.Sprint(p.Device.Extras) != fmt.Sprint(map[string]string{"action": "pay", "out_trade_no": number,
			"amount": "12345", "merchant_no": "M00000000000001"}) {
		t.Fatalf("got %+v, %v", p, err)
	}
	swiped := gateway.Trade{OutTradeNo: number, Wallet: gateway.WalletCard, Method: gateway.CardPresent, Amount: 12345}
	r, err := newGateway().ReadResult(a, swiped, map[string]string{"result": "success", "out_trade_no": number,
		"amount": "12345", "reference_no": "123456789012"})
	if err != nil || !r.Done || r.Amount != 12345 || r.Card.ReferenceNo != "123456789012" {
		t.Fatalf("got %+v, %v", r, err)
	}
	swiped.Card = r.Card
	c, err := newGateway().VoidCall(a, swiped)
	if err != nil || c.Extras["action"] != "void" || c.Extras["reference_no"] != "123456789012" ||
		c.Extras["merchant_no"] != "M00000000000001" || c.Package != "com.example.pos" {
		t.Fatalf("got %+v, %v", c, err)
	}
	_, err = newGateway().ReadResult(a, swiped, map[string]string{"result": "success", "out_trade_no": number,
		"amount": "12345", "card": "6222021234567890128"})
	wantKind(t, err, gateway.Unauthentic, false)
	_, err = newGateway().VoidCall(s.account, swiped)
	wantKind(t, err, gateway.Declined, true)
	_, err = newGateway().Query(t.Context(), a, swiped)
	wantKind(t, err, gateway.Indeterminate, false)
	wantKind(t, newGateway().Close(t.Context(), a, swiped), gateway.Indeterminate, false)
	if newGateway().ConfirmsCards() != gateway.ByStatement || len(s.asked) > 0 {
		t.Error("the institution was asked about a card")
	}
}
