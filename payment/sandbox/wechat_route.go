package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

type wechatHandler func(*http.Request, *merchant, []byte) (any, *wechatError)

const transactions = "/v3/pay/transactions/"

// route finds the operation and the occasion for faults; named completes the occasion where the path does not name the
// trade.
func (w *wechat) route(r *http.Request) (wechatHandler, occasion) {
	at := occasion{institution: "wechat"}
	if r.Method == http.MethodGet {
		return w.routeGet(r, at)
	}
	path := r.URL.Path
	last := path[strings.LastIndexByte(path, '/')+1:]
	ofTrade, ofRefund := strings.HasPrefix(path, transactions+"out-trade-no/"), strings.HasPrefix(path, wechatRefunds)
	switch {
	case r.Method != http.MethodPost:
		return nowhere, at
	case ofTrade && last == "close":
		at.out, at.operation = outOfPath(r), "close"
		return w.close, at
	case ofTrade && last == "reverse":
		at.out, at.operation = outOfPath(r), "reverse"
		return w.reverse, at
	case path == transactions+"codepay":
		at.operation = "code"
		return w.codePay, at
	case slices.Contains([]string{"native", "jsapi", "h5", "app"}, strings.TrimPrefix(path, transactions)):
		at.operation = "create"
		return w.create, at
	case path == wechatRefunds:
		at.operation = "refund"
		return w.refund, at
	case ofRefund && last == "apply-abnormal-refund":
		at.operation = "refund"
		return w.abnormalRefund, at
	}
	return nowhere, at
}

func (w *wechat) routeGet(r *http.Request, at occasion) (wechatHandler, occasion) {
	path := r.URL.Path
	switch {
	case path == "/v3/certificates":
		return w.certificates, at
	case strings.HasPrefix(path, transactions+"out-trade-no/"):
		at.out, at.operation = outOfPath(r), "query"
		return w.query, at
	case strings.HasPrefix(path, transactions+"id/"):
		at.operation = "query"
		return w.query, at
	case strings.HasPrefix(path, wechatRefunds+"/"):
		at.operation = "refund_query"
		return w.refundQuery, at
	}
	return nowhere, at
}

func nowhere(*http.Request, *merchant, []byte) (any, *wechatError) {
	return nil, wxErr(http.StatusNotFound, "RESOURCE_NOT_EXISTS", "接口不存在")
}

// named is the out-trade number that a charge or a refund is about, so that a fault can wait for one trade.
func (w *wechat) named(at occasion, r *http.Request, m *merchant, body []byte) string {
	var in struct {
		OutTradeNo    string `json:"out_trade_no"`
		TransactionID string `json:"transaction_id"`
	}
	switch at.operation {
	case "refund_query":
		asked := refund{Institution: "wechat", Merchant: m.ID,
			OutRefundNo: strings.TrimPrefix(r.URL.Path, wechatRefunds+"/")}
		got, _ := w.bank.refundAsked(asked)
		return got.OutTradeNo
	case "create", "code", "refund":
		if json.Unmarshal(body, &in) != nil || in.TransactionID == "" {
			return in.OutTradeNo
		}
		t, _ := w.refundedTrade(m, in.TransactionID, "")
		return t.OutTradeNo
	}
	return ""
}
