package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"linlipay/money"
)

// Refund is a refund as the institution keeps it.
type Refund struct {
	ID          string      `json:"id"`
	Institution string      `json:"institution"`
	Merchant    string      `json:"merchant"`
	OutTradeNo  string      `json:"out_trade_no"`
	OutRefundNo string      `json:"out_refund_no"`
	AmountFen   money.Fen   `json:"amount_fen"`
	State       refundState `json:"state"` // processing, success, abnormal or closed
	CreatedAt   time.Time   `json:"created_at"`
}

func refundOf(r refund) Refund {
	return Refund{r.ID, r.Institution, r.Merchant, r.OutTradeNo, r.OutRefundNo, r.Amount, r.State, r.CreatedAt.UTC()}
}

// refunds lists all refunds, oldest first.
func (s *Sandbox) refunds(w http.ResponseWriter, _ *http.Request) {
	all := s.bank.allRefunds()
	slices.SortFunc(all, func(a, b refund) int { return a.CreatedAt.Compare(b.CreatedAt) })
	list := make([]Refund, len(all))
	for i, r := range all {
		list[i] = refundOf(r)
	}
	answer(w, list)
}

// settleRefund ends a refund that is on its way; the institution decides which ends there are.
func (s *Sandbox) settleRefund(w http.ResponseWriter, r *http.Request) {
	in := struct {
		State refundState `json:"state"`
	}{refundDone}
	if !decode(w, r, &in) {
		return
	}
	got, ok := s.bank.refundBy(r.PathValue("id"))
	ends := s.bank.houses[got.Institution].refundEnds
	switch {
	case !ok:
		refuse(w, http.StatusNotFound, fmt.Errorf("没有这笔退款 (there is no such refund)"))
	case !slices.Contains(ends, in.State):
		refuse(w, http.StatusBadRequest, fmt.Errorf("退款不能变为 %q (state must be one of %v)", in.State, ends))
	default:
		if err := s.finish(got.ID, in.State); err != nil {
			refuse(w, http.StatusConflict, err)
			return
		}
		got, _ = s.bank.refundBy(got.ID)
		answer(w, refundOf(got))
	}
}

// refundPayment gives money of a payment back as a person does on the institution's web page; amount_fen of 0 is all
// that is left.
func (s *Sandbox) refundPayment(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AmountFen money.Fen `json:"amount_fen"`
	}
	t, ok := s.known(w, r)
	if !ok || !decode(w, r, &in) {
		return
	}
	if in.AmountFen < 0 {
		refuse(w, http.StatusBadRequest, fmt.Errorf("退款金额不能为负 (amount_fen must not be negative)"))
		return
	}
	got, err := s.refundHere(t, in.AmountFen)
	if err != nil {
		refuse(w, http.StatusConflict, s.refundRefusal(t, err))
		return
	}
	answer(w, refundOf(got))
}

// refundRefusal is why money of a payment cannot go back, in the words of the wallet's page.
func (s *Sandbox) refundRefusal(t trade, err error) error {
	left := (t.Amount - s.bank.promisedOf(t)).Yuan()
	switch {
	case errors.Is(err, errNotPaid):
		return errors.New("这笔付款未支付或已撤销，不能退款。 (this payment is unpaid or was reversed: nothing can go back)")
	case errors.Is(err, errTooMuch) && left == "0.00":
		return errors.New("这笔付款已全部退回，没有可退的金额。 (all of this payment has gone back; nothing is left)")
	case errors.Is(err, errTooMuch):
		return fmt.Errorf("超出可退金额，最多可退 ¥%s。 (more than is left: ¥%s can go back)", left, left)
	case errors.Is(err, errTooMany):
		return fmt.Errorf("这笔付款的退款次数已达 %d 次上限。 (a payment can be refunded %d times at most)", refundsAllowed,
			refundsAllowed)
	case errors.Is(err, errTooLate):
		return errors.New("支付已超过一年，不能退款。 (the payment is older than a year: nothing can go back)")
	case errors.Is(err, errMerchantLow):
		return errors.New("商户账户余额不足，没有退款。 (the merchant's account lacks the money; nothing went back)")
	}
	return err
}

// paidPage is how many paid payments are listed.
const paidPage = 20

func (s *Sandbox) paidPayments(w http.ResponseWriter) {
	payments := []Payment{}
	for _, t := range s.bank.latestPaid(paidPage) {
		payments = append(payments, s.account(t))
	}
	answer(w, payments)
}

// latestPaid returns copies of the trades that were paid last, newest first.
func (b *bank) latestPaid(most int) []trade {
	b.mu.Lock()
	defer b.mu.Unlock()
	var trades []trade
	for _, t := range b.byOut {
		if t.State == paid {
			trades = append(trades, *t)
		}
	}
	slices.SortFunc(trades, func(a, b trade) int { return b.PaidAt.Compare(a.PaidAt) })
	return trades[:min(most, len(trades))]
}
