package lakala

import (
	"os"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

// A request is signed to the byte as OpenSSL signs it.
func TestAuthorizationIsOpenSSLs(t *testing.T) {
	file := func(name string) []byte {
		t.Helper()
		raw, err := os.ReadFile("testdata/vectors/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	own, err := gateway.SigningKeyIn(map[string]string{"key": string(file("merchant.key.pem"))}, "key")
	if err != nil {
		t.Fatal(err)
	}
	s := settings{appid: "OP00000003", serialNo: "00dfba8194c41b84cf", privateKey: own}
	got, err := s.authorization(file("request.json"), "abcdefghij12", time.Unix(1795593600, 0))
	want := `LKLAPI-SHA256withRSA appid="OP00000003",serial_no="00dfba8194c41b84cf",timestamp="1795593600",` +
		`nonce_str="abcdefghij12",signature="` +
		string(file("request.sig")) + `"`
	if err != nil || got != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
}
