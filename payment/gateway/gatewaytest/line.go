package gatewaytest

import (
	"bytes"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"linlipay/payment/gateway"
)

// reply is an answer of the institution as it came over the line.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (a reply) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	w.Write(a.body)
}

// line is what may happen between the gateway and the institution: pass has the institution answer the request.
type line func(w http.ResponseWriter, r *http.Request, pass func() reply)

// through is the account with its institution at the other end of a line.
func (s *suite) through(t *testing.T, account gateway.Account, l line) gateway.Account {
	t.Helper()
	target := base(t, account)
	forward := &http.Transport{DisableCompression: true}
	t.Cleanup(forward.CloseIdleConnections)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		l(w, r, func() reply { return pass(forward, target, r, body) })
	}))
	t.Cleanup(server.Close)
	return moved(t, account, server.URL)
}

// pass sends a request on as it came, to another host.
func pass(forward http.RoundTripper, target *url.URL, r *http.Request, body []byte) reply {
	on := r.Clone(r.Context())
	on.RequestURI, on.URL.Scheme, on.URL.Host, on.Host = "", target.Scheme, target.Host, target.Host
	on.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := forward.RoundTrip(on)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	raw, err := gateway.ReadAnswer(resp.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return reply{resp.StatusCode, resp.Header, raw}
}

// base is where the account's institution is asked.
func base(t *testing.T, account gateway.Account) *url.URL {
	t.Helper()
	u, err := url.Parse(account.Settings["base_url"])
	if err != nil || u.Host == "" {
		t.Fatalf("the account's base_url is %q", account.Settings["base_url"])
	}
	return u
}

// moved is the account with its institution at another host.
func moved(t *testing.T, account gateway.Account, root string) gateway.Account {
	t.Helper()
	to, err := url.Parse(root)
	if err != nil {
		t.Fatal(err)
	}
	u := base(t, account)
	u.Scheme, u.Host = to.Scheme, to.Host
	account.ID, account.Settings = account.ID+"@"+to.Host, maps.Clone(account.Settings)
	account.Settings["base_url"] = u.String()
	return account
}

// nobody is an address of this machine that nothing listens on.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return "http://" + l.Addr().String()
}
