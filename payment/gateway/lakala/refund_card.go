package lakala

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"linlipay/calendar"
	"linlipay/money"
	"linlipay/payment/gateway"
)

const (
	cardRefund      = "/api/v3/lams/trade/trade_refund"
	cardRefundQuery = "/api/v3/lams/trade/trade_refund_query"
	bizCard         = "1" // 银行卡
	bizScan         = "3" // 扫码
)

// cardRefunding asks for a refund to a card, or what became of one: then out_trade_no and origin_out_trade_no are both
// the refund's.
type cardRefunding struct {
	MerchantNo       string    `json:"merchant_no"`
	TermNo           string    `json:"term_no"`
	OutTradeNo       string    `json:"out_trade_no"`
	OriginOutTradeNo string    `json:"origin_out_trade_no,omitempty"`
	RefundAmount     string    `json:"refund_amount,omitempty"`
	RefundReason     string    `json:"refund_reason,omitempty"`
	RefundType       string    `json:"refund_type,omitempty"`
	OriginBizType    string    `json:"origin_biz_type"`
	OriginTradeDate  string    `json:"origin_trade_date"`
	OriginLogNo      string    `json:"origin_log_no,omitempty"`
	OriginTradeNo    string    `json:"origin_trade_no,omitempty"`
	OriginTradeRefNo string    `json:"origin_trade_ref_no,omitempty"`
	OriginCardNo     string    `json:"origin_card_no,omitempty"` // masked
	LocationInfo     *location `json:"location_info,omitempty"`
}

// cardRefunding names the payment by all that is known of it.
func (c *client) cardRefunding(r gateway.RefundRequest) cardRefunding {
	paid := r.Trade.PaidAt
	if paid.IsZero() {
		paid = r.Trade.CreatedAt
	}
	return cardRefunding{
		MerchantNo: c.settings.merchantNo, TermNo: cmp.Or(r.Trade.Card.Terminal, c.settings.termNo),
		OutTradeNo: r.OutRefundNo, OriginBizType: bizCard,
		OriginTradeDate: calendar.Format(paid, "20060102"), OriginLogNo: r.Trade.StatementNo,
		OriginTradeNo:    r.Trade.TransactionID,
		OriginTradeRefNo: r.Trade.Card.ReferenceNo, OriginCardNo: r.Trade.Card.Masked,
	}
}

func (c *client) refundCard(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	ask := c.cardRefunding(r)
	from := c.from("")
	ask.RefundAmount, ask.RefundReason, ask.RefundType, ask.LocationInfo = fen(r.Amount), reason(r.Reason),
		c.settings.refundType, &from
	told, err := c.call(ctx, cardRefund, done, ask)
	raw, err := underWay(err, done)
	if err != nil {
		return gateway.RefundReport{}, err
	}
	if err := ofRefund(told, r); err != nil {
		return gateway.RefundReport{}, err
	}
	return onItsWay(r, told.Text("log_no"), raw), nil
}

// queryCardRefund finds the refund in the list of those of the payment; a list without it says that no such refund
// was taken. The number of a line is documented for scans only: as the question names the refund, a single line
// without one is it, and of several nothing is believed.
func (c *client) queryCardRefund(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	ask := c.cardRefunding(r)
	ask.OriginOutTradeNo = r.OutRefundNo
	told, err := c.call(ctx, cardRefundQuery, done, ask)
	if err != nil {
		return gateway.RefundReport{}, err
	}
	list := told.Objects("refund_list")
	if err := told.Err(); err != nil {
		return gateway.RefundReport{}, gateway.AsIndeterminate(err)
	}
	unnamed := 0
	for _, f := range list {
		line := readRefund(f)
		if line.number == "" {
			unnamed++
		}
		if line.number == "" && len(list) == 1 {
			line.number = r.OutRefundNo
		}
		if line.number == r.OutRefundNo {
			return line.report(r)
		}
	}
	if unnamed > 0 {
		return gateway.RefundReport{}, gateway.AsIndeterminate(
			fmt.Errorf("lakala: %d of %d refunds have no number", unnamed,
				len(list)),
		)
	}
	return gateway.RefundReport{}, &gateway.Error{Kind: gateway.NotFound, Signed: true, Code: done,
		Message: "退款明细中没有该笔退款"}
}

// returnedSome is what has gone back of a scanned payment by the list of its refunds; 0 is not told. Why it is not is
// logged and no error: the payment itself is told, and the core has a person look at what went back.
func (c *client) returnedSome(ctx context.Context, paid gateway.Report) money.Fen {
	sum, err := c.listedRefunds(ctx, paid)
	if err != nil {
		c.log.Warn("lakala: how much went back is not told", "out_trade_no", paid.OutTradeNo, "err", err)
		return 0
	}
	return sum
}

// listedRefunds sums the refunds that a payment's list calls done: more than 0, at most what was paid. That the list
// holds what a person gave back on the institution's page is believed, not documented.
func (c *client) listedRefunds(ctx context.Context, paid gateway.Report) (sum money.Fen, err error) {
	if paid.PaidAt.IsZero() {
		return 0, errors.New("lakala: the payment has no time, and the list is asked for by its day")
	}
	told, err := c.call(ctx, cardRefundQuery, done, c.refundsOf(paid))
	if err != nil {
		return 0, err
	}
	for _, f := range told.Objects("refund_list") {
		back, err := readRefund(f).back()
		if err := cmp.Or(told.Err(), err); err != nil {
			return 0, err
		}
		if sum += back; sum < 0 || sum > paid.Amount { // each is below 2^63 fen
			return 0, fmt.Errorf("lakala: the list's refunds are more than the %d fen that were paid", paid.Amount)
		}
	}
	if err := told.Err(); err != nil {
		return 0, err
	}
	if sum == 0 {
		return 0, errors.New("lakala: the list has no refund that is done")
	}
	return sum, nil
}

// refundsOf is what the list of a scanned payment's refunds is asked for with.
func (c *client) refundsOf(paid gateway.Report) cardRefunding {
	return cardRefunding{
		MerchantNo: c.settings.merchantNo, TermNo: c.settings.termNo, OutTradeNo: paid.OutTradeNo,
		OriginBizType:   bizScan,
		OriginTradeDate: calendar.Format(paid.PaidAt, "20060102"), OriginTradeNo: paid.TransactionID,
	}
}

// back is what went back by a line of a list: 0 where its refund is not done.
func (t refundTold) back() (money.Fen, error) {
	switch state := refundStateOf(t.state); {
	case state == "":
		return 0, fmt.Errorf("lakala: unknown state %q of a refund", t.state)
	case state != gateway.RefundDone:
		return 0, nil
	case t.amount == 0:
		return 0, errors.New("lakala: a refund that is done, without its amount")
	}
	return t.amount, nil
}
