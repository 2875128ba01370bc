package wechat_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

// reply is one answer of a scripted institution.
type reply struct {
	status   int
	body     string
	unsigned bool
}

// scripted is an institution that answers as it is told and signs by hand, so that answers can be tried that an honest
// one does not give.
type scripted struct {
	key     *rsa.PrivateKey
	account gateway.Account

	mu      sync.Mutex
	replies map[string]reply // by method and path; "" is anything else
	asked   []string         // method, path and body of each request
}

// scriptedKeys are the merchant's private key and the institution's.
type scriptedKeys struct {
	institution                 *rsa.PrivateKey
	merchantPEM, institutionPEM string
}

// scriptKeys are made once: they take their time.
var scriptKeys = sync.OnceValue(func() (k scriptedKeys) {
	merchant, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	if k.institution, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		panic(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(merchant)
	if err != nil {
		panic(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&k.institution.PublicKey)
	if err != nil {
		panic(err)
	}
	k.merchantPEM = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	k.institutionPEM = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
	return k
})

// script starts a scripted institution; replies are by method and path.
func script(t *testing.T, replies map[string]reply) *scripted {
	t.Helper()
	k := scriptKeys()
	s := &scripted{key: k.institution, replies: replies}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.account = gateway.Account{ID: "scripted", Version: 1, Institution: gateway.WeChat, Settings: map[string]string{
		"mchid": "1900000001", "appid": "wx0123456789abcdef", "serial_no": "5F",
		"apiv3_key":       "0123456789abcdef0123456789abcdef",
		"private_key_pem": k.merchantPEM, "public_key_id": "PUB_KEY_ID_1", "public_key_pem": k.institutionPEM,
		"base_url": server.URL,
	}}
	return s
}

// ServeHTTP answers with the reply for the call, or with 404.
func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.Method+" "+r.URL.Path+" "+string(body))
	answer, ok := s.replies[r.Method+" "+r.URL.Path]
	if !ok {
		answer, ok = s.replies[""]
	}
	if !ok {
		answer = reply{status: 404, body: `{"code":"NOT_SCRIPTED"}`}
	}
	if answer.status == 0 {
		panic(http.ErrAbortHandler)
	}
	text := answer.body
	if text == "echo" {
		text = string(body)
	}
	if !answer.unsigned {
		timestamp := strconv.FormatInt(time.Now().Unix(), 10)
		digest := sha256.Sum256([]byte(timestamp + "\nnonce\n" + text + "\n"))
		signature, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, digest[:])
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		h := w.Header()
		h.Set("Wechatpay-Timestamp", timestamp)
		h.Set("Wechatpay-Nonce", "nonce")
		h.Set("Wechatpay-Serial", "PUB_KEY_ID_1")
		h.Set("Wechatpay-Signature", base64.StdEncoding.EncodeToString(signature))
	}
	w.WriteHeader(answer.status)
	io.WriteString(w, text)
}

// last is the body of the latest request.
func (s *scripted) last(t *testing.T) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asked) == 0 {
		t.Fatal("nothing was asked")
	}
	return s.asked[len(s.asked)-1]
}
