package alipay_test

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
	"net/url"
	"strings"
	"sync"
	"testing"

	"linlipay/payment/gateway"
)

// reply is one answer of a scripted institution: the JSON text of its node, signed unless it says otherwise. whole
// replaces the answer's frame; NODE and SIGN stand for the signed node and its signature in it. The zero reply breaks
// the connection.
type reply struct {
	node     string
	unsigned bool
	status   int    // 0 is 200
	whole    string // "" is {"…_response":NODE,"sign":"SIGN"}
}

// scripted is an institution that answers as it is told and signs by hand, so that answers can be tried that an honest
// one does not give.
type scripted struct {
	key     *rsa.PrivateKey
	account gateway.Account

	mu      sync.Mutex
	replies map[string]reply      // by method; "" is any other
	asked   map[string]url.Values // the latest request, by method
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

// script starts a scripted institution; replies are by method.
func script(t *testing.T, replies map[string]reply) *scripted {
	t.Helper()
	k := scriptKeys()
	s := &scripted{key: k.institution, replies: replies, asked: map[string]url.Values{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.account = gateway.Account{ID: "scripted", Version: 1, Institution: gateway.Alipay, Settings: map[string]string{
		"app_id": "2021000000000001", "seller_id": "2088000000000002", "private_key_pem": k.merchantPEM,
		"alipay_public_key_pem": k.institutionPEM,
		"base_url":              server.URL + "/gateway.do",
	}}
	return s
}

// ServeHTTP answers with the reply for the method, or with 404.
func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		panic(http.ErrAbortHandler)
	}
	method := r.Form.Get("method")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[method] = r.Form
	answer, ok := s.replies[method]
	if !ok {
		answer, ok = s.replies[""]
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	if answer == (reply{}) {
		panic(http.ErrAbortHandler)
	}
	node := answer.node
	if node == "echo" {
		node = r.Form.Get("biz_content")
	}
	digest := sha256.Sum256([]byte(node))
	signature, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, digest[:])
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	name := strings.ReplaceAll(method, ".", "_") + "_response"
	frame := answer.whole
	switch {
	case frame == "" && answer.unsigned:
		frame = `{"` + name + `":NODE}`
	case frame == "":
		frame = `{"` + name + `":NODE,"sign":"SIGN"}`
	}
	if answer.status != 0 {
		w.WriteHeader(answer.status)
	}
	io.WriteString(w, strings.NewReplacer("NODE", node, "SIGN", base64.StdEncoding.EncodeToString(signature)).Replace(
		frame))
}

// sent is the latest request of a method.
func (s *scripted) sent(t *testing.T, method string) url.Values {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked[method] == nil {
		t.Fatalf("%s was not asked", method)
	}
	return s.asked[method]
}
