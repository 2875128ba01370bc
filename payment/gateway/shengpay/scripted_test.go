package shengpay_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/gateway/shengpay"
)

// reply is one answer of a scripted institution.
type reply struct {
	status   int               // 0 breaks the connection off
	says     map[string]string // signed and sent as JSON
	body     string            // sent as it stands, in the place of says
	unsigned bool
}

// scripted is an institution that answers as it is told and signs by hand, so that answers can be tried that an honest
// one does not give.
type scripted struct {
	account gateway.Account

	mu      sync.Mutex
	replies map[string]reply // by path; "" is any other
	asked   []string         // paths
	bodies  []map[string]string
}

// scriptedKeys are the merchant's private key and the institution's, and another.
type scriptedKeys struct {
	institution, stranger       *rsa.PrivateKey
	merchant                    *rsa.PrivateKey
	merchantPEM, institutionPEM string
}

// scriptKeys are made once: they take their time.
var scriptKeys = sync.OnceValue(func() (k scriptedKeys) {
	for _, into := range []**rsa.PrivateKey{&k.merchant, &k.institution, &k.stranger} {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		*into = key
	}
	k.merchantPEM = string(
		pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k.merchant)}))
	k.institutionPEM = publicPEM(&k.institution.PublicKey)
	return k
})

func publicPEM(key *rsa.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

const merchant = "93751497"

// script starts a scripted institution.
func script(t *testing.T, replies map[string]reply) *scripted {
	t.Helper()
	k := scriptKeys()
	s := &scripted{replies: replies}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.account = gateway.Account{ID: server.URL, Version: 1, Institution: gateway.Shengpay, Settings: map[string]string{
		"mch_id": merchant, "private_key_pem": k.merchantPEM, "platform_public_key_pem": k.institutionPEM,
		"base_url":     server.URL,
		"wechat_appid": "wx0123456789abcdef", "wechat_app_secret": "s3cret", "wechat_oauth_base_url": server.URL,
		"wechat_token_base_url": server.URL,
	}}
	return s
}

// with is the account with more settings.
func (s *scripted) with(more ...string) gateway.Account {
	a := s.account
	a.Settings = maps.Clone(a.Settings)
	a.ID += strings.Join(more, " ")
	for i := 0; i < len(more); i += 2 {
		a.Settings[more[i]] = more[i+1]
	}
	return a
}

// ServeHTTP answers with the reply for the path.
func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var f map[string]string
	if r.Method == http.MethodPost && json.Unmarshal(body, &f) != nil {
		f = nil
	}
	s.asked, s.bodies = append(s.asked, r.URL.Path), append(s.bodies, f)
	answer, ok := s.replies[r.URL.Path]
	if !ok {
		answer = s.replies[""]
	}
	if answer.status == 0 {
		panic(http.ErrAbortHandler)
	}
	text := answer.body
	if text == "" {
		text = signed(scriptKeys().institution, "RSA", answer.says)
		if answer.unsigned {
			text = flat(answer.says)
		}
	}
	w.WriteHeader(answer.status)
	io.WriteString(w, text)
}

func flat(f map[string]string) string {
	raw, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// signed is a message with its signature, made by the published steps.
func signed(key *rsa.PrivateKey, signType string, f map[string]string) string {
	f = maps.Clone(f)
	f["signType"] = signType
	var text strings.Builder
	for i, name := range slices.Sorted(maps.Keys(f)) {
		if f[name] == "" || name == "sign" {
			continue
		}
		if i > 0 {
			text.WriteString("&")
		}
		text.WriteString(name + "=" + f[name])
	}
	f["sign"] = signature(key, signType, strings.TrimPrefix(text.String(), "&"))
	return flat(f)
}

func signature(key *rsa.PrivateKey, signType, text string) string {
	hash, sum := crypto.SHA1, sha1.Sum([]byte(text))
	digest := sum[:]
	if signType == "RSA2" {
		longer := sha256.Sum256([]byte(text))
		hash, digest = crypto.SHA256, longer[:]
	}
	raw, err := rsa.SignPKCS1v15(nil, key, hash, digest)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// last is the path and the fields of the latest request.
func (s *scripted) last(t *testing.T) (string, map[string]string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asked) == 0 {
		t.Fatal("nothing was asked")
	}
	return s.asked[len(s.asked)-1], s.bodies[len(s.bodies)-1]
}

// ok is a signed success with more fields.
func ok(more ...string) reply {
	f := map[string]string{"returnCode": "SUCCESS", "resultCode": "SUCCESS", "mchId": merchant, "nonceStr": "n0nce"}
	for i := 0; i < len(more); i += 2 {
		f[more[i]] = more[i+1]
	}
	return reply{status: 200, says: f}
}

// no is a business failure.
func no(code string, unsigned bool) reply {
	return reply{status: 200, unsigned: unsigned, says: map[string]string{
		"returnCode": "SUCCESS", "resultCode": "FAIL", "errorCode": code, "errorCodeDes": "文字", "nonceStr": "n0nce",
	}}
}

// clock is when the tests take place: 2026-11-25 12:00 in Shanghai.
func clock() time.Time { return time.Date(2026, 11, 25, 4, 0, 0, 0, time.UTC) }

func newGateway() *shengpay.Gateway { return shengpay.New(nil, 10*time.Second, clock) }

const number = "20261125120000000000000101"

// trade is a trade of the tests, asked for at their clock.
func trade() gateway.Trade {
	return gateway.Trade{OutTradeNo: number, Wallet: gateway.WalletAny, Method: gateway.Native, Amount: 12345,
		CreatedAt: clock()}
}

// charge is a charge of the tests.
func charge(wallet gateway.Wallet, method gateway.Method) gateway.Charge {
	return gateway.Charge{
		OutTradeNo: number, Wallet: wallet, Method: method, Amount: 12345, Title: "物业费 2026年11月", PayerID: "oPayer",
		ClientIP:  "10.0.0.1",
		NotifyURL: "https://pay.example.com/n/1", ReturnURL: "https://pay.example.com/back", CreatedAt: clock(),
		ExpiresAt: clock().Add(15 * time.Minute),
	}
}
