package wechat_test

import (
	"cmp"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
	"linlipay/payment/gateway/gatewaytest"
	"linlipay/payment/sandbox"
)

// genuine is a notification as the sandbox signs and sends it, and the account it is for.
func genuine(f *testing.F) (gateway.Account, gateway.RawNotification) {
	f.Helper()
	s := gatewaytest.Play(f, sandbox.Config{Second: time.Microsecond})
	messages := make(chan gateway.RawNotification, 1)
	inbox := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			f.Error(err)
		}
		messages <- gateway.RawNotification{Header: r.Header, Body: body}
	}))
	f.Cleanup(inbox.Close)
	a := gateway.Account{ID: "a", Version: 1, Institution: gateway.WeChat, Settings: settings(s.Credentials().Wechat)}
	p, err := newGateway().Open(f.Context(), a, charge("W12345678", gateway.Native, inbox.URL+"/callbacks/wechat/a"))
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
	id := strings.Split(post("/scan", `{"wallet":"wechat","content":"`+p.CodeURL+`"}`), `"`)[3]
	post("/payments/"+id+"/confirm", "")
	return a, <-messages
}

// publicKeys are an account's keys by serial, read by the standard library alone.
func publicKeys(f *testing.F, a gateway.Account) map[string]*rsa.PublicKey {
	f.Helper()
	block, _ := pem.Decode([]byte(a.Settings["public_key_pem"]))
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		f.Fatal(err)
	}
	block, _ = pem.Decode([]byte(a.Settings["platform_cert_pem"]))
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		f.Fatal(err)
	}
	return map[string]*rsa.PublicKey{
		a.Settings["public_key_id"]:      public.(*rsa.PublicKey),
		a.Settings["platform_serial_no"]: cert.PublicKey.(*rsa.PublicKey),
	}
}

// signed tells, by the institution's rule and the standard library alone, whether a message is signed and of this time.
func signed(keys map[string]*rsa.PublicKey, m gateway.RawNotification, now time.Time) bool {
	key := keys[m.Header.Get("Wechatpay-Serial")]
	sec, err := strconv.ParseInt(m.Header.Get("Wechatpay-Timestamp"), 10, 64)
	signature, bad := base64.StdEncoding.DecodeString(m.Header.Get("Wechatpay-Signature"))
	if key == nil || err != nil || bad != nil || sec < now.Unix()-300 || sec > now.Unix()+300 {
		return false
	}
	digest := sha256.Sum256([]byte(m.Header.Get("Wechatpay-Timestamp") + "\n" + m.Header.Get("Wechatpay-Nonce") + "\n" +
		string(m.Body) + "\n"))
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
}

// edit replaces cut bytes at a place; places beyond the end count from the beginning again.
func edit(s string, at, cut uint16, insert string) string {
	from := int(at) % (len(s) + 1)
	return s[:from] + insert + s[min(len(s), from+int(cut)):]
}

func wantForged(t *testing.T, err error) {
	t.Helper()
	var e *gateway.Error
	if !errors.As(err, &e) || e.Kind != gateway.Unauthentic {
		t.Fatalf("refused with %v, want %s", err, gateway.Unauthentic)
	}
}

// A genuine message with one edit, in its body (part 0) or one of its headers, is believed exactly when its signature
// still verifies.
func FuzzParseEdited(f *testing.F) {
	a, m := genuine(f)
	keys, g := publicKeys(f, a), newGateway()
	sec, err := strconv.ParseInt(m.Header.Get("Wechatpay-Timestamp"), 10, 64)
	if err != nil {
		f.Fatal(err)
	}
	now := time.Unix(sec, 0)
	whole, err := g.Verify(f.Context(), a, m, now)
	if err != nil || whole.Report.Amount != 12345 {
		f.Fatalf("the genuine message: %+v, %v", whole, err)
	}
	headers := []string{"Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature"}
	f.Add(uint8(0), uint16(0), uint16(0), "", int16(0))
	f.Add(uint8(0), uint16(0), uint16(0), "", int16(300))
	f.Add(uint8(0), uint16(0), uint16(0), "", int16(-301))
	f.Add(uint8(0), uint16(0), uint16(1), " {", int16(0))
	f.Add(uint8(0), uint16(9), uint16(4), "", int16(0))
	f.Add(uint8(0), uint16(0), uint16(65535), "", int16(0))
	f.Add(uint8(1), uint16(0), uint16(0), "+", int16(0))
	f.Add(uint8(1), uint16(10), uint16(0), "0", int16(0))
	f.Add(uint8(2), uint16(32), uint16(0), "\n{}", int16(0))
	f.Add(uint8(3), uint16(0), uint16(65535), a.Settings["platform_serial_no"], int16(0))
	f.Add(uint8(4), uint16(0), uint16(0), "WECHATPAY/SIGNTEST/", int16(0))
	f.Add(uint8(4), uint16(344), uint16(0), "!", int16(0))
	f.Add(uint8(4), uint16(0), uint16(4), "AAAA", int16(0))
	f.Fuzz(func(t *testing.T, part uint8, at, cut uint16, insert string, late int16) {
		now := now.Add(time.Duration(late) * time.Second)
		changed := gateway.RawNotification{Header: m.Header.Clone(), Body: m.Body}
		if n := int(part) % (len(headers) + 1); n == 0 {
			changed.Body = []byte(edit(string(m.Body), at, cut, insert))
		} else {
			changed.Header.Set(headers[n-1], edit(m.Header.Get(headers[n-1]), at, cut, insert))
		}
		n, err := g.Verify(t.Context(), a, changed, now)
		if !signed(keys, changed, now) {
			wantForged(t, err)
			return
		}
		if err != nil || n != whole {
			t.Fatalf("a signed message reads as %+v, %v; want %+v", n, err, whole)
		}
	})
}

// member is what a plaintext says under a name, as it is written; "" where it says nothing.
func member(t *testing.T, plain string, path ...string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(plain))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%q was believed and is %v", plain, err)
	}
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// fen is a whole number of fen under a name; 0 where there is none.
func fen(t *testing.T, plain string, path ...string) money.Fen {
	t.Helper()
	n, err := strconv.ParseInt(member(t, plain, path...), 10, 64)
	if err != nil {
		n = 0
	}
	return money.Fen(n)
}

const paidText = `{"appid":"wx0123456789abcdef","mchid":"1900000001","out_trade_no":"202611240900000000000001",` +
	`"transaction_id":"4200001234202611241234567890",` +
	`"trade_state":"SUCCESS","trade_type":"NATIVE","bank_type":"OTHERS","success_time":"2026-11-24T17:00:00+08:00",` +
	`"payer":{"openid":"oABC"},` +
	`"amount":{"total":12345,"payer_total":12345,"currency":"CNY","payer_currency":"CNY"}}`

// Whatever the institution signs and encrypts, a report says what the plaintext says, and paid only with amount,
// transaction and time.
func FuzzParsePlaintext(f *testing.F) {
	i, g := ours(f), newGateway()
	now := time.Unix(1_790_000_000, 0)
	states := map[string]gateway.TradeState{
		"SUCCESS": gateway.TradePaid, "REFUND": gateway.TradePaid, "NOTPAY": gateway.TradeUnpaid,
		"USERPAYING": gateway.TradeUnpaid,
		"CLOSED":     gateway.TradeClosed, "REVOKED": gateway.TradeClosed, "PAYERROR": gateway.TradeFailed,
		"ACCEPT": gateway.TradeUnpaid,
	}
	swap := func(old, with string) { f.Add("TRANSACTION.SUCCESS", strings.Replace(paidText, old, with, 1)) }
	f.Add("TRANSACTION.SUCCESS", paidText)
	f.Add("MCHTRANSFER.BILL.FINISHED", paidText)
	f.Add("", "null")
	for _, plain := range []string{"", "null", "[]", "{}", "{", `{"amount":null}`} {
		f.Add("TRANSACTION.SUCCESS", plain)
	}
	swap(`"SUCCESS"`, `"REFUND"`)
	swap(`"SUCCESS"`, `"NOTPAY"`)
	swap(`"SUCCESS"`, `"PAYERROR"`)
	swap(`"SUCCESS"`, `"success"`)
	swap(`12345`, `123.45`)
	swap(`12345`, `9223372036854775808`)
	swap(`12345`, `-12345`)
	swap(`12345`, `"12345"`)
	swap(`"CNY"`, `"USD"`)
	swap(`1900000001`, `1900000002`)
	swap(`4200001234202611241234567890`, ``)
	swap(`2026-11-24T17:00:00+08:00`, `2026-11-24 17:00:00`)
	swap(`2026-11-24T17:00:00+08:00`, `0000-01-01T00:00:00-23:59`)
	swap(`{"openid":"oABC"}`, `null`)
	swap(`"amount":`, `"amount":null,"AMOUNT":{"total":1},"x":`)
	swap(`"amount":`, `"amount":{"total":1},"amount":`)
	swap(`,"currency":"CNY"`, ``)
	swap(`"mchid":"1900000001",`, ``)
	f.Fuzz(func(t *testing.T, event, plain string) {
		if strings.HasPrefix(event, "REFUND.") {
			t.Skip("refunds have a plaintext of their own")
		}
		n, err := g.Verify(t.Context(), i.account, i.sign(t, i.envelope(t, event, plain), now), now)
		if event == "" {
			wantForged(t, err)
			return
		}
		if event != "TRANSACTION.SUCCESS" {
			if err != nil || n.Kind != gateway.NotifyOther || n.Report != (gateway.Report{}) ||
				n.Refund != (gateway.RefundReport{}) {
				t.Fatalf("event %q reads as %+v, %v", event, n, err)
			}
			return
		}
		if err != nil {
			var e *gateway.Error
			if plain == paidText || !errors.As(err, &e) || e.Kind != gateway.Unauthentic &&
				e.Kind != gateway.Indeterminate {
				t.Fatalf("%s: %v", plain, err)
			}
			return
		}
		wantTransaction(t, plain, states, n)
	})
}

// wantTransaction compares a notification with its plaintext.
func wantTransaction(t *testing.T, plain string, states map[string]gateway.TradeState, n gateway.Notification) {
	t.Helper()
	says := func(path ...string) string { return member(t, plain, path...) }
	r := n.Report
	if n.Kind != gateway.NotifyTrade || r.Merchant != "1900000001" || r.App != "wx0123456789abcdef" ||
		says("mchid") != "" && r.Merchant != says("mchid") || says("appid") != "" && r.App != says("appid") {
		t.Fatalf("%s\nreads as %+v", plain, n)
	}
	if r.OutTradeNo != says("out_trade_no") || r.OutTradeNo == "" || r.TransactionID != says("transaction_id") ||
		r.State != states[says("trade_state")] || r.State == "" || r.PayerID != says("payer", "openid") {
		t.Fatalf("%s\nreads as %+v", plain, r)
	}
	if r.Amount != fen(t, plain, "amount", "total") || r.Currency != cmp.Or(says("amount", "currency"), gateway.CNY) {
		t.Fatalf("%s\nreads as %+v", plain, r)
	}
	if r.State == gateway.TradePaid && (r.Amount <= 0 || r.TransactionID == "") {
		t.Fatalf("%s\nis paid as %+v", plain, r)
	}
	if !r.PaidAt.IsZero() && (r.PaidAt.Location() != time.UTC || !sameInstant(r.PaidAt, says("success_time"))) {
		t.Fatalf("%s\nwas paid at %v", plain, r.PaidAt)
	}
}

// instant is RFC 3339 taken apart by hand; an hour of one digit is let pass, as the standard library does.
var instant = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|([+-])(\d\d):(\d\d))$`)

// sameInstant compares an instant with its text to the second.
func sameInstant(at time.Time, text string) bool {
	m := instant.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	number := func(i int) int { n, _ := strconv.Atoi(m[i]); return n } // digits only, or nothing for a Z
	offset := number(8)*3600 + number(9)*60
	if m[7] == "-" {
		offset = -offset
	}
	return at.Unix() == time.Date(number(1), time.Month(number(2)), number(3), number(4), number(5), number(6), 0,
		time.UTC).Unix()-int64(offset)
}

const refundText = `{"mchid":"1900000001","out_trade_no":"202611240900000000000001",` +
	`"transaction_id":"4200001234202611241234567890","out_refund_no":"R1",` +
	`"refund_id":"50000000382019052709732678859","refund_status":"SUCCESS",` +
	`"success_time":"2026-11-24T17:00:00+08:00",` +
	`"user_received_account":"支付用户零钱","amount":{"total":12345,"refund":345,"payer_total":12345,"payer_refund":345}}`

// Whatever the institution signs and encrypts of a refund, a report says what the plaintext says.
func FuzzParseRefundPlaintext(f *testing.F) {
	i, g := ours(f), newGateway()
	now := time.Unix(1_790_000_000, 0)
	states := map[string]gateway.RefundState{
		"SUCCESS": gateway.RefundDone, "PROCESSING": gateway.RefundProcessing, "ABNORMAL": gateway.RefundAbnormal,
		"CLOSED": gateway.RefundClosed,
	}
	events := []string{"REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED"}
	for n, plain := range []string{
		refundText, "null", "{}", `{"amount":{}}`, `{"mchid":"1900000001","amount":null}`,
		strings.Replace(refundText, `"SUCCESS"`, `"ABNORMAL"`, 1),
		strings.Replace(refundText, `"SUCCESS"`, `"CLOSED"`, 1), strings.Replace(refundText, `"SUCCESS"`, `""`, 1),
		strings.Replace(refundText, `1900000001`, `1900000002`, 1), strings.Replace(refundText, `345,`, `3.45,`, 1),
		strings.Replace(refundText, `"2026-11-24T17:00:00+08:00"`, `""`, 1),
	} {
		f.Add(uint8(n), plain)
	}
	f.Fuzz(func(t *testing.T, event uint8, plain string) {
		n, err := g.Verify(t.Context(), i.account, i.sign(t, i.envelope(t, events[int(event)%len(events)], plain), now),
			now)
		if err != nil {
			var e *gateway.Error
			if plain == refundText || !errors.As(err, &e) || e.Kind != gateway.Unauthentic &&
				e.Kind != gateway.Indeterminate {
				t.Fatalf("%s: %v", plain, err)
			}
			return
		}
		r, says := n.Refund, func(path ...string) string { return member(t, plain, path...) }
		state := states[cmp.Or(says("refund_status"), strings.TrimPrefix(n.Event, "REFUND."))]
		ours := says("mchid") == "" || says("mchid") == "1900000001"
		if n.Kind != gateway.NotifyRefund || !ours || r.State != state || state == "" {
			t.Fatalf("%s\nreads as %+v", plain, n)
		}
		if r.OutTradeNo != says("out_trade_no") || r.OutRefundNo != says("out_refund_no") ||
			r.RefundID != says("refund_id") {
			t.Fatalf("%s\nreads as %+v", plain, r)
		}
		if r.OutTradeNo == "" || r.OutRefundNo == "" || r.Amount != fen(t, plain, "amount", "refund") || r.Amount <= 0 {
			t.Fatalf("%s\nreads as %+v", plain, r)
		}
		if !r.DoneAt.IsZero() && (r.State != gateway.RefundDone || !sameInstant(r.DoneAt, says("success_time"))) {
			t.Fatalf("%s\nwas done at %v", plain, r.DoneAt)
		}
	})
}

// A signed body of any shape is read without a crash, and is no trade without a resource that decrypts.
func FuzzParseSignedBody(f *testing.F) {
	i, g := ours(f), newGateway()
	now := time.Unix(1_790_000_000, 0)
	for _, body := range []string{
		"", "null", "[]", "{}", `{"id":1}`, `{"id":"1","event_type":"TRANSACTION.SUCCESS"}`,
		`{"event_type":"TRANSACTION.SUCCESS","resource":{"algorithm":"AEAD_AES_256_GCM","nonce":"short",` +
			`"ciphertext":""}}`,
		`{"event_type":"TRANSACTION.SUCCESS","resource":{"algorithm":"AEAD_AES_256_GCM","nonce":"123456789012",` +
			`"ciphertext":"AAAA"}}`,
		`{"event_type":"TRANSACTION.SUCCESS","resource":{"algorithm":"AEAD_AES_256_GCM","nonce":"一二三四",` +
			`"ciphertext":"%%%%"}}`,
		`{"event_type":"TRANSACTION.SUCCESS","resource":{"algorithm":"AEAD_AES_128_GCM","nonce":"123456789012"}}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := g.Verify(t.Context(), i.account, i.sign(t, body, now), now)
		if err != nil {
			wantForged(t, err)
			return
		}
		if n.Kind != gateway.NotifyOther || !json.Valid(body) {
			t.Fatalf("%q reads as %+v", body, n)
		}
	})
}
