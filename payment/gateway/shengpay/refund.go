package shengpay

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"linlipay/money"
	"linlipay/payment/gateway"
)

// Refund asks to give money back (退款). That a repeat under the same number leads to one refund is published for the
// institution's H5 payments, and assumed here. A refusal counts only when the institution also knows no such refund: a
// repeat may be refused although the first was taken.
func (g *Gateway) Refund(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	c, err := g.client(a)
	if err != nil {
		return gateway.RefundReport{}, gateway.AsIndeterminate(err)
	}
	if r.Trade.Method == gateway.CardPresent {
		return gateway.RefundReport{}, gateway.NotSent(
			"银行卡退款须由收单机构办理",
			errors.New("shengpay: refunds of cards are not public"),
		)
	}
	done, err := c.refund(ctx, r)
	if !gateway.DeclinedThere(err) {
		return done, err
	}
	found, query := c.queryRefund(ctx, r)
	return gateway.AfterDecline(err, found, query)
}

func (c *client) refund(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	asked := fields{
		"outTradeNo": r.Trade.OutTradeNo, c.settings.refundField: r.OutRefundNo,
		"refundFee": strconv.FormatInt(int64(r.Amount), 10), "notifyUrl": r.NotifyURL,
	}
	if r.Reason != "" {
		asked["refundDesc"] = fit(r.Reason, reasonMost)
	}
	told, err := c.call(ctx, refunding, refundPath, asked)
	if err != nil {
		return gateway.RefundReport{}, err
	}
	return c.answered(r, told)
}

// QueryRefund asks by out-refund number (退款查询).
func (g *Gateway) QueryRefund(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	c, err := g.client(a)
	if err != nil {
		return gateway.RefundReport{}, gateway.AsIndeterminate(err)
	}
	if r.Trade.Method == gateway.CardPresent {
		// none is ever asked for
		return gateway.RefundReport{}, &gateway.Error{Kind: gateway.NotFound, Signed: true,
			Message: "银行卡退款须由收单机构办理"}
	}
	return c.queryRefund(ctx, r)
}

func (c *client) queryRefund(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	if r.Foreign {
		return c.foreignRefund(ctx, r)
	}
	told, err := c.call(ctx, asking, refundQuery, fields{c.settings.refundQueryField: r.OutRefundNo})
	if err != nil {
		return gateway.RefundReport{}, err
	}
	if told.refundNo() == "" {
		return gateway.RefundReport{}, gateway.AsIndeterminate(
			errors.New("shengpay: the answer does not say which refund it is about"),
		)
	}
	return c.answered(r, told)
}

// refundNo is our number of a refund, by its name now or in older versions.
func (f fields) refundNo() string {
	if f["outRefundNo"] != "" {
		return f["outRefundNo"]
	}
	return f["refundOrderNo"]
}

// returned is the amount of a refund, in fen; 0 where it is not told. A refund of nothing is none.
func (f fields) returned() (money.Fen, error) {
	if f["refundFee"] == "" {
		return 0, nil
	}
	amount, err := fen(f["refundFee"])
	if err == nil && amount == 0 {
		err = gateway.AsIndeterminate(errors.New("shengpay: a refund of nothing"))
	}
	return amount, err
}

// answered translates an answer and compares it with what was asked. One that does not say how the refund stands has
// taken it.
func (c *client) answered(r gateway.RefundRequest, told fields) (gateway.RefundReport, error) {
	asked := fields{
		"outTradeNo": r.Trade.OutTradeNo, "outRefundNo": r.OutRefundNo, "refundOrderNo": r.OutRefundNo,
		"refundFee": strconv.FormatInt(int64(r.Amount), 10),
	}
	if err := told.about(asked, "outTradeNo", "outRefundNo", "refundOrderNo", "refundFee"); err != nil {
		return gateway.RefundReport{}, err
	}
	if err := told.ofPayment(r.Trade); err != nil {
		return gateway.RefundReport{}, err
	}
	if told["refundStatus"] == "" {
		told["refundStatus"] = "REFUND_INIT"
	}
	told["outTradeNo"], told["outRefundNo"] = r.Trade.OutTradeNo, r.OutRefundNo
	return c.refundReport(told, r.Amount)
}

// refundReport translates a refund; amount is in fen.
func (c *client) refundReport(told fields, amount money.Fen) (gateway.RefundReport, error) {
	word := gateway.Cut(told["refundStatus"])
	state, known := c.settings.refundStates[word]
	if !known {
		return gateway.RefundReport{}, gateway.AsIndeterminate(fmt.Errorf("shengpay: unknown refundStatus %q", word))
	}
	r := gateway.RefundReport{
		OutTradeNo: told["outTradeNo"], OutRefundNo: told.refundNo(), RefundID: told["refundId"], State: state,
		Amount: amount, Raw: word,
	}
	if state == gateway.RefundDone {
		r.DoneAt = told.moment(c.settings.backFields)
	}
	return r, nil
}

// refundStates is what the states of a refund mean: third parties agree on the first three, the others are assumed.
func refundStates() map[string]gateway.RefundState {
	return map[string]gateway.RefundState{
		"REFUND_INIT": gateway.RefundProcessing, "REFUND_ING": gateway.RefundProcessing,
		"REFUND_SUCCESS": gateway.RefundDone,
		"REFUND_FAIL":    gateway.RefundClosed, "REFUND_CLOSE": gateway.RefundClosed,
		"REFUND_CLOSED": gateway.RefundClosed,
		"CHANGE":        gateway.RefundAbnormal,
	}
}

// refundMeanings are the words for states in the setting refund_states.
func refundMeanings() map[string]gateway.RefundState {
	return map[string]gateway.RefundState{
		"processing": gateway.RefundProcessing, "done": gateway.RefundDone, "shut": gateway.RefundClosed,
		"stuck": gateway.RefundAbnormal,
	}
}

// readRefundStates is refundStates as a text corrects them: STATE=meaning, parted by commas. False is a malformed one.
func readRefundStates(text string) (map[string]gateway.RefundState, bool) {
	states, meanings := refundStates(), refundMeanings()
	for part := range strings.SplitSeq(text, ",") {
		word, means, both := strings.Cut(strings.TrimSpace(part), "=")
		if word == "" && !both {
			continue
		}
		state, known := meanings[means]
		if word == "" || !known {
			return nil, false
		}
		states[word] = state
	}
	return states, true
}
