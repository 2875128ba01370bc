package gateway_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

// keyFile is one of testdata/keys: one RSA key in every form, and an elliptic one, made with the openssl program.
func keyFile(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "keys", name+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// The fingerprint is openssl's: `openssl pkey -pubin -in pub.pem -outform DER | sha256sum`; serial and end are what
// `openssl x509 -serial -enddate` prints.
func TestEveryFormOfAKeyHasTheOneFingerprint(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(keyFile(t, "pub")), "\n")
	bare := strings.Join(lines[1:len(lines)-1], "")
	for name, c := range map[string]struct {
		text string
		kind gateway.KeyKind
	}{
		"certificate": {keyFile(t, "cert"), gateway.Certificate}, "public": {keyFile(t, "pub"), gateway.PublicKey},
		"PKCS#1 public": {keyFile(t, "rsapub"), gateway.PublicKey},
		"PKCS#8":        {keyFile(t, "key"), gateway.PrivateKey}, "PKCS#1": {keyFile(t, "pkcs1"), gateway.PrivateKey},
		"bare base64":   {bare, gateway.PublicKey},
		"Windows lines": {strings.ReplaceAll(keyFile(t, "pub"), "\n", "\r\n"), gateway.PublicKey},
		"another's heading": {strings.ReplaceAll(keyFile(t, "key"), "PRIVATE KEY", "RSA PRIVATE KEY"),
			gateway.PrivateKey},
	} {
		infos, err := gateway.ReadKeys(c.text)
		if err != nil || len(infos) != 1 || infos[0].Fingerprint != "e52f5a4b" || infos[0].Kind != c.kind ||
			infos[0].Public.N.BitLen() != 2048 {
			t.Errorf("%s: %+v, %v", name, infos, err)
			continue
		}
		want := gateway.KeyInfo{}
		if name == "certificate" {
			want.Serial, want.ExpiresAt = "5A3F00112233445566778899AABBCCDDEEFF0011",
				time.Date(2027, 11, 25, 15, 48, 31, 0, time.UTC)
		}
		if infos[0].Serial != want.Serial || !infos[0].ExpiresAt.Equal(want.ExpiresAt) {
			t.Errorf("%s: serial %s until %v", name, infos[0].Serial, infos[0].ExpiresAt)
		}
	}
	both, err := gateway.ReadKeys(keyFile(t, "pub") + "\n" + keyFile(t, "cert"))
	if err != nil || len(both) != 2 || both[0].Kind != gateway.PublicKey || both[1].Kind != gateway.Certificate {
		t.Errorf("two in one text: %+v, %v", both, err)
	}
}

// What is no key is refused, and no word of it is told: it may be a key with one line missing.
func TestWhatIsNoKeyIsNotTold(t *testing.T) {
	private := keyFile(t, "key")
	lines := strings.Split(private, "\n")
	for name, text := range map[string]string{
		"empty": "", "words": "not a key", "elliptic": keyFile(t, "ec"),
		"a line missing": strings.Join(append(lines[:3:3], lines[4:]...), "\n"),
		"cut":            private[:len(private)/2], "something behind": private + "SECRET",
		"something before":               "SECRET\n" + private,
		"a spoilt one before a good one": strings.Replace(keyFile(t, "pub"), "A", "-", 3) + keyFile(t, "pub"),
		"base64 of nothing":              "SECRETSECRET",
	} {
		_, err := gateway.ReadKeys(text)
		if err == nil {
			t.Errorf("%s was taken for a key", name)
			continue
		}
		for _, line := range append(lines[1:len(lines)-2], "SECRET") {
			if strings.Contains(err.Error(), line) {
				t.Errorf("%s: the error tells the key: %v", name, err)
			}
		}
	}
	for _, c := range []struct {
		name, text string
	}{{"own", keyFile(t, "pub")}, {"own", private + private}, {"theirs", private}, {"theirs", ""}} {
		m, err := map[string]string{"k": c.text}, error(nil)
		if c.name == "own" {
			_, err = gateway.PrivateKeyIn(m, "k")
		} else {
			_, err = gateway.PublicKeysIn(m, "k")
		}
		if err == nil {
			t.Errorf("%s key: %.30q was accepted", c.name, c.text)
		}
	}
}
