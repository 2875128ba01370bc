package alipay

import (
	"crypto/rsa"
	"fmt"
	"strings"

	"github.com/go-pay/crypto/xpem"

	"linlipay/payment"
)

// settings are an account's, with the defaults filled in.
type settings struct {
	appID, sellerID, privateKeyPEM string
	publicKey                      *rsa.PublicKey
	baseURL                        string
}

func readSettings(m map[string]string) (settings, error) {
	s := settings{appID: m["app_id"], sellerID: m["seller_id"], baseURL: m["base_url"]}
	for _, name := range []string{"app_id", "seller_id", "private_key_pem", "alipay_public_key_pem"} {
		if m[name] == "" {
			return s, fmt.Errorf("alipay: the account lacks %s", name)
		}
	}
	if s.baseURL == "" {
		s.baseURL = "https://openapi.alipay.com/gateway.do"
	}
	if err := payment.CheckBaseURL(s.baseURL); err != nil {
		return s, err
	}
	key, err := xpem.DecodePublicKey([]byte(m["alipay_public_key_pem"]))
	if err != nil || key == nil {
		return s, fmt.Errorf("alipay: alipay_public_key_pem does not hold a key: %w", err)
	}
	s.publicKey, s.privateKeyPEM = key, bare(m["private_key_pem"])
	return s, nil
}

// bare is a PEM's base64 on one line: gopay frames it itself.
func bare(pem string) string {
	var b strings.Builder
	for line := range strings.Lines(pem) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") {
			b.WriteString(line)
		}
	}
	return b.String()
}
