package billing

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linlipay/money"
	"linlipay/payment"
)

// Whatever orders settle and refunds give back, in whatever order and however often repeated, a bill owes its amount
// less what is still paid towards it, is never paid with more than it owes, and says so in its status. The model beside
// it knows only sums.
func TestAllocationAgreesWithSums(t *testing.T) {
	s, _ := open(t)
	world := 0
	rapid.Check(t, func(t *rapid.T) {
		world++
		m := &allocation{s: s, t: t, net: map[string]map[string]money.Fen{}}
		for i := range rapid.IntRange(1, 3).Draw(t, "bills") {
			b := Bill{
				ID: fmt.Sprintf("w%d-b%d", world, i), Company: "one", Community: "m", Unit: "u", Period: "2026-11",
				Status: Unpaid,
				Amount: money.Fen(rapid.IntRange(1, 500).Draw(t, "amount")),
			}
			if err := s.bills.Insert(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
			m.bills = append(m.bills, b)
			m.net[b.ID] = map[string]money.Fen{}
		}
		t.Repeat(map[string]func(*rapid.T){"settle": m.settle, "give back": m.giveBack, "": m.check})
	})
}

// allocation is the model: what each order still pays of each bill.
type allocation struct {
	s      *books
	t      *rapid.T
	bills  []Bill
	orders []*payment.Order
	net    map[string]map[string]money.Fen // bill → order → fen
	serial int
}

func (m *allocation) owed(b Bill) money.Fen {
	owed := b.Amount
	for _, fen := range m.net[b.ID] {
		owed -= fen
	}
	return owed
}

// settle pays for some bills with a new order, or repeats an old one; the order may have asked for another amount than
// is owed by now.
func (m *allocation) settle(t *rapid.T) {
	if len(m.orders) > 0 && rapid.Bool().Draw(t, "repeat") {
		o := rapid.SampledFrom(m.orders).Draw(t, "order")
		unsettled, err := m.s.Settle(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range o.Items {
			if slices.Contains(unsettled, it.Ref) != it.Unsettled {
				t.Fatalf("order %s was answered otherwise before about %s", o.ID, it.Ref)
			}
		}
		return
	}
	m.serial++
	o := &payment.Order{ID: fmt.Sprintf("%s-o%d", m.bills[0].ID, m.serial), Status: payment.Paid, PaidAt: time.Now()}
	for _, b := range m.bills {
		if rapid.Bool().Draw(t, "take "+b.ID) {
			amount := m.owed(b) + money.Fen(rapid.SampledFrom([]int{0, 0, 0, 1, -1}).Draw(t, "off by"))
			if amount < 1 {
				amount = b.Amount + 1
			}
			o.Items = append(o.Items, payment.Item{Ref: b.ID, Amount: amount})
		}
	}
	unsettled, err := m.s.Settle(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for i, it := range o.Items {
		b := m.bills[slices.IndexFunc(m.bills, func(b Bill) bool { return b.ID == it.Ref })]
		can := it.Amount <= m.owed(b)
		if can == slices.Contains(unsettled, it.Ref) {
			t.Fatalf("bill %s owes %v, the order pays %v; unsettled %v", b.ID, m.owed(b), it.Amount, unsettled)
		}
		o.Items[i].Unsettled = !can
		if can {
			m.net[b.ID][o.ID] = it.Amount
		}
	}
	m.orders = append(m.orders, o)
}

// giveBack refunds a part of what an order still pays, twice.
func (m *allocation) giveBack(t *rapid.T) {
	var list []func() (string, *payment.Order)
	for _, o := range m.orders {
		for _, it := range o.Items {
			if m.net[it.Ref][o.ID] > 0 {
				list = append(list, func() (string, *payment.Order) { return it.Ref, o })
			}
		}
	}
	if len(list) == 0 {
		t.Skip("nothing is paid")
	}
	bill, o := rapid.SampledFrom(list).Draw(t, "of")()
	back := money.Fen(rapid.IntRange(1, int(m.net[bill][o.ID])).Draw(t, "back"))
	m.serial++
	r := &payment.Refund{OutRefundNo: fmt.Sprintf("%sR%d", o.ID, m.serial),
		Items: []payment.RefundItem{{Ref: bill, Amount: back}}}
	for range 2 {
		if err := m.s.Reopen(t.Context(), o, r); err != nil {
			t.Fatal(err)
		}
	}
	m.net[bill][o.ID] -= back
}

func (m *allocation) check(t *rapid.T) {
	for _, b := range m.bills {
		have, err := m.s.Bill(t.Context(), b.ID)
		if err != nil {
			t.Fatal(err)
		}
		if want := m.owed(b); have.Owed() != want || want < 0 || (have.Status == PaidBill) != (want == 0) {
			t.Fatalf("bill %s is %s and owes %v, the sums say %v", b.ID, have.Status, have.Owed(), want)
		}
	}
}
