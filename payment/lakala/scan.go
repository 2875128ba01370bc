package lakala

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"linlipay/money"
	"linlipay/payment"
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

// preordered is the answer to a preorder.
type preordered struct {
	MerchantNo string `json:"merchant_no"`
	OutTradeNo string `json:"out_trade_no"`
	Fields     struct {
		Code      string `json:"code"`
		PrepayID  string `json:"prepay_id"`
		AppID     string `json:"app_id"`
		TimeStamp string `json:"time_stamp"`
		NonceStr  string `json:"nonce_str"`
		Package   string `json:"package"`
		PaySign   string `json:"pay_sign"`
		SignType  string `json:"sign_type"`
	} `json:"acc_resp_fields"`
}

func (c *client) native(ctx context.Context, ch payment.Charge, accountType string) (payment.Prepared, error) {
	told, err := c.preorder(ctx, ch, accountType, transNative, busiFields{})
	if err != nil {
		return payment.Prepared{}, err
	}
	if told.Fields.Code == "" {
		return payment.Prepared{}, unknown(errors.New("lakala: the answer holds no code"))
	}
	return payment.Prepared{CodeURL: told.Fields.Code}, nil
}

func (c *client) jsapi(ctx context.Context, ch payment.Charge) (payment.Prepared, error) {
	if c.settings.wechatAppid == "" {
		return payment.Prepared{}, refused(errors.New("lakala: the account has no wechat_appid"))
	}
	told, err := c.preorder(ctx, ch, "WECHAT", transJSAPI, busiFields{SubAppid: c.settings.wechatAppid, UserID: ch.PayerID})
	if err != nil {
		return payment.Prepared{}, err
	}
	f := told.Fields
	if f.AppID != c.settings.wechatAppid || f.Package == "" || f.PaySign == "" {
		return payment.Prepared{}, unknown(fmt.Errorf("lakala: the answer holds no parameters for JSAPI of %s", c.settings.wechatAppid))
	}
	return payment.Prepared{JSAPI: map[string]string{
		"appId": f.AppID, "timeStamp": f.TimeStamp, "nonceStr": f.NonceStr, "package": f.Package, "signType": f.SignType, "paySign": f.PaySign,
	}}, nil
}

func (c *client) preorder(ctx context.Context, ch payment.Charge, accountType, transType string, busi busiFields) (preordered, error) {
	var told preordered
	busi.TimeoutExpress = strconv.FormatInt(max(1, int64(ch.ExpiresAt.Sub(c.now())/time.Minute)), 10)
	err := c.call(ctx, preorderPath, labsDone, preorder{
		MerchantNo: c.settings.merchantNo, TermNo: c.settings.termNo, OutTradeNo: ch.OutTradeNo, AccountType: accountType, TransType: transType,
		TotalAmount: fen(ch.Amount), LocationInfo: c.from(ch.ClientIP), NotifyURL: ch.NotifyURL, Subject: ch.Title, AccBusiFields: busi,
	}, &told)
	if err != nil {
		return told, err
	}
	if told.OutTradeNo != ch.OutTradeNo || told.MerchantNo != c.settings.merchantNo {
		return told, unknown(fmt.Errorf("lakala: ordered %s, answered for %s of %s", ch.OutTradeNo, told.OutTradeNo, told.MerchantNo))
	}
	return told, nil
}

// from is where a request comes from: the payer, or what the account says.
func (c *client) from(ip string) location { return location{cmp.Or(ip, c.settings.requestIP)} }

// scanAsked names a trade in questions to labs.
type scanAsked struct {
	MerchantNo string `json:"merchant_no"`
	TermNo     string `json:"term_no"`
	OutTradeNo string `json:"out_trade_no"`
}

// scanTrade is a trade as labs tells it, in an answer (trade_state) or a notification (trade_status).
type scanTrade struct {
	MerchantNo    string `json:"merchant_no"`
	OutTradeNo    string `json:"out_trade_no"`
	TradeNo       string `json:"trade_no"`
	LogNo         string `json:"log_no"`
	TradeMainType string `json:"trade_main_type"`
	TradeState    string `json:"trade_state"`
	TradeStatus   string `json:"trade_status"`
	AccountType   string `json:"account_type"`
	TotalAmount   cents  `json:"total_amount"`
	RefundAmount  cents  `json:"refund_amount"` // of a refund
	TradeTime     string `json:"trade_time"`
	UserID1       string `json:"user_id1"`
	UserID2       string `json:"user_id2"`
	Origin        string `json:"origin_out_trade_no"` // of a refund: the payment
}

// scanStates are the institution's words for the state of a payment.
var scanStates = map[string]payment.TradeState{
	"INIT": payment.TradeUnpaid, "CREATE": payment.TradeUnpaid, "DEAL": payment.TradeUnpaid, "UNKNOWN": payment.TradeUnpaid,
	"SUCCESS": payment.TradePaid, "PART_REFUND": payment.TradePaid, "REFUND": payment.TradePaid,
	"CLOSE": payment.TradeClosed, "REVOKED": payment.TradeClosed,
	"FAIL": payment.TradeFailed,
}

// walletsOf are the wallets by account_type and pay_mode.
var walletsOf = map[string]payment.Wallet{
	"WECHAT": payment.WalletWeChat, "ALIPAY": payment.WalletAlipay, "UQRCODEPAY": payment.WalletUnionPay, "UNION": payment.WalletUnionPay,
}

func (c *client) queryScan(ctx context.Context, t payment.Trade) (payment.Report, error) {
	told, err := c.askScan(ctx, t.OutTradeNo)
	if err != nil {
		return payment.Report{}, err
	}
	return told.report(c.settings)
}

// askScan asks labs about a payment or a refund by our number for it.
func (c *client) askScan(ctx context.Context, number string) (scanTrade, error) {
	var told scanTrade
	err := c.call(ctx, scanQuery, labsDone, scanAsked{c.settings.merchantNo, c.settings.termNo, number}, &told)
	if err != nil {
		return told, err
	}
	if told.OutTradeNo != number || told.MerchantNo != c.settings.merchantNo {
		return told, unknown(fmt.Errorf("lakala: asked for %s, answered for %s of %s", number, told.OutTradeNo, told.MerchantNo))
	}
	return told, nil
}

// report translates a payment. The payer's id is the one under the company's own app at WeChat (user_id1), and the account at other wallets (user_id2).
func (t scanTrade) report(s settings) (payment.Report, error) {
	raw := cmp.Or(t.TradeState, t.TradeStatus)
	r := payment.Report{
		OutTradeNo: t.OutTradeNo, TransactionID: t.TradeNo, Amount: money.Fen(t.TotalAmount), Currency: payment.CNY, Merchant: t.MerchantNo, App: s.appid,
		PayerID: t.UserID2, Wallet: walletsOf[t.AccountType], StatementNo: t.LogNo, Raw: raw,
	}
	if r.Wallet == payment.WalletWeChat {
		r.PayerID = t.UserID1
	}
	var known bool
	if r.State, known = scanStates[raw]; !known || t.TradeStatus != "" && t.TradeState != "" && t.TradeStatus != t.TradeState {
		return payment.Report{}, unknown(fmt.Errorf("lakala: state %q, status %q of a trade", t.TradeState, t.TradeStatus))
	}
	if t.TradeMainType == "REFUND" || t.TradeMainType == "CANCEL" {
		return payment.Report{}, unknown(fmt.Errorf("lakala: %s is a %s, not a payment", t.OutTradeNo, t.TradeMainType))
	}
	if r.State != payment.TradePaid {
		return r, nil
	}
	var err error
	if r.PaidAt, err = moment(t.TradeTime); err != nil || t.TradeNo == "" || t.TotalAmount == 0 {
		return payment.Report{}, unknown(fmt.Errorf("lakala: a paid trade without number, amount or time: %w", err))
	}
	return r, nil
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

// origin names the trade that an answer is about, and the request where it is a trade of its own.
type origin struct {
	OutTradeNo       string `json:"out_trade_no"`
	OriginOutTradeNo string `json:"origin_out_trade_no"`
}

func (c *client) closeScan(ctx context.Context, t payment.Trade) error {
	var told origin
	err := c.call(ctx, scanClose, labsDone, related{
		MerchantNo: c.settings.merchantNo, TermNo: c.settings.termNo, OriginOutTradeNo: t.OutTradeNo, LocationInfo: c.from(""),
	}, &told)
	if err == nil && told.OriginOutTradeNo != t.OutTradeNo {
		return unknown(fmt.Errorf("lakala: closed %s, answered for %s", t.OutTradeNo, told.OriginOutTradeNo))
	}
	return err
}
