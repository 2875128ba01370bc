package lakala

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	scheme = "LKLAPI-SHA256withRSA"
	window = 5 * time.Minute // how far a signature's time may be from ours
)

// authorization signs a request: appid, serial number, time, nonce and body, each followed by a line feed.
func (s settings) authorization(body []byte, nonce string, now time.Time) (string, error) {
	timestamp := strconv.FormatInt(now.Unix(), 10)
	digest := sha256.Sum256(lines(body, s.appid, s.serialNo, timestamp, nonce))
	signature, err := rsa.SignPKCS1v15(nil, s.privateKey, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("lakala: the request cannot be signed: %w", err)
	}
	return fmt.Sprintf(`%s appid="%s",serial_no="%s",timestamp="%s",nonce_str="%s",signature="%s"`,
		scheme, s.appid, s.serialNo, timestamp, nonce, base64.StdEncoding.EncodeToString(signature)), nil
}

// newNonce is 12 random characters, as many as the institution wants.
func newNonce() string { return rand.Text()[:12] }

// lines is what is signed.
func lines(body []byte, values ...string) []byte {
	return append([]byte(strings.Join(values, "\n")+"\n"), append(body[:len(body):len(body)], '\n')...)
}

// verifyAnswer checks the signature on an answer's raw bytes: the same five lines as a request's, with the
// institution's serial number.
func (s settings) verifyAnswer(h http.Header, body []byte, now time.Time) error {
	appid, timestamp := h.Get("Lklapi-Appid"), h.Get("Lklapi-Timestamp")
	if appid != s.appid {
		return fmt.Errorf("lakala: signed for appid %q", appid)
	}
	if err := timely(timestamp, now); err != nil {
		return err
	}
	return s.verify(lines(body, appid, h.Get("Lklapi-Serial"), timestamp, h.Get("Lklapi-Nonce")),
		h.Get("Lklapi-Signature"))
}

// verifyNotice checks the signature on a notification's raw bytes: time, nonce and body, three lines without appid and
// serial number.
func (s settings) verifyNotice(h http.Header, body []byte, now time.Time) error {
	p, err := parameters(h.Get("Authorization"))
	if err != nil {
		return err
	}
	if err := timely(p["timestamp"], now); err != nil {
		return err
	}
	return s.verify(lines(body, p["timestamp"], p["nonce_str"]), p["signature"])
}

// parameters reads what an Authorization header carries, in any order.
func parameters(header string) (map[string]string, error) {
	rest, ok := strings.CutPrefix(header, scheme+" ")
	if !ok {
		return nil, fmt.Errorf("lakala: the message is not signed by %s", scheme)
	}
	p := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		bare, quoted := strings.CutPrefix(value, `"`)
		bare, closed := strings.CutSuffix(bare, `"`)
		if _, twice := p[name]; !ok || !quoted || !closed || twice {
			return nil, errors.New("lakala: the Authorization header cannot be read")
		}
		p[name] = bare
	}
	return p, nil
}

func timely(timestamp string, now time.Time) error {
	sec, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || now.Sub(time.Unix(sec, 0)).Abs() > window {
		return fmt.Errorf("lakala: the signature's time %q is not within %v of ours", timestamp, window)
	}
	return nil
}

// verify accepts a signature by any of the institution's keys.
func (s settings) verify(text []byte, signature string) error {
	raw, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil {
		return fmt.Errorf("lakala: the signature is not base64: %w", err)
	}
	digest := sha256.Sum256(text)
	for _, key := range s.platformKeys {
		if err = rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], raw); err == nil {
			return nil
		}
	}
	return fmt.Errorf("lakala: the signature does not verify: %w", err)
}
