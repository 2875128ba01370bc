package ruiyinxin_test

import (
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

func TestAnswersToAQuestion(t *testing.T) {
	drop := func(r reply, what, with string) reply { r.text = strings.Replace(r.text, what, with, 1); return r }
	paid := told("S", "000000", `,"payTime":"20261125155900","buyerId":"o1","payWay":"ZFBZF"`)
	for name, c := range map[string]struct {
		reply
		state  gateway.TradeState
		kind   gateway.ErrorKind
		signed bool
	}{
		"paid":                        {paid, gateway.TradePaid, "", false},
		"found to be paid afterwards": {told("S", "000090", ""), gateway.TradePaid, "", false},
		"paid, without a code":        {told("S", "", ""), gateway.TradePaid, "", false},
		"paid, the amount at the head": {drop(drop(paid, `,"totalAmount":"123.45"`, ""), `"respType"`,
			`"totalAmount":"123.45","respType"`), gateway.TradePaid, "", false},
		"paid, the amount as a number": {drop(paid, `"123.45"`, `123.45`), gateway.TradePaid, "", false},
		"paid, data as a text": {
			reply{text: said("S", "000000", `"{\"oriReqMsgId\":\"NUMBER\",\"oriRespType\":\"S\",`+
				`\"totalAmount\":\"123.45\"}"`)}, gateway.TradePaid, "", false},
		"not yet":                        {told("R", "", ""), gateway.TradeUnpaid, "", false},
		"not yet, with a failure's type": {told("E", "2068", ""), gateway.TradeUnpaid, "", false},
		"failed":                         {told("E", "51", ""), gateway.TradeFailed, "", false},
		"cancelled":                      {told("E", "51", `,"isClearOrCancel":"1"`), gateway.TradeClosed, "", false},
		"paid and cancelled":             {told("S", "000000", `,"isClearOrCancel":1`), gateway.TradePaid, "", false},
		"cancelled, nobody says of what": {drop(told("S", "000000", `,"isClearOrCancel":1`), `,"totalAmount":"123.45"`,
			""), gateway.TradeClosed, "", false},
		"absent, of the trade":    {told("E", "4004", ""), "", gateway.NotFound, true},
		"absent, of the question": {reply{text: said("E", "4004", `{}`)}, "", gateway.NotFound, true},
		"absent, unsigned": {reply{text: said("E", "4004", `{}`), unsigned: true}, "", gateway.Indeterminate,
			false},
		"a no":                          {reply{text: said("E", "9", `{}`)}, "", gateway.Indeterminate, true},
		"the question is under way":     {reply{text: said("R", "", `{}`)}, "", gateway.TryLater, true},
		"a state of no meaning":         {told("Z", "000000", ""), "", gateway.Indeterminate, false},
		"no state":                      {told("", "", ""), "", gateway.Indeterminate, false},
		"success with a failure's code": {told("S", "51", ""), "", gateway.Indeterminate, false},
		"failure with success's code":   {told("E", "000000", ""), "", gateway.Indeterminate, false},
		"of another number": {drop(paid, "NUMBER", "20261125160000000000000002"), "", gateway.Indeterminate,
			false},
		"of no number, and none known": {drop(paid, `"oriReqMsgId":"NUMBER",`, ""), "", gateway.Indeterminate, false},
		"of another merchant": {drop(paid, `"buyerId"`, `"merchantCode":"M2","buyerId"`), "", gateway.Indeterminate,
			false},
		"paid, without its number": {drop(paid, `"smzfMsgId":"2026112542000001",`, ""), "", gateway.Indeterminate,
			false},
		"paid, without amount":  {drop(paid, `,"totalAmount":"123.45"`, ""), "", gateway.Indeterminate, false},
		"paid, with a comma":    {drop(paid, "123.45", "123,45"), "", gateway.Indeterminate, false},
		"paid, with half a fen": {drop(paid, "123.45", "123.455"), "", gateway.Indeterminate, false},
		"paid, nothing":         {drop(paid, "123.45", "0.00"), "", gateway.Indeterminate, false},
		"paid, two amounts": {drop(paid, `"respType"`, `"totalAmount":"123.46","respType"`), "", gateway.Indeterminate,
			false},
		"paid, less than nothing": {drop(paid, "123.45", "-123.45"), "", gateway.Indeterminate, false},
		"unsigned":                {reply{text: paid.text, unsigned: true}, "", gateway.Indeterminate, false},
		"forged":                  {reply{text: paid.text, forged: true}, "", gateway.Indeterminate, false},
		"nothing":                 {reply{}, "", gateway.Indeterminate, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{"SMZF006": c.reply})
			r, err := newGateway().Query(t.Context(), s.account, trade())
			if c.state == "" {
				wantKind(t, err, c.kind, c.signed)
				return
			}
			if err != nil || r.State != c.state || r.OutTradeNo != number || r.Merchant != "M00000000000001" {
				t.Fatalf("got %+v, %v; want %s", r, err, c.state)
			}
			if c.state == gateway.TradePaid &&
				(r.Amount != 12345 || r.Currency != "CNY" || r.TransactionID != "2026112542000001" ||
					r.PaidAt.IsZero() == strings.Contains(c.text, "payTime")) {
				t.Fatalf("got %+v", r)
			}
		})
	}
	s := script(t, map[string]reply{"SMZF006": paid})
	r, err := newGateway().Query(t.Context(), s.account, trade())
	if err != nil || r.PayerID != "o1" || r.Wallet != gateway.WalletAlipay ||
		!r.PaidAt.Equal(time.Date(2026, 11, 25, 7, 59, 0, 0, time.UTC)) || r.Raw != "S 000000" {
		t.Errorf("got %+v, %v", r, err)
	}
	q := s.sent(t, "SMZF006")
	if q.fields["oriReqMsgId"] != number || len(q.fields) != 1 || len(q.form.Get("reqMsgId")) != 32 ||
		q.form.Get("callBack") != "" {
		t.Errorf("sent %v with %v", q.form, q.fields)
	}
}

func TestTheNumberOfAPaymentIsASetting(t *testing.T) {
	s := script(t, map[string]reply{"SMZF006": told("S", "000000", `,"channelNo":"4200001"`)})
	r, err := newGateway().Query(t.Context(), s.with("transaction_field", "channelNo"), trade())
	if err != nil || r.TransactionID != "4200001" {
		t.Errorf("got %+v, %v", r, err)
	}
}

// Old and new keys are good together: the institution's that signs, and ours that it seals for.
func TestKeysRotate(t *testing.T) {
	k := scriptKeys()
	s := script(t, map[string]reply{"SMZF006": told("R", "", "")})
	both := s.with("platform_public_key_pem", publicPEM(k.institution)+publicPEM(k.stranger))
	if _, err := newGateway().Query(t.Context(), both, trade()); err != nil {
		t.Errorf("with an old key of the institution's beside it: %v", err)
	}
	s.replies["SMZF006"] = reply{text: told("R", "", "").text, forged: true} // as the stranger's is: the new one
	if _, err := newGateway().Query(t.Context(), both, trade()); err != nil {
		t.Errorf("signed with the second key: %v", err)
	}
	// A notification that is still sealed for our previous key.
	text := strings.ReplaceAll(strings.ReplaceAll(said("R", "", `{"oriReqMsgId":"NUMBER"}`), "NUMBER", number), "NOW",
		stamp(time.Now()))
	m := notice(text, "")
	fresh := s.with("private_key_pem", privatePEM(k.stranger), "previous_private_key_pem", privatePEM(k.merchant))
	if n, err := newGateway().Verify(t.Context(), fresh, m, time.Now()); err != nil || n.Report.OutTradeNo != number {
		t.Errorf("sealed for the previous key: %+v, %v", n, err)
	}
	if _, err := newGateway().Verify(t.Context(), s.with("private_key_pem", privatePEM(k.stranger)), m,
		time.Now()); err == nil {
		t.Error("sealed for a key that is no longer ours: believed")
	}
}
