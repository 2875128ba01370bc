package terminal

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"testing"
	"time"

	"linlipay/fault"
)

// signer is a device's key: its public half as it is sent, and how it signs.
type signer struct {
	public []byte
	sign   func(text []byte) []byte
}

func signers(t *testing.T) map[string]signer {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := p256.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]signer{
		"Ed25519": {public, func(text []byte) []byte { return ed25519.Sign(private, text) }},
		"P-256": {point, func(text []byte) []byte {
			sum := sha256.Sum256(text)
			r, s, err := ecdsa.Sign(rand.Reader, p256, sum[:])
			if err != nil {
				t.Fatal(err)
			}
			return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		}},
	}
}

// A device of either kind of key proves that it holds it, and signs results; a signature that was touched, is empty or
// is of the other kind proves nothing.
func TestDevicesOfBothKindsOfKey(t *testing.T) {
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	s := open(t, &now)
	for name, k := range signers(t) {
		code, _, err := s.NewPairing(t.Context(), "c", "m", name, "staff:1")
		if err != nil {
			t.Fatal(err)
		}
		d, err := s.Pair(t.Context(), code, k.public)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text := SignedText(d.ID, now.Unix(), "nonce-0001")
		good := k.sign(text)
		bad := map[string][]byte{"nothing": nil, "cut": good[:63], "longer": append(good[:64:64], 0),
			"zeros": make([]byte, 64)}
		for i := range good {
			touched := append([]byte(nil), good...)
			touched[i] ^= 1
			bad["touched"] = touched
			if _, err := s.Authenticate(t.Context(), d.ID, now.Unix(), "nonce-0001", touched); !fault.Is(err,
				fault.Unauthenticated) {
				t.Errorf("%s, byte %d touched: %v", name, i, err)
			}
		}
		for other, o := range signers(t) {
			bad["a stranger's "+other] = o.sign(text)
		}
		for what, signature := range bad {
			if _, err := s.Authenticate(t.Context(), d.ID, now.Unix(), "nonce-0001", signature); !fault.Is(err,
				fault.Unauthenticated) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		if _, err := s.Authenticate(t.Context(), d.ID, now.Unix(), "nonce-0001", good); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		r := Result{Number: "26", SignedAt: now.Unix(), ReadAt: now.Unix(),
			Fields: map[string]string{"result": "success"}}
		if err := s.VerifyResult(t.Context(), d.ID, r, k.sign(r.Text(d.ID))); err != nil {
			t.Errorf("%s, a result: %v", name, err)
		}
		if err := s.VerifyResult(t.Context(), d.ID, r, good); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s, a result with another signature: %v", name, err)
		}
	}
}

// What is no key pairs nothing, and uses up no code.
func TestWhatIsNoKeyPairsNothing(t *testing.T) {
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	s := open(t, &now)
	code, _, err := s.NewPairing(t.Context(), "c", "m", "n", "staff:1")
	if err != nil {
		t.Fatal(err)
	}
	point := signers(t)["P-256"].public
	off := append([]byte(nil), point...)
	off[64] ^= 1
	compressed := append([]byte{2}, point[1:33]...)
	for name, key := range map[string][]byte{"nothing": nil, "33 bytes": compressed, "off the curve": off,
		"a hybrid point": append([]byte{6}, point[1:]...), "64 bytes": point[1:]} {
		if _, err := s.Pair(t.Context(), code, key); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Pair(t.Context(), code, point); err != nil {
		t.Errorf("the code is used up: %v", err)
	}
}
