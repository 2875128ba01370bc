package sandbox

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// signText is what is signed: the parameters that are not empty and not left out, sorted, as k=v joined by &.
func signText(p url.Values, without ...string) string {
	var keys []string
	for k := range p {
		if p.Get(k) != "" && !slices.Contains(without, k) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	pairs := make([]string, len(keys))
	for i, k := range keys {
		pairs[i] = k + "=" + p.Get(k)
	}
	return strings.Join(pairs, "&")
}

// authenticate finds the merchant whose signature the parameters carry. sign_type is part of what a request signs.
func (a *alipay) authenticate(p url.Values) (*merchant, *alipayError) {
	m := a.keys.merchantBy("alipay", func(m *merchant) bool { return m.App == p.Get("app_id") })
	if m == nil {
		return nil, &alipayError{"40002", "isv.invalid-app-id", "无效的AppID参数"}
	}
	signature, err := base64.StdEncoding.DecodeString(p.Get("sign"))
	digest := sha256.Sum256([]byte(signText(p, "sign")))
	if err != nil || p.Get("sign_type") != "RSA2" ||
		rsa.VerifyPKCS1v15(m.publicKey, crypto.SHA256, digest[:], signature) != nil {
		return nil, &alipayError{"40002", "isv.invalid-signature", "无效签名"}
	}
	at, err := time.ParseInLocation(time.DateTime, p.Get("timestamp"), shanghai)
	if err != nil || a.cfg.Now().Sub(at).Abs() > 24*time.Hour {
		return nil, &alipayError{"40002", "isv.invalid-timestamp", "非法的时间戳参数"}
	}
	return m, nil
}

// alipayFrame is what stands around an answer's node: its name, whether the institution's certificate is named beside
// it, and what goes wrong with it.
type alipayFrame struct {
	node      string
	certified bool
	how       Script
}

func signRSA2(key *rsa.PrivateKey, text string) string {
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		panic("sandbox: an RSA key does not sign: " + err.Error())
	}
	return base64.StdEncoding.EncodeToString(signature)
}

// nodeText is the JSON text of a response node: what the signature is over. A business error comes with the fields that
// an answer has, too.
func nodeText(answer map[string]any, failed *alipayError) ([]byte, error) {
	if answer == nil {
		answer = map[string]any{}
	}
	switch {
	case failed != nil:
		answer["code"], answer["sub_code"], answer["sub_msg"] = failed.code, failed.sub, failed.message
		answer["msg"] = map[string]string{"40004": "Business Failed", "40002": "Invalid Arguments",
			"20000": "Service Currently Unavailable"}[failed.code]
	case answer["code"] == nil:
		answer["code"], answer["msg"] = "10000", "Success"
	}
	return json.Marshal(answer)
}

// reply signs an answer or a business error over the raw text of its node.
func (a *alipay) reply(rw http.ResponseWriter, frame alipayFrame, answer map[string]any, failed *alipayError) {
	text, err := nodeText(answer, failed)
	if err != nil {
		http.Error(rw, "system error", http.StatusInternalServerError)
		return
	}
	switch frame.how.Fault {
	case TimeoutAfterSuccess:
		breakOff(rw)
	case UnknownFields:
		text = withUnknown(text)
	case FieldEdited:
		text = editedField(text, frame.how)
	case AmountsUnquoted:
		text = unquotedAmounts(text)
	}
	sign := signRSA2(a.key().key, string(text))
	switch frame.how.Fault {
	case BadSignature:
		sign = signRSA2(a.keys.forger, string(text))
	case ProbeSignature:
		sign = "SIGNTEST" + sign
	}
	rw.Header().Set("Content-Type", "text/html;charset=utf-8") // as the real one does
	if frame.certified {
		sign = alipayCertSN(&a.key().key.PublicKey) + `","sign":"` + sign
		rw.Write([]byte(`{"` + frame.node + `":` + string(text) + `,"alipay_cert_sn":"` + sign + `"}`))
		return
	}
	rw.Write([]byte(`{"` + frame.node + `":` + string(text) + `,"sign":"` + sign + `"}`))
}

// unquotedAmounts writes the amounts of an answer as numbers, as some of the institution's samples have them.
func unquotedAmounts(node []byte) []byte {
	members, ok := membersOf(node)
	if !ok {
		return node
	}
	for i, m := range members {
		bare := bytes.Trim(m.value, `"`)
		amount := strings.HasSuffix(m.name, "_amount") || strings.HasSuffix(m.name, "_fee")
		if amount && alipayYuanForm.Match(bare) {
			members[i].value = bare
		}
	}
	return written(members)
}

// unsigned is an answer without a signature: what the institution sends when it cannot tell who asks.
func (a *alipay) unsigned(rw http.ResponseWriter, node string, failed *alipayError) {
	text, err := nodeText(nil, failed)
	if err != nil {
		http.Error(rw, "system error", http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/html;charset=utf-8")
	rw.Write([]byte(`{"` + node + `":` + string(text) + `}`))
}
