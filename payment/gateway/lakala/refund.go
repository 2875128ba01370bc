package lakala

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"linlipay/money"
	"linlipay/payment/gateway"
)

const scanRefund = "/api/v3/labs/relation/refund"

// Refund asks to give money back: of a card by the unified refund (统一退货), of anything else by labs, of either by the
// newer front where the account says so. None says by itself that the money went back, and a repeat may be refused
// although the first was taken: what the query for the refund's own number says counts. Right after the request that
// may not know it yet.
func (g *Gateway) Refund(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.RefundReport{}, gateway.AsIndeterminate(err)
	}
	taken, err := cl.refund(ctx, r)
	if err != nil && (!gateway.Signed(err) || gateway.KindOf(err) == gateway.TryLater) {
		return gateway.RefundReport{}, err
	}
	found, query := cl.queryRefund(ctx, r)
	if err == nil && query != nil {
		return taken, nil
	}
	return gateway.AfterDecline(err, found, query)
}

// QueryRefund asks what became of a refund.
func (g *Gateway) QueryRefund(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.RefundReport{}, gateway.AsIndeterminate(err)
	}
	return cl.queryRefund(ctx, r)
}

func byCard(t gateway.Trade) bool {
	return t.Method == gateway.CardPresent || t.Wallet == gateway.WalletCard
}

func (c *client) refund(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	switch {
	case c.settings.refundFront:
		return c.refundFront(ctx, r)
	case byCard(r.Trade):
		return c.refundCard(ctx, r)
	}
	return c.refundScan(ctx, r)
}

// queryRefund asks where the refund was asked for. Where that is the newer front, a refund that it does not know may
// have been asked for before the setting was changed: only when the older product knows nothing of it either, there
// is none.
func (c *client) queryRefund(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	switch {
	case r.Void:
		return c.queryVoid(ctx, r)
	case r.Foreign && atCounter(r.Trade):
		return c.queryCounterRefund(ctx, r)
	case c.settings.refundFront:
		report, err := c.queryFrontRefund(ctx, r)
		if err == nil || !gateway.UnknownThere(err) {
			return report, err
		}
	}
	if byCard(r.Trade) {
		return c.queryCardRefund(ctx, r)
	}
	return c.queryScanRefund(ctx, r)
}

// queryScanRefund asks labs, which knows a refund as a trade of its own.
func (c *client) queryScanRefund(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	f, err := c.tradequery(ctx, r.OutRefundNo)
	if err != nil {
		return gateway.RefundReport{}, err
	}
	told := readScan(f)
	if err := ofPayment(f, r); err != nil {
		return gateway.RefundReport{}, err
	}
	if told.mainType != "" && told.mainType != "REFUND" {
		return gateway.RefundReport{}, gateway.AsIndeterminate(
			fmt.Errorf("lakala: %s is a %s, not a refund", r.OutRefundNo,
				told.mainType),
		)
	}
	return refundTold{told.outTradeNo, told.tradeNo, told.state, told.tradeTime,
		cmp.Or(told.refund, told.total)}.report(r)
}

// origins are the institution's two numbers of a payment, as it wants for what was ordered at the counter, and ours
// where one of them is missing.
func origins(t gateway.Trade) (tradeNo, logNo, outTradeNo string) {
	if t.TransactionID == "" || t.StatementNo == "" {
		outTradeNo = t.OutTradeNo
	}
	return t.TransactionID, t.StatementNo, outTradeNo
}

func (c *client) refundScan(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	ask := related{
		MerchantNo: c.settings.merchantNo, TermNo: c.settings.termNo, OutTradeNo: r.OutRefundNo,
		RefundAmount: fen(r.Amount), RefundReason: reason(r.Reason),
		LocationInfo: c.from(""),
	}
	ask.OriginTradeNo, ask.OriginLogNo, ask.OriginOutTradeNo = origins(r.Trade)
	told, err := c.call(ctx, scanRefund, labsDone, ask)
	raw, err := underWay(err, labsDone)
	if err != nil {
		return gateway.RefundReport{}, err
	}
	if err := ofRefund(told, r); err != nil {
		return gateway.RefundReport{}, err
	}
	return onItsWay(r, told.Text("trade_no"), raw), nil
}

// ofRefund checks that an answer to a request to give back is about it: what it leaves out is as asked, for the query
// that follows decides.
func ofRefund(told gateway.Fields, r gateway.RefundRequest) error {
	number, amount := told.Text("out_trade_no"), cents(told, "refund_amount")
	if err := ofPayment(told, r); err != nil {
		return err
	}
	if number != "" && number != r.OutRefundNo || amount != 0 && amount != r.Amount {
		return gateway.AsIndeterminate(
			fmt.Errorf("lakala: refund %s of %d fen, answered for %s of %d", r.OutRefundNo, r.Amount,
				number, amount),
		)
	}
	return nil
}

// ofPayment checks that an answer about a refund could be read, and that it names no other payment than that, by any of
// its three numbers. Under which number of the merchant's a trade of a counter order goes is not documented.
func ofPayment(told gateway.Fields, r gateway.RefundRequest) error {
	paid := r.Trade
	for _, no := range []struct{ field, known string }{
		{"origin_trade_no", paid.TransactionID}, {"origin_log_no", paid.StatementNo},
		{"origin_out_trade_no", paid.OutTradeNo},
	} {
		unsure := no.field == "origin_out_trade_no" && (atCounter(paid) || byCard(paid))
		if got := told.Text(no.field); got != "" && no.known != "" && got != no.known && !unsure {
			told.Fail(no.field, fmt.Sprintf("%q, of refund %s of %s", got, r.OutRefundNo, no.known))
		}
	}
	if err := told.Err(); err != nil {
		return gateway.AsIndeterminate(err)
	}
	return nil
}

// underWay makes no failure of a signed answer that a refund is on its way, and returns the answer's code.
func underWay(err error, success string) (code string, failed error) {
	var no *gateway.Error
	if errors.As(err, &no) && no.Signed && slices.Contains(refunding, no.Code) {
		return no.Code, nil
	}
	return success, err
}

// onItsWay is a refund that the institution took.
func onItsWay(r gateway.RefundRequest, id, raw string) gateway.RefundReport {
	return gateway.RefundReport{
		OutTradeNo: r.Trade.OutTradeNo, OutRefundNo: r.OutRefundNo, RefundID: id, State: gateway.RefundProcessing,
		Amount: r.Amount, Raw: raw,
	}
}

// refundTold is a refund as an answer tells it.
type refundTold struct {
	number, id, state, at string
	amount                money.Fen // the refund's own; 0 is not told
}

// readRefund reads a refund from an answer of lams' or the newer front's. payer_amount is what went back (实际退款金额).
func readRefund(f gateway.Fields) refundTold {
	return refundTold{
		f.Text("out_trade_no"), cmp.Or(f.Text("trade_no"), f.Text("log_no")), f.Text("trade_state"),
		f.Text("trade_time"),
		cmp.Or(cents(f, "refund_amount"), cents(f, "payer_amount")),
	}
}

// refundStateOf reads the institution's word for the state of a refund; "" is an unknown one.
func refundStateOf(word string) gateway.RefundState {
	switch word {
	case "SUCCESS":
		return gateway.RefundDone
	case "INIT", "CREATE", "DEAL", "PROCESSING", "UNKNOWN", "TIMEOUT":
		return gateway.RefundProcessing
	case "FAIL", "CLOSE", "REVOKED":
		return gateway.RefundClosed
	case "EXCEPTION": // 异常
		return gateway.RefundAbnormal
	}
	return ""
}

// report translates and compares with what was asked. Of a refund that a person made at the institution nobody knows
// the amount before.
func (t refundTold) report(r gateway.RefundRequest) (gateway.RefundReport, error) {
	if r.Foreign && t.amount > 0 && t.amount <= r.Total {
		r.Amount = t.amount
	}
	if t.number != r.OutRefundNo || t.amount == 0 || t.amount != r.Amount {
		return gateway.RefundReport{},
			gateway.AsIndeterminate(
				fmt.Errorf("lakala: refund %s of %d fen, told of %s of %d", r.OutRefundNo, r.Amount, t.number,
					t.amount),
			)
	}
	done := onItsWay(r, t.id, t.state)
	if done.State = refundStateOf(t.state); done.State == "" {
		return gateway.RefundReport{}, gateway.AsIndeterminate(
			fmt.Errorf("lakala: unknown state %q of a refund", t.state),
		)
	}
	if done.State == gateway.RefundDone {
		done.DoneAt = momentIfTold(t.at)
	}
	return done, nil
}
