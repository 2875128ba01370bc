package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"linlipay/money"
)

// wechatError is an error of the API: its status, code and text.
type wechatError struct {
	status  int
	Code    string `json:"code"`
	Message string `json:"message"`
}

func wxErr(status int, code, format string, args ...any) *wechatError {
	return &wechatError{status, code, fmt.Sprintf(format, args...)}
}

// ServeHTTP answers OAuth as a browser's partner, and everything else as the signed API.
func (w *wechat) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/connect/oauth2/authorize":
		w.authorize(rw, r)
	case "/sns/oauth2/access_token":
		w.accessToken(rw, r)
	default:
		w.api(rw, r)
	}
}

// api verifies the request, carries it out and signs the answer.
func (w *wechat) api(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.reply(rw, r, Script{}, http.StatusRequestEntityTooLarge, wxErr(0, "PARAM_ERROR", "请求体过大"))
		return
	}
	m, failed := w.authenticate(r, body)
	if failed != nil {
		w.reply(rw, r, Script{}, failed.status, failed)
		return
	}
	do, at := w.route(r)
	if at.out == "" {
		at.out = w.named(at, r, m, body)
	}
	rw = w.begin(rw, r, at)
	if _, unsigned := w.faults.strike(at, UnsignedError); unsigned {
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusNotFound)
		io.WriteString(rw, `{"code":"ORDER_NOT_EXIST","message":"订单不存在"}`)
		return
	}
	how, _ := w.faults.strike(at, answerFaults...) // before a notification of what is done could use it up
	answer, failed := do(r, m, body)
	if failed != nil {
		w.reply(rw, r, how, failed.status, failed)
		return
	}
	status := http.StatusOK
	if _, later := answer.(accepted); later {
		status = http.StatusAccepted
	} else if answer == nil {
		status = http.StatusNoContent
	}
	w.reply(rw, r, how, status, answer)
}

// wechatOrder is the body of a create. See the institution's documentation of 下单 for each field.
type wechatOrder struct {
	Appid       string `json:"appid"`
	Mchid       string `json:"mchid"`
	Description string `json:"description"`
	Attach      string `json:"attach"`
	OutTradeNo  string `json:"out_trade_no"`
	TimeExpire  string `json:"time_expire"`
	NotifyURL   string `json:"notify_url"`
	Amount      struct {
		Total    money.Fen `json:"total"`
		Currency string    `json:"currency"`
	} `json:"amount"`
	Payer struct {
		Openid string `json:"openid"`
	} `json:"payer"`
	SceneInfo struct {
		PayerClientIP string `json:"payer_client_ip"`
		H5Info        struct {
			Type string `json:"type"`
		} `json:"h5_info"`
	} `json:"scene_info"`
}

var outTradeNo = regexp.MustCompile(`^[0-9A-Za-z_\-|*]{6,32}$`)

func (o wechatOrder) check(m *merchant, kind string, now time.Time) (expires time.Time, failed *wechatError) {
	bad := func(why string) (time.Time, *wechatError) {
		return time.Time{}, wxErr(http.StatusBadRequest, "PARAM_ERROR", "参数错误：%s", why)
	}
	notify, err := url.Parse(o.NotifyURL)
	switch {
	case o.Mchid != m.ID || o.Appid != m.App:
		return time.Time{}, wxErr(http.StatusBadRequest, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
	case !outTradeNo.MatchString(o.OutTradeNo):
		return bad("out_trade_no")
	case o.Amount.Total < 1 || o.Amount.Currency != "" && o.Amount.Currency != "CNY":
		return bad("amount")
	case err != nil || notify.RawQuery != "" || notify.Host == "":
		return bad("notify_url 必须是不带参数的绝对地址")
	case notify.Scheme != "https" && loopbackURL(o.NotifyURL) != nil:
		return bad("notify_url 必须是 https")
	case kind == "jsapi" && !strings.HasPrefix(o.Payer.Openid, "o"):
		return bad("payer.openid")
	case kind == "h5" && (o.SceneInfo.PayerClientIP == "" || o.SceneInfo.H5Info.Type == ""):
		return bad("scene_info")
	}
	if failed := refusedText(description(o.Description), attach(o.Attach)); failed != nil {
		return time.Time{}, failed
	}
	expires = now.Add(2 * time.Hour)
	if o.TimeExpire != "" {
		if expires, err = time.Parse(time.RFC3339, o.TimeExpire); err != nil {
			return bad("time_expire")
		}
		if !expires.After(now) {
			return time.Time{}, wxErr(http.StatusBadRequest, "INVALID_REQUEST", "time_expire 已过期")
		}
	}
	return expires, nil
}

func (w *wechat) create(r *http.Request, m *merchant, body []byte) (any, *wechatError) {
	kind := strings.TrimPrefix(r.URL.Path, transactions)
	var o wechatOrder
	if json.Unmarshal(body, &o) != nil {
		return nil, wxErr(http.StatusBadRequest, "PARAM_ERROR", "请求体不是 JSON")
	}
	expires, failed := o.check(m, kind, w.cfg.Now())
	if failed != nil {
		return nil, failed
	}
	fresh := trade{
		Institution: "wechat", Wallet: WechatWallet, Merchant: m, OutTradeNo: o.OutTradeNo, Title: o.Description,
		Amount: o.Amount.Total, Kind: strings.ToUpper(kind),
		NotifyURL: o.NotifyURL, Payer: o.Payer.Openid, Prepay: "wx" + randomHex(17), Terms: kind + " " + o.Description +
			o.Amount.Total.Yuan() + o.Payer.Openid,
		Exists: true, ExpiresAt: expires, PublicKeyMode: r.Header.Get("Wechatpay-Serial") == w.publicID(),
	}
	if fresh.Kind == "H5" {
		fresh.Kind = "MWEB"
	}
	if kind == "native" {
		fresh.Code = "weixin://wxpay/bizpayurl?pr=" + randomHex(5)
	}
	t, made := w.bank.make(fresh)
	switch {
	case !made && t.State == paid:
		return nil, wxErr(http.StatusBadRequest, "ORDERPAID", "该订单已支付")
	case !made && t.State != unpaid:
		return nil, wxErr(http.StatusBadRequest, "ORDER_CLOSED", "该订单已关闭")
	case t.Terms != fresh.Terms:
		return nil, wxErr(http.StatusForbidden, "OUT_TRADE_NO_USED", "商户订单号重复")
	}
	switch kind {
	case "native":
		return map[string]string{"code_url": t.Code}, nil
	case "h5":
		return map[string]string{"h5_url": w.payPage(&t) + "?from=mweb"}, nil
	}
	return map[string]string{"prepay_id": t.Prepay}, nil
}

func (w *wechat) query(r *http.Request, m *merchant, _ []byte) (any, *wechatError) {
	if r.URL.Query().Get("mchid") != m.ID {
		return nil, wxErr(http.StatusBadRequest, "PARAM_ERROR", "mchid 与签名的商户不一致")
	}
	last := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	t, ok := w.bank.byNumber("wechat", m, last)
	if strings.HasPrefix(r.URL.Path, transactions+"id/") {
		t, ok = w.bank.find(last)
		ok = ok && t.TransactionID == last && t.Merchant == m
	}
	if !ok {
		return nil, wxErr(http.StatusNotFound, "ORDER_NOT_EXIST", "订单不存在")
	}
	return w.transaction(t), nil
}

// transaction is a trade in the institution's words, as in the answer to a query and inside a notification.
func (w *wechat) transaction(t trade) map[string]any {
	state, desc := wechatState(t)
	v := map[string]any{
		"appid": t.Merchant.App, "mchid": t.Merchant.ID, "out_trade_no": t.OutTradeNo, "trade_state": state,
		"trade_state_desc": desc, "attach": "",
		"amount": map[string]any{"total": t.Amount, "currency": "CNY"},
	}
	if t.TransactionID != "" {
		v["transaction_id"], v["trade_type"], v["bank_type"] = t.TransactionID, t.Kind, "OTHERS"
		v["success_time"] = t.PaidAt.In(shanghai).Format(time.RFC3339)
		v["payer"] = map[string]string{"openid": t.Payer}
		v["amount"] = map[string]any{"total": t.Amount, "payer_total": t.Amount, "currency": "CNY",
			"payer_currency": "CNY"}
	}
	return v
}

// wechatState is the institution's word for a trade, and its text.
func wechatState(t trade) (state, desc string) {
	switch {
	case t.State == paid && len(t.refunds) > 0:
		return "REFUND", "转入退款"
	case t.Asking:
		return "USERPAYING", "需要用户输入支付密码"
	}
	words := map[tradeState][2]string{
		unpaid: {"NOTPAY", "订单未支付"}, paid: {"SUCCESS", "支付成功"}, closed: {"CLOSED", "订单已关闭"},
		declined: {"PAYERROR", "支付失败"},
		revoked:  {"REVOKED", "订单已撤销"},
	}[t.State]
	return words[0], words[1]
}

func (w *wechat) close(r *http.Request, m *merchant, body []byte) (any, *wechatError) {
	var in struct {
		Mchid string `json:"mchid"`
	}
	if json.NewDecoder(bytes.NewReader(body)).Decode(&in) != nil || in.Mchid != m.ID {
		return nil, wxErr(http.StatusBadRequest, "PARAM_ERROR", "mchid 与签名的商户不一致")
	}
	t, ok := w.bank.byNumber("wechat", m, outOfPath(r))
	if !ok {
		return nil, wxErr(http.StatusNotFound, "ORDER_NOT_EXIST", "订单不存在")
	}
	if t.Kind == "MICROPAY" {
		return nil, wxErr(http.StatusBadRequest, "INVALID_REQUEST", "付款码支付的订单请使用撤销接口")
	}
	if w.bank.shut(t.ID) == paid {
		return nil, wxErr(http.StatusBadRequest, "ORDERPAID", "该订单已支付")
	}
	return nil, nil
}

// certificates hands out the platform certificate, encrypted under the merchant's key.
func (w *wechat) certificates(_ *http.Request, m *merchant, _ []byte) (any, *wechatError) {
	nonce, ciphertext, err := encryptAEAD(m.APIv3Key, "certificate", []byte(w.cert().CertPEM))
	if err != nil {
		return nil, wxErr(http.StatusInternalServerError, "SYSTEM_ERROR", "系统异常")
	}
	now := w.cfg.Now().In(shanghai)
	return map[string]any{"data": []any{map[string]any{
		"serial_no": w.cert().serial, "effective_time": now.Add(-time.Hour).Format(time.RFC3339),
		"expire_time": now.AddDate(5, 0, 0).Format(time.RFC3339),
		"encrypt_certificate": map[string]string{
			"algorithm": "AEAD_AES_256_GCM", "nonce": nonce, "associated_data": "certificate", "ciphertext": ciphertext,
		},
	}}}, nil
}
