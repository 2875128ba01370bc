package alipay

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"linlipay/payment"
)

// rewriter sends a request, signed already, to another host: Alipay's signature does not cover the address.
type rewriter struct {
	base *url.URL
	next http.RoundTripper
}

// RoundTrip changes scheme, host and path only.
func (w *rewriter) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.URL.Path, r.Host = w.base.Scheme, w.base.Host, w.base.Path, w.base.Host
	return w.next.RoundTrip(r)
}

// judge turns what gopay returned into nil or a GatewayError. A success without a valid signature is no success; an error without one says so.
func judge(op operation, v *payment.Verdict, err error) error {
	if err == nil && v.Err == nil {
		return nil
	}
	if err == nil {
		return unknown(v.Err)
	}
	e, ok := bizError(err)
	if !ok {
		return unanswered(err)
	}
	failed := &payment.GatewayError{
		Kind: kindOf(op, e), Signed: v.Err == nil, Code: cmp.Or(e.SubCode, e.Code), Message: cmp.Or(e.SubMsg, e.Msg), Cause: v.Err,
	}
	if failed.Kind == payment.Refused {
		failed.Why = why(e.SubCode)
	}
	return failed
}

// verifyAnswer verifies the signature over the raw text of the answer's one node. Whatever stands beside node and signature makes it fail: a reader
// that joins repeated names, or takes them in any case, would read what nobody signed.
func verifyAnswer(keys []*rsa.PublicKey, body []byte) error {
	var (
		node, raw json.RawMessage
		sign      string
	)
	read := json.NewDecoder(bytes.NewReader(body))
	if open, err := read.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("alipay: the answer is not a JSON object: %w", err)
	}
	for read.More() {
		token, err := read.Token()
		if err == nil {
			err = read.Decode(&raw)
		}
		if err != nil {
			return fmt.Errorf("alipay: the answer is not JSON: %w", err)
		}
		switch name, _ := token.(string); {
		case strings.HasSuffix(name, "_response") && node == nil:
			node = bytes.Clone(raw)
		case name == "sign" && sign == "":
			err = json.Unmarshal(raw, &sign)
		case name != "alipay_cert_sn":
			return fmt.Errorf("alipay: the answer has a %q too many", name)
		}
		if err != nil {
			return fmt.Errorf("alipay: the answer's sign is not a text: %w", err)
		}
	}
	if rest, err := read.Token(); err != nil || rest != json.Delim('}') || len(bytes.TrimSpace(body[read.InputOffset():])) > 0 {
		return errors.New("alipay: the answer does not end where it should")
	}
	if node == nil || sign == "" {
		return errors.New("alipay: the answer is not signed")
	}
	return verifyRSA2(keys, string(node), sign)
}

// verifyRSA2 accepts the signature of any of the keys.
func verifyRSA2(keys []*rsa.PublicKey, text, sign string) error {
	raw, err := base64.StdEncoding.DecodeString(sign)
	if err != nil {
		return fmt.Errorf("alipay: the signature is not base64: %w", err)
	}
	digest := sha256.Sum256([]byte(text))
	err = errors.New("alipay: there is no key to verify with")
	for _, key := range keys {
		if err = rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], raw); err == nil {
			return nil
		}
	}
	return err
}
