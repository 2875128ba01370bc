// Package simulate runs whole days of a property company in virtual time: thousands of residents, cashiers and
// terminals, several processes of the real services over one store, and institutions with every fault that the sandbox
// knows, all from one seed. In the end it holds everybody's books against each other.
//
// Start at world.go for what a day is made of, scheduler.go for how one seed decides everything, process.go for how
// processes crash, institution.go for where the money is, and check.go for what must be true in the end. mutation.go
// breaks the product on purpose, to prove that the checks can fail.
package simulate

import (
	"context"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// Options say what to run.
type Options struct {
	Seed     uint64
	Orders   int
	World    int // run this one only, with Orders orders; -1 is all
	Workers  int // worlds at the same time; 0 is one per processor
	Without  []Fault
	Mutation *Mutation

	Progress func(orders int) // called now and then
}

// worldOrders is how many orders a world has; a run of more is made of many worlds.
const worldOrders = 1000

// plans cuts a run into worlds.
func (o Options) plans() []plan {
	if o.World >= 0 {
		return []plan{{seed: o.Seed, index: o.World, orders: min(o.Orders, worldOrders), without: o.Without,
			mutation: o.Mutation}}
	}
	var list []plan
	for left := o.Orders; left > 0; left -= worldOrders {
		list = append(list, plan{seed: o.Seed, index: len(list), orders: min(left, worldOrders), without: o.Without,
			mutation: o.Mutation})
	}
	return list
}

// Run runs the worlds and adds up their figures in their order, so that the outcome does not depend on who was faster.
// It stops at the first violation, which it returns made small, or nil.
func Run(ctx context.Context, o Options) (Figures, *Violation) {
	// worlds are small, and thrown away whole: collecting seldom saves a third of the time, for half a gigabyte
	defer debug.SetGCPercent(debug.SetGCPercent(1000))
	total := newFigures()
	total.Seed = o.Seed
	began := time.Now()
	var broken *plan
	each(ctx, o, func(w *world) bool {
		total.add(w.figures)
		if o.Progress != nil {
			o.Progress(total.Orders)
		}
		if w.violation != nil {
			broken = &w.plan
		}
		return broken == nil
	})
	if spent := time.Since(began); spent > 0 {
		total.Rate = int64(total.Orders) * int64(time.Second) / int64(spent)
	}
	if broken == nil {
		return total, nil
	}
	return total, shrink(*broken)
}

// each runs all worlds of a run, several at a time, and hands them over in their order until done says stop.
func each(ctx context.Context, o Options, use func(*world) bool) {
	plans, workers := o.plans(), o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	done := make([]chan *world, len(plans))
	for i := range done {
		done[i] = make(chan *world, 1)
	}
	ctx, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	next := make(chan int)
	ahead := make(chan struct{}, 2*workers) // worlds that are running or not yet handed over
	all.Go(func() {
		defer close(next)
		for i := range plans {
			select {
			case ahead <- struct{}{}:
			case <-ctx.Done():
				return
			}
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	})
	for range workers {
		all.Go(func() {
			for i := range next {
				w := newWorld(plans[i])
				w.live()
				done[i] <- w
			}
		})
	}
	for i := range plans {
		select {
		case w := <-done[i]:
			<-ahead
			if !use(w) {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}
