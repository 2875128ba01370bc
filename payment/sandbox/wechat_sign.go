package sandbox

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// authScheme is the only scheme of the Authorization header.
const authScheme = "WECHATPAY2-SHA256-RSA2048 "

var authPair = regexp.MustCompile(`([a-z_]+)="([^"]*)"`)

// parseAuthorization reads the header's parameters by name, in any order.
func parseAuthorization(header string) (map[string]string, bool) {
	rest, ok := strings.CutPrefix(header, authScheme)
	if !ok {
		return nil, false
	}
	p := map[string]string{}
	for _, pair := range authPair.FindAllStringSubmatch(rest, -1) {
		p[pair[1]] = pair[2]
	}
	for _, name := range []string{"mchid", "nonce_str", "timestamp", "serial_no", "signature"} {
		if p[name] == "" {
			return nil, false
		}
	}
	return p, true
}

// skew is how far a request's time may be from ours.
const skew = 5 * time.Minute

// authenticate finds the merchant whose signature the request carries.
func (w *wechat) authenticate(r *http.Request, body []byte) (*merchant, *wechatError) {
	fail := func(why string) (*merchant, *wechatError) {
		return nil, wxErr(http.StatusUnauthorized, "SIGN_ERROR", "签名错误：%s", why)
	}
	p, ok := parseAuthorization(r.Header.Get("Authorization"))
	if !ok {
		return fail("Authorization 格式不正确")
	}
	m := w.keys.merchantBy("wechat", func(m *merchant) bool { return m.ID == p["mchid"] })
	if m == nil || m.Serial != p["serial_no"] {
		return fail("商户号或证书序列号不正确")
	}
	sec, err := strconv.ParseInt(p["timestamp"], 10, 64)
	if err != nil || w.cfg.Now().Sub(time.Unix(sec, 0)).Abs() > skew {
		return fail("时间戳过期")
	}
	signature, err := base64.StdEncoding.DecodeString(p["signature"])
	if err != nil {
		return fail("签名不是 Base64")
	}
	message := strings.Join([]string{r.Method, r.URL.RequestURI(), p["timestamp"], p["nonce_str"], string(body), ""},
		"\n")
	digest := sha256.Sum256([]byte(message))
	if rsa.VerifyPKCS1v15(m.publicKey, crypto.SHA256, digest[:], signature) != nil {
		return fail("验签失败")
	}
	return m, nil
}

// answerFaults spoil an answer after the work is done.
var answerFaults = []Fault{TimeoutAfterSuccess, BadSignature, ProbeSignature, UnknownFields, FieldEdited}

// reply encodes and signs an answer, and spoils it. The key follows the request's Wechatpay-Serial: the public key if
// it names that, else the certificate's.
func (w *wechat) reply(rw http.ResponseWriter, r *http.Request, how Script, status int, answer any) {
	var body []byte
	if answer != nil {
		var text bytes.Buffer
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(answer); err != nil {
			w.cfg.Log.Error("an answer does not encode", "err", err)
			status = http.StatusInternalServerError
		}
		body = bytes.TrimSpace(text.Bytes())
	}
	switch how.Fault {
	case TimeoutAfterSuccess:
		breakOff(rw)
	case UnknownFields:
		body = withUnknown(body)
	case FieldEdited:
		body = editedField(body, how)
	}
	key, serial := w.cert().key, w.cert().serial
	if r.Header.Get("Wechatpay-Serial") == w.publicID() {
		key, serial = w.keys.Own[wechatPublicKey].key, w.publicID()
	}
	h := rw.Header()
	signWechat(h, key, serial, body, w.cfg.Now(), how)
	h.Set("Request-ID", "08"+strings.ToUpper(randomHex(12))+"-0")
	if body != nil {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	rw.WriteHeader(status)
	rw.Write(body) // a client that went away is no concern of an institution
}

// signWechat sets the signature headers over a body; how spoils them.
func signWechat(h http.Header, key *rsa.PrivateKey, serial string, body []byte, now time.Time, how Script) {
	if how.Fault == Stale {
		now = now.Add(-10 * time.Minute)
	}
	timestamp, nonce := strconv.FormatInt(now.Unix(), 10), randomHex(16)
	digest := sha256.Sum256([]byte(timestamp + "\n" + nonce + "\n" + string(body) + "\n"))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		panic("sandbox: an RSA key does not sign: " + err.Error())
	}
	if how.Fault == BadSignature {
		signature[0] ^= 1
	}
	text := base64.StdEncoding.EncodeToString(signature)
	if how.Fault == ProbeSignature || how.Fault == ProbeNotice {
		text = "WECHATPAY/SIGNTEST/" + text
	}
	h.Set("Wechatpay-Timestamp", timestamp)
	h.Set("Wechatpay-Nonce", nonce)
	h.Set("Wechatpay-Serial", serial)
	h.Set("Wechatpay-Signature", text)
	h.Set("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048")
}

// encryptAEAD is AEAD_AES_256_GCM with a nonce of 12 characters; the ciphertext has the tag appended, in base64.
func encryptAEAD(key, associated string, plain []byte) (nonce, ciphertext string, err error) {
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		return "", "", err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return "", "", err
	}
	nonce = randomHex(6)
	return nonce, base64.StdEncoding.EncodeToString(aead.Seal(nil, []byte(nonce), plain, []byte(associated))), nil
}
