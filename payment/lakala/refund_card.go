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
	var told struct {
		OutTradeNo   string `json:"out_trade_no"`
		LogNo        string `json:"log_no"`
		RefundAmount cents  `json:"refund_amount"`
	}
	raw, err := underWay(c.call(ctx, cardRefund, done, ask, &told), done)
	if err != nil {
		return payment.RefundReport{}, err
	}
	if told.OutTradeNo != "" && told.OutTradeNo != r.OutRefundNo || told.RefundAmount != 0 && money.Fen(told.RefundAmount) != r.Amount {
		return payment.RefundReport{}, unknown(fmt.Errorf("lakala: refund %s of %d fen, answered for %s of %d",
			r.OutRefundNo, r.Amount, told.OutTradeNo, told.RefundAmount))
	}
	return onItsWay(r, told.LogNo, raw), nil
}

// queryCardRefund finds the refund in the list of those of the payment; a list without it says that no such refund was taken.
func (c *client) queryCardRefund(ctx context.Context, r payment.RefundRequest) (payment.RefundReport, error) {
	ask := c.cardRefunding(r)
	ask.OriginOutTradeNo = r.OutRefundNo
	var told struct {
		List []struct {
			OutTradeNo   string `json:"out_trade_no"`
			TradeNo      string `json:"trade_no"`
			LogNo        string `json:"log_no"`
			TradeState   string `json:"trade_state"`
			TradeTime    string `json:"trade_time"`
			RefundAmount cents  `json:"refund_amount"`
		} `json:"refund_list"`
	}
	if err := c.call(ctx, cardRefundQuery, done, ask, &told); err != nil {
		return payment.RefundReport{}, err
	}
	for _, t := range told.List {
		if t.OutTradeNo == r.OutRefundNo {
			return refundTold{t.OutTradeNo, cmp.Or(t.TradeNo, t.LogNo), t.TradeState, t.TradeTime, t.RefundAmount, 0}.report(r)
		}
	}
	return payment.RefundReport{}, &payment.GatewayError{Kind: payment.Absent, Signed: true, Code: done, Message: "退款明细中没有该笔退款"}
}
