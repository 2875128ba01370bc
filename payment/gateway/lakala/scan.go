package lakala

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"linlipay/payment/gateway"
)

// Scanned payments (聚合扫码, labs): the payer scans our QR or pays inside WeChat.

const (
	preorderPath = "/api/v3/labs/trans/preorder"
	scanQuery    = "/api/v3/labs/query/tradequery"
	scanClose    = "/api/v3/labs/relation/close"

	transNative = "41"
	transJSAPI  = "51"
)

// location is required by risk control in whatever moves money.
type location struct {
	RequestIP string `json:"request_ip"`
}

// preorder is what asks for a payment that the payer begins (主扫).
type preorder struct {
	MerchantNo    string     `json:"merchant_no"`
	TermNo        string     `json:"term_no"`
	OutTradeNo    string     `json:"out_trade_no"`
	AccountType   string     `json:"account_type"`
	TransType     string     `json:"trans_type"`
	TotalAmount   string     `json:"total_amount"`
	LocationInfo  location   `json:"location_info"`
	NotifyURL     string     `json:"notify_url,omitempty"`
	Subject       string     `json:"subject"`
	AccBusiFields busiFields `json:"acc_busi_fields"`
}

// busiFields are for the wallet; the time-out is in whole minutes.
type busiFields struct {
	SubAppid       string `json:"sub_appid,omitempty"`
	UserID         string `json:"user_id,omitempty"`
	TimeoutExpress string `json:"timeout_express"`
}

func (c *client) native(ctx context.Context, ch gateway.Charge, accountType string) (gateway.Prepared, error) {
	told, err := c.preorder(ctx, ch, accountType, transNative, busiFields{})
	if err != nil {
		return gateway.Prepared{}, err
	}
	code := told.Required("code")
	if err := told.Err(); err != nil {
		return gateway.Prepared{}, gateway.AsIndeterminate(fmt.Errorf("lakala: the answer holds no code: %w", err))
	}
	return gateway.Prepared{CodeURL: code}, nil
}

func (c *client) jsapi(ctx context.Context, ch gateway.Charge) (gateway.Prepared, error) {
	if c.settings.wechat.AppID == "" {
		return gateway.Prepared{}, gateway.NotOffered(
			gateway.Lakala,
			gateway.PaymentMethod{Wallet: ch.Wallet, Method: ch.Method},
		)
	}
	told, err := c.preorder(ctx, ch, "WECHAT", transJSAPI,
		busiFields{SubAppid: c.settings.wechat.AppID, UserID: ch.PayerID})
	if err != nil {
		return gateway.Prepared{}, err
	}
	p := jsapiParameters(told)
	if err := told.Err(); err != nil || p["appId"] != c.settings.wechat.AppID {
		return gateway.Prepared{}, gateway.AsIndeterminate(
			fmt.Errorf("lakala: the answer holds no parameters for JSAPI of %s: %w",
				c.settings.wechat.AppID, err),
		)
	}
	return gateway.Prepared{JSAPI: p}, nil
}

// jsapiParameters are those with which a page inside WeChat calls the payment.
func jsapiParameters(told gateway.Fields) map[string]string {
	return map[string]string{
		"appId": told.Required("app_id"), "timeStamp": told.Text("time_stamp"), "nonceStr": told.Text("nonce_str"),
		"package":  told.Required("package"),
		"signType": told.Text("sign_type"), "paySign": told.Required("pay_sign"),
	}
}

// preorder asks for a payment and returns what the wallet is to be handed (acc_resp_fields).
func (c *client) preorder(ctx context.Context, ch gateway.Charge, accountType, transType string,
	busi busiFields) (gateway.Fields, error) {
	busi.TimeoutExpress = strconv.FormatInt(max(1, int64(ch.ExpiresAt.Sub(c.now())/time.Minute)), 10)
	told, err := c.call(ctx, preorderPath, labsDone, preorder{
		MerchantNo: c.settings.merchantNo, TermNo: c.settings.termNo, OutTradeNo: ch.OutTradeNo,
		AccountType: accountType, TransType: transType,
		TotalAmount: fen(ch.Amount), LocationInfo: c.from(ch.ClientIP), NotifyURL: ch.NotifyURL,
		Subject: title(ch.Title), AccBusiFields: busi,
	})
	if err == nil {
		err = c.about(told, "out_trade_no", ch.OutTradeNo)
	}
	return told.Object("acc_resp_fields"), err
}

// from is where a request comes from: the payer, or what the account says.
func (c *client) from(ip string) location { return location{cmp.Or(ip, c.settings.requestIP)} }

// scanAsked names a trade in questions to labs.
type scanAsked struct {
	MerchantNo string `json:"merchant_no"`
	TermNo     string `json:"term_no"`
	OutTradeNo string `json:"out_trade_no"`
}

// related names the trade that a request is about.
type related struct {
	MerchantNo       string   `json:"merchant_no"`
	TermNo           string   `json:"term_no"`
	OutTradeNo       string   `json:"out_trade_no,omitempty"` // of the request itself, where it is a trade of its own
	OriginOutTradeNo string   `json:"origin_out_trade_no,omitempty"`
	OriginTradeNo    string   `json:"origin_trade_no,omitempty"`
	OriginLogNo      string   `json:"origin_log_no,omitempty"`
	RefundAmount     string   `json:"refund_amount,omitempty"`
	RefundReason     string   `json:"refund_reason,omitempty"`
	LocationInfo     location `json:"location_info"`
}

// closeScan asks labs to take no more money. WeChat's orders end by this alone: what timeout_express limits there is
// the prepay_id.
func (c *client) closeScan(ctx context.Context, t gateway.Trade) error {
	told, err := c.call(ctx, scanClose, labsDone, related{
		MerchantNo: c.settings.merchantNo, TermNo: c.settings.termNo, OriginOutTradeNo: t.OutTradeNo,
		LocationInfo: c.from(""),
	})
	if err != nil {
		return err
	}
	if n := told.Text("origin_out_trade_no"); told.Err() != nil || n != "" && n != t.OutTradeNo {
		return gateway.AsIndeterminate(
			fmt.Errorf("lakala: closed %s, answered for %q: %w", t.OutTradeNo, n, told.Err()),
		)
	}
	return nil
}
