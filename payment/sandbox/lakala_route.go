package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"

	"linlipay/money"
)

type lakalaHandler func(m *merchant, in lakalaData) (map[string]any, *lakalaError)

// lakalaAmount is an amount in fen: a text of digits everywhere, and a number too at the counter.
type lakalaAmount struct {
	fen    money.Fen
	number bool // not a text
}

var lakalaDigits = regexp.MustCompile(`^[1-9][0-9]{0,11}$`)

// UnmarshalJSON takes what is not an amount as zero, which no check lets pass.
func (a *lakalaAmount) UnmarshalJSON(raw []byte) error {
	text, isText := strings.CutPrefix(string(raw), `"`)
	text = strings.TrimSuffix(text, `"`)
	a.number = !isText
	if lakalaDigits.MatchString(text) {
		for _, digit := range text {
			a.fen = a.fen*10 + money.Fen(digit-'0')
		}
	}
	return nil
}

// lakalaData is req_data of all endpoints, as far as it is used.
type lakalaData struct {
	MerchantNo    string       `json:"merchant_no"`
	TermNo        string       `json:"term_no"`
	OutTradeNo    string       `json:"out_trade_no"`
	TradeNo       string       `json:"trade_no"`
	AccountType   string       `json:"account_type"`
	TransType     string       `json:"trans_type"`
	TotalAmount   lakalaAmount `json:"total_amount"`
	Subject       string       `json:"subject"`
	NotifyURL     string       `json:"notify_url"`
	AuthCode      string       `json:"auth_code"`
	AccBusiFields struct {
		SubAppid       string `json:"sub_appid"`
		UserID         string `json:"user_id"`
		TimeoutExpress string `json:"timeout_express"` // minutes
	} `json:"acc_busi_fields"`
	LocationInfo struct {
		RequestIP string `json:"request_ip"`
	} `json:"location_info"`

	RefundAmount     lakalaAmount `json:"refund_amount"`
	RefundReason     string       `json:"refund_reason"`
	OriginOutTradeNo string       `json:"origin_out_trade_no"`
	OriginTradeNo    string       `json:"origin_trade_no"`
	OriginLogNo      string       `json:"origin_log_no"`
	OriginBizType    string       `json:"origin_biz_type"`
	OriginTradeDate  string       `json:"origin_trade_date"`
	OriginCardNo     string       `json:"origin_card_no"`
	OriginTradeRefNo string       `json:"origin_trade_ref_no"`
	RefundType       string       `json:"refund_type"`
	RefundAccMode    string       `json:"refund_acc_mode"`
	RefundAmtSts     string       `json:"refund_amt_sts"`

	front bool      // asked for at the newer refund front
	after *[]func() // what follows once the question was answered

	lakalaCounter
}

// ServeHTTP verifies the request, carries it out and signs the answer. A browser that opens a counter's page goes on to
// the wallet's.
func (l *lakala) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, counterPath) {
		l.counterPage(rw, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost {
		l.reply(rw, occasion{}, "", "", nil, lklErr(lakalaParam, "请求方式不正确或请求体过大"))
		return
	}
	m, failed := l.authenticate(r, body)
	if failed != nil {
		l.reply(rw, occasion{}, "", "", nil, failed)
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/api/v3/")
	in, failed := l.read(m, strings.HasPrefix(path, "ccss/"), body)
	if failed != nil {
		l.reply(rw, occasion{}, m.App, "", nil, failed)
		return
	}
	do, operation, done := l.route(path)
	at := occasion{"lakala", l.named(m, in), operation}
	if asked, ok := l.refundNamed(m, in); ok && strings.HasSuffix(operation,
		"query") { // labs knows a refund as a trade of its own
		at.out, at.operation = asked.OutTradeNo, "refund_query"
	}
	rw = l.begin(rw, r, at)
	if _, strike := l.faults.strike(at, UnsignedError); strike {
		l.unsigned(rw)
		return
	}
	var after []func()
	in.after = &after
	data, failed := do(m, in)
	defer func() { // whatever becomes of the answer
		for _, follow := range after {
			follow()
		}
	}()
	l.reply(rw, at, m.App, done, data, failed)
}

// read takes the envelope apart. Of the counter the documents name both versions.
func (l *lakala) read(m *merchant, counter bool, body []byte) (in lakalaData, failed *lakalaError) {
	var envelope struct {
		ReqTime    string          `json:"req_time"`
		Version    string          `json:"version"`
		OutOrgCode string          `json:"out_org_code"`
		ReqData    json.RawMessage `json:"req_data"`
	}
	switch {
	case json.Unmarshal(body, &envelope) != nil || json.Unmarshal(envelope.ReqData, &in) != nil:
		return in, lklErr(lakalaParam, "请求报文格式不正确")
	case len(envelope.ReqTime) != 14 || envelope.Version != "3.0" && !(counter && envelope.Version == "1.0"):
		return in, lklErr(lakalaParam, "req_time、version 不正确")
	case envelope.OutOrgCode != "" && envelope.OutOrgCode != m.App:
		return in, lklErr(lakalaParam, "out_org_code 与签名的 appid 不一致")
	case in.MerchantNo != m.ID:
		return in, lklErr(lakalaParam, "merchant_no 不属于该 appid")
	}
	return in, nil
}

// route finds the endpoint, its operation for faults, and its code of success.
func (l *lakala) route(path string) (do lakalaHandler, operation, done string) {
	switch path {
	case "labs/trans/preorder":
		return l.preorder, "create", lakalaDone
	case "labs/trans/micropay":
		return l.micropay, "code", lakalaDone
	case "labs/query/tradequery":
		return l.query, "query", lakalaDone
	case "labs/relation/close":
		return l.close, "close", lakalaDone
	case "labs/relation/revoked":
		return l.revoke, "reverse", lakalaDone
	case "labs/relation/refund":
		return l.refundScan, "refund", lakalaDone
	case "lams/trade/trade_refund":
		return l.refundAny, "refund", lakalaCounterOK
	case "lams/trade/trade_refund_query":
		return l.refundsOf, "refund_query", lakalaCounterOK
	case frontRefundPath:
		return l.frontRefund, "refund", lakalaCounterOK
	case "rfd/refund_front/refund_query":
		return l.frontRefundQuery, "refund_query", lakalaCounterOK
	case "ccss/counter/order/special_create", "ccss/counter/order/create": // the latter is the older path
		return l.createOrder, "create", lakalaCounterOK
	case "ccss/counter/order/query":
		return l.queryOrder, "query", lakalaCounterOK
	case "ccss/counter/order/close":
		return l.closeOrder, "close", lakalaCounterOK
	}
	return func(*merchant, lakalaData) (map[string]any, *lakalaError) {
		return nil, lklErr("GW0001", "接口不存在")
	}, "", ""
}

// named is the out-trade number of the payment that a request is about, so that a fault can wait for it.
func (l *lakala) named(m *merchant, in lakalaData) string {
	if t, ok := l.origin(m, in); ok {
		return t.OutTradeNo
	}
	if in.OutTradeNo != "" {
		return in.OutTradeNo
	}
	if t, ok := l.order(m, in); ok {
		return t.OutTradeNo
	}
	return in.OutOrderNo
}
