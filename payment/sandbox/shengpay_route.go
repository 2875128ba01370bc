package sandbox

import (
	"crypto/rsa"
	"io"
	"net/http"
	"strings"
)

// shengpayFailure is how a request fails. Without a code it was not understood or not believed (returnCode); with one
// it was refused (resultCode).
type shengpayFailure struct{ code, text string }

type shengpayHandler func(m *merchant, p map[string]string) (map[string]string, *shengpayFailure)

// ServeHTTP verifies a request, carries it out and signs the answer.
func (s *shengpay) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, shengpayAggregate) {
		s.aggregate(rw, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost {
		s.reply(rw, occasion{}, "RSA", nil, &shengpayFailure{"", "请求方式不正确或请求体过大"})
		return
	}
	m, p, failed := s.authenticate(body)
	if failed != nil {
		s.reply(rw, occasion{}, "RSA", nil, failed)
		return
	}
	do, operation := s.route(r.URL.Path)
	at := occasion{"shengpay", s.named(m, p), operation}
	rw = s.begin(rw, r, at)
	if _, strike := s.faults.strike(at, UnsignedError); strike {
		s.unsigned(rw)
		return
	}
	answer, failed := do(m, p)
	if failed == nil {
		answer["mchId"] = m.ID
	}
	s.reply(rw, at, p["signType"], answer, failed)
}

// authenticate reads the fields and finds the merchant whose signature they carry. Shengpay's messages have no time
// that could be too old.
func (s *shengpay) authenticate(body []byte) (*merchant, map[string]string, *shengpayFailure) {
	p, nulls, err := shengpayFields(body)
	if err != nil {
		return nil, nil, &shengpayFailure{"", "请求报文格式错误"}
	}
	m := s.keys.merchantBy("shengpay", func(m *merchant) bool { return m.ID == p["mchId"] })
	switch {
	case m == nil:
		return nil, nil, &shengpayFailure{"", "商户不存在"}
	case p["nonceStr"] == "" || len(p["nonceStr"]) > 32:
		return nil, nil, &shengpayFailure{"", "nonceStr 不正确"}
	case !shengpayVerifies(m.publicKey, p, nil) && !shengpayVerifies(m.publicKey, p, nulls):
		return nil, nil, &shengpayFailure{"", "验签失败"}
	}
	return m, p, nil
}

func (s *shengpay) route(path string) (shengpayHandler, string) {
	switch path {
	case shengpayOnline, shengpayOffline:
		return s.create, "create"
	case shengpayQuery:
		return s.query, "query"
	case shengpayClose:
		return s.close, "close"
	case shengpayAuthPay:
		return s.codePay, "code"
	case shengpayReverse:
		return s.reverse, "reverse"
	case shengpayRefund:
		return s.refund, "refund"
	case shengpayRefundQuery:
		return s.refundQuery, "refund_query"
	case shengpayBill:
		return s.bill, "statement"
	}
	return func(*merchant, map[string]string) (map[string]string, *shengpayFailure) {
		return nil, &shengpayFailure{"", "接口不存在"}
	}, ""
}

// named is the out-trade number that a request is about, so that a fault can wait for one trade.
func (s *shengpay) named(m *merchant, p map[string]string) string {
	if p["outTradeNo"] != "" {
		return p["outTradeNo"]
	}
	if t, failed := s.existing(m, p); failed == nil {
		return t.OutTradeNo
	}
	got, _ := s.askedRefund(m, p)
	return got.OutTradeNo
}

// reply signs an answer or a failure, in the way that the request was signed.
func (s *shengpay) reply(rw http.ResponseWriter, at occasion, signType string, answer map[string]string,
	failed *shengpayFailure) {
	p := shengpayAnswer(answer, failed)
	p["nonceStr"], p["signType"] = randomHex(16), signType
	var how Script
	if at.institution != "" {
		how, _ = s.faults.strike(at, answerFaults...)
	}
	if how.Fault == TimeoutAfterSuccess {
		breakOff(rw)
	}
	raw, err := s.signed(p, how)
	if err != nil {
		http.Error(rw, "system error", http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "application/json;charset=UTF-8")
	rw.Write(raw)
}

// signed signs the fields of an answer or a notification; how spoils it. Fields that no page names come with amounts as
// JSON numbers: the institution's own tables call them int and its samples quote them.
func (s *shengpay) signed(p map[string]string, how Script) ([]byte, error) {
	signType := p["signType"]
	var numbers []string
	if how.Fault == UnknownFields {
		p["fieldOfTomorrow"], p["countOfTomorrow"] = "二", "2"
		numbers = []string{"countOfTomorrow", "totalFee", "refundFee"}
	}
	key := map[bool]*rsa.PrivateKey{false: s.keys.Own[shengpayKey].key, true: s.keys.forger}
	// Shengpay sends no probes: another bad signature
	forged := how.Fault == BadSignature || how.Fault == ProbeSignature || how.Fault == Forged ||
		how.Fault == ProbeNotice
	if how.Fault == FieldEdited && how.Edit != EditTwice && p[how.Field] != "" {
		edited := map[FieldEdit]string{EditZero: "0", EditOther: another(p[how.Field])}
		p[how.Field] = edited[how.Edit] // what says nothing takes no part in the signature
	}
	raw, err := shengpaySigned(key[forged], signType, p, numbers...)
	if how.Fault == FieldEdited && how.Edit != EditZero && how.Edit != EditOther {
		raw = editedField(raw, how)
	}
	return raw, err
}

func shengpayAnswer(answer map[string]string, failed *shengpayFailure) map[string]string {
	p := map[string]string{"returnCode": "SUCCESS", "resultCode": "SUCCESS"}
	for k, v := range answer {
		p[k] = v
	}
	switch {
	case failed != nil && failed.code == "":
		p = map[string]string{"returnCode": "FAIL", "returnMsg": failed.text}
	case failed != nil:
		p["resultCode"], p["errorCode"], p["errorCodeDes"] = "FAIL", failed.code, failed.text
	}
	return p
}

// unsigned says without a signature that there is no such order.
func (s *shengpay) unsigned(rw http.ResponseWriter) {
	rw.Header().Set("Content-Type", "application/json;charset=UTF-8")
	io.WriteString(rw, `{"returnCode":"SUCCESS","resultCode":"FAIL","errorCode":"`+shengpayNoOrder+
		`","errorCodeDes":"订单不存在"}`)
}
