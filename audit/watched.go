package audit

import (
	"context"

	"linlipay/store"
)

// Watched is a collection whose changes owe their events by themselves, whoever makes them: it is used as the collection is. InsertMany and Replace tell of
// nothing, since they know of no change.
type Watched[T any] struct {
	store.Collection[T]
	kind store.Kind[T]
	with Watch[T]
}

// Watch says what of a document's changes is an event.
type Watch[T any] struct {
	Owed func(*T) *Owed
	// Begin is called with the document before it is changed (its zero value before it is inserted) and returns what tells, of the same document when it was
	// changed, the events. They need neither id nor who; At must be given.
	Begin func(*T) func(*T) []Event
}

// In binds a kind to a store. The kind's schema was given to Declare, and its keys to Owed.Key.
func (w Watch[T]) In(kind store.Kind[T], st store.Store) Watched[T] {
	return Watched[T]{kind.In(st), kind, w}
}

// Outbox is the collection for Service.Attach.
func (c Watched[T]) Outbox() Outbox { return From(c.Collection, c.with.Owed) }

// Insert is the collection's, and owes what the new document tells.
func (c Watched[T]) Insert(ctx context.Context, v *T) error {
	owed := c.with.Owed(v)
	before := len(*owed)
	c.owe(ctx, v, c.with.Begin(new(T)))
	err := c.Collection.Insert(ctx, v)
	if err != nil {
		*owed = (*owed)[:before]
	}
	return err
}

// Update is the collection's, and owes what the change tells.
func (c Watched[T]) Update(ctx context.Context, id string, change func(*T) error) (*T, error) {
	return c.Collection.Update(ctx, id, c.watched(ctx, change))
}

// UpdateFrom is the collection's, and owes what the change tells.
func (c Watched[T]) UpdateFrom(ctx context.Context, v *T, change func(*T) error) (*T, error) {
	return c.Collection.UpdateFrom(ctx, v, c.watched(ctx, change))
}

func (c Watched[T]) watched(ctx context.Context, change func(*T) error) func(*T) error {
	return func(v *T) error {
		tell := c.with.Begin(v)
		if err := change(v); err != nil {
			return err
		}
		c.owe(ctx, v, tell)
		return nil
	}
}

func (c Watched[T]) owe(ctx context.Context, v *T, tell func(*T) []Event) {
	for _, e := range tell(v) {
		c.with.Owed(v).Owe(ctx, c.Name()+"/"+c.kind.ID(v), *c.kind.Version(v), e)
	}
}

// Changed leaves of two states what is not the same in both, each side nil when nothing is: for events of what people edit.
func Changed(before, after State) (State, State) {
	was, is := State{}, State{}
	for name, value := range before {
		if after[name] != value {
			was[name] = value
			is[name] = after[name]
		}
	}
	for name, value := range after {
		if _, had := before[name]; !had && value != "" {
			is[name] = value
		}
	}
	if len(was) == 0 {
		was = nil
	}
	if len(is) == 0 {
		is = nil
	}
	return was, is
}
