package simulate

import (
	"context"
	"net/http"
	"time"

	"linlipay/payment/gateway"
)

func callbackMutations() []Mutation {
	yes := gateway.Acknowledgement{Status: http.StatusOK}
	return []Mutation{
		{Name: "answer-first", Why: "a notification is answered with success before its money is booked",
			Receive: func(w *world, p *process) receiver {
				return func(_ context.Context, i gateway.Institution, account string,
					m gateway.RawNotification) gateway.Acknowledgement {
					w.sched.after(w.sched.between(0, 50*time.Millisecond), func() {
						w.within(p, func(ctx context.Context) { p.pay.Receive(ctx, i, account, m) })
					})
					return yes
				}
			}},
		{Name: "answer-anyway", Why: "a notification is answered with success although its money could not be booked",
			Receive: func(_ *world, p *process) receiver {
				return func(ctx context.Context, i gateway.Institution, account string,
					m gateway.RawNotification) gateway.Acknowledgement {
					p.pay.Receive(ctx, i, account, m)
					return yes
				}
			}},
	}
}
