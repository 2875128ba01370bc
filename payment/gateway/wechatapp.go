package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// WechatApp is a company's own official account (公众号), in which the WeChat app tells who the payer is. WeChat Pay and
// the acquirers all need it for JSAPI: an openid holds within one account only.
type WechatApp struct {
	AppID, Secret string // the platform's own names for the account and its secret; "" where there is none
	AuthorizeBase string // of open.weixin.qq.com
	TokenBase     string // of api.weixin.qq.com
}

// WeChat's own addresses: where the payer's browser goes, and where the code is exchanged.
const (
	WeChatAuthorizeHost = "https://open.weixin.qq.com"
	WeChatTokenHost     = "https://api.weixin.qq.com"
)

// WeChatAppHosts are the hosts of AuthorizeBase and TokenBase.
func WeChatAppHosts() []string {
	return []string{"open.weixin.qq.com", "api.weixin.qq.com", "api2.weixin.qq.com", "sh.api.weixin.qq.com",
		"sz.api.weixin.qq.com"}
}

// WechatAppSettings are the two settings of an acquirer's account that name the company's official account.
func WechatAppSettings() []Setting {
	return []Setting{
		{Name: "wechat_appid", ZH: "公众号 AppID（微信内支付用）", EN: "Official account's AppID (to pay inside WeChat)"},
		{Name: "wechat_app_secret", ZH: "公众号 AppSecret（微信内支付用）",
			EN: "Official account's AppSecret (to pay inside WeChat)", Secret: true},
	}
}

// WechatAppAddresses are the two settings for other addresses than WeChat's own.
func WechatAppAddresses() []Setting {
	return []Setting{
		{Name: "wechat_oauth_base_url", ZH: "微信网页授权地址", EN: "WeChat's OAuth address", Default: WeChatAuthorizeHost,
			Hosts: WeChatAppHosts()},
		{Name: "wechat_token_base_url", ZH: "微信 access_token 地址", EN: "WeChat's token address",
			Default: WeChatTokenHost, Hosts: WeChatAppHosts()},
	}
}

// WechatAppIn reads WechatAppSettings and WechatAppAddresses. An account without an AppID has none, and then no secret
// either: one without the other is an Invalid fault.
func WechatAppIn(settings map[string]string) (w WechatApp, err error) {
	w = WechatApp{AppID: settings["wechat_appid"], Secret: settings["wechat_app_secret"]}
	switch {
	case w.AppID != "" && w.Secret == "":
		return w, BadSetting("wechat_app_secret", "未填写，微信内支付需要。", "is missing; paying inside WeChat needs it.")
	case w.AppID == "" && w.Secret != "":
		return w, BadSetting("wechat_appid", "未填写，微信内支付需要。", "is missing; paying inside WeChat needs it.")
	}
	if w.AuthorizeBase, err = AddressIn(settings, "wechat_oauth_base_url", WeChatAuthorizeHost); err != nil {
		return w, err
	}
	w.TokenBase, err = AddressIn(settings, "wechat_token_base_url", WeChatTokenHost)
	return w, err
}

// WechatPayers is the PayerFinder of a gateway whose payers pay inside the WeChat app. Its methods fail as WechatApp's
// do, or with read's error where the settings are not to be read.
type WechatPayers struct {
	http *http.Client
	read func(settings map[string]string) (WechatApp, error)
}

// NewWechatPayers finds payers over a connection to WeChat, which does not sign; read finds the official account in an
// account's settings.
func NewWechatPayers(w Wire, read func(settings map[string]string) (WechatApp, error)) WechatPayers {
	return WechatPayers{w.Client(), read}
}

// AuthorizeURL is where the WeChat app tells who the payer is.
func (p WechatPayers) AuthorizeURL(a Account, redirect, state string) (string, error) {
	app, err := p.read(a.Settings)
	if err != nil {
		return "", err
	}
	return app.AuthorizeURL(redirect, state)
}

// Payer exchanges the code for the payer's openid.
func (p WechatPayers) Payer(ctx context.Context, a Account, code string) (string, error) {
	app, err := p.read(a.Settings)
	if err != nil {
		return "", err
	}
	return app.Payer(ctx, p.http, code)
}

// AuthorizeURL is WeChat's page (网页授权, scope snsapi_base) that sends the browser on to redirect with a code and the
// state. Without an AppID it is Declined.
func (w WechatApp) AuthorizeURL(redirect, state string) (string, error) {
	if w.AppID == "" {
		return "", w.missing()
	}
	q := url.Values{"appid": {w.AppID}, "redirect_uri": {redirect}, "response_type": {"code"}, "scope": {"snsapi_base"},
		"state": {state}}
	return strings.TrimSuffix(
		w.AuthorizeBase,
		"/",
	) + "/connect/oauth2/authorize?" + q.Encode() + "#wechat_redirect", nil
}

// Payer exchanges the code for the payer's openid. No error holds the address, which carries the secret. Without an
// AppID it is Declined; no answer is Indeterminate.
func (w WechatApp) Payer(ctx context.Context, client *http.Client, code string) (string, error) {
	if w.AppID == "" {
		return "", w.missing()
	}
	silent := func(why string) error {
		return AsIndeterminate(errors.New("payment: WeChat's OAuth server " + why))
	}
	q := url.Values{"appid": {w.AppID}, "secret": {w.Secret}, "code": {code}, "grant_type": {"authorization_code"}}
	req, err := http.NewRequestWithContext(
		ctx,
		http.MethodGet,
		strings.TrimSuffix(w.TokenBase, "/")+"/sns/oauth2/access_token?"+q.Encode(),
		nil,
	)
	if err != nil {
		return "", silent("has no proper address")
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", silent("does not answer")
	}
	raw, err := ReadAnswer(resp.Body)
	if err != nil {
		return "", AsIndeterminate(err)
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
	return NotSent("商户号未配置公众号，不能在微信内支付",
		errors.New("payment: the account has no official account (wechat_appid)"))
}
