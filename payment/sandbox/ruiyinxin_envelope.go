package sandbox

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
)

// smzfEnvelope is a message as it travels, in a request's form, an answer's JSON and a callback's form: its text under
// an AES key of its own, the key under the reader's RSA key, and the writer's signature over the text. SHA1withRSA, ECB
// and PKCS#1 v1.5 are what SMZF does.
type smzfEnvelope struct {
	EncryptData string `json:"encryptData"`
	EncryptKey  string `json:"encryptKey"`
	SignData    string `json:"signData,omitempty"`
	TranCode    string `json:"tranCode"`
	ReqMsgID    string `json:"reqMsgId"`
}

// errSMZFEnvelope is all that a reader says of an envelope that does not open or verify: more would help to guess at
// keys.
var errSMZFEnvelope = errors.New("the envelope does not open, or its signature does not verify")

// smzfEnvelopeOf reads the envelope's fields of a form.
func smzfEnvelopeOf(form url.Values) smzfEnvelope {
	return smzfEnvelope{form.Get("encryptData"), form.Get("encryptKey"), form.Get("signData"), form.Get("tranCode"),
		form.Get("reqMsgId")}
}

// form is the envelope as a form.
func (e smzfEnvelope) form() url.Values {
	p := url.Values{"encryptData": {e.EncryptData}, "encryptKey": {e.EncryptKey}, "tranCode": {e.TranCode},
		"reqMsgId": {e.ReqMsgID}}
	if e.SignData != "" {
		p.Set("signData", e.SignData)
	}
	return p
}

// seal puts a text into the envelope.
func (e *smzfEnvelope) seal(plain []byte, reader *rsa.PublicKey, writer *rsa.PrivateKey) error {
	key := []byte(randomHex(8)) // 16 characters, as the clients make them
	data, err := sealECB(key, plain)
	if err != nil {
		return err
	}
	//lint:ignore SA1019 the protocol wraps its keys in this way
	wrapped, err := rsa.EncryptPKCS1v15(rand.Reader, reader, key)
	if err != nil {
		return err
	}
	digest := sha1.Sum(plain)
	signature, err := rsa.SignPKCS1v15(rand.Reader, writer, crypto.SHA1, digest[:])
	if err != nil {
		return err
	}
	base := base64.StdEncoding.EncodeToString
	e.EncryptData, e.EncryptKey, e.SignData = base(data), base(wrapped), base(signature)
	return nil
}

// open takes the text out and verifies the writer's signature over it. A key that does not unwrap is replaced by a
// random one, so that what fails is the signature, like for any other message that is not the writer's.
func (e smzfEnvelope) open(reader *rsa.PrivateKey, writer *rsa.PublicKey) ([]byte, error) {
	base := base64.StdEncoding.DecodeString
	data, dataErr := base(e.EncryptData)
	wrapped, keyErr := base(e.EncryptKey)
	signature, signErr := base(e.SignData)
	key := make([]byte, aes.BlockSize)
	rand.Read(key)
	//lint:ignore SA1019 the protocol wraps its keys in this way
	if errors.Join(dataErr, keyErr, signErr, rsa.DecryptPKCS1v15SessionKey(nil, reader, wrapped, key)) != nil {
		return nil, errSMZFEnvelope
	}
	plain, err := openECB(key, data)
	digest := sha1.Sum(plain)
	if err != nil || rsa.VerifyPKCS1v15(writer, crypto.SHA1, digest[:], signature) != nil {
		return nil, errSMZFEnvelope
	}
	return plain, nil
}

// sealECB is AES-ECB with PKCS#5 padding.
func sealECB(key, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	data := append(bytes.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	for i := 0; i < len(data); i += aes.BlockSize {
		block.Encrypt(data[i:], data[i:])
	}
	return data, nil
}

func openECB(key, data []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if len(data) == 0 || len(data)%aes.BlockSize != 0 {
		return nil, errSMZFEnvelope
	}
	plain := make([]byte, len(data))
	for i := 0; i < len(data); i += aes.BlockSize {
		block.Decrypt(plain[i:], data[i:])
	}
	pad := int(plain[len(plain)-1])
	if pad == 0 || pad > aes.BlockSize || !bytes.Equal(plain[len(plain)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, errSMZFEnvelope
	}
	return plain[:len(plain)-pad], nil
}

// smzfText is a message as JSON, without escapes that the signature would have to agree on.
func smzfText(message any) ([]byte, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	err := enc.Encode(message)
	return bytes.TrimSpace(text.Bytes()), err
}
