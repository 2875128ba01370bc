package shengpay

import (
	"context"
	"fmt"
	"slices"

	"linlipay/payment/gateway"
)

// refundID is the institution's own number of a refund, under which it can be asked about too.
const refundID = "refundId"

// foreignRefund asks about a refund that was made at the institution. Whether the number is one that was made up
// there in the place of ours, or refundId, is not known, so that it is asked under both.
func (c *client) foreignRefund(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	told, err := c.call(ctx, asking, refundQuery, fields{c.settings.refundQueryField: r.OutRefundNo})
	if gateway.UnknownThere(err) {
		told, err = c.call(ctx, asking, refundQuery, fields{refundID: r.OutRefundNo})
	}
	if err != nil {
		return gateway.RefundReport{}, err
	}
	if err := told.isRefund(r); err != nil {
		return gateway.RefundReport{}, err
	}
	amount, err := told.returned()
	if err != nil {
		return gateway.RefundReport{}, err
	}
	report, err := c.refundReport(told, amount)
	report.OutRefundNo = r.OutRefundNo
	if report.OutTradeNo == "" {
		report.OutTradeNo = r.Trade.OutTradeNo
	}
	return report, err
}

// isRefund checks that an answer is about the refund that was asked about, by one of its numbers, and about its
// payment, as far as that is named.
func (f fields) isRefund(r gateway.RefundRequest) error {
	if !slices.Contains([]string{f["outRefundNo"], f["refundOrderNo"], f[refundID]}, r.OutRefundNo) {
		return gateway.AsIndeterminate(
			fmt.Errorf("shengpay: asked for refund %s, answered for %.64q", r.OutRefundNo, f.refundNo()),
		)
	}
	return f.ofPayment(r.Trade)
}

// ofPayment checks that an answer about a refund names no other payment than that, as far as both are known.
func (f fields) ofPayment(t gateway.Trade) error {
	for name, known := range map[string]string{"outTradeNo": t.OutTradeNo, "transactionId": t.TransactionID} {
		if told := f[name]; told != "" && known != "" && told != known {
			return gateway.AsIndeterminate(fmt.Errorf("shengpay: a refund of %s, answered for %.64q", known, told))
		}
	}
	return nil
}
