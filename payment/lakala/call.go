package lakala

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"linlipay/payment"
)

// request is the envelope of every request.
type request struct {
	ReqTime    string `json:"req_time"`
	Version    string `json:"version"`
	OutOrgCode string `json:"out_org_code"`
	ReqData    any    `json:"req_data"`
}

// answer is the envelope of every answer. Names that occur twice, or in another case, are not taken.
type answer struct {
	Code     string         `json:"code"`
	Msg      string         `json:"msg"`
	Message  string         `json:"message"` // instead of msg, where the platform itself answers
	RespData jsontext.Value `json:"resp_data"`
}

// call asks one question and reads the data of the answer into told. Any code but the product's success is a GatewayError; what such an answer tells is read all
// the same.
func (c *client) call(ctx context.Context, path, success string, ask, told any) error {
	body, err := json.Marshal(request{ReqTime: clock(c.now()), Version: "3.0", OutOrgCode: c.settings.appid, ReqData: ask})
	if err != nil {
		return unknown(fmt.Errorf("lakala: the request cannot be written: %w", err))
	}
	ctx, v := payment.WithVerdict(ctx)
	raw, status, err := c.post(ctx, path, body)
	if err != nil {
		return unanswered(err)
	}
	a, unsigned := read(raw, v)
	if unsigned == nil && len(a.RespData) > 0 {
		err = json.Unmarshal(a.RespData, told)
	}
	switch {
	case a.Code != labsDone && a.Code != done:
		return c.settings.failure(status, a, unsigned)
	case unsigned != nil:
		return unknown(unsigned)
	case status != http.StatusOK || a.Code != success:
		return unknown(fmt.Errorf("lakala: code %s with status %d is neither a success nor a refusal", a.Code, status))
	case err != nil:
		return unknown(fmt.Errorf("lakala: resp_data cannot be read: %w", err))
	}
	return nil
}

// read reads an answer, and says why it is not the institution's where it is not.
func read(raw []byte, v *payment.Verdict) (a answer, unsigned error) {
	if err := json.Unmarshal(raw, &a); err != nil || a.Code == "" {
		return answer{}, errors.Join(v.Err, errors.New("lakala: the answer is not of the documented form"), err)
	}
	return a, v.Err
}

// post sends a body and reads the answer to it whole.
func (c *client) post(ctx context.Context, path string, body []byte) ([]byte, int, error) {
	authorization, err := c.settings.authorization(body, newNonce(), c.now())
	if err != nil {
		return nil, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.settings.baseURL+path, bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Authorization", authorization)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	resp, err := c.api.Do(req)
	if err != nil {
		return nil, 0, err
	}
	raw, err := payment.ReadAnswer(resp.Body)
	return raw, resp.StatusCode, err
}

// unanswered is a call without an answer. Only where no connection was made is it known that nothing was sent.
func unanswered(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return &payment.GatewayError{Kind: payment.Unreached, Cause: err}
	}
	return unknown(err)
}

func unknown(err error) error {
	return &payment.GatewayError{Kind: payment.Unknown, Cause: err}
}

func refused(err error) error {
	return &payment.GatewayError{Kind: payment.Refused, Message: "商户号配置有误", Cause: err}
}

// signedFailure reports whether the institution says, with its signature, that it did not do what was asked.
func signedFailure(err error) bool {
	var failed *payment.GatewayError
	return errors.As(err, &failed) && failed.Signed
}
