package payment_test

import (
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/gateway/gatewaytest"
	"linlipay/payment/gateway/wechat"
)

// Cash has no gateway: of the contract it passes what holds of an order whoever takes its money.
func TestCashPassesTheContract(t *testing.T) {
	bank := gatewaytest.OpenInstitutions(t)
	gatewaytest.Run(t, gatewaytest.Subject{
		Cash: true, Gateway: wechat.New(nil, 30*time.Second, time.Now), Institutions: bank,
		Account: gateway.Account{ID: "w", Version: 1, Institution: gateway.WeChat,
			Settings: gatewaytest.Settings(t, bank.Credentials().Wechat)},
		Unsupported: map[string]string{"an institution behind a gateway": "a cashier's word is the whole protocol"},
	})
}

func TestAKeyOfCashIsForOneSum(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1", "b2")
	cash := payment.NewCash{Tendered: 500, IdempotencyKey: "k", By: "staff:till"}
	if _, _, err := w.pay.TakeCash(t.Context(), o.ID, cash); err != nil {
		t.Fatal(err)
	}
	cash.Tendered = 600
	if _, _, err := w.pay.TakeCash(t.Context(), o.ID, cash); !fault.Is(err, fault.KeyReused) {
		t.Errorf("the key of 5 yuan was taken for 6: %v", err)
	}
	if a := w.get(o.ID).Attempt(1); a.Received != 200 || a.Tendered != 500 || a.Institution != gateway.Cash {
		t.Errorf("%+v", a)
	}
}

func TestCashGoesBackOverTheCounter(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	if _, _, err := w.pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: 100, By: "staff:till"}); err != nil {
		t.Fatal(err)
	}
	o, no := w.ask(w.get(o.ID), "", item("b1", 40))
	if _, err := w.pay.HandOut(t.Context(), o.ID, no, "staff:till"); !fault.Is(err, fault.WrongState) {
		t.Errorf("handed out before it was approved: %v", err)
	}
	if _, err := w.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:checker", ""); err != nil {
		t.Fatal(err)
	}
	if o = w.get(o.ID); o.RefundWaits(o.Refund(no)) != payment.ForCashier {
		t.Errorf("an approved refund of cash waits for %q", o.RefundWaits(o.Refund(no)))
	}
	for _, by := range []string{"staff:till", "staff:another"} {
		got, err := w.pay.HandOut(t.Context(), o.ID, no, by)
		if err != nil || got.Refund(no).DoneBy != "staff:till" {
			t.Fatal(got.Refund(no), err)
		}
	}
	wallet := w.paid(gateway.WeChat, w.wechat, "b7")
	wallet, no = w.ask(wallet, "", item("b7", 100))
	if _, err := w.pay.HandOut(t.Context(), wallet.ID, no, "staff:till"); !fault.Is(err, fault.WrongState) {
		t.Errorf("a wallet's payment was handed out in cash: %v", err)
	}
}
