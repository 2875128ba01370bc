package alipay

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

// An answer holds one signed node between two texts that nobody signed. When it verifies, what is read from it was
// signed, and nothing else is read; by another key it never verifies.
func FuzzVerifyAnswer(f *testing.F) {
	ours, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	others, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	const (
		node = `{"code":"10000","msg":"Success","out_trade_no":"1","trade_status":"WAIT_BUYER_PAY",` +
			`"total_amount":"123.40"}`
		forgery = `{"code":"10000","msg":"Success","out_trade_no":"1","trade_status":"TRADE_SUCCESS","trade_no":"2",` +
			`"send_pay_date":"2026-11-24 09:00:00"}`
		name = `"alipay_trade_query_response":`
	)
	f.Add("{"+name, node, ",", "}", true)
	f.Add("{"+name, node, ",", "}", false)
	f.Add("{"+name+" \t\n", node, " ,", " } \n", true)
	f.Add("{"+name, ` {"code":"10000"}`, ",", "}", true)
	f.Add("{"+name, "null", ",", "}", true)
	f.Add("{"+name, "{", ",", "}", true)
	f.Add("{"+name+forgery+","+name, node, ",", "}", true)
	f.Add("{"+name, node, ","+name+forgery+",", "}", true)
	f.Add("{"+name, node, ",", ","+strings.ToUpper(name)+forgery+"}", true)
	f.Add("{"+name, node, ",", `,"alipay_trade_query_reſponse":`+forgery+"}", true)
	f.Add(`{"alipay_trade_query\u005fresponse":`, node, ",", "}", true)
	f.Add("{"+strings.ToUpper(name)+forgery+","+name, node, ",", "}", true)
	f.Add("{"+name, node, `,"alipay_cert_sn":"x",`, "}", true)
	f.Add("{"+name, node, `,"sign":"x",`, "}", true)
	f.Add("{"+name, node, ",", "}{"+name+forgery+"}", true)
	f.Add(`{"error_response":`, node, ","+name+forgery+",", "}", true)
	f.Add(`[{`+name, node, ",", "}]", true)
	f.Fuzz(func(t *testing.T, before, node, between, after string, genuine bool) {
		signer := ours
		if !genuine {
			signer = others
		}
		digest := sha256.Sum256([]byte(node))
		signature, err := rsa.SignPKCS1v15(nil, signer, crypto.SHA256, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		body := []byte(before + node + between + `"sign":"` + base64.StdEncoding.EncodeToString(signature) + `"` +
			after)
		err = settings{keys: []key{{public: &ours.PublicKey}}}.verifyAnswer(body)
		if !genuine && err == nil {
			t.Fatalf("another's signature verified: %s", body)
		}
		plain := before == "{"+name && between == "," && after == "}" && node != "" && json.Valid([]byte(node)) &&
			strings.Trim(node, " \t\r\n") == node
		if genuine && plain && err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if err != nil {
			return
		}
		read, err := readAnswer(body)
		if err != nil || slashes(read.node, "/") != slashes([]byte(node), "/") {
			t.Fatalf("%s\nverifies, and is read as %s, %v", body, read.node, err)
		}
	})
}
