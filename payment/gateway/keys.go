package gateway

import (
	"bytes"
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

// KeyInfo is what may be known of a key or certificate in an account's settings.
type KeyInfo struct {
	Kind KeyKind
	// the first 8 hexadecimal digits of SHA-256 over the public key in DER (SubjectPublicKeyInfo), for people to
	// compare
	Fingerprint string
	Serial      string         // a certificate's, in upper-case hexadecimal as the institutions write it
	ExpiresAt   time.Time      // a certificate's; zero for a key, which does not expire by itself
	Public      *rsa.PublicKey // of a private key its public half

	heading string // of its PEM block
}

// KeyKind is what a text holds.
type KeyKind string

// The kinds.
const (
	PublicKey   KeyKind = "public"
	PrivateKey  KeyKind = "private"
	Certificate KeyKind = "certificate"
)

// ReadKeys reads the keys and certificates of a setting: one or more PEM blocks with nothing between them, or one key
// as bare base64, the way Alipay's platform shows it. Its errors hold nothing of the text.
func ReadKeys(text string) ([]KeyInfo, error) {
	blocks, err := blocksOf(text)
	if err != nil {
		return nil, err
	}
	infos := make([]KeyInfo, len(blocks))
	for i, der := range blocks {
		if infos[i], err = readKey(der); err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
	}
	return infos, nil
}

// blocksOf is the DER of each block. The library would skip what it cannot read, and so lose a key that is spoilt.
func blocksOf(text string) (list [][]byte, err error) {
	if !strings.Contains(text, "-----BEGIN") {
		der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil || len(der) == 0 {
			return nil, errors.New("neither PEM nor base64")
		}
		return [][]byte{der}, nil
	}
	for rest := strings.TrimSpace(text); rest != ""; {
		block, after := pem.Decode([]byte(rest))
		after = bytes.TrimSpace(after)
		if block == nil || strings.Count(rest, "-----BEGIN") != 1+bytes.Count(after, []byte("-----BEGIN")) ||
			!strings.HasPrefix(rest, "-----BEGIN") {
			return nil, errors.New("a part of it is not PEM")
		}
		list, rest = append(list, block.Bytes), string(after)
	}
	return list, nil
}

// readKey tells by the content, not by the block's heading, which is often another's.
func readKey(der []byte) (KeyInfo, error) {
	if c, err := x509.ParseCertificate(der); err == nil {
		k, err := describe(Certificate, "CERTIFICATE", c.PublicKey)
		k.Serial, k.ExpiresAt = strings.ToUpper(hex.EncodeToString(c.SerialNumber.Bytes())), c.NotAfter
		return k, err
	}
	if public, err := x509.ParsePKIXPublicKey(der); err == nil {
		return describe(PublicKey, "PUBLIC KEY", public)
	}
	if public, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return describe(PublicKey, "RSA PUBLIC KEY", public)
	}
	if private, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return describe(PrivateKey, "RSA PRIVATE KEY", &private.PublicKey)
	}
	other, err := x509.ParsePKCS8PrivateKey(der)
	private, ok := other.(*rsa.PrivateKey)
	if err != nil || !ok {
		return KeyInfo{}, errors.New("neither an RSA key nor a certificate")
	}
	return describe(PrivateKey, "PRIVATE KEY", &private.PublicKey)
}

func describe(kind KeyKind, heading string, public any) (KeyInfo, error) {
	key, ok := public.(*rsa.PublicKey)
	if !ok {
		return KeyInfo{}, errors.New("not an RSA key")
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return KeyInfo{}, errors.New("not a usable key")
	}
	sum := sha256.Sum256(der)
	return KeyInfo{Kind: kind, Fingerprint: hex.EncodeToString(sum[:4]), Public: key, heading: heading}, nil
}

// frame writes keys and certificates as PEM, each under its true heading.
func frame(text string) (string, error) {
	infos, err := ReadKeys(text)
	if err != nil {
		return "", err
	}
	blocks, err := blocksOf(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for i, k := range infos {
		b.Write(pem.EncodeToMemory(&pem.Block{Type: k.heading, Bytes: blocks[i]}))
	}
	return strings.TrimSpace(b.String()), nil
}
