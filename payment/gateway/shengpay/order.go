package shengpay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"linlipay/calendar"
	"linlipay/payment/gateway"
)

// product is one tradeType of an order (下单).
type product struct {
	way       gateway.PaymentMethod
	tradeType string
	offline   bool // asked for at native_path rather than web_path
	read      func(payInfo string) (gateway.Prepared, error)
}

// products are the tradeTypes that are used; third parties agree on their names and on what payInfo then holds.
var products = []product{
	{gateway.PaymentMethod{Wallet: gateway.WalletAny, Method: gateway.Native}, "shengpay_aggre", true, readQR},
	{gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.Native}, "wx_native", true, readQR},
	{gateway.PaymentMethod{Wallet: gateway.WalletAlipay, Method: gateway.Native}, "alipay_qr", true, readQR},
	{gateway.PaymentMethod{Wallet: gateway.WalletUnionPay, Method: gateway.Native}, "upacp_qr", true, readQR},
	{gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.JSAPI}, "wx_jsapi", false, readJSAPI},
	{gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.H5}, "wx_wap", false, readPage},
	{gateway.PaymentMethod{Wallet: gateway.WalletAlipay, Method: gateway.Wap}, "alipay_wap", false, readPage},
}

// qrMost bounds the text of a QR, in bytes.
const qrMost = 1024

func (c *client) order(ctx context.Context, p product, ch gateway.Charge) (gateway.Prepared, error) {
	f := c.terms(ch)
	f["tradeType"] = p.tradeType
	switch p.way.Method {
	case gateway.JSAPI:
		if c.settings.wechat.AppID == "" || ch.PayerID == "" {
			return gateway.Prepared{},
				gateway.NotSent("缺少付款人信息", errors.New("shengpay: wx_jsapi needs wechat_appid and the payer's openid"))
		}
		f["extra"] = payerExtra(ch.PayerID, c.settings.wechat.AppID)
	case gateway.H5, gateway.Wap:
		f["pageUrl"] = ch.ReturnURL
	}
	a, err := c.call(ctx, ordering, c.settings.pathOf(p), f)
	if err != nil {
		return gateway.Prepared{}, err
	}
	if err := a.about(f, "outTradeNo", "totalFee"); err != nil {
		return gateway.Prepared{}, err
	}
	return p.read(a["payInfo"])
}

// pathOf is where a product is asked for.
func (s settings) pathOf(p product) string {
	if p.offline {
		return s.nativePath
	}
	return s.webPath
}

// terms are the fields that every charge has. The institution's document requires timeExpire, though no client of a
// third party sends it: it is sent always.
func (c *client) terms(ch gateway.Charge) fields {
	created, expires := ch.CreatedAt, ch.ExpiresAt
	if created.IsZero() {
		created = c.now()
	}
	if latest := created.Add(c.settings.orderLife); expires.IsZero() || latest.Before(expires) {
		expires = latest
	}
	return fields{
		"outTradeNo": ch.OutTradeNo, "totalFee": strconv.FormatInt(int64(ch.Amount), 10), "currency": gateway.CNY,
		"body":      fit(ch.Title, bodyMost),
		"notifyUrl": ch.NotifyURL, "timeExpire": calendar.Format(expires, timeForm),
		"clientIp": ch.ClientIP,
	}
}

// timeForm is how the institution writes times, in Shanghai.
const timeForm = "20060102150405"

// payerExtra tells who pays, as the JSON text that is signed as it stands.
func payerExtra(openid, appid string) string {
	raw, err := json.Marshal(struct {
		OpenID string `json:"openId"`
		AppID  string `json:"appId"`
	}{openid, appid})
	if err != nil {
		panic("shengpay: two texts do not encode: " + err.Error())
	}
	return string(raw)
}

func readQR(info string) (gateway.Prepared, error) {
	if info == "" || len(info) > qrMost || !utf8.ValidString(info) {
		return gateway.Prepared{}, gateway.AsIndeterminate(errors.New("shengpay: payInfo holds no QR's text"))
	}
	return gateway.Prepared{CodeURL: info}, nil
}

func readPage(info string) (gateway.Prepared, error) {
	if !gateway.IsPage(info) {
		return gateway.Prepared{}, gateway.AsIndeterminate(errors.New("shengpay: payInfo holds no address of a page"))
	}
	return gateway.Prepared{RedirectURL: info}, nil
}

// readJSAPI reads the parameters for the WeChat app, which WeChat's signature in paySign covers.
func readJSAPI(info string) (gateway.Prepared, error) {
	told, err := readFields([]byte(info))
	if err != nil {
		return gateway.Prepared{}, gateway.AsIndeterminate(errors.New("shengpay: payInfo is not JSON"))
	}
	params := map[string]string{}
	for _, name := range []string{"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"} {
		if params[name] = told[name]; told[name] == "" {
			return gateway.Prepared{}, gateway.AsIndeterminate(fmt.Errorf("shengpay: payInfo lacks %s", name))
		}
	}
	return gateway.Prepared{JSAPI: params}, nil
}

// moment reads a time of the institution's; zero for none or another form.
func moment(s string) time.Time {
	at, err := calendar.Parse(timeForm, s)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
