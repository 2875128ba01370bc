package audit

import (
	"context"
	"slices"
	"time"

	"linlipay/chain"
	"linlipay/store"
)

// Filter selects events of one company; what is empty selects all.
type Filter struct {
	Company  string    // "" is the chain of things of no company
	From, To time.Time // From is inclusive, To exclusive
	Actor    string
	Verbs    []Verb
	Object   string // kind:id of the object or of what it is a part of
	// digests of what somebody typed, or of where they came from (Service.Typed): an event holds one; nil is all
	Typed  []string
	Oldest bool // first; else the newest
	Cursor string
	Limit  int // events of a page, as store.Query has it
}

func (f Filter) query() store.Query {
	q := store.Query{Index: byTime, Equal: []any{chainOf(f.Company)}, Desc: !f.Oldest, Cursor: f.Cursor, Limit: f.Limit}
	switch {
	case f.Object != "":
		q.Index, q.Equal = byObject, append(q.Equal, f.Object)
	case f.Actor != "":
		q.Index, q.Equal = byActor, append(q.Equal, f.Actor)
	case len(f.Verbs) == 1:
		q.Index, q.Equal = byVerb, append(q.Equal, string(f.Verbs[0]))
	}
	if !f.From.IsZero() {
		q.From = f.From.UnixMilli()
	}
	if !f.To.IsZero() {
		q.To = f.To.UnixMilli()
	}
	return q
}

func (f Filter) admits(e *Event) bool {
	return (f.Actor == "" || e.Actor == f.Actor) && (len(f.Verbs) == 0 || slices.Contains(f.Verbs, e.Verb)) &&
		(f.Object == "" || e.Object == f.Object || e.Of == f.Object) && (f.Typed == nil || e.holds(f.Typed))
}

// holds reports whether one of some digests stands in the event.
func (e *Event) holds(digests []string) bool {
	if slices.Contains(digests, e.From) {
		return true
	}
	for _, value := range e.After {
		if slices.Contains(digests, value) {
			return true
		}
	}
	return false
}

// looks bounds how many pages of the index one answer reads for what a filter admits: the answer is short then, and
// goes on by its cursor.
const looks = 20

// Find returns a page of events in the filter's order, and the cursor of the next, "" on the last. A page may be short.
func (s *Service) Find(ctx context.Context, f Filter) (events []Event, next string, err error) {
	q := f.query()
	for range looks {
		blocks, next, err := s.events.Find(ctx, q)
		if err != nil {
			return nil, "", err
		}
		for _, b := range blocks {
			for _, e := range b.Lines {
				if f.admits(&e) {
					events = append(events, e)
				}
			}
		}
		if len(events) > 0 || next == "" {
			return events, next, nil
		}
		q.Cursor = next
	}
	return events, q.Cursor, nil
}

// Companies lists the companies that have a chain, "" for things of none.
func (s *Service) Companies(ctx context.Context) ([]string, error) {
	values, err := s.events.Companies(ctx)
	for i, c := range values {
		if c == Nobodys {
			values[i] = ""
		}
	}
	return values, err
}

// Verify walks a company's chain: its head, how many events it holds, and the first thing that is wrong with it, "" for
// nothing. What is wrong with the chain is a finding and no error.
func (s *Service) Verify(ctx context.Context, company string) (head chain.Head, n int64, finding string, err error) {
	head, err = s.events.Verify(ctx, chainOf(company), func(e Event) error {
		n++
		if e.Company != company {
			return chain.Finding{What: "audit line " + e.ID + ": it is of another company"}
		}
		return nil
	})
	if finding = chain.Found(err); finding != "" {
		err = nil
	}
	return head, n, finding, err
}
