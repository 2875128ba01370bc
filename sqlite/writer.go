package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"
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
	return errors.Join(w.end(), w.tx.close(), w.db.Close())
}

// end ends the epoch that was begun.
func (w *writer) end() error {
	if !w.opened {
		return nil
	}
	return w.tx.end()
}
