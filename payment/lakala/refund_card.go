package lakala

import (
	"cmp"
	"context"
	"fmt"

	"linlipay/money"
	"linlipay/payment"
)

const (
	cardRefund      = "/api/v3/lams/trade/trade_refund"
	cardRefundQuery = "/api/v3/lams/trade/trade_refund_query"
	bizCard         = "1" // 银行卡
	bizScan         = "3" // 扫码
)

// cardRefunding asks for a refund to a card, or what became of one: then out_trade_no and origin_out_trade_no are both the refund's.
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
func (c *client) cardRefunding(r payment.RefundRequest) cardRefunding {
	paid := r.Trade.PaidAt
	if paid.IsZero() {
		paid = r.Trade.CreatedAt
	}
	return cardRefunding{
		MerchantNo: c.settings.merchantNo, TermNo: cmp.Or(r.Trade.Card.Terminal, c.settings.termNo), OutTradeNo: r.OutRefundNo, OriginBizType: bizCard,
		OriginTradeDate: paid.In(payment.Shanghai()).Format("20060102"), OriginLogNo: r.Trade.StatementNo, OriginTradeNo: r.Trade.TransactionID,
		OriginTradeRefNo: r.Trade.Card.ReferenceNo, OriginCardNo: r.Trade.Card.Masked,
	}
}

func (c *client) refundCard(ctx context.Context, r payment.RefundRequest) (payment.RefundReport, error) {
	ask := c.cardRefunding(r)
	from := c.from("")
	ask.RefundAmount, ask.RefundReason, ask.RefundType, ask.LocationInfo = fen(r.Amount), reason(r.Reason), c.settings.refundType, &from
	told, err := c.call(ctx, cardRefund, done, ask)
	raw, err := underWay(err, done)
	if err != nil {
		return payment.RefundReport{}, err
	}
	number, amount := told.Text("out_trade_no"), cents(told, "refund_amount")
	if told.Err() != nil || number != "" && number != r.OutRefundNo || amount != 0 && amount != r.Amount {
		return payment.RefundReport{}, unknown(fmt.Errorf("lakala: refund %s of %d fen, answered for %s of %d: %w",
			r.OutRefundNo, r.Amount, number, amount, told.Err()))
	}
	return onItsWay(r, told.Text("log_no"), raw), nil
}

// queryCardRefund finds the refund in the list of those of the payment; a list without it says that no such refund
// was taken. The number of a line is documented for scans only: as the question names the refund, a single line
// without one is it, and of several nothing is believed.
func (c *client) queryCardRefund(ctx context.Context, r payment.RefundRequest) (payment.RefundReport, error) {
	ask := c.cardRefunding(r)
	ask.OriginOutTradeNo = r.OutRefundNo
	told, err := c.call(ctx, cardRefundQuery, done, ask)
	if err != nil {
		return payment.RefundReport{}, err
	}
	list := told.Objects("refund_list")
	if err := told.Err(); err != nil {
		return payment.RefundReport{}, unknown(err)
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
		return payment.RefundReport{}, unknown(fmt.Errorf("lakala: %d of %d refunds have no number", unnamed,
			len(list)))
	}
	return payment.RefundReport{}, &payment.GatewayError{Kind: payment.Absent, Signed: true, Code: done, Message: "退款明细中没有该笔退款"}
}

// listedRefunds is what has gone back of a scanned payment by the list of its refunds: 0 where the institution does
// not answer, or lists none or more than was paid. That the list holds what a person gave back on the institution's
// page is believed, not documented.
func (c *client) listedRefunds(ctx context.Context, paid payment.Report) (sum money.Fen) {
	at := paid.PaidAt
	if at.IsZero() {
		return 0 // the question needs the day
	}
	told, err := c.call(ctx, cardRefundQuery, done, cardRefunding{
		MerchantNo: c.settings.merchantNo, TermNo: c.settings.termNo, OutTradeNo: paid.OutTradeNo,
		OriginBizType:   bizScan,
		OriginTradeDate: at.In(payment.Shanghai()).Format("20060102"), OriginTradeNo: paid.TransactionID,
	})
	if err != nil {
		return 0
	}
	for _, f := range told.Objects("refund_list") {
		refund := readRefund(f)
		if refundStateOf(refund.state) == payment.RefundDone {
			sum += refund.amount // each is below 2^63 fen, and the sum is checked against the payment
		}
		if sum < 0 || sum > paid.Amount {
			return 0
		}
	}
	if told.Err() != nil {
		return 0
	}
	return sum
}
