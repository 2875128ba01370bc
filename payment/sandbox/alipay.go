package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// alipayError is a business error: code 40004 with the institution's sub_code.
type alipayError struct{ code, sub, message string }

func aliErr(sub, message string) *alipayError { return &alipayError{"40004", sub, message} }

// alipayContent is biz_content, as far as it is used.
type alipayContent struct {
	OutTradeNo     string     `json:"out_trade_no"`
	TradeNo        string     `json:"trade_no"`
	TotalAmount    alipayYuan `json:"total_amount"`
	Subject        string     `json:"subject"`
	ProductCode    string     `json:"product_code"`
	TimeExpire     string     `json:"time_expire"`
	TimeoutExpress string     `json:"timeout_express"`

	Scene    string `json:"scene"` // alipay.trade.pay
	AuthCode string `json:"auth_code"`

	RefundAmount alipayYuan `json:"refund_amount"` // alipay.trade.refund and its query
	RefundReason string     `json:"refund_reason"`
	OutRequestNo string     `json:"out_request_no"`
	QueryOptions []string   `json:"query_options"`
}

// ServeHTTP takes the parameters of query and form together, verifies their signature and answers in the wrapper of the
// method.
func (a *alipay) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/gateway.do" {
		http.NotFound(rw, r)
		return
	}
	p, err := gatewayParams(r)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	method := p.Get("method")
	frame := alipayFrame{node: strings.ReplaceAll(method, ".", "_") + "_response"}
	m, failed := a.authenticate(p)
	if failed == nil {
		frame.certified, failed = a.certified(m, p)
	}
	if failed != nil {
		a.unsigned(rw, frame.node, failed)
		return
	}
	var content alipayContent
	if err := json.Unmarshal([]byte(p.Get("biz_content")), &content); err != nil {
		a.reply(rw, frame, nil, &alipayError{"40002", "isv.invalid-parameter", "biz_content 不是 JSON"})
		return
	}
	do, operation := a.method(method)
	at := occasion{"alipay", a.named(m, content), operation}
	rw = a.begin(rw, r, at)
	if _, strike := a.faults.strike(at, UnsignedError); strike {
		a.unsigned(rw, frame.node, aliErr("ACQ.TRADE_NOT_EXIST", "交易不存在"))
		return
	}
	if method == "alipay.trade.wap.pay" {
		a.wapPay(rw, r, m, p, content)
		return
	}
	// struck here, since the notification of a refund, which goes out meanwhile, may be struck by the same
	frame.how, _ = a.faults.strike(at, append([]Fault{AmountsUnquoted}, answerFaults...)...)
	answer, failed := do(m, p, content)
	a.reply(rw, frame, answer, failed)
}

// fresh is the trade that a content asks for.
func (a *alipay) fresh(m *merchant, p url.Values, c alipayContent) (trade, *alipayError) {
	amount, ok := c.TotalAmount.fen()
	switch {
	case !ok:
		return trade{}, aliErr("ACQ.INVALID_PARAMETER", "total_amount 不正确")
	case !alipaySubject(c.Subject):
		return trade{}, aliErr("ACQ.INVALID_PARAMETER", "subject 不正确")
	case c.OutTradeNo == "" || len(c.OutTradeNo) > 64:
		return trade{}, aliErr("ACQ.INVALID_PARAMETER", "out_trade_no 不正确")
	}
	expires, ok := a.endOf(c)
	if !ok {
		return trade{}, aliErr("ACQ.INVALID_PARAMETER", "time_expire、timeout_express 不正确")
	}
	return trade{
		Institution: "alipay", Wallet: AlipayWallet, Merchant: m, OutTradeNo: c.OutTradeNo, Title: c.Subject,
		Amount: amount, NotifyURL: p.Get("notify_url"),
		ReturnURL: p.Get("return_url"), Terms: c.Subject + amount.Yuan(), ExpiresAt: expires,
	}, nil
}

// obtain makes the trade or finds the one made before with the same terms.
func (a *alipay) obtain(fresh trade) (trade, *alipayError) {
	t, made := a.bank.make(fresh)
	switch {
	case !made && t.State == paid && !t.fullyBack():
		return t, aliErr("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")
	case !made && t.State != unpaid:
		return t, aliErr("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
	case t.Terms != fresh.Terms:
		return t, aliErr("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
	}
	return t, nil
}

func (a *alipay) precreate(m *merchant, p url.Values, c alipayContent) (map[string]any, *alipayError) {
	fresh, failed := a.fresh(m, p, c)
	if failed != nil {
		return nil, failed
	}
	fresh.Kind, fresh.Code = "precreate", "https://qr.alipay.com/bax"+randomHex(11)
	t, failed := a.obtain(fresh)
	if failed != nil {
		return nil, failed
	}
	return map[string]any{"out_trade_no": t.OutTradeNo, "qr_code": t.Code}, nil
}

// wapPay is a page, not an answer: the browser goes on to the wallet. Opening it makes the trade exist.
func (a *alipay) wapPay(rw http.ResponseWriter, r *http.Request, m *merchant, p url.Values, c alipayContent) {
	fresh, failed := a.fresh(m, p, c)
	if failed == nil && c.ProductCode != "QUICK_WAP_WAY" {
		failed = aliErr("ACQ.INVALID_PARAMETER", "product_code 不正确")
	}
	if failed != nil {
		http.Error(rw, failed.sub+" "+failed.message, http.StatusBadRequest)
		return
	}
	fresh.Kind = "wap"
	t, failed := a.obtain(fresh)
	if failed != nil && t.State != paid {
		http.Error(rw, failed.sub+" "+failed.message, http.StatusBadRequest)
		return
	}
	a.bank.show(t.ID)
	http.Redirect(rw, r, a.payPage(&t), http.StatusFound)
}

// named is the out-trade number of the trade that a content is about, so that a fault can wait for it.
func (a *alipay) named(m *merchant, c alipayContent) string {
	if t, failure := a.existing(m, c); failure == nil {
		return t.OutTradeNo
	}
	return c.OutTradeNo
}

// existing finds the trade that a content names, if it exists for the merchant yet.
func (a *alipay) existing(m *merchant, c alipayContent) (trade, *alipayError) {
	t, ok := a.bank.byNumber("alipay", m, c.OutTradeNo)
	if !ok && c.TradeNo != "" {
		t, ok = a.bank.find(c.TradeNo)
		ok = ok && t.Merchant == m
	}
	if !ok || !t.Exists {
		return trade{}, aliErr("ACQ.TRADE_NOT_EXIST", "交易不存在")
	}
	return t, nil
}

func (a *alipay) query(m *merchant, _ url.Values, c alipayContent) (map[string]any, *alipayError) {
	t, failed := a.existing(m, c)
	if failed != nil {
		return nil, failed
	}
	v := map[string]any{
		"out_trade_no": t.OutTradeNo, "trade_no": a.tradeNo(t), "total_amount": t.Amount.Yuan(),
		"trade_status":   alipayStatus(t),
		"buyer_logon_id": "138****0001", "buyer_user_id": "2088000000000001",
	}
	if t.TransactionID != "" {
		kept := t.Amount.Yuan()
		if alipayStatus(t) == "TRADE_CLOSED" {
			kept = "0.00" // it says so of what has gone back whole; of a part it says nothing
		}
		v["send_pay_date"] = t.PaidAt.In(shanghai).Format(time.DateTime)
		v["receipt_amount"], v["buyer_pay_amount"], v["invoice_amount"], v["point_amount"] = kept, kept, kept, "0.00"
	}
	return v, nil
}

// tradeNo is the institution's number; an unpaid trade has one too.
func (a *alipay) tradeNo(t trade) string {
	if t.TransactionID != "" {
		return t.TransactionID
	}
	return t.CreatedAt.In(shanghai).Format("20060102") + "2299" + digits(t.ID, 16)
}

// alipayStatus is the institution's word for a trade. A payment code that failed leaves a trade that waits; what has
// gone back whole is closed.
func alipayStatus(t trade) string {
	switch {
	case t.State == unpaid || t.State == declined:
		return "WAIT_BUYER_PAY"
	case t.State == paid && !t.fullyBack():
		return "TRADE_SUCCESS"
	}
	return "TRADE_CLOSED"
}

func (a *alipay) close(m *merchant, _ url.Values, c alipayContent) (map[string]any, *alipayError) {
	t, failed := a.existing(m, c)
	if failed != nil {
		return nil, failed
	}
	if was := a.bank.shut(t.ID); was != unpaid && was != declined {
		return nil, aliErr("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
	}
	return map[string]any{"out_trade_no": t.OutTradeNo, "trade_no": a.tradeNo(t)}, nil
}
