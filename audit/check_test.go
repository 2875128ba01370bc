package audit

import (
	"strings"
	"testing"
	"time"
)

// What is done to a chain behind the server's back is found by the next check: within a minute where it was cut, or
// what was added since is wrong, and within a day wherever it is; and it stays found.
func TestChecksOfTheChains(t *testing.T) {
	for name, c := range map[string]struct {
		do    func(*world)
		wait  time.Duration
		found string
		upTo  int64 // the number up to which nothing is wrong
	}{
		"nothing":        {func(*world) {}, time.Minute, "", 4},
		"nothing, a day": {func(*world) {}, 25 * time.Hour, "", 4},
		"the end cut off": {func(w *world) {
			w.remove("audit", "c/000000000003")
		}, time.Minute, "the chain was cut", 3},
		"all of it taken out": {func(w *world) {
			for _, no := range []string{"1", "2", "3"} {
				w.remove("audit", "c/00000000000"+no)
			}
		}, time.Minute, "the chain was cut", 3},
		"an old line, soon": {func(w *world) {
			w.remove("audit", "c/000000000002")
		}, time.Minute, "", 4},
		"an old line, a day": {func(w *world) {
			w.remove("audit", "c/000000000002")
		}, 25 * time.Hour, "is missing", 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			s := w.process(w.st)
			for range 3 {
				w.must(s.Record(t.Context(), Event{Verb: RefundApproved, Company: "c"}))
			}
			w.must(s.CheckAll(t.Context()))
			c.do(w)
			if c.upTo == 4 {
				w.must(s.Record(t.Context(), Event{Verb: RefundRejected, Company: "c"}))
			}
			for range 2 { // what was found stays
				w.pass(c.wait)
				w.must(s.CheckAll(t.Context()))
			}
			states, err := s.Chains(t.Context(), "c")
			if err != nil || len(states) != 1 {
				t.Fatal(states, err)
			}
			got := states[0]
			found := got.Finding
			if (found == "") != (c.found == "") || !strings.Contains(found, c.found) || got.Head.No != c.upTo ||
				got.Lines != c.upTo || !got.At.Equal(w.now()) {
				t.Errorf("%+v", got)
			}
		})
	}
}
