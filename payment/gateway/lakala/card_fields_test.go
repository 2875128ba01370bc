package lakala_test

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/sandbox"
)

// The fields of a card's payment and of its refunds mean what the table says where the institution leaves them out,
// and the page shows the table.
func TestFieldsOfCards(t *testing.T) {
	page, err := os.ReadFile("../../../docs/institutions/lakala.md")
	if err != nil {
		t.Fatal(err)
	}
	b := open(t)
	for i, rule := range b.g.CardFieldRules() {
		zero, other := cmp.Or(string(rule.Zero), "–"), cmp.Or(string(rule.Other), "–")
		if row := fmt.Sprintf("| %s | `%s` | %s | %s | %s | %s | %s |\n", rule.In, rule.Name, rule.Promise,
			rule.Nothing,
			zero, other, rule.Note); !strings.Contains(string(page), row) {
			t.Errorf("the page lacks the row\n%s", row)
		}
		for j, edit := range sandbox.FieldEdits() {
			want := rule.Nothing
			switch {
			case edit == sandbox.EditTwice:
				want = gateway.Unbelieved
			case edit == sandbox.EditZero:
				want = rule.Zero
			case edit == sandbox.EditOther:
				want = rule.Other
			}
			if want == "" {
				continue
			}
			t.Run(rule.In+" "+rule.Name+" "+string(edit)+" is "+string(want), func(t *testing.T) {
				err := b.editedCard(t, fmt.Sprintf("20261125%012d%02d%02d%02d", 0, i, j, 1), rule.In,
					sandbox.Script{Fault: sandbox.FieldEdited, Field: rule.Name, Edit: edit})
				if (err == nil) != (want != gateway.Unbelieved) {
					t.Errorf("got %v, want %s", err, want)
				}
			})
		}
	}
}

// editedCard pays by card and has one message about the payment, or about a refund of it, edited; the error is what
// the gateway makes of that message.
func (b *bank) editedCard(t *testing.T, number, in string, how sandbox.Script) error {
	t.Helper()
	var card sandbox.ShownCard
	b.control("POST", "/cards", map[string]string{"type": "credit", "issuer": "工商银行"}, &card)
	ch := b.charge(number, gateway.WalletCard, gateway.CardPresent)
	p := b.open(ch)
	if how.OutTradeNo, how.Operation = number, in; in == "pay" {
		b.fault(how)
	}
	b.present(p.Device, card.Card, false)
	n, err := b.g.Verify(t.Context(), b.a, b.message(), time.Now())
	if in == "pay" {
		return b.wantPaid(t, number, n.Report, err)
	}
	if in == "query" {
		b.fault(how)
		r, err := b.g.Query(t.Context(), b.a, asked(ch, p, gateway.Report{}))
		return b.wantPaid(t, number, r, err)
	}
	request := gateway.RefundRequest{Trade: asked(ch, p, n.Report), OutRefundNo: number + "R1", Amount: 345,
		Total: 12345, RequestedAt: time.Now()}
	if in == "refund" {
		b.fault(how)
	}
	done, err := b.g.Refund(t.Context(), b.a, request)
	if in == "refund_query" {
		b.fault(how)
		done, err = b.g.QueryRefund(t.Context(), b.a, request)
	}
	b.message() // the order tells of its refund
	if err == nil && (done.State != gateway.RefundDone || done.Amount != 345 ||
		done.OutRefundNo != request.OutRefundNo) {
		t.Errorf("got %+v", done)
	}
	return err
}

// wantPaid checks that a report that is believed says of the money what is true.
func (b *bank) wantPaid(t *testing.T, number string, r gateway.Report, err error) error {
	t.Helper()
	if err == nil && (r.State != gateway.TradePaid || r.Amount != 12345 || r.OutTradeNo != number ||
		r.Card.Merchant == "" || r.Card.Terminal == "") {
		t.Errorf("got %+v", r)
	}
	return err
}
