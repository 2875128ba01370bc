package app

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"linlipay/payment"
)

// visit is one resident who comes to pay.
type visit struct {
	ctx    context.Context
	n      int
	round  int // how often each kind of visit came before
	wallet string
}

func (v visit) key(step string) string { return fmt.Sprintf("%d-%s", v.n, step) }

// visits are what residents and desks do.
var visits = []func(*business, visit){
	(*business).byQR, (*business).byNative, (*business).byCode, (*business).byCash, (*business).andBack,
	(*business).byBothWallets, (*business).andAway, (*business).takenOver,
}

// order makes an order for one or two bills of the next unit.
func (b *business) order(v visit) (o loadOrder, unit string, ok bool) {
	var units, bills struct{ Items []struct{ ID string } }
	ok = b.call(v.ctx, "cashier", "GET", "/v1/units?q="+roomName(v.n%b.rooms), "", nil, &units) &&
		len(units.Items) > 0 &&
		b.call(v.ctx, "cashier", "GET", "/v1/units/"+units.Items[0].ID+"/bills", "", nil, &bills) &&
		len(bills.Items) > 0
	if !ok {
		return o, "", false
	}
	var values []string
	for _, bill := range bills.Items[:min(len(bills.Items), 1+v.n%2)] {
		values = append(values, bill.ID)
	}
	unit = units.Items[0].ID
	ok = b.call(v.ctx, "cashier", "POST", "/v1/orders", v.key("order"), map[string]any{"unit": unit, "bills": values},
		&o)
	return o, unit, ok
}

// confirm has the payer's wallet scan and pay; a payer tries a few times.
func (b *business) confirm(ctx context.Context, content, wallet string) {
	if id := b.scan(ctx, content, wallet); id != "" {
		// whether the money was taken, the institution's ledger says
		b.bank.try("POST", "/payments/"+id+"/confirm", nil, nil)
	}
}

func (b *business) scan(ctx context.Context, content, wallet string) string {
	var p struct{ ID string }
	for range 20 {
		if status, err := b.bank.try("POST", "/scan", map[string]string{"content": content, "wallet": wallet},
			&p); err == nil && status == http.StatusOK || ctx.Err() != nil {
			break
		}
		b.pause(ctx, 100*time.Millisecond)
	}
	return p.ID
}

// byQR pays by the one QR, in the wallet's browser.
func (b *business) byQR(v visit) {
	if o, _, ok := b.order(v); ok {
		b.confirm(v.ctx, o.QR.URL, v.wallet)
	}
}

// opened is an attempt as the desk gets it.
type opened struct {
	Order   loadOrder
	Attempt struct {
		OutTradeNo string `json:"out_trade_no"`
		Prepared   struct {
			CodeURL string `json:"code_url"`
		}
	}
}

func (b *business) native(v visit, order, wallet, step string) (a opened, ok bool) {
	ok = b.call(v.ctx, "cashier", "POST", "/v1/orders/"+order+"/attempts", v.key(step),
		map[string]string{"wallet": wallet, "method": "native"}, &a)
	return a, ok && a.Attempt.Prepared.CodeURL != ""
}

func (b *business) byNative(v visit) {
	o, _, ok := b.order(v)
	if !ok {
		return
	}
	if a, ok := b.native(v, o.ID, v.wallet, "native"); ok {
		b.confirm(v.ctx, a.Attempt.Prepared.CodeURL, v.wallet)
	}
}

// byCode shows a payment code, every other one with a password.
func (b *business) byCode(v visit) {
	o, _, ok := b.order(v)
	if !ok {
		return
	}
	var shown struct{ Code string }
	ask := v.round%4 < 2
	if _, err := b.bank.try("POST", "/codes", map[string]any{"wallet": v.wallet, "ask_password": ask},
		&shown); err != nil {
		return
	}
	if b.call(v.ctx, "cashier", "POST", "/v1/orders/"+o.ID+"/attempts", v.key("code"),
		map[string]string{"method": "code", "auth_code": shown.Code}, nil) && ask {
		b.enterPasswords()
	}
}

// enterPasswords has every payer who is asked for a password enter it.
func (b *business) enterPasswords() {
	var waiting []struct{ ID string }
	if _, err := b.bank.try("GET", "/payments?waiting=1", nil, &waiting); err != nil {
		return
	}
	for _, p := range waiting {
		b.bank.try("POST", "/payments/"+p.ID+"/confirm", nil, nil) // another desk may have been faster
	}
}

func (b *business) byCash(v visit) { b.cash(v) }

func (b *business) cash(v visit) (o loadOrder, ok bool) {
	if o, _, ok = b.order(v); ok {
		var paid struct{ Order *loadOrder }
		paid.Order = &o
		ok = b.call(v.ctx, "cashier", "POST", "/v1/orders/"+o.ID+"/attempts", v.key("cash"),
			map[string]any{"method": "cash", "tendered": o.Amount + 77}, &paid)
	}
	return o, ok
}

// andBack pays, by wallet or in cash, and gets part or all of it back: the cashier asks, finance approves, and cash is
// handed out.
func (b *business) andBack(v visit) {
	inCash := v.round%3 == 0
	var o loadOrder
	var ok bool
	if inCash {
		o, ok = b.cash(v)
	} else if o, _, ok = b.order(v); ok {
		var a opened
		if a, ok = b.native(v, o.ID, v.wallet, "native"); ok {
			b.confirm(v.ctx, a.Attempt.Prepared.CodeURL, v.wallet)
			ok = b.becomesPaid(v.ctx, o.ID)
		}
	}
	if !ok {
		return
	}
	back := o.Items[0].Amount
	if v.round%2 == 1 {
		back = 23
	}
	var asked struct{ Refund struct{ No int } }
	refunds := "/v1/orders/" + o.ID + "/refunds"
	if !b.call(v.ctx, "cashier", "POST", refunds, v.key("refund"),
		map[string]any{"items": []map[string]any{{"ref": o.Items[0].Ref, "amount": back}}, "reason": "多收"}, &asked) {
		return
	}
	refund := fmt.Sprintf("%s/%d", refunds, asked.Refund.No)
	// refused when an answer that was lost had approved it
	b.call(v.ctx, "finance", "POST", refund+"/decision", v.key("decision"), map[string]any{"approve": true}, nil)
	if inCash {
		b.call(v.ctx, "cashier", "POST", refund+"/payout", v.key("payout"), nil, nil)
	}
}

// becomesPaid waits a while for an order to be paid.
func (b *business) becomesPaid(ctx context.Context, id string) bool {
	for range 60 {
		var o loadOrder
		if !b.call(ctx, "cashier", "GET", "/v1/orders/"+id, "", nil, &o) {
			return false
		}
		if o.Status == string(payment.Paid) {
			return true
		}
		b.pause(ctx, 50*time.Millisecond)
	}
	return false
}

// byBothWallets opens one wallet, changes to the other, and pays both.
func (b *business) byBothWallets(v visit) {
	o, _, ok := b.order(v)
	if !ok {
		return
	}
	first, ok := b.native(v, o.ID, "wechat", "first")
	if !ok {
		return
	}
	id := b.scan(v.ctx, first.Attempt.Prepared.CodeURL, "wechat")
	second, ok := b.native(v, o.ID, "alipay", "second")
	b.bank.try("POST", "/faults", map[string]any{"fault": "paid_after_close", "out_trade_no": first.Attempt.OutTradeNo},
		nil)
	if id != "" {
		b.bank.try("POST", "/payments/"+id+"/confirm", nil, nil)
	}
	if ok {
		b.confirm(v.ctx, second.Attempt.Prepared.CodeURL, "alipay")
	}
}

// andAway makes an order, opens an attempt, and goes.
func (b *business) andAway(v visit) {
	o, _, ok := b.order(v)
	if !ok {
		return
	}
	b.native(v, o.ID, v.wallet, "native")
	if v.round%2 == 0 { // otherwise its deadline closes it
		b.call(v.ctx, "cashier", "POST", "/v1/orders/"+o.ID+"/closure", "", map[string]any{}, nil)
	}
}

// takenOver has another desk take the bills over while the payer pays the first desk's QR.
func (b *business) takenOver(v visit) {
	o, unit, ok := b.order(v)
	if !ok {
		return
	}
	a, ok := b.native(v, o.ID, v.wallet, "native")
	if !ok {
		return
	}
	var bills []string
	for _, it := range o.Items {
		bills = append(bills, it.Ref)
	}
	var payer sync.WaitGroup
	payer.Go(func() { b.confirm(v.ctx, a.Attempt.Prepared.CodeURL, v.wallet) })
	var second loadOrder
	if b.call(v.ctx, "cashier", "POST", "/v1/orders", v.key("over"),
		map[string]any{"unit": unit, "bills": bills, "on_open": "supersede"}, &second) {
		b.confirm(v.ctx, second.QR.URL, v.wallet)
	}
	payer.Wait()
}
