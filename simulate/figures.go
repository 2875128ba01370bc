package simulate

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"linlipay/payment"
	"linlipay/payment/gateway"
)

// Figures is what happened in a run. Maps are printed in the order of their keys.
type Figures struct {
	Seed        uint64         `json:"seed"`
	Worlds      int            `json:"worlds"`
	Orders      int            `json:"orders"`
	Paid        map[string]int `json:"paid"` // by institution, wallet and method
	Ends        map[string]int `json:"orders_by_end"`
	Unapplied   map[string]int `json:"exceptions"` // unapplied funds by reason
	ByEnd       map[string]int `json:"exceptions_by_end"`
	Refunds     map[string]int `json:"refunds"` // by end
	Faults      map[Fault]int  `json:"faults"`
	Switched    int            `json:"switched"` // paid after more than one attempt
	Reversed    int            `json:"reversed"` // paid payment codes that were reversed
	Crashes     int            `json:"crashes"`
	Second      int            `json:"second_choice"` // attempts at the institution behind the first choice
	Circuits    int            `json:"circuits"`      // seen to have opened
	Apart       int            `json:"apart"`         // collections of bills of two legal entities
	Provisional map[string]int `json:"provisional"`   // card payments on a device's word, by what became of them
	// card payments to be undone on a terminal, by what happened there
	Voids       map[string]int   `json:"voids"`
	Corrections map[string]int   `json:"corrections"` // of bills, that were approved, by kind
	Ahead       map[string]int   `json:"ahead"`       // what became of prepayments: paid in, used and returned
	Events      map[string]int   `json:"events"`      // that companies heard of by webhook, by type
	Took        map[string]int64 `json:"took_fen"`    // by institution
	Gave        map[string]int64 `json:"gave_fen"`
	RefundedFen int64            `json:"refunded_fen"`
	PrepaidFen  int64            `json:"prepaid_fen"`
	Virtual     time.Duration    `json:"virtual_ns"`
	Hash        uint64           `json:"hash"` // of everything that was stored, in its order
	Rate        int64            `json:"orders_per_second,omitempty"`
}

func newFigures() Figures {
	return Figures{
		Paid: map[string]int{}, Ends: map[string]int{}, Unapplied: map[string]int{}, ByEnd: map[string]int{},
		Refunds: map[string]int{}, Faults: map[Fault]int{}, Events: map[string]int{}, Corrections: map[string]int{},
		Ahead:       map[string]int{},
		Provisional: map[string]int{}, Voids: map[string]int{}, Took: map[string]int64{}, Gave: map[string]int64{},
	}
}

// tally adds a trade in the end.
func (f *Figures) tally(t *trade) {
	f.Took[string(t.at.name)] += int64(t.took)
	f.Gave[string(t.at.name)] += int64(t.gave)
}

// ended adds an order in the end.
func (f *Figures) ended(o *brief) {
	f.Ends[string(o.Status)]++
	for _, r := range o.Refunds {
		end := string(r.Status)
		switch {
		case r.ByHand:
			end += " by hand"
		case r.Foreign:
			end += " at the institution"
		}
		f.Refunds[end]++
	}
	for _, e := range o.Unapplied {
		f.ByEnd[string(e.State)]++
	}
	for _, a := range o.Attempts {
		if a.Institution == gateway.Cash && a.State == payment.AttemptSucceeded {
			f.Took[string(gateway.Cash)] += int64(a.Received)
		}
	}
}

// add adds the figures of another world.
func (f *Figures) add(x Figures) {
	f.Worlds++
	f.Orders += x.Orders
	f.Switched += x.Switched
	f.Reversed += x.Reversed
	f.Crashes += x.Crashes
	f.Second += x.Second
	f.Circuits += x.Circuits
	f.Apart += x.Apart
	sum(f.Provisional, x.Provisional)
	sum(f.Voids, x.Voids)
	f.RefundedFen += x.RefundedFen
	f.PrepaidFen += x.PrepaidFen
	f.Virtual += x.Virtual
	f.Hash = (f.Hash ^ x.Hash) * 1099511628211
	sum(f.Paid, x.Paid)
	sum(f.Ends, x.Ends)
	sum(f.Unapplied, x.Unapplied)
	sum(f.ByEnd, x.ByEnd)
	sum(f.Refunds, x.Refunds)
	sum(f.Faults, x.Faults)
	sum(f.Events, x.Events)
	sum(f.Corrections, x.Corrections)
	sum(f.Ahead, x.Ahead)
	sum(f.Took, x.Took)
	sum(f.Gave, x.Gave)
}

func sum[K comparable, N int | int64](to, from map[K]N) {
	for k, n := range from {
		to[k] += n
	}
}

// Print writes the figures in columns. Its errors are the writer's.
func (f *Figures) Print(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(what string, n int64) { fmt.Fprintf(table, "%s\t%12d\n", what, n) }
	row("orders", int64(f.Orders))
	rows(row, "orders ", f.Ends)
	rows(row, "paid by ", f.Paid)
	row("paid after switching", int64(f.Switched))
	row("attempts at the second choice", int64(f.Second))
	row("circuits opened", int64(f.Circuits))
	row("bills of two legal entities asked for", int64(f.Apart))
	rows(row, "cards provisional: ", f.Provisional)
	rows(row, "cards to be undone: ", f.Voids)
	rows(row, "unapplied funds: ", f.Unapplied)
	rows(row, "unapplied funds ended: ", f.ByEnd)
	rows(row, "refunds ", f.Refunds)
	rows(row, "prepayments ", f.Ahead)
	row("refunded, fen", f.RefundedFen)
	row("prepaid, fen", f.PrepaidFen)
	row("payment codes reversed after payment", int64(f.Reversed))
	rows(row, "corrected by ", f.Corrections)
	rows(row, "told of: ", f.Events)
	rows(row, "took, fen: ", f.Took)
	rows(row, "gave back, fen: ", f.Gave)
	row("crashes", int64(f.Crashes))
	rows(row, "fault ", f.Faults)
	row("worlds", int64(f.Worlds))
	row("virtual hours", int64(f.Virtual/time.Hour))
	if f.Rate > 0 {
		row("orders per second", f.Rate)
	}
	fmt.Fprintf(table, "seed\t%12d\n", f.Seed)
	fmt.Fprintf(table, "hash of all that was stored\t%016x\n", f.Hash)
	return table.Flush()
}

func rows[K ~string, N int | int64](row func(string, int64), what string, entries map[K]N) {
	var names []string
	for k := range entries {
		names = append(names, string(k))
	}
	slices.Sort(names)
	for _, k := range names {
		row(what+k, int64(entries[K(k)]))
	}
}
