package simulate

import (
	"fmt"
	"strings"
	"time"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/calendar"
	"linlipay/payment"
	"linlipay/store"
)

// Violation is a promise that was broken, and the smallest run that breaks it.
type Violation struct {
	Seed     uint64   `json:"seed"`
	World    int      `json:"world"`
	Orders   int      `json:"orders"` // of that world
	Without  []Fault  `json:"without,omitempty"`
	Mutation string   `json:"mutation,omitempty"`
	Check    string   `json:"check"`
	Order    string   `json:"order,omitempty"`
	What     string   `json:"what"`
	Made     int      `json:"made"`  // orders that the world had made by then
	Trace    []string `json:"trace"` // what touched the order
}

// String is the violation for a person: what broke, how to see it again, and what led to it.
func (v *Violation) String() string {
	again := fmt.Sprintf("linlipay simulate --seed %d --world %d --orders %d", v.Seed, v.World, v.Orders)
	if v.Mutation != "" {
		again += " --mutation " + v.Mutation
	}
	for i, f := range v.Without {
		again += map[bool]string{true: " --without ", false: ","}[i == 0] + string(f)
	}
	return fmt.Sprintf("VIOLATION of %q, seed %d, order %s\n%s\nagain: %s\n%s\n", v.Check, v.Seed, v.Order, v.What,
		again, strings.Join(v.Trace, "\n"))
}

// violate records the first violation and ends the world.
func (w *world) violate(check, order, what string) {
	if w.violation != nil {
		return
	}
	w.violation = &Violation{
		Seed: w.seed, World: w.index, Orders: w.plan.orders, Without: w.plan.without, Mutation: w.mutation.Name,
		Check: check, Order: order, What: what, Made: w.made,
	}
	w.sayOf(order, "VIOLATION %s: %s", check, what)
	w.sched.over = true
}

func text(v any) string { return fmt.Sprint(v) }

// sayOf adds a line to the story of the order that is traced.
func (w *world) sayOf(order, format string, args ...any) {
	if w.trace == "" || w.trace != order {
		return
	}
	who := ""
	if t := w.sched.task; t != nil && t.process != nil {
		who = t.process.name
	}
	w.story = append(w.story, fmt.Sprintf("%s %-10s %s", w.clock(), who, fmt.Sprintf(format, args...)))
}

// say adds a line about a task that was last busy with the order that is traced.
func (w *world) say(format string, args ...any) {
	if w.trace == "" {
		return
	}
	if t := w.sched.task; t != nil && t.about == w.trace {
		w.sayOf(w.trace, format, args...)
	}
}

// clock is the virtual time of day in Shanghai.
func (w *world) clock() string {
	return calendar.Format(w.instant(), "15:04:05.000")
}

// sayVersion tells what a stored version adds to the order's timeline.
func (w *world) sayVersion(d store.Doc) {
	var o payment.Order
	if json.Unmarshal(d.Body, &o) != nil {
		return
	}
	for _, e := range o.Timeline[min(w.lines, len(o.Timeline)):] {
		w.sayOf(o.ID, "stored version %d, %s: %s %d %s", d.Version+1, o.Status, e.What, e.Attempt, e.Note)
	}
	w.lines = len(o.Timeline)
	for _, a := range o.Attempts {
		w.sayOf(o.ID, "  attempt %d %s, checks %d, absent %d, due %s", a.No, a.State, a.Checks, a.Absent,
			o.DueAt.Sub(w.began).Round(time.Millisecond))
	}
}
