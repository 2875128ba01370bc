package sandbox

import (
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"linlipay/money"
)

const wechatRefunds = "/v3/refund/domestic/refunds"

// wechatRefundOrder is the body of 申请退款.
type wechatRefundOrder struct {
	TransactionID string `json:"transaction_id"`
	OutTradeNo    string `json:"out_trade_no"`
	OutRefundNo   string `json:"out_refund_no"`
	Reason        string `json:"reason"`
	NotifyURL     string `json:"notify_url"`
	Amount        struct {
		Refund   money.Fen `json:"refund"`
		Total    money.Fen `json:"total"`
		Currency string    `json:"currency"`
	} `json:"amount"`
}

var outRefundNo = regexp.MustCompile(`^[0-9A-Za-z_\-|*@]{1,64}$`)

func (o wechatRefundOrder) check() *wechatError {
	bad := func(why string) *wechatError {
		return wxErr(http.StatusBadRequest, "PARAM_ERROR", "参数错误：%s", why)
	}
	notify, err := url.Parse(o.NotifyURL)
	switch {
	case o.TransactionID == "" && o.OutTradeNo == "":
		return bad("transaction_id 与 out_trade_no 二选一")
	case !outRefundNo.MatchString(o.OutRefundNo):
		return bad("out_refund_no")
	case o.Amount.Refund < 1 || o.Amount.Total < 1 || o.Amount.Refund > o.Amount.Total || o.Amount.Currency != "CNY":
		return bad("amount")
	case o.NotifyURL != "" && (err != nil || notify.RawQuery != "" || notify.Host == ""):
		return bad("notify_url 必须是不带参数的绝对地址")
	case o.NotifyURL != "" && notify.Scheme != "https" && loopbackURL(o.NotifyURL) != nil:
		return bad("notify_url 必须是 https")
	}
	return wechatText{"reason", "退款原因", o.Reason, 0, 80}.check()
}

// refund accepts a refund: the answer says PROCESSING, a notification or a query how it ended.
func (w *wechat) refund(r *http.Request, m *merchant, body []byte) (any, *wechatError) {
	var o wechatRefundOrder
	if json.Unmarshal(body, &o) != nil {
		return nil, wxErr(http.StatusBadRequest, "PARAM_ERROR", "请求体不是 JSON")
	}
	if failed := o.check(); failed != nil {
		return nil, failed
	}
	t, ok := w.refundedTrade(m, o.TransactionID, o.OutTradeNo)
	if !ok {
		return nil, wxErr(http.StatusNotFound, "RESOURCE_NOT_EXISTS", "订单不存在")
	}
	if t.Amount != o.Amount.Total {
		return nil, wxErr(http.StatusBadRequest, "INVALID_REQUEST", "订单金额与支付时不一致，请核实后再试")
	}
	wanted := refund{
		Institution: "wechat", Merchant: m.ID, OutTradeNo: t.OutTradeNo, OutRefundNo: o.OutRefundNo,
		Amount: o.Amount.Refund, Reason: o.Reason,
		NotifyURL: o.NotifyURL, PublicKeyMode: r.Header.Get("Wechatpay-Serial") == w.publicID(),
	}
	got, _, err := w.acceptRefund(wanted)
	if err != nil {
		return nil, wechatRefundError(err)
	}
	return w.refundView(t, got), nil
}

// refundedTrade is the merchant's trade that a refund names; the institution's number is preferred, and both must
// agree.
func (w *wechat) refundedTrade(m *merchant, transaction, out string) (trade, bool) {
	if transaction == "" {
		return w.bank.byNumber("wechat", m, out)
	}
	t, ok := w.bank.find(transaction)
	return t, ok && t.TransactionID == transaction && t.Merchant == m && (out == "" || out == t.OutTradeNo)
}

func wechatRefundError(err error) *wechatError {
	refuse := func(why string) *wechatError { return wxErr(http.StatusBadRequest, "INVALID_REQUEST", "%s", why) }
	switch {
	case errors.Is(err, errNotPaid):
		return wxErr(http.StatusNotFound, "RESOURCE_NOT_EXISTS", "订单未支付或已撤销")
	case errors.Is(err, errMerchantLow):
		return wxErr(http.StatusForbidden, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起")
	case errors.Is(err, errTooMuch):
		return refuse("申请退款金额超过可退金额")
	case errors.Is(err, errTooMany):
		return refuse("部分退款次数超过50次")
	case errors.Is(err, errTooLate):
		return refuse("订单已经超过可退款的最大期限（支付后一年内可退款）")
	case errors.Is(err, errOtherRefund):
		return refuse("订单金额或退款金额与之前请求不一致，请核实后再试")
	}
	return wxErr(http.StatusInternalServerError, "SYSTEM_ERROR", "系统超时，请用相同参数重新调用")
}

func (w *wechat) refundQuery(r *http.Request, m *merchant, _ []byte) (any, *wechatError) {
	asked := refund{Institution: "wechat", Merchant: m.ID,
		OutRefundNo: strings.TrimPrefix(r.URL.Path, wechatRefunds+"/")}
	got, ok := w.bank.refundAsked(asked)
	if !ok {
		return nil, wxErr(http.StatusNotFound, "RESOURCE_NOT_EXISTS", "退款单不存在")
	}
	t, _ := w.bank.byNumber("wechat", m, got.OutTradeNo)
	return w.refundView(t, got), nil
}

// abnormalRefund sends an ABNORMAL refund to a bank card of the payer's, or to the merchant to give it back by hand.
func (w *wechat) abnormalRefund(r *http.Request, m *merchant, body []byte) (any, *wechatError) {
	var in struct {
		OutRefundNo string `json:"out_refund_no"`
		Type        string `json:"type"`
		BankType    string `json:"bank_type"`
		BankAccount string `json:"bank_account"`
		RealName    string `json:"real_name"`
	}
	if json.Unmarshal(body, &in) != nil || in.Type != "USER_BANK_CARD" && in.Type != "MERCHANT_BANK_CARD" {
		return nil, wxErr(http.StatusBadRequest, "PARAM_ERROR", "参数错误：type")
	}
	got, ok := w.bank.refundBy(strings.Split(strings.TrimPrefix(r.URL.Path, wechatRefunds+"/"), "/")[0])
	if !ok || got.Institution != "wechat" || got.Merchant != m.ID || got.OutRefundNo != in.OutRefundNo {
		return nil, wxErr(http.StatusNotFound, "RESOURCE_NOT_EXISTS", "退款单不存在")
	}
	if in.Type == "USER_BANK_CARD" && (in.BankType == "" || !w.secret(r, in.BankAccount) || !w.secret(r, in.RealName)) {
		return nil, wxErr(http.StatusBadRequest, "PARAM_ERROR", "bank_type、bank_account、real_name 必填，后两者须用微信支付公钥加密")
	}
	got, err := w.bank.another(got.ID)
	if err != nil {
		return nil, wxErr(http.StatusBadRequest, "INVALID_REQUEST", "退款单不是异常状态")
	}
	w.finishLater(got)
	t, _ := w.bank.byNumber("wechat", m, got.OutTradeNo)
	return w.refundView(t, got), nil
}

// secret tells whether a field was encrypted for WeChat, under the key that the request names.
func (w *wechat) secret(r *http.Request, text string) bool {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return false
	}
	key := w.cert().key
	if r.Header.Get("Wechatpay-Serial") == w.publicID() {
		key = w.keys.Own[wechatPublicKey].key
	}
	plain, err := rsa.DecryptOAEP(sha1.New(), nil, key, raw, nil) // the institution's choice of hash
	return err == nil && len(plain) > 0
}

// refundView is a refund in the institution's words, as in the answers.
func (w *wechat) refundView(t trade, r refund) map[string]any {
	v := map[string]any{
		"refund_id": r.ID, "out_refund_no": r.OutRefundNo, "transaction_id": t.TransactionID,
		"out_trade_no": r.OutTradeNo, "channel": r.channel(),
		"user_received_account": r.receivedBy(), "create_time": r.CreatedAt.In(shanghai).Format(time.RFC3339),
		"status":        strings.ToUpper(string(r.State)),
		"funds_account": "AVAILABLE", "promotion_detail": []any{},
		"amount": map[string]any{
			"total": t.Amount, "refund": r.Amount, "from": []any{}, "payer_total": t.Amount, "payer_refund": r.Amount,
			"settlement_refund": r.Amount, "settlement_total": t.Amount, "discount_refund": 0, "currency": "CNY",
			"refund_fee": 0,
		},
	}
	if r.State == refundDone {
		v["success_time"] = r.DoneAt.In(shanghai).Format(time.RFC3339)
	}
	return v
}

func (r refund) channel() string {
	if r.ToCard {
		return "OTHER_BANKCARD"
	}
	return "ORIGINAL"
}

func (r refund) receivedBy() string {
	if r.ToCard || r.State == refundAbnormal {
		return "招商银行信用卡0403"
	}
	return "支付用户零钱"
}
