package shengpay

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"

	"linlipay/payment/gateway"
)

// textMost bounds what of the institution's texts is kept, in bytes.
const textMost = 200

// call signs the fields, asks, and returns the verified answer of a success. Any other answer is an Error.
func (c *client) call(ctx context.Context, op operation, path string, f fields) (fields, error) {
	body, err := c.request(f)
	if err != nil {
		return nil, refused("商户号配置或回调地址有误", err)
	}
	ctx, v := gateway.WithVerdict(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.settings.baseURL+path, bytes.NewReader(body))
	if err != nil {
		return nil, refused("商户号配置有误", err)
	}
	req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, unanswered(err)
	}
	raw, err := gateway.ReadAnswer(resp.Body)
	if err != nil {
		return nil, unknown(err)
	}
	answer, err := readFields(raw)
	if err != nil {
		return nil, unknown(fmt.Errorf("%w (status %d)", err, resp.StatusCode))
	}
	return answer, c.judge(op, resp.StatusCode, answer, v.Err)
}

// request is the JSON of fields with the merchant's and the signature. All values are texts. Empty fields are left out:
// they are not signed. An address that the institution would not take is an error: nothing is asked then.
func (c *client) request(f fields) ([]byte, error) {
	if len(f["notifyUrl"]) > addressMost || len(f["pageUrl"]) > addressMost {
		return nil, fmt.Errorf("shengpay: notifyUrl or pageUrl is longer than %d bytes", addressMost)
	}
	f["mchId"], f["subMchId"], f["sdpAppId"], f["nonceStr"] = c.settings.mchID, c.settings.subMchID,
		c.settings.sdpAppID, rand.Text()
	for name, value := range f {
		if value == "" {
			delete(f, name)
		}
	}
	if err := c.sign(f); err != nil {
		return nil, err
	}
	var text bytes.Buffer
	encode := json.NewEncoder(&text)
	encode.SetEscapeHTML(false)
	err := encode.Encode(f)
	return bytes.TrimSpace(text.Bytes()), err
}

// unanswered sorts a request without an answer: without a connection nothing was sent.
func unanswered(err error) error {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return &gateway.Error{Kind: gateway.Unreachable, Cause: err}
	}
	return unknown(err)
}

// judge returns nil for a success that the institution signed, for this merchant. returnCode says whether it understood
// the request, resultCode whether it did what was asked.
func (c *client) judge(op operation, status int, a fields, unsigned error) error {
	success := a["returnCode"] == "SUCCESS" && a["resultCode"] == "SUCCESS"
	switch {
	case success && unsigned != nil:
		return unknown(unsigned)
	case success && status != http.StatusOK:
		return unknown(fmt.Errorf("shengpay: a success with status %d", status))
	case success:
		return a.about(fields{"mchId": c.settings.mchID}, "mchId")
	}
	failed := &gateway.Error{
		Signed: unsigned == nil, Code: cut(a["errorCode"], textMost),
		Message: cut(cmp.Or(a["errorCodeDes"], a["returnMsg"]), textMost), Cause: unsigned,
	}
	m := c.settings.meaning(op, a["errorCode"], failed.Signed &&
		(a["returnCode"] == "FAIL" || a["resultCode"] == "FAIL"))
	failed.Kind, failed.Reason = m.kind, m.why
	return failed
}

// about compares an answer with what was asked, in the fields named, as far as it holds them.
func (f fields) about(asked fields, names ...string) error {
	for _, name := range names {
		if f[name] != "" && f[name] != asked[name] {
			return unknown(fmt.Errorf("shengpay: asked with %s %s, answered with %.64q", name, asked[name], f[name]))
		}
	}
	return nil
}
