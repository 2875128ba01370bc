package alipay

import (
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
func judge(v *payment.Verdict, err error) error {
	if err == nil && v.Err == nil {
		return nil
	}
	if err == nil {
		return unknown(v.Err)
	}
	e, ok := bizError(err)
	if !ok {
		return unknown(err)
	}
	return &payment.GatewayError{Kind: kindOf(e), Signed: v.Err == nil, Code: e.SubCode, Message: e.SubMsg, Cause: v.Err}
}

// verifyAnswer verifies the signature over the raw text of the answer's one node.
func verifyAnswer(key *rsa.PublicKey, body []byte) error {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		return fmt.Errorf("alipay: the answer is not JSON: %w", err)
	}
	var (
		node []byte
		sign string
	)
	for name, raw := range whole {
		if strings.HasSuffix(name, "_response") {
			if node != nil {
				return errors.New("alipay: the answer has two nodes")
			}
			node = raw
		}
	}
	if node == nil || json.Unmarshal(whole["sign"], &sign) != nil {
		return errors.New("alipay: the answer is not signed")
	}
	return verifyRSA2(key, string(node), sign)
}

func verifyRSA2(key *rsa.PublicKey, text, sign string) error {
	raw, err := base64.StdEncoding.DecodeString(sign)
	if err != nil {
		return fmt.Errorf("alipay: the signature is not base64: %w", err)
	}
	digest := sha256.Sum256([]byte(text))
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], raw)
}
