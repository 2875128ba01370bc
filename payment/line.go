package payment

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"linlipay/calendar"
	"linlipay/money"
	"linlipay/payment/gateway"
	"linlipay/payment/ledger"
)

// The lines that an order owes the ledger, and those that its state says the ledger must have.

// owedLines are the lines that the order still owes the ledger.
func (o *Order) owedLines() []ledger.Line {
	var lines []ledger.Line
	for _, e := range o.Outbox {
		switch e.Kind {
		case PostCharge:
			lines = append(lines, o.chargeLine(e.No))
		case PostRefund:
			lines = append(lines, o.refundLine(e.No))
		}
	}
	return lines
}

// owesLine reports whether the order still owes the line.
func (o *Order) owesLine(id string) bool {
	return slices.ContainsFunc(o.owedLines(), func(l ledger.Line) bool { return l.ID == id })
}

func (o *Order) chargeLine(attempt int) ledger.Line {
	a := o.Attempt(attempt)
	l := o.line(a, a.PaidAt)
	// lines never change
	l.ID, l.Kind, l.Amount, l.TransactionID = gateway.OutTradeNo(o.ID, attempt), ledger.Charge, a.Received,
		cmp.Or(a.BookedAs, a.TransactionID)
	if a.Institution == gateway.Cash {
		l.Cashier = a.By
	}
	return l
}

func (o *Order) refundLine(refund int) ledger.Line {
	r := o.Refund(refund)
	l := o.line(o.Attempt(r.Attempt), r.SucceededAt)
	l.ID, l.Kind, l.Amount, l.TransactionID, l.Cashier = r.OutRefundNo, ledger.Refund, r.Amount, r.RefundID, r.DoneBy
	if r.ByHand && o.Attempt(r.Attempt).DeniedBy == "" { // what never came went back to nobody
		l.Institution, l.Method, l.Account = string(gateway.Cash), string(gateway.Notes), ""
	}
	return l
}

func (o *Order) line(a *Attempt, moved time.Time) ledger.Line {
	return ledger.Line{
		Order: o.ID, OutTradeNo: a.OutTradeNo, Institution: string(a.Institution), Method: string(a.Method),
		Account: a.Account,
		Company: o.Company, Community: o.Community, Entity: o.Entity,
		BusinessDay: calendar.Day(moved), MovedAt: moved,
	}
}

// recorded strikes off the lines that the ledger has, and keeps the numbers of their receipts.
func (o *Order) recorded(lines []ledger.Line, now time.Time) bool {
	before := len(o.Outbox)
	o.Outbox = slices.DeleteFunc(o.Outbox, func(e OutboxEntry) bool {
		var id string
		var receipt *string
		switch e.Kind {
		case PostCharge:
			id, receipt = gateway.OutTradeNo(o.ID, e.No), &o.Attempt(e.No).Receipt
		case PostRefund:
			id, receipt = o.Refund(e.No).OutRefundNo, &o.Refund(e.No).Receipt
		default:
			return false
		}
		i := slices.IndexFunc(lines, func(l ledger.Line) bool { return l.ID == id })
		if i < 0 {
			return false
		}
		*receipt = lines[i].ReceiptNumber()
		return true
	})
	o.schedule(now)
	return len(o.Outbox) != before
}

// receipts are the numbers of the order's receipts, by the ids of their lines.
func (o *Order) receipts() map[string]string {
	numbers := map[string]string{}
	for _, a := range o.Attempts {
		numbers[gateway.OutTradeNo(o.ID, a.No)] = a.Receipt
	}
	for _, r := range o.Refunds {
		numbers[r.OutRefundNo] = r.Receipt
	}
	return numbers
}

// movements are the lines of all money that moved for the order.
func (o *Order) movements() []ledger.Line {
	var lines []ledger.Line
	for _, a := range o.Attempts {
		if a.State == AttemptSucceeded {
			lines = append(lines, o.chargeLine(a.No))
		}
	}
	for _, r := range o.Refunds {
		if r.Status == RefundSucceeded {
			lines = append(lines, o.refundLine(r.No))
		}
	}
	return lines
}

// sound says what within an order does not agree with itself, "" for nothing: every fen received is kept or
// unapplied, and no more goes back than came.
func (o *Order) sound() string {
	var total money.Fen
	for _, it := range o.Items {
		total += it.Amount // checked when the order was made
	}
	if total != o.Amount {
		return fmt.Sprintf("its items make %s, not %s", total.Yuan(), o.Amount.Yuan())
	}
	kept := 0
	for i := range o.Attempts {
		a := &o.Attempts[i]
		if a.State != AttemptSucceeded {
			continue
		}
		if a.Application == Applied {
			kept++
		}
		if over := a.Received - o.unapplied(a.No); over < 0 || (over > 0) != (a.Application == Applied) {
			return fmt.Sprintf("attempt %d received %s, of which %s is unapplied", a.No, a.Received.Yuan(),
				o.unapplied(a.No).Yuan())
		}
		// What went back at the institution was the merchant's money there; what a person gave by other means was other
		// money, which may have been too much once the institution gave it back as well.
		back := o.BackUpstream(a.No)
		if byHand := o.GivenBack(a.No) - back; back > a.Received || byHand > a.Received {
			return fmt.Sprintf("attempt %d received %s and gave back %s, and %s by other means", a.No,
				a.Received.Yuan(), back.Yuan(), byHand.Yuan())
		}
	}
	if (o.Status == Paid) != (o.PaidBy != 0) || kept > 1 {
		return fmt.Sprintf("it is %s by attempt %d, and %d attempts are kept", o.Status, o.PaidBy, kept)
	}
	return ""
}
