package payment_test

import (
	"testing"

	"linlipay/fault"
	"linlipay/payment"
)

func TestCashPaysAnOrderOnce(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1", "b2")
	if _, _, err := w.pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: 199, By: "staff:till"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("too little was taken: %v", err)
	}
	cash := payment.NewCash{Tendered: 500, Key: "k", By: "staff:till"}
	for n := range 2 {
		got, hit, err := w.pay.TakeCash(t.Context(), o.ID, cash)
		if err != nil || hit != (n == 1) || got.Status != payment.Paid || len(got.Attempts) != 1 {
			t.Fatal(got, hit, err)
		}
	}
	cash.Tendered = 600
	if _, _, err := w.pay.TakeCash(t.Context(), o.ID, cash); !fault.Is(err, fault.KeyReused) {
		t.Errorf("%v", err)
	}
	if _, _, err := w.pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: 200, Key: "k2"}); !fault.Is(err, fault.AlreadyPaid) {
		t.Errorf("paid twice in cash: %v", err)
	}
	if a := w.get(o.ID).Attempt(1); a.Received != 200 || a.Tendered != 500 || a.Institution != payment.Cash || w.settled["b1"] != o.ID {
		t.Errorf("%+v", a)
	}
}

// Whatever the payer may still pay elsewhere is ended before the notes are taken, and a wallet that was faster wins.
func TestCashAfterAQR(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	out := w.attempt(o.ID, payment.WeChat)
	if _, _, err := w.pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: 100}); err != nil {
		t.Fatal(err)
	}
	if w.wechat.trades[out].state != payment.TradeClosed {
		t.Error("the QR can still be paid")
	}
	o = w.create("b2")
	w.wechat.pay(w.attempt(o.ID, payment.WeChat))
	if _, _, err := w.pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: 100}); !fault.Is(err, fault.AlreadyPaid) {
		t.Errorf("the wallet was faster: %v", err)
	}
	if o = w.want(o.ID, payment.Paid); len(o.Attempts) != 1 {
		t.Error("cash was booked all the same")
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
	for range 2 {
		got, err := w.pay.HandOut(t.Context(), o.ID, no, "staff:till")
		if err != nil || got.Refund(no).Status != payment.RefundSucceeded || got.Refund(no).DoneBy != "staff:till" {
			t.Fatal(got.Refund(no), err)
		}
	}
	if w.reopened[o.ID+"R01 b1"] != 40 {
		t.Errorf("reopened %v", w.reopened)
	}
	card := w.paid(payment.WeChat, w.wechat, "b7")
	card, no = w.ask(card, "", item("b7", 100))
	if _, err := w.pay.HandOut(t.Context(), card.ID, no, "staff:till"); !fault.Is(err, fault.WrongState) {
		t.Errorf("a wallet's payment was handed out in cash: %v", err)
	}
}
