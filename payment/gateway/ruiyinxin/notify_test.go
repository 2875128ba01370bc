package ruiyinxin_test

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

// notice seals a text for the merchant as the institution does; more is added to the form.
func notice(text, more string) gateway.RawNotification {
	k := scriptKeys()
	data, key, sign := sealFor(&k.merchant.PublicKey, k.institution, text)
	form := url.Values{"encryptData": {data}, "encryptKey": {key}, "signData": {sign}, "tranCode": {"SMZF008"},
		"reqMsgId": {number}}
	return gateway.RawNotification{Header: http.Header{}, Body: []byte(form.Encode() + more)}
}

// noticed is the text of a notification.
func noticed(kind, data string) string {
	return strings.ReplaceAll(strings.ReplaceAll(said(kind, "000000", data), "NUMBER", number), "NOW",
		stamp(time.Now()))
}

func TestANotificationIsLookedUp(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		found  reply
		state  gateway.TradeState
		amount int64
	}{
		"paid": {noticed("S", `{"oriReqMsgId":"NUMBER","totalAmount":"123.45"}`),
			told("S", "000000", ""), gateway.TradePaid, 12345},
		"paid, by oriRespType": {noticed("S", `{"oriReqMsgId":"NUMBER","oriRespType":"S"}`),
			told("S", "000000", ""), gateway.TradePaid, 12345},
		"paid, as the mock server says": {noticed("S", `{"totalAmount":"123.45","respType":"S"}`),
			told("S", "000000", ""), gateway.TradePaid, 12345},
		"paid, naming us": {noticed("S", `{"reqMsgId":"NUMBER","merchantCode":"M00000000000001",`+
			`"more":{"x":[]}}`), told("S", "000000", ""), gateway.TradePaid, 12345},
		"paid, of another amount": {noticed("S", `{"oriReqMsgId":"NUMBER","totalAmount":"123.46"}`),
			told("S", "000000", ""), gateway.TradePaid, 12346},
		"paid, it says; not yet": {noticed("S", `{"oriReqMsgId":"NUMBER","totalAmount":"123.45"}`), told("R", "", ""),
			gateway.TradeUnpaid, 0},
		"paid, it says; cancelled": {noticed("S", `{"oriReqMsgId":"NUMBER"}`),
			told("S", "000000", `,"isClearOrCancel":"1"`), gateway.TradePaid, 12345},
		"under way": {noticed("R", `{"oriReqMsgId":"NUMBER"}`), reply{}, gateway.TradeUnpaid, 0},
		"failed":    {noticed("E", `{"oriReqMsgId":"NUMBER"}`), reply{}, gateway.TradeFailed, 0},
		"failed, by oriRespType": {noticed("S", `{"oriReqMsgId":"NUMBER","oriRespType":"E"}`), reply{},
			gateway.TradeFailed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{"SMZF006": c.found})
			n, err := newGateway().Verify(t.Context(), s.account, notice(c.text, "&more=1"), time.Now())
			if err != nil || n.Kind != gateway.NotifyTrade || n.ID != "2026112542000001" || n.Event == "" ||
				n.Report.OutTradeNo != number ||
				n.Report.State != c.state || int64(n.Report.Amount) != c.amount {
				t.Fatalf("got %+v, %v", n, err)
			}
			if c.state == gateway.TradePaid && (s.sent(t, "SMZF006").fields["oriReqMsgId"] != number ||
				n.Report.TransactionID == "" || n.Report.Currency != "CNY") {
				t.Errorf("got %+v", n.Report)
			}
		})
	}
}

func TestWhatCannotBeLookedUpIsNotBelieved(t *testing.T) {
	paid := noticed("S", `{"oriReqMsgId":"NUMBER","totalAmount":"123.45"}`)
	for name, found := range map[string]reply{
		"silence": {}, "absent": told("E", "4004", ""),
		"unsigned":   {text: told("S", "000000", "").text, unsigned: true},
		"of another": {text: strings.Replace(told("S", "000000", "").text, "NUMBER", "x", 1)},
	} {
		s := script(t, map[string]reply{"SMZF006": found})
		n, err := newGateway().Verify(t.Context(), s.account, notice(paid, ""), time.Now())
		if kind, _ := kindOf(err); err == nil || kind == gateway.Unauthentic || n.Kind != "" {
			t.Errorf("%s: got %+v, %v", name, n, err)
		}
		if a := newGateway().Acknowledge(err); a.Status != http.StatusInternalServerError ||
			string(a.Body) == "000000" {
			t.Errorf("%s: answered %d %s", name, a.Status, a.Body)
		}
	}
}

func TestANotificationOfARefund(t *testing.T) {
	s := script(t, nil)
	for kind, want := range map[string]gateway.RefundState{"S": gateway.RefundDone, "R": gateway.RefundProcessing,
		"E": gateway.RefundClosed} {
		for _, data := range []string{
			`{"reqMsgId":"` + refundNo + `","oriReqMsgId":"NUMBER","refundAmount":"23.45"}`,
			`{"oriReqMsgId":"` + refundNo + `","reqMsgId":"NUMBER","totalAmount":"23.45"}`,
		} {
			n, err := newGateway().Verify(t.Context(), s.account, notice(noticed(kind, data), ""), time.Now())
			if err != nil || n.Kind != gateway.NotifyRefund || n.Refund.OutRefundNo != refundNo ||
				n.Refund.State != want || n.Refund.OutTradeNo != number || n.Refund.Amount != 2345 {
				t.Errorf("%s %s: got %+v, %v", kind, data, n, err)
			}
		}
	}
	m := notice(noticed("S", `{"totalAmount":"23.45"}`), "") // only the envelope names it
	m.Body = []byte(strings.Replace(string(m.Body), "reqMsgId="+number, "reqMsgId="+refundNo, 1))
	if n, err := newGateway().Verify(t.Context(), s.account, m, time.Now()); err != nil ||
		n.Kind != gateway.NotifyRefund ||
		n.Refund.OutRefundNo != refundNo {
		t.Errorf("got %+v, %v", n, err)
	}
	m = notice(noticed("R", `{"oriReqMsgId":"NUMBER"}`), "") // a payment's stays one whatever the envelope says
	m.Body = []byte(strings.Replace(string(m.Body), "reqMsgId="+number, "reqMsgId="+refundNo, 1))
	if n, err := newGateway().Verify(t.Context(), s.account, m, time.Now()); err != nil ||
		n.Kind != gateway.NotifyTrade ||
		n.Report.OutTradeNo != number {
		t.Errorf("got %+v, %v", n, err)
	}
}

// However often a notification is worked through, and whatever the envelope around the signed text says, it says the
// same.
func TestARepeatedNotificationSaysTheSame(t *testing.T) {
	s := script(t, map[string]reply{"SMZF006": told("S", "000000", "")})
	m := notice(noticed("S", `{"oriReqMsgId":"NUMBER","totalAmount":"123.45"}`), "")
	first, err := newGateway().Verify(t.Context(), s.account, m, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s.replies["SMZF006"] = reply{text: strings.Replace(told("S", "000000", "").text, "NOW",
		stamp(time.Now().Add(time.Minute)), 1)}
	m.Body = []byte(strings.NewReplacer("SMZF008", "SMZF009", "reqMsgId="+number, "reqMsgId=1").Replace(string(m.Body)))
	again, err := newGateway().Verify(t.Context(), s.account, m, time.Now())
	if err != nil || again != first {
		t.Errorf("first %+v, then %+v, %v", first, again, err)
	}
}

func TestANotificationOfNothing(t *testing.T) {
	m := notice(noticed("S", `{}`), "")
	m.Body = []byte(strings.Replace(string(m.Body), "reqMsgId="+number, "", 1))
	n, err := newGateway().Verify(t.Context(), script(t, nil).account, m, time.Now())
	if err != nil || n.Kind != gateway.NotifyOther {
		t.Errorf("got %+v, %v", n, err)
	}
}

func TestForgedNotifications(t *testing.T) {
	k, paid := scriptKeys(), noticed("S", `{"oriReqMsgId":"NUMBER","totalAmount":"123.45"}`)
	honest := string(notice(paid, "").Body)
	form, err := url.ParseQuery(honest)
	if err != nil {
		t.Fatal(err)
	}
	with := func(name, value string) string {
		changed := url.Values{}
		for n, v := range form {
			changed[n] = v
		}
		changed.Set(name, value)
		return changed.Encode()
	}
	_, strangersKey, strangersSign := sealFor(&k.stranger.PublicKey, k.stranger, paid)
	whole := paid + strings.Repeat(" ", 16-len(paid)%16) // whole blocks: the padding is a block of its own
	unpadded, _ := url.ParseQuery(string(notice(whole, "").Body))
	sealed := unbase(t, unpadded.Get("encryptData"))
	unpadded.Set("encryptData", base(sealed[:len(sealed)-16]))
	dated := regexp.MustCompile(`"respDate":"[0-9]+`)
	late := func(d time.Duration) string {
		return string(notice(dated.ReplaceAllString(paid, `"respDate":"`+stamp(time.Now().Add(d))), "").Body)
	}
	closed := map[string]string{
		"not signed": strings.Replace(honest, "signData=", "sign=", 1), "an empty signature": with("signData", ""),
		"signed by a stranger":       with("signData", strangersSign),
		"the signature is no base64": with("signData", "!"), "sealed for a stranger": with("encryptKey", strangersKey),
		"the key is short": with("encryptKey", "AAAA"),
		"no key":           with("encryptKey", ""), "the key is no base64": with("encryptKey", "!"),
		"no data": with("encryptData", ""), "half a block": with("encryptData", base([]byte("12345678"))),
		"a block of noise":      with("encryptData", base([]byte("1234567890123456"))),
		"the data is no base64": with("encryptData", "!"),
		"a block cut off":       with("encryptData", base(unbase(t, form.Get("encryptData"))[:32])), "nothing": "",
		"no form": "%zz", "a field twice": honest + "&tranCode=SMZF008",
		"signed, but not padded": unpadded.Encode(), "too long": honest + "&more=" + strings.Repeat("x", 64<<10),
	}
	others := map[string]string{
		"ten minutes old": late(-10 * time.Minute), "ten minutes ahead": late(10 * time.Minute),
		"for another cooperator": honest + "&cooperator=R2",
		"for another merchant": string(notice(noticed("S", `{"oriReqMsgId":"NUMBER","merchantCode":"M2"}`),
			"").Body),
		"for another cooperator, signed": string(notice(noticed("S", `{"oriReqMsgId":"NUMBER","cooperator":"R2"}`),
			"").Body),
		"says two things": string(notice(noticed("S", `{"oriReqMsgId":"NUMBER","respType":"E"}`), "").Body),
		"no JSON":         string(notice("respType=S", "").Body), "no object": string(notice("[]", "").Body),
		"null":                 string(notice("null", "").Body),
		"a name twice":         string(notice(strings.Replace(paid, "{", `{"respType":"S",`, 1), "").Body),
		"data of another form": string(notice(noticed("S", `7`), "").Body),
	}
	s := script(t, map[string]reply{"SMZF006": told("S", "000000", "")})
	texts := map[string]bool{}
	for _, entries := range []map[string]string{closed, others} {
		for name, body := range entries {
			_, err := newGateway().Verify(t.Context(), s.account, gateway.RawNotification{Body: []byte(body)},
				time.Now())
			if kind, _ := kindOf(err); kind != gateway.Unauthentic {
				t.Errorf("%s: got %v", name, err)
				continue
			}
			if _, ok := closed[name]; ok {
				texts[err.Error()] = true
			}
			if a := newGateway().Acknowledge(err); a.Status != http.StatusUnauthorized || string(a.Body) != "fail" {
				t.Errorf("%s: answered %d %s", name, a.Status, a.Body)
			}
		}
	}
	if len(texts) != 1 {
		t.Errorf("what does not open fails in %d ways: %v", len(texts), texts)
	}
	if n, err := newGateway().Verify(t.Context(), s.account, gateway.RawNotification{Body: []byte(honest)},
		time.Now()); err != nil || n.Report.State != gateway.TradePaid {
		t.Errorf("the honest one: %+v, %v", n, err)
	}
}

func TestAWiderWindow(t *testing.T) {
	s := script(t, map[string]reply{"SMZF006": told("S", "000000", "")})
	text := strings.Replace(noticed("S", `{"oriReqMsgId":"NUMBER"}`), stamp(time.Now()),
		stamp(time.Now().Add(-time.Hour)), 1)
	if _, err := newGateway().Verify(t.Context(), s.with("window_minutes", "90"), notice(text, ""),
		time.Now()); err != nil {
		t.Error(err)
	}
}

func TestAnswerToANotification(t *testing.T) {
	if a := newGateway().Acknowledge(nil); a.Status != 200 || string(a.Body) != "000000" {
		t.Errorf("got %+v", a)
	}
	if a := newGateway().Acknowledge(errors.New("the database is away")); a.Status != 500 ||
		string(a.Body) == "000000" {
		t.Errorf("got %+v", a)
	}
}
