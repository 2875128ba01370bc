package bench

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"
)

// figure is one line of the benchmark. Rates are per second, times in microseconds; what does not apply is 0.
type figure struct {
	What   string `json:"what"`
	Rate   int64  `json:"per_second,omitempty"`
	P50    int64  `json:"p50_us,omitempty"`
	P99    int64  `json:"p99_us,omitempty"`
	Value  string `json:"value,omitempty"`
	Errors int64  `json:"errors,omitempty"`
}

// measure runs do with so many clients for a while, and adds the figure.
func (b *bench) measure(what string, clients int, d time.Duration, do func() error) {
	took, failed := make([][]time.Duration, clients), atomic.Int64{}
	end := time.Now().Add(d)
	begin := time.Now()
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			for time.Now().Before(end) {
				start := time.Now()
				err := do()
				if errors.Is(err, errNoBills) {
					return
				}
				if err != nil {
					failed.Add(1)
					continue
				}
				took[c] = append(took[c], time.Since(start))
			}
		})
	}
	all.Wait()
	each := slices.Concat(took...)
	b.add(percentiles(figure{What: what, Rate: rate(len(each), time.Since(begin)), Errors: failed.Load()}, each))
}

// parallel runs do n times, so many at once, and returns the first error.
func (b *bench) parallel(n, atOnce int, do func() error) error {
	var all sync.WaitGroup
	var failed atomic.Pointer[error]
	var started atomic.Int64
	for range atOnce {
		all.Go(func() {
			for started.Add(1) <= int64(n) && failed.Load() == nil {
				if err := do(); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	all.Wait()
	return errorIn(&failed)
}

// errorIn is the error that a pointer holds, nil for none.
func errorIn(failed *atomic.Pointer[error]) error {
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

func rate(n int, d time.Duration) int64 { return int64(n) * int64(time.Second) / max(int64(d), 1) }

func percentiles(f figure, took []time.Duration) figure {
	if len(took) == 0 {
		return f
	}
	slices.Sort(took)
	f.P50, f.P99 = took[len(took)/2].Microseconds(), took[len(took)*99/100].Microseconds()
	return f
}

func (b *bench) add(f figure) { b.figures = append(b.figures, f) }

// say shows progress.
func (b *bench) say(what string) {
	fmt.Fprintf(b.out, "%7s  %s\n", time.Since(b.began).Round(time.Second), what)
}

// print writes the table, with each rate also as a share of the limits measured in the same run.
func (b *bench) print(w io.Writer) error {
	inserts, route := b.rateOf("limit: raw"), b.rateOf("limit: empty")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "per second\tof raw inserts\tof empty route\tp50\tp99\terrors\tvalue\t  what")
	for _, f := range b.figures {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t  %s\n", number(f.Rate), share(f.Rate, inserts),
			share(f.Rate, route), micros(f.P50), micros(f.P99), number(f.Errors), f.Value, f.What)
	}
	return t.Flush()
}

func (b *bench) rateOf(prefix string) int64 {
	for _, f := range b.figures {
		if strings.HasPrefix(f.What, prefix) {
			return f.Rate
		}
	}
	return 0
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func share(n, of int64) string {
	if n == 0 || of == 0 {
		return ""
	}
	return fmt.Sprintf("%d%%", n*100/of)
}

func micros(us int64) string {
	if us == 0 {
		return ""
	}
	return (time.Duration(us) * time.Microsecond).String()
}
