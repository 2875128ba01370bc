package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"linlipay/fault"
)

// Backup writes what is in a directory's store into a new directory of the same shape: one consistent state, while a
// server may go on writing. It is verified before it is there, and is on the disk when Backup returns. A directory
// without a database, and one to be written that has a database already, are faults. These are Unavailable.
func Backup(ctx context.Context, dir, to string) (err error) {
	if !there(filepath.Join(dir, database)) {
		return noDatabase(dir)
	}
	copied, err := place(to)
	if err != nil {
		return err
	}
	if lock, err := lockDir(dir); err == nil {
		// nobody has it open: opened and closed once, nothing is left beside the file
		if err := lock.Close(); err != nil {
			return unusable(dir, err)
		}
		s, err := Open(ctx, dir)
		if err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return unusable(dir, err)
		}
	}
	// Read-only: it neither moves nor removes the server's write-ahead log, even where the server dies meanwhile.
	db, err := sql.Open("sqlite", reading(filepath.Join(dir, database)))
	if err != nil {
		return unusable(dir, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", copied); err != nil {
		return errors.Join(unusable(to, err), remove(copied))
	}
	if err := finish(ctx, copied); err != nil {
		return errors.Join(err, remove(copied))
	}
	return nil
}

// Restore puts a backup into a directory that has no database. The file of a server that ran, copied without its
// write-ahead log, is a fault unless what it lacks is accepted. The fault is Unavailable.
func Restore(ctx context.Context, from, dir string, acceptLoss bool) error {
	source := filepath.Join(from, database)
	if !there(source) {
		return noDatabase(from)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return err
	}
	defer lock.Close() //nolint:errcheck // nothing is written through it
	copied, err := place(dir)
	if err != nil {
		return err
	}
	files := map[string]string{source: copied}
	if there(source + "-wal") {
		files[source+"-wal"] = copied + "-wal"
	}
	for from, to := range files {
		if err := copyFile(from, to); err != nil {
			return errors.Join(unusable(dir, err), remove(copied))
		}
	}
	if err := whole(ctx, copied, from, len(files) == 1 && !acceptLoss); err != nil {
		return errors.Join(err, remove(copied))
	}
	if err := finish(ctx, copied); err != nil {
		return errors.Join(err, remove(copied))
	}
	return nil
}

func noDatabase(dir string) *fault.Error {
	return fault.New(fault.Unavailable,
		fmt.Sprintf("目录 %s 中没有数据库，请检查路径。", dir),
		fmt.Sprintf("There is no database in the directory %s; check its path.", dir))
}

// place is where a copy is made in a directory, which is made if there is none and must not have a database.
func place(dir string) (string, error) {
	path := filepath.Join(dir, database)
	if there(path) {
		return "", fault.New(fault.AlreadyExists,
			fmt.Sprintf("目录 %s 中已有数据库，不会被覆盖：请换一个目录，或先将其移走。", dir),
			fmt.Sprintf("The directory %s has a database already, which is not overwritten: take another, or move "+
				"it away first.", dir))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", unusable(dir, err)
	}
	copied := path + ".partial"
	return copied, remove(copied) // what an earlier try left
}

// remove removes a copy and what stands beside it.
func remove(copied string) error {
	var errs []error
	for _, beside := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(copied + beside); err != nil && !os.IsNotExist(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// whole reports that a copy was taken of a running server without its write-ahead log, where that is not accepted.
func whole(ctx context.Context, copied, from string, mind bool) (err error) {
	db, err := sql.Open("sqlite", dsn(copied))
	if err != nil {
		return unusable(from, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var has, running bool
	row := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'linlipay_state')")
	if err := row.Scan(&has); err != nil {
		return damaged(from, err)
	}
	if !has { // written by a version that did not say it
		return nil
	}
	if err := db.QueryRowContext(ctx, "SELECT running FROM linlipay_state").Scan(&running); err != nil {
		return damaged(from, err)
	}
	if running && mind {
		return incomplete(from)
	}
	return nil
}

// finish verifies a copy, says that no process has it open, and gives it its name once it is on the disk.
func finish(ctx context.Context, copied string) error {
	dir := filepath.Dir(copied)
	if err := verify(ctx, copied); err != nil {
		return err
	}
	if err := os.Chmod(copied, 0o600); err != nil {
		return unusable(dir, err)
	}
	if err := syncPath(copied); err != nil {
		return unusable(dir, err)
	}
	if err := os.Rename(copied, filepath.Join(dir, database)); err != nil {
		return unusable(dir, err)
	}
	if err := syncPath(dir); err != nil {
		return unusable(dir, err)
	}
	return nil
}

func verify(ctx context.Context, copied string) (err error) {
	db, err := sql.Open("sqlite", dsn(copied))
	if err != nil {
		return unusable(copied, err)
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	var found string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found); err != nil || found != "ok" {
		return damaged(copied, errors.Join(err, errors.New(found)))
	}
	if _, err := db.ExecContext(ctx, "UPDATE linlipay_state SET running = 0"); err != nil {
		return damaged(copied, err)
	}
	return nil
}

func damaged(path string, err error) *fault.Error {
	return fault.New(fault.Unavailable, fmt.Sprintf("%s 已损坏或不是邻里付的数据库。", path),
		fmt.Sprintf("%s is damaged, or no database of LinliPay.", path)).Because(err)
}

// syncPath has a file or a directory written to the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// reading names a database that is only read.
func reading(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=ro&_pragma=busy_timeout(10000)"
}
