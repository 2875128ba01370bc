package payment_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// The two charges that a terminal tells of under one number, by what its application hands back of them.
const first, second = "123456789012", "999999999999"

// tellsOf has the terminal tell of a charge, A or B.
func (w *world) tellsOf(id string, charge rune, more ...string) {
	w.t.Helper()
	fields := charged(id, more...)
	if charge == 'B' {
		fields = charged(id, append([]string{"reference_no", second, "trace_no", "000008"}, more...)...)
	}
	if _, err := w.brings(id, fields); err != nil && !fault.Is(err, fault.Invalid) {
		w.t.Fatalf("%c: %v", charge, err)
	}
}

// confirms has the institution tell of an order's first attempt, with a card.
func (w *world) confirms(id string, i gateway.Institution, card card.Card) {
	w.t.Helper()
	if i == gateway.Lakala {
		w.lakala.says = func(r *gateway.Report) { r.Card = card }
		m := w.lakala.pay(id + "01")
		if got := w.pay.Receive(w.t.Context(), i, string(i), m).Status; got != 200 {
			w.t.Fatalf("the notification is answered %d", got)
		}
		return
	}
	shown := line(id+"01", gateway.TradePaid, 100, w.now())
	shown.Card = card
	w.shengpay.statement = []gateway.Report{shown}
	w.pass(24 * time.Hour)
	w.statements()
}

// openLines are the charges that people have to look for: the traces of the lines that nobody has explained.
func (w *world) openLines(id string) string {
	var values []string
	for _, u := range w.get(id).RejectedReports {
		if trace := u.Word.Fields["trace_no"]; u.Open() {
			values = append(values, trace[len(trace)-1:])
		}
	}
	slices.Sort(values)
	return strings.Join(values, " ")
}

// Of two charges of one attempt the institution confirms one: whichever it is and in whatever order all that is told,
// people look for the other, and for no more. Add a line for another card that an institution tells of.
func TestTheChargeThatIsNotConfirmedStaysInFinancesList(t *testing.T) {
	for name, c := range map[string]struct {
		card card.Card // what the institution tells
		more []string  // of B's fields
		want string    // the traces that stay; "one" is either
	}{
		"A by its reference":             {card.Card{ReferenceNo: first}, nil, "8"},
		"B by its reference":             {card.Card{ReferenceNo: second}, nil, "7"},
		"A by batch and trace":           {card.Card{BatchNo: "000001", TraceNo: "000007"}, nil, "8"},
		"B by batch and trace":           {card.Card{BatchNo: "000001", TraceNo: "000008"}, nil, "7"},
		"A by its reference, B has none": {card.Card{ReferenceNo: first}, []string{"reference_no", "-"}, "8"},
		"B by its trace, its only number": {
			card.Card{BatchNo: "000001", TraceNo: "000008"}, []string{"reference_no", "-"}, "7",
		},
		"a third one":               {card.Card{ReferenceNo: "555555555555"}, nil, "7 8"},
		"one that it does not name": {card.Card{}, nil, "one"},
	} {
		for _, order := range []string{"AB!", "BA!", "A!B", "B!A", "!AB", "!BA"} {
			for _, at := range []struct {
				gateway.Institution
				trust string
			}{{gateway.Lakala, ""}, {gateway.Shengpay, ""}, {gateway.Shengpay, "yes"}} {
				t.Run(fmt.Sprint(name, "/", order, at), func(t *testing.T) {
					w := newWorld(t)
					id := w.cardAt(at.Institution, at.trust)
					for _, what := range order {
						switch what {
						case '!':
							w.confirms(id, at.Institution, c.card)
						case 'A':
							w.tellsOf(id, what)
						case 'B':
							w.tellsOf(id, what, c.more...)
						}
					}
					got := w.openLines(id)
					if one := c.want == "one" && len(got) == 1; !one && got != c.want || w.unconfirmed() != 1 {
						t.Errorf("open: %q, want %q; %+v", got, c.want, w.get(id).RejectedReports)
					}
					if o := w.wantOrder(id, payment.Paid, payment.AttemptSucceeded); o.Attempt(1).Received != 100 {
						t.Errorf("%+v", o.Attempt(1))
					}
				})
			}
		}
	}
}

// Where the statement shows the second charge too, an order of its own holds that money, and nobody looks for it.
func TestTheStatementExplainsBothCharges(t *testing.T) {
	for _, trust := range []string{"", "yes"} {
		for _, shown := range [][]string{{first, second}, {second, first}} {
			w := newWorld(t)
			id := w.cardAt(gateway.Shengpay, trust)
			w.tellsOf(id, 'A')
			w.tellsOf(id, 'B')
			for i, reference := range shown {
				r := line(id+"01", gateway.TradePaid, 100, w.now().Add(time.Duration(i)*time.Minute))
				r.TransactionID, r.StatementNo, r.Card = "S"+reference, "S"+reference,
					card.Card{ReferenceNo: reference}
				w.shengpay.statement = append(w.shengpay.statement, r)
			}
			w.pass(24 * time.Hour)
			w.statements()
			w.sweep(w.pay, time.Minute)
			if a := w.verify(); w.openLines(id) != "" || w.unconfirmed() != 0 || a.Finding != "" || a.Taken != 200 {
				t.Errorf("trust %q, %v: open %q; %+v", trust, shown, w.openLines(id), a)
			}
		}
	}
}

// Once finance found that a charge never came, each one that the terminal tells of has its own line: settling one hides
// no other, however many come and whether they are of the same card or not.
func TestAChargeAfterADenialHasItsOwnLine(t *testing.T) {
	for _, trust := range []string{"", "yes"} {
		w := newWorld(t)
		id := w.cardAt(gateway.Shengpay, trust)
		w.tellsOf(id, 'A')
		if _, err := w.pay.MarkNotReceived(t.Context(), id, 1, "staff:fin", "核实"); err != nil || w.unconfirmed() != 0 {
			t.Fatal(err, w.unconfirmed())
		}
		w.tellsOf(id, 'A', "auth_code", "123456") // the same, and more of it
		if w.openLines(id) != "7" || w.unconfirmed() != 1 {
			t.Fatalf("trust %q: open %q", trust, w.openLines(id))
		}
		w.tellsOf(id, 'B')
		w.tellsOf(id, 'B', "trace_no", "000009", "reference_no", "888888888888")
		if w.openLines(id) != "7 8 9" {
			t.Fatalf("trust %q: open %q", trust, w.openLines(id))
		}
		for _, u := range w.get(id).RejectedReports {
			if u.Word.Fields["trace_no"] == "000008" {
				continue
			}
			if _, err := w.pay.SettleResult(t.Context(), id, u.No, "staff:fin", "核实"); err != nil {
				t.Fatal(err)
			}
		}
		if w.openLines(id) != "8" || w.unconfirmed() != 1 {
			t.Errorf("trust %q: open %q after the others were settled", trust, w.openLines(id))
		}
	}
}

// Results that differ anywhere are two, however little of them is shown; the same one is one, however often it comes.
// Add a line for another place where two may differ.
func TestTwoResultsThatLookAlikeAreTwo(t *testing.T) {
	const pan = "6222021234567890128"
	long, many := strings.Repeat("x", 450), map[string]string{"result": "maybe"}
	for i := range 120 {
		many[fmt.Sprintf("field_%03d", i)] = "x"
	}
	with := func(fields map[string]string, name, value string) map[string]string {
		entries := map[string]string{name: value}
		for n, v := range fields {
			if n != name {
				entries[n] = v
			}
		}
		return entries
	}
	for name, c := range map[string]struct {
		one, two map[string]string
		later    time.Duration // of the second card's reading
	}{
		"behind what is shown": {map[string]string{"raw": long + "RRN 1"}, map[string]string{"raw": long + "RRN 2"}, 0},
		"behind a masked number": {
			map[string]string{"raw": pan + long + "RRN 1"}, map[string]string{"raw": pan + long + "RRN 2"}, 0,
		},
		"a field that has no room": {with(many, "field_119", "1"), with(many, "field_119", "2"), 0},
		"a control character":      {map[string]string{"raw": "a\nb"}, map[string]string{"raw": "a\tb"}, 0},
		"a byte that is no text": {
			map[string]string{"raw": long + "\xfe"}, map[string]string{"raw": long + "\xff"}, 0,
		},
		"a name and its value":          {map[string]string{"raw": "x"}, map[string]string{"ra": "wx"}, 0},
		"a masked text's length":        {map[string]string{"pin": "1234"}, map[string]string{"pin": "123456"}, 0},
		"when a masked number was read": {map[string]string{"raw": pan}, map[string]string{"raw": pan}, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id, read := w.cardAt(gateway.Shengpay, ""), w.now()
			brings := func(fields map[string]string, at time.Time) {
				word := payment.DeviceReport{Terminal: "t1", Fields: fields, Signature: []byte("s"), ReadAt: at,
					SignedAt: w.now()}
				if told, err := w.pay.ReportCard(t.Context(), id, 1, word); err != nil || told.Why == nil {
					t.Fatal(told, err)
				}
			}
			for range 2 {
				brings(c.one, read)
				brings(c.two, read.Add(c.later))
				w.pass(time.Minute)
			}
			if o := w.get(id); len(o.RejectedReports) != 2 ||
				o.RejectedReports[0].Digest == o.RejectedReports[1].Digest {
				t.Errorf("two results, each brought twice, are %d: %+v", len(o.RejectedReports), o.RejectedReports)
			}
		})
	}
}

// A secret leaves no trace in what tells results apart: two that differ in it alone have one digest.
func TestADigestTellsNoSecret(t *testing.T) {
	for name, c := range map[string][2]map[string]string{
		"a full card number": {{"raw": "卡号 6222021234567890128"}, {"raw": "卡号 6222021234567890136"}},
		"as a name":          {{"6222021234567890128": "x"}, {"6222021234567890136": "x"}},
		"a PIN":              {{"pin": "1234"}, {"pin": "4321"}},
		"a track": {
			{"raw": ";6222021234567890128=29121011234567890?"}, {"raw": ";6222021234567890136=29121011234567890?"},
		},
	} {
		var digests []string
		for _, fields := range c {
			w := newWorld(t)
			id := w.cardAt(gateway.Shengpay, "")
			if _, err := w.brings(id, fields); !fault.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			digests = append(digests, w.get(id).RejectedReports[0].Digest)
		}
		if digests[0] == "" || digests[0] != digests[1] {
			t.Errorf("%s: %v", name, digests)
		}
	}
}
