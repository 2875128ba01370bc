package terminal

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"math/big"
)

// keyOf reads a device's public key: 32 bytes are Ed25519, and 65 are a point of P-256, uncompressed, which browsers
// without Ed25519 make (before Chromium 137, Safari 17, Firefox 129). Both are made so that they cannot be taken out of
// the browser.
func keyOf(raw []byte) (any, error) {
	switch len(raw) {
	case ed25519.PublicKeySize:
		return ed25519.PublicKey(raw), nil
	case 65:
		return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw)
	}
	return nil, errors.New("terminal: a public key is 32 or 65 bytes long")
}

// signed reports whether the device signed a text. P-256 signs its SHA-256, as WebCrypto does: 32 bytes of r and 32 of
// s.
func (t *Terminal) signed(text, signature []byte) bool {
	key, err := keyOf(t.PublicKey)
	if err != nil {
		return false
	}
	switch key := key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(key, text, signature)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(text)
		return len(signature) == 64 && ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(signature[:32]),
			new(big.Int).SetBytes(signature[32:]))
	}
	return false
}
