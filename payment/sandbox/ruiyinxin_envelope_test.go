package sandbox

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
)

// opensslEnvelope is an envelope that the openssl program made, from the owner of key.pem to itself.
func opensslEnvelope(t testing.TB) smzfEnvelope {
	t.Helper()
	return smzfEnvelopeOf(url.Values{
		"encryptData": {string(vector(t, "smzf.encryptData"))}, "encryptKey": {string(vector(t, "smzf.encryptKey"))},
		"signData": {string(vector(t, "smzf.signData"))}, "tranCode": {"SMZF002"}, "reqMsgId": {"A20261125000001"},
	})
}

func TestSMZFOpensWhatOpensslSealed(t *testing.T) {
	key, e := vectorKey(t), opensslEnvelope(t)
	plain, err := e.open(key, &key.PublicKey)
	if err != nil || !bytes.Equal(plain, vector(t, "smzf.json")) {
		t.Fatalf("opened %q, %v", plain, err)
	}
	data, err := sealECB(vector(t, "smzf.key"), plain)
	if err != nil || base64.StdEncoding.EncodeToString(data) != e.EncryptData {
		t.Errorf("sealed %x, %v", data, err)
	}
	again := smzfEnvelope{TranCode: "SMZF002", ReqMsgID: "A20261125000001"}
	if err := again.seal(plain, &key.PublicKey, key); err != nil || again.SignData != e.SignData ||
		again.EncryptKey == e.EncryptKey {
		t.Errorf("sealed again: %+v, %v", again, err)
	}
	if got, err := smzfEnvelopeOf(again.form()).open(key, &key.PublicKey); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("opened again: %q, %v", got, err)
	}
}

func TestSMZFRefusesAllWithOneText(t *testing.T) {
	key, other := vectorKey(t), newRSAKey(t)
	flip := func(text string) string {
		raw, _ := base64.StdEncoding.DecodeString(text)
		raw[len(raw)-1] ^= 1
		return base64.StdEncoding.EncodeToString(raw)
	}
	for name, spoil := range map[string]func(*smzfEnvelope){
		"no signature":        func(e *smzfEnvelope) { e.SignData = "" },
		"a spoiled signature": func(e *smzfEnvelope) { e.SignData = flip(e.SignData) },
		"spoiled data":        func(e *smzfEnvelope) { e.EncryptData = flip(e.EncryptData) },
		"a spoiled key":       func(e *smzfEnvelope) { e.EncryptKey = flip(e.EncryptKey) },
		"no data":             func(e *smzfEnvelope) { e.EncryptData = "" },
		"half a block": func(e *smzfEnvelope) {
			e.EncryptData = base64.StdEncoding.EncodeToString([]byte("12345678"))
		},
		"no key":               func(e *smzfEnvelope) { e.EncryptKey = "" },
		"no base64":            func(e *smzfEnvelope) { e.EncryptData = "*" },
		"somebody else's text": func(e *smzfEnvelope) { _ = e.seal([]byte("{}"), &key.PublicKey, other) },
		"for somebody else":    func(e *smzfEnvelope) { _ = e.seal([]byte("{}"), &other.PublicKey, key) },
		"a key of 32 bytes": func(e *smzfEnvelope) {
			//lint:ignore SA1019 as the protocol does
			long, _ := rsa.EncryptPKCS1v15(rand.Reader, &key.PublicKey, bytes.Repeat([]byte("k"), 32))
			e.EncryptKey = base64.StdEncoding.EncodeToString(long)
		},
	} {
		e := opensslEnvelope(t)
		spoil(&e)
		if plain, err := e.open(key, &key.PublicKey); err != errSMZFEnvelope {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
}

func newRSAKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestSMZFTextKeepsItsCharacters(t *testing.T) {
	text, err := smzfText(map[string]string{"subject": "物业费 & <停车>"})
	if err != nil || string(text) != `{"subject":"物业费 & <停车>"}` {
		t.Errorf("the text is %s, %v", text, err)
	}
}

func FuzzOpenECB(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), []byte("plain"))
	f.Add([]byte("0123456789abcdef"), []byte(strings.Repeat("x", 16)))
	f.Fuzz(func(t *testing.T, key, plain []byte) {
		_, _ = openECB(key, plain) // whatever comes, it must not panic
		data, err := sealECB(key, plain)
		if err != nil {
			return
		}
		if got, err := openECB(key, data); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%q comes back as %q, %v", plain, got, err)
		}
	})
}
