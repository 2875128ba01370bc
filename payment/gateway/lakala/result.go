package lakala

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"linlipay/money"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// resultNames are the names of what the application hands back: the intent's extras, and beside them the members of the
// JSON text in txndetail. Third parties agree on them.
func resultNames() map[string]string {
	return map[string]string{
		"message_type": "msg_tp",         // 0210
		"result_code":  "result_code",    // Android's, where the terminal passes it on: -1 is done
		"reason":       "reason",         // only of a failure
		"order_no":     "order_no",       // as it was handed over
		"amount":       "amt",            // in yuan
		"reference_no": "refernumber",    // 参考号
		"batch_trace":  "batchbillno",    // 批次号 and 流水号
		"card_type":    "cardtype",       // 00 to 03
		"time":         "time_stamp",     // yyyyMMddHHmmss
		"merchant":     "merid",          // 商户号
		"terminal":     "termid",         // 终端号
		"detail":       "txndetail",      // a JSON object as text, with the following
		"detail_sum":   "transamount",    // in yuan, or 12 digits in fen
		"batch_no":     "batchno",        // 批次号
		"trace_no":     "systraceno",     // 凭证号
		"auth_code":    "authcode",       // 授权号
		"card_no":      "priaccount",     // masked
		"issuer":       "iisno",          // 发卡行
		"date":         "translocaldate", // yyyyMMdd
		"time_of_day":  "translocaltime", // HHmmss
	}
}

// ReadResult translates what the application handed back. A full card number, a track or a PIN is refused wherever it
// stands.
func (g *Gateway) ReadResult(a gateway.Account, t gateway.Trade, fields map[string]string) (gateway.DeviceResult,
	error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.DeviceResult{}, gateway.AsIndeterminate(err)
	}
	names := cl.settings.device.result
	all, err := flatten(fields, names["detail"])
	if err != nil {
		return gateway.DeviceResult{}, unreadable(err)
	}
	if err := gateway.RefuseCardSecrets(all); err != nil {
		return gateway.DeviceResult{}, err
	}
	return handedBack{all, names}.read(t)
}

// flatten adds the members of the detail to the extras; an extra of the same name counts.
func flatten(fields map[string]string, detail string) (map[string]string, error) {
	all := map[string]string{}
	if text := fields[detail]; text != "" {
		var members map[string]jsontext.Value
		if json.Unmarshal([]byte(text), &members) != nil {
			return nil, fmt.Errorf("lakala: %s is not a JSON object", detail)
		}
		for name, value := range members {
			all[name] = memberText(value)
		}
	}
	maps.Copy(all, fields)
	return all, nil
}

// memberText is what a text says, and anything else as it is written: a number, or what only RefuseCardSecrets looks
// into.
func memberText(value jsontext.Value) string {
	var s string
	if json.Unmarshal(value, &s) != nil {
		return string(value)
	}
	return s
}

// handedBack is what came back, by our names.
type handedBack struct {
	fields, names map[string]string
}

func (h handedBack) get(name string) string { return strings.TrimSpace(h.fields[h.names[name]]) }

// read compares the result with the trade. What failed need not say anything but why.
func (h handedBack) read(t gateway.Trade) (gateway.DeviceResult, error) {
	if n := h.get("order_no"); n != "" && n != t.OutTradeNo {
		return gateway.DeviceResult{},
			gateway.RejectDeviceFields(gateway.OtherTrade, fmt.Errorf("lakala: the result is of order %q, not of %s", n,
				t.OutTradeNo))
	}
	r := gateway.DeviceResult{Message: h.get("reason"), Done: h.done()}
	var err error
	if r.Amount, err = h.amount(); err != nil {
		return gateway.DeviceResult{}, unreadable(err)
	}
	if r.Amount != t.Amount && (r.Done || r.Amount != 0) {
		return gateway.DeviceResult{},
			gateway.RejectDeviceFields(gateway.OtherAmount, fmt.Errorf("lakala: the result is of %s yuan, not of %s",
				r.Amount.Yuan(), t.Amount.Yuan()))
	}
	if r.Card, err = h.card(); err != nil {
		return gateway.DeviceResult{}, unreadable(err)
	}
	if r.Done && r.Card.ReferenceNo == "" {
		return gateway.DeviceResult{}, unreadable(errors.New("lakala: the result holds no reference number"))
	}
	r.At = h.at()
	return r, nil
}

// at is when the terminal did it; zero where it does not say.
func (h handedBack) at() time.Time {
	for _, text := range []string{h.get("time"), h.get("date") + h.get("time_of_day")} {
		if at, err := moment(text); err == nil {
			return at
		}
	}
	return time.Time{}
}

// done reports whether the terminal says that it did what it was asked (message type 0210), and no reason why not.
func (h handedBack) done() bool {
	return h.get("message_type") == "0210" && h.get("reason") == "" &&
		(h.get("result_code") == "" || h.get("result_code") == "-1")
}

// amount is 0 where nothing is told. Twelve digits are the form that terminals use among themselves (ISO 8583, field
// 4): fen.
func (h handedBack) amount() (money.Fen, error) {
	text := cmp.Or(h.get("amount"), h.get("detail_sum"))
	if text == "" {
		return 0, nil
	}
	if isoAmount.MatchString(text) {
		text = text[:10] + "." + text[10:]
	}
	return money.ParseYuan(text)
}

var (
	isoAmount   = regexp.MustCompile(`^[0-9]{12}$`)
	twelve      = regexp.MustCompile(`^[0-9A-Za-z]{12}$`)
	batchTrace  = regexp.MustCompile(`^[0-9]{12}$`)
	authCode    = regexp.MustCompile(`^[0-9A-Za-z]{0,6}$`)
	cardNumbers = regexp.MustCompile(`^[0-9]{1,6}\*+[0-9]{0,4}$`)
)

// card reads what identifies the payment between us, the institution and the bank.
func (h handedBack) card() (card.Card, error) {
	c := card.Card{
		ReferenceNo: h.get("reference_no"), BatchNo: h.get("batch_no"), TraceNo: h.get("trace_no"),
		AuthCode: h.get("auth_code"), Masked: mask(h.get("card_no")),
		Type: card.UnionPayCardType(h.get("card_type")), Issuer: h.get("issuer"), Merchant: h.get("merchant"),
		Terminal: h.get("terminal"),
	}
	if both := h.get("batch_trace"); batchTrace.MatchString(both) {
		c.BatchNo, c.TraceNo = both[:6], both[6:]
	} else if both != "" {
		return c, errors.New("lakala: batch and trace numbers are not six digits each")
	}
	if err := checkBatchTrace(c); err != nil {
		return c, err
	}
	if c.ReferenceNo != "" && !twelve.MatchString(c.ReferenceNo) || !authCode.MatchString(c.AuthCode) {
		return c, errors.New("lakala: the reference number or the authorisation code is not of its length")
	}
	if n := h.get("card_no"); n != "" && !cardNumbers.MatchString(n) {
		return c, errors.New("lakala: the card number is not masked")
	}
	return c, nil
}

func checkBatchTrace(c card.Card) error {
	for name, number := range map[string]string{"batch": c.BatchNo, "trace": c.TraceNo} {
		if number != "" && !sixDigits.MatchString(number) {
			return fmt.Errorf("lakala: the %s number is not six digits", name)
		}
	}
	return nil
}

func unreadable(err error) error { return gateway.RejectDeviceFields(gateway.Unreadable, err) }
