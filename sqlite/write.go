package sqlite

import (
	"context"

	"linlipay/fault"
	"linlipay/store"
)

// Insert stores a new document.
func (s *Store) Insert(ctx context.Context, collection string, d store.Doc) error {
	t, err := s.checked(collection, d)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(tx *tx) error { return tx.insert(t, d) })
}

// InsertMany stores the documents whose id and keys are free and returns the ids of the others.
func (s *Store) InsertMany(ctx context.Context, collection string, docs []store.Doc) (takenIDs []string, err error) {
	for len(docs) > 0 {
		n := min(len(docs), batch)
		values, err := s.insertSome(ctx, collection, docs[:n])
		if err != nil {
			return nil, err
		}
		takenIDs, docs = append(takenIDs, values...), docs[n:]
	}
	return takenIDs, nil
}

func (s *Store) insertSome(ctx context.Context, collection string, docs []store.Doc) (takenIDs []string, err error) {
	var t *table
	for _, d := range docs {
		if t, err = s.checked(collection, d); err != nil {
			return nil, err
		}
	}
	err = s.writer.do(ctx, func(w *tx) error {
		for _, d := range docs {
			err := w.within(func(op *tx) error { return op.insert(t, d) })
			if fault.Is(err, fault.AlreadyExists) {
				takenIDs = append(takenIDs, d.ID)
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return takenIDs, nil
}

// Replace stores d as the next version if the stored version is d.Version.
func (s *Store) Replace(ctx context.Context, collection string, d store.Doc) error {
	t, err := s.checked(collection, d)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(tx *tx) error { return tx.replace(t, d) })
}

// Delete removes the document if the stored version is the one given.
func (s *Store) Delete(ctx context.Context, collection, id string, version int64) error {
	t, err := s.table(collection)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(tx *tx) error { return tx.remove(t, id, version) })
}

func (s *Store) checked(collection string, d store.Doc) (*table, error) {
	t, err := s.table(collection)
	if err != nil {
		return nil, err
	}
	return t, t.schema.Check(d)
}

func (t *tx) insert(tab *table, d store.Doc) error {
	if err := t.exec(tab.insert, append([]any{d.ID, 1, d.Body}, tab.values(d)...)...); err != nil {
		return err
	}
	if err := t.insertSides(tab, d); err != nil {
		return err
	}
	return t.announce(tab, d.ID, 1)
}

func (t *tx) insertSides(tab *table, d store.Doc) error {
	for _, s := range tab.sides {
		for _, row := range s.rows(d) {
			if err := t.exec(s.insert, row...); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tx) removeSides(tab *table, id string) error {
	for _, s := range tab.sides {
		if err := t.exec(s.remove, id); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) replace(tab *table, d store.Doc) error {
	args := append([]any{d.Body}, tab.values(d)...)
	n, err := t.affect(tab.replace, append(args, d.ID, d.Version)...)
	if err != nil {
		return err
	}
	if n == 0 {
		return stale()
	}
	if err := t.removeSides(tab, d.ID); err != nil {
		return err
	}
	if err := t.insertSides(tab, d); err != nil {
		return err
	}
	return t.announce(tab, d.ID, d.Version+1)
}

func (t *tx) remove(tab *table, id string, version int64) error {
	n, err := t.affect(tab.remove, id, version)
	if err != nil {
		return err
	}
	if n == 0 {
		return stale()
	}
	if err := t.removeSides(tab, id); err != nil {
		return err
	}
	return t.announce(tab, id, 0)
}

// announce writes a change to the feed, and now and then forgets changes that are too old.
func (t *tx) announce(tab *table, id string, version int64) error {
	if !tab.schema.Feed {
		return nil
	}
	t.changed++
	if t.fed++; t.fed >= feedKeep/10 {
		t.fed = 0
		if err := t.exec("DELETE FROM linlipay_changes WHERE seq <= (SELECT MAX(seq) FROM linlipay_changes) - ?",
			feedKeep); err != nil {
			return err
		}
	}
	return t.exec("INSERT INTO linlipay_changes (collection, id, version) VALUES (?, ?, ?)", tab.schema.Name, id,
		version)
}
