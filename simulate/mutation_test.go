package simulate

import "testing"

// What strangers' trouble taught, and what is booked under another entity than its own, is found soon, and by the check
// that is meant to find it. The worlds are smaller than
// those of a run: most defects show only when a world ends. Each has the seed of worlds that show it early.
func TestDefectsAreCaughtByTheirChecks(t *testing.T) {
	const orders, worlds = 120, 20
	for _, of := range []struct {
		name, check string
		seed        uint64
	}{
		{"omitted-is-zero", "amount", 1},
		{"returned-ignored", "money", 1},
		{"foreign-renumbered", "told refunded", 3},
		{"returned-twice", "told refunded", 1},
		{"reversed-is-paid", "told paid", 3},
		{"result-dropped", "result", 2},
		{"untaken-forgotten", "result", 3},
		{"small-refunds-unsummed", "second person", 5},
		{"mark-blind", "marks", 5},
		{"mark-unowed", "marks", 1},
		{"unswept", "journal", 1},
		{"wrong-entity", "entity", 1},
		{"bills-of-two-entities", "entity", 1},
		{"line-of-first-entity", "entity", 1},
		{"parts-overlap", "parts", 2},
		{"part-settles-whole", "bills", 3},
		{"part-reopens-whole", "events", 1},
		{"receipts-from-one", "receipts", 1},
		{"move-untold", "journal", 1},
		{"publication-untold", "journal", 1},
		{"holders-stay", "parts", 1},
		{"corrected-alone", "corrections", 1},
		{"correction-lost", "corrections", 1},
		{"corrected-unsettled", "corrections", 3},
		{"correction-untold", "journal", 1},
		{"draw-unreserved", "prepayments", 1},
		{"draw-forgotten", "prepayments", 1},
		{"draw-untold", "journal", 1},
		{"draw-unpaid", "corrections", 1},
		{"refund-unwithheld", "prepayments", 1},
		{"refund-unreleased", "prepayments", 4},
		{"top-up-forgotten", "prepayments", 3},
		{"kept-stays", "prepayments", 1},
		{"payout-forgotten", "payouts", 1},
		{"payout-untold", "journal", 1},
		{"payout-alone", "payouts", 1},
		{"payout-lessened", "payouts", 1},
		{"deposit-pays", "deposits", 1},
		{"deposit-lost", "prepayments", 9},
		{"deposit-doubled", "prepayments", 1},
		{"deduction-at-once", "payouts", 1},
		{"event-dropped", "events", 1},
		{"event-renumbered", "events", 1},
		{"event-twice", "events", 1},
		{"event-early", "events", 1},
		{"event-unpublished", "events", 1},
		{"event-amount", "events", 1},
		{"event-swallowed", "events", 1},
	} {
		t.Run(of.name, func(t *testing.T) {
			m := MutationNamed(of.name)
			if m == nil {
				t.Fatal("there is no such mutation")
			}
			for i := range worlds {
				w := newWorld(plan{seed: of.seed, index: i, orders: orders, mutation: m})
				w.live()
				if v := w.violation; v != nil {
					if v.Check != of.check {
						t.Errorf("caught by %q: %s", v.Check, v.What)
					}
					return
				}
			}
			t.Errorf("not caught in %d orders", worlds*orders)
		})
	}
}
