package gatewaytest

import (
	"fmt"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/sandbox"
)

// deskTests are what holds of an order whoever takes the money for it, an institution or a cashier.
func deskTests() []test {
	return []test{
		{"an order is paid once however often it is asked for", nil, deskOnce},
		{"a payer who has less than is owed pays nothing", nil, deskLess},
		{"a QR that is open is ended before an order is paid otherwise", nil, deskQREnded},
		{"an order whose QR was paid meanwhile takes nothing else", nil, deskQRFaster},
		{"what comes by a QR after an order was paid otherwise goes back", nil, deskQRLate},
		{"an order that is closed or has expired takes nothing", nil, deskOver},
		{"an order gives back parts and then the rest, each once, and no more", nil, deskRefunds},
	}
}

// plenty is what a payer has who owes 123.45 yuan.
const plenty money.Fen = 20000

// paidAt has the counter take the money of an order.
func (d *desk) paidAt(t *testing.T, o *payment.Order) {
	t.Helper()
	after, hit, err := d.counter().take(t, d, o.ID, plenty, "paid")
	if err != nil {
		t.Fatal(err)
	}
	if hit || after.Status != payment.Paid {
		t.Fatalf("the order is %s, taken before: %t", after.Status, hit)
	}
}

// refuses checks that the counter takes nothing for an order, and why.
func (d *desk) refuses(t *testing.T, o *payment.Order, has money.Fen, whys ...fault.Code) {
	t.Helper()
	_, _, err := d.counter().take(t, d, o.ID, has, "refused")
	for _, why := range whys {
		if fault.Is(err, why) {
			return
		}
	}
	t.Fatalf("got %v; want one of %v", err, whys)
}

func deskOnce(t *testing.T, s *suite) {
	d := s.openDesk(t)
	o := d.owed(t)
	d.paidAt(t, o)
	for range 2 {
		after, hit, err := d.counter().take(t, d, o.ID, plenty, "paid")
		if err != nil {
			t.Fatalf("the same request again: %v", err)
		}
		if !hit || after.Status != payment.Paid || len(after.Attempts) != 1 {
			t.Errorf("the same request again: taken before: %t, the order is %s by %d attempts", hit, after.Status,
				len(after.Attempts))
		}
	}
	d.refuses(t, o, plenty, fault.AlreadyPaid)
	d.agree(t, o.ID, payment.Paid, 12345, 0)
}

func deskLess(t *testing.T, s *suite) {
	d := s.openDesk(t)
	o := d.owed(t)
	d.refuses(t, o, 12344, fault.Invalid, fault.Upstream)
	d.agree(t, o.ID, payment.Pending, 0, 0)
	if _, _, err := d.counter().take(t, d, o.ID, 12345, "enough"); err != nil {
		t.Fatal(err)
	}
	d.agree(t, o.ID, payment.Paid, 12345, 0)
}

func deskQREnded(t *testing.T, s *suite) {
	d := s.openDesk(t)
	o := d.owed(t)
	qr := d.scanned(t, o)
	d.paidAt(t, o)
	if s.Institutions.confirm(t, qr.handle) {
		t.Error("the QR can still be paid")
	}
	if o = d.agree(t, o.ID, payment.Paid, 12345, 0); o.PaidBy != 2 || o.Attempt(1).State != payment.AttemptEnded {
		t.Errorf("paid by attempt %d; the QR is %s", o.PaidBy, o.Attempt(1).State)
	}
}

// deskQRFaster: the payer's wallet is charged by the QR and nobody is told before the counter asks; what the payer
// holds out stays theirs.
func deskQRFaster(t *testing.T, s *suite) {
	d := s.openDesk(t)
	o := d.owed(t)
	qr := d.scanned(t, o)
	s.Institutions.fault(t, sandbox.Script{Fault: sandbox.Lost, OutTradeNo: qr.charge.OutTradeNo, Operation: "pay"})
	if !s.Institutions.confirm(t, qr.handle) {
		t.Fatal("the institution does not take the payer's money")
	}
	d.refuses(t, o, plenty, fault.AlreadyPaid)
	if o = d.agree(t, o.ID, payment.Paid, 12345, 0); o.PaidBy != 1 || len(o.Attempts) != 1 {
		t.Errorf("paid by attempt %d of %d", o.PaidBy, len(o.Attempts))
	}
}

func deskQRLate(t *testing.T, s *suite) {
	d := s.openDesk(t)
	o := d.owed(t)
	qr := d.scanned(t, o)
	s.Institutions.fault(t, sandbox.Script{Fault: sandbox.PaidAfterClose, OutTradeNo: qr.charge.OutTradeNo})
	d.paidAt(t, o)
	if !s.Institutions.confirm(t, qr.handle) {
		t.Fatal("the institution does not take late money")
	}
	if o = d.agree(t, o.ID, payment.Paid, 2*12345, 12345); o.PaidBy != 2 || o.GivenBack(1) != 12345 ||
		o.Unapplied[0].Reason != payment.UnappliedOrderPaid {
		t.Errorf("paid by attempt %d, %d fen of the QR's given back, %+v", o.PaidBy, o.GivenBack(1), o.Unapplied)
	}
}

func deskOver(t *testing.T, s *suite) {
	d := s.openDesk(t)
	o := d.owed(t)
	if _, err := d.pay.Close(t.Context(), o.ID, payment.ByCancel, "staff:counter"); err != nil {
		t.Fatal(err)
	}
	d.refuses(t, o, plenty, fault.Expired)
	d.agree(t, o.ID, payment.Closed, 0, 0)
	late := d.owed(t)
	d.ahead.Store(int64(late.ExpiresAt.Sub(late.CreatedAt) + time.Second))
	d.refuses(t, late, plenty, fault.Expired)
	d.agree(t, late.ID, payment.Closed, 0, 0)
}

func deskRefunds(t *testing.T, s *suite) {
	d := s.openDesk(t)
	o := d.owed(t)
	d.paidAt(t, o)
	d.agree(t, o.ID, payment.Paid, 12345, 0)
	var back money.Fen
	for _, part := range []struct {
		items []payment.RefundItem
		sum   money.Fen
		left  money.Fen // of the first bill
	}{
		{[]payment.RefundItem{{Ref: "b1", Amount: 1}}, 1, 11999},
		{[]payment.RefundItem{{Ref: "b1", Amount: 11000}, {Ref: "b2", Amount: 345}}, 11345, 999},
		{[]payment.RefundItem{{Ref: "b1", Amount: 999}}, 999, 0},
	} {
		no := d.asked(t, o, part.items)
		d.agree(t, o.ID, payment.Paid, 12345, back)
		d.handedBack(t, o, no)
		back += part.sum
		d.agree(t, o.ID, payment.Paid, 12345, back)
		more := payment.NewRefund{Items: []payment.RefundItem{{Ref: "b1", Amount: part.left + 1}}, Reason: "多收退回",
			By: "staff:maker"}
		if _, _, _, err := d.pay.RequestRefund(t.Context(), o.ID, more); !fault.Is(err, fault.Invalid) {
			t.Errorf("a fen more than is left was asked back: %v", err)
		}
	}
	d.agree(t, o.ID, payment.Paid, 12345, 12345)
}

// asked asks for a refund, and again in the same request; it waits for another person then.
func (d *desk) asked(t *testing.T, o *payment.Order, items []payment.RefundItem) int {
	t.Helper()
	ask := payment.NewRefund{Items: items, Reason: "多收退回", IdempotencyKey: fmt.Sprint(items), By: "staff:maker"}
	_, no, _, err := d.pay.RequestRefund(t.Context(), o.ID, ask)
	if err != nil {
		t.Fatal(err)
	}
	if _, again, hit, err := d.pay.RequestRefund(t.Context(), o.ID, ask); err != nil || !hit || again != no {
		t.Fatalf("refund %d, asked for again, is %d, %t, %v", no, again, hit, err)
	}
	return no
}

// handedBack approves a refund and has it carried out, twice over.
func (d *desk) handedBack(t *testing.T, o *payment.Order, no int) {
	t.Helper()
	if _, err := d.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:checker", ""); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		d.counter().handBack(t, d, d.moved(t, o.ID), no)
	}
}
