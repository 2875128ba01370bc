package lakala

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"linlipay/money"
	"linlipay/payment"
)

const scanRefund = "/api/v3/labs/relation/refund"

// reasonLength is the longest reason of a refund, in characters.
const reasonLength = 32

// Refund asks to give money back: of a card by the unified refund (统一退货), of anything else by labs. Neither says by itself that the money went back, and a
// repeat may be refused although the first was taken: what the query for the refund's own number says counts. Right after the request that may not know it yet.
func (g *Gateway) Refund(ctx context.Context, a payment.Account, r payment.RefundRequest) (payment.RefundReport, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.RefundReport{}, refused(err)
	}
	taken, err := cl.refund(ctx, r)
	var no *payment.GatewayError
	if err != nil && (!errors.As(err, &no) || !no.Signed || no.Kind == payment.Busy) {
		return payment.RefundReport{}, err
	}
	found, query := cl.queryRefund(ctx, r)
	switch {
	case query == nil:
		return found, nil
	case err == nil:
		return taken, nil
	case absent(query):
		return payment.RefundReport{}, err
	}
	return payment.RefundReport{}, unknown(fmt.Errorf("lakala: not done (%w), but whether an earlier request was taken is not known: %w", err, query))
}

// absent reports whether the institution says, with its signature, that it knows no such refund.
func absent(err error) bool {
	var failed *payment.GatewayError
	return errors.As(err, &failed) && failed.Kind == payment.Absent && failed.Signed
}

// QueryRefund asks what became of a refund.
func (g *Gateway) QueryRefund(ctx context.Context, a payment.Account, r payment.RefundRequest) (payment.RefundReport, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.RefundReport{}, unknown(err)
	}
	return cl.queryRefund(ctx, r)
}

func byCard(t payment.Trade) bool { return t.Method == payment.Swipe || t.Wallet == payment.WalletCard }

func (c *client) refund(ctx context.Context, r payment.RefundRequest) (payment.RefundReport, error) {
	if byCard(r.Trade) {
		return c.refundCard(ctx, r)
	}
	return c.refundScan(ctx, r)
}

func (c *client) queryRefund(ctx context.Context, r payment.RefundRequest) (payment.RefundReport, error) {
	if r.Void {
		return c.queryVoid(ctx, r)
	}
	if byCard(r.Trade) {
		return c.queryCardRefund(ctx, r)
	}
	told, err := c.askScan(ctx, r.OutRefundNo)
	if err != nil {
		return payment.RefundReport{}, err
	}
	if told.TradeMainType != "" && told.TradeMainType != "REFUND" {
		return payment.RefundReport{}, unknown(fmt.Errorf("lakala: %s is a %s, not a refund", r.OutRefundNo, told.TradeMainType))
	}
	return refundTold{told.OutTradeNo, told.TradeNo, told.TradeState, told.TradeTime, told.RefundAmount, told.TotalAmount}.report(r)
}

// refundScan names the payment by the institution's two numbers, as it wants for what was ordered at the counter, and by ours where one of them is missing.
func (c *client) refundScan(ctx context.Context, r payment.RefundRequest) (payment.RefundReport, error) {
	ask := related{
		MerchantNo: c.settings.merchantNo, TermNo: c.settings.termNo, OutTradeNo: r.OutRefundNo, OriginTradeNo: r.Trade.TransactionID, OriginLogNo: r.Trade.StatementNo,
		RefundAmount: fen(r.Amount), RefundReason: reason(r.Reason), LocationInfo: c.from(""),
	}
	if ask.OriginTradeNo == "" || ask.OriginLogNo == "" {
		ask.OriginOutTradeNo = r.Trade.OutTradeNo
	}
	var told struct {
		OutTradeNo    string `json:"out_trade_no"`
		TradeNo       string `json:"trade_no"`
		RefundAmount  cents  `json:"refund_amount"`
		OriginTradeNo string `json:"origin_trade_no"`
	}
	raw, err := underWay(c.call(ctx, scanRefund, labsDone, ask, &told), labsDone)
	if err != nil {
		return payment.RefundReport{}, err
	}
	if told.OutTradeNo != "" && told.OutTradeNo != r.OutRefundNo || told.OriginTradeNo != "" && ask.OriginTradeNo != "" && told.OriginTradeNo != ask.OriginTradeNo {
		return payment.RefundReport{}, unknown(fmt.Errorf("lakala: refund %s of %s, answered for %s of %s",
			r.OutRefundNo, ask.OriginTradeNo, told.OutTradeNo, told.OriginTradeNo))
	}
	if told.RefundAmount != 0 && money.Fen(told.RefundAmount) != r.Amount {
		return payment.RefundReport{}, unknown(fmt.Errorf("lakala: refund %s is of %d fen, not of %d", r.OutRefundNo, told.RefundAmount, r.Amount))
	}
	return onItsWay(r, told.TradeNo, raw), nil
}

// underWay makes no failure of a signed answer that a refund is on its way, and returns the answer's code.
func underWay(err error, success string) (code string, failed error) {
	var no *payment.GatewayError
	if errors.As(err, &no) && no.Signed && slices.Contains(refunding, no.Code) {
		return no.Code, nil
	}
	return success, err
}

// onItsWay is a refund that the institution took.
func onItsWay(r payment.RefundRequest, id, raw string) payment.RefundReport {
	return payment.RefundReport{
		OutTradeNo: r.Trade.OutTradeNo, OutRefundNo: r.OutRefundNo, RefundID: id, State: payment.RefundProcessing, Amount: r.Amount, Raw: raw,
	}
}

// reason is required.
func reason(text string) string {
	if text == "" {
		return "退款"
	}
	if utf8.RuneCountInString(text) > reasonLength {
		return string([]rune(text)[:reasonLength])
	}
	return text
}

// refundTold is a refund as an answer tells it; amount is the refund's own, total what stands in its place where there is none.
type refundTold struct {
	number, id, state, at string
	amount, total         cents
}

// refundStateOf reads the institution's word for the state of a refund; "" is an unknown one.
func refundStateOf(word string) payment.RefundState {
	switch word {
	case "SUCCESS":
		return payment.RefundDone
	case "INIT", "CREATE", "DEAL", "PROCESSING", "UNKNOWN", "TIMEOUT":
		return payment.RefundProcessing
	case "FAIL", "CLOSE", "REVOKED":
		return payment.RefundShut
	case "EXCEPTION": // 异常
		return payment.RefundStuck
	}
	return ""
}

// report translates and compares with what was asked.
func (t refundTold) report(r payment.RefundRequest) (payment.RefundReport, error) {
	if t.amount == 0 {
		t.amount = t.total
	}
	if t.number != r.OutRefundNo || money.Fen(t.amount) != r.Amount {
		return payment.RefundReport{}, unknown(fmt.Errorf("lakala: refund %s of %d fen, told of %s of %d", r.OutRefundNo, r.Amount, t.number, t.amount))
	}
	done := onItsWay(r, t.id, t.state)
	if done.State = refundStateOf(t.state); done.State == "" {
		return payment.RefundReport{}, unknown(fmt.Errorf("lakala: unknown state %q of a refund", t.state))
	}
	if at, err := moment(t.at); err == nil && done.State == payment.RefundDone {
		done.DoneAt = at
	}
	return done, nil
}
