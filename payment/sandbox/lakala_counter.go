package sandbox

import (
	"cmp"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// counterPath is where the counter's pages are: counter_url is one, and the text of the aggregate QR.
const counterPath = "/r/"

// lakalaCounter is req_data of the counter (收银台), beside what it has in common with the others.
type lakalaCounter struct {
	OutOrderNo         string `json:"out_order_no"`
	PayOrderNo         string `json:"pay_order_no"`
	ChannelID          string `json:"channel_id"`
	OrderInfo          string `json:"order_info"`
	OrderEfficientTime string `json:"order_efficient_time"`
	CallbackURL        string `json:"callback_url"`
	CounterParam       string `json:"counter_param"`   // JSON in a text
	BusiTypeParam      string `json:"busi_type_param"` // JSON in a text
	TradeBizTp         string `json:"trade_biz_tp"`
}

// lakalaChannel is the channel_id of whoever names none, as genuine messages have it.
const lakalaChannel = "95"

// tradeBizTp is a business type, such as 110A17 物业缴费.
var tradeBizTp = regexp.MustCompile(`^110A[0-9]{2}$`)

// isOrder tells a counter's order from a labs trade.
func (t *trade) isOrder() bool { return t.OrderNo != "" }

// order is the counter's order that a request names.
func (l *lakala) order(m *merchant, in lakalaData) (trade, bool) {
	t, ok := l.bank.byNumber("lakala", m, in.OutOrderNo)
	if in.PayOrderNo != "" {
		t, ok = l.bank.find(in.PayOrderNo)
	}
	return t, ok && t.Merchant == m && t.isOrder() && (in.PayOrderNo == "" || in.PayOrderNo == t.OrderNo)
}

// counterWallets is what an order may be paid with: what counter_param shows, as far as busi_type_param allows it,
// and what that allows where they have nothing in common: the institution's own sample has counter_param ALIPAY
// beside busi_type_param of cards and WeChat.
func counterWallets(in lakalaCounter) ([]Wallet, bool) {
	var shown struct {
		PayMode string `json:"pay_mode"`
	}
	var allowed []struct {
		BusiType string `json:"busi_type"`
		Params   struct {
			PayMode string `json:"pay_mode"`
		} `json:"params"`
	}
	if in.CounterParam != "" && json.Unmarshal([]byte(in.CounterParam), &shown) != nil ||
		in.BusiTypeParam != "" && json.Unmarshal([]byte(in.BusiTypeParam), &allowed) != nil {
		return nil, false
	}
	wallets := counterModes(shown.PayMode)
	if len(allowed) == 0 {
		return wallets, len(wallets) > 0
	}
	var may []Wallet
	for _, a := range allowed {
		switch a.BusiType {
		case "UPCARD":
			may = append(may, BankCard)
		case "SCPAY":
			may = append(may, slices.DeleteFunc(counterModes(a.Params.PayMode), func(w Wallet) bool {
				return w == BankCard
			})...)
		}
	}
	both := slices.DeleteFunc(slices.Clone(wallets), func(w Wallet) bool { return !slices.Contains(may, w) })
	if len(both) == 0 {
		both = may
	}
	return both, len(wallets) > 0 && len(both) > 0
}

// counterModes are the wallets of a pay_mode; none is all of them.
func counterModes(mode string) []Wallet {
	switch mode {
	case "":
		return append(wallets(), BankCard)
	case "WECHAT":
		return []Wallet{WechatWallet}
	case "ALIPAY":
		return []Wallet{AlipayWallet}
	case "UNION", "UQRCODEPAY":
		return []Wallet{UnionPay}
	case "CARD":
		return []Wallet{BankCard}
	}
	return nil
}

// createOrder is special_create. The document has total_amount as a number; a genuine answer has a text. Assumption:
// the same order a second time, with the same terms, is the same order.
func (l *lakala) createOrder(m *merchant, in lakalaData) (map[string]any, *lakalaError) {
	bad := func(why string) (map[string]any, *lakalaError) {
		return nil, lklErr(lakalaParam, "参数错误："+why)
	}
	now := l.cfg.Now()
	wallets, ok := counterWallets(in.lakalaCounter)
	expires, err := time.ParseInLocation("20060102150405", in.OrderEfficientTime, shanghai)
	switch {
	case in.OutOrderNo == "" || len(in.OutOrderNo) > 32:
		return bad("out_order_no")
	case in.TotalAmount.fen < 1:
		return bad("total_amount")
	case err != nil || !expires.After(now) || expires.Sub(now) > 7*24*time.Hour:
		return bad("order_efficient_time")
	case !ok:
		return bad("counter_param、busi_type_param")
	case !lakalaText(in.OrderInfo, 64):
		return bad("order_info")
	case in.NotifyURL != "" && !strings.HasPrefix(in.NotifyURL, "https://") && loopbackURL(in.NotifyURL) != nil:
		return bad("notify_url")
	case in.TradeBizTp != "" && !tradeBizTp.MatchString(in.TradeBizTp):
		return bad("trade_biz_tp")
	}
	fresh := trade{
		Institution: "lakala", Wallets: wallets, Merchant: m, OutTradeNo: in.OutOrderNo,
		OrderNo: now.In(shanghai).Format("06010215") + digits(randomHex(16), 21),
		Title:   in.OrderInfo, Amount: in.TotalAmount.fen, Kind: "counter", NotifyURL: in.NotifyURL,
		ReturnURL: in.CallbackURL, Exists: true, ExpiresAt: expires,
		Terms: "counter" + in.OrderInfo + in.TotalAmount.fen.Yuan() + in.CounterParam + in.BusiTypeParam,
		Code:  l.url("lakala") + counterPath + randomHex(12),
	}
	t, made := l.bank.make(fresh)
	if failed := obtained(t, made, fresh); failed != nil {
		return nil, failed
	}
	return map[string]any{
		"merchant_no": m.ID, "channel_id": cmp.Or(in.ChannelID, lakalaChannel), "out_order_no": t.OutTradeNo,
		"order_create_time":    at14(t.CreatedAt),
		"order_efficient_time": at14(t.ExpiresAt), "pay_order_no": t.OrderNo, "total_amount": fenText(t.Amount),
		"counter_url": t.Code,
	}, nil
}

// counterPage is the page of an order: a browser goes on to the wallet, where the payer chooses what to pay with.
func (l *lakala) counterPage(rw http.ResponseWriter, r *http.Request) {
	t, ok := l.bank.find(l.url("lakala") + r.URL.Path)
	if !ok {
		http.NotFound(rw, r)
		return
	}
	http.Redirect(rw, r, l.payPage(&t), http.StatusFound)
}

func (l *lakala) queryOrder(m *merchant, in lakalaData) (map[string]any, *lakalaError) {
	t, ok := l.order(m, in)
	if !ok {
		return nil, lklErr(lakalaAbsent, "订单不存在")
	}
	v := l.orderView(t)
	list := []map[string]any{}
	for _, row := range l.orderTrades(t) {
		row["log_No"] = row["log_no"] // so named in this answer, and in this one only
		delete(row, "log_no")
		list = append(list, row)
	}
	v["order_trade_info_list"] = list
	return v, nil
}

// closeOrder shuts an order that nobody paid; a repeat is answered alike.
func (l *lakala) closeOrder(m *merchant, in lakalaData) (map[string]any, *lakalaError) {
	t, ok := l.order(m, in)
	if !ok {
		return nil, lklErr(lakalaAbsent, "订单不存在")
	}
	if was := l.bank.shut(t.ID); was == paid || was == revoked {
		return nil, lklErr(lakalaPaid, "订单已支付，不能关闭")
	}
	t, _ = l.order(m, in)
	return map[string]any{
		"merchant_no": m.ID, "out_order_no": t.OutTradeNo, "pay_order_no": t.OrderNo,
		"channel_id": cmp.Or(in.ChannelID, lakalaChannel), "order_status": counterState(t, l.cfg.Now()),
	}, nil
}
