package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"linlipay/fault"
	"linlipay/store"
)

// writer is the one goroutine that writes. Writes that wait while a batch is being synced make up the next batch.
type writer struct {
	db      *sql.DB
	tx      *tx
	feed    *feed
	queue   chan *write
	apart   chan *write // what cannot be a part of a transaction
	closing chan struct{}
	closed  sync.WaitGroup
	opened  bool // an epoch was begun
}

// write is one caller's write: do runs inside a savepoint of the batch, and result gets its outcome once the batch is
// durable.
type write struct {
	do     func(*tx) error
	err    error
	result chan error
}

// batch bounds the writes committed together.
const batch = 512

func newWriter(db *sql.DB, f *feed) *writer {
	db.SetMaxOpenConns(1)
	return &writer{db: db, feed: f, queue: make(chan *write, batch), apart: make(chan *write),
		closing: make(chan struct{})}
}

// open prepares the tables of the adapter itself and starts the goroutine; alone is as in begin.
func (w *writer) open(ctx context.Context, dir string, alone bool) error {
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return err
	}
	w.tx = &tx{conn: conn, prepared: map[string]*sql.Stmt{}}
	if w.feed.epoch, err = w.tx.begin(ctx, dir, alone); err != nil {
		return err
	}
	w.opened = true
	w.closed.Go(w.run)
	return nil
}

// do hands a write to the goroutine and waits until it is durable. A caller that gives up gets Unavailable: its write
// may still happen.
func (w *writer) do(ctx context.Context, do func(*tx) error) error { return w.hand(ctx, w.queue, do) }

func (w *writer) hand(ctx context.Context, queue chan<- *write, do func(*tx) error) error {
	op := &write{do: do, result: make(chan error, 1)}
	select {
	case queue <- op:
	case <-w.closing:
		return unavailable(errors.New("the store is closed"))
	case <-ctx.Done():
		return unavailable(ctx.Err())
	}
	select {
	case err := <-op.result:
		return err
	case <-ctx.Done():
		return unavailable(ctx.Err())
	}
}

func (w *writer) run() {
	for {
		select {
		case op := <-w.queue:
			w.commit(w.gather(op))
		case op := <-w.apart:
			op.result <- op.do(w.tx)
		case <-w.closing:
			w.refuseRest()
			return
		}
	}
}

// gather takes what is waiting now.
func (w *writer) gather(first *write) []*write {
	ops := []*write{first}
	for len(ops) < batch {
		select {
		case op := <-w.queue:
			ops = append(ops, op)
		default:
			return ops
		}
	}
	return ops
}

// commit runs a batch in one transaction and tells each caller how it went, after the sync.
func (w *writer) commit(ops []*write) {
	err := w.tx.exec("BEGIN IMMEDIATE")
	for _, op := range ops {
		if err == nil {
			op.err = w.tx.within(op.do)
		}
	}
	if err == nil {
		err = w.tx.exec("COMMIT")
	}
	if err != nil {
		err = errors.Join(err, w.tx.rollback())
	}
	changed := w.tx.changed
	w.tx.changed = 0
	for _, op := range ops {
		if err != nil {
			op.err = unavailable(err)
		}
		op.result <- op.err
	}
	if changed > 0 && err == nil {
		w.feed.wake()
	}
}

func (w *writer) refuseRest() {
	for {
		select {
		case op := <-w.queue:
			op.result <- unavailable(errors.New("the store is closed"))
		default:
			return
		}
	}
}

func (w *writer) close() error {
	close(w.closing)
	w.closed.Wait()
	if w.tx == nil {
		return w.db.Close()
	}
	var ended error
	if w.opened {
		ended = w.tx.end()
	}
	return errors.Join(ended, w.tx.close(), w.db.Close())
}

// tx is the writer's connection, with its prepared statements.
type tx struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
	changed  int // feed rows in this batch
	fed      int // feed rows since the feed was last pruned
}

// exec runs a statement without the callers' contexts: a batch is committed or not as a whole.
func (t *tx) exec(query string, args ...any) error {
	_, err := t.affect(query, args...)
	return err
}

// affect runs a statement and returns how many rows it changed.
func (t *tx) affect(query string, args ...any) (int64, error) {
	stmt, ok := t.prepared[query]
	if !ok {
		var err error
		if stmt, err = t.conn.PrepareContext(context.Background(), query); err != nil {
			return 0, err
		}
		t.prepared[query] = stmt
	}
	res, err := stmt.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// within runs one write inside a savepoint: if it fails, the rest of the batch is not hurt.
func (t *tx) within(do func(*tx) error) error {
	if err := t.exec("SAVEPOINT op"); err != nil {
		return unavailable(err)
	}
	failed := do(t)
	if failed != nil {
		if err := t.exec("ROLLBACK TO op"); err != nil {
			return unavailable(errors.Join(failed, err))
		}
	}
	if err := t.exec("RELEASE op"); err != nil {
		return unavailable(errors.Join(failed, err))
	}
	return asFault(failed)
}

func (t *tx) rollback() error {
	err := t.exec("ROLLBACK")
	var e *driver.Error
	if errors.As(err, &e) && e.Code() == lib.SQLITE_ERROR {
		return nil // there was no transaction to roll back
	}
	return err
}

func (t *tx) columns(table string) (map[string]bool, error) {
	rows, err := t.conn.QueryContext(context.Background(), "SELECT name FROM pragma_table_info(?)", table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	have := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		have[name] = true
	}
	return have, rows.Err()
}

func (t *tx) close() error {
	var errs []error
	for _, stmt := range t.prepared {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, t.conn.Close())...)
}

// asFault turns what SQLite says into a fault: a taken key by its code, anything else as a database that cannot answer.
func asFault(err error) error {
	var f *fault.Error
	if err == nil || errors.As(err, &f) {
		return err
	}
	var e *driver.Error
	if errors.As(err, &e) &&
		(e.Code() == lib.SQLITE_CONSTRAINT_UNIQUE || e.Code() == lib.SQLITE_CONSTRAINT_PRIMARYKEY) {
		return taken(err)
	}
	return unavailable(err)
}

func taken(err error) error {
	return fault.New(fault.AlreadyExists, "记录已存在。", "The id or a unique key is taken.").Because(err)
}

func stale() error {
	return fault.New(fault.Stale, "记录已被他人修改。", "The stored version is another one.")
}

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
