package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// secretMark begins a secret as people and libraries see it (Standard Webhooks 1.0, "Symmetric signature").
const secretMark = "whsec_"

// newSecret is a fresh signing key of 32 bytes; the specification asks for 24 to 64.
func newSecret() []byte {
	key := make([]byte, 32)
	rand.Read(key)
	return key
}

func secretText(key []byte) string { return secretMark + base64.StdEncoding.EncodeToString(key) }

// sign is the signature of a message under one key: HMAC-SHA256 over id, seconds and body, which dots part.
func sign(key []byte, id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// headers are those of a message; it is signed under each of the keys, so that a receiver may change theirs at leisure.
func headers(keys [][]byte, id string, at time.Time, body []byte) http.Header {
	signatures := make([]string, len(keys))
	for i, key := range keys {
		signatures[i] = sign(key, id, at, body)
	}
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "LinliPay-Webhook/1")
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	h.Set("webhook-signature", strings.Join(signatures, " "))
	return h
}
