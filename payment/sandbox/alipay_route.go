package sandbox

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

type alipayHandler func(m *merchant, p url.Values, content alipayContent) (map[string]any, *alipayError)

// gatewayParams merges the query's and the form's parameters. The charset must be UTF-8.
func gatewayParams(r *http.Request) (url.Values, error) {
	p, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("the query is malformed")
	}
	if r.Method == http.MethodPost {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || kind != "application/x-www-form-urlencoded" {
			return nil, fmt.Errorf("the body is not a form")
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, fmt.Errorf("the body is too large")
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, fmt.Errorf("the form is malformed")
		}
		for k, v := range form {
			p[k] = v
		}
	}
	if c := p.Get("charset"); !strings.EqualFold(c, "utf-8") {
		return nil, fmt.Errorf("charset %q is not utf-8", c)
	}
	return p, nil
}

func (a *alipay) method(name string) (alipayHandler, string) {
	switch name {
	case "alipay.trade.precreate":
		return a.precreate, "create"
	case "alipay.trade.wap.pay":
		return nil, "create"
	case "alipay.trade.query":
		return a.query, "query"
	case "alipay.trade.close":
		return a.close, "close"
	case "alipay.trade.cancel":
		return a.cancel, "reverse"
	case "alipay.trade.pay":
		return a.pay, "code"
	case "alipay.trade.refund":
		return a.refund, "refund"
	case "alipay.trade.fastpay.refund.query":
		return a.refundQuery, "refund_query"
	}
	return func(*merchant, url.Values, alipayContent) (map[string]any, *alipayError) {
		return nil, &alipayError{"40002", "isv.invalid-method", "不存在的方法名"}
	}, ""
}
