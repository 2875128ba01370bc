package wechat

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	gp "github.com/go-pay/gopay/wechat/v3"

	"linlipay/payment"
)

// window is how far a signature's time may be from ours, as the institution demands.
const window = 5 * time.Minute

// verify checks the institution's signature over raw bytes: timestamp, nonce and body, each followed by a line feed.
func (k keys) verify(h http.Header, body []byte, now time.Time) error {
	serial, timestamp := h.Get("Wechatpay-Serial"), h.Get("Wechatpay-Timestamp")
	key, ok := k[serial]
	if !ok {
		return fmt.Errorf("wechat: signed with unknown key %q", serial)
	}
	sec, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || now.Sub(time.Unix(sec, 0)).Abs() > window {
		return fmt.Errorf("wechat: the signature's time %q is not within %v of ours", timestamp, window)
	}
	return gp.V3VerifySignByPK(timestamp, h.Get("Wechatpay-Nonce"), string(body), h.Get("Wechatpay-Signature"), key)
}

// judge turns an answer into nil or a GatewayError. A success without a valid signature is no success; an error without one says so.
func judge(v *payment.Verdict, status int, e gp.ErrResponse) error {
	if status == gp.Success && v.Err != nil {
		return unknown(v.Err)
	}
	if status == gp.Success {
		return nil
	}
	return &payment.GatewayError{Kind: kind(status, e.Code), Signed: v.Err == nil, Code: e.Code, Message: e.Message, Cause: v.Err}
}

// kind sorts the institution's error codes, from its table for 下单, 查单 and 关单.
func kind(status int, code string) payment.GatewayKind {
	switch code {
	case "ORDERPAID":
		return payment.AlreadyPaidUpstream
	case "ORDER_CLOSED":
		return payment.AlreadyClosedUpstream
	case "ORDER_NOT_EXIST", "ORDERNOTEXIST":
		return payment.Absent
	case "PARAM_ERROR", "INVALID_REQUEST", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS", "NO_AUTH", "OUT_TRADE_NO_USED", "RULE_LIMIT",
		"NOT_ENOUGH", "SIGN_ERROR", "OPENID_MISMATCH", "ACCOUNT_ERROR":
		return payment.Refused
	case "FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED", "SYSTEM_ERROR", "BANK_ERROR":
		return payment.Busy
	}
	if status == http.StatusTooManyRequests || status >= 500 {
		return payment.Busy
	}
	return payment.Unknown
}

func unknown(err error) error {
	return &payment.GatewayError{Kind: payment.Unknown, Cause: err}
}

func refused(err error) error {
	return &payment.GatewayError{Kind: payment.Refused, Message: "商户号配置有误", Cause: err}
}
