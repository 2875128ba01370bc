package lakala

import (
	"context"
	"fmt"

	"linlipay/payment/gateway"
)

// The counter order (聚合收银台): one QR for every wallet, or a bank card on a POS terminal.

const (
	counterCreate = "/api/v3/ccss/counter/order/special_create"
	counterQuery  = "/api/v3/ccss/counter/order/query"
	counterClose  = "/api/v3/ccss/counter/order/close"

	// What an order may be paid by; what is not listed is not offered. Transfers and online banking would have no way
	// back that we know.
	scanOnly = `[{"busi_type":"SCPAY","params":{"crd_flg":"CRDFLG_D|CRDFLG_C|CRDFLG_OTH"}}]`
	cardOnly = `[{"busi_type":"UPCARD","params":{"crd_flg":"CRDFLG_D|CRDFLG_C|CRDFLG_OTH"}}]`
	cardMode = `{"pay_mode":"CARD"}`
)

// counterOrder is what asks for a counter order. It can be paid once only, and it does not give back by itself what is
// paid after it was closed: what becomes of such money is for the order to say.
type counterOrder struct {
	OutOrderNo           string `json:"out_order_no"`
	MerchantNo           string `json:"merchant_no"`
	VposID               string `json:"vpos_id,omitempty"`
	ChannelID            string `json:"channel_id,omitempty"`
	TotalAmount          int64  `json:"total_amount"` // fen
	OrderEfficientTime   string `json:"order_efficient_time"`
	NotifyURL            string `json:"notify_url,omitempty"`
	SupportCancel        int    `json:"support_cancel"`
	SupportRefund        int    `json:"support_refund"`
	SupportRepeatPay     int    `json:"support_repeat_pay"`
	CallbackURL          string `json:"callback_url,omitempty"`
	OrderInfo            string `json:"order_info"`
	TermNo               string `json:"term_no,omitempty"`
	CounterParam         string `json:"counter_param,omitempty"`
	BusiTypeParam        string `json:"busi_type_param,omitempty"`
	RepeatPayAutoRefund  string `json:"repeat_pay_auto_refund"`
	RepeatPayNotify      string `json:"repeat_pay_notify"`
	CloseOrderAutoRefund string `json:"close_order_auto_refund"`
	ShopName             string `json:"shop_name,omitempty"`
	TradeBizTp           string `json:"trade_biz_tp,omitempty"`
}

// counter orders the aggregate QR.
func (c *client) counter(ctx context.Context, ch gateway.Charge) (gateway.Prepared, error) {
	order := c.counterOrder(ch)
	order.BusiTypeParam = c.settings.scanBusiTypeParam
	told, err := c.createCounter(ctx, order)
	if err != nil {
		return gateway.Prepared{}, err
	}
	p := gateway.Prepared{CodeURL: told.Required("counter_url"), UpstreamNo: told.Text("pay_order_no")}
	if err := told.Err(); err != nil {
		return gateway.Prepared{}, gateway.AsIndeterminate(
			fmt.Errorf("lakala: the answer holds no counter_url: %w", err),
		)
	}
	return p, nil
}

func (c *client) counterOrder(ch gateway.Charge) counterOrder {
	s := c.settings
	return counterOrder{
		OutOrderNo: ch.OutTradeNo, MerchantNo: s.merchantNo, VposID: s.vposID, ChannelID: s.channelID,
		TotalAmount:        int64(ch.Amount),
		OrderEfficientTime: clock(ch.ExpiresAt), NotifyURL: ch.NotifyURL, SupportRefund: 1, CallbackURL: ch.ReturnURL,
		OrderInfo: title(ch.Title), TermNo: s.termNo,
		RepeatPayAutoRefund: s.repeatPayAutoRefund, RepeatPayNotify: "0", CloseOrderAutoRefund: "0",
		ShopName: s.shopName, TradeBizTp: s.tradeBizTp,
	}
}

// createCounter orders and returns what was ordered: with a pay_order_no, and of no other amount than was asked. The
// document has the amount as a number, its sample leaves it out, and a genuine answer has a text.
func (c *client) createCounter(ctx context.Context, order counterOrder) (gateway.Fields, error) {
	told, err := c.call(ctx, counterCreate, done, order)
	if err != nil {
		return told, err
	}
	if err := c.about(told, "out_order_no", order.OutOrderNo); err != nil {
		return told, err
	}
	told.Required("pay_order_no")
	if amount := cents(told, "total_amount"); amount != 0 && int64(amount) != order.TotalAmount {
		told.Fail("total_amount", fmt.Sprintf("%d fen, not %d", amount, order.TotalAmount))
	}
	if err := told.Err(); err != nil {
		return told, gateway.AsIndeterminate(err)
	}
	return told, nil
}

// counterAsked names a counter order in questions.
type counterAsked struct {
	OutOrderNo string `json:"out_order_no"`
	MerchantNo string `json:"merchant_no"`
	ChannelID  string `json:"channel_id,omitempty"` // where it was ordered with one
}

func (c *client) counterAsked(t gateway.Trade) counterAsked {
	return counterAsked{t.OutTradeNo, c.settings.merchantNo, c.settings.channelID}
}

func (c *client) queryCounter(ctx context.Context, t gateway.Trade) (gateway.Report, error) {
	told, err := c.askCounter(ctx, t)
	if err != nil {
		return gateway.Report{}, err
	}
	r, err := told.report(c.settings, c.now().Sub(t.CreatedAt) < settling)
	if err != nil || r.State != gateway.TradeClosed || !booked(t) {
		return r, err
	}
	if !told.cancelled() {
		return gateway.Report{}, gateway.AsIndeterminate(
			fmt.Errorf("lakala: order_status %q of an order without its payment %s",
				told.status, t.TransactionID),
		)
	}
	return gone(r, t), nil
}

// askCounter asks about a counter order by our number for it.
func (c *client) askCounter(ctx context.Context, t gateway.Trade) (counterState, error) {
	f, err := c.call(ctx, counterQuery, done, c.counterAsked(t))
	if err != nil {
		return counterState{}, err
	}
	if err := c.about(f, "out_order_no", t.OutTradeNo); err != nil {
		return counterState{}, err
	}
	told := readCounter(f)
	for _, trade := range f.Objects("order_trade_info_list") {
		told.trades = append(told.trades, readCounterTrade(trade))
	}
	if n := f.Text("pay_order_no"); n != "" && t.UpstreamNo != "" && n != t.UpstreamNo {
		f.Fail("pay_order_no", "another order's")
	}
	if err := f.Err(); err != nil {
		return counterState{}, gateway.AsIndeterminate(err)
	}
	return told, nil
}

func (c *client) closeCounter(ctx context.Context, t gateway.Trade) error {
	told, err := c.call(ctx, counterClose, done, c.counterAsked(t))
	if err != nil {
		return err
	}
	if n := told.Text("out_order_no"); told.Err() != nil || n != "" && n != t.OutTradeNo {
		return gateway.AsIndeterminate(
			fmt.Errorf("lakala: closed %s, answered for %q: %w", t.OutTradeNo, n, told.Err()),
		)
	}
	return nil
}
