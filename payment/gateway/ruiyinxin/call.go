package ruiyinxin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"linlipay/calendar"
	"linlipay/payment/gateway"
)

// The questions, by the numbers behind the prefix of tranCode.
const (
	orderQR    = "002" // 扫码支付
	chargeCode = "003" // 条码支付
	giveBack   = "004" // 申请退款
	undo       = "005" // 撤销交易
	lookUp     = "006" // 交易查询
	orderJSAPI = "010" // 公众号支付
	listDay    = "020" // 获取对账文件
)

// question is one request: number is its reqMsgId, about the address for notifications.
type question struct {
	code, number, callBack string
	data                   map[string]string
}

// plain is a request's text.
type plain struct {
	Version string            `json:"version"`
	MsgType string            `json:"msgType"`
	ReqDate string            `json:"reqDate"`
	Data    map[string]string `json:"data"`
}

// statementLimit bounds the answer that holds a day's statement, in bytes.
const statementLimit = 32 << 20

// ask puts a question and returns the text of the answer once the institution's signature on it verified and it says
// yes; underWay is respType R. Any other answer is an Error.
func (c *client) ask(ctx context.Context, q question) (t text, underWay bool, err error) {
	form, err := c.form(q)
	if err != nil {
		return t, false, gateway.AsIndeterminate(err)
	}
	status, raw, err := c.post(ctx, q.code == listDay, form)
	if err != nil {
		return t, false, gateway.NoAnswer(err)
	}
	t, err = c.read(q, raw)
	if err != nil {
		return t, false, unsigned(status, raw, err)
	}
	underWay, err = c.settings.judge(t)
	return t, underWay, err
}

// form seals a question.
func (c *client) form(q question) (url.Values, error) {
	data := map[string]string{}
	for name, value := range q.data {
		data[c.settings.names.write(name)] = value
	}
	words, err := json.Marshal(plain{c.settings.version, "01", calendar.Format(c.now(), stamp), data},
		json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	e, err := c.settings.keys.seal(words)
	return url.Values{
		"cooperator": {c.settings.cooperator}, "tranCode": {c.settings.prefix + q.code}, "callBack": {q.callBack},
		"reqMsgId":   {q.number},
		"encryptKey": {e.EncryptKey}, "encryptData": {e.EncryptData}, "signData": {e.SignData}, "ext": {""},
	}, err
}

// post sends a form and reads the answer to it whole.
func (c *client) post(ctx context.Context, large bool, form url.Values) (status int, raw []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.settings.baseURL, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if !large {
		resp, err := c.http.Do(req)
		if err != nil {
			return 0, nil, err
		}
		raw, err = gateway.ReadAnswer(resp.Body)
		return resp.StatusCode, raw, err
	}
	resp, err := c.bulk.Do(req)
	if err != nil {
		return 0, nil, err
	}
	raw, err = readStatementBody(resp.Body)
	return resp.StatusCode, raw, err
}

// readStatementBody reads the answer that holds a statement whole, and closes it.
func readStatementBody(body io.ReadCloser) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(body, statementLimit+1))
	if err := errors.Join(err, body.Close()); err != nil {
		return nil, err
	}
	if len(raw) > statementLimit {
		return nil, fmt.Errorf("ruiyinxin: the statement is longer than %d bytes", statementLimit)
	}
	return raw, nil
}

// read opens an answer and compares it with what was asked. Only what the signature covers counts; the envelope's own
// fields must agree with it.
func (c *client) read(q question, raw []byte) (t text, err error) {
	number := q.number
	if q.code == lookUp { // what is signed decides; one known server writes a number of its own around it
		number = ""
	}
	if t, err = c.open(raw, q.code, number); err != nil {
		return t, err
	}
	if err := t.fresh(c.settings.window, c.now()); err != nil {
		return t, err
	}
	if number := t.get("reqMsgId"); number != "" && number != q.number {
		return t, fmt.Errorf("ruiyinxin: asked under %s, answered for %s", q.number, number)
	}
	if merchant := t.get("merchantCode"); merchant != "" && merchant != c.settings.merchantCode {
		return t, fmt.Errorf("ruiyinxin: answered for merchant %s", merchant)
	}
	return t, nil
}

// open takes the text out of an answer to a tranCode, "" for any, under a number, "" for any. Whatever else stands in
// its envelope is not read; nothing may stand in it twice.
func (c *client) open(raw []byte, code, number string) (t text, err error) {
	var fields map[string]jsontext.Value
	var e envelope
	if json.Unmarshal(raw, &fields) != nil || json.Unmarshal(raw, &e) != nil {
		return t, errors.New("ruiyinxin: the answer is not an envelope")
	}
	if code != "" && e.TranCode != c.settings.prefix+code || number != "" && e.ReqMsgID != number {
		return t, fmt.Errorf("ruiyinxin: asked %s under %s, answered with another envelope", code, number)
	}
	words, err := c.settings.keys.open(e)
	if err != nil {
		return t, err
	}
	return c.settings.readText(words)
}
