package payment_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// charged is what an application hands back after a card payment of an order's first attempt, with fields changed;
// "-" takes one out.
func charged(id string, more ...string) map[string]string {
	fields := map[string]string{
		"result": "success", "out_trade_no": id + "01", "amount": "100", "reference_no": "123456789012",
		"batch_no": "000001", "trace_no": "000007",
		"terminal_no": "D9296400", "masked_card": "622202******1234",
	}
	for i := 0; i < len(more); i += 2 {
		if fields[more[i]] = more[i+1]; more[i+1] == "-" {
			delete(fields, more[i])
		}
	}
	return fields
}

// A result that cannot be taken is acknowledged and stands in finance's list, once, however often it is brought,
// until finance ends it. No secret is kept of it. Add a line for another way in which a result cannot be taken: what
// its fields are, and where they come.
func TestAResultThatCannotBeTakenIsInFinancesList(t *testing.T) {
	const pan, plainPAN = "6222021234567890128", "6222 0212 3456 7890 128"
	many := []string{}
	for i := range 200 {
		many = append(many, fmt.Sprintf("field_%03d", i), "x")
	}
	at := func(i gateway.Institution) func(*world) string {
		return func(w *world) string { return w.cardAt(i, "yes") }
	}
	over := func(w *world) string { // the institution closed it before the terminal told
		id := w.cardAt(gateway.Lakala, "")
		w.sweep(w.pay, 6*time.Minute)
		w.wantOrder(id, payment.Closed, payment.AttemptEnded)
		return id
	}
	confirmed := func(w *world) string {
		id := w.cardAt(gateway.Shengpay, "yes")
		shown := line(id+"01", gateway.TradePaid, 100, w.now())
		shown.Card = card.Card{ReferenceNo: "999999999999"}
		w.shengpay.statement = []gateway.Report{shown}
		w.pass(24 * time.Hour)
		w.statements()
		return id
	}
	bySign := func(w *world) string { // an attempt that no card was asked for
		n := newOrder(w.ref())
		n.Origin = payment.Origin{Kind: payment.Terminal, Terminal: "t1"}
		o, _, err := w.pay.Create(w.t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		w.attempt(o.ID, gateway.WeChat)
		return o.ID
	}
	for name, c := range map[string]struct {
		of     func(*world) string
		more   []string
		why    string
		masked bool
	}{
		"another amount":              {at(gateway.Shengpay), []string{"amount", "99"}, gateway.OtherAmount, false},
		"another amount, asked about": {at(gateway.Lakala), []string{"amount", "99"}, gateway.OtherAmount, false},
		"another order's number": {at(gateway.Shengpay), []string{"out_trade_no", strings.Repeat("1", 26)},
			gateway.OtherTrade, false},
		"no number": {at(gateway.Shengpay), []string{"out_trade_no", "-"}, gateway.OtherTrade,
			false},
		"no result":             {at(gateway.Shengpay), []string{"result", "-"}, gateway.Unreadable, false},
		"a result that is none": {at(gateway.Shengpay), []string{"result", "maybe"}, gateway.Unreadable, false},
		"nothing to find it by": {at(gateway.Shengpay), []string{"reference_no", "-", "trace_no", "-"},
			gateway.Unreadable, false},
		"a reference of another form": {at(gateway.Shengpay), []string{"reference_no", "12"}, gateway.Unreadable,
			false},
		"a text that is too long": {at(gateway.Shengpay), []string{"message", strings.Repeat("长", 3000)},
			gateway.Unreadable, true},
		"too many fields":          {at(gateway.Shengpay), many, gateway.Unreadable, true},
		"a name with a line's end": {at(gateway.Shengpay), []string{"a\nb", "x"}, gateway.Unreadable, true},
		// results.ts
		"what a terminal cut": {at(gateway.Shengpay), []string{"\ncut", "250 fields, 61234 bytes"},
			gateway.Unreadable, true},
		"a full card number": {at(gateway.Shengpay), []string{"message", "卡号 " + pan}, gateway.CardSecret,
			true},
		"a full card number in groups": {at(gateway.Shengpay), []string{"message", "卡号 " + plainPAN + " 成功"},
			gateway.CardSecret, true},
		"a full number as the masked":  {at(gateway.Lakala), []string{"masked_card", pan}, gateway.CardSecret, true},
		"a full card number as a name": {at(gateway.Shengpay), []string{pan, "x"}, gateway.CardSecret, true},
		"a track": {at(gateway.Shengpay), []string{"raw", ";" + pan + "=29121011234567890?"},
			gateway.CardSecret, true},
		"a track by its name": {at(gateway.Shengpay), []string{"track2", pan}, gateway.CardSecret, true},
		"a PIN": {at(gateway.Shengpay), []string{"pin_block", "0412AC89ABCDEF67"},
			gateway.CardSecret, true},
		"the institution had closed it":                            {over, nil, payment.AttemptOver, false},
		"another charge, over a card that the statement confirmed": {confirmed, nil, payment.OtherCharge, false},
		"no card was asked for":                                    {bySign, nil, payment.NotACard, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := c.of(w)
			before, settled := w.get(id), maps.Clone(w.settled)
			for range 3 {
				if o, err := w.brings(id, charged(id, c.more...)); !fault.Is(err, fault.Invalid) || o == nil {
					t.Fatalf("brought: %v, %v", o, err)
				}
			}
			o := w.get(id)
			if len(o.RejectedReports) != 1 || o.RejectedReports[0].Why != c.why || !o.RejectedReports[0].Open() ||
				o.RejectedReports[0].Word.At != w.now() || w.unconfirmed() != 1 {
				t.Fatalf("%d in finance's list; %+v", w.unconfirmed(), o.RejectedReports)
			}
			if u := o.RejectedReports[0]; (u.Word.Signature == nil) != c.masked ||
				maps.Equal(u.Word.Fields, charged(id, c.more...)) == c.masked || len(u.Word.Fields) > 100 {
				t.Errorf("what is kept of it: %+v", u.Word)
			}
			if o.Status != before.Status || o.Attempt(1).Received != before.Attempt(1).Received ||
				!maps.Equal(w.settled, settled) {
				t.Errorf("it moved money: %+v", o)
			}
			raw, err := json.Marshal(o)
			for _, secret := range []string{pan, plainPAN, pan[:16], "29121011234567890", "0412AC89ABCDEF67"} {
				if err != nil || strings.Contains(string(raw), secret) {
					t.Errorf("the order keeps %s, %v", secret, err)
				}
			}
			if _, err := w.pay.SettleResult(t.Context(), id, 1, "staff:fin", ""); !fault.Is(err, fault.Invalid) {
				t.Errorf("ended without a note: %v", err)
			}
			for i, want := range []fault.Code{"", fault.WrongState} {
				if _, err := w.pay.SettleResult(t.Context(), id, 1, "staff:fin", "收单机构查无此笔"); fault.CodeOf(
					err) != want {
					t.Errorf("ended %d times: %v", i+1, err)
				}
			}
			if _, err := w.pay.SettleResult(t.Context(), id, 2, "staff:fin", "x"); !fault.Is(err, fault.NotFound) {
				t.Errorf("a result that is none: %v", err)
			}
			if o, err := w.brings(id, charged(id, c.more...)); err != nil || w.unconfirmed() != 0 ||
				len(o.RejectedReports) != 1 {
				t.Errorf("brought once more after its end: %v, %d in the list", err, w.unconfirmed())
			}
		})
	}
}

// No store has to take an application's names as keys of its own.
func TestHandedFieldsAreStoredAsAList(t *testing.T) {
	fields := payment.HandedFields{"$where": "1", "a.b": "2", "": "3", "行": "四\n"}
	raw, err := json.Marshal(payment.DeviceReport{Fields: fields})
	if err != nil ||
		!strings.Contains(string(raw),
			`"fields":[{"name":"","value":"3"},{"name":"$where","value":"1"},{"name":"a.b",`) {
		t.Fatal(string(raw), err)
	}
	var back payment.DeviceReport
	if err := json.Unmarshal(raw, &back); err != nil || !maps.Equal(back.Fields, fields) {
		t.Errorf("%v, %v", back.Fields, err)
	}
}

// A result that says that nothing was charged, or one that came before, is no work for anybody.
func TestAResultWithNothingAtStakeIsNoWork(t *testing.T) {
	w := newWorld(t)
	id := w.cardAt(gateway.Lakala, "")
	w.sweep(w.pay, 6*time.Minute)
	if _, err := w.says(id, "failed", "message", "余额不足"); err != nil || w.unconfirmed() != 0 {
		t.Errorf("declined, and told too late: %v, %d in the list", err, w.unconfirmed())
	}
	id = w.cardAt(gateway.Lakala, "")
	if _, err := w.says(id, "success"); err != nil {
		t.Fatal(err)
	}
	w.sweep(w.pay, 20*time.Minute) // the institution closes it
	if _, err := w.says(id, "success"); err != nil || w.unconfirmed() != 0 {
		t.Errorf("the same again, since its answer was lost: %v, %d in the list", err, w.unconfirmed())
	}
}

// The terminal keeps what an order has no room for.
func TestAnOrderKeepsSoManyResults(t *testing.T) {
	w := newWorld(t)
	id := w.cardAt(gateway.Shengpay, "")
	for i := range 50 {
		if _, err := w.brings(id, charged(id, "amount", fmt.Sprint(1000+i))); !fault.Is(err, fault.Invalid) {
			t.Fatal(err)
		}
	}
	if _, err := w.brings(id, charged(id, "amount", "5000")); !fault.Is(err, fault.TooMany) {
		t.Errorf("one more: %v", err)
	}
	if _, err := w.brings(id, charged(id, "amount", "1000")); !fault.Is(err, fault.Invalid) {
		t.Errorf("one that is kept: %v", err)
	}
}

// What a statement or the institution tells of the payment explains a result that was not taken; a day's statement
// without it is noted on the line.
func TestTheInstitutionExplainsAResult(t *testing.T) {
	for name, c := range map[string]struct {
		at    gateway.Institution
		more  []string
		took  int64
		open  bool
		doubt string
	}{
		"the statement shows another amount": {gateway.Shengpay, []string{"amount", "99"}, 99, false, ""},
		"the statement shows what was asked": {gateway.Shengpay, []string{"amount", "99"}, 100, false, ""},
		"the statement does not show it":     {gateway.Shengpay, []string{"amount", "99"}, 0, true, "无此笔"},
		"the result is of another payment": {gateway.Shengpay, []string{"out_trade_no", strings.Repeat("1", 26)},
			100, true, ""},
		"the institution tells what it charged": {gateway.Lakala, []string{"result", "maybe"}, 100, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.cardAt(c.at, "yes")
			if _, err := w.brings(id, charged(id, c.more...)); !fault.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			if c.at == gateway.Lakala {
				w.lakala.pay(id + "01")
			} else if w.shengpay.statement = []gateway.Report{}; c.took > 0 {
				w.shengpay.statement = []gateway.Report{line(id+"01", gateway.TradePaid, c.took, w.now())}
			}
			w.sweep(w.pay, 6*time.Minute) // the order's time is over
			w.pass(24 * time.Hour)
			w.statements()
			o := w.get(id)
			if u := o.RejectedReports[0]; u.Open() != c.open || !strings.Contains(u.Doubt, c.doubt) ||
				int64(o.Attempt(1).Received) != c.took || w.unconfirmed() == 1 != c.open {
				t.Errorf("%d in the list, %+v, received %s", w.unconfirmed(), u, o.Attempt(1).Received)
			}
			w.sweep(w.pay, time.Minute)
			if a := w.verify(); a.Finding != "" || int64(a.Taken) != c.took {
				t.Errorf("%+v", a)
			}
		})
	}
}

// A card that Lakala charged and that ended unpaid with us: the institution is asked when the terminal tells, and
// again whenever a person opens it, until it answers.
func TestALateResultAsksTheInstitutionAgain(t *testing.T) {
	w := newWorld(t)
	id := w.cardAt(gateway.Lakala, "")
	w.sweep(w.pay, 6*time.Minute)
	w.wantOrder(id, payment.Closed, payment.AttemptEnded)
	w.lakala.pay(id + "01") // the card was charged all the same, and its notification is lost
	w.lakala.silent = true
	if _, err := w.brings(id, charged(id)); !fault.Is(err, fault.Invalid) || w.unconfirmed() != 1 {
		t.Fatalf("the institution is silent: %v, %d in the list", err, w.unconfirmed())
	}
	w.lakala.silent = false
	if _, err := w.pay.Check(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if o := w.wantOrder(id, payment.Paid, payment.AttemptSucceeded); w.unconfirmed() != 0 ||
		o.RejectedReports[0].EndedBy != "" || o.RejectedReports[0].Open() {
		t.Errorf("after the institution's word: %+v", o.RejectedReports)
	}
}

// A terminal that was without a line, or whose clock was wrong, brings its result days later. Nobody but the
// statement can tell: finance sees it until that does, and the money is booked as any that is late.
func TestALateCardOfAnExpiredOrder(t *testing.T) {
	for _, late := range []time.Duration{10 * time.Minute, 26 * time.Hour, 50 * time.Hour, 5 * 24 * time.Hour} {
		for _, paidElsewhere := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, paid elsewhere %t", late, paidElsewhere), func(t *testing.T) {
				w := newWorld(t)
				id := w.cardAt(gateway.Shengpay, "")
				w.sweep(w.pay, 6*time.Minute)
				w.wantOrder(id, payment.Closed, payment.AttemptLeaving)
				if paidElsewhere {
					w.paid(gateway.WeChat, w.wechat, w.get(id).Items[0].Ref)
				}
				w.pass(late)
				w.sweep(w.pay, time.Minute)
				if _, err := w.brings(id, charged(id)); err != nil || w.unconfirmed() != 1 {
					t.Fatalf("%v, %d in finance's list", err, w.unconfirmed())
				}
				w.shengpay.statement = []gateway.Report{line(id+"01", gateway.TradePaid, 100, w.now())}
				w.pass(24 * time.Hour)
				w.statements()
				want := payment.Paid
				if paidElsewhere {
					want = payment.Closed
				}
				o := w.wantOrder(id, want, payment.AttemptSucceeded)
				if w.unconfirmed() != 0 || len(o.Unapplied) == 1 != paidElsewhere {
					t.Errorf("%d in the list; %+v", w.unconfirmed(), o.Unapplied)
				}
			})
		}
	}
}

// What a terminal tells of a void is never lost either, whatever became of the refund meanwhile.
func TestAVoidThatIsToldTooLate(t *testing.T) {
	missed := func(w *world, _ string) { w.pass(16 * time.Hour); w.sweep(w.pay, time.Minute) }
	for name, c := range map[string]struct {
		before func(w *world, id string)
		more   []string
		why    string // "" is that it is taken, or that there is nothing at stake
	}{
		"it waits":                             {func(*world, string) {}, nil, ""},
		"the institution gave the money back":  {missed, nil, payment.VoidOver},
		"given back, and the void was refused": {missed, []string{"result", "failed"}, ""},
		"told before": {func(w *world, id string) {
			w.voided(id, "success")
		}, []string{"reference_no", "123456789013"}, ""},
		"another void, after it was told": {func(w *world, id string) {
			w.voided(id, "success")
		}, []string{"reference_no", "555555555555"}, payment.VoidOver},
		"the institution told first": {func(w *world, id string) {
			no := w.get(id).Refund(1).OutRefundNo
			w.lakala.refunds[no] = &refund{request: gateway.RefundRequest{OutRefundNo: no, Amount: 100},
				state: gateway.RefundDone, id: "V1"}
			missed(w, id)
		}, nil, ""},
		"another amount":     {func(*world, string) {}, []string{"amount", "99"}, gateway.OtherAmount},
		"a full card number": {func(*world, string) {}, []string{"message", "6222021234567890128"}, gateway.CardSecret},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.paidByCard()
			w.giveBack(id, 100)
			c.before(w, id)
			fields := map[string]string{"result": "success", "out_trade_no": id + "01", "amount": "100",
				"reference_no": "123456789013"}
			for i := 0; i < len(c.more); i += 2 {
				fields[c.more[i]] = c.more[i+1]
			}
			for range 2 {
				told, err := w.pay.ReportVoid(t.Context(), id, 1, payment.DeviceReport{Terminal: "t1", Fields: fields})
				if err != nil || (told.Why == nil) != (c.why == "") {
					t.Fatalf("%v, %v", told.Why, err)
				}
			}
			o := w.get(id)
			lines := slices.DeleteFunc(slices.Clone(o.RejectedReports), func(u payment.RejectedReport) bool {
				return u.Refund != 1 || u.Attempt != 1 || u.Why != c.why
			})
			if listed := c.why != ""; len(lines) == 1 != listed || len(o.RejectedReports) != len(lines) ||
				w.unconfirmed() == 1 != listed {
				t.Errorf("%d in the list: %+v", w.unconfirmed(), o.RejectedReports)
			}
		})
	}
	w := newWorld(t)
	id := w.paidByCard()
	w.giveBack(id, 100)
	for _, no := range []int{1, 2} {
		if _, err := w.pay.ReportVoid(t.Context(), id, no, payment.DeviceReport{Terminal: "t2"}); !fault.Is(err,
			fault.NotFound) {
			t.Errorf("another terminal's word of refund %d: %v", no, err)
		}
	}
}

// What a terminal said first, that the card was charged, stands whatever it says later of the same payment.
func TestAChargeThatATerminalToldOfIsNotForgotten(t *testing.T) {
	for name, c := range map[string]struct {
		then    []string
		state   payment.AttemptState
		untaken int
	}{
		"then it says that it was not": {[]string{"result", "failed"}, payment.AttemptReported, 0},
		"then it tells of another": {[]string{"reference_no", "000000000099", "trace_no", "000099"},
			payment.AttemptReported, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.cardAt(gateway.Shengpay, "")
			first := charged(id)
			for _, fields := range []map[string]string{first, charged(id, c.then...), charged(id, c.then...)} {
				w.brings(id, fields)
			}
			o := w.get(id)
			if a := o.Attempt(1); a.State != c.state || len(o.RejectedReports) != c.untaken {
				t.Fatalf("%s, %d not taken", a.State, len(o.RejectedReports))
			}
			kept := maps.Equal(o.Attempt(1).Word.Fields, first)
			for _, u := range o.RejectedReports {
				kept = kept || maps.Equal(u.Word.Fields, first)
			}
			if !kept {
				t.Errorf("the first is nowhere: %+v", o.Attempt(1).Word)
			}
		})
	}
}

// Results that were stored as an object before are read all the same.
func TestHandedFieldsAreReadAsTheyWereStoredBefore(t *testing.T) {
	want := payment.HandedFields{"result": "success", "amount": "100"}
	for _, stored := range []string{
		`{"amount":"100","result":"success"}`, `[{"name":"amount","value":"100"},{"name":"result","value":"success"}]`,
	} {
		var got payment.HandedFields
		if err := json.Unmarshal([]byte(stored), &got); err != nil || !maps.Equal(got, want) {
			t.Errorf("%s is read as %v, %v", stored, got, err)
		}
	}
}

// Every reason is said in both languages; one that we do not know is said as it is.
func TestAReasonInEnglish(t *testing.T) {
	for _, why := range []string{
		payment.NotACard, payment.AttemptOver, payment.OtherCharge, payment.AnotherCard, payment.VoidOver,
		gateway.OtherTrade, gateway.OtherAmount, gateway.CardSecret, gateway.Unreadable,
	} {
		if en := payment.WhyInEnglish(why); en == why || strings.ContainsFunc(en, func(r rune) bool {
			return r > unicode.MaxASCII
		}) {
			t.Errorf("%q in English is %q", why, en)
		}
	}
	if got := payment.WhyInEnglish("elsewhere"); got != "elsewhere" {
		t.Errorf("%q", got)
	}
}
