package shengpay

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"linlipay/payment"
)

// AuthorizeURL sends the browser to WeChat's OAuth page (网页授权, scope snsapi_base), for the account's own official account.
func (g *Gateway) AuthorizeURL(a payment.Account, redirect, state string) (string, error) {
	c, err := g.client(a)
	if err != nil {
		return "", err
	}
	if c.settings.wechatAppid == "" {
		return "", unsupported(payment.Way{Wallet: payment.WalletWeChat, Method: payment.JSAPI})
	}
	q := url.Values{"appid": {c.settings.wechatAppid}, "redirect_uri": {redirect}, "response_type": {"code"}, "scope": {"snsapi_base"}, "state": {state}}
	return c.settings.authorizeBase + "/connect/oauth2/authorize?" + q.Encode() + "#wechat_redirect", nil
}

// Payer exchanges the code for the openid, at WeChat.
func (g *Gateway) Payer(ctx context.Context, a payment.Account, code string) (string, error) {
	c, err := g.client(a)
	if err != nil {
		return "", err
	}
	q := url.Values{"appid": {c.settings.wechatAppid}, "secret": {c.settings.wechatAppSecret}, "code": {code}, "grant_type": {"authorization_code"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.settings.tokenBase+"/sns/oauth2/access_token?"+q.Encode(), nil)
	if err != nil {
		return "", unknown(errors.New("shengpay: WeChat's OAuth address cannot be built"))
	}
	resp, err := c.plain.Do(req)
	if err != nil {
		return "", unknown(errors.New("shengpay: WeChat's OAuth server does not answer")) // the address, with its secret, stays out of the error
	}
	raw, err := payment.ReadAnswer(resp.Body)
	if err != nil {
		return "", unknown(err)
	}
	var v struct {
		OpenID  string `json:"openid"`
		ErrCode int    `json:"errcode"`
		ErrMsg  string `json:"errmsg"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return "", unknown(errors.New("shengpay: WeChat's OAuth server answers with something else"))
	}
	if v.OpenID == "" {
		return "", &payment.GatewayError{Kind: payment.Refused, Code: strconv.Itoa(v.ErrCode), Message: cut(v.ErrMsg, textMost)}
	}
	return v.OpenID, nil
}
