// Package seal encrypts at rest what nobody may read in the database: personal data, merchant keys, token signing keys.
// The key is the configuration's. Other keys can stand beside it, under which something may still be sealed, so that
// the key can be replaced (rotation) while everything stays readable.
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
	"hash"
	"io"
	"strings"
	"sync"
)

// Box seals with one key, and opens what was sealed under that or another of its keys. Its zero value is unusable: make
// one with New.
type Box struct {
	keys []key // the first one seals
}

// key is one key and what is derived from it.
type key struct {
	name     string
	legacy   cipher.AEAD // of texts that do not name their key
	contexts *macs       // keys of contexts
	digests  *macs
}

// macs computes HMAC-SHA256 under one key, again and again.
type macs struct{ free sync.Pool }

func newMacs(key []byte) *macs {
	return &macs{sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

func (m *macs) of(parts ...string) []byte {
	mac := m.free.Get().(hash.Hash)
	defer m.free.Put(mac)
	mac.Reset()
	for _, p := range parts {
		io.WriteString(mac, p)
	}
	return mac.Sum(make([]byte, 0, sha256.Size))
}

// New makes a Box from base64-encoded keys of exactly 32 bytes: the one that seals, and others that open too. A text
// that is no such key is an error; it does not repeat the text.
func New(first string, others ...string) (Box, error) {
	var b Box
	for _, text := range append([]string{first}, others...) {
		k, err := newKey(text)
		if err != nil {
			return Box{}, err
		}
		b.keys = append(b.keys, k)
	}
	return b, nil
}

func newKey(text string) (key, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != 32 {
		return key{}, errors.New("seal: the key must be 32 bytes in base64")
	}
	legacy, err := gcm(raw)
	main := newMacs(raw)
	name := hex.EncodeToString(main.of("the public name of this key")[:8])
	return key{name, legacy, main, newMacs(main.of("the key of digests"))}, err
}

func gcm(raw []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Name tells boxes of the same first key from others without telling the key: 16 hexadecimal digits that may be public.
func (b Box) Name() string { return b.keys[0].name }

// Names are the names of all keys, the one that seals first.
func (b Box) Names() []string {
	names := make([]string, len(b.keys))
	for i, k := range b.keys {
		names[i] = k.name
	}
	return names
}

// NewKey returns a fresh random key for New.
func NewKey() string {
	raw := make([]byte, 32)
	rand.Read(raw)
	return base64.StdEncoding.EncodeToString(raw)
}

// Digest stands for a text where the text itself must not stand: 24 hexadecimal digits, the same for the same text and
// purpose under the same first key. Without the key nobody can tell by trying which text it was.
func (b Box) Digest(purpose, text string) string { return b.keys[0].digestOf(purpose, text) }

// Digests are the text's digests under each of the keys, in the order of Names.
func (b Box) Digests(purpose, text string) []string {
	all := make([]string, len(b.keys))
	for i, k := range b.keys {
		all[i] = k.digestOf(purpose, text)
	}
	return all
}

func (k key) digestOf(purpose, text string) string {
	return hex.EncodeToString(k.digests.of(purpose, "\n", text)[:12])
}

// Made reports whether a digest is the text's under any of the keys. It takes as long for a wrong one as for a right
// one.
func (b Box) Made(digest, purpose, text string) bool {
	made := false
	for _, d := range b.Digests(purpose, text) {
		made = hmac.Equal([]byte(digest), []byte(d)) || made
	}
	return made
}

// mark begins each sealed text; the name of its key follows.
const mark = "sealed:"

// nameLength is that of a key's name, in characters.
const nameLength = 16

// Seal encrypts plain with AES-256-GCM; context (such as a document's id and the field) must be given again to Open, so
// that a sealed text cannot be moved to another place. Each context has a key of its own, derived from the box's, so
// that the number of texts that may be sealed under one key (2^32 with random nonces, NIST SP 800-38D 8.3) has no
// bearing on how many documents there are. The text begins with the name of the box's key.
func (b Box) Seal(plain []byte, context string) string {
	return b.keys[0].seal(b.keys[0].aead(context), plain, context)
}

// Of seals and opens several texts of one context, each at a place of its own: as Seal and Open, and quicker.
func (b Box) Of(context string) (seal func(plain []byte, place string) string,
	open func(sealed, place string) ([]byte, error)) {
	aeads := make([]cipher.AEAD, len(b.keys))
	aead := func(i int) cipher.AEAD {
		if aeads[i] == nil {
			aeads[i] = b.keys[i].aead(context)
		}
		return aeads[i]
	}
	seal = func(plain []byte, place string) string {
		return b.keys[0].seal(aead(0), plain, context+"/"+place)
	}
	open = func(sealed, place string) ([]byte, error) {
		i, err := b.keyOf(sealed)
		if err != nil {
			return nil, err
		}
		return opened(aead(i), sealed[len(mark)+nameLength+1:], context+"/"+place)
	}
	return seal, open
}

func (k key) aead(context string) cipher.AEAD {
	aead, err := gcm(k.contexts.of("the key of ", context))
	if err != nil {
		panic("seal: HMAC-SHA256 gave no key of AES-256: " + err.Error())
	}
	return aead
}

func (k key) seal(aead cipher.AEAD, plain []byte, bound string) string {
	sealed := aead.Seal(nil, nil, plain, []byte(bound))
	text := make([]byte, 0, len(mark)+nameLength+1+base64.StdEncoding.EncodedLen(len(sealed)))
	text = append(append(append(text, mark...), k.name...), ':')
	return string(base64.StdEncoding.AppendEncode(text, sealed))
}

// KeyOf is the name of the key that a sealed text names, "" for a text that names none: one sealed by an older version,
// or one that is not sealed at all.
func KeyOf(sealed string) string {
	rest, ours := strings.CutPrefix(sealed, mark)
	name, _, whole := strings.Cut(rest, ":")
	if !ours || !whole || len(name) != nameLength {
		return ""
	}
	return name
}

// KeyOf is the function of the same name, for whoever has the box alone.
func (b Box) KeyOf(sealed string) string { return KeyOf(sealed) }

// keyOf is the number of the key that a sealed text names.
func (b Box) keyOf(sealed string) (int, error) {
	name := KeyOf(sealed)
	for i, k := range b.keys {
		if k.name == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("seal: sealed under key %q, which is not configured", name)
}

// Open decrypts what Seal made, or says that its key is not among the box's or the text was changed or moved. The error
// says which of these it is, and repeats nothing of the text.
func (b Box) Open(sealed, context string) ([]byte, error) {
	if KeyOf(sealed) == "" {
		return b.openLegacy(sealed, context)
	}
	i, err := b.keyOf(sealed)
	if err != nil {
		return nil, err
	}
	return opened(b.keys[i].aead(context), sealed[len(mark)+nameLength+1:], context)
}

// openLegacy opens a text of the time when none named its key.
func (b Box) openLegacy(sealed, context string) (plain []byte, err error) {
	for _, k := range b.keys {
		if plain, err = opened(k.legacy, sealed, context); err == nil {
			return plain, nil
		}
	}
	return nil, err
}

func opened(aead cipher.AEAD, text, context string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("seal: not a sealed text")
	}
	plain, err := aead.Open(nil, nil, raw, []byte(context))
	if err != nil {
		return nil, errors.New("seal: wrong key, or the text was changed or moved")
	}
	return plain, nil
}
