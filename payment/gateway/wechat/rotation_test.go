package wechat_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"maps"
	"math/big"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/sandbox"
)

// another makes a key that nobody has yet, as a public key and as a certificate with the serial number 5A01, and its
// private half.
func another(t *testing.T) (publicPEM, certPEM, privatePEM string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(0x5A01), Subject: pkix.Name{CommonName: "next"},
		NotAfter: time.Now().AddDate(5, 0, 0)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return text("PUBLIC KEY", public), text("CERTIFICATE", cert), text("PRIVATE KEY", private)
}

// paid lets the account be paid and returns the notification.
func paid(t *testing.T, s *sandbox.Sandbox, a gateway.Account, number, notify string,
	messages chan gateway.RawNotification) gateway.RawNotification {
	t.Helper()
	p, err := newGateway().Open(t.Context(), a, charge(number, gateway.Native, notify))
	if err != nil {
		t.Fatal(err)
	}
	pay(t, s, p.CodeURL)
	return <-messages
}

// While the institution's key is being replaced, what the old one signed and what the new one signed are both believed,
// in each key mode.
func TestBothOfTheInstitutionsKeysAreBelieved(t *testing.T) {
	s, messages, notify := run(t)
	public, cert, _ := another(t)
	for mode, c := range map[string]struct{ id, key, nextID, next string }{
		"public key":  {"public_key_id", "public_key_pem", "PUB_KEY_ID_NEXT", public},
		"certificate": {"platform_serial_no", "platform_cert_pem", "5A01", cert},
	} {
		t.Run(mode, func(t *testing.T) {
			g, old := newGateway(), accounts(s)[mode]
			variant := func(name, ids, keys string) gateway.Account {
				a := old
				a.ID, a.Settings = mode+name, maps.Clone(old.Settings)
				a.Settings[c.id], a.Settings[c.key] = ids, keys
				return a
			}
			message := paid(t, s, old, "R123456"+mode[:1], notify, messages)
			both := variant("both", c.nextID+" "+old.Settings[c.id], c.next+"\n"+old.Settings[c.key])
			if n, err := g.Verify(t.Context(), both, message, time.Now()); err != nil ||
				n.Report.State != gateway.TradePaid {
				t.Errorf("with both keys: %+v, %v", n, err)
			}
			_, err := g.Verify(t.Context(), variant("new", c.nextID, c.next), message, time.Now())
			wantKind(t, err, gateway.Unauthentic, false)
			// a key without an id of its own answers to the last one there is
			_, err = g.Query(t.Context(), variant("one id", old.Settings[c.id], c.next+old.Settings[c.key]),
				gateway.Trade{OutTradeNo: "NOBODYS1"})
			wantKind(t, err, gateway.NotFound, true)
			if err := g.Check(variant("ids", c.nextID+" "+old.Settings[c.id]+" X",
				c.next+old.Settings[c.key])); err == nil {
				t.Error("more ids than keys were accepted")
			}
		})
	}
}

// A notification that was encrypted before the APIv3 key was replaced is still read, until the old key is dropped.
func TestThePreviousAPIv3KeyStillDecrypts(t *testing.T) {
	s, messages, notify := run(t)
	old := accounts(s)["both"]
	message := paid(t, s, old, "R1234567", notify, messages)
	next := old
	next.ID, next.Settings = "next", maps.Clone(old.Settings)
	next.Settings["apiv3_key"], next.Settings["previous_apiv3_key"] = strings.Repeat("n", 32), old.Settings["apiv3_key"]
	if n, err := newGateway().Verify(t.Context(), next, message, time.Now()); err != nil ||
		n.Report.OutTradeNo != "R1234567" {
		t.Errorf("with the previous key: %+v, %v", n, err)
	}
	delete(next.Settings, "previous_apiv3_key")
	_, err := newGateway().Verify(t.Context(), next, message, time.Now())
	wantKind(t, err, gateway.Unauthentic, false)
}

// A new private key with the old certificate or serial number would sign what nobody accepts; nothing of a key is told.
func TestOwnKeyCertificateAndSerialBelongTogether(t *testing.T) {
	s, _, _ := run(t)
	_, cert, private := another(t)
	_, otherCert, _ := another(t)
	for name, c := range map[string]struct {
		change map[string]string
		want   string
	}{
		"a pair": {map[string]string{"private_key_pem": private, "cert_pem": cert,
			"serial_no": "5a01"}, ""},
		"the serial number before": {map[string]string{"private_key_pem": private, "cert_pem": cert}, "serial_no"},
		"another's certificate": {map[string]string{"private_key_pem": private, "cert_pem": otherCert,
			"serial_no": "5A01"}, "cert_pem"},
		"a public key as private":    {map[string]string{"private_key_pem": cert}, "private_key_pem"},
		"a spoilt private key":       {map[string]string{"private_key_pem": private[:200]}, "private_key_pem"},
		"a private key as public":    {map[string]string{"public_key_pem": private}, "public_key_pem"},
		"a private key as address":   {map[string]string{"base_url": private}, "base_url"},
		"a private key as APIv3 key": {map[string]string{"apiv3_key": private}, "apiv3_key"},
		"an old APIv3 key too short": {map[string]string{"previous_apiv3_key": "short"}, "previous_apiv3_key"},
	} {
		a := accounts(s)["both"]
		maps.Copy(a.Settings, c.change)
		err := newGateway().Check(a)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), " "+c.want+" ") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), strings.Split(private, "\n")[1][:20]) {
			t.Errorf("%s: the error tells the key", name)
		}
	}
}
