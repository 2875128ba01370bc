package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// authorize is the OAuth page inside the WeChat app with scope snsapi_base: nobody is asked, the browser is sent back
// with a code.
func (w *wechat) authorize(rw http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	m := w.keys.merchantBy("wechat", func(m *merchant) bool { return m.App == q.Get("appid") })
	back, err := url.Parse(q.Get("redirect_uri"))
	if m == nil || err != nil || loopbackURL(q.Get("redirect_uri")) != nil || q.Get("response_type") != "code" ||
		q.Get("scope") == "" {
		http.Error(rw, "参数错误", http.StatusBadRequest)
		return
	}
	openid := payerOf(m, WechatWallet)
	if c, err := r.Cookie("payer"); err == nil && len(c.Value) == 28 {
		openid = c.Value
	}
	code := randomHex(16)
	w.bank.mu.Lock()
	w.bank.byText["code:"+code] = &trade{Payer: openid, Merchant: m, ExpiresAt: w.cfg.Now().Add(5 * time.Minute)}
	w.bank.mu.Unlock()
	args := back.Query()
	args.Set("code", code)
	args.Set("state", q.Get("state"))
	back.RawQuery = args.Encode()
	http.Redirect(rw, r, back.String(), http.StatusFound)
}

// accessToken exchanges a code, once, for the payer's openid.
func (w *wechat) accessToken(rw http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	w.bank.mu.Lock()
	grant, ok := w.bank.byText["code:"+q.Get("code")]
	delete(w.bank.byText, "code:"+q.Get("code"))
	w.bank.mu.Unlock()
	rw.Header().Set("Content-Type", "text/plain") // as the real one does
	switch {
	case !ok || w.cfg.Now().After(grant.ExpiresAt):
		json.NewEncoder(rw).Encode(map[string]any{"errcode": 40029, "errmsg": "invalid code"})
	case grant.Merchant.App != q.Get("appid") || grant.Merchant.Secret != q.Get("secret") ||
		q.Get("grant_type") != "authorization_code":
		json.NewEncoder(rw).Encode(map[string]any{"errcode": 40125, "errmsg": "invalid appsecret"})
	default:
		json.NewEncoder(rw).Encode(map[string]any{
			"access_token": randomHex(32), "expires_in": 7200, "refresh_token": randomHex(32), "openid": grant.Payer,
			"scope": "snsapi_base",
		})
	}
}
