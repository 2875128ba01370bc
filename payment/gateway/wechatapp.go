package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
)

// WechatApp is a company's own official account (公众号), in which the WeChat app tells who the payer is. WeChat Pay and
// the acquirers all need it for JSAPI: an openid holds within one account only.
type WechatApp struct {
	AppID, Secret string
	AuthorizeBase string // of open.weixin.qq.com
	TokenBase     string // of api.weixin.qq.com
}

// WeChatAppHosts are the hosts of AuthorizeBase and TokenBase.
func WeChatAppHosts() []string {
	return []string{"open.weixin.qq.com", "api.weixin.qq.com", "api2.weixin.qq.com", "sh.api.weixin.qq.com",
		"sz.api.weixin.qq.com"}
}

// AuthorizeURL is WeChat's page (网页授权, scope snsapi_base) that sends the browser on to redirect with a code and the
// state. Without an AppID it is Declined.
func (w WechatApp) AuthorizeURL(redirect, state string) (string, error) {
	if w.AppID == "" {
		return "", w.missing()
	}
	q := url.Values{"appid": {w.AppID}, "redirect_uri": {redirect}, "response_type": {"code"}, "scope": {"snsapi_base"},
		"state": {state}}
	return w.AuthorizeBase + "/connect/oauth2/authorize?" + q.Encode() + "#wechat_redirect", nil
}

// Payer exchanges the code for the payer's openid. No error holds the address, which carries the secret.
func (w WechatApp) Payer(ctx context.Context, client *http.Client, code string) (string, error) {
	if w.AppID == "" {
		return "", w.missing()
	}
	silent := func(why string) error {
		return &Error{Kind: Indeterminate, Cause: errors.New("payment: WeChat's OAuth server " + why)}
	}
	q := url.Values{"appid": {w.AppID}, "secret": {w.Secret}, "code": {code}, "grant_type": {"authorization_code"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.TokenBase+"/sns/oauth2/access_token?"+q.Encode(), nil)
	if err != nil {
		return "", silent("has no proper address")
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", silent("does not answer")
	}
	raw, err := ReadAnswer(resp.Body)
	if err != nil {
		return "", &Error{Kind: Indeterminate, Cause: err}
	}
	var v struct {
		Openid  string `json:"openid"`
		ErrCode int    `json:"errcode"`
		ErrMsg  string `json:"errmsg"`
	}
	if json.Unmarshal(raw, &v) != nil {
		return "", silent("answers with something else")
	}
	if v.Openid == "" {
		return "", &Error{Kind: Declined, Code: strconv.Itoa(v.ErrCode), Message: v.ErrMsg}
	}
	return v.Openid, nil
}

func (w WechatApp) missing() error {
	return &Error{Kind: Declined, Signed: true, Message: "商户号未配置公众号，不能在微信内支付",
		Cause: errors.New("payment: the account has no official account (wechat_appid)")}
}
