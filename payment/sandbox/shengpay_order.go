package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"linlipay/money"
)

// shengpayAggregate is where an aggregate QR (聚合码) leads: a page of the institution's that any wallet opens and pays
// on.
const shengpayAggregate = "/aggregate/"

// What the fields of an order hold at most, in bytes; shengpay_profile.go says from where.
const (
	shengpayBodyMost    = 127
	shengpayAddressMost = 128
	shengpayReasonMost  = 80
)

var (
	shengpayNumber = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	shengpayFee    = regexp.MustCompile(`^[1-9][0-9]{0,10}$`)
)

func shengpayBad(name string) *shengpayFailure {
	return &shengpayFailure{shengpayBadParam, "参数错误：" + name}
}

// fresh is the trade that an order's fields ask for. That timeExpire may be left out is what clients of third parties
// show; the document requires it.
func (s *shengpay) fresh(m *merchant, p map[string]string) (trade, *shengpayFailure) {
	notify, err := url.Parse(p["notifyUrl"])
	now := s.cfg.Now()
	expires := now.Add(2 * time.Hour)
	switch {
	case !shengpayNumber.MatchString(p["outTradeNo"]):
		return trade{}, shengpayBad("outTradeNo")
	case !shengpayFee.MatchString(p["totalFee"]):
		return trade{}, shengpayBad("totalFee")
	case p["currency"] != "" && p["currency"] != "CNY":
		return trade{}, shengpayBad("currency")
	case p["body"] == "" || !takesText(p["body"], shengpayBodyMost):
		return trade{}, shengpayBad("body")
	case err != nil || notify.Host == "" || len(p["notifyUrl"]) > shengpayAddressMost:
		return trade{}, shengpayBad("notifyUrl")
	case len(p["pageUrl"]) > shengpayAddressMost:
		return trade{}, shengpayBad("pageUrl")
	}
	if p["timeExpire"] != "" {
		if expires, err = time.ParseInLocation("20060102150405", p["timeExpire"], shanghai); err != nil ||
			!expires.After(now) {
			return trade{}, shengpayBad("timeExpire")
		}
	}
	fee, _ := strconv.ParseInt(p["totalFee"], 10, 64) // eleven digits at most
	return trade{
		Institution: "shengpay", Merchant: m, OutTradeNo: p["outTradeNo"], Title: p["body"], Amount: money.Fen(fee),
		Kind:      p["tradeType"],
		NotifyURL: p["notifyUrl"], ReturnURL: p["pageUrl"], ExpiresAt: expires,
		TransactionID: s.bank.number("shengpay"),
		Terms:         strings.Join([]string{p["signType"], p["tradeType"], p["totalFee"], p["extra"], p["body"]}, " "),
	}, nil
}

// shengpaySignType is how the order of a trade was signed, and so its notifications are: the first word of its terms.
func shengpaySignType(t trade) string {
	if strings.HasPrefix(t.Terms, "RSA2 ") {
		return "RSA2"
	}
	return "RSA"
}

// create is 统一下单: the same number with the same terms is answered alike.
func (s *shengpay) create(m *merchant, p map[string]string) (map[string]string, *shengpayFailure) {
	fresh, failed := s.fresh(m, p)
	if failed == nil {
		failed = s.trading(&fresh, p)
	}
	if failed != nil {
		return nil, failed
	}
	t, made := s.bank.make(fresh)
	switch {
	case t.Terms != fresh.Terms:
		return nil, &shengpayFailure{shengpayUsed, "商户订单号重复"}
	case !made && t.State == paid:
		return nil, &shengpayFailure{shengpayPaid, "订单已支付"}
	case !made && t.State != unpaid:
		return nil, &shengpayFailure{shengpayClosed, "订单已关闭"}
	}
	info, err := s.payInfo(t)
	if err != nil {
		return nil, &shengpayFailure{shengpaySystem, "系统异常"}
	}
	return map[string]string{
		"mchId": m.ID, "outTradeNo": t.OutTradeNo, "transactionId": t.TransactionID, "tradeType": t.Kind,
		"totalFee": p["totalFee"], "payInfo": info,
	}, nil
}

// trading fills in what follows from the tradeType: who may pay, and by what.
func (s *shengpay) trading(t *trade, p map[string]string) *shengpayFailure {
	switch t.Kind {
	case "shengpay_aggre":
		t.Wallets, t.Code = wallets(), s.url("shengpay")+shengpayAggregate+randomHex(10)
	case "wx_native":
		t.Wallet, t.Code = WechatWallet, "weixin://wxpay/bizpayurl?pr="+randomHex(5)
	case "alipay_qr":
		t.Wallet, t.Code = AlipayWallet, "https://qr.alipay.com/bax"+randomHex(11)
	case "upacp_qr":
		t.Wallet, t.Code = UnionPay, "https://qr.95516.com/00010000/"+randomHex(15)
	case "wx_wap":
		t.Wallet = WechatWallet
	case "alipay_wap":
		t.Wallet = AlipayWallet
	case "wx_jsapi":
		var extra struct{ OpenID, AppID string }
		if json.Unmarshal([]byte(p["extra"]), &extra) != nil || !strings.HasPrefix(extra.OpenID, "o") ||
			extra.AppID != t.Merchant.wechat.App {
			return shengpayBad("extra")
		}
		t.Wallet, t.Payer, t.Prepay = WechatWallet, extra.OpenID, "wx"+randomHex(17)
	default:
		return shengpayBad("tradeType")
	}
	return nil
}

// payInfo is what the payer needs: a QR's text, the address of the wallet's page, or the parameters for the WeChat app.
func (s *shengpay) payInfo(t trade) (string, error) {
	switch {
	case t.Code != "":
		return t.Code, nil
	case t.Prepay != "":
		return s.wcpay(t)
	}
	return s.payPage(&t), nil
}

// aggregate is the page behind an aggregate QR: it sends the browser on to pay.
func (s *shengpay) aggregate(rw http.ResponseWriter, r *http.Request) {
	t, ok := s.bank.find(s.url("shengpay") + r.URL.Path)
	if !ok {
		http.NotFound(rw, r)
		return
	}
	http.Redirect(rw, r, s.payPage(&t), http.StatusFound)
}

// existing finds the trade that a request names. Card payments are not known to this API: nothing is published that
// could ask about them.
func (s *shengpay) existing(m *merchant, p map[string]string) (trade, *shengpayFailure) {
	t, ok := s.bank.byNumber("shengpay", m, p["outTradeNo"])
	if !ok && p["outTradeNo"] == "" && p["transactionId"] != "" {
		t, ok = s.bank.find(p["transactionId"])
		ok = ok && t.TransactionID == p["transactionId"] && t.Merchant == m
	}
	if !ok || t.Wallet == BankCard {
		return trade{}, &shengpayFailure{shengpayNoOrder, "订单不存在"}
	}
	return t, nil
}

func (s *shengpay) query(m *merchant, p map[string]string) (map[string]string, *shengpayFailure) {
	t, failed := s.existing(m, p)
	if failed != nil {
		return nil, failed
	}
	return s.view(t), nil
}

// view is a trade in the institution's words, as in the answers and in a notification.
func (s *shengpay) view(t trade) map[string]string {
	p := map[string]string{
		"mchId": t.Merchant.ID, "outTradeNo": t.OutTradeNo, "transactionId": t.TransactionID,
		"tradeType": shengpayTradeType(t), "status": shengpayStatus(t),
		"totalFee": strconv.FormatInt(int64(t.Amount), 10), "currency": "CNY",
	}
	if !t.PaidAt.IsZero() {
		p["timeEnd"], p["payerInfo"] = t.PaidAt.In(shanghai).Format("20060102150405"), shengpayPayer(t)
	}
	return p
}

// shengpayTradeType is what a trade was ordered as; a payment by code is called after the wallet that it charged.
func shengpayTradeType(t trade) string {
	if t.Kind == shengpayByCode {
		return shengpayScans()[t.Wallet]
	}
	return t.Kind
}

// shengpayPayer is payerInfo, itself JSON: who paid, and the wallet's own number of the payment.
func shengpayPayer(t trade) string {
	v := map[string]string{"officOrderNum": "42" + t.TransactionID, "bankType": "OTHERS"}
	switch t.Wallet {
	case WechatWallet:
		v["openid"], v["subOpenid"] = t.Payer, t.Payer
	case AlipayWallet:
		v["userid"] = t.Payer
	}
	raw, _ := json.Marshal(v) // a map of texts always encodes
	return string(raw)
}

// close is 关单: what nothing was paid for. A repeat is answered alike.
func (s *shengpay) close(m *merchant, p map[string]string) (map[string]string, *shengpayFailure) {
	t, failed := s.existing(m, p)
	if failed != nil {
		return nil, failed
	}
	if was := s.bank.shut(t.ID); was == paid {
		return nil, &shengpayFailure{shengpayPaid, "订单已支付"}
	}
	return map[string]string{}, nil
}
