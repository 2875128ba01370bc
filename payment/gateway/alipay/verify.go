package alipay

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// rewriter sends a request, signed already, to another host: Alipay's signature does not cover the address.
type rewriter struct {
	base *url.URL
	next http.RoundTripper
}

// RoundTrip changes scheme, host and path only.
func (w *rewriter) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.URL.Path, r.Host = w.base.Scheme, w.base.Host, w.base.Path, w.base.Host
	return w.next.RoundTrip(r)
}

// key is what verifies the institution's signatures: a public key, or that of a certificate, which its answers then
// name by its number.
type key struct {
	public *rsa.PublicKey
	sn     string // of the certificate; "" in key mode
}

// verifyAnswer verifies the signature over the raw text of the answer's one node. The institution's rule says of a
// slash in it that it may have been signed escaped or not, whichever way it is sent.
func (s settings) verifyAnswer(body []byte) error {
	a, err := readAnswer(body)
	if err != nil {
		return err
	}
	return s.verify(a.certSN, a.sign, string(a.node), slashes(a.node, "/"), slashes(a.node, `\/`))
}

// slashes writes every slash of a JSON text alike: its meaning stays the same.
func slashes(node []byte, as string) string {
	var out strings.Builder
	for i := 0; i < len(node); i++ {
		switch {
		case node[i] == '\\' && i+1 < len(node) && node[i+1] != '/':
			out.Write(node[i : i+2])
			i++
		case node[i] == '\\' && i+1 < len(node):
			out.WriteString(as)
			i++
		case node[i] == '/':
			out.WriteString(as)
		default:
			out.WriteByte(node[i])
		}
	}
	return out.String()
}

// verify accepts the signature of any of the keys over any of the texts. Where a certificate is named, only that
// certificate's key counts, and one that we do not have is not believed; in key mode the institution names none.
func (s settings) verify(certSN, sign string, texts ...string) error {
	raw, err := base64.StdEncoding.DecodeString(sign)
	if err != nil || sign == "" {
		return fmt.Errorf("alipay: the signature is not base64: %w", err)
	}
	keys := s.keysNamed(certSN)
	if len(keys) == 0 {
		return fmt.Errorf("alipay: signed by the certificate %q, which is not among the account's", certSN)
	}
	for i, text := range texts {
		if slices.Contains(texts[:i], text) {
			continue
		}
		if err = verifyText(text, raw, keys); err == nil {
			return nil
		}
	}
	return err
}

// keysNamed are the keys that a message may be signed by which names a certificate, or "" none.
func (s settings) keysNamed(certSN string) []key {
	if certSN == "" || !s.certified() {
		return s.keys
	}
	return slices.DeleteFunc(slices.Clone(s.keys), func(k key) bool { return k.sn != certSN })
}

// verifyText is nil when one of the keys, of which there is one at least, has signed the text.
func verifyText(text string, signature []byte, keys []key) (err error) {
	digest := sha256.Sum256([]byte(text))
	for _, k := range keys {
		if err = rsa.VerifyPKCS1v15(k.public, crypto.SHA256, digest[:], signature); err == nil {
			return nil
		}
	}
	return err
}
