package alipay_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

// While Alipay's key is being replaced, what the old one signed is believed beside the new one, in answers and in
// notifications.
func TestBothOfTheInstitutionsKeysAreBelieved(t *testing.T) {
	s, a, messages, notify := run(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	next := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	with := func(id, keys string) gateway.Account {
		b := a
		b.ID, b.Settings = id, maps.Clone(a.Settings)
		b.Settings["alipay_public_key_pem"] = keys
		return b
	}
	both, only := with("both", next+"\n"+a.Settings["alipay_public_key_pem"]), with("only", next)
	g := newGateway()
	p, err := g.Open(t.Context(), both, charge("R1234567", gateway.Native, notify))
	if err != nil {
		t.Fatal(err)
	}
	control(t, s, "/payments/"+scan(t, s, p.CodeURL)+"/confirm", "")
	m := <-messages
	if n, err := g.Verify(t.Context(), both, m, time.Now()); err != nil || n.Report.OutTradeNo != "R1234567" {
		t.Errorf("with both keys: %+v, %v", n, err)
	}
	_, err = g.Verify(t.Context(), only, m, time.Now())
	wantKind(t, err, gateway.Unauthentic, false)
	_, err = g.Query(t.Context(), both, gateway.Trade{OutTradeNo: "NOBODYS1"})
	wantKind(t, err, gateway.NotFound, true)
	_, err = g.Query(t.Context(), only, gateway.Trade{OutTradeNo: "NOBODYS1"})
	wantKind(t, err, gateway.NotFound, false)
}

// Alipay's platform shows keys as bare base64; they are taken so, too.
func TestKeysAsThePlatformShowsThem(t *testing.T) {
	_, a, _, _ := run(t)
	for _, name := range []string{"private_key_pem", "alipay_public_key_pem"} {
		block, _ := pem.Decode([]byte(a.Settings[name]))
		lines := strings.Split(strings.TrimSpace(string(pem.EncodeToMemory(block))), "\n")
		a.Settings[name] = strings.Join(lines[1:len(lines)-1], "")
	}
	_, err := newGateway().Query(t.Context(), a, gateway.Trade{OutTradeNo: "NOBODYS1"})
	wantKind(t, err, gateway.NotFound, true)
	a.Settings["private_key_pem"] = a.Settings["private_key_pem"][:100]
	if err := newGateway().Check(a); err == nil || strings.Contains(err.Error(), a.Settings["private_key_pem"][10:60]) {
		t.Errorf("a spoilt key: %v", err)
	}
}
