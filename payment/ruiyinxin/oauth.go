package ruiyinxin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"linlipay/payment"
)

// AuthorizeURL sends the browser to WeChat's OAuth page (网页授权, scope snsapi_base), for the account's own official account.
func (g *Gateway) AuthorizeURL(a payment.Account, redirect, state string) (string, error) {
	cl, err := g.client(a)
	if err != nil {
		return "", err
	}
	if cl.settings.wechatAppID == "" {
		return "", notOffered("the account has no wechat_appid")
	}
	q := url.Values{"appid": {cl.settings.wechatAppID}, "redirect_uri": {redirect}, "response_type": {"code"}, "scope": {"snsapi_base"}, "state": {state}}
	return cl.settings.authorizeBase + "/connect/oauth2/authorize?" + q.Encode() + "#wechat_redirect", nil
}

// Payer exchanges the code for the openid.
func (g *Gateway) Payer(ctx context.Context, a payment.Account, code string) (string, error) {
	cl, err := g.client(a)
	if err != nil {
		return "", err
	}
	q := url.Values{"appid": {cl.settings.wechatAppID}, "secret": {cl.settings.wechatAppSecret}, "code": {code}, "grant_type": {"authorization_code"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, cl.settings.tokenBase+"/sns/oauth2/access_token?"+q.Encode(), nil)
	if err != nil {
		return "", unknown(errors.New("ruiyinxin: the OAuth address cannot be built"))
	}
	resp, err := cl.bulk.Do(req)
	if err != nil {
		return "", unknown(errors.New("ruiyinxin: the OAuth server does not answer")) // the address, with its secret, stays out of the error
	}
	raw, err := payment.ReadAnswer(resp.Body)
	if err != nil {
		return "", unknown(err)
	}
	var v struct {
		Openid  string `json:"openid"`
		ErrCode int    `json:"errcode"`
		ErrMsg  string `json:"errmsg"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return "", unknown(err)
	}
	if v.Openid == "" {
		return "", &payment.GatewayError{Kind: payment.Refused, Code: fmt.Sprint(v.ErrCode), Message: v.ErrMsg}
	}
	return v.Openid, nil
}
