package ruiyinxin_test

import (
	"fmt"
	"testing"

	"linlipay/payment/gateway"
)

func TestReverse(t *testing.T) {
	no := reply{text: said("E", "9999", `{}`)}
	for name, c := range map[string]struct {
		undone, found reply
		kind          gateway.ErrorKind
		signed        bool
	}{
		"done, naming none": {reply{text: said("S", "000000", `{}`)},
			told("E", "1", `,"isClearOrCancel":"1"`), "", false},
		"done, naming none, was paid": {reply{text: said("S", "000000", `{}`)},
			told("S", "000000", `,"isClearOrCancel":"1"`), "", false},
		"done, naming none, not so": {reply{text: said("S", "000000", `{}`)}, told("R", "", ""), gateway.TryLater,
			true},
		"done, naming none, and silence": {reply{text: said("S", "000000", `{}`)}, reply{}, gateway.Indeterminate,
			true},
		"done, naming it": {reply{text: said("S", "000000", `{"oriReqMsgId":"NUMBER"}`)}, reply{}, "",
			false},
		"done, naming another": {reply{text: said("S", "000000", `{"oriReqMsgId":"x"}`)}, reply{},
			gateway.Indeterminate, false},
		"done, unsigned": {reply{text: said("S", "000000", `{}`), unsigned: true}, reply{}, gateway.Indeterminate,
			false},
		"under way":                  {reply{text: said("R", "", `{}`)}, reply{}, gateway.TryLater, true},
		"absent":                     {reply{text: said("E", "4004", `{}`)}, reply{}, gateway.NotFound, true},
		"a no, but it is cancelled":  {no, told("S", "000000", `,"isClearOrCancel":"1"`), "", false},
		"a no, but it failed":        {no, told("E", "1", ""), "", false},
		"a no, and it is paid":       {no, told("S", "000000", ""), gateway.TryLater, true},
		"a no, and it can be paid":   {no, told("R", "", ""), gateway.TryLater, true},
		"a no, and it is absent":     {no, told("E", "4004", ""), gateway.NotFound, true},
		"a no, and a no to that too": {no, no, gateway.Indeterminate, true},
		"a no for lack of money":     {reply{text: said("E", "6006", `{}`)}, reply{}, gateway.Declined, true},
		"silence": {reply{}, told("S", "000000", `,"isClearOrCancel":"1"`), gateway.Indeterminate,
			false},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{"SMZF005": c.undone, "SMZF006": c.found})
			err := newGateway().Reverse(t.Context(), s.account, trade())
			if c.kind != "" {
				wantKind(t, err, c.kind, c.signed)
			} else if err != nil {
				t.Fatal(err)
			}
			q := s.sent(t, "SMZF005")
			if fmt.Sprint(q.fields) != fmt.Sprint(map[string]any{"oriReqMsgId": number,
				"merchantCode": "M00000000000001"}) || q.form.Get("reqMsgId") == number {
				t.Errorf("sent %v with %v", q.form, q.fields)
			}
		})
	}
}

// A close must not cancel what is paid: a cancellation gives the money back.
func TestCloseLooksFirst(t *testing.T) {
	for name, c := range map[string]struct {
		found  reply
		kind   gateway.ErrorKind
		signed bool
		undone int
	}{
		"it can be paid":   {told("R", "", ""), "", false, 1},
		"it is paid":       {told("S", "000000", ""), gateway.AlreadyPaidUpstream, true, 0},
		"it failed":        {told("E", "1", ""), gateway.AlreadyClosedUpstream, true, 0},
		"it was cancelled": {told("E", "1", `,"isClearOrCancel":"1"`), gateway.AlreadyClosedUpstream, true, 0},
		"it was paid and cancelled": {told("S", "000000", `,"isClearOrCancel":"1"`), gateway.AlreadyPaidUpstream, true,
			0},
		"it is absent": {told("E", "4004", ""), gateway.NotFound, true, 0},
		"unsigned":     {reply{text: told("R", "", "").text, unsigned: true}, gateway.Indeterminate, false, 0},
		"silence":      {reply{}, gateway.Indeterminate, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{"SMZF005": {text: said("S", "000000", `{"oriReqMsgId":"NUMBER"}`)},
				"SMZF006": c.found})
			err := newGateway().Close(t.Context(), s.account, trade())
			if c.kind != "" {
				wantKind(t, err, c.kind, c.signed)
			} else if err != nil {
				t.Fatal(err)
			}
			if n := s.times("SMZF005"); n != c.undone {
				t.Errorf("cancelled %d times", n)
			}
		})
	}
}
