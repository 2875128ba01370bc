package ruiyinxin_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"linlipay/payment/gateway"
)

func TestAuthorizeURL(t *testing.T) {
	s := script(t, nil)
	got, err := newGateway().AuthorizeURL(s.account, "https://pay.example.com/back?x=1", "state")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(got)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Host != "open.weixin.qq.com" || u.Path != "/connect/oauth2/authorize" || u.Fragment != "wechat_redirect" ||
		q.Get("appid") != "wx0123456789abcdef" ||
		q.Get("redirect_uri") != "https://pay.example.com/back?x=1" || q.Get("scope") != "snsapi_base" ||
		q.Get("state") != "state" || q.Get("response_type") != "code" {
		t.Errorf("got %s", got)
	}
	_, err = newGateway().AuthorizeURL(s.with("wechat_appid", "", "wechat_app_secret", ""), "https://x", "")
	wantKind(t, err, gateway.Declined, true)
}

func TestPayer(t *testing.T) {
	answer := `{"openid":"oABC"}`
	var asked url.Values
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Query()
		io.WriteString(w, answer)
	}))
	a := script(t, nil).with("wechat_token_base_url", server.URL)
	if openid, err := newGateway().Payer(t.Context(), a, "code"); err != nil || openid != "oABC" {
		t.Errorf("got %s, %v", openid, err)
	}
	if asked.Get("appid") != "wx0123456789abcdef" || asked.Get("secret") != "secret" || asked.Get("code") != "code" ||
		asked.Get("grant_type") != "authorization_code" {
		t.Errorf("asked %v", asked)
	}
	answer = `{"errcode":40029,"errmsg":"invalid code"}`
	_, err := newGateway().Payer(t.Context(), a, "code")
	wantKind(t, err, gateway.Declined, false)
	answer = `<html>`
	_, err = newGateway().Payer(t.Context(), a, "code")
	wantKind(t, err, gateway.Indeterminate, false)
	server.Close()
	if _, err = newGateway().Payer(t.Context(), a, "code"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}
