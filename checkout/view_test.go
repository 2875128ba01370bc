package checkout

import (
	"testing"
	"time"

	"linlipay/payment"
	"linlipay/payment/gateway"
)

// Whoever paid is sent on by themselves only once no other attempt can still bring money that was not needed: its
// message may come after the page was shown.
func TestThePageWaitsForMoneyThatComesLate(t *testing.T) {
	now := time.Date(2026, 11, 28, 4, 0, 0, 0, time.UTC)
	kept := payment.Attempt{No: 1, State: payment.AttemptSucceeded}
	other := func(state payment.AttemptState) payment.Attempt {
		return payment.Attempt{State: state, Prepared: gateway.Prepared{CodeURL: "weixin://wxpay/bizpayurl?pr=1"}}
	}
	for name, c := range map[string]struct {
		other payment.Attempt
		since time.Duration
		done  bool
	}{
		"nobody else paid":              {payment.Attempt{State: payment.AttemptFailed}, 0, true},
		"it was never shown":            {payment.Attempt{State: payment.AttemptEnded}, 0, true},
		"it can be paid":                {other(payment.AttemptOpen), time.Hour, false},
		"it was closed just now":        {other(payment.AttemptEnded), time.Second, false},
		"it is being left just now":     {other(payment.AttemptLeaving), 0, false},
		"it was closed a minute before": {other(payment.AttemptEnded), time.Minute, true},
	} {
		c.other.No = 2
		v := view{State: "paid", Now: now, Order: &payment.Order{Status: payment.Paid, PaidBy: 1,
			UpdatedAt: now.Add(-c.since), Attempts: []payment.Attempt{kept, c.other}}}
		if v.Done() != c.done || v.Moving() == c.done {
			t.Errorf("%s: done %t, looks again %t", name, v.Done(), v.Moving())
		}
	}
}
