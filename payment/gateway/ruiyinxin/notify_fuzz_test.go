package ruiyinxin_test

import (
	"crypto/rsa"
	"net/url"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

// edit replaces cut bytes at a place; places beyond the end count from the beginning again.
func edit(s string, at, cut uint16, insert string) string {
	from := int(at) % (len(s) + 1)
	return s[:from] + insert + s[min(len(s), from+int(cut)):]
}

// opens tells, by the protocol's rule and the standard library alone, whether a body says each thing once and holds
// what the institution signed.
func opens(body string, own *rsa.PrivateKey, institution *rsa.PublicKey) (text string, ok bool) {
	form, err := url.ParseQuery(body)
	if err != nil || len(body) > 64<<10 {
		return "", false
	}
	for _, values := range form {
		if len(values) > 1 {
			return "", false
		}
	}
	text, err = unseal(form, own, institution)
	return text, err == nil
}

// A genuine notification with one edit is believed only when what is in it is still what was signed, and then says the
// same of the payment.
func FuzzParseEdited(f *testing.F) {
	s := script(f, map[string]reply{"SMZF006": told("S", "000000", "")})
	k, g := scriptKeys(), newGateway()
	genuine := noticed("S", `{"oriReqMsgId":"NUMBER","totalAmount":"123.45"}`)
	body, now := string(notice(genuine, "").Body), time.Now()
	f.Add(uint16(0), uint16(0), "")
	f.Add(uint16(0), uint16(0), "more=1&")
	f.Add(uint16(0), uint16(0), "reqMsgId=1&")
	f.Add(uint16(0), uint16(0), "cooperator=R2&")
	for _, name := range []string{"encryptData=", "encryptKey=", "signData=", "reqMsgId=", "tranCode="} {
		place := uint16(strings.Index(body, name))
		f.Add(place, uint16(0), "x")
		f.Add(place+uint16(len(name)), uint16(1), "")
		f.Add(place+uint16(len(name)), uint16(4), "AAAA")
		f.Add(place+uint16(len(name)), uint16(0), "%0A")
	}
	f.Add(uint16(0), uint16(65535), "")
	f.Fuzz(func(t *testing.T, at, cut uint16, insert string) {
		changed := edit(body, at, cut, insert)
		n, err := g.Verify(t.Context(), s.account, gateway.RawNotification{Body: []byte(changed)}, now)
		text, ok := opens(changed, k.merchant, &k.institution.PublicKey)
		if kind, _ := kindOf(err); !ok && kind != gateway.Unauthentic {
			t.Fatalf("%s: %+v, %v", changed, n, err)
		}
		if err == nil && (text != genuine || n.Report.OutTradeNo != number || n.Report.Amount != 12345 ||
			n.Report.State != gateway.TradePaid) {
			t.Fatalf("%s: %+v", changed, n)
		}
	})
}

// Whatever the institution signs, reading it ends, and money is of the amounts that stand in it.
func FuzzParseText(f *testing.F) {
	s := script(f, map[string]reply{"SMZF006": told("S", "000000", "")})
	g, now := newGateway(), time.Now()
	for _, text := range []string{
		noticed("S", `{"oriReqMsgId":"NUMBER","totalAmount":"123.45"}`), noticed("R", `"{}"`), noticed("S", `null`),
		noticed("E", `{"oriReqMsgId":{}}`), `{}`, `[]`, ``, `{"data":"`,
		`{"respType":"S","data":{"reqMsgId":1e400,"totalAmount":1e2}}`,
		`{"respType":"S","reqMsgId":"202611251600000000000000R01"}`, "{\"respDate\":\"\xff\"}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := g.Verify(t.Context(), s.account, notice(text, ""), now)
		if err == nil && n.Kind == gateway.NotifyTrade && n.Report.State == gateway.TradePaid &&
			(n.Report.Amount <= 0 || n.Report.TransactionID == "") {
			t.Fatalf("%q: %+v", text, n)
		}
	})
}
