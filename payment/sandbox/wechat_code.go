package sandbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"linlipay/money"
)

// wechatCodeOrder is the body of 付款码支付.
type wechatCodeOrder struct {
	Appid       string `json:"appid"`
	Mchid       string `json:"mchid"`
	Description string `json:"description"`
	Attach      string `json:"attach"`
	OutTradeNo  string `json:"out_trade_no"`
	Payer       struct {
		AuthCode string `json:"auth_code"`
	} `json:"payer"`
	Amount struct {
		Total    money.Fen `json:"total"`
		Currency string    `json:"currency"`
	} `json:"amount"`
	SceneInfo struct {
		DeviceID  string `json:"device_id"`
		DeviceIP  string `json:"device_ip"`
		StoreInfo struct {
			ID    string `json:"id"`
			OutID string `json:"out_id"`
		} `json:"store_info"`
	} `json:"scene_info"`
}

var wechatCode = regexp.MustCompile(`^1[0-5][0-9]{16}$`)

func (o wechatCodeOrder) check(m *merchant) *wechatError {
	bad := func(why string) *wechatError {
		return wxErr(http.StatusBadRequest, "PARAM_ERROR", "参数错误：%s", why)
	}
	switch {
	case o.Mchid != m.ID || o.Appid != m.App:
		return wxErr(http.StatusBadRequest, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
	case !outTradeNo.MatchString(o.OutTradeNo):
		return bad("out_trade_no")
	case o.Amount.Total < 1 || o.Amount.Currency != "" && o.Amount.Currency != "CNY":
		return bad("amount")
	case o.SceneInfo.DeviceIP == "" || o.SceneInfo.StoreInfo.ID == "" && o.SceneInfo.StoreInfo.OutID == "":
		return bad("scene_info")
	case !wechatCode.MatchString(o.Payer.AuthCode):
		return wxErr(http.StatusBadRequest, "AUTH_CODE_INVALID", "请扫描微信支付付款码（以10/11/12/13/14/15为前缀的18位数字）")
	}
	return refusedText(description(o.Description), attach(o.Attach),
		wechatText{"scene_info/device_id", "商户端设备号", o.SceneInfo.DeviceID, 0, 32},
		wechatText{"scene_info/store_info/out_id", "商家自定义编码", o.SceneInfo.StoreInfo.OutID, 0, 32})
}

// accepted is an answer with status 202: a payment by code whose payer is asked for a password.
type accepted map[string]any

// codePay charges the wallet behind a payment code. The public page of this API lists no business errors; the codes are
// the ones of the older 付款码支付 in the spelling of v3.
func (w *wechat) codePay(r *http.Request, m *merchant, body []byte) (any, *wechatError) {
	var o wechatCodeOrder
	if json.Unmarshal(body, &o) != nil {
		return nil, wxErr(http.StatusBadRequest, "PARAM_ERROR", "请求体不是 JSON")
	}
	if failed := o.check(m); failed != nil {
		return nil, failed
	}
	wanted := trade{
		Institution: "wechat", Wallet: WechatWallet, Merchant: m, OutTradeNo: o.OutTradeNo, Title: o.Description,
		Amount: o.Amount.Total, Kind: "MICROPAY", Exists: true,
		Terms:         "codepay " + o.Description + o.Amount.Total.Yuan(),
		PublicKeyMode: r.Header.Get("Wechatpay-Serial") == w.publicID(),
	}
	how, ask := w.faults.strike(occasion{"wechat", o.OutTradeNo, "code"}, UserPaying, UserPayingBare)
	t, fresh, err := w.bank.present(wanted, o.Payer.AuthCode, ask, false)
	if failed := wechatCodeError(err); failed != nil {
		return nil, failed
	}
	switch {
	case t.Terms != wanted.Terms || t.State == declined:
		return nil, wxErr(http.StatusForbidden, "OUT_TRADE_NO_USED", "商户订单号重复")
	case t.State == closed || t.State == revoked:
		return nil, wxErr(http.StatusBadRequest, "ORDER_CLOSED", "该订单已关闭或已撤销")
	case t.Asking && how.Fault == UserPayingBare:
		return accepted{"trade_state": "USERPAYING"}, nil
	case t.Asking:
		return accepted(w.transaction(t)), nil
	case !fresh:
		return nil, wxErr(http.StatusBadRequest, "ORDERPAID", "该订单已支付")
	}
	return w.transaction(t), nil
}

func wechatCodeError(err error) *wechatError {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errCodeUnknown):
		return wxErr(http.StatusBadRequest, "AUTH_CODE_INVALID", "付款码无效，请重新扫码")
	case errors.Is(err, errCodeSpent):
		return wxErr(http.StatusBadRequest, "AUTH_CODE_INVALID", "每个二维码仅限使用一次，请刷新再试")
	case errors.Is(err, errCodeExpired):
		return wxErr(http.StatusBadRequest, "AUTH_CODE_EXPIRE", "付款码已过期，请用户刷新后重试")
	case errors.Is(err, errBalanceLow):
		return wxErr(http.StatusForbidden, "NOT_ENOUGH", "用户余额不足，请更换支付方式")
	}
	return wxErr(http.StatusInternalServerError, "SYSTEM_ERROR", "系统异常，请用相同参数重新调用")
}

// A reversal comes no sooner than this after the charge, and no later.
const (
	reverseAfter  = 15 // in schedule seconds
	reverseWithin = 7 * 24 * time.Hour
)

// reverse undoes a payment by code.
func (w *wechat) reverse(r *http.Request, m *merchant, body []byte) (any, *wechatError) {
	var in struct {
		Appid string `json:"appid"`
		Mchid string `json:"mchid"`
	}
	if json.Unmarshal(body, &in) != nil || in.Mchid != m.ID || in.Appid != m.App {
		return nil, wxErr(http.StatusBadRequest, "PARAM_ERROR", "appid、mchid 与签名的商户不一致")
	}
	t, ok := w.bank.byNumber("wechat", m, outOfPath(r))
	if !ok {
		return nil, wxErr(http.StatusNotFound, "ORDER_NOT_EXIST", "订单不存在")
	}
	if failed := w.reversible(t); failed != nil {
		return nil, failed
	}
	if _, err := w.bank.reverse(t.ID, revoked); err != nil {
		return nil, wxErr(http.StatusInternalServerError, "SYSTEM_ERROR", "系统异常，请用相同参数重新调用")
	}
	return map[string]string{"appid": m.App, "mchid": m.ID, "out_trade_no": t.OutTradeNo}, nil
}

func (w *wechat) reversible(t trade) *wechatError {
	age := w.cfg.Now().Sub(t.CreatedAt)
	refuse := func(why string) *wechatError { return wxErr(http.StatusBadRequest, "INVALID_REQUEST", "%s", why) }
	switch {
	case t.Kind != "MICROPAY":
		return refuse("只有付款码支付的订单可以撤销")
	case t.State == revoked:
		return nil // a repeat is answered alike
	case age < reverseAfter*w.cfg.Second:
		return refuse("支付后请至少等待15秒再撤销")
	case age > reverseWithin:
		return refuse("订单超过7天，不能撤销，请使用申请退款")
	case len(t.refunds) > 0:
		return refuse("订单已发生退款，不能撤销")
	}
	at := occasion{"wechat", t.OutTradeNo, "reverse"}
	if t.Asking {
		if _, refused := w.faults.strike(at, ReverseUserPaying); refused {
			return wxErr(http.StatusForbidden, "USERPAYING", "正在支付中不能发起撤销")
		}
	}
	if t.State != paid {
		return nil
	}
	if _, low := w.faults.strike(at, MerchantBalanceLow); low {
		return wxErr(http.StatusForbidden, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起")
	}
	return nil
}

// outOfPath is the out-trade number in a path like …/out-trade-no/{out_trade_no}/close.
func outOfPath(r *http.Request) string {
	return strings.Split(strings.TrimPrefix(r.URL.Path, transactions+"out-trade-no/"), "/")[0]
}
