package ruiyinxin_test

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"linlipay/calendar"
	"linlipay/payment/gateway"
	"linlipay/payment/gateway/ruiyinxin"
)

// reply is one answer of a scripted institution: its text, in which NUMBER stands for the number that was asked about
// and NOW for the time. whole replaces the answer's frame; DATA, KEY, SIGN, CODE and REQ stand for the envelope's
// fields in it. The zero reply breaks the connection.
type reply struct {
	text     string
	unsigned bool // no signData
	forged   bool // signed with somebody else's key
	status   int  // 0 is 200
	whole    string
}

const frame = `{"encryptData":"DATA","encryptKey":"KEY","signData":"SIGN","tranCode":"CODE","reqMsgId":"REQ"}`

// asked is a request, opened.
type asked struct {
	form   url.Values
	head   map[string]any
	fields map[string]any // data
}

// scripted is an institution that answers as it is told and seals by hand, so that answers can be tried that an honest
// one does not give.
type scripted struct {
	account gateway.Account

	mu      sync.Mutex
	replies map[string]reply // by tranCode
	asked   []asked
	broken  []string // what was wrong with requests
}

// scriptKeys are the merchant's, the institution's and a stranger's, made once: they take their time.
var scriptKeys = sync.OnceValue(func() (k struct{ merchant, institution, stranger *rsa.PrivateKey }) {
	for _, into := range []**rsa.PrivateKey{&k.merchant, &k.institution, &k.stranger} {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		*into = key
	}
	return k
})

func privatePEM(key *rsa.PrivateKey) string {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func publicPEM(key *rsa.PrivateKey) string {
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// script starts a scripted institution; replies are by tranCode.
func script(t testing.TB, replies map[string]reply) *scripted {
	t.Helper()
	k := scriptKeys()
	s := &scripted{replies: replies}
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.Close()
		for _, what := range s.broken {
			t.Error(what)
		}
	})
	s.account = gateway.Account{ID: server.URL, Version: 1, Institution: gateway.Ruiyinxin, Settings: map[string]string{
		"cooperator": "R_SMZF_TEST", "merchant_code": "M00000000000001", "private_key_pem": privatePEM(k.merchant),
		"platform_public_key_pem": publicPEM(k.institution), "base_url": server.URL + "/ydzf/ydzf-smzf",
		"wechat_appid": "wx0123456789abcdef", "wechat_app_secret": "secret",
		"code_kinds": "4004=absent,5005=refused/balance_low,6006=refused/merchant_balance",
	}}
	return s
}

// with is the account with other settings: names and values in turn.
func (s *scripted) with(settings ...string) gateway.Account {
	a := s.account
	a.ID, a.Settings = a.ID+strings.Join(settings, "|"), map[string]string{}
	for name, value := range s.account.Settings {
		a.Settings[name] = value
	}
	for i := 0; i < len(settings); i += 2 {
		a.Settings[settings[i]] = settings[i+1]
	}
	return a
}

// ecb runs each block through a cipher, a second time and independently of the gateway.
func ecb(run func(dst, src []byte), text []byte) []byte {
	out := make([]byte, len(text))
	for i := 0; i+16 <= len(text); i += 16 {
		run(out[i:i+16], text[i:i+16])
	}
	return out
}

func base(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }

func unbase(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// sealFor seals a text for a reader, signed by a writer: data, key and signature in base64.
func sealFor(reader *rsa.PublicKey, writer *rsa.PrivateKey, text string) (data, key, sign string) {
	secret := []byte("0123456789abcdef")
	block, err := aes.NewCipher(secret)
	if err != nil {
		panic(err)
	}
	pad := 16 - len(text)%16
	wrapped, err := rsa.EncryptPKCS1v15(rand.Reader, reader, secret) //lint:ignore SA1019 as the protocol does
	if err != nil {
		panic(err)
	}
	digest := sha1.Sum([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, writer, crypto.SHA1, digest[:])
	if err != nil {
		panic(err)
	}
	return base(ecb(block.Encrypt, []byte(text+strings.Repeat(string(rune(pad)), pad)))), base(wrapped), base(signature)
}

// unseal opens a request and verifies the merchant's signature.
func unseal(form url.Values, reader *rsa.PrivateKey, writer *rsa.PublicKey) (string, error) {
	raw := map[string][]byte{}
	for _, name := range []string{"encryptData", "encryptKey", "signData"} {
		var err error
		if raw[name], err = base64.StdEncoding.DecodeString(form.Get(name)); err != nil {
			return "", err
		}
	}
	secret, err := rsa.DecryptPKCS1v15(nil, reader, raw["encryptKey"]) //lint:ignore SA1019 as the protocol does
	if err != nil {
		return "", err
	}
	if len(secret) != 16 || len(raw["encryptData"])%16 != 0 || len(raw["encryptData"]) == 0 {
		return "", errors.New("the key or the data is of another length")
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return "", err
	}
	plain := ecb(block.Decrypt, raw["encryptData"])
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > 16 || !bytes.HasSuffix(plain, bytes.Repeat([]byte{byte(pad)}, pad)) {
		return "", errors.New("the padding is not PKCS#5's")
	}
	plain = plain[:len(plain)-pad]
	digest := sha1.Sum(plain)
	return string(plain), rsa.VerifyPKCS1v15(writer, crypto.SHA1, digest[:], raw["signData"])
}

// ServeHTTP answers with the reply for the tranCode, or with 404.
func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		panic(http.ErrAbortHandler)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k, q := scriptKeys(), asked{form: r.PostForm}
	words, err := unseal(r.PostForm, k.institution, &k.merchant.PublicKey)
	if err == nil {
		err = json.Unmarshal([]byte(words), &q.head)
	}
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/ydzf/ydzf-smzf" {
		s.broken = append(s.broken, "a request is not as it should be: "+r.Method+" "+r.URL.Path+" "+words)
	}
	q.fields, _ = q.head["data"].(map[string]any)
	s.asked = append(s.asked, q)
	answer, ok := s.replies[r.PostForm.Get("tranCode")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if answer == (reply{}) {
		panic(http.ErrAbortHandler)
	}
	number, _ := q.fields["oriReqMsgId"].(string)
	text := strings.NewReplacer("NUMBER", number, "NOW", stamp(time.Now())).Replace(answer.text)
	writer := k.institution
	if answer.forged {
		writer = k.stranger
	}
	data, key, sign := sealFor(&k.merchant.PublicKey, writer, text)
	whole := answer.whole
	if whole == "" {
		whole = frame
	}
	if answer.unsigned {
		whole = strings.Replace(whole, `"signData":"SIGN",`, "", 1)
	}
	if answer.status != 0 {
		w.WriteHeader(answer.status)
	}
	io.WriteString(w, strings.NewReplacer("DATA", data, "KEY", key, "SIGN", sign, "CODE", r.PostForm.Get("tranCode"),
		"REQ", r.PostForm.Get("reqMsgId")).Replace(whole))
}

// sent is the latest request with a tranCode.
func (s *scripted) sent(t *testing.T, code string) asked {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.asked) - 1; i >= 0; i-- {
		if s.asked[i].form.Get("tranCode") == code {
			return s.asked[i]
		}
	}
	t.Fatalf("%s was not asked", code)
	return asked{}
}

// times is how often a tranCode was asked.
func (s *scripted) times(code string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.asked {
		if q.form.Get("tranCode") == code {
			n++
		}
	}
	return n
}

func stamp(at time.Time) string { return calendar.Format(at, "20060102150405") }

func newGateway() *ruiyinxin.Gateway { return ruiyinxin.New(nil, 5*time.Second, time.Now) }

const number = "20261125160000000000000001"

func charge(w gateway.Wallet, m gateway.Method) gateway.Charge {
	return gateway.Charge{
		OutTradeNo: number, Wallet: w, Method: m, Amount: 12345, Title: "物业费 2026年11月", PayerID: "oABC",
		NotifyURL: "http://127.0.0.1:1/callbacks/ruiyinxin/a",
		CreatedAt: time.Now(), ExpiresAt: time.Now().Add(10 * time.Minute),
	}
}

func trade() gateway.Trade {
	return gateway.Trade{OutTradeNo: number, Wallet: gateway.WalletWeChat, Method: gateway.Native, Amount: 12345}
}

// kindOf is the kind of a failure, and whether it was signed.
func kindOf(err error) (gateway.ErrorKind, bool) {
	var e *gateway.Error
	if errors.As(err, &e) {
		return e.Kind, e.Signed
	}
	return "", false
}

func wantKind(t *testing.T, err error, kind gateway.ErrorKind, signed bool) {
	t.Helper()
	if got, verified := kindOf(err); got != kind || verified != signed {
		t.Fatalf("got %v, want kind %q, signed %t", err, kind, signed)
	}
}

// said is an answer's text with a respType, a code and data.
func said(kind, code, data string) string {
	return `{"version":"1.0.0","msgType":"02","respDate":"NOW","respType":"` + kind + `","respCode":"` + code +
		`","respMsg":"文字","smzfMsgId":"2026112542000001","data":` + data + `}`
}

// told is a text of 006: the question went well, and the trade is so.
func told(kind, code, more string) reply {
	return reply{text: said("S", "000000", `{"oriReqMsgId":"NUMBER","oriRespType":"`+kind+`","oriRespCode":"`+code+
		`","totalAmount":"123.45"`+more+`}`)}
}
