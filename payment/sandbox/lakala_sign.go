package sandbox

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// lakalaScheme is the only scheme of the Authorization header, of requests and of notifications.
const lakalaScheme = "LKLAPI-SHA256withRSA "

// lakalaAuthorization reads a request's header by name, in any order.
func lakalaAuthorization(header string) (map[string]string, bool) {
	rest, ok := strings.CutPrefix(header, lakalaScheme)
	if !ok {
		return nil, false
	}
	p := map[string]string{}
	for _, pair := range authPair.FindAllStringSubmatch(rest, -1) {
		p[pair[1]] = pair[2]
	}
	for _, name := range []string{"appid", "serial_no", "timestamp", "nonce_str", "signature"} {
		if p[name] == "" {
			return nil, false
		}
	}
	return p, true
}

// authenticate finds the merchant whose signature the request carries. A nonce is whatever the merchant sends: most
// clients have 12 letters and digits, the institution's own has 32, and one request that was captured has
// punctuation. Assumption: the window of time is five minutes.
func (l *lakala) authenticate(r *http.Request, body []byte) (*merchant, *lakalaError) {
	p, ok := lakalaAuthorization(r.Header.Get("Authorization"))
	if !ok {
		return nil, lklErr(lakalaBadSignature, "Authorization 格式不正确")
	}
	m := l.keys.merchantBy("lakala", func(m *merchant) bool { return m.App == p["appid"] })
	if m == nil || m.Serial != p["serial_no"] {
		return nil, lklErr(lakalaBadSignature, "appid 或证书序列号不正确")
	}
	sec, err := strconv.ParseInt(p["timestamp"], 10, 64)
	if err != nil || l.cfg.Now().Sub(time.Unix(sec, 0)).Abs() > skew {
		return nil, lklErr(lakalaBadSignature, "时间戳过期")
	}
	signature, err := base64.StdEncoding.DecodeString(p["signature"])
	if err != nil || !verifyLines(m.publicKey, signature, p["appid"], p["serial_no"], p["timestamp"], p["nonce_str"],
		string(body)) {
		return nil, lklErr(lakalaBadSignature, "验签失败")
	}
	return m, nil
}

// linesHash hashes lines, each of which ends with a line feed.
func linesHash(lines []string) []byte {
	hash := sha256.Sum256([]byte(strings.Join(lines, "\n") + "\n"))
	return hash[:]
}

func verifyLines(key *rsa.PublicKey, signature []byte, lines ...string) bool {
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, linesHash(lines), signature) == nil
}

// signLines signs lines; how spoils the signature.
func signLines(key *rsa.PrivateKey, how Script, lines ...string) string {
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, linesHash(lines))
	if err != nil {
		panic("sandbox: an RSA key does not sign: " + err.Error())
	}
	if how.Fault == BadSignature {
		signature[0] ^= 1
	}
	return base64.StdEncoding.EncodeToString(signature)
}

// lakalaReply is the envelope of an answer.
type lakalaReply struct {
	Code     string         `json:"code"`
	Msg      string         `json:"msg"`
	RespTime string         `json:"resp_time"`
	RespData map[string]any `json:"resp_data,omitempty"`
}

// reply signs an answer or an error, with the appid that the request named, and the certificate that is the platform's.
func (l *lakala) reply(rw http.ResponseWriter, at occasion, app, done string, data map[string]any,
	failed *lakalaError) {
	out := lakalaReply{Code: done, Msg: lakalaSuccess(done), RespTime: at14(l.cfg.Now()), RespData: data}
	if failed != nil {
		out.Code, out.Msg, out.RespData = failed.code, failed.text, failed.data
	}
	body, err := json.Marshal(out)
	if err != nil {
		http.Error(rw, "system error", http.StatusInternalServerError)
		return
	}
	var how Script
	if at.institution != "" {
		how, _ = l.faults.strike(at, answerFaults...)
	}
	switch how.Fault {
	case TimeoutAfterSuccess:
		breakOff(rw)
	case UnknownFields:
		body = withUnknown(body)
	case FieldEdited:
		body = editedField(body, how)
	}
	key := l.cert().key
	if how.Fault == ProbeSignature {
		key = l.keys.forger // the institution sends no probes: an answer signed by nobody
	}
	l.sign(rw.Header(), key, app, body, how)
	rw.Header().Set("Content-Type", "application/json;charset=UTF-8")
	rw.Write(body) // a client that went away is no concern of an institution
}

// sign sets the headers of a signed answer.
func (l *lakala) sign(h http.Header, key *rsa.PrivateKey, app string, body []byte, how Script) {
	serial, timestamp, nonce := lakalaSerial(l.cert().serial), strconv.FormatInt(l.cfg.Now().Unix(), 10), lakalaNonce()
	h.Set("Lklapi-Appid", app)
	h.Set("Lklapi-Serial", serial)
	h.Set("Lklapi-Timestamp", timestamp)
	h.Set("Lklapi-Nonce", nonce)
	h.Set("Lklapi-Signature", signLines(key, how, app, serial, timestamp, nonce, string(body)))
	h.Set("Lklapi-Traceid", randomHex(16))
}

// lakalaSerial is a certificate's serial number as the answers have it: in lower case, without leading zeros.
func lakalaSerial(serial string) string { return strings.TrimLeft(strings.ToLower(serial), "0") }

// lakalaNonce is twelve letters and digits, as the institution's own messages have.
func lakalaNonce() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	var nonce strings.Builder
	for range 12 {
		nonce.WriteByte(letters[randomBelow(int64(len(letters)))])
	}
	return nonce.String()
}

// lakalaSuccess is the text that goes with a code of success.
func lakalaSuccess(done string) string {
	if done == lakalaCounterOK {
		return "操作成功"
	}
	return "成功"
}

// unsigned is an answer without a signature, in the words of a trade that does not exist.
func (l *lakala) unsigned(rw http.ResponseWriter) {
	rw.Header().Set("Content-Type", "application/json;charset=UTF-8")
	rw.Write([]byte(`{"code":"` + lakalaAbsent + `","msg":"未查询到交易","resp_time":"` + at14(l.cfg.Now()) + `"}`))
}
