package simulate

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/webhook"
)

// Companies' own systems, which hear by webhook of what happens: each has an endpoint that now and then fails.

// listenerAddress is where a company's own system listens.
const listenerAddress = "https://erp.example.com/"

// foundListener gives a company an endpoint that is sent to.
func (w *world) foundListener(company string) {
	e := webhook.Endpoint{ID: "we_" + company, Company: company, State: webhook.Enabled, CreatedAt: w.instant()}
	e.URL = listenerAddress + company
	e.Secret = w.box.Seal(make([]byte, 32), "webhook-secret/"+e.ID)
	insert(w, "webhook_endpoints", e.ID, &e, map[string][]any{"company": {company}})
}

// eventData is what an event tells here of an order or a bill: what the checks compare.
type eventData struct {
	Amount money.Fen `json:"amount"` // of the order or the bill
	Part   money.Fen `json:"part"`   // of the refund, or of the payment whose money is unapplied
}

// hooksOver are the webhooks of a process.
func (p *process) hooksOver(cfg webhook.Config) *webhook.Service {
	w := p.w
	cfg.Box, cfg.Now, cfg.Log = w.box, p.now, slog.New(slog.DiscardHandler)
	cfg.Simulated = &webhook.Simulated{
		Do:     w.hear,
		Jitter: func(most time.Duration) time.Duration { return w.sched.between(0, most+1) },
	}
	s := webhook.NewService(cfg)
	s.Attach(p.pay.Events(func(_ context.Context, o *payment.Order, e webhook.Event) (any, error) {
		d := eventData{Amount: o.Amount}
		if r := o.Refund(e.Part); e.Type.OfRefund() {
			d.Part = r.Amount
		} else if e.Type == webhook.FundsUnapplied {
			d.Part = o.Attempt(o.UnappliedFunds(e.Part).Attempt).Received
		}
		return d, nil
	}), p.bills.Events(func(_ context.Context, b *billing.Bill, _ webhook.Event) (any, error) {
		return eventData{Amount: b.Amount}, nil
	}))
	return s
}

// tellers let a process now and then publish and send what is owed.
func (w *world) tellers() {
	for !w.calm {
		w.sched.sleep(w.sched.between(time.Second, 20*time.Second))
		w.tell()
	}
}

// tell lets a process publish and send what is owed and due.
func (w *world) tell() {
	p := one(w.sched, w.processes...)
	w.within(p, func(ctx context.Context) {
		_, _ = p.hooks.Settle(ctx)
		_ = p.hooks.Send(ctx)
	})
}

// telling reports whether an event is not published yet, or is on its way to somebody.
func (w *world) telling() bool {
	for collection, name := range map[string]string{
		"orders": "by_owes_events", "bills": "by_owes_events", "webhook_deliveries": "by_due",
	} {
		for _, x := range w.memory.kinds[collection].indexes {
			if x.Name == name && x.entries.Len() > 0 {
				return true
			}
		}
	}
	return false
}

// hear is a company's own system. When it fails, it has taken what it was sent or not.
func (w *world) hear(r *http.Request) (*http.Response, error) {
	w.sched.sleep(w.pace())
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	fails := w.strikes(WebhookFailed)
	if !fails || w.sched.odds(300) {
		w.heard(r.URL.String(), r.Header.Get("webhook-id"), body)
	}
	switch {
	case fails && w.sched.odds(500):
		return nil, context.DeadlineExceeded // no answer within the time
	case fails && w.sched.odds(500):
		return nil, errors.New("simulated: the connection broke off")
	case fails:
		return answer(http.StatusServiceUnavailable), nil
	}
	return answer(http.StatusNoContent), nil
}

func answer(status int) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(nil))}
}

// decoded is an event as it is stored or sent.
func (w *world) decoded(body []byte) (e webhook.Event, of eventData) {
	err := json.Unmarshal(body, &e)
	if err == nil {
		err = json.Unmarshal(e.Data, &of)
	}
	if err != nil {
		w.violate("events", "", "an event cannot be read: "+err.Error())
	}
	return e, of
}
