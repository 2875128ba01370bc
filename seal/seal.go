// Package seal encrypts secrets at rest (merchant keys, token signing keys) under one key from the configuration.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
)

// Box seals and opens secrets with AES-256-GCM. Its zero value is unusable: make one with New.
type Box struct {
	aead   cipher.AEAD
	name   string
	digest []byte // key of Digest
}

// New makes a Box from a base64-encoded key of exactly 32 bytes.
func New(key string) (Box, error) {
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(raw) != 32 {
		return Box{}, errors.New("seal: the key must be 32 bytes in base64")
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return Box{}, fmt.Errorf("seal: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	name := keyed(raw, "the public name of this key")
	return Box{aead, hex.EncodeToString(name[:8]), keyed(raw, "the key of digests")}, err
}

// keyed is HMAC-SHA256.
func keyed(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// Name tells boxes of the same key from others without telling the key: 16 hexadecimal digits that may be public.
func (b Box) Name() string { return b.name }

// NewKey returns a fresh random key for New.
func NewKey() string {
	raw := make([]byte, 32)
	rand.Read(raw)
	return base64.StdEncoding.EncodeToString(raw)
}

// Digest stands for a text where the text itself must not stand: 24 hexadecimal digits, the same for the same text and
// purpose under the same key. Without the key nobody can tell by trying which text it was.
func (b Box) Digest(purpose, text string) string {
	return hex.EncodeToString(keyed(b.digest, purpose+"\n"+text)[:12])
}

// Seal encrypts plain; context (such as a document's id) must be given again to Open, so that a sealed secret cannot be
// moved to another place.
func (b Box) Seal(plain []byte, context string) string {
	return base64.StdEncoding.EncodeToString(b.aead.Seal(nil, nil, plain, []byte(context)))
}

// Open decrypts what Seal made, or says that the key is another one or the secret was changed or moved.
func (b Box) Open(sealed, context string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return nil, errors.New("seal: not a sealed secret")
	}
	plain, err := b.aead.Open(nil, nil, raw, []byte(context))
	if err != nil {
		return nil, errors.New("seal: wrong key, or the secret was changed or moved")
	}
	return plain, nil
}
