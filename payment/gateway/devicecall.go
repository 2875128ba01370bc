package gateway

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"linlipay/calendar"
	"linlipay/money"
	"linlipay/payment/card"
)

// The generic form of a call to a card application, for acquirers whose own form is not public: the company's
// integrator adapts the application, or a small one in front of it, to these names. docs/institutions/cards.md is its
// description for integrators.

// CardAction is what the application on the device is asked for.
type CardAction string

// The actions.
const (
	CardPay  CardAction = "pay"  // 消费
	CardVoid CardAction = "void" // 撤销, in the batch of the payment
)

// GenericCall asks an application, by its Android package and activity, for an action on a trade, in the generic form.
// Amounts are in fen. The trade's Card names the merchant that the money is for, and the payment that a void is about.
func GenericCall(pkg, activity string, action CardAction, t Trade) DeviceCall {
	extras := map[string]string{"action": string(action), "out_trade_no": t.OutTradeNo,
		"amount": strconv.FormatInt(int64(t.Amount), 10)}
	named := map[string]string{"merchant_no": t.Card.Merchant}
	if action == CardVoid {
		named["batch_no"], named["trace_no"], named["reference_no"] = t.Card.BatchNo, t.Card.TraceNo, t.Card.ReferenceNo
	}
	for name, value := range named {
		if value != "" {
			extras[name] = value
		}
	}
	return DeviceCall{Package: pkg, Activity: activity, Extras: extras}
}

// genericForms are the forms of a generic result's fields, each of which may be left out; the widths are those of ISO
// 8583.
var genericForms = map[string]*regexp.Regexp{
	"reference_no": regexp.MustCompile(`^[0-9A-Za-z]{12}$`), "batch_no": regexp.MustCompile(`^[0-9]{6}$`),
	"trace_no":  regexp.MustCompile(`^[0-9]{6}$`),
	"auth_code": regexp.MustCompile(`^[0-9A-Za-z]{6}$`), "masked_card": regexp.MustCompile(`^[0-9]{6}\*{3,9}[0-9]{4}$`),
	"card_type": regexp.MustCompile(`^0[0-3]$`), "merchant_no": regexp.MustCompile(`^[0-9A-Za-z]{1,20}$`),
	"terminal_no": regexp.MustCompile(`^[0-9A-Za-z]{1,20}$`), "time": regexp.MustCompile(`^[0-9]{14}$`),
	"amount": regexp.MustCompile(`^[1-9][0-9]{0,17}$`),
}

// genericTextMost bounds a text of a generic result, in bytes.
const genericTextMost = 200

// ReadGenericResult reads what an application handed back in the generic form. A result that is not the trade's
// (another number or amount), that has a field of another form, or with which a card payment could not be found again,
// is an Error of kind Unauthentic; so is one with a full card number, track or PIN. Fields with other names are left
// out.
func ReadGenericResult(t Trade, fields map[string]string) (DeviceResult, error) {
	if err := RefuseCardSecrets(fields); err != nil {
		return DeviceResult{}, err
	}
	for name, form := range genericForms {
		if value := fields[name]; value != "" && !form.MatchString(value) {
			return DeviceResult{}, unreadable(name + " is not of its form")
		}
	}
	for _, name := range []string{"issuer", "code", "message"} {
		if value := fields[name]; len(value) > genericTextMost || !utf8.ValidString(value) {
			return DeviceResult{}, unreadable(name + " is not a short text")
		}
	}
	if fields["out_trade_no"] != t.OutTradeNo {
		return DeviceResult{}, RejectDeviceFields(OtherTrade, errors.New("payment: out_trade_no is not the trade's"))
	}
	if amount := fields["amount"]; amount != "" && amount != strconv.FormatInt(int64(t.Amount), 10) {
		return DeviceResult{}, RejectDeviceFields(OtherAmount, errors.New("payment: amount is not the trade's"))
	}
	return genericResult(t.Amount, fields)
}

// genericResult translates fields whose forms are right.
func genericResult(amount money.Fen, fields map[string]string) (DeviceResult, error) {
	r := DeviceResult{Message: strings.TrimSpace(fields["code"] + " " + fields["message"]), Card: card.Card{
		ReferenceNo: fields["reference_no"], BatchNo: fields["batch_no"], TraceNo: fields["trace_no"],
		AuthCode: fields["auth_code"],
		Masked:   fields["masked_card"], Type: card.UnionPayCardType(fields["card_type"]), Issuer: fields["issuer"],
		Merchant: fields["merchant_no"], Terminal: fields["terminal_no"],
	}}
	if at := fields["time"]; at != "" {
		local, err := calendar.Parse("20060102150405", at)
		if err != nil {
			return DeviceResult{}, unreadable("time is not a time")
		}
		r.At = local.UTC()
	}
	switch result := fields["result"]; result {
	case "success":
	case "failed", "cancelled":
		r.Message = strings.TrimSpace(result + " " + r.Message)
		return r, nil
	default:
		return DeviceResult{}, unreadable("result is neither success, failed nor cancelled")
	}
	switch {
	case fields["amount"] == "":
		return DeviceResult{}, unreadable("amount is missing")
	case r.Card.ReferenceNo == "" && (r.Card.BatchNo == "" || r.Card.TraceNo == "" || r.Card.Terminal == ""):
		return DeviceResult{}, unreadable("neither reference_no nor batch_no, trace_no and terminal_no are there")
	}
	r.Done, r.Amount = true, amount
	return r, nil
}

// RefuseCardSecrets returns an Error of kind Unauthentic when what a device handed back holds a full card number, a
// track, chip data, a PIN or a check value, whatever the field; else nil. The error does not repeat it.
func RefuseCardSecrets(fields map[string]string) error {
	if err := card.RefuseSecrets(fields); err != nil {
		return RejectDeviceFields(CardSecret, err)
	}
	return nil
}

// Why what a device handed back is not believed, for staff. None of them repeats what it says.
const (
	OtherTrade  = "不是该笔订单的结果"
	OtherAmount = "金额与订单不符"
	CardSecret  = "含有完整卡号、磁道、芯片数据或密码"
	Unreadable  = "格式不正确或缺少必要内容"
)

// RejectDeviceFields is what a device handed back and is not believed: why is one of the above, cause is for the log.
// It is an Error of kind Unauthentic.
func RejectDeviceFields(why string, cause error) error {
	return &Error{Kind: Unauthentic, Message: why, Cause: cause}
}

func unreadable(what string) error {
	return RejectDeviceFields(Unreadable, errors.New("payment: "+what))
}
