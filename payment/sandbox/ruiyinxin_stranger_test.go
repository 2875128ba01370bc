package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The fault OlderForm: an answer that names no payment, its amount beside data, data as a text, another number around
// it; and a notification without signature, time and number.
func TestRuiyinxinOlderForm(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	c := newSMZFClient(t, s)
	in := newInbox(t, func(w http.ResponseWriter, _ int) { fmt.Fprint(w, "000000") })
	if err := s.faults.add(Script{Fault: OlderForm, Institution: "ruiyinxin", Count: 2}); err != nil {
		t.Fatal(err)
	}
	number := "A" + randomHex(8)
	made := c.must(t, "SMZF002", number, in.URL, c.charge("UPZF", "1.00"), "S000000")
	pay(t, s, fmt.Sprint(made.data["qrCode"]), "unionpay")
	in.wait(t, 1)
	form, message, signed := c.notice(t, in, 0)
	if signed || form.Get("signData") != "" || form.Get("reqMsgId") != number || message["smzfMsgId"] != nil ||
		message["respDate"] != nil ||
		message["totalAmount"] != "1.00" || message["respType"] != "S" {
		t.Errorf("the notification: %v %v %t", form, message, signed)
	}
	got, err := c.post(t, c.form(t, "SMZF006", "Q1", "", map[string]any{"oriReqMsgId": number}))
	if err != nil || !got.signed || got.envelope["reqMsgId"] != made.id || got.id != made.id || got.data != nil {
		t.Fatalf("the answer: %+v, %v", got, err)
	}
	whole, _ := c.read(t, got.envelope["encryptKey"], got.envelope["encryptData"], got.envelope["signData"])
	var data map[string]string
	if err := json.Unmarshal([]byte(fmt.Sprint(whole["data"])), &data); err != nil || data["oriReqMsgId"] != "" ||
		data["oriRespType"] != "S" ||
		data["totalAmount"] != "" || whole["totalAmount"] != "1.00" {
		t.Errorf("the answer says %v, %v", whole, err)
	}
	c.mustState(t, number, "S000000 0") // and then it is honest again
}

// The longest title that fits, and what does not.
func TestRuiyinxinCountsBytes(t *testing.T) {
	c := newSMZFClient(t, start(t, Config{}))
	for _, row := range []struct{ subject, want string }{
		{strings.Repeat("费", 42) + "a", "S000000"}, {strings.Repeat("费", 43), "E200010"}, {"😀", "E200010"}, {"a\nb",
			"E200010"}, {"a/b=c&d|e", "S000000"},
	} {
		data := c.charge("WXZF", "1.00")
		data["subject"] = row.subject
		c.must(t, "SMZF002", "A"+randomHex(8), "", data, row.want)
	}
}
