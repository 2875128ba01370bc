package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// smzfMessage is the plain JSON of an answer or a callback; a question has the fields up to reqDate, and data.
type smzfMessage struct {
	Version   string            `json:"version"`
	MsgType   string            `json:"msgType"`
	SmzfMsgID string            `json:"smzfMsgId,omitempty"`
	ReqDate   string            `json:"reqDate"`
	RespDate  string            `json:"respDate,omitempty"`
	RespType  string            `json:"respType,omitempty"` // S done, E failed, R under way
	RespCode  string            `json:"respCode,omitempty"`
	RespMsg   string            `json:"respMsg,omitempty"`
	Data      map[string]string `json:"data"`
}

// smzfQuestion is a verified request.
type smzfQuestion struct {
	number   string // reqMsgId
	callBack string
	data     map[string]string
}

// smzfAnswer is what a request led to.
type smzfAnswer struct {
	kind, code, text string
	id               string // the institution's number of the payment or the refund
	data             map[string]string
}

func smzfRefused(code, text string) smzfAnswer { return smzfAnswer{kind: "E", code: code, text: text} }

type smzfHandler func(m *merchant, q smzfQuestion) smzfAnswer

var smzfNumber = regexp.MustCompile(`^[0-9A-Za-z]{1,32}$`)

// ServeHTTP opens a request's envelope, verifies the signature, carries the request out and seals the answer.
func (r *ruiyinxin) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	if req.URL.Path != smzfPath && req.URL.Path != "/" || req.Method != http.MethodPost {
		http.NotFound(rw, req)
		return
	}
	body, err := io.ReadAll(req.Body)
	form, formErr := url.ParseQuery(string(body))
	e := smzfEnvelopeOf(form)
	m := r.keys.merchantBy("ruiyinxin", func(m *merchant) bool { return m.App == form.Get("cooperator") })
	if err != nil || formErr != nil || m == nil {
		r.plain(rw, e)
		return
	}
	text, err := e.open(r.keys.Own[ruiyinxinKey].key, m.publicKey)
	if err != nil {
		r.reply(rw, m, e, Script{}, smzfMessage{}, smzfRefused(smzfForged, "验签失败"))
		return
	}
	r.answer(rw, req, m, e, form.Get("callBack"), text)
}

func (r *ruiyinxin) answer(rw http.ResponseWriter, req *http.Request, m *merchant, e smzfEnvelope, callBack string,
	text []byte) {
	var asked smzfMessage
	if json.Unmarshal(text, &asked) != nil || asked.Version != "1.0.0" || asked.MsgType != "01" ||
		len(asked.ReqDate) != 14 || !smzfNumber.MatchString(e.ReqMsgID) {
		r.reply(rw, m, e, Script{}, asked, smzfRefused(smzfBadParam, "报文格式错误"))
		return
	}
	q := smzfQuestion{e.ReqMsgID, callBack, asked.Data}
	if code := q.data["merchantCode"]; code != "" && code != m.ID {
		r.reply(rw, m, e, Script{}, asked, smzfRefused(smzfBadParam, "商户编号不正确"))
		return
	}
	do, at := r.route(m, e.TranCode, q)
	rw = r.begin(rw, req, at)
	if _, strike := r.faults.strike(at, UnsignedError); strike {
		r.reply(rw, m, e, Script{Fault: UnsignedError}, asked, smzfRefused(smzfNoTrade, "原交易不存在"))
		return
	}
	a := do(m, q)
	how, struck := r.faults.strike(at, answerFaults...)
	if !struck && at.operation == "query" {
		how, _ = r.faults.strike(at, OlderForm)
	}
	r.reply(rw, m, e, how, asked, a)
}

// route finds the operation and the occasion for faults.
func (r *ruiyinxin) route(m *merchant, tranCode string, q smzfQuestion) (smzfHandler, occasion) {
	at := occasion{institution: "ruiyinxin", out: q.number}
	switch strings.TrimPrefix(tranCode, "SMZF") {
	case "002":
		at.operation = "create"
		return r.create, at
	case "010":
		at.operation = "create"
		return r.jsapiOrder, at
	case "003":
		at.operation = "code"
		return r.codePay, at
	case "004":
		at.out, at.operation = q.data["oriReqMsgId"], "refund"
		return r.refund, at
	case "005":
		at.out, at.operation = q.data["oriReqMsgId"], r.undoing(m, q)
		return r.cancel, at
	case "006":
		at.out, at.operation = r.named(m, q)
		return r.query, at
	case "020":
		at.out, at.operation = "", "statement"
		return r.bill, at
	}
	return func(*merchant, smzfQuestion) smzfAnswer { return smzfRefused(smzfBadParam, "交易码不正确") }, at
}

// named is the number of the payment that a query is about, and whether it asks about a refund of it.
func (r *ruiyinxin) named(m *merchant, q smzfQuestion) (out, operation string) {
	if got, ok := r.bank.refundAsked(refund{Institution: "ruiyinxin", Merchant: m.ID,
		OutRefundNo: q.data["oriReqMsgId"]}); ok {
		return got.OutTradeNo, "refund_query"
	}
	return q.data["oriReqMsgId"], "query"
}

// undoing is what a cancellation is: a reversal of a payment by code, the closing of anything else.
func (r *ruiyinxin) undoing(m *merchant, q smzfQuestion) string {
	if t, _ := r.bank.byNumber("ruiyinxin", m, q.data["oriReqMsgId"]); t.Kind == smzfByCode {
		return "reverse"
	}
	return "close"
}

// reply seals and signs an answer; how spoils it.
func (r *ruiyinxin) reply(rw http.ResponseWriter, m *merchant, asked smzfEnvelope, how Script, q smzfMessage,
	a smzfAnswer) {
	if how.Fault == TimeoutAfterSuccess {
		breakOff(rw)
	}
	if a.id == "" {
		a.id = r.bank.number("ruiyinxin")
	}
	if a.data == nil {
		a.data = map[string]string{}
	}
	e := smzfEnvelope{TranCode: asked.TranCode, ReqMsgID: asked.ReqMsgID}
	if how.Fault == OlderForm {
		e.ReqMsgID = a.id
	}
	err := r.seal(&e, m, smzfMessage{
		Version: "1.0.0", MsgType: "02", SmzfMsgID: a.id, ReqDate: q.ReqDate, RespDate: r.stamp(), RespType: a.kind,
		RespCode: a.code, RespMsg: a.text, Data: a.data,
	}, how)
	if err != nil {
		http.Error(rw, "system error", http.StatusInternalServerError)
		return
	}
	if how.Fault == UnsignedError {
		e.SignData = ""
	}
	rw.Header().Set("Content-Type", "application/json;charset=UTF-8")
	json.NewEncoder(rw).Encode(e) // a client that went away is its own concern
}

// seal puts a message into an envelope for the merchant; how spoils it.
func (r *ruiyinxin) seal(e *smzfEnvelope, m *merchant, message smzfMessage, how Script) error {
	text, err := smzfText(message)
	if err != nil {
		return err
	}
	if how.Fault == UnknownFields {
		text = withUnknown(text)
	}
	if how.Fault == FieldEdited {
		text = editedField(text, how)
	}
	if how.Fault == OlderForm && e.TranCode == "SMZF006" {
		text = smzfOlderAnswer(text)
	}
	if how.Fault == OlderForm && e.TranCode == "SMZF008" {
		text = smzfOlderNotice(text)
	}
	writer := r.keys.Own[ruiyinxinKey].key
	if how.Fault == BadSignature || how.Fault == ProbeSignature || how.Fault == Forged || how.Fault == ProbeNotice {
		// it sends no probes: another bad signature
		writer = r.keys.forger
	}
	return e.seal(text, m.publicKey, writer)
}

// stamp is the time as messages say it.
func (r *ruiyinxin) stamp() string { return r.cfg.Now().In(shanghai).Format("20060102150405") }

// plain answers whoever is not known: there is no key to seal anything with.
func (r *ruiyinxin) plain(rw http.ResponseWriter, e smzfEnvelope) {
	rw.Header().Set("Content-Type", "application/json;charset=UTF-8")
	json.NewEncoder(rw).Encode(map[string]string{
		"tranCode": e.TranCode, "reqMsgId": e.ReqMsgID, "respType": "E", "respCode": smzfForged, "respMsg": "合作方不存在",
	})
}
