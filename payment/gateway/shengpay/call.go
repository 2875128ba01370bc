package shengpay

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"

	"linlipay/payment/gateway"
)

// call signs the fields, asks, and returns the verified answer of a success. Any other answer is an Error.
func (c *client) call(ctx context.Context, op operation, path string, f fields) (fields, error) {
	body, err := c.request(f)
	if err != nil {
		return nil, gateway.NotSent("商户号配置或回调地址有误", err)
	}
	ctx, v := gateway.WithVerdict(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.settings.baseURL+path, bytes.NewReader(body))
	if err != nil {
		return nil, gateway.BadAccount(err)
	}
	req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, gateway.NoAnswer(err)
	}
	raw, err := gateway.ReadAnswer(resp.Body)
	if err != nil {
		return nil, gateway.AsIndeterminate(err)
	}
	answer, err := readFields(raw)
	if err != nil {
		return nil, gateway.AsIndeterminate(fmt.Errorf("%w (status %d)", err, resp.StatusCode))
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
	return f.encode()
}

// encode is the JSON of fields, in which no character is escaped that need not be.
func (f fields) encode() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(f)
	return bytes.TrimSpace(text.Bytes()), err
}

// judge returns nil for a success that the institution signed, for this merchant. returnCode says whether it understood
// the request, resultCode whether it did what was asked.
func (c *client) judge(op operation, status int, a fields, unsigned error) error {
	success := a["returnCode"] == "SUCCESS" && a["resultCode"] == "SUCCESS"
	switch {
	case success && unsigned != nil:
		return gateway.AsIndeterminate(unsigned)
	case success && status != http.StatusOK:
		return gateway.AsIndeterminate(fmt.Errorf("shengpay: a success with status %d", status))
	case success:
		return a.about(fields{"mchId": c.settings.mchID}, "mchId")
	}
	return c.failure(op, a, unsigned)
}

// failure is what an answer says that is no success.
func (c *client) failure(op operation, a fields, unsigned error) error {
	failed := &gateway.Error{
		Signed: unsigned == nil, Code: gateway.Cut(a["errorCode"]),
		Message: gateway.Cut(cmp.Or(a["errorCodeDes"], a["returnMsg"])), Cause: unsigned,
	}
	m := c.settings.meaning(op, a["errorCode"], failed.Signed &&
		(a["returnCode"] == "FAIL" || a["resultCode"] == "FAIL"))
	failed.Kind, failed.Reason = m.Kind, m.Reason
	return failed
}

// about compares an answer with what was asked, in the fields named, as far as it holds them.
func (f fields) about(asked fields, names ...string) error {
	for _, name := range names {
		if f[name] != "" && f[name] != asked[name] {
			return gateway.AsIndeterminate(
				fmt.Errorf("shengpay: asked with %s %s, answered with %.64q", name, asked[name], f[name]),
			)
		}
	}
	return nil
}
