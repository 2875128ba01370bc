package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"linlipay/seal"
	"linlipay/sqlite/sqlitetest"
	"linlipay/store"
)

// thing is a document that owes events.
type thing struct {
	ID        string `json:"id"`
	Version   int64  `json:"-"`
	State     string `json:"state"`
	OwesAudit Owed   `json:"owes_audit,omitempty"`
}

var things = store.Kind[thing]{
	Schema:  Declare(store.Schema{Name: "things"}),
	ID:      func(v *thing) string { return v.ID },
	Version: func(v *thing) *int64 { return &v.Version },
	Keys:    func(v *thing) store.Keys { return v.OwesAudit.Key(nil) },
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time       { c.mu.Lock(); defer c.mu.Unlock(); return c.at }
func (c *clock) pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

// crashing is a store that lets a process get no further than a write.
type crashing struct {
	store.Store
	at func(collection string) bool // before this write the process is gone
}

var errGone = errors.New("the process is gone")

func (c *crashing) Replace(ctx context.Context, collection string, d store.Doc) error {
	if c.at(collection) {
		return errGone
	}
	return c.Store.Replace(ctx, collection, d)
}

func (c *crashing) Insert(ctx context.Context, collection string, d store.Doc) error {
	if c.at(collection) {
		return errGone
	}
	return c.Store.Insert(ctx, collection, d)
}

type world struct {
	t   *testing.T
	st  store.Store
	box seal.Box
	clock
}

func open(t *testing.T) *world {
	t.Helper()
	st := sqlitetest.Open(t, append(Schemas(), things.Schema)...)
	box, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, st: st, box: box, clock: clock{at: time.Date(2026, 11, 28, 1, 0, 0, 0, time.UTC)}}
}

// process is one process's service on a store.
func (w *world) process(st store.Store) *Service {
	s := NewService(st, w.box, w.now, slog.New(slog.DiscardHandler))
	s.Attach(From(things.In(st), func(v *thing) *Owed { return &v.OwesAudit }))
	return s
}

// all are a company's events, the oldest first; the chain must be sound.
func (w *world) all(s *Service, company string) []Event {
	w.t.Helper()
	if _, _, finding, err := s.Verify(w.t.Context(), company); finding != "" || err != nil {
		w.t.Fatal(finding, err)
	}
	var events []Event
	if err := s.events.Lines(w.t.Context(), chainOf(company), func(e Event) error {
		events = append(events, e)
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return events
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) change(st store.Store, id, state string) {
	w.t.Helper()
	docs, ctx := things.In(st), As(w.t.Context(), Who{Actor: "staff:1", From: "192.0.2.1", Request: "r"})
	_, err := docs.Update(ctx, id, func(v *thing) error {
		was := v.State
		v.State = state
		v.OwesAudit.Owe(ctx, "things/"+id, v.Version, Event{
			At: w.now(), Verb: "thing.changed", Object: "thing:" + id, Company: "c", Before: State{"state": was},
			After: State{"state": state},
		})
		return nil
	})
	w.must(err)
}

// What a document owes is chained once, wherever the process that chains it dies.
func TestWhatADocumentOwesIsChainedOnce(t *testing.T) {
	for _, dies := range []string{"", "audit", "things"} {
		w := open(t)
		w.must(things.In(w.st).Insert(t.Context(), &thing{ID: "1"}))
		w.change(w.st, "1", "asked")
		w.change(w.st, "1", "approved")
		dead := w.process(&crashing{w.st, func(collection string) bool { return collection == dies }})
		if _, err := dead.Settle(t.Context()); (err != nil) != (dies != "") {
			t.Fatal(dies, err)
		}
		w.change(w.st, "1", "done")
		s := w.process(w.st)
		_, err := s.Settle(t.Context())
		w.must(err)
		if n, err := s.Settle(t.Context()); n != 0 || err != nil {
			t.Errorf("%s: %d events are owed still, %v", dies, n, err)
		}
		events := w.all(s, "c")
		var told []string
		for _, e := range events {
			told = append(told, e.Before["state"]+">"+e.After["state"])
			if e.Actor != "staff:1" || e.From != "192.0.2.1" || e.Request != "r" || !e.At.Equal(w.now()) {
				t.Errorf("%+v", e)
			}
		}
		if got := strings.Join(told, " "); got != ">asked asked>approved approved>done" {
			t.Errorf("when it dies before it writes %q: %s", dies, got)
		}
		if v, err := things.In(w.st).Get(t.Context(), "1"); err != nil || len(v.OwesAudit) != 0 {
			t.Errorf("%+v, %v", v, err)
		}
	}
}

// Two processes record and settle at the same time: everything stands once, in one chain.
func TestTwoProcessesAppendAtOnce(t *testing.T) {
	w := open(t)
	for n := range 10 {
		w.must(things.In(w.st).Insert(t.Context(), &thing{ID: fmt.Sprint(n)}))
		w.change(w.st, fmt.Sprint(n), "asked")
	}
	var all sync.WaitGroup
	for range 2 {
		s := w.process(w.st)
		for range 3 {
			all.Go(func() {
				for range 10 {
					if err := s.Record(t.Context(), Event{Verb: StaffLoggedIn, Company: "c"}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Go(func() {
			if _, err := s.Settle(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if events := w.all(w.process(w.st), "c"); len(events) != 70 {
		t.Errorf("%d events", len(events))
	}
}

// What is refused again and again is two lines a minute: the first, and how many followed.
func TestWhatIsRefusedRepeatedlyIsCounted(t *testing.T) {
	w := open(t)
	s := w.process(w.st)
	guess := func(from string, n int) {
		for range n {
			w.must(s.Count(As(t.Context(), Who{Actor: Unknown, From: from}),
				Event{Verb: StaffRefused, Actor: "staff:1", Company: "c"}))
		}
	}
	guess("192.0.2.1", 50)
	guess("192.0.2.2", 1)
	if events := w.all(s, "c"); len(events) != 2 || events[0].Count != 0 {
		t.Fatalf("before the minute is over: %+v", events)
	}
	w.pass(time.Minute)
	w.must(s.writeCounts(t.Context(), false))
	guess("192.0.2.1", 2)
	w.must(s.writeCounts(t.Context(), true)) // the process ends
	var counts []string
	for _, e := range w.all(s, "c") {
		counts = append(counts, fmt.Sprint(e.From, " ", e.Count))
	}
	if got := strings.Join(counts, ", "); got != "192.0.2.1 0, 192.0.2.2 0, 192.0.2.1 49, 192.0.2.1 0, 192.0.2.1 1" {
		t.Error(got)
	}
}

// Guesses from everywhere at everybody are bounded too, and none is lost from the count.
func TestRefusalsFromEverywhereAreBounded(t *testing.T) {
	w := open(t)
	s := w.process(w.st)
	for n := range 500 {
		w.must(s.Count(As(t.Context(), Who{From: fmt.Sprint("from ", n)}), Event{Verb: StaffRefused, Actor: Unknown}))
	}
	w.must(s.writeCounts(t.Context(), true))
	events, counted := w.all(s, ""), 0
	for _, e := range events {
		counted += max(1, e.Count)
	}
	if len(events) != tallyMost+2 || counted != 500 {
		t.Errorf("%d lines for %d refusals", len(events), counted)
	}
}

// A refusal that cannot be written is an error, and is counted once it can.
func TestARefusalThatCannotBeWritten(t *testing.T) {
	w := open(t)
	broken := true
	s := w.process(&crashing{w.st, func(string) bool { return broken }})
	if err := s.Count(t.Context(), Event{Verb: StaffRefused}); !errors.Is(err, errGone) {
		t.Fatal(err)
	}
	broken = false
	w.must(s.writeCounts(t.Context(), true))
	if events := w.all(s, ""); len(events) != 1 || events[0].Count != 1 {
		t.Errorf("%+v", events)
	}
}

// Events are found by time, actor, verb and object, page by page, newest first, and only those of the company.
func TestEventsAreFound(t *testing.T) {
	w := open(t)
	s := w.process(w.st)
	for n := range 30 {
		ctx := As(t.Context(), Who{Actor: fmt.Sprint("staff:", n%3)})
		verb := []Verb{RefundAsked, RefundApproved}[n%2]
		w.must(s.Record(ctx, Event{Verb: verb, Object: fmt.Sprint("refund:o/", n), Of: fmt.Sprint("order:o", n%5),
			Company: "c"}))
		w.must(s.Record(ctx, Event{Verb: verb, Company: "d"}))
		w.pass(time.Minute)
	}
	start := time.Date(2026, 11, 28, 1, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		f    Filter
		want int
	}{
		"all":              {Filter{}, 30},
		"an actor":         {Filter{Actor: "staff:1"}, 10},
		"a verb":           {Filter{Verbs: []Verb{RefundAsked}}, 15},
		"two verbs":        {Filter{Verbs: []Verb{RefundAsked, RefundApproved}}, 30},
		"an object":        {Filter{Object: "refund:o/7"}, 1},
		"of an order":      {Filter{Object: "order:o2"}, 6},
		"actor and verb":   {Filter{Actor: "staff:1", Verbs: []Verb{RefundAsked}}, 5},
		"object and actor": {Filter{Object: "order:o2", Actor: "staff:2"}, 2},
		"a time":           {Filter{From: start.Add(10 * time.Minute), To: start.Add(20 * time.Minute)}, 10},
		"a time and actor": {Filter{From: start.Add(10 * time.Minute), Actor: "staff:0"}, 6},
		"nobody":           {Filter{Actor: "staff:9"}, 0},
	} {
		c.f.Company, c.f.Limit = "c", 4
		found, last := 0, start.Add(time.Hour)
		for {
			events, next, err := s.Find(t.Context(), c.f)
			w.must(err)
			for _, e := range events {
				if e.Company != "c" || e.At.After(last) {
					t.Errorf("%s: %+v", name, e)
				}
				last = e.At
			}
			found += len(events)
			if c.f.Cursor = next; next == "" {
				break
			}
		}
		if found != c.want {
			t.Errorf("%s: %d found, want %d", name, found, c.want)
		}
	}
}

// No hash covers the keys that an event is found by: whoever edits them hides it from a search, and is seen.
func TestAnEventHiddenFromSearchIsSeen(t *testing.T) {
	w := open(t)
	s := w.process(w.st)
	for range 3 {
		w.must(s.Record(t.Context(), Event{Verb: StaffLoggedIn, Company: "c", Actor: "staff:1"}))
	}
	const block = "c/000000000002"
	events := w.all(s, "c") // newest first
	own := events[1].LineKeys()
	for name, c := range map[string]struct {
		change func(store.Keys)
		want   string
	}{
		"as they were":    {func(store.Keys) {}, ""},
		"another actor":   {func(k store.Keys) { k["actor"] = []any{"staff:2"} }, "another actor"},
		"another verb":    {func(k store.Keys) { k["verb"] = []any{"x"} }, "another verb"},
		"another time":    {func(k store.Keys) { k["at"] = []any{int64(0)} }, "another at"},
		"no actor at all": {func(k store.Keys) { delete(k, "actor") }, "of 3 blocks 2 are found"},
	} {
		d, err := w.st.Get(t.Context(), "audit", block)
		w.must(err)
		d.Keys = store.Keys{"company": {"c"}, "no": {int64(2)}, "line": {events[1].ID}}
		maps.Copy(d.Keys, own)
		c.change(d.Keys)
		w.must(w.st.Replace(t.Context(), "audit", d))
		_, _, finding, err := s.Verify(t.Context(), "c")
		if err != nil || (finding == "") != (c.want == "") || !strings.Contains(finding, c.want) {
			t.Errorf("%s: %q, %v, want %q", name, finding, err, c.want)
		}
	}
}
