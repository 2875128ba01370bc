package shengpay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
)

// Query asks by out-trade number (查单). Cards are not known to this API: only the statement tells of them.
func (g *Gateway) Query(ctx context.Context, a gateway.Account, t gateway.Trade) (gateway.Report, error) {
	c, err := g.client(a)
	if err != nil {
		return gateway.Report{}, gateway.AsIndeterminate(err)
	}
	return c.query(ctx, t)
}

func (c *client) query(ctx context.Context, t gateway.Trade) (gateway.Report, error) {
	if t.Method == gateway.CardPresent {
		return gateway.Report{}, gateway.AsIndeterminate(errors.New("shengpay: only the statement tells of cards"))
	}
	told, err := c.call(ctx, asking, queryPath, fields{"outTradeNo": t.OutTradeNo})
	if err != nil {
		return gateway.Report{}, err
	}
	if told["outTradeNo"] != t.OutTradeNo {
		return gateway.Report{},
			gateway.AsIndeterminate(
				fmt.Errorf("shengpay: asked for %s, answered for %.64q", t.OutTradeNo, told["outTradeNo"]),
			)
	}
	r, err := c.report(told)
	if err != nil {
		return gateway.Report{}, err
	}
	if r.State == gateway.TradeUnpaid && r.Raw == "PAY_INIT" && c.overdue(t) {
		r.State, r.Raw = gateway.TradeClosed, "PAY_INIT, expired"
	}
	return wasPaid(r, t), nil
}

// overdue reports whether the account takes an order that nobody has begun to pay for closed by now, though the
// institution has not said CLOSED.
func (c *client) overdue(t gateway.Trade) bool {
	return c.settings.expiredAfter > 0 && t.Method != gateway.CodePresented && !t.CreatedAt.IsZero() &&
		c.now().Sub(t.CreatedAt) > c.settings.orderLife+c.settings.expiredAfter
}

// Close ends an order: nil only when the institution says, with its signature, that it is closed. Without close_path it
// can only be asked what became of the order, and one that can still be paid is TryLater until its timeExpire has
// passed.
func (g *Gateway) Close(ctx context.Context, a gateway.Account, t gateway.Trade) error {
	c, err := g.client(a)
	if err != nil {
		return gateway.AsIndeterminate(err)
	}
	if c.settings.closePath != "" && t.Method != gateway.CardPresent {
		return c.end(ctx, closing, c.settings.closePath, t)
	}
	return c.over(ctx, closing, t, "盛付通未开通关单，订单到期后自动关闭")
}

// end asks for an end of a trade, then whether it has come: the institution's answers to such requests do not repeat
// the number.
func (c *client) end(ctx context.Context, op operation, path string, t gateway.Trade) error {
	asked := fields{"outTradeNo": t.OutTradeNo}
	told, err := c.call(ctx, op, path, asked)
	if err != nil {
		return err
	}
	if err := told.about(asked, "outTradeNo"); err != nil {
		return err
	}
	err = c.over(ctx, op, t, "盛付通尚未确认订单已结束")
	var paid *gateway.Error
	if op == reversing && errors.As(err, &paid) && paid.Kind == gateway.AlreadyPaidUpstream {
		paid.Kind = gateway.TryLater // a reversal that was taken gives the money back: it is not ours to book
	}
	return err
}

// over asks whether a trade has ended without money, or, after a reversal, with the money given back: nil is yes. One
// that can still be paid is TryLater, for the reason given.
func (c *client) over(ctx context.Context, op operation, t gateway.Trade, reason string) error {
	r, err := c.query(ctx, t)
	if err != nil {
		return err
	}
	switch {
	case r.State == gateway.TradeClosed, r.State == gateway.TradeFailed:
		return nil
	case op == reversing && r.Returned != gateway.ReturnedNothing:
		return nil
	case r.State == gateway.TradePaid:
		return &gateway.Error{Kind: gateway.AlreadyPaidUpstream, Signed: true, Code: r.Raw}
	}
	return &gateway.Error{Kind: gateway.TryLater, Signed: true, Code: r.Raw, Message: reason}
}

// report translates a trade as an answer or a notification tells it. A payment without its number or its amount is not
// believed; one without its time is a payment all the same.
func (c *client) report(told fields) (gateway.Report, error) {
	r := gateway.Report{
		OutTradeNo: told["outTradeNo"], TransactionID: told["transactionId"],
		Currency: cmp.Or(told["currency"], gateway.CNY), Merchant: told["mchId"],
		Wallet: walletOf(told["tradeType"]), PayerID: payerOf(told["payerInfo"]),
		Raw: gateway.Cut(told[c.settings.statusField]),
	}
	found, known := c.settings.standing(r.Raw)
	if !known {
		return gateway.Report{}, gateway.AsIndeterminate(
			fmt.Errorf("shengpay: unknown %s %q", c.settings.statusField, r.Raw),
		)
	}
	r.State, r.Returned = found.state, found.returned
	var err error
	if told["totalFee"] != "" || r.State == gateway.TradePaid {
		if r.Amount, err = fen(told["totalFee"]); err != nil {
			return gateway.Report{}, err
		}
	}
	if r.State != gateway.TradePaid {
		return r, nil
	}
	if r.TransactionID == "" || r.Amount == 0 {
		return gateway.Report{}, gateway.AsIndeterminate(
			errors.New("shengpay: a paid trade without transactionId, or of nothing"),
		)
	}
	r.PaidAt = told.moment(c.settings.paidFields)
	return r, nil
}

// moment is the first of some fields that holds a time; zero when none does.
func (f fields) moment(names []string) time.Time {
	for _, name := range names {
		if at := moment(f[name]); !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}

// fen reads an amount: digits, as they are written.
func fen(written string) (money.Fen, error) {
	n, err := strconv.ParseInt(written, 10, 64)
	if err != nil || n < 0 || len(written) > 15 || strconv.FormatInt(n, 10) != written {
		return 0, gateway.AsIndeterminate(fmt.Errorf("shengpay: %.32q is not an amount in fen", written))
	}
	return money.Fen(n), nil
}

// walletOf is whose money a tradeType takes; "" is as asked: an aggregate QR's tradeType does not say.
func walletOf(tradeType string) gateway.Wallet {
	switch name := strings.ToLower(tradeType); {
	case strings.HasPrefix(name, "wx_"):
		return gateway.WalletWeChat
	case strings.HasPrefix(name, "alipay_"):
		return gateway.WalletAlipay
	case strings.HasPrefix(name, "upacp_"):
		return gateway.WalletUnionPay
	}
	return ""
}

// payerOf finds who paid in payerInfo, a JSON text of which nothing but openid is agreed on; "" when it does not say.
func payerOf(info string) string {
	told, err := readFields([]byte(info))
	if err != nil {
		return ""
	}
	return gateway.Cut(told["openid"])
}
