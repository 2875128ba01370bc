package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// keys are those with which the tests' sandboxes begin; one that starts again makes what it lacks by itself.
var keys KeyPool

// start runs a sandbox that ends with the test.
func start(t *testing.T, cfg Config) *Sandbox {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Keys = &keys
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(t.Context()) }()
	t.Cleanup(func() {
		if err := <-ended; err != nil && !strings.Contains(err.Error(), "Server closed") {
			t.Error(err)
		}
	})
	return s
}

// call calls the control API and decodes the answer.
func call(t *testing.T, s *Sandbox, method, path string, in, out any) int {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.url("control")+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, raw)
		}
	}
	return resp.StatusCode
}

// pay scans a text with a wallet and confirms.
func pay(t *testing.T, s *Sandbox, content, wallet string) Payment {
	t.Helper()
	var p Payment
	if status := call(t, s, "POST", "/scan", map[string]string{"content": content, "wallet": wallet},
		&p); status != 200 {
		t.Fatalf("scan answered %d", status)
	}
	if status := call(t, s, "POST", "/payments/"+p.ID+"/confirm", nil, &p); status != 200 {
		t.Fatalf("confirm answered %d", status)
	}
	return p
}

// inbox is a merchant's notification endpoint; answer decides what it says.
type inbox struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
	bodies   [][]byte
	arrived  chan struct{}
	answer   func(w http.ResponseWriter, n int)
}

func newInbox(t *testing.T, answer func(w http.ResponseWriter, n int)) *inbox {
	in := &inbox{arrived: make(chan struct{}, 100), answer: answer}
	in.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		in.mu.Lock()
		in.requests, in.bodies = append(in.requests, r), append(in.bodies, body)
		n := len(in.bodies)
		in.mu.Unlock()
		in.answer(w, n)
		in.arrived <- struct{}{}
	}))
	t.Cleanup(in.Close)
	return in
}

func (in *inbox) wait(t *testing.T, n int) {
	t.Helper()
	for range n {
		select {
		case <-in.arrived:
		case <-time.After(20 * time.Second):
			t.Fatal("the notification did not come")
		}
	}
}

func (in *inbox) message(i int) (*http.Request, []byte) {
	in.mu.Lock()
	defer in.mu.Unlock()
	r := in.requests[i].Clone(in.requests[i].Context())
	r.Body = io.NopCloser(bytes.NewReader(in.bodies[i]))
	return r, in.bodies[i]
}

func TestCredentialsAreKeptAndPrivate(t *testing.T) {
	dir := t.TempDir()
	first, err := New(Config{Dir: dir, Keys: &keys})
	if err != nil {
		t.Fatal(err)
	}
	was := first.Credentials()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	s := start(t, Config{Dir: dir})
	raw, err := os.ReadFile(filepath.Join(dir, "credentials.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c Credentials
	if err := json.Unmarshal(raw, &c); err != nil || c != s.Credentials() {
		t.Fatalf("credentials.json holds %s, %v", raw, err)
	}
	if c.Wechat.PrivateKeyPEM != was.Wechat.PrivateKeyPEM ||
		c.Alipay.AlipayPublicKeyPEM != was.Alipay.AlipayPublicKeyPEM {
		t.Error("a restart changed the keys")
	}
	info, err := os.Stat(filepath.Join(dir, "credentials.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("credentials.json has mode %v, %v", info.Mode(), err)
	}
	if !strings.HasSuffix(c.Alipay.BaseURL, "/gateway.do") {
		t.Errorf("base_url %s", c.Alipay.BaseURL)
	}
}

func TestOnlyLoopback(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", "192.168.1.1:80", ":0", "example.com:80"} {
		if s, err := New(Config{ControlAddr: addr}); err == nil {
			s.Close()
			t.Errorf("the sandbox listens on %s", addr)
		}
	}
}

// The figures are the institutions' documentation: 24 h 4 min and 25 h or less.
func TestSchedules(t *testing.T) {
	sum := func(durations []time.Duration) (total time.Duration) {
		for _, d := range durations {
			total += d
		}
		return total
	}
	if got := sum(wechatSchedule()); got != 24*time.Hour+4*time.Minute || len(wechatSchedule()) != 15 {
		t.Errorf("WeChat's schedule takes %v in %d tries", got, len(wechatSchedule()))
	}
	if got := sum(alipaySchedule()); got > 25*time.Hour || len(alipaySchedule()) != 7 {
		t.Errorf("Alipay's schedule takes %v in %d tries", got, len(alipaySchedule()))
	}
}

func FuzzParseAuthorization(f *testing.F) {
	f.Add(`WECHATPAY2-SHA256-RSA2048 mchid="1",nonce_str="n",timestamp="1",serial_no="s",signature="x"`)
	f.Add(`WECHATPAY2-SHA256-RSA2048 signature="x",mchid="1"`)
	f.Add(`Basic x`)
	f.Fuzz(func(t *testing.T, header string) {
		p, ok := parseAuthorization(header)
		if ok && (p["mchid"] == "" || !strings.HasPrefix(header, authScheme)) {
			t.Errorf("%q was taken as %v", header, p)
		}
	})
}
