package payment_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"linlipay/payment"
)

// walk goes on from a state by drawn changes until none is left or it has gone steps steps, and returns every state it
// passed.
func walk[S comparable](t *rapid.T, table map[S][]S, from S, steps int) []S {
	path := []S{from}
	for len(table[path[len(path)-1]]) > 0 && len(path) <= steps {
		path = append(path, rapid.SampledFrom(table[path[len(path)-1]]).Draw(t, "to"))
	}
	return path
}

// known checks that a table speaks of exactly the listed states and never of a change to the same one.
func known[S comparable](t *testing.T, states []S, table map[S][]S) {
	t.Helper()
	if len(table) != len(states) {
		t.Errorf("%d states, and a table of %d", len(states), len(table))
	}
	for from, all := range table {
		for i, to := range all {
			if !slices.Contains(states, from) || !slices.Contains(states, to) || from == to ||
				slices.Contains(all[:i], to) {
				t.Errorf("from %v to %v", from, to)
			}
		}
	}
}

func TestTablesSpeakOfTheListedStates(t *testing.T) {
	known(t, payment.Statuses(), payment.Transitions())
	known(t, payment.AttemptStates(), payment.AttemptTransitions())
	known(t, payment.RefundStatuses(), payment.RefundTransitions())
	known(t, payment.UnappliedStates(), payment.UnappliedTransitions())
}

// Whatever happens to an order, it happens once: no state comes back, an order that is paid stays so, and until then
// money can always be booked.
func TestEveryPathOfAnOrderCanEndPaidAndStaysPaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := walk(t, payment.Transitions(), payment.Pending, 20)
		for i, s := range path {
			if slices.Contains(path[:i], s) {
				t.Fatalf("an order comes back to %s: %v", s, path)
			}
			if paid := s == payment.Paid; paid != (i == len(path)-1) || paid == s.CanBecome(payment.Paid) {
				t.Fatalf("%s is step %d of %v", s, i, path)
			}
		}
	})
}

func TestCanBecomeIsTheTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		other := rapid.Map(rapid.String(), func(s string) payment.Status { return payment.Status(s) })
		status := rapid.OneOf(rapid.SampledFrom(payment.Statuses()), other)
		from, to := status.Draw(t, "from"), status.Draw(t, "to")
		may := map[[2]payment.Status]bool{
			{"pending", "closing"}: true, {"pending", "paid"}: true, {"closing", "closed"}: true,
			{"closing", "paid"}: true, {"closed", "paid"}: true,
		}
		if from.CanBecome(to) != may[[2]payment.Status{from, to}] {
			t.Fatalf("%q to %q: %t", from, to, from.CanBecome(to))
		}
	})
}

// An attempt never opens again, and whatever we believed of it, money that arrives is booked and stays booked.
func TestEveryPathOfAnAttemptCanEndInMoneyAndKeepsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := walk(t, payment.AttemptTransitions(), payment.AttemptStarting, 20)
		for i, s := range path {
			if slices.Contains(path[:i], s) {
				t.Fatalf("an attempt comes back to %s: %v", s, path)
			}
			if got := s == payment.AttemptSucceeded; got != (i == len(path)-1) ||
				got == slices.Contains(payment.AttemptTransitions()[s], payment.AttemptSucceeded) {
				t.Fatalf("%s is step %d of %v", s, i, path)
			}
		}
	})
}

// A refund ends rejected, given back or failed. Money goes back only after somebody let it, and what went back stays
// so.
func TestEveryPathOfARefundIsApprovedBeforeMoneyGoesBack(t *testing.T) {
	final := []payment.RefundStatus{payment.RefundRejected, payment.RefundSucceeded, payment.RefundFailed}
	rapid.Check(t, func(t *rapid.T) {
		path := walk(t, payment.RefundTransitions(), payment.RefundRequested, 20)
		for i, s := range path {
			if slices.Contains(final, s) != (len(payment.RefundTransitions()[s]) == 0) {
				t.Fatalf("%s of %v leads to %v", s, path, payment.RefundTransitions()[s])
			}
			if s == payment.RefundRejected && i != 1 {
				t.Fatalf("rejected after it was let go: %v", path)
			}
			if s == payment.RefundSucceeded && path[1] != payment.RefundPending {
				t.Fatalf("money went back that nobody let go: %v", path)
			}
			if i > 0 && s == payment.RefundRequested {
				t.Fatalf("asked for again: %v", path)
			}
			if !slices.Contains(final, s) && !reaches(payment.RefundTransitions(), s, final) {
				t.Fatalf("%s never ends", s)
			}
		}
	})
}

// reaches reports whether one of the ends can be reached from a state, breadth first.
func reaches[S comparable](table map[S][]S, from S, ends []S) bool {
	seen := []S{from}
	for i := 0; i < len(seen); i++ {
		for _, to := range table[seen[i]] {
			if slices.Contains(ends, to) {
				return true
			}
			if !slices.Contains(seen, to) {
				seen = append(seen, to)
			}
		}
	}
	return false
}
