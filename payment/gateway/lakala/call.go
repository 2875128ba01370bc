package lakala

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"

	"linlipay/payment/gateway"
)

// request is the envelope of every request.
type request struct {
	ReqTime    string `json:"req_time"`
	Version    string `json:"version"`
	OutOrgCode string `json:"out_org_code"`
	ReqData    any    `json:"req_data"`
}

// answer is what an envelope says. A name that stands twice anywhere in it makes it unreadable; one in another case
// is another name.
type answer struct {
	code, msg string
	data      gateway.Fields // resp_data; a field that is not there says nothing
}

// call asks one question and returns the data of the answer. Any code but the product's success is an Error;
// what such an answer tells is returned all the same. Whoever reads the data looks at its Err.
func (c *client) call(ctx context.Context, path, success string, ask any) (gateway.Fields, error) {
	body, err := c.request(ask)
	if err != nil {
		return gateway.Fields{}, gateway.AsIndeterminate(err)
	}
	ctx, v := gateway.WithVerdict(ctx)
	raw, status, err := c.post(ctx, path, body)
	if err != nil {
		return gateway.Fields{}, gateway.NoAnswer(err)
	}
	a, unsigned := read(raw, v)
	switch {
	case a.code != labsDone && a.code != done:
		return a.data, c.settings.failure(status, a, unsigned)
	case unsigned != nil:
		return a.data, gateway.AsIndeterminate(unsigned)
	case status != http.StatusOK || a.code != success:
		return a.data, gateway.AsIndeterminate(
			fmt.Errorf("lakala: code %s with status %d is neither a success nor a refusal", a.code,
				status),
		)
	}
	return a.data, nil
}

// request is a question in the frame that all have.
func (c *client) request(ask any) ([]byte, error) {
	body, err := json.Marshal(request{ReqTime: clock(c.now()), Version: "3.0", OutOrgCode: c.settings.appid,
		ReqData: ask})
	if err != nil {
		return nil, fmt.Errorf("lakala: the request cannot be written: %w", err)
	}
	return body, nil
}

// read reads an answer, and says why it is not the institution's where it is not.
func read(raw []byte, v *gateway.Verdict) (a answer, unsigned error) {
	f, err := gateway.ReadFields(raw)
	if err != nil {
		return answer{}, errors.Join(v.Err, errors.New("lakala: the answer is not of the documented form"), err)
	}
	a = answer{code: f.Required("code"), msg: cmp.Or(f.Text("msg"),
		f.Text("message"))} // message where the platform itself answers
	if err := f.Err(); err != nil {
		return answer{}, errors.Join(v.Err, errors.New("lakala: the answer is not of the documented form"), err)
	}
	if a.data = f.Object("resp_data"); f.Err() != nil && a.code != labsDone && a.code != done {
		return answer{code: a.code, msg: a.msg}, v.Err // a refusal need not say anything else
	}
	return a, errors.Join(v.Err, f.Err())
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
	raw, err := gateway.ReadAnswer(resp.Body)
	return raw, resp.StatusCode, err
}
