package app

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/seal"
)

// nginxOf is the README's configuration of nginx, the same in both languages.
func nginxOf(t *testing.T) string {
	t.Helper()
	var blocks []string
	for _, name := range []string{"../README.md", "../README.zh-CN.md"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, found := strings.Cut(string(raw), "```nginx\n")
		block, _, closed := strings.Cut(rest, "```")
		if !found || !closed {
			t.Fatalf("%s has no configuration of nginx", name)
		}
		blocks = append(blocks, block)
	}
	if blocks[0] != blocks[1] {
		t.Fatal("the configuration of nginx differs between the languages")
	}
	return blocks[0]
}

// certificate writes a certificate for 127.0.0.1 and its key.
func certificate(t *testing.T, dir string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, of, of, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der},
		keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// startNginx runs nginx with the README's configuration, at an address of the test's.
func startNginx(t *testing.T, nginx, listen, upstream string) {
	t.Helper()
	dir := t.TempDir()
	certFile, keyFile := certificate(t, dir)
	server := nginxOf(t)
	for old, new := range map[string]string{
		"listen 443 ssl": "listen " + listen + " ssl", "/etc/ssl/pay.example.com.pem": certFile,
		"/etc/ssl/pay.example.com.key": keyFile, "127.0.0.1:8080": upstream,
	} {
		if !strings.Contains(server, old) {
			t.Fatalf("the README's configuration has no %q", old)
		}
		server = strings.ReplaceAll(server, old, new)
	}
	temp, user := "", ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temp += fmt.Sprintf("%s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	if os.Getuid() == 0 { // its workers would be another user, who cannot write here
		user = "user root;\n"
	}
	conf := fmt.Sprintf(user+"daemon off;\nworker_processes 1;\npid %s;\nevents {}\nhttp {\naccess_log off;\n%s%s}\n",
		filepath.Join(dir, "pid"), temp, server)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(nginx, "-p", dir, "-c", file, "-e", filepath.Join(dir, "error.log"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Signal(syscall.SIGTERM); cmd.Wait() })
}

// startLikeNginx plays what nginx's documentation says of the README's configuration: $proxy_add_x_forwarded_for is the
// client's own X-Forwarded-For with the address that is connected added on the right.
func startLikeNginx(t *testing.T, listen, upstream string) {
	t.Helper()
	certFile, keyFile := certificate(t, t.TempDir())
	proxy := &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: upstream})
		r.Out.Host = r.In.Host
		r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
		r.SetXForwarded()
	}}
	server := &http.Server{Addr: listen, Handler: proxy}
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServeTLS(certFile, keyFile) }()
	t.Cleanup(func() { server.Close(); <-ended })
}

// from is a client at one of this machine's addresses, behind which the proxy knows it.
func from(address string) *http.Client {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{DialContext: dialer.DialContext,
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// send sends a request and returns status, header and the beginning of the body.
func send(t *testing.T, c *http.Client, method, address, body string, header ...string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(raw)
}

// The attacks of a stranger, through a proxy: nginx where it is installed, as scripts/test sees to, and what plays it.
func TestAttacksThroughAProxy(t *testing.T) {
	proxies := map[string]func(t *testing.T, listen, upstream string){"played": startLikeNginx}
	if nginx, err := exec.LookPath("nginx"); err == nil {
		proxies["nginx"] = func(t *testing.T, listen, upstream string) { startNginx(t, nginx, listen, upstream) }
	}
	for name, start := range proxies {
		t.Run(name, func(t *testing.T) {
			listen := port(t)
			a := behind(t, "https://"+listen)
			start(t, listen, a.listener.Addr().String())
			attack(t, "https://"+listen)
		})
	}
}

// behind serves the product with one member of staff, as configured but for its addresses.
func behind(t *testing.T, base string) *App {
	t.Helper()
	cfg, err := ReadConfig([]string{
		"LINLIPAY_SANDBOX=true", "LINLIPAY_STORE=sqlite:" + filepath.Join(t.TempDir(), "store"),
		"LINLIPAY_LISTEN=127.0.0.1:0",
		"LINLIPAY_BASE_URL=" + base, "LINLIPAY_SECRET_KEY=" + seal.NewKey(),
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(t.Context(), cfg, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Property.AddCompany(t.Context(), "main", "物业"); err != nil {
		t.Fatal(err)
	}
	if err := a.Access.AddStaff(t.Context(),
		access.Staff{Login: "li", Name: "李", Company: "main", Roles: []access.Role{access.Cashier}},
		"a garden of seven plums"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		a.Close()
	})
	return a
}

func attack(t *testing.T, base string) {
	attacker, honest := from("127.0.0.3"), from("127.0.0.4")
	for range 100 {
		if resp, err := honest.Get(base + "/healthz"); err == nil {
			resp.Body.Close()
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	login := func(c *http.Client, login, password string, header ...string) (int, string) {
		raw, err := json.Marshal(map[string]string{"login": login, "password": password})
		if err != nil {
			t.Fatal(err)
		}
		status, _, body := send(t, c, "POST", base+"/v1/members/sessions", string(raw), header...)
		return status, body
	}
	refused, began := 0, time.Now()
	for i := range 60 { // each claims another address, one of ours too
		claimed := []string{"", fmt.Sprintf("198.51.100.%d", i), "127.0.0.1",
			fmt.Sprintf("127.0.0.4, 10.0.0.%d", i)}[i%4]
		if status, _ := login(attacker, fmt.Sprint("nobody", i), "wrong", "X-Forwarded-For", claimed); status == 429 {
			refused++
		}
	}
	// 30 a minute at once, and one more every two seconds, however slow the machine is
	if most := 30 + int(time.Since(began)/(2*time.Second)) + 1; 60-refused > most {
		t.Errorf("%d of 60 guesses were refused, and at most %d may be heard", refused, most)
	}
	if status, body := login(honest, "li", "a garden of seven plums"); status != 200 {
		t.Errorf("somebody else meanwhile: %d %s", status, body)
	}
	forge(t, base, honest, attacker)
	var bomb bytes.Buffer
	packer := gzip.NewWriter(&bomb)
	form := multipart.NewWriter(packer)
	field, err := form.CreateFormField("wallet")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := field.Write(make([]byte, 50<<20)); err != nil {
		t.Fatal(err)
	}
	form.Close()
	packer.Close()
	status, _, body := send(t, attacker, "POST", base+"/q/x/pay", bomb.String(), "Content-Type",
		form.FormDataContentType(), "Content-Encoding", "gzip")
	if status != 415 {
		t.Errorf("a packed form: %d %s", status, body)
	}
	if status, _, body := send(t, attacker, "POST", base+"/callbacks/wechat/none", "{}"); status != 404 {
		t.Errorf("a notification for nobody: %d %s", status, body)
	}
}

// forge has another site's page use the cookies of somebody who is logged in, and a thief what a browser must not give.
func forge(t *testing.T, base string, honest, attacker *http.Client) {
	t.Helper()
	status, header, body := send(t, honest, "POST", base+"/v1/members/sessions",
		`{"login":"li","password":"a garden of seven plums"}`, "Linli-Session", "staff", "Origin", base)
	cookies := header.Values("Set-Cookie")
	if status != 200 || len(cookies) != 2 || strings.Contains(body, "_token") {
		t.Fatalf("a browser's log-in: %d %v %s", status, cookies, body)
	}
	var sent []string
	for _, c := range cookies {
		for _, word := range []string{"HttpOnly", "secure", "SameSite=Strict"} {
			if !strings.Contains(strings.ToLower(c), strings.ToLower(word)) {
				t.Errorf("a cookie without %s: %s", word, c)
			}
		}
		pair, _, _ := strings.Cut(c, ";")
		sent = append(sent, pair)
	}
	jar := strings.Join(sent, "; ")
	for _, c := range []struct {
		name   string
		who    *http.Client
		status int
		header []string
	}{
		{"another site's script", honest, 403, []string{"Linli-Session", "staff", "Origin", "https://evil.example"}},
		{"another site's form", honest, 401, []string{"Origin", "https://evil.example"}},
		{"a page of none", attacker, 403, []string{"Linli-Session", "staff", "Origin", "null"}},
		{"our own page", honest, 204, []string{"Linli-Session", "staff", "Origin", base}},
	} {
		status, _, body := send(t, c.who, "DELETE", base+"/v1/me/sessions", "", append(c.header, "Cookie", jar)...)
		if status != c.status {
			t.Errorf("%s ends sessions: %d %s, want %d", c.name, status, body, c.status)
		}
	}
}
