package simulate

import "testing"

// What strangers' trouble taught is found soon, and by the check that is meant to find it. The worlds are smaller than
// those of a run: most defects show only when a world ends.
func TestDefectsOfStrangersTroubleAreCaught(t *testing.T) {
	const orders, worlds = 120, 40
	for name, check := range map[string]string{
		"omitted-is-zero":    "amount",
		"returned-ignored":   "money",
		"foreign-renumbered": "told refunded",
		"returned-twice":     "told refunded",
		"reversed-is-paid":   "told paid",
		"result-dropped":     "result",
		"untaken-forgotten":  "result",
	} {
		t.Run(name, func(t *testing.T) {
			m := MutationNamed(name)
			if m == nil {
				t.Fatal("there is no such mutation")
			}
			for i := range worlds {
				w := newWorld(plan{seed: 7, index: i, orders: orders, mutation: m})
				w.live()
				if v := w.violation; v != nil {
					if v.Check != check {
						t.Errorf("caught by %q: %s", v.Check, v.What)
					}
					return
				}
			}
			t.Errorf("not caught in %d orders", worlds*orders)
		})
	}
}
