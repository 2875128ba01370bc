package alipay_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/gateway/gatewaytest"
	"linlipay/payment/sandbox"
)

// genuine is a notification as the sandbox signs and sends it, and the account it is for.
func genuine(f *testing.F) (gateway.Account, gateway.RawNotification) {
	f.Helper()
	s := gatewaytest.Play(f, sandbox.Config{Second: time.Microsecond})
	messages := make(chan gateway.RawNotification, 1)
	inbox := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			f.Error(err)
		}
		messages <- gateway.RawNotification{Header: r.Header, Body: body}
		io.WriteString(w, "success")
	}))
	f.Cleanup(inbox.Close)
	a := account(s)
	p, err := newGateway().Open(f.Context(), a, charge("A12345678", gateway.Native, inbox.URL+"/callbacks/alipay/a"))
	if err != nil {
		f.Fatal(err)
	}
	post := func(path, body string) string {
		resp, err := http.Post(s.Credentials().ControlURL+path, "application/json", strings.NewReader(body))
		if err != nil {
			f.Fatal(err)
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			f.Fatal(path, resp.StatusCode, string(raw), err)
		}
		return string(raw)
	}
	id := strings.Split(post("/scan", `{"wallet":"alipay","content":"`+p.CodeURL+`"}`), `"`)[3]
	post("/payments/"+id+"/confirm", "")
	return a, <-messages
}

// signText is what the institution signs: every field but sign and sign_type that is not empty, sorted by name, as
// name=value joined by &.
func signText(form url.Values) string {
	var pairs []string
	for name := range form {
		if name != "sign" && name != "sign_type" && form.Get(name) != "" {
			pairs = append(pairs, name)
		}
	}
	slices.Sort(pairs)
	for i, name := range pairs {
		pairs[i] = name + "=" + form.Get(name)
	}
	return strings.Join(pairs, "&")
}

// signed tells, by the institution's rule and the standard library alone, whether a body is signed and says each thing
// once.
func signed(key *rsa.PublicKey, body string) bool {
	form, err := url.ParseQuery(body)
	if err != nil || form.Get("sign_type") != "RSA2" {
		return false
	}
	for _, values := range form {
		if len(values) > 1 {
			return false
		}
	}
	signature, err := base64.StdEncoding.DecodeString(form.Get("sign"))
	digest := sha256.Sum256([]byte(signText(form)))
	return err == nil && rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
}

// edit replaces cut bytes at a place; places beyond the end count from the beginning again.
func edit(s string, at, cut uint16, insert string) string {
	from := int(at) % (len(s) + 1)
	return s[:from] + insert + s[min(len(s), from+int(cut)):]
}

// A genuine message with one edit is believed only when its signature still verifies, and then says the same.
func FuzzParseEdited(f *testing.F) {
	a, m := genuine(f)
	block, _ := pem.Decode([]byte(a.Settings["alipay_public_key_pem"]))
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		f.Fatal(err)
	}
	g, body := newGateway(), string(m.Body)
	whole, err := g.Verify(f.Context(), a, m, time.Time{})
	if err != nil || whole.Report.Amount != 12340 || !signed(public.(*rsa.PublicKey), body) {
		f.Fatalf("the genuine message: %+v, %v", whole, err)
	}
	at := func(text string) uint16 { return uint16(strings.Index(body, text)) }
	f.Add(uint16(0), uint16(0), "")
	f.Add(uint16(0), uint16(0), "extra=&")
	f.Add(uint16(0), uint16(0), "extra=1&")
	f.Add(uint16(0), uint16(0), "total_amount=0.01&")
	f.Add(at("&sign="), uint16(6), "&signature=")
	f.Add(at("sign_type=RSA2"), uint16(14), "sign_type=RSA")
	f.Add(at("sign_type=RSA2"), uint16(14), "sign_type=%52SA2")
	f.Add(at("total_amount="), uint16(16), "total_amount=001")
	f.Add(at("TRADE_SUCCESS"), uint16(13), "TRADE_FINISHED")
	f.Add(at("&sign="), uint16(0), "%0A")
	for _, name := range []string{"&buyer_logon_id", "&out_trade_no", "&point_amount", "&total_amount", "&trade_no",
		"&trade_status", "&seller_id", "&notify_type"} {
		f.Add(at(name), uint16(1), "%26")
	}
	f.Add(uint16(0), uint16(65535), "")
	f.Fuzz(func(t *testing.T, at, cut uint16, insert string) {
		changed := edit(body, at, cut, insert)
		n, err := g.Verify(t.Context(), a, gateway.RawNotification{Body: []byte(changed)}, time.Time{})
		if !signed(public.(*rsa.PublicKey), changed) {
			var e *gateway.Error
			if !errors.As(err, &e) || e.Kind != gateway.Unauthentic {
				t.Fatalf("%s: %+v, %v", changed, n, err)
			}
			return
		}
		if fields(changed) != fields(body) {
			if r := n.Report; err == nil && n.Kind == gateway.NotifyTrade &&
				(r.Amount != whole.Report.Amount || r.State != whole.Report.State || !r.PaidAt.IsZero() &&
					r.PaidAt != whole.Report.PaidAt || !strings.HasPrefix(r.OutTradeNo, whole.Report.OutTradeNo)) {
				t.Fatalf("%s\nreads as %+v; want %+v", changed, n, whole)
			}
			return
		}
		if err != nil || n != whole {
			t.Fatalf("%s\nreads as %+v, %v; want %+v", changed, n, err, whole)
		}
	})
}

// fields counts the fields of a form that say something. The institution signs names and values joined without an
// escape, so that a field may swallow the next one under the same signature; what is then missing must not be made up.
func fields(body string) (n int) {
	form, err := url.ParseQuery(body)
	for name := range form {
		if err == nil && form.Get(name) != "" {
			n++
		}
	}
	return n
}

// keyed is an account whose institution signs with a key of the test's own.
func keyed(f *testing.F) (gateway.Account, *rsa.PrivateKey) {
	f.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		f.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		f.Fatal(err)
	}
	return gateway.Account{ID: "ours", Version: 1, Institution: gateway.Alipay, Settings: map[string]string{
		"app_id": "2021000000000001", "seller_id": "2088000000000001",
		"private_key_pem":       string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
		"alipay_public_key_pem": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})),
	}}, key
}

// fen is an amount in yuan as fen, by arbitrary precision.
func fen(yuan string) *big.Rat {
	r, ok := new(big.Rat).SetString(strings.ReplaceAll(yuan, ",", ""))
	if !ok {
		return new(big.Rat)
	}
	return r.Mul(r, big.NewRat(100, 1))
}

const paidForm = "notify_type=trade_status_sync&notify_id=1&app_id=2021000000000001&seller_id=2088000000000001&" +
	"out_trade_no=20261124090000000000000101&trade_no=2026112422001" +
	"&trade_status=TRADE_SUCCESS&total_amount=123.40&gmt_payment=2026-11-24+17%3A00%3A00&buyer_id=2088000000000009&" +
	"subject=%E7%89%A9%E4%B8%9A%E8%B4%B9+%26"

// Whatever form the institution signs, a notification says what the form says, and paid only with amount and number.
func FuzzParseSignedForm(f *testing.F) {
	a, key := keyed(f)
	g := newGateway()
	f.Add(paidForm)
	for _, swap := range [][2]string{
		{"TRADE_SUCCESS", "TRADE_FINISHED"}, {"TRADE_SUCCESS", "WAIT_BUYER_PAY"}, {"TRADE_SUCCESS", "TRADE_CLOSED"},
		{"TRADE_SUCCESS", "trade_success"},
		{"123.40", "123.4"}, {"123.40", "123.400"}, {"123.40", "1e2"}, {"123.40", "-123.40"},
		{"123.40", "92233720368547758.08"}, {"123.40", ""}, {"123.40", "1,234.00"},
		{"2026112422001", ""}, {"2026-11-24+17%3A00%3A00", ""}, {"2026-11-24+17%3A00%3A00", "2026-02-30+00%3A00%3A00"},
		{"2088000000000001", "2088000000000002"},
		{"2021000000000001", "2021000000000002"}, {"trade_status_sync", "servicemarket_order_notify"},
		{"&subject", "&refund_fee=23.40&out_biz_no=R1&subject"},
		{"&subject", "&refund_fee=23.40&subject"}, {"&subject", "&refund_fee=x&out_biz_no=R1&subject"},
		{"&subject", "&refund_fee=0.00&subject"}, {"&subject", "&refund_fee=0.00&out_biz_no=&gmt_close=x&subject"},
		{"&subject", "&refund_fee=123.40&out_biz_no=2026112422001&subject"},
		{"&subject", "&refund_fee=123.41&out_biz_no=R1&subject"},
		{"&subject", "&gmt_refund=2026-11-24+18%3A00%3A00.123&subject"}, {"&subject", "&refund_fee=-1&subject"},
		{"&seller_id=2088000000000001", ""}, {"&subject", "&out_trade_no=2&subject"}, {"&subject", ";x=%zz"},
	} {
		f.Add(strings.Replace(paidForm, swap[0], swap[1], 1))
	}
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			t.Skip("no form")
		}
		form.Set("sign_type", "RSA2")
		digest := sha256.Sum256([]byte(signText(form)))
		signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		form.Set("sign", base64.StdEncoding.EncodeToString(signature))
		n, err := g.Verify(t.Context(), a, gateway.RawNotification{Body: []byte(form.Encode())}, time.Time{})
		if err != nil {
			var e *gateway.Error
			if body == paidForm || !errors.As(err, &e) || e.Kind != gateway.Unauthentic &&
				e.Kind != gateway.Indeterminate {
				t.Fatalf("%s: %v", form.Encode(), err)
			}
			return
		}
		for name, values := range form {
			if len(values) > 1 {
				t.Fatalf("%s is given twice and was believed", name)
			}
		}
		if seller := form.Get("seller_id"); form.Get("app_id") != "2021000000000001" || seller != "" &&
			seller != "2088000000000001" {
			t.Fatalf("another's message was believed: %s", form.Encode())
		}
		want := meant(form)
		r := n.Report
		switch {
		case n.Kind != want.kind:
			t.Fatalf("%s\nreads as %+v", form.Encode(), n)
		case n.Kind == gateway.NotifyRefund &&
			(n.Refund.OutTradeNo != form.Get("out_trade_no") || n.Refund.OutRefundNo != form.Get("out_biz_no") ||
				n.Refund.State != gateway.RefundDone ||
				new(big.Rat).SetInt64(int64(n.Refund.Amount)).Cmp(fen(form.Get("refund_fee"))) != 0):
			t.Fatalf("%s\nreads as %+v", form.Encode(), n.Refund)
		case n.Kind == gateway.NotifyTrade &&
			(r.OutTradeNo != form.Get("out_trade_no") || r.TransactionID != form.Get("trade_no") ||
				r.PayerID != form.Get("buyer_id") || r.State != want.state || r.State == "" ||
				r.Returned != want.returned ||
				new(big.Rat).SetInt64(int64(r.Amount)).Cmp(fen(form.Get("total_amount"))) != 0):
			t.Fatalf("%s\nreads as %+v", form.Encode(), r)
		case r.State == gateway.TradePaid && (r.TransactionID == "" || !sameInstant(r.PaidAt, form.Get("gmt_payment"))):
			t.Fatalf("%s\nis paid as %+v", form.Encode(), r)
		}
	})
}

// sense is what a notification comes to.
type sense struct {
	kind     gateway.NotificationKind
	state    gateway.TradeState
	returned gateway.Returned
}

// meant is what a form means by the institution's reference, by arbitrary precision.
func meant(form url.Values) sense {
	kind, fee, status, no := form.Get("notify_type"), fen(form.Get("refund_fee")), form.Get("trade_status"),
		form.Get("out_biz_no")
	if kind != "" && kind != "trade_status_sync" {
		return sense{kind: gateway.NotifyOther}
	}
	if fee.Sign() > 0 && no != "" && no != form.Get("trade_no") && no != form.Get("out_trade_no") {
		return sense{kind: gateway.NotifyRefund}
	}
	m := sense{kind: gateway.NotifyTrade}
	back := fee.Sign() > 0 || form.Get("refund_fee") == "" && form.Get("gmt_refund") != ""
	if back {
		m.returned = gateway.ReturnedSome
	}
	if fee.Sign() > 0 && fee.Cmp(fen(form.Get("total_amount"))) == 0 {
		m.returned = gateway.ReturnedAll
	}
	switch status {
	case "WAIT_BUYER_PAY":
		m.state = gateway.TradeUnpaid
	case "TRADE_SUCCESS", "TRADE_FINISHED":
		m.state = gateway.TradePaid
	case "TRADE_CLOSED":
		m.state = gateway.TradeClosed
		if back || form.Get("gmt_payment") != "" {
			m.state, m.returned = gateway.TradePaid, gateway.ReturnedAll
		}
	}
	return m
}

// sameInstant compares an instant with a text in China's time, which since 1992 is eight hours before UTC all year. An
// hour of one digit is let pass, as the standard library does.
func sameInstant(at time.Time, text string) bool {
	if date, clock, _ := strings.Cut(text, " "); strings.IndexByte(clock, ':') == 1 {
		text = date + " 0" + clock
	}
	return at.Year() < 1992 || strings.HasPrefix(text, at.Add(8*time.Hour).Format("2006-01-02 15:04:05"))
}
