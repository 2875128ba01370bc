package lakala

import (
	"context"

	"linlipay/payment/gateway"
)

// app is the company's official account, which JSAPI needs.
func (c *client) app() gateway.WechatApp {
	s := c.settings
	return gateway.WechatApp{AppID: s.wechatAppid, Secret: s.wechatAppSecret, AuthorizeBase: s.wechatAuthorizeBase,
		TokenBase: s.wechatTokenBase}
}

// AuthorizeURL is where the WeChat app tells who the payer is.
func (g *Gateway) AuthorizeURL(a gateway.Account, redirect, state string) (string, error) {
	c, err := g.client(a)
	if err != nil {
		return "", err
	}
	return c.app().AuthorizeURL(redirect, state)
}

// Payer exchanges the code for the payer's openid.
func (g *Gateway) Payer(ctx context.Context, a gateway.Account, code string) (string, error) {
	c, err := g.client(a)
	if err != nil {
		return "", err
	}
	return c.app().Payer(ctx, c.http, code)
}
