package simulate

import "testing"

// What strangers' trouble taught is found soon, and by the check that is meant to find it. The worlds are smaller than
// those of a run: most defects show only when a world ends. Each has the seed of worlds that show it early.
func TestDefectsOfStrangersTroubleAreCaught(t *testing.T) {
	const orders, worlds = 120, 20
	for _, of := range []struct {
		name, check string
		seed        uint64
	}{
		{"omitted-is-zero", "amount", 7},
		{"returned-ignored", "money", 7},
		{"foreign-renumbered", "told refunded", 32},
		{"returned-twice", "told refunded", 7},
		{"reversed-is-paid", "told paid", 7},
		{"result-dropped", "result", 30},
		{"untaken-forgotten", "result", 36},
		{"small-refunds-unsummed", "second person", 7},
		{"mark-blind", "marks", 7},
		{"mark-unowed", "marks", 7},
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
