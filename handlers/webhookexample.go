package handlers

import (
	"encoding/json"
	"fmt"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/webhook"
)

// What events look like, for the document: one made-up order of a home, its bill, and the terminal in its lobby.

// exampleAt is when the examples happen.
var exampleAt = time.Date(2026, 11, 28, 2, 15, 0, 0, time.UTC)

const (
	exampleOrderID  = "202611281010004815162342"
	exampleBillID   = "bk3mzt4oq7a2c5ep"
	exampleTerminal = "t7qh2vd5xk3mzt4o"
)

// eventExample is an event of a type.
func eventExample(t webhook.EventType) (json.RawMessage, error) {
	e := webhook.Event{Type: t, At: exampleAt, Company: "jinxiu", Community: "irnuf47ab3psplic"}
	var data any
	switch t.Noun() {
	case "order":
		e.Object = "order:" + exampleOrderID
		data = exampleOrderEvent(t, &e)
	case "bill":
		e.Object = "bill:" + exampleBillID
		data = billEventView{exampleBill(t)}
	case "terminal":
		e.Object = "terminal:" + exampleTerminal
		data = terminalEventView{terminalView{ID: exampleTerminal, Name: "大堂终端", Community: e.Community,
			CommunityName: "锦绣花园", PairedAt: exampleAt.AddDate(0, -3, 0), LastSeenAt: exampleAt.Add(-90 * time.Second),
			Online: t == webhook.TerminalOnline}}
	default:
		e.Object, e.Community = "endpoint:we_5k3mzt4oq7a2c5ep", ""
		data = testEventView{"we_5k3mzt4oq7a2c5ep"}
	}
	owed := webhook.Owed{}
	owed.Owe(e)
	numbered, err := owed.Events[0], error(nil)
	if numbered.Data, err = json.Marshal(data); err != nil {
		return nil, err
	}
	return json.Marshal(numbered)
}

func exampleOrderEvent(t webhook.EventType, e *webhook.Event) orderEventView {
	const fen = 12850
	came := exampleAt.Add(-2 * time.Second)
	o := orderView{
		ID: exampleOrderID, Version: 5, Status: payment.Paid, Company: e.Company, CompanyName: "锦绣物业",
		Entity: "jinxiu", Community: e.Community, Place: "锦绣花园", Label: "1栋1单元401",
		Unit:   unitRef{"u4c5epbk3mzt4oq7", "1栋1单元401"},
		Origin: payment.Origin{Kind: payment.API, Client: "45lvabiu4gy2"}, Title: "物业费 2026-11", Amount: fen,
		Items: []itemView{{Ref: exampleBillID, Title: "物业费 2026-11", Amount: fen, Refundable: fen}},
		Attempts: []attemptView{{No: 1, OutTradeNo: exampleOrderID + "01", Institution: gateway.WeChat,
			Wallet: gateway.WalletWeChat, Method: gateway.Native, State: payment.AttemptSucceeded, Amount: fen,
			TransactionID: "4200002026112800001234567890", Received: fen, Application: payment.Applied,
			CreatedAt: exampleAt.Add(-time.Minute), PaidAt: &came}},
		PaidBy: 1, CreatedAt: exampleAt.Add(-5 * time.Minute), UpdatedAt: exampleAt,
		ExpiresAt: exampleAt.Add(10 * time.Minute), PaidAt: &came, Now: exampleAt.Add(time.Second),
	}
	v := orderEventView{}
	switch {
	case t == webhook.OrderClosed:
		o.Status, o.CloseReason, o.ClosedAt = payment.Closed, payment.ByCancel, &exampleAt
		o.Attempts, o.PaidBy, o.PaidAt, o.Items[0].Refundable = []attemptView{}, 0, nil, 0
	case t.OfRefund():
		e.Part = 1
		r := refundView{No: 1, OutRefundNo: exampleOrderID + "R01", Attempt: 1, Amount: fen,
			Items: []payment.RefundItem{{Ref: exampleBillID, Amount: fen}}, Status: payment.RefundFailed,
			RequestedAt: exampleAt.Add(-time.Minute)}
		if t == webhook.OrderRefunded {
			r.Status, r.SucceededAt, r.RefundID = payment.RefundSucceeded, &exampleAt, "50300002026112800001234567890"
			o.Refunded, o.Items[0].Refundable = fen, 0
		}
		o.Refunds, v.Refund = []refundView{r}, &r
	case t == webhook.FundsUnapplied:
		e.Part = 1
		u := unappliedView{No: 1, Attempt: 2, Amount: fen, Reason: payment.UnappliedOrderPaid,
			State: payment.UnappliedOpen, At: exampleAt}
		o.Unapplied, v.Unapplied = []unappliedView{u}, &u
	}
	v.Order = o
	return v
}

func exampleBill(t webhook.EventType) billView {
	b := billView{ID: exampleBillID, Unit: "u4c5epbk3mzt4oq7", Fee: "物业费", Period: "2026-11",
		Title: "物业费 2026-11", Amount: 12850, Billed: 12850,
		DueDate: "2026-11-30", Status: billing.PaidBill, Entity: "jinxiu",
		Payee: "锦绣物业", Order: exampleOrderID, PaidAt: &exampleAt}
	if t == webhook.BillReopened {
		b.Owed, b.Status, b.Order, b.PaidAt = b.Amount, billing.Unpaid, "", nil
	}
	if t == webhook.BillCorrected {
		b.Corrections = []correctionView{{billing.Reduction, 850, exampleAt}}
		b.Billed, b.Owed, b.Status, b.Order, b.PaidAt = 12000, 12000, billing.Unpaid, "", nil
	}
	return b
}

// beginning is what the reference shows of how a company begins: a request for a client, and one for an endpoint. It
// fails where one cannot be written.
func beginning() (steps []step, err error) {
	for _, s := range []struct {
		path string
		in   any
	}{
		{"/v1/api-clients", newAPIClientInput{Name: "ERP",
			Rights: []access.Right{access.ReadOrders, access.ReadBills}}},
		{"/v1/webhook-endpoints", newEndpointInput{URL: "https://erp.example.com/hooks",
			Types: []webhook.EventType{webhook.OrderPaid, webhook.OrderRefunded}, Note: "ERP"}},
	} {
		body, err := json.Marshal(s.in)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step{s.path, string(body)})
	}
	return steps, nil
}

// step is one request of the beginning.
type step struct{ Path, Body string }

// Curl is the request as a person types it.
func (s step) Curl() string {
	return fmt.Sprintf("curl -sS https://pay.example.com%s \\\n  -H \"Authorization: Bearer $STAFF\" "+
		"-H 'Content-Type: application/json' \\\n  -d '%s'", s.Path, s.Body)
}
