package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"linlipay/money"
)

// lakalaSchedule are the pauses between deliveries, 4 h 3 min 21 s in all. It is documented for the counter; that scans
// have the same is an assumption.
func lakalaSchedule() []time.Duration {
	s, m, h := time.Second, time.Minute, time.Hour
	return []time.Duration{1 * s, 5 * s, 5 * s, 10 * s, 3 * m, 10 * m, 20 * m, 30 * m, 1 * h, 2 * h}
}

// notifyPaid tells of a payment, in the form of the product that took it.
func (l *lakala) notifyPaid(t trade) {
	if t.isOrder() {
		l.notify(notice{trade: t, url: t.NotifyURL}, func(t trade) map[string]any {
			return l.orderNotice(t, l.orderTrade(t))
		})
		return
	}
	l.notify(notice{trade: t, url: t.NotifyURL}, l.scanNotice)
}

// notifyRefund tells how a refund ended: a counter's order to where its payment was told, and what was asked for at
// the newer front to the address that it named. Nothing is told of other refunds of scans, those among them that a
// person made on the institution's page: a query shows them. Assumption: the form of the front's notification, which
// is not public, is that of its answers.
func (l *lakala) notifyRefund(t trade, r refund) {
	if t.isOrder() {
		l.notify(notice{trade: t, refund: &r, url: t.NotifyURL}, func(t trade) map[string]any {
			return l.orderNotice(t, l.orderRefund(t, r))
		})
		return
	}
	if r.Front {
		l.notify(notice{trade: t, refund: &r, url: r.NotifyURL},
			func(t trade) map[string]any { return l.frontView(t, r) })
	}
}

// notifyVoid tells that a card payment was undone on the terminal.
func (l *lakala) notifyVoid(t trade) {
	l.notify(notice{trade: t, url: t.NotifyURL}, func(t trade) map[string]any {
		return l.orderNotice(t, l.orderVoid(t))
	})
}

func (l *lakala) scanNotice(t trade) map[string]any {
	v := l.scanHead(t, l.payment(t))
	v["trade_status"], _ = scanState(t)
	return v
}

// orderNotice is an order with the one trade that it is about.
func (l *lakala) orderNotice(t trade, about map[string]any) map[string]any {
	v := l.orderView(t)
	v["order_trade_info"] = about
	return v
}

func (l *lakala) notify(n notice, says func(t trade) map[string]any) {
	if n.url == "" {
		return
	}
	n.id, n.schedule, n.timeout = "LKL-"+randomHex(13), l.traits().schedule, 5*time.Second
	n.accepted = func(_ int, body []byte) bool {
		var reply struct {
			Code string `json:"code"`
		}
		return json.Unmarshal(body, &reply) == nil && reply.Code == "SUCCESS"
	}
	plain := says(n.trade)
	n.build = func(n notice, how Script) (http.Header, []byte, error) { return l.notification(plain, how) }
	l.sender.send(n)
}

// notification signs one delivery; how spoils it. Its three lines name neither an appid nor a serial number.
func (l *lakala) notification(plain map[string]any, how Script) (http.Header, []byte, error) {
	body, err := json.Marshal(spoiltNotice(plain, how))
	if err != nil {
		return nil, nil, err
	}
	key, now := l.cert().key, l.cfg.Now()
	switch how.Fault {
	case UnknownFields:
		body = withUnknown(body)
	case FieldEdited:
		body = editedField(body, how)
	case Forged, ProbeNotice:
		key = l.keys.forger
	case Stale:
		now = now.Add(-10 * time.Minute)
	}
	timestamp, nonce := strconv.FormatInt(now.Unix(), 10), lakalaNonce()
	signature := signLines(key, how, timestamp, nonce, string(body))
	return http.Header{
		"Content-Type": {"application/json;charset=UTF-8"},
		"Authorization": {lakalaScheme + `timestamp="` + timestamp + `",nonce_str="` + nonce + `",signature="` +
			signature + `"`},
	}, body, nil
}

// spoiltNotice is what a notification says, with another amount or another merchant if the fault is one of these.
func spoiltNotice(plain map[string]any, how Script) map[string]any {
	v := map[string]any{}
	for k, value := range plain {
		v[k] = value
	}
	about, isOrder := v["order_trade_info"].(map[string]any)
	switch {
	case how.Fault == WrongMerchant:
		v["merchant_no"] = "82299999999999A"
	case how.Fault == WrongAmount && isOrder:
		v["order_trade_info"] = spoiltNotice(about, how)
	case how.Fault == WrongAmount:
		for _, name := range []string{"total_amount", "refund_amount", "trade_amount"} {
			v[name] = oneMore(v[name])
		}
	}
	if _, had := plain["refund_amount"]; !had {
		delete(v, "refund_amount")
	}
	return v
}

// oneMore is an amount, text or number, and one fen.
func oneMore(amount any) any {
	switch a := amount.(type) {
	case money.Fen:
		return a + 1
	case string:
		n, _ := strconv.ParseInt(a, 10, 64)
		return strconv.FormatInt(n+1, 10)
	}
	return nil
}
