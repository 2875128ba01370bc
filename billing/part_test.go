package billing

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/property"
)

// threeBills are a home's bills: of 20.00 that was due in September, of 10.00 and 30.00 that are due later.
func threeBills(t *testing.T, s *books) (unit string, bills map[string]string) {
	t.Helper()
	row := func(fee, period, amount, due string) []any {
		return []any{"阳光里", "1栋", "1", "101", "王小明", "13800000001", fee, period, amount, due}
	}
	if _, err := s.Import(t.Context(), all, sheetOf(t, head, row("物业费", "2026-11", "10.00", "2026-11-30"),
		row("停车费", "2026-10", "20.00", "2026-09-30"), row("水费", "2026-09", "30.00", "2026-12-31"))); err != nil {
		t.Fatal(err)
	}
	found, _, err := s.FindUnits(t.Context(), []string{property.CommunityID("one", "阳光里")}, "101", "", 0)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	owed, err := s.Bills(t.Context(), found[0].ID, Unpaid)
	if err != nil {
		t.Fatal(err)
	}
	bills = map[string]string{}
	for _, b := range owed {
		bills[b.Fee] = b.ID
	}
	return found[0].ID, bills
}

// An amount goes to what was due first; what it does not reach is not in the order.
func TestAnAmountPaysWhatWasDueFirst(t *testing.T) {
	for amount, want := range map[money.Fen]string{
		1:    "停车费 1 of 2000",
		2000: "停车费 2000 of 0",
		2500: "停车费 2000 of 0, 物业费 500 of 1000",
		3001: "停车费 2000 of 0, 水费 1 of 3000, 物业费 1000 of 0",
		6000: "停车费 2000 of 0, 水费 3000 of 0, 物业费 1000 of 0",
		6001: "invalid_request",
		-1:   "invalid_request",
	} {
		t.Run(fmt.Sprint(amount), func(t *testing.T) {
			s, _ := open(t)
			unit, bills := threeBills(t, s)
			in := Collect{Unit: unit, Amount: amount, Origin: payment.Origin{Kind: payment.Counter}}
			for _, id := range bills {
				in.Bills = append(in.Bills, id)
			}
			o, _, err := s.Collect(t.Context(), in)
			var got []string
			var f *fault.Error
			switch {
			case errors.As(err, &f):
				got = []string{string(f.Code)}
			case err != nil:
				t.Fatal(err)
			default:
				for _, it := range o.Items {
					got = append(got, fmt.Sprintf("%s %d of %d", strings.Fields(it.Title)[0], it.Amount, it.Of))
				}
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("it pays %s, want %s", got, want)
			}
		})
	}
}

// pays has somebody collect an amount (0 is all) of a bill, and returns the order.
func pays(t *testing.T, s *books, unit, bill string, amount money.Fen, onOpen payment.OnOpen) (*payment.Order, error) {
	t.Helper()
	o, _, err := s.Collect(t.Context(), Collect{Unit: unit, Bills: []string{bill}, Amount: amount, OnOpen: onOpen,
		Origin: payment.Origin{Kind: payment.Counter}})
	return o, err
}

func detail(err error, name string) any {
	var f *fault.Error
	if !errors.As(err, &f) {
		return nil
	}
	return f.Detail[name]
}

// Two people hold parts of one bill at the same time; what neither holds is free, and more than that is not.
func TestWhatAnOrderDoesNotHoldIsFree(t *testing.T) {
	s, pay := open(t)
	unit, bill := one(t, s)
	first, err := pays(t, s, unit.ID, bill.ID, 400, "")
	if err != nil {
		t.Fatal(err)
	}
	second, err := pays(t, s, unit.ID, bill.ID, 500, "")
	if err != nil {
		t.Fatal(err)
	}
	for amount, want := range map[money.Fen]fault.Code{101: fault.OrderOpen, 0: fault.OrderOpen, 1001: fault.Invalid} {
		if _, err := pays(t, s, unit.ID, bill.ID, amount, ""); !fault.Is(err, want) {
			t.Errorf("%d of a bill of which 100 are free: %v, want %s", amount, err, want)
		} else if order := detail(err, "order"); want == fault.OrderOpen && order != first.ID {
			t.Errorf("it points to %v, not to the order that holds it", order)
		}
	}
	b, err := s.Bill(t.Context(), bill.ID)
	if err != nil {
		t.Fatal(err)
	}
	if orders, held, err := s.OpenOrders(t.Context(), b); err != nil || held != 900 ||
		!slices.Equal(orders, []string{first.ID, second.ID}) {
		t.Errorf("%v hold %d, %v", orders, held, err)
	}
	third, err := pays(t, s, unit.ID, bill.ID, 100, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []*payment.Order{third, first, second} {
		if _, _, err := pay.TakeCash(t.Context(), o.ID,
			payment.NewCash{Tendered: o.Amount, By: "staff:c"}); err != nil {
			t.Fatal(err)
		}
	}
	if b, err = s.Bill(t.Context(), bill.ID); err != nil || b.Status != PaidBill || b.PaidBy != second.ID ||
		b.Owed() != 0 || len(b.Settlements) != 3 {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := pays(t, s, unit.ID, bill.ID, 1, ""); !fault.Is(err, fault.AlreadyPaid) {
		t.Errorf("a bill that is paid in parts: %v", err)
	}
}

// Whoever takes over takes the parts that are open, and not those that are paid.
func TestTakingOverClosesTheOpenParts(t *testing.T) {
	s, pay := open(t)
	unit, bill := one(t, s)
	var orders []*payment.Order
	for _, amount := range []money.Fen{300, 200, 100} {
		o, err := pays(t, s, unit.ID, bill.ID, amount, "")
		if err != nil {
			t.Fatal(err)
		}
		orders = append(orders, o)
	}
	paid := orders[0]
	if _, _, err := pay.TakeCash(t.Context(), paid.ID, payment.NewCash{Tendered: 300, By: "staff:c"}); err != nil {
		t.Fatal(err)
	}
	fits, err := pays(t, s, unit.ID, bill.ID, 400, payment.TakeOver)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range orders[1:] {
		if o, err := pay.Get(t.Context(), o.ID); err != nil || o.Status != payment.Pending {
			t.Errorf("an order was closed although there was room: %v, %v", o.Status, err)
		}
	}
	all, err := pays(t, s, unit.ID, bill.ID, 0, payment.TakeOver)
	if err != nil || all.Amount != 700 || all.Items[0].Of != 1000 {
		t.Fatalf("%+v, %v", all, err)
	}
	for _, o := range []*payment.Order{orders[1], orders[2], fits} {
		if o, err := pay.Get(t.Context(), o.ID); err != nil || o.CloseReason != payment.ByTakeOver {
			t.Errorf("%s is %s, %v", o.ID, o.Status, err)
		}
	}
	some, err := pays(t, s, unit.ID, bill.ID, 650, payment.TakeOver)
	if err != nil || some.Amount != 650 {
		t.Fatalf("%+v, %v", some, err)
	}
	if o, err := pay.Get(t.Context(), all.ID); err != nil || o.CloseReason != payment.ByTakeOver {
		t.Errorf("%s is %s, %v", o.ID, o.Status, err)
	}
}

// A part that goes back is owed again, and nothing else of the bill.
func TestWhatGoesBackOfAPartIsOwedAgain(t *testing.T) {
	s, pay := open(t)
	unit, bill := one(t, s)
	var orders []*payment.Order
	for _, amount := range []money.Fen{300, 0} {
		o, err := pays(t, s, unit.ID, bill.ID, amount, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := pay.TakeCash(t.Context(), o.ID,
			payment.NewCash{Tendered: o.Amount, By: "staff:c"}); err != nil {
			t.Fatal(err)
		}
		orders = append(orders, o)
	}
	back := &payment.Refund{OutRefundNo: orders[0].ID + "R01",
		Items: []payment.RefundItem{{Ref: bill.ID, Amount: 120}}}
	for range 2 {
		if err := s.Reopen(t.Context(), orders[0], back); err != nil {
			t.Fatal(err)
		}
	}
	b, err := s.Bill(t.Context(), bill.ID)
	if err != nil || b.Status != Unpaid || b.Owed() != 120 || b.Settlement(orders[1].ID).Net() != 700 {
		t.Errorf("%+v, %v", b, err)
	}
	if o, err := pays(t, s, unit.ID, bill.ID, 0, ""); err != nil || o.Amount != 120 {
		t.Errorf("%+v, %v", o, err)
	}
}

// The request that paid a part gives its order again, whatever is owed by then.
func TestTheSameKeyGivesTheSamePart(t *testing.T) {
	s, pay := open(t)
	unit, bill := one(t, s)
	for _, amount := range []money.Fen{300, 700} {
		in := Collect{Unit: unit.ID, Bills: []string{bill.ID}, Amount: amount, Key: fmt.Sprint(amount), KeyHash: "hash",
			Origin: payment.Origin{Kind: payment.Counter}}
		first, hit, err := s.Collect(t.Context(), in)
		if err != nil || hit {
			t.Fatal(hit, err)
		}
		if _, _, err := pay.TakeCash(t.Context(), first.ID,
			payment.NewCash{Tendered: amount, By: "staff:c"}); err != nil {
			t.Fatal(err)
		}
		if again, hit, err := s.Collect(t.Context(), in); err != nil || !hit || again.ID != first.ID {
			t.Errorf("the same request: %v, %v", hit, err)
		}
		in.KeyHash = "another"
		if _, _, err := s.Collect(t.Context(), in); !fault.Is(err, fault.KeyReused) {
			t.Errorf("another request under the key: %v", err)
		}
	}
}

// Whoever asks at the same time gets parts that fit together.
func TestPartsAskedForAtOnceFitTogether(t *testing.T) {
	s, _ := open(t)
	unit, bill := one(t, s)
	var (
		group  sync.WaitGroup
		lock   sync.Mutex
		orders []*payment.Order
	)
	for n := range 24 {
		group.Go(func() {
			o, err := pays(t, s, unit.ID, bill.ID, money.Fen(50+n), "")
			if err != nil && !fault.Is(err, fault.OrderOpen) {
				t.Error(err)
			}
			if err == nil {
				lock.Lock()
				orders = append(orders, o)
				lock.Unlock()
			}
		})
	}
	group.Wait()
	var sum money.Fen
	for _, o := range orders {
		sum += o.Amount
	}
	if sum > 1000 || len(orders) < 5 {
		t.Errorf("%d orders hold %d of a bill of 1000", len(orders), sum)
	}
}

// A bill is paid in so many parts and no more; the last is all that is left.
func TestABillHasABoundedNumberOfParts(t *testing.T) {
	s, pay := open(t)
	unit, bill := one(t, s)
	for n := range BillParts - 1 {
		o, err := pays(t, s, unit.ID, bill.ID, 1, "")
		if err != nil {
			t.Fatal(n, err)
		}
		if _, _, err := pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: 1, By: "staff:c"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pays(t, s, unit.ID, bill.ID, 1, ""); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	if o, err := pays(t, s, unit.ID, bill.ID, 0, ""); err != nil || o.Amount != 1000-BillParts+1 {
		t.Errorf("%+v, %v", o, err)
	}
}
