package ruiyinxin

import (
	"crypto"
	"crypto/aes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"errors"
)

// envelope is how a message travels, in a request's form, in an answer's JSON and in a notification's form: the text
// under an AES key of its own, that key under the reader's RSA key, and the writer's signature over the text. tranCode
// and reqMsgId stand outside of what is signed.
type envelope struct {
	EncryptData string `json:"encryptData"`
	EncryptKey  string `json:"encryptKey"`
	SignData    string `json:"signData"`
	TranCode    string `json:"tranCode"`
	ReqMsgID    string `json:"reqMsgId"`
}

// keys are an account's: the first of its own signs, and any may open; the first of the institution's is sealed for,
// and any may have signed.
type keys struct {
	own      []*rsa.PrivateKey
	platform []*rsa.PublicKey
}

// errClosed is all that is ever said of an envelope that does not open. Which step failed would tell whoever sends many
// of them what a captured one holds.
var errClosed = errors.New("ruiyinxin: the envelope does not open, or the signature on what is in it does not verify")

// seal puts a text into an envelope for the institution.
func (k keys) seal(plain []byte) (e envelope, err error) {
	key := newKey()
	sealed, err := sealECB(key, plain)
	if err != nil {
		return e, err
	}
	//lint:ignore SA1019 the protocol wraps its keys so
	wrapped, err := rsa.EncryptPKCS1v15(rand.Reader, k.platform[0], key)
	if err != nil {
		return e, err
	}
	signature, err := k.sign(plain)
	if err != nil {
		return e, err
	}
	write := base64.StdEncoding.EncodeToString
	return envelope{EncryptData: write(sealed), EncryptKey: write(wrapped), SignData: write(signature)}, nil
}

// sign signs a text under our own key (SHA1withRSA).
func (k keys) sign(plain []byte) ([]byte, error) {
	digest := sha1.Sum(plain)
	return rsa.SignPKCS1v15(nil, k.own[0], crypto.SHA1, digest[:])
}

// newKey makes a message's key: 16 random characters, 96 bits in all. That they be characters is what the protocol
// asks.
func newKey() []byte {
	// 64, so that each takes six bits of a byte
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	key := make([]byte, keyLength)
	rand.Read(key)
	for i, b := range key {
		key[i] = letters[b&63]
	}
	return key
}

// open takes the text out of an envelope that the institution signed. Every failure is errClosed, and costs about the
// same.
func (k keys) open(e envelope) ([]byte, error) {
	sealed, bad := base64.StdEncoding.DecodeString(e.EncryptData)
	wrapped, worse := base64.StdEncoding.DecodeString(e.EncryptKey)
	signature, worst := base64.StdEncoding.DecodeString(e.SignData)
	if bad != nil || worse != nil || worst != nil || len(sealed) == 0 || len(sealed)%aes.BlockSize != 0 {
		return nil, errClosed
	}
	for _, own := range k.own {
		key := newKey() // stays when the wrapped one is no key: what then comes out fails like anything else
		//lint:ignore SA1019 the protocol wraps its keys so, and this function is the one that tells nothing
		if rsa.DecryptPKCS1v15SessionKey(rand.Reader, own, wrapped, key) != nil {
			continue
		}
		plain, padded := openECB(key, sealed)
		if k.verify(plain, signature) && padded {
			return plain, nil
		}
	}
	return nil, errClosed
}

// verify reports whether one of the institution's keys signed a text.
func (k keys) verify(plain, signature []byte) (signed bool) {
	digest := sha1.Sum(plain)
	for _, key := range k.platform {
		if rsa.VerifyPKCS1v15(key, crypto.SHA1, digest[:], signature) == nil {
			signed = true
		}
	}
	return signed
}

// newNumber makes the number of a request that is no order of ours: 32 characters.
func newNumber() string {
	raw := make([]byte, 16)
	rand.Read(raw)
	return hex.EncodeToString(raw)
}
