package simulate

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestDebug(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N"))
	s, _ := strconv.Atoi(os.Getenv("S"))
	i, _ := strconv.Atoi(os.Getenv("W"))
	w := newWorld(plan{seed: uint64(s), index: i, orders: n, trace: os.Getenv("T")})
	w.live()
	t.Log(w.made, w.sched.now, w.sched.seq, len(w.sched.all))
	if w.violation != nil {
		t.Logf("%+v", w.violation)
		t.Log("\n" + strings.Join(w.story, "\n"))
	}
}
func TestMany(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N")); s, _ := strconv.Atoi(os.Getenv("S"))
	var m *Mutation
	if os.Getenv("M") != "" { m = MutationNamed(os.Getenv("M")) }
	each(t.Context(), Options{Seed: uint64(s), Orders: n, World: -1, Mutation: m}, func(w *world) bool {
		if w.violation != nil { t.Logf("W %d %s %s %s", w.index, w.violation.Check, w.violation.Order, w.violation.What) }
		return true
	})
}
