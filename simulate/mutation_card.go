package simulate

import (
	"context"
	"time"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// cardMutations are defects of cards on terminals, and of what happens when an institution fails.
func cardMutations() []Mutation {
	type (
		account = gateway.Account
		charge  = gateway.Charge
		report  = gateway.Report
		request = gateway.RefundRequest
	)
	return []Mutation{
		retell("device-believed", "a device's word of a card counts as money where the institution can be asked",
			func(w *world, b bank, t *teller) {
				told := map[string]gateway.DeviceResult{}
				t.read = func(a account, of gateway.Trade, fields map[string]string) (gateway.DeviceResult, error) {
					r, err := b.ReadResult(a, of, fields)
					if err == nil && r.Done {
						told[of.OutTradeNo] = r
					}
					return r, err
				}
				t.query = func(ctx context.Context, a account, of gateway.Trade) (report, error) {
					r, err := b.Query(ctx, a, of)
					if d, ok := told[of.OutTradeNo]; ok && r.State != gateway.TradePaid {
						return report{OutTradeNo: of.OutTradeNo, State: gateway.TradePaid,
							TransactionID: d.Card.ReferenceNo, Amount: d.Amount, Currency: gateway.CNY,
							PaidAt: w.instant(), Card: d.Card}, nil
					}
					return r, err
				}
			}),
		retell("statement-ignored", "every statement of cards is taken for empty", func(_ *world, b bank, t *teller) {
			t.statement = func(ctx context.Context, a account, day time.Time) ([]report, error) {
				_, err := b.CardTrades(ctx, a, day)
				return nil, err
			}
		}),
		retell("void-presumed", "a terminal's word of a void counts where the institution can be asked",
			func(w *world, b bank, t *teller) {
				t.queryRefund = func(ctx context.Context, a account, r request) (gateway.RefundReport, error) {
					rep, err := b.QueryRefund(ctx, a, r)
					if kind, _ := kindOf(err); r.Void && kind == gateway.NotFound {
						return gateway.RefundReport{OutTradeNo: r.Trade.OutTradeNo, OutRefundNo: r.OutRefundNo,
							State: gateway.RefundDone, Amount: r.Amount, DoneAt: w.instant()}, nil
					}
					return rep, err
				}
			}),
		retell("unreached-but-sent", "a time-out of a charge counts as: nothing was sent",
			func(_ *world, b bank, t *teller) {
				t.open = func(ctx context.Context, a account, c charge) (gateway.Prepared, error) {
					p, err := b.Open(ctx, a, c)
					if kind, _ := kindOf(err); kind == gateway.Indeterminate {
						err = unreached()
					}
					return p, err
				}
				t.pay = func(ctx context.Context, a account, c charge) (report, error) {
					r, err := b.PayCode(ctx, a, c)
					if kind, _ := kindOf(err); kind == gateway.Indeterminate {
						err = unreached()
					}
					return r, err
				}
			}),
		rewrite("provisional-never-confirmed", "attempts",
			"what was booked on a device's word stays so whatever the statement says",
			func(w *world, id string, a map[string]json.RawMessage) {
				if was := w.seen[id].attempt(number(a["no"])); was != nil && was.Provisional && a["denied_by"] == nil {
					a["provisional"] = json.RawMessage("true")
				}
			}),
		rewrite("circuit-moves-attempt", "attempts", "an attempt whose institution did not answer is moved to another",
			func(w *world, id string, a map[string]json.RawMessage) {
				was := w.seen[id].attempt(number(a["no"]))
				if was == nil || was.State != payment.AttemptStarting || a["failure"] == nil ||
					was.Institution == gateway.Cash {
					return
				}
				other := gateway.Lakala
				if was.Institution == other {
					other = gateway.WeChat
				}
				a["institution"] = json.RawMessage(`"` + other + `"`)
				a["account"] = json.RawMessage(`"` + w.seen[id].Company + "-" + string(other) + `"`)
			}),
		rewrite("void-never-doubted", "refunds", "a terminal's word of a void stays in the books whatever the "+
			"statement says", func(_ *world, _ string, r map[string]json.RawMessage) {
			delete(r, "provisional")
		}),
	}
}

// rewrite makes a mutation of what a list of orders, attempts or refunds, holds as they are replaced.
func rewrite(name, list, why string, how func(w *world, id string, one map[string]json.RawMessage)) Mutation {
	return spoil(name, why, func(w *world, _ *process, _ port, c string, d store.Doc, insert bool,
		write func(store.Doc) error) error {
		if c == "orders" && !insert {
			d.Body = rewriteEach(d.Body, list, func(one map[string]json.RawMessage) { how(w, d.ID, one) })
		}
		return write(d)
	})
}

// rewriteEach changes each of what a list of a document holds.
func rewriteEach(body []byte, list string, how func(map[string]json.RawMessage)) []byte {
	var d map[string]json.RawMessage
	var all []map[string]json.RawMessage
	if json.Unmarshal(body, &d) != nil || json.Unmarshal(d[list], &all) != nil {
		return body
	}
	for _, one := range all {
		how(one)
	}
	d[list] = encode(all)
	return encode(d)
}

func encode(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

func number(raw json.RawMessage) (n int) {
	if err := json.Unmarshal(raw, &n); err != nil {
		panic(err)
	}
	return n
}
