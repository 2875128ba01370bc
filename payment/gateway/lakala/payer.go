package lakala

import (
	"context"

	"linlipay/payment"
)

// app is the company's official account, which JSAPI needs.
func (c *client) app() payment.WechatApp {
	s := c.settings
	return payment.WechatApp{AppID: s.wechatAppid, Secret: s.wechatAppSecret, AuthorizeBase: s.wechatAuthorizeBase,
		TokenBase: s.wechatTokenBase}
}

// AuthorizeURL is where the WeChat app tells who the payer is.
func (g *Gateway) AuthorizeURL(a payment.Account, redirect, state string) (string, error) {
	c, err := g.client(a)
	if err != nil {
		return "", err
	}
	return c.app().AuthorizeURL(redirect, state)
}

// Payer exchanges the code for the payer's openid.
func (g *Gateway) Payer(ctx context.Context, a payment.Account, code string) (string, error) {
	c, err := g.client(a)
	if err != nil {
		return "", err
	}
	return c.app().Payer(ctx, c.http, code)
}
