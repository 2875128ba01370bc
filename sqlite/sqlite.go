// Package sqlite is the store port on an embedded SQLite database: no server, no configuration, durable.
//
// One goroutine writes (writer.go): it takes the writes that are waiting, commits them in one transaction with
// synchronous=FULL, and only then acknowledges them, so that durability costs one sync per batch and not per write.
// Reads (reader.go) use connections of their own and never wait for the writer. One process at a time may open a
// directory.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	_ "modernc.org/sqlite" // the driver named "sqlite"

	"linlipay/fault"
	"linlipay/store"
)

// Store is a store in one directory. Its methods return the faults that store.Store names.
type Store struct {
	lock    *os.File
	readers *sql.DB
	writer  *writer
	feed    *feed

	mu      sync.RWMutex
	schemas map[string]*table
}

var (
	_ store.Store  = (*Store)(nil)
	_ store.Walker = (*Store)(nil)
)

// maxReaders bounds the connections that read at the same time.
const maxReaders = 8

// Open opens the store in a directory, which it makes if there is none. A directory that cannot be written, or that
// another process has open, is a fault whose sentence says so.
func Open(ctx context.Context, dir string) (*Store, error) {
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{lock: lock, feed: newFeed(), schemas: map[string]*table{}}
	if err := s.connect(ctx, dir); err != nil {
		if !fault.Is(err, fault.Unavailable) {
			err = unusable(dir, err)
		}
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// OpenExisting is Open for what only reads: a directory without a database is a fault, and nothing is made there. The
// fault is Unavailable.
func OpenExisting(ctx context.Context, dir string) (*Store, error) {
	if !there(filepath.Join(dir, database)) {
		return nil, noDatabase(dir)
	}
	return Open(ctx, dir)
}

// database is the file in the directory.
const database = "linlipay.db"

func (s *Store) connect(ctx context.Context, dir string) error {
	path := filepath.Join(dir, database)
	alone := there(path) && !there(path+"-wal")
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return err
	}
	s.writer = newWriter(db, s.feed)
	if err := s.writer.open(ctx, dir, alone); err != nil {
		return err
	}
	if s.readers, err = sql.Open("sqlite", dsn(path)+"&_pragma=query_only(1)"); err != nil {
		return err
	}
	s.readers.SetMaxOpenConns(maxReaders)
	s.readers.SetMaxIdleConns(maxReaders)
	s.feed.readers = s.readers
	return errors.Join(s.readers.PingContext(ctx), keepFilesPrivate(filepath.Dir(path)))
}

// dsn names the database with its pragmas: write-ahead log, a sync before every acknowledgement.
func dsn(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-65536)" +
		"&_pragma=temp_store(MEMORY)&_pragma=wal_autocheckpoint(4000)&_pragma=journal_size_limit(67108864)"
}

// lockDir makes the directory, keeps it to its owner, and takes its lock, so that no second process writes the same
// store.
func lockDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unusable(dir, err)
	}
	if err := keepPrivate(dir); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "linlipay.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, unusable(dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fault.New(fault.Unavailable,
			fmt.Sprintf("数据目录 %s 正被另一个 linlipay 进程使用。", dir),
			fmt.Sprintf("The data directory %s is in use by another linlipay process.", dir)).Because(err), f.Close())
	}
	return f, nil
}

func unusable(dir string, err error) error {
	return fault.New(fault.Unavailable, fmt.Sprintf("数据目录 %s 无法读写。", dir),
		fmt.Sprintf("The data directory %s cannot be read and written.", dir)).Because(err)
}

// Close finishes the waiting writes and lets go of the directory.
func (s *Store) Close() error {
	var errs []error
	s.feed.close()
	if s.writer != nil {
		errs = append(errs, s.writer.close())
	}
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	return errors.Join(append(errs, s.lock.Close())...)
}

// Ping returns nil when the store can take a write.
func (s *Store) Ping(ctx context.Context) error {
	return s.writer.do(ctx, func(t *tx) error { return t.exec("UPDATE linlipay_ping SET at = at + 1") })
}

// Ensure creates the collections and indexes that are missing. A field or an index that is new to a collection with
// documents holds only documents written from then on; indexes over fields that were there before are filled.
func (s *Store) Ensure(ctx context.Context, schemas ...store.Schema) error {
	for _, schema := range schemas {
		t, err := newTable(schema)
		if err != nil {
			return err
		}
		if err := s.writer.do(ctx, t.create); err != nil {
			return fmt.Errorf("sqlite: create collection %s: %w", schema.Name, err)
		}
		s.mu.Lock()
		s.schemas[schema.Name] = t
		s.mu.Unlock()
		slog.DebugContext(ctx, "collection ready", "name", schema.Name)
	}
	return nil
}

// table returns a collection's table.
func (s *Store) table(name string) (*table, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, ok := s.schemas[name]
	if !ok {
		return nil, fault.New(fault.Internal, "系统错误。", "Collection "+name+" was not declared with Ensure.")
	}
	return t, nil
}

// unavailable is the fault of a database that did not answer.
func unavailable(err error) error {
	return fault.New(fault.Unavailable, "数据库暂不可用，请稍后重试。", "The database cannot answer now; please try again.").Because(
		err)
}
