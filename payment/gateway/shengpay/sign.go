package shengpay

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // signType RSA
	_ "crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// fields are a message's, as texts: what a JSON string says, and a number as it is written, since the signature is over
// just that.
type fields map[string]string

// readFields reads a flat JSON object. null is empty. Objects and lists are left out: the institution's own library
// signs without them, so nothing may be read from them. A name that comes twice is an error, for one reader would
// verify the first and another believe the second.
func readFields(body []byte) (fields, error) {
	f, _, err := readMessage(body)
	return f, err
}

// readMessage is readFields, and which of the fields are null.
func readMessage(body []byte) (f fields, nulls []string, err error) {
	read := json.NewDecoder(bytes.NewReader(body))
	if open, err := read.Token(); err != nil || open != json.Delim('{') {
		return nil, nil, errors.New("shengpay: not a JSON object")
	}
	f = fields{}
	seen := map[string]bool{}
	for read.More() {
		token, err := read.Token()
		name, ok := token.(string)
		if err != nil || !ok || seen[name] {
			return nil, nil, errors.New("shengpay: not JSON, or a name comes twice")
		}
		var raw json.RawMessage
		if err := read.Decode(&raw); err != nil {
			return nil, nil, errors.New("shengpay: not JSON")
		}
		seen[name] = true
		if value, plain := plainText(raw); plain {
			f[name] = value
		}
		if string(raw) == "null" {
			nulls = append(nulls, name)
		}
	}
	if end, err := read.Token(); err != nil || end != json.Delim('}') ||
		len(bytes.TrimSpace(body[read.InputOffset():])) > 0 {
		return nil, nil, errors.New("shengpay: the JSON does not end where it should")
	}
	return f, nulls, nil
}

// plainText is the text of a JSON value that is neither an object nor a list.
func plainText(raw json.RawMessage) (text string, plain bool) {
	switch raw[0] {
	case '{', '[':
		return "", false
	case '"':
		err := json.Unmarshal(raw, &text)
		return text, err == nil
	}
	if text = string(raw); text == "null" {
		text = ""
	}
	return text, true
}

// signText is what is signed: the fields but sign and the empty ones, sorted by ASCII, as k=v joined by &. Those named
// in empties are signed as k= all the same.
func (f fields) signText(empties []string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if name != "sign" && (f[name] != "" || slices.Contains(empties, name)) {
			pairs = append(pairs, name+"="+f[name])
		}
	}
	return strings.Join(pairs, "&")
}

// digests are the hashes by signType: RSA is SHA1withRSA, RSA2 is SHA256withRSA. MD5, the third that the institution
// knows, is refused.
var digests = map[string]crypto.Hash{"RSA": crypto.SHA1, "RSA2": crypto.SHA256}

func (f fields) digest(signType string, empties []string) (crypto.Hash, []byte, error) {
	hash, ok := digests[signType]
	if !ok {
		return 0, nil, fmt.Errorf("shengpay: signType %.16q is not taken", signType)
	}
	h := hash.New()
	h.Write([]byte(f.signText(empties)))
	return hash, h.Sum(nil), nil
}

// sign adds signType and sign.
func (c *client) sign(f fields) error {
	f["signType"] = c.settings.signType
	hash, sum, err := f.digest(f["signType"], nil)
	if err != nil {
		return err
	}
	raw, err := rsa.SignPKCS1v15(rand.Reader, c.own, hash, sum)
	if err != nil {
		return fmt.Errorf("shengpay: private_key_pem does not sign: %w", err)
	}
	f["sign"] = base64.StdEncoding.EncodeToString(raw)
	return nil
}

// verify checks the institution's signature on a message's raw bytes with each of its keys. Its document leaves what is
// null out of the signed text, its own library signs it as k=; either is taken, since null says nothing in both.
func (c *client) verify(body []byte) error {
	f, nulls, err := readMessage(body)
	if err != nil {
		return err
	}
	if err = c.verifyFields(f, nil); err != nil && len(nulls) > 0 {
		return c.verifyFields(f, nulls)
	}
	return err
}

func (c *client) verifyFields(f fields, empties []string) error {
	hash, sum, err := f.digest(cmp.Or(f["signType"], c.settings.signType), empties)
	if err != nil {
		return err
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(f["sign"])
	if err != nil || len(raw) == 0 {
		return errors.New("shengpay: not signed, or the signature is not base64")
	}
	for _, key := range c.keys {
		if rsa.VerifyPKCS1v15(key.Public, hash, sum, raw) == nil {
			return nil
		}
	}
	return errors.New("shengpay: the signature is not the institution's")
}
