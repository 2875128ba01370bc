package simulate

import (
	"context"
	"net/http"
	"time"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/payment/gateway"
)

// teller is an institution's gateway with some answers replaced.
type teller struct {
	bank
	query func(ctx context.Context, a gateway.Account, of gateway.Trade) (gateway.Report, error)
	close func(ctx context.Context, a gateway.Account, of gateway.Trade) error
	parse func(ctx context.Context, a gateway.Account, m gateway.RawNotification, now time.Time) (gateway.Notification,
		error)
	pay         func(ctx context.Context, a gateway.Account, c gateway.Charge) (gateway.Report, error)
	reverse     func(ctx context.Context, a gateway.Account, of gateway.Trade) error
	refund      func(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport, error)
	queryRefund func(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport, error)
	open        func(ctx context.Context, a gateway.Account, c gateway.Charge) (gateway.Prepared, error)
	read        func(a gateway.Account, of gateway.Trade, fields map[string]string) (gateway.DeviceResult, error)
	statement   func(ctx context.Context, a gateway.Account, day time.Time) ([]gateway.Report, error)
}

// Query may be replaced.
func (t teller) Query(ctx context.Context, a gateway.Account, of gateway.Trade) (gateway.Report, error) {
	if t.query != nil {
		return t.query(ctx, a, of)
	}
	return t.bank.Query(ctx, a, of)
}

// Close may be replaced.
func (t teller) Close(ctx context.Context, a gateway.Account, of gateway.Trade) error {
	if t.close != nil {
		return t.close(ctx, a, of)
	}
	return t.bank.Close(ctx, a, of)
}

// Verify may be replaced.
func (t teller) Verify(ctx context.Context, a gateway.Account, m gateway.RawNotification,
	now time.Time) (gateway.Notification,
	error) {
	if t.parse != nil {
		return t.parse(ctx, a, m, now)
	}
	return t.bank.Verify(ctx, a, m, now)
}

// PayCode may be replaced.
func (t teller) PayCode(ctx context.Context, a gateway.Account, c gateway.Charge) (gateway.Report, error) {
	if t.pay != nil {
		return t.pay(ctx, a, c)
	}
	return t.bank.PayCode(ctx, a, c)
}

// Reverse may be replaced.
func (t teller) Reverse(ctx context.Context, a gateway.Account, of gateway.Trade) error {
	if t.reverse != nil {
		return t.reverse(ctx, a, of)
	}
	return t.bank.Reverse(ctx, a, of)
}

// Refund may be replaced.
func (t teller) Refund(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport, error) {
	if t.refund != nil {
		return t.refund(ctx, a, r)
	}
	return t.bank.Refund(ctx, a, r)
}

// QueryRefund may be replaced.
func (t teller) QueryRefund(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	if t.queryRefund != nil {
		return t.queryRefund(ctx, a, r)
	}
	return t.bank.QueryRefund(ctx, a, r)
}

// Open may be replaced.
func (t teller) Open(ctx context.Context, a gateway.Account, c gateway.Charge) (gateway.Prepared, error) {
	if t.open != nil {
		return t.open(ctx, a, c)
	}
	return t.bank.Open(ctx, a, c)
}

// ReadResult may be replaced.
func (t teller) ReadResult(a gateway.Account, of gateway.Trade, fields map[string]string) (gateway.DeviceResult,
	error) {
	if t.read != nil {
		return t.read(a, of, fields)
	}
	return t.bank.ReadResult(a, of, fields)
}

// CardTrades may be replaced.
func (t teller) CardTrades(ctx context.Context, a gateway.Account, day time.Time) ([]gateway.Report, error) {
	if t.statement != nil {
		return t.statement(ctx, a, day)
	}
	return t.bank.CardTrades(ctx, a, day)
}

// retell makes a mutation of the gateways.
func retell(name, why string, how func(w *world, b bank, t *teller)) Mutation {
	return Mutation{Name: name, Why: why, Bank: func(w *world, b bank) bank {
		t := &teller{bank: b}
		how(w, b, t)
		return t
	}}
}

func kindOf(err error) (kind gateway.ErrorKind, signed bool) {
	e, ok := err.(*gateway.Error)
	if !ok {
		return "", false
	}
	return e.Kind, e.Signed
}

func bankMutations() []Mutation {
	closed := func(out string) gateway.Report {
		return gateway.Report{OutTradeNo: out, State: gateway.TradeClosed, Raw: "assumed"}
	}
	asked := func(w *world, r gateway.Report) gateway.Report {
		for _, b := range w.institutions {
			if t := b.trades[r.OutTradeNo]; t != nil {
				r.Amount = t.asked
			}
		}
		return r
	}
	type (
		account = gateway.Account
		charge  = gateway.Charge
		report  = gateway.Report
		notice  = gateway.Notification
	)
	return []Mutation{
		retell("close-unasked", "an attempt is taken for closed although nobody asked the institution to close it",
			func(_ *world, b bank, t *teller) {
				assumed := map[string]bool{}
				t.close = func(_ context.Context, _ account, of gateway.Trade) error {
					assumed[of.OutTradeNo] = true
					return nil
				}
				t.query = func(ctx context.Context, a account, of gateway.Trade) (report, error) {
					if assumed[of.OutTradeNo] {
						return closed(of.OutTradeNo), nil
					}
					return b.Query(ctx, a, of)
				}
				t.parse = func(ctx context.Context, a account, m gateway.RawNotification, now time.Time) (notice,
					error) {
					n, err := b.Verify(ctx, a, m, now)
					if assumed[n.Report.OutTradeNo] {
						n.Kind = gateway.NotifyOther
					}
					return n, err
				}
			}),
		retell("amount-ignored", "what the institution took is taken for what was asked",
			func(w *world, b bank, t *teller) {
				t.query = func(ctx context.Context, a account, of gateway.Trade) (report, error) {
					r, err := b.Query(ctx, a, of)
					return asked(w, r), err
				}
				t.parse = func(ctx context.Context, a account, m gateway.RawNotification, now time.Time) (notice,
					error) {
					n, err := b.Verify(ctx, a, m, now)
					n.Report = asked(w, n.Report)
					return n, err
				}
			}),
		retell("unsigned-final", "an unsigned \"no such trade\" ends an attempt", func(_ *world, b bank, t *teller) {
			t.query = func(ctx context.Context, a account, of gateway.Trade) (report, error) {
				r, err := b.Query(ctx, a, of)
				if kind, signed := kindOf(err); kind == gateway.NotFound && !signed {
					return closed(of.OutTradeNo), nil
				}
				return r, err
			}
		}),
		retell("silence-is-closed", "a time-out of a query ends an attempt", func(_ *world, b bank, t *teller) {
			t.query = func(ctx context.Context, a account, of gateway.Trade) (report, error) {
				r, err := b.Query(ctx, a, of)
				if kind, _ := kindOf(err); kind == gateway.Indeterminate {
					return closed(of.OutTradeNo), nil
				}
				return r, err
			}
		}),
		retell("silence-is-paid", "a time-out of a payment code counts as paid", func(w *world, b bank, t *teller) {
			t.pay = func(ctx context.Context, a account, c charge) (report, error) {
				r, err := b.PayCode(ctx, a, c)
				if kind, _ := kindOf(err); kind == gateway.Indeterminate {
					return report{OutTradeNo: c.OutTradeNo, State: gateway.TradePaid, TransactionID: "?" + c.OutTradeNo,
						Amount: c.Amount, Currency: gateway.CNY, PaidAt: w.instant()}, nil
				}
				return r, err
			}
		}),
		retell("silence-is-refused", "a time-out of a payment code counts as refused",
			func(_ *world, b bank, t *teller) {
				t.pay = func(ctx context.Context, a account, c charge) (report, error) {
					r, err := b.PayCode(ctx, a, c)
					if kind, _ := kindOf(err); kind == gateway.Indeterminate {
						err = refused("TIME_OUT", "")
					}
					return r, err
				}
			}),
		retell("asking-is-paid", "a payment code whose payer is asked for a password counts as paid",
			func(w *world, b bank, t *teller) {
				t.pay = func(ctx context.Context, a account, c charge) (report, error) {
					r, err := b.PayCode(ctx, a, c)
					if err == nil {
						r.State, r.PaidAt = gateway.TradePaid, w.instant()
					}
					return r, err
				}
			}),
		retell("reverse-idle", "a reversal is taken for done although nobody asked for it",
			func(_ *world, b bank, t *teller) {
				assumed := map[string]bool{}
				t.reverse = func(_ context.Context, _ account, of gateway.Trade) error {
					assumed[of.OutTradeNo] = true
					return nil
				}
				t.query = func(ctx context.Context, a account, of gateway.Trade) (report, error) {
					if assumed[of.OutTradeNo] {
						return closed(of.OutTradeNo), nil
					}
					return b.Query(ctx, a, of)
				}
			}),
		retell("forged-believed", "signatures of notifications are not verified", func(_ *world, b bank, t *teller) {
			t.parse = func(ctx context.Context, a account, m gateway.RawNotification, now time.Time) (notice, error) {
				m.Header = http.Header{signature: {genuine}}
				return b.Verify(ctx, a, m, now)
			}
		}),
		retell("merchant-ignored", "a notification of another merchant's trade counts",
			func(_ *world, b bank, t *teller) {
				t.parse = func(ctx context.Context, a account, m gateway.RawNotification, now time.Time) (notice,
					error) {
					var told wire
					if json.Unmarshal(m.Body, &told) == nil {
						a.ID = told.Merchant
					}
					return b.Verify(ctx, a, m, now)
				}
			}),
	}
}
