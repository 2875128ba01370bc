package lakala

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"linlipay/money"
	"linlipay/payment"
)

// settling is how long a trade that is under way may still end well after its order has ended: the institution itself asks a wallet or a bank for about two hours.
const settling = 2 * time.Hour

// counterTrade is one trade of a counter order. The field auth_code, which is the agreement of a quick payment and no authorisation of a card, is not read.
type counterTrade struct {
	TradeNo          string `json:"trade_no"`
	LogNo            string `json:"log_no"`
	LogNoInQuery     string `json:"log_No"` // what an answer calls it
	TradeRefNo       string `json:"trade_ref_no"`
	TradeType        string `json:"trade_type"`
	TradeStatus      string `json:"trade_status"`
	TradeAmount      cents  `json:"trade_amount"`
	UserID1          string `json:"user_id1"`
	UserID2          string `json:"user_id2"`
	BusiType         string `json:"busi_type"`
	TradeTime        string `json:"trade_time"`
	PayerAccountNo   string `json:"payer_account_no"`
	PayerAccountBank string `json:"payer_account_bank"`
	AccType          string `json:"acc_type"`
	PayMode          string `json:"pay_mode"`
	ClientBatchNo    string `json:"client_batch_no"`
	ClientSeqNo      string `json:"client_seq_no"`
	OriginTradeNo    string `json:"origin_trade_no"`
}

// paid, underWay and undoes say what a trade is: 消费成功; 处理中, 发送超时 or 预记状态; a payment that was reversed (冲正) or a void (撤销).
func (t counterTrade) paid() bool { return t.TradeType == "PAY" && t.TradeStatus == "S" }

func (t counterTrade) underWay() bool { return t.TradeType == "PAY" && t.open() }

func (t counterTrade) open() bool { return slices.Contains([]string{"P", "T", "U"}, t.TradeStatus) }

func (t counterTrade) undoes() bool {
	return t.TradeType == "PAY" && t.TradeStatus == "C" || t.TradeType == "CANCEL" && t.TradeStatus == "S"
}

// report translates a counter order: the first successful payment that was not undone, whatever was ordered. A second payment of the same order cannot be
// booked for it: the institution is told to give it back by itself, and the report's own word names it.
func (o counterState) report(s settings, young bool) (payment.Report, error) {
	live := o.live()
	if len(live) > 0 {
		r, err := o.paidBy(live[0], s)
		for _, t := range live[1:] {
			r.Raw += fmt.Sprintf(" 重复支付 %s %s", t.TradeNo, money.Fen(t.TradeAmount).Yuan())
		}
		return r, err
	}
	r := o.named(s)
	state, known := counterStates[o.OrderStatus]
	switch {
	case young && slices.ContainsFunc(o.Trades, counterTrade.underWay):
		r.State = payment.TradeUnpaid
	case known:
		r.State = state
	case (o.OrderStatus == "2" || o.OrderStatus == "6") && slices.ContainsFunc(o.Trades, counterTrade.undoes):
		r.State = payment.TradeClosed
	default:
		return payment.Report{}, unknown(fmt.Errorf("lakala: order_status %q of a counter order without a payment", o.OrderStatus))
	}
	return r, nil
}

// counterStates are the words for the state of an order that nothing was paid for; 2 is paid, 6 given back.
var counterStates = map[string]payment.TradeState{
	"0": payment.TradeUnpaid, "1": payment.TradeUnpaid, // 待支付, 支付中
	"3": payment.TradeFailed,                                                     // 支付失败
	"4": payment.TradeClosed, "5": payment.TradeClosed, "7": payment.TradeClosed, // 已过期, 已取消, 订单已关闭
}

// live lists the successful payments that were not voided, the earliest first, in whatever order the trades stand.
func (o counterState) live() []counterTrade {
	var live, named, unnamed []counterTrade
	for _, t := range slices.Backward(o.Trades) {
		switch {
		case t.paid():
			live = append(live, t)
		case t.TradeType != "CANCEL" || !t.undoes():
		case t.OriginTradeNo != "":
			named = append(named, t)
		default:
			unnamed = append(unnamed, t)
		}
	}
	slices.SortStableFunc(live, earlier)
	for _, v := range slices.Concat(named, unnamed) {
		if i := v.voided(live); i >= 0 {
			live = slices.Delete(live, i, i+1)
		}
	}
	return live
}

// voided is the place of the payment that a void undoes: the one that it names, else the latest before it, for a terminal voids what it took; -1 is none.
func (t counterTrade) voided(live []counterTrade) int {
	for i, p := range slices.Backward(live) {
		if p.TradeNo == t.OriginTradeNo || t.OriginTradeNo == "" && earlier(p, t) <= 0 {
			return i
		}
	}
	return -1
}

// earlier compares trades by their time.
func earlier(a, b counterTrade) int {
	before, _ := moment(a.TradeTime) // one without a time is the first
	after, _ := moment(b.TradeTime)
	return before.Compare(after)
}

// named is what a report of the order says in each state.
func (o counterState) named(s settings) payment.Report {
	return payment.Report{
		OutTradeNo: o.OutOrderNo, Amount: money.Fen(o.TotalAmount), Currency: payment.CNY, Merchant: o.MerchantNo, App: s.appid, Raw: o.OrderStatus,
	}
}

// paidBy reports the payment of an order by one of its trades.
func (o counterState) paidBy(t counterTrade, s settings) (payment.Report, error) {
	r := o.named(s)
	r.State, r.Amount, r.TransactionID, r.StatementNo = payment.TradePaid, money.Fen(t.TradeAmount), t.TradeNo, cmp.Or(t.LogNo, t.LogNoInQuery)
	r.Wallet, r.Method, r.PayerID = t.way()
	if r.Method == payment.Swipe {
		r.Card = payment.Card{
			ReferenceNo: t.TradeRefNo, BatchNo: t.ClientBatchNo, TraceNo: t.ClientSeqNo, Masked: mask(t.PayerAccountNo), Type: payment.UnionPayCardType(t.AccType),
			Issuer: t.PayerAccountBank, Merchant: cmp.Or(o.TransMerchantNo, o.MerchantNo), Terminal: cmp.Or(o.TransTermNo, o.TermNo),
		}
	}
	var err error
	if r.PaidAt, err = moment(t.TradeTime); err != nil || t.TradeNo == "" || t.TradeAmount == 0 {
		return payment.Report{}, unknown(fmt.Errorf("lakala: a payment without number, amount or time: %w", err))
	}
	return r, nil
}

// way tells with what and how a trade was paid, and by whom. Nothing is said of ways that are not offered.
func (t counterTrade) way() (payment.Wallet, payment.Method, string) {
	switch t.BusiType {
	case "UPCARD", "WK": // 银行卡, 外卡
		return payment.WalletCard, payment.Swipe, ""
	case "SCPAY":
		wallet := walletsOf[t.PayMode]
		if wallet == payment.WalletWeChat {
			return wallet, payment.Native, t.UserID1
		}
		return wallet, payment.Native, t.UserID2
	}
	return "", "", t.UserID2
}
