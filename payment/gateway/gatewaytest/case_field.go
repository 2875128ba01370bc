package gatewaytest

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"linlipay/payment/gateway"
	"linlipay/payment/sandbox"
)

func fieldTests() []test {
	return []test{
		{"each field that is read means what the table says where the institution leaves it out", []ability{orders},
			fieldsLeftOut},
		{"the page under docs shows the table of fields", nil, fieldsDocumented},
	}
}

// rules is the gateway's table.
func (s *suite) rules(t *testing.T) []gateway.FieldRule {
	t.Helper()
	reader, ok := s.Gateway.(gateway.FieldReader)
	if !ok {
		t.Fatal("the gateway shows no table of the fields that it reads")
	}
	return reader.FieldRules()
}

// meaning is what the table says of a field that was edited; ok is false where the edit does not apply to it.
func meaning(rule gateway.FieldRule, edit sandbox.FieldEdit) (m gateway.Meaning, ok bool) {
	switch edit {
	case sandbox.EditTwice:
		return gateway.Unbelieved, true
	case sandbox.EditZero:
		return rule.Zero, rule.Zero != ""
	case sandbox.EditOther:
		return rule.Other, rule.Other != ""
	}
	return rule.Nothing, true
}

func fieldsLeftOut(t *testing.T, s *suite) {
	for _, rule := range s.rules(t) {
		for _, edit := range sandbox.FieldEdits() {
			want, ok := meaning(rule, edit)
			if !ok {
				continue
			}
			t.Run(fmt.Sprintf("%s %s %s is %s", rule.In, rule.Name, edit, want), func(t *testing.T) {
				how := sandbox.Script{Fault: sandbox.FieldEdited, Field: rule.Name, Edit: edit}
				o, got, err := s.edited(t, rule.In, how)
				s.means(t, o, want, got, err)
			})
		}
	}
}

// edited is what the gateway makes of a message with an edited field: an answer to a question of its own, or a
// notification.
func (s *suite) edited(t *testing.T, in string, how sandbox.Script) (*order, any, error) {
	t.Helper()
	switch in {
	case "pay":
		w := s.main(t)
		o := s.open(t, w, 12345)
		how.OutTradeNo, how.Operation = o.charge.OutTradeNo, in
		s.Institutions.fault(t, how)
		s.pay(t, o, wallets(w)[0])
		n, err := s.parse(t, s.inbox.next(t, o.charge.OutTradeNo))
		return o, n, err
	case "refund_pay":
		o := s.paid(t, 12345)
		s.inbox.next(t, o.charge.OutTradeNo)
		s.Institutions.fault(t, sandbox.Script{Fault: sandbox.RefundSlow, OutTradeNo: o.charge.OutTradeNo,
			Operation: "refund"})
		if _, err := s.refunder().Refund(t.Context(), s.Account, s.back(o, "R01", 345)); err != nil &&
			kind(t, err) == gateway.Declined {
			t.Fatal(err)
		}
		how.OutTradeNo, how.Operation = o.charge.OutTradeNo, in
		s.Institutions.fault(t, how)
		s.Institutions.settle(t, s.back(o, "R01", 345).OutRefundNo)
		n, err := s.parse(t, s.inbox.next(t, o.charge.OutTradeNo))
		return o, n, err
	}
	if method, ok := strings.CutPrefix(in, "create "); ok {
		o := s.fresh(s.way(t, gateway.Method(method)), 12345)
		o.charge.PayerID = s.payer(t)
		how.OutTradeNo, how.Operation = o.charge.OutTradeNo, "create"
		s.Institutions.fault(t, how)
		got, err := askOpen(t.Context(), s, s.Account, o)
		return o, got, err
	}
	i := slices.IndexFunc(s.questions(), func(q question) bool { return q.name == in })
	if i < 0 {
		t.Fatalf("the gateway asks no %q", in)
	}
	q := s.questions()[i]
	o := q.prepare(t, s)
	how.OutTradeNo, how.Operation = o.charge.OutTradeNo, in
	s.Institutions.fault(t, how)
	got, err := q.ask(t.Context(), s, s.Account, o)
	return o, got, err
}

// way is the first that is paid by a method.
func (s *suite) way(t *testing.T, method gateway.Method) gateway.PaymentMethod {
	t.Helper()
	methods := s.ways(func(w gateway.PaymentMethod) bool { return w.Method == method })
	if len(methods) == 0 {
		t.Fatalf("nothing is offered by %s", method)
	}
	return methods[0]
}

// means compares what a gateway made of a message with what the table says.
func (s *suite) means(t *testing.T, o *order, want gateway.Meaning, got any, err error) {
	t.Helper()
	if want == gateway.Unbelieved {
		if k := kind(t, err); k != gateway.Indeterminate && k != gateway.Unauthentic {
			t.Fatalf("got %+v, %v; want it not to be believed", got, err)
		}
		return
	}
	if err != nil {
		t.Fatalf("%v; want it believed", err)
	}
	if n, ok := got.(gateway.Notification); ok {
		switch n.Kind {
		case gateway.NotifyTrade:
			got = n.Report
		case gateway.NotifyRefund:
			got = n.Refund
		default:
			t.Fatalf("the notification is passed over: %+v", n)
		}
	}
	switch r := got.(type) {
	case gateway.Report:
		if r.State != gateway.TradePaid || r.OutTradeNo != o.charge.OutTradeNo || r.Amount != o.charge.Amount ||
			r.Currency != gateway.CNY {
			t.Errorf("got %+v; want %d fen paid", r, o.charge.Amount)
		}
		if want == gateway.Implied {
			s.sound(t, o, r, gateway.TradePaid)
		}
	case gateway.RefundReport:
		wanted := s.back(o, "R01", 345)
		state := r.State == gateway.RefundDone || r.State == gateway.RefundProcessing
		if !state || r.OutRefundNo != wanted.OutRefundNo || r.Amount != 345 {
			t.Errorf("got %+v; want 345 fen given back", r)
		}
	}
}

// fieldsDocumented compares the page's tables with the gateway's: a row for each rule and a rule for each row.
func fieldsDocumented(t *testing.T, s *suite) {
	path := "../../../docs/institutions/" + string(s.Gateway.Institution()) + ".md"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rules := s.rules(t)
	missing, stale := compareTables(string(page), rules, slices.Concat(rules, s.MoreRules))
	for _, row := range missing {
		t.Errorf("%s lacks the row\n%s", path, row)
	}
	for _, row := range stale {
		t.Errorf("%s has a row that is no rule\n%s", path, row)
	}
}

// compareTables returns the rows of rules that a page lacks, and those of its tables that are not of all rules.
func compareTables(page string, rules, all []gateway.FieldRule) (missing, stale []string) {
	shown := fieldRows(page)
	known := map[string]bool{}
	for _, r := range all {
		known[fieldRow(r)] = true
	}
	for _, r := range rules {
		if row := fieldRow(r); !slices.Contains(shown, row) {
			missing = append(missing, row)
		}
	}
	for _, row := range shown {
		if !known[row] {
			stale = append(stale, row)
		}
	}
	return missing, stale
}

// fieldRow is a rule as the page shows it.
func fieldRow(r gateway.FieldRule) string {
	return fmt.Sprintf("| %s | `%s` | %s | %s | %s | %s | %s |", r.In, r.Name, r.Promise, r.Nothing,
		cmp.Or(string(r.Zero), "–"), cmp.Or(string(r.Other), "–"), r.Note)
}

// fieldRows are the rows of a page's tables of fields.
func fieldRows(page string) (rows []string) {
	for table := range strings.SplitSeq(page, "\n\n") {
		_, body, ok := strings.Cut(strings.TrimSpace(table),
			"| in | field | promise | nothing | zero | other | note |\n")
		if !ok {
			continue
		}
		lines := strings.Split(body, "\n")
		rows = append(rows, lines[1:]...) // after the rule below the heading
	}
	return rows
}
