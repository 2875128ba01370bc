package lakala_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/gateway/lakala"
)

//go:embed testdata/vectors/merchant.key.pem
var merchantPEM string

//go:embed testdata/vectors/platform.key.pem
var platformPEM string

//go:embed testdata/vectors/platform.cert.pem
var platformCert string

const (
	appid    = "OP00000003"
	serial   = "00dfba8194c41b84cf"
	merchant = "82229007392000A"
	term     = "D9296400"

	at     = 1795593600 // 2026-11-25 16:00:00 in Shanghai
	number = "202611250000000000000001"

	preorder    = "/api/v3/labs/trans/preorder"
	micropay    = "/api/v3/labs/trans/micropay"
	tradequery  = "/api/v3/labs/query/tradequery"
	revoked     = "/api/v3/labs/relation/revoked"
	closeScan   = "/api/v3/labs/relation/close"
	refundScan  = "/api/v3/labs/relation/refund"
	create      = "/api/v3/ccss/counter/order/special_create"
	counter     = "/api/v3/ccss/counter/order/query"
	closeOrder  = "/api/v3/ccss/counter/order/close"
	refundCard  = "/api/v3/lams/trade/trade_refund"
	refundQuery = "/api/v3/lams/trade/trade_refund_query"
	refundFront = "/api/v3/rfd/refund_front/refund"
	queryFront  = "/api/v3/rfd/refund_front/refund_query"
)

func now() time.Time { return time.Unix(at, 0) }

func newGateway() *lakala.Gateway { return lakala.New(nil, 5*time.Second, now) }

// reply is one answer of a scripted institution.
type reply struct {
	status   int // 0 is 200, -1 breaks the connection
	body     string
	unsigned bool
	appid    string // signed for, where it is another
	late     int64  // seconds that the signature is older than now
	bad      bool   // the signature is of another text
}

// scripted is an institution that answers as it is told and signs by hand, so that answers can be tried that an honest
// one does not give.
type scripted struct {
	t       *testing.T
	account gateway.Account

	mu      sync.Mutex
	replies map[string][]reply // by path, one after the other; the last one stays
	asked   []question
}

// question is one request as it arrived.
type question struct {
	path string
	body map[string]any
	data map[string]any // req_data
}

func key(text string) *rsa.PrivateKey {
	block, _ := pem.Decode([]byte(text))
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		panic(err)
	}
	return k.(*rsa.PrivateKey)
}

var (
	merchantKey = sync.OnceValue(func() *rsa.PrivateKey { return key(merchantPEM) })
	platformKey = sync.OnceValue(func() *rsa.PrivateKey { return key(platformPEM) })
)

func sign(k *rsa.PrivateKey, text string) string {
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, k, crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

func account(base string) gateway.Account {
	return gateway.Account{ID: "scripted", Version: 1, Institution: gateway.Lakala, Settings: map[string]string{
		"appid": appid, "serial_no": serial, "private_key_pem": merchantPEM, "platform_cert_pem": platformCert,
		"merchant_no": merchant, "term_no": term,
		"base_url": base, "wechat_appid": "wx0123456789abcdef", "wechat_app_secret": "s3cret",
	}}
}

// script starts a scripted institution under a path, as the test environment has one.
func script(t *testing.T, replies map[string]reply) *scripted {
	t.Helper()
	s := &scripted{t: t, replies: map[string][]reply{}}
	for path, r := range replies {
		s.replies[path] = []reply{r}
	}
	server := httptest.NewServer(http.StripPrefix("/sit", s))
	t.Cleanup(server.Close)
	s.account = account(server.URL + "/sit/")
	return s
}

var authorization = regexp.MustCompile(
	`^LKLAPI-SHA256withRSA appid="OP00000003",serial_no="00dfba8194c41b84cf",timestamp="(1795593600)",` +
		`nonce_str="([0-9A-Za-z]{12})",signature="([^"]+)"$`)

// ServeHTTP verifies the request and answers with the reply for its path, or with a code of no meaning.
func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note(r, body)
	answer := reply{body: fail("999999")}
	if replies := s.replies[r.URL.Path]; len(replies) > 0 {
		answer = replies[0]
		if len(replies) > 1 {
			s.replies[r.URL.Path] = replies[1:]
		}
	}
	if answer.status < 0 {
		panic(http.ErrAbortHandler)
	}
	answer.write(w)
}

// note verifies a request by the institution's rule and keeps it.
func (s *scripted) note(r *http.Request, body []byte) {
	m := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || m == nil {
		s.t.Errorf("%s %s %s: %q", r.Method, r.URL.Path, r.Header.Get("Content-Type"), r.Header.Get("Authorization"))
		return
	}
	signature, err := base64.StdEncoding.DecodeString(m[3])
	digest := sha256.Sum256([]byte(appid + "\n" + serial + "\n" + m[1] + "\n" + m[2] + "\n" + string(body) + "\n"))
	if err != nil || rsa.VerifyPKCS1v15(&merchantKey().PublicKey, crypto.SHA256, digest[:], signature) != nil {
		s.t.Errorf("%s: the signature does not verify", r.URL.Path)
	}
	q := question{path: r.URL.Path}
	if err := json.Unmarshal(body, &q.body); err != nil {
		s.t.Errorf("%s: %v", r.URL.Path, err)
	}
	if q.body["req_time"] != "20261125160000" || q.body["version"] != "3.0" || q.body["out_org_code"] != appid ||
		len(q.body) != 4 {
		s.t.Errorf("%s: envelope %v", r.URL.Path, q.body)
	}
	q.data, _ = q.body["req_data"].(map[string]any)
	s.asked = append(s.asked, q)
}

func (r reply) write(w http.ResponseWriter) {
	if !r.unsigned {
		timestamp, signedFor, text := fmt.Sprint(at-r.late), r.appid, r.body
		if signedFor == "" {
			signedFor = appid
		}
		if r.bad {
			text += " "
		}
		h := w.Header()
		h.Set("Lklapi-Appid", signedFor)
		h.Set("Lklapi-Serial", "018b08cfddbd")
		h.Set("Lklapi-Timestamp", timestamp)
		h.Set("Lklapi-Nonce", "abcdefghijkl")
		h.Set("Lklapi-Signature", sign(platformKey(), signedFor+"\n018b08cfddbd\n"+timestamp+"\nabcdefghijkl\n"+text+
			"\n"))
	}
	if r.status == 0 {
		r.status = http.StatusOK
	}
	w.WriteHeader(r.status)
	io.WriteString(w, r.body)
}

// last is the data of the latest request, which must have gone to that path.
func (s *scripted) last(path string) map[string]any {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asked) == 0 || s.asked[len(s.asked)-1].path != path {
		s.t.Fatalf("the latest request is not %s: %v", path, s.asked)
	}
	return s.asked[len(s.asked)-1].data
}

// paths are those that were asked, in order.
func (s *scripted) paths() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, q := range s.asked {
		all = append(all, q.path)
	}
	return strings.Join(all, " ")
}

func ok(data string) string {
	return `{"code":"BBS00000","msg":"成功","resp_time":"20261125160000","resp_data":` + data + `}`
}

func okay(data string) string {
	return `{"code":"000000","msg":"操作成功","resp_time":"20261125160000","resp_data":` + data + `}`
}

func fail(code string) string {
	return `{"code":"` + code + `","msg":"文字","resp_time":"20261125160000"}`
}

func charge(w gateway.Wallet, m gateway.Method) gateway.Charge {
	return gateway.Charge{
		OutTradeNo: number, Wallet: w, Method: m, Amount: 12345, Title: "物业费 2026年11月", PayerID: "oABC",
		ClientIP:  "36.45.36.95",
		NotifyURL: "https://example.com/callbacks/lakala/a", ReturnURL: "https://example.com/back", CreatedAt: now(),
		ExpiresAt: now().Add(10*time.Minute + 59*time.Second),
	}
}

func trade(w gateway.Wallet, m gateway.Method) gateway.Trade {
	return gateway.Trade{OutTradeNo: number, Wallet: w, Method: m, Amount: 12345, CreatedAt: now()}
}

func wantKind(t *testing.T, err error, kind gateway.ErrorKind, signed bool) {
	t.Helper()
	var e *gateway.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Signed != signed {
		t.Fatalf("got %v, want kind %s, signed %t", err, kind, signed)
	}
}

// same compares what was sent with what must be.
func same(t *testing.T, got map[string]any, want string) {
	t.Helper()
	var w map[string]any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(w) {
		t.Errorf("sent %v\nwant %v", got, w)
	}
}
