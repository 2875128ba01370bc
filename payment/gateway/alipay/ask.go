package alipay

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-pay/gopay"

	"linlipay/payment/gateway"
)

// ask has gopay sign and send a request, and reads the one node of the answer from its raw text. A refusal comes with
// the node's fields, as far as it can be read; only a success that is signed comes without an error.
func (c *client) ask(ctx context.Context, op operation, method string, content gopay.BodyMap) (gateway.Fields, error) {
	ctx, v := gateway.WithVerdict(ctx)
	if _, err := c.api.DoAliPay(ctx, content, method); err != nil {
		return gateway.Fields{}, gateway.NoAnswer(err)
	}
	a, err := readAnswer(v.Body)
	if err != nil {
		return gateway.Fields{}, gateway.AsIndeterminate(err)
	}
	ours := a.name == strings.ReplaceAll(method, ".", "_")+"_response"
	if !ours && a.name != "error_response" {
		return gateway.Fields{}, gateway.AsIndeterminate(errors.New("alipay: the answer is to another question"))
	}
	f, err := gateway.ReadFields(a.node)
	if err != nil {
		return gateway.Fields{}, gateway.AsIndeterminate(err)
	}
	return f, judge(op, v, f, ours)
}

// judge turns an answer into nil or a Error. A success without a valid signature is no success; an error without
// one says so. A node of the frame (error_response) never tells of a success.
func judge(op operation, v *gateway.Verdict, f gateway.Fields, ours bool) error {
	code, sub := f.Text("code"), f.Text("sub_code")
	message := cmp.Or(f.Text("sub_msg"), f.Text("msg"))
	if err := f.Err(); err != nil {
		return gateway.AsIndeterminate(err)
	}
	done := code == "10000" || op == charging && code == "10003"
	switch {
	case done && v.Err != nil:
		return gateway.AsIndeterminate(v.Err)
	case done && ours:
		return nil
	case done:
		return gateway.AsIndeterminate(errors.New("alipay: an error that tells of a success"))
	}
	failed := &gateway.Error{
		Kind: kindOf(op, code, sub), Signed: v.Err == nil, Code: cmp.Or(sub, code), Message: message, Cause: v.Err,
	}
	if failed.Kind == gateway.Declined {
		failed.Reason = why(sub)
	}
	return failed
}

// answer is the frame of an answer: its one node as it is written, and the signature over it.
type answer struct {
	name   string // alipay_trade_query_response, or error_response
	node   json.RawMessage
	sign   string
	certSN string // certificate mode: by which of the institution's certificates it is signed
}

// readAnswer reads the frame. Whatever stands beside node and signature makes it fail: a reader that joins repeated
// names, or takes them in any case, would read what nobody signed.
func readAnswer(body []byte) (a answer, err error) {
	read := json.NewDecoder(bytes.NewReader(body))
	if open, err := read.Token(); err != nil || open != json.Delim('{') {
		return a, fmt.Errorf("alipay: the answer is not a JSON object: %w", err)
	}
	for read.More() {
		if err := a.member(read); err != nil {
			return a, err
		}
	}
	end, err := read.Token()
	if err != nil || end != json.Delim('}') || len(bytes.TrimSpace(body[read.InputOffset():])) > 0 {
		return a, errors.New("alipay: the answer does not end where it should")
	}
	if a.node == nil {
		return a, errors.New("alipay: the answer says nothing")
	}
	return a, nil
}

// member reads the next name and value of the frame.
func (a *answer) member(read *json.Decoder) error {
	var raw json.RawMessage
	token, err := read.Token()
	if err == nil {
		err = read.Decode(&raw)
	}
	if err != nil {
		return fmt.Errorf("alipay: the answer is not JSON: %w", err)
	}
	switch name, _ := token.(string); {
	case strings.HasSuffix(name, "_response") && a.node == nil:
		a.name, a.node = name, bytes.Clone(raw)
	case name == "sign" && a.sign == "":
		err = json.Unmarshal(raw, &a.sign)
	case name == "alipay_cert_sn" && a.certSN == "":
		err = json.Unmarshal(raw, &a.certSN)
	default:
		return fmt.Errorf("alipay: the answer has a %q too many", name)
	}
	if err != nil {
		return fmt.Errorf("alipay: the answer's signature is not a text: %w", err)
	}
	return nil
}
