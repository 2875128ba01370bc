package simulate

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
)

// trialOrders is how many orders may pass before a mutation counts as not caught.
const trialOrders = 100_000

// Trial is how a mutation fared.
type Trial struct {
	Name   string `json:"name"`
	Why    string `json:"why"`
	Caught bool   `json:"caught"`
	After  int    `json:"after_orders"`
	Check  string `json:"check,omitempty"`
	What   string `json:"what,omitempty"`
}

// Try switches the mutations on, one after the other, and runs each until a check finds it.
func Try(ctx context.Context, seed uint64, mutations []Mutation, report func(Trial)) []Trial {
	var all []Trial
	for i := range mutations {
		m := &mutations[i]
		t := Trial{Name: m.Name, Why: m.Why}
		o := Options{Seed: seed, Orders: trialOrders, World: -1, Mutation: m}
		each(ctx, o, func(w *world) bool {
			t.After += w.made
			if v := w.violation; v != nil {
				t.Caught, t.Check, t.What = true, v.Check, v.What
			}
			return !t.Caught
		})
		if all = append(all, t); report != nil {
			report(t)
		}
	}
	return all
}

// Missed returns the names of the mutations that no check found, and writes all trials as a table if asked to. Its
// errors are the writer's.
func Missed(out io.Writer, trials []Trial, table bool) (missed []string, err error) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "mutation\tcaught after\tby the check\twhat is wrong")
	for _, m := range trials {
		after := fmt.Sprintf("%d orders", m.After)
		if !m.Caught {
			after, missed = "NOT in "+after, append(missed, m.Name)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", m.Name, after, m.Check, m.Why)
	}
	if !table {
		return missed, nil
	}
	return missed, t.Flush()
}
