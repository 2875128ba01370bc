package ruiyinxin_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"linlipay/calendar"
	"linlipay/payment/gateway"
	"linlipay/payment/gateway/ruiyinxin"
)

// vector reads a file that OpenSSL made; see testdata/vector/README.md.
func vector(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "vector", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// ofVectors is the account whose keys the vectors were made with.
func ofVectors(t testing.TB, s *scripted) gateway.Account {
	return s.with("private_key_pem", vector(t, "merchant.pem"), "platform_public_key_pem",
		vector(t, "platform_public.pem"))
}

// at is a gateway whose clock stands still.
func at(y int, m time.Month, d, h, min, sec int) *ruiyinxin.Gateway {
	now := time.Date(y, m, d, h, min, sec, 0, calendar.Zone())
	return ruiyinxin.New(nil, 5*time.Second, func() time.Time { return now })
}

// What OpenSSL encrypted, wrapped and signed is opened and believed; any change of the text or of the key is not.
func TestANotificationThatOpenSSLMadeOpens(t *testing.T) {
	s := script(t, nil)
	body, now := vector(t, "notice.form"), time.Date(2026, 11, 25, 16, 0, 30, 0, calendar.Zone())
	n, err := newGateway().Verify(t.Context(), ofVectors(t, s), gateway.RawNotification{Body: []byte(body)}, now)
	if err != nil || n.Kind != gateway.NotifyTrade || n.Report.OutTradeNo != number ||
		n.Report.State != gateway.TradeUnpaid || n.ID != "2026112542000000000001" {
		t.Fatalf("got %+v, %v", n, err)
	}
	for name, a := range map[string]gateway.Account{
		"another's key": s.with("private_key_pem", privatePEM(scriptKeys().merchant), "platform_public_key_pem",
			vector(t, "platform_public.pem")),
		"another signs": s.with("private_key_pem", vector(t, "merchant.pem"), "platform_public_key_pem",
			publicPEM(scriptKeys().institution)),
	} {
		if _, err := newGateway().Verify(t.Context(), a, gateway.RawNotification{Body: []byte(body)}, now); err == nil {
			t.Errorf("%s: believed", name)
		}
	}
}

// What we sign has the signature that OpenSSL makes of the same text: PKCS#1 v1.5 is deterministic.
func TestARequestIsSignedAsOpenSSLSigns(t *testing.T) {
	s := script(t, map[string]reply{})
	c := charge(gateway.WalletWeChat, gateway.Native)
	at(2026, 11, 25, 16, 0, 0).Open(t.Context(), ofVectors(t, s), c)
	s.broken = nil // the scripted institution cannot open what is sealed for another
	if got, want := s.sent(t, "SMZF002").form.Get("signData"), vector(t, "request.sign"); got != want {
		t.Errorf("signed %s\nwant   %s", got, want)
	}
	if !json.Valid([]byte(vector(t, "request.json"))) {
		t.Error("the vector is no JSON")
	}
}
