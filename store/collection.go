package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"linlipay/fault"
)

// Kind says how values of T are kept: the schema of their collection, and how to read id, version and keys from a
// value. The version is not part of the body: give its field the tag `json:"-"`.
type Kind[T any] struct {
	Schema
	ID      func(*T) string
	Version func(*T) *int64
	Keys    func(*T) Keys
	Copy    func(*T) *T // for UpdateFrom: what is changed in the copy must not show in the original
}

// Collection reads and writes values of T in a store. Its methods return the faults of the store beneath, and an error
// without a code, which counts as Internal, for a document that cannot be read.
type Collection[T any] struct {
	kind  Kind[T]
	store Store
}

// In binds the kind to a store.
func (k Kind[T]) In(s Store) Collection[T] {
	c := Collection[T]{k, s}
	if sealed, ok := s.(*Sealed); ok {
		sealed.bind(k.Name, boundKind{reflect.TypeFor[T](), c.keysOf})
	}
	return c
}

// keysOf are the keys that a document would be written with.
func (c Collection[T]) keysOf(d Doc) (Keys, error) {
	v, err := c.decode(d)
	if err != nil {
		return nil, err
	}
	return c.kind.Keys(v), nil
}

// Name is the collection's name, as it appears in the change feed.
func (c Collection[T]) Name() string { return c.kind.Name }

// Insert stores a new value and sets its version to 1. AlreadyExists is an id or a unique key that is taken.
func (c Collection[T]) Insert(ctx context.Context, v *T) error {
	d, err := c.encode(v)
	if err != nil {
		return err
	}
	if err := c.store.Insert(ctx, c.kind.Name, d); err != nil {
		return err
	}
	*c.kind.Version(v) = 1
	return nil
}

// InsertMany stores those values whose id and unique keys are free and returns the ids of the others.
func (c Collection[T]) InsertMany(ctx context.Context, values []T) (taken []string, err error) {
	docs := make([]Doc, len(values))
	for i := range values {
		if docs[i], err = c.encode(&values[i]); err != nil {
			return nil, err
		}
	}
	return c.store.InsertMany(ctx, c.kind.Name, docs)
}

// Get returns the value, or a NotFound fault.
func (c Collection[T]) Get(ctx context.Context, id string) (*T, error) {
	d, err := c.store.Get(ctx, c.kind.Name, id)
	if err != nil {
		return nil, err
	}
	return c.decode(d)
}

// Replace stores v if the stored version is v's, and then advances v's version; otherwise it returns a Stale fault.
func (c Collection[T]) Replace(ctx context.Context, v *T) error {
	d, err := c.encode(v)
	if err != nil {
		return err
	}
	if err := c.store.Replace(ctx, c.kind.Name, d); err != nil {
		return err
	}
	*c.kind.Version(v)++
	return nil
}

// Delete removes v if the stored version is v's, or returns a Stale fault.
func (c Collection[T]) Delete(ctx context.Context, v *T) error {
	return c.store.Delete(ctx, c.kind.Name, c.kind.ID(v), *c.kind.Version(v))
}

// ForgetMost is how many documents of a kind whoever deletes what has passed deletes at a time. Ours: nothing else
// waits long.
const ForgetMost = 10_000

// DeleteSelected deletes documents that a query selects, at most so many, and returns how many. One that was changed
// or deleted meanwhile is left as it is; one that cannot be read goes too.
func (c Collection[T]) DeleteSelected(ctx context.Context, q Query, most int) (n int, err error) {
	for q.Bare = true; n < most; {
		q.Limit = min(sweepPage, most-n)
		docs, next, err := c.Docs(ctx, q)
		if err != nil {
			return n, err
		}
		deleted, err := c.deleteDocs(ctx, docs)
		if n += deleted; err != nil {
			return n, err
		}
		if q.Cursor = next; next == "" {
			break
		}
	}
	return n, nil
}

func (c Collection[T]) deleteDocs(ctx context.Context, docs []Doc) (n int, err error) {
	for _, d := range docs {
		switch err := c.store.Delete(ctx, c.kind.Name, d.ID, d.Version); {
		case err == nil:
			n++
		case !fault.Is(err, fault.Stale):
			return n, err
		}
	}
	return n, nil
}

// ErrUnchanged, returned by the function given to Update, says that the value is already as it should be.
var ErrUnchanged = errors.New("store: unchanged")

// updateTries bounds Update. With a random pause that grows to about 100 ms, 64 writers on one document all get their
// turn.
const updateTries = 200

// Update reads the value, lets change alter it, and replaces it; when another writer was faster it reads again and asks
// change again. It returns the value as stored. When change returns ErrUnchanged nothing is written; any other error of
// change ends it. Unavailable is for too many writers at once.
func (c Collection[T]) Update(ctx context.Context, id string, change func(*T) error) (*T, error) {
	for try := range updateTries {
		v, err := c.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		if err := change(v); errors.Is(err, ErrUnchanged) {
			return v, nil
		} else if err != nil {
			return nil, err
		}
		err = c.Replace(ctx, v)
		if err == nil {
			return v, nil
		}
		if !fault.Is(err, fault.Stale) {
			return nil, err
		}
		if err := c.pause(ctx, try); err != nil {
			return nil, err
		}
	}
	return nil, fault.New(fault.Unavailable, "系统繁忙，请稍后重试。", "Too many changes at once; please try again.")
}

// UpdateFrom is Update for a value that was read before: it saves reading it again when nobody wrote since. What is
// stored decides all the same: when the replacement is stale, and also when change refuses or finds nothing to do,
// which may be so only of what was read before, change is asked as Update does. v stays as it is. Its errors are
// Update's.
func (c Collection[T]) UpdateFrom(ctx context.Context, v *T, change func(*T) error) (*T, error) {
	next := c.kind.Copy(v)
	if change(next) == nil {
		if err := c.Replace(ctx, next); err == nil {
			return next, nil
		} else if !fault.Is(err, fault.Stale) {
			return nil, err
		}
	}
	return c.Update(ctx, c.kind.ID(v), change)
}

// Pauser is implemented by a store that decides how long Update waits after its try-th race lost, because its time is
// not the machine's.
type Pauser interface {
	// Pause waits, or returns the context's error when that ends first.
	Pause(ctx context.Context, try int) error
}

func (c Collection[T]) pause(ctx context.Context, try int) error {
	if p, ok := c.store.(Pauser); ok {
		return p.Pause(ctx, try)
	}
	return pause(ctx, try)
}

func pause(ctx context.Context, try int) error {
	most := min(time.Millisecond<<min(try, 7), 100*time.Millisecond)
	select {
	case <-ctx.Done():
		return fault.New(fault.Unavailable, "系统繁忙，请稍后重试。", "Timed out; please try again.").Because(ctx.Err())
	case <-time.After(rand.N(most) + 1):
		return nil
	}
}

// Find returns one page of values and the cursor of the next, "" on the last.
func (c Collection[T]) Find(ctx context.Context, q Query) (values []T, next string, err error) {
	page, err := c.store.Find(ctx, c.kind.Name, q)
	if err != nil {
		return nil, "", err
	}
	values = make([]T, 0, len(page.Docs))
	for _, d := range page.Docs {
		v, err := c.decode(d)
		if err != nil {
			return nil, "", err
		}
		values = append(values, *v)
	}
	return values, page.Next, nil
}

// Docs returns one page of documents as they are stored, with the keys of the index's open fields, and the cursor of
// the next, "" on the last: for whoever must go on although one of them cannot be read. Read makes a value of each.
func (c Collection[T]) Docs(ctx context.Context, q Query) (docs []Doc, next string, err error) {
	page, err := c.store.Find(ctx, c.kind.Name, q)
	return page.Docs, page.Next, err
}

// Read makes a value of a document of the collection.
func (c Collection[T]) Read(d Doc) (*T, error) { return c.decode(d) }

// All calls each for every selected value, a page at a time. A document that cannot be read ends it. each's error ends
// it and is returned.
func (c Collection[T]) All(ctx context.Context, q Query, each func(T) error) error {
	return c.Each(ctx, q, func(v *T, unreadable error) error {
		if unreadable != nil {
			return unreadable
		}
		return each(*v)
	})
}

// Each calls each for every selected document, a page at a time: with its value, or with why it cannot be read. An
// error of each ends it.
func (c Collection[T]) Each(ctx context.Context, q Query, each func(v *T, unreadable error) error) error {
	for {
		docs, next, err := c.Docs(ctx, q)
		if err != nil {
			return err
		}
		for _, d := range docs {
			v, unreadable := c.decode(d)
			if err := each(v, unreadable); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		q.Cursor = next
	}
}

// Count returns how many values the query selects.
func (c Collection[T]) Count(ctx context.Context, q Query) (int64, error) {
	return c.store.Count(ctx, c.kind.Name, q)
}

// Sum groups and adds up, as Reader.Sum.
func (c Collection[T]) Sum(ctx context.Context, q Query, by, sums []string) ([]Group, error) {
	return c.store.Sum(ctx, c.kind.Name, q, by, sums)
}

// format is how bodies are written and read: as encoding/json does, but for what is needless in a body of our own
// writing, namely reading it twice to know whether it is whole, and looking for names that come twice or in another
// case. That is more than half of what reading takes.
var format = json.JoinOptions(
	jsonv1.DefaultOptionsV1(), jsonv1.ReportErrorsWithLegacySemantics(false), json.MatchCaseInsensitiveNames(false),
	jsontext.AllowDuplicateNames(true),
)

func (c Collection[T]) encode(v *T) (Doc, error) {
	body, err := json.Marshal(v, format)
	if err != nil {
		return Doc{}, fmt.Errorf("store: encode %s %s: %w", c.kind.Name, c.kind.ID(v), err)
	}
	return Doc{ID: c.kind.ID(v), Version: *c.kind.Version(v), Keys: c.kind.Keys(v), Body: body}, nil
}

func (c Collection[T]) decode(d Doc) (*T, error) {
	v := new(T)
	if err := json.Unmarshal(d.Body, v, format); err != nil {
		return nil, fmt.Errorf("store: decode %s %s: %w", c.kind.Name, d.ID, err)
	}
	*c.kind.Version(v) = d.Version
	return v, nil
}

// Prefix bounds a query to the strings that start with prefix: use it as From and To.
func Prefix(prefix string) (from, to any) { return prefix, prefix + "\U0010FFFF" }
