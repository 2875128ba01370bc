package ruiyinxin

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"linlipay/calendar"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// ofFuzz is a client whose institution and merchant share a key.
func ofFuzz(f *testing.F) *client {
	f.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		f.Fatal(err)
	}
	form, err := readStatementForm(nil)
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2026, 11, 25, 16, 0, 0, 0, calendar.Zone())
	return &client{now: func() time.Time { return now }, settings: settings{
		keys: keys{[]*rsa.PrivateKey{key}, []*rsa.PublicKey{&key.PublicKey}}, prefix: "SMZF", merchantCode: "M1",
		transactionField: transactionField,
		window:           5 * time.Minute, statement: form,
	}}
}

// No answer makes reading it panic, and none is believed that does not hold what was sealed.
func FuzzAnswer(f *testing.F) {
	c := ofFuzz(f)
	const words = `{"respType":"S","respCode":"000000","data":{"oriReqMsgId":"1","oriRespType":"R"}}`
	e, err := c.settings.keys.seal([]byte(words))
	if err != nil {
		f.Fatal(err)
	}
	e.TranCode, e.ReqMsgID = "SMZF006", "1"
	raw, err := json.Marshal(e)
	if err != nil {
		f.Fatal(err)
	}
	genuine := string(raw)
	f.Add(genuine)
	f.Add(strings.Replace(genuine, `"signData"`, `"signdata"`, 1))
	f.Add(strings.Replace(genuine, "{", `{"signData":"",`, 1))
	f.Add(strings.Replace(genuine, `"encryptData":"`, `"encryptData":"AAAAAAAAAAAAAAAAAAAAAA==`, 1))
	for _, text := range []string{"", "{", "{}", "[]", "null", "<html>", `{"encryptData":1}`,
		`{"encryptData":null,"encryptKey":null,"signData":null,"tranCode":"SMZF006","reqMsgId":"1"}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		got, err := c.read(question{code: lookUp, number: "1"}, []byte(answer))
		if err == nil && (got.head["respType"] != "S" || got.data["oriReqMsgId"] != "1" ||
			!strings.Contains(answer, e.SignData)) {
			t.Fatalf("%q: believed as %v", answer, got)
		}
	})
}

// Whatever the text says, judging and translating it ends, and a paid report has what one needs.
func FuzzReport(f *testing.F) {
	c := ofFuzz(f)
	for _, text := range []string{
		`{"respType":"S","respCode":"000000","smzfMsgId":"1","data":{"oriRespType":"S","totalAmount":"1.00",` +
			`"payTime":"20261125160000"}}`,
		`{"respType":"S","data":{"oriRespType":"S","totalAmount":100,"isClearOrCancel":1}}`,
		`{"data":"{\"oriRespType\":\"E\"}"}`, `{"data":{"oriRespType":"R"}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, words string) {
		read, err := c.settings.readText([]byte(words))
		if err != nil {
			return
		}
		c.settings.judge(read)
		r, err := c.report(read, gateway.Trade{OutTradeNo: "1"})
		if err == nil && r.State == gateway.TradePaid &&
			(r.Amount <= 0 || r.TransactionID == "" || r.OutTradeNo != "1") {
			t.Fatalf("%q: %+v", words, r)
		}
	})
}

// A statement of any text is read or refused; what is read is of this merchant, has an amount and a time, and no full
// card number.
func FuzzStatement(f *testing.F) {
	c := ofFuzz(f)
	titles := "商户号|交易时间|交易类型|参考号|卡号|卡类别|发卡行名称|交易金额|订单号\n"
	f.Add(titles + "M1|2026-11-25 10:00:00|消费|123456789012|622202******1234|00|工商银行|1.00|")
	f.Add(titles + "M1|2026-11-25 10:00:00|消费|123456789012|6222021234567890128|00|工商银行|1.00|\n########\n" + titles)
	f.Add(titles + "M1|20261125100000|冲正|||||-1.00")
	f.Add("\ufeff" + titles + "|||")
	f.Fuzz(func(t *testing.T, content string) {
		reports, err := c.settings.readStatement(content)
		if err != nil {
			return
		}
		for _, r := range reports {
			if r.Amount <= 0 || r.PaidAt.IsZero() || r.Merchant != "M1" || r.TransactionID == "" ||
				card.HasCardNumber(r.Card.Masked) || card.HasCardNumber(r.Card.Issuer) {
				t.Fatalf("%q: %+v", content, r)
			}
		}
	})
}

// What was sealed opens, and nothing of another length or with a flipped bit opens as the same text.
func FuzzECB(f *testing.F) {
	f.Add([]byte("text"), uint16(0))
	f.Add([]byte("sixteen bytes..."), uint16(17))
	f.Add([]byte{}, uint16(127))
	f.Fuzz(func(t *testing.T, plain []byte, flip uint16) {
		key := []byte("0123456789abcdef")
		sealed, err := sealECB(key, plain)
		if err != nil || len(sealed) <= len(plain) || len(sealed)%16 != 0 {
			t.Fatalf("%d bytes, %v", len(sealed), err)
		}
		if got, padded := openECB(key, sealed); !padded || string(got) != string(plain) {
			t.Fatalf("opened %q, padded %t", got, padded)
		}
		sealed[int(flip)/8%len(sealed)] ^= 1 << (flip % 8)
		if got, padded := openECB(key, sealed); padded && string(got) == string(plain) {
			t.Fatal("a flipped bit changes nothing")
		}
	})
}
