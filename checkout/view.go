package checkout

import (
	"fmt"
	"html/template"
	"slices"
	"time"

	"linlipay/calendar"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// view is what the page shows.
type view struct {
	English bool
	Nonce   string
	Order   *payment.Order // nil when there is none
	// "pay", "jsapi", "code", "elsewhere", "again", "waiting", "unknown", "error" or an order's status
	State    string
	Ways     []gateway.PaymentMethod // "pay": what the payer may choose
	Scanners []gateway.Wallet        // "elsewhere": the wallets whose apps can pay
	JSAPI    map[string]string
	Wallet   gateway.Wallet // "code": whose the QR is
	Code     template.URL   // its picture
	OnPhone  bool           // "code": on the payer's own phone, which cannot scan itself
	Opens    string         // where this phone's wallet takes it up; "" is nowhere
	Error    string
	Self     string // the page's own address
	Now      time.Time
	Seconds  int64 // until the order expires

	Community string    // the name of the order's
	Owed      money.Fen // what is owed again because money of the order went back
}

// T is a text in the page's language.
func (v view) T(zh, en string) string {
	if v.English {
		return en
	}
	return zh
}

// ItemTitle is what an item of the order is called on the page.
func (v view) ItemTitle(it payment.Item) string {
	title := payment.ItemTitle(it.Title, v.English)
	if it.Of > 0 {
		return fmt.Sprintf(v.T("%s（部分，账单 ¥%s）", "%s (part of ¥%s)"), title, it.Of.Grouped())
	}
	return title
}

// Home is where a resident who made the order on their phone came from, and goes back to; "" is nowhere.
func (v view) Home() string {
	if v.Order == nil || v.Order.Origin.Kind != payment.Phone {
		return ""
	}
	return "/resident#/orders/" + v.Order.ID
}

// Done reports whether there is nothing left to read for whoever paid: they go on by themselves.
func (v view) Done() bool {
	return v.State == "paid" && v.Refunded() == "" && len(v.Order.Unapplied) == 0 && !v.Moving()
}

// Paid is when the order was paid, in Asia/Shanghai.
func (v view) Paid() string {
	return calendar.DateTime(v.Order.PaidAt)
}

// Transaction is the institution's number of the payment that the order keeps.
func (v view) Transaction() string {
	if a := v.Order.Attempt(v.Order.PaidBy); a != nil {
		return a.TransactionID
	}
	return ""
}

// Receipt is the number of the payer's receipt, "" where it has none yet.
func (v view) Receipt() string {
	if a := v.Order.Attempt(v.Order.PaidBy); a != nil {
		return a.Receipt
	}
	return ""
}

// surplus is money of the order that it cannot keep, in words for the payer.
type surplus struct{ Text, State string }

// Surplus tells the payer of money that was paid twice or too late, and what becomes of it.
func (v view) Surplus() []surplus {
	why := map[payment.UnappliedReason]string{
		payment.UnappliedOrderPaid: v.T("订单已由另一笔付款支付", "the order had been paid by another payment"),
		payment.UnappliedItemsHeld: v.T("订单已关闭", "the order had been closed"),
		payment.UnappliedItemsPaid: v.T("账单已缴清", "the bills had been settled"),
		payment.UnappliedAmount:    v.T("金额不符", "the amount was not the one asked for"),
		payment.UnappliedUnmatched: v.T("订单未知", "the order is unknown"),
	}
	state := map[payment.UnappliedState]string{
		payment.UnappliedOpen:      v.T("物业正在处理", "the office is looking after it"),
		payment.UnappliedRefunding: v.T("正在自动原路退回", "it is being returned automatically, the way it came"),
		payment.UnappliedRefunded:  v.T("已原路退回", "it has been returned the way it came"),
		payment.UnappliedPrepaying: v.T("正在转为预存", "it becomes a prepayment"),
		payment.UnappliedPrepaid:   v.T("已转为预存", "it is kept as a prepayment"),
		payment.UnappliedDismissed: v.T("物业已核实处理", "the office has settled it"),
	}
	var told []surplus
	for _, e := range v.Order.Unapplied {
		wallet := v.Name(v.Order.Attempt(e.Attempt).Wallet)
		told = append(told,
			surplus{fmt.Sprintf(v.T("%s的 ¥%s 未用于本订单（%s），%s。", "%s: ¥%s was not needed (%s); %s."), wallet,
				e.Amount.Grouped(), why[e.Reason], state[e.State]), string(e.State)})
	}
	return told
}

// Name is a wallet in the page's language.
func (v view) Name(w gateway.Wallet) string {
	switch w {
	case gateway.WalletWeChat:
		return v.T("微信支付", "WeChat Pay")
	case gateway.WalletAlipay:
		return v.T("支付宝", "Alipay")
	case gateway.WalletUnionPay:
		return v.T("云闪付", "UnionPay")
	case gateway.WalletAny:
		return v.T("聚合码", "Aggregate QR")
	case gateway.WalletCard:
		return v.T("银行卡", "Bank card")
	case gateway.WalletCash:
		return v.T("现金", "Cash")
	}
	return v.T("扫码支付", "QR payment")
}

// How tells what to do with a QR on the phone that is to pay it. WeChat takes its QR from the camera alone; Alipay and
// UnionPay find one in a picture too.
func (v view) How() string {
	switch {
	case v.Wallet == gateway.WalletWeChat:
		return v.T("请用另一部手机的微信扫码，长按或从相册识别不能支付；只有这一部手机时，"+
			"把本页链接发到微信（如文件传输助手）中打开再付。",
			"Scan it with WeChat on another phone; pressing long or choosing the picture does not pay. With one phone "+
				"only, send this page's link to yourself in WeChat, and open it there.")
	case v.Opens != "":
		return v.T("可用另一部手机扫码，或在本机打开；打不开时请截屏，再用该应用的“扫一扫”从相册选取。",
			"Scan it from another phone, or open it on this one. If it does not open, take a screenshot and choose it "+
				"in the app's scanner.")
	}
	return v.T("请用另一部手机扫码；只有这一部手机时请截屏，再用该应用的“扫一扫”从相册选取。",
		"Scan it from another phone. With one phone only, take a screenshot and choose it in the app's scanner.")
}

// Channel is how the money came that the order keeps.
func (v view) Channel() string {
	if a := v.Order.Attempt(v.Order.PaidBy); a != nil {
		return v.Name(a.Wallet)
	}
	return ""
}

// Refunded is what went back of the money that the order keeps, "" when nothing did.
func (v view) Refunded() string {
	if back := v.Order.Refunded(); back > 0 {
		return back.Grouped()
	}
	return ""
}

// lateMoney is how long after an order's end the page still looks for money of its other attempts. Ours: institutions
// tell of a payment within seconds, and whoever paid for nothing is not sent away before that is known.
const lateMoney = time.Minute

// Moving reports whether money may still come or go, so that a page that shows the end looks again.
func (v view) Moving() bool {
	recent := v.Now.Sub(v.Order.UpdatedAt) < lateMoney
	return slices.ContainsFunc(v.Order.Unapplied, func(e payment.UnappliedFunds) bool {
		return e.State == payment.UnappliedRefunding
	}) ||
		slices.ContainsFunc(v.Order.Attempts, func(a payment.Attempt) bool {
			open := a.State == payment.AttemptStarting || a.State == payment.AttemptOpen
			over := a.State == payment.AttemptEnded || a.State == payment.AttemptLeaving
			return open || recent && over && !a.Prepared.IsZero()
		})
}
