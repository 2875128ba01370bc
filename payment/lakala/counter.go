package lakala

import (
	"context"
	"errors"
	"fmt"

	"linlipay/payment"
)

// The counter order (聚合收银台): one QR for every wallet, or a bank card on a POS terminal.

const (
	counterCreate = "/api/v3/ccss/counter/order/special_create"
	counterQuery  = "/api/v3/ccss/counter/order/query"
	counterClose  = "/api/v3/ccss/counter/order/close"

	// What an order may be paid by; what is not listed is not offered. Transfers and online banking would have no way back that we know.
	scanOnly = `[{"busi_type":"SCPAY","params":{"crd_flg":"CRDFLG_D|CRDFLG_C|CRDFLG_OTH"}}]`
	cardOnly = `[{"busi_type":"UPCARD","params":{"crd_flg":"CRDFLG_D|CRDFLG_C|CRDFLG_OTH"}}]`
	cardMode = `{"pay_mode":"CARD"}`
)

// counterOrder is what asks for a counter order. It can be paid once only, and it does not give back by itself what is paid after it was closed: what becomes
// of such money is for the order to say.
type counterOrder struct {
	OutOrderNo           string `json:"out_order_no"`
	MerchantNo           string `json:"merchant_no"`
	VposID               string `json:"vpos_id,omitempty"`
	ChannelID            string `json:"channel_id,omitempty"`
	TotalAmount          int64  `json:"total_amount"`
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

// counterOrdered is the answer to it.
type counterOrdered struct {
	MerchantNo  string `json:"merchant_no"`
	OutOrderNo  string `json:"out_order_no"`
	PayOrderNo  string `json:"pay_order_no"`
	CounterURL  string `json:"counter_url"`
	TotalAmount cents  `json:"total_amount"`
}

// counter orders the aggregate QR.
func (c *client) counter(ctx context.Context, ch payment.Charge) (payment.Prepared, error) {
	order := c.counterOrder(ch)
	order.BusiTypeParam = c.settings.scanBusiTypeParam
	told, err := c.createCounter(ctx, order)
	if err != nil {
		return payment.Prepared{}, err
	}
	if told.CounterURL == "" {
		return payment.Prepared{}, unknown(errors.New("lakala: the answer holds no counter_url"))
	}
	return payment.Prepared{CodeURL: told.CounterURL, UpstreamNo: told.PayOrderNo}, nil
}

func (c *client) counterOrder(ch payment.Charge) counterOrder {
	s := c.settings
	return counterOrder{
		OutOrderNo: ch.OutTradeNo, MerchantNo: s.merchantNo, VposID: s.vposID, ChannelID: s.channelID, TotalAmount: int64(ch.Amount),
		OrderEfficientTime: clock(ch.ExpiresAt), NotifyURL: ch.NotifyURL, SupportRefund: 1, CallbackURL: ch.ReturnURL, OrderInfo: ch.Title, TermNo: s.termNo,
		RepeatPayAutoRefund: s.repeatPayAutoRefund, RepeatPayNotify: "0", CloseOrderAutoRefund: "0", ShopName: s.shopName, TradeBizTp: s.tradeBizTp,
	}
}

func (c *client) createCounter(ctx context.Context, order counterOrder) (counterOrdered, error) {
	var told counterOrdered
	if err := c.call(ctx, counterCreate, done, order, &told); err != nil {
		return told, err
	}
	if told.OutOrderNo != order.OutOrderNo || told.MerchantNo != order.MerchantNo || told.PayOrderNo == "" {
		return told, unknown(fmt.Errorf("lakala: ordered %s, answered for %s of %s as %q", order.OutOrderNo, told.OutOrderNo, told.MerchantNo, told.PayOrderNo))
	}
	if told.TotalAmount != 0 && int64(told.TotalAmount) != order.TotalAmount {
		return told, unknown(fmt.Errorf("lakala: ordered %d fen, answered for %d", order.TotalAmount, told.TotalAmount))
	}
	return told, nil
}

// counterAsked names a counter order in questions.
type counterAsked struct {
	OutOrderNo string `json:"out_order_no"`
	MerchantNo string `json:"merchant_no"`
	ChannelID  string `json:"channel_id,omitempty"` // where it was ordered with one
}

func (c *client) counterAsked(t payment.Trade) counterAsked {
	return counterAsked{t.OutTradeNo, c.settings.merchantNo, c.settings.channelID}
}

func (c *client) queryCounter(ctx context.Context, t payment.Trade) (payment.Report, error) {
	told, err := c.askCounter(ctx, t)
	if err != nil {
		return payment.Report{}, err
	}
	return told.report(c.settings, c.now().Sub(t.CreatedAt) < settling)
}

// askCounter asks about a counter order by our number for it.
func (c *client) askCounter(ctx context.Context, t payment.Trade) (counterState, error) {
	var told counterState
	if err := c.call(ctx, counterQuery, done, c.counterAsked(t), &told); err != nil {
		return told, err
	}
	if told.OutOrderNo != t.OutTradeNo || told.MerchantNo != c.settings.merchantNo {
		return told, unknown(fmt.Errorf("lakala: asked for %s, answered for %s of %s", t.OutTradeNo, told.OutOrderNo, told.MerchantNo))
	}
	if t.UpstreamNo != "" && told.PayOrderNo != t.UpstreamNo {
		return told, unknown(fmt.Errorf("lakala: asked for order %s, answered for %s", t.UpstreamNo, told.PayOrderNo))
	}
	return told, nil
}

func (c *client) closeCounter(ctx context.Context, t payment.Trade) error {
	var told counterOrdered
	err := c.call(ctx, counterClose, done, c.counterAsked(t), &told)
	if err == nil && told.OutOrderNo != "" && told.OutOrderNo != t.OutTradeNo {
		return unknown(fmt.Errorf("lakala: closed %s, answered for %s", t.OutTradeNo, told.OutOrderNo))
	}
	return err
}

// counterState is a counter order as an answer or a notification tells it. total_amount is what was ordered: what was paid stands in each trade.
type counterState struct {
	PayOrderNo      string         `json:"pay_order_no"`
	OutOrderNo      string         `json:"out_order_no"`
	MerchantNo      string         `json:"merchant_no"`
	TermNo          string         `json:"term_no"`
	TransMerchantNo string         `json:"trans_merchant_no"`
	TransTermNo     string         `json:"trans_term_no"`
	OrderStatus     string         `json:"order_status"`
	TotalAmount     cents          `json:"total_amount"`
	Trades          []counterTrade `json:"order_trade_info_list"` // of an answer, the latest first
	Trade           *counterTrade  `json:"order_trade_info"`      // of a notification
}
