package payment

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Key is what may be known of a key or certificate in an account's settings.
type Key struct {
	Kind        KeyKind
	Fingerprint string         // the first 8 hexadecimal digits of SHA-256 over the public key in DER (SubjectPublicKeyInfo), for people to compare
	Serial      string         // a certificate's, in upper-case hexadecimal as the institutions write it
	ExpiresAt   time.Time      // a certificate's; zero for a key, which does not expire by itself
	Public      *rsa.PublicKey // of a private key its public half
}

// KeyKind is what a text holds.
type KeyKind string

// The kinds.
const (
	PublicKey   KeyKind = "public"
	PrivateKey  KeyKind = "private"
	Certificate KeyKind = "certificate"
)

// ReadKeys reads the keys and certificates of a setting: one or more PEM blocks, or one key as bare base64, the way Alipay's platform shows it. Its
// errors hold nothing of the text.
func ReadKeys(text string) ([]Key, error) {
	if !strings.Contains(text, "-----BEGIN") {
		der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil || len(der) == 0 {
			return nil, errors.New("neither PEM nor base64")
		}
		k, err := readKey(der)
		return []Key{k}, err
	}
	var some []Key
	for rest := []byte(text); len(strings.TrimSpace(string(rest))) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, errors.New("what follows is not PEM")
		}
		k, err := readKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", len(some)+1, err)
		}
		some = append(some, k)
	}
	return some, nil
}

// readKey tells by the content, not by the block's heading, which is often another's.
func readKey(der []byte) (Key, error) {
	if c, err := x509.ParseCertificate(der); err == nil {
		k, err := describe(Certificate, c.PublicKey)
		k.Serial, k.ExpiresAt = strings.ToUpper(hex.EncodeToString(c.SerialNumber.Bytes())), c.NotAfter
		return k, err
	}
	if public, err := x509.ParsePKIXPublicKey(der); err == nil {
		return describe(PublicKey, public)
	}
	if public, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return describe(PublicKey, public)
	}
	private, err := x509.ParsePKCS1PrivateKey(der)
	if err == nil {
		return describe(PrivateKey, &private.PublicKey)
	}
	other, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return Key{}, errors.New("neither a key nor a certificate")
	}
	if private, ok := other.(*rsa.PrivateKey); ok {
		return describe(PrivateKey, &private.PublicKey)
	}
	return describe(PrivateKey, nil)
}

func describe(kind KeyKind, public any) (Key, error) {
	key, ok := public.(*rsa.PublicKey)
	if !ok {
		return Key{}, errors.New("not an RSA key")
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return Key{}, errors.New("not a usable key")
	}
	sum := sha256.Sum256(der)
	return Key{Kind: kind, Fingerprint: hex.EncodeToString(sum[:4]), Public: key}, nil
}
