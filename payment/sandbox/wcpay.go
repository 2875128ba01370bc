package sandbox

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
)

// wcpay is the JSON of wcpayParams.
func (s *Sandbox) wcpay(t trade) (string, error) {
	p, err := s.wcpayParams(t)
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(p)
	return string(raw), err
}

// wcpayParams are what a page hands to getBrandWCPayRequest, signed with the key of the acquirer's WeChat merchant.
func (s *Sandbox) wcpayParams(t trade) (jsapiParams, error) {
	w := t.Merchant.wechat
	p := jsapiParams{
		AppID: w.App, TimeStamp: strconv.FormatInt(s.cfg.Now().Unix(), 10), NonceStr: randomHex(16),
		Package: "prepay_id=" + t.Prepay, SignType: "RSA",
	}
	digest := sha256.Sum256([]byte(p.AppID + "\n" + p.TimeStamp + "\n" + p.NonceStr + "\n" + p.Package + "\n"))
	signature, err := rsa.SignPKCS1v15(rand.Reader, w.Key, crypto.SHA256, digest[:])
	if err != nil {
		return p, err
	}
	p.PaySign = base64.StdEncoding.EncodeToString(signature)
	return p, nil
}
