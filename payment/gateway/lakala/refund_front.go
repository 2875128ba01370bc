package lakala

import (
	"context"

	"linlipay/payment/gateway"
)

// The newer refund front (统一退货, rfd): one pair of questions for scans, cards and counter orders, and a notification
// of how a refund ended.
const (
	frontRefund      = "/api/v3/rfd/refund_front/refund"
	frontRefundQuery = "/api/v3/rfd/refund_front/refund_query"
)

// frontRefunding asks the front for a refund.
type frontRefunding struct {
	MerchantNo       string   `json:"merchant_no"`
	TermNo           string   `json:"term_no"`
	OutTradeNo       string   `json:"out_trade_no"`
	RefundAmount     string   `json:"refund_amount"`
	RefundReason     string   `json:"refund_reason,omitempty"`
	OriginOutTradeNo string   `json:"origin_out_trade_no,omitempty"`
	OriginTradeNo    string   `json:"origin_trade_no,omitempty"`
	OriginLogNo      string   `json:"origin_log_no,omitempty"`
	LocationInfo     location `json:"location_info"`
	RefundAccMode    string   `json:"refund_acc_mode,omitempty"`
	NotifyURL        string   `json:"notify_url,omitempty"`
}

// frontAsked asks it what became of one.
type frontAsked struct {
	MerchantNo string `json:"merchant_no"`
	TermNo     string `json:"term_no"`
	OutTradeNo string `json:"out_trade_no"`
}

func (c *client) refundFront(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	ask := frontRefunding{
		MerchantNo: c.settings.merchantNo, TermNo: c.settings.termNo, OutTradeNo: r.OutRefundNo,
		RefundAmount: fen(r.Amount), RefundReason: reason(r.Reason),
		LocationInfo: c.from(""), RefundAccMode: c.settings.refundType, NotifyURL: r.NotifyURL,
	}
	ask.OriginTradeNo, ask.OriginLogNo, ask.OriginOutTradeNo = origins(r.Trade)
	told, err := c.call(ctx, frontRefund, done, ask)
	raw, err := underWay(err, done)
	if err != nil {
		return gateway.RefundReport{}, err
	}
	if err := ofRefund(told, r); err != nil {
		return gateway.RefundReport{}, err
	}
	return onItsWay(r, told.Text("trade_no"), raw), nil
}

func (c *client) queryFrontRefund(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	told, err := c.call(ctx, frontRefundQuery, done, frontAsked{c.settings.merchantNo, c.settings.termNo,
		r.OutRefundNo})
	if err != nil {
		return gateway.RefundReport{}, err
	}
	refund := readRefund(told)
	if err := ofPayment(told, r); err != nil {
		return gateway.RefundReport{}, err
	}
	if refund.number == "" && byCard(r.Trade) && told.Text("origin_trade_no") == r.Trade.TransactionID {
		// documented for scans only; the question named it, and the payment is the right one
		refund.number = r.OutRefundNo
	}
	return refund.report(r)
}
