package wechat_test

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strconv"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

// institution signs and encrypts as WeChat Pay does, with a key of the test's own.
type institution struct {
	account gateway.Account
	key     *rsa.PrivateKey
}

func ours(f testing.TB) institution {
	f.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		f.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		f.Fatal(err)
	}
	return institution{gateway.Account{ID: "ours", Version: 1, Institution: gateway.WeChat, Settings: map[string]string{
		"mchid": "1900000001", "appid": "wx0123456789abcdef", "serial_no": "1",
		"apiv3_key": "0123456789abcdef0123456789abcdef", "public_key_id": "PUB_KEY_ID_1",
		"private_key_pem": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
		"public_key_pem":  string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})),
	}}, key}
}

func (i institution) sign(t *testing.T, body []byte, now time.Time) gateway.RawNotification {
	t.Helper()
	timestamp := strconv.FormatInt(now.Unix(), 10)
	digest := sha256.Sum256([]byte(timestamp + "\nnonce\n" + string(body) + "\n"))
	signature, err := rsa.SignPKCS1v15(nil, i.key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	h.Set("Wechatpay-Timestamp", timestamp)
	h.Set("Wechatpay-Nonce", "nonce")
	h.Set("Wechatpay-Serial", i.account.Settings["public_key_id"])
	h.Set("Wechatpay-Signature", base64.StdEncoding.EncodeToString(signature))
	return gateway.RawNotification{Header: h, Body: body}
}

// envelope encrypts a plaintext for the account into a notification's body.
func (i institution) envelope(t *testing.T, event, plain string) []byte {
	t.Helper()
	block, err := aes.NewCipher([]byte(i.account.Settings["apiv3_key"]))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{
		"id": "EV-1", "event_type": event, "resource": map[string]string{
			"algorithm": "AEAD_AES_256_GCM", "nonce": "123456789012", "associated_data": "transaction",
			"ciphertext": base64.StdEncoding.EncodeToString(gcm.Seal(nil, []byte("123456789012"), []byte(plain),
				[]byte("transaction"))),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return body
}
