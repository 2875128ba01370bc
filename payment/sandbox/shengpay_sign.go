package sandbox

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // signType RSA
	_ "crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// shengpayFields reads a flat JSON object as the texts that Shengpay's signature is over: what a string says, and a
// number or a boolean as it is written. null says nothing; nulls names them. A member that comes twice or that is an
// object or a list is an error: the signature does not cover it.
func shengpayFields(body []byte) (p map[string]string, nulls []string, err error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, nil, errors.New("the body is not a JSON object")
	}
	p = map[string]string{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, nil, err
		}
		name, isName := key.(string)
		if _, twice := p[name]; !isName || twice {
			return nil, nil, fmt.Errorf("the member %q comes twice", name)
		}
		value, err := dec.Token()
		if err != nil {
			return nil, nil, err
		}
		if p[name], err = shengpayValue(value); err != nil {
			return nil, nil, err
		}
		if value == nil {
			nulls = append(nulls, name)
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, nil, errors.New("something follows the JSON object")
	}
	return p, nulls, nil
}

func shengpayValue(value json.Token) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return strconv.FormatBool(v), nil
	case nil:
		return "", nil
	}
	return "", errors.New("a member is an object or a list")
}

// shengpayText is what is signed: the fields that are neither sign nor empty, sorted by ASCII, as k=v joined by &.
// Those that empties names are signed as k=, as the institution's own library signs what is null in PHP.
func shengpayText(p map[string]string, empties []string) string {
	var pairs []string
	for _, k := range slices.Sorted(maps.Keys(p)) {
		if k != "sign" && (p[k] != "" || slices.Contains(empties, k)) {
			pairs = append(pairs, k+"="+p[k])
		}
	}
	return strings.Join(pairs, "&")
}

// shengpayDigest is the digest that a signType signs: RSA is SHA1withRSA, RSA2 is SHA256withRSA. The third, MD5, proves
// nothing of who signed.
func shengpayDigest(signType string, p map[string]string, empties []string) (crypto.Hash, []byte, bool) {
	hash, known := map[string]crypto.Hash{"RSA": crypto.SHA1, "RSA2": crypto.SHA256}[signType]
	if !known {
		return 0, nil, false
	}
	h := hash.New()
	h.Write([]byte(shengpayText(p, empties)))
	return hash, h.Sum(nil), true
}

// shengpayVerifies tells whether the fields carry a signature of the key's owner.
func shengpayVerifies(key *rsa.PublicKey, p map[string]string, empties []string) bool {
	hash, digest, known := shengpayDigest(p["signType"], p, empties)
	signature, err := base64.StdEncoding.DecodeString(p["sign"])
	return known && err == nil && rsa.VerifyPKCS1v15(key, hash, digest, signature) == nil
}

// shengpaySigned is the JSON object of the fields with their signature, in the way that signType names. Those of
// numbers are written as JSON numbers, which the signature does not tell from texts.
func shengpaySigned(key *rsa.PrivateKey, signType string, p map[string]string, numbers ...string) ([]byte, error) {
	hash, digest, known := shengpayDigest(signType, p, nil)
	if !known {
		return nil, fmt.Errorf("there is no signType %q", signType)
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, hash, digest)
	if err != nil {
		return nil, err
	}
	p["sign"] = base64.StdEncoding.EncodeToString(signature)
	object := make(map[string]any, len(p))
	for k, v := range p {
		object[k] = v
		if slices.Contains(numbers, k) {
			object[k] = json.Number(v)
		}
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	err = enc.Encode(object)
	return bytes.TrimSpace(text.Bytes()), err
}
