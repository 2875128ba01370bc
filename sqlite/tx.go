package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"linlipay/fault"
)

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
	if hasCode(err, lib.SQLITE_ERROR) {
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
	if hasCode(err, lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY) {
		return taken(err)
	}
	return unavailable(err)
}

// hasCode reports whether SQLite failed with one of some codes.
func hasCode(err error, codes ...int) bool {
	var e *driver.Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code())
}

func taken(err error) error {
	return fault.New(fault.AlreadyExists, "记录已存在。", "The id or a unique key is taken.").Because(err)
}

func stale() error {
	return fault.New(fault.Stale, "记录已被他人修改。", "The stored version is another one.")
}
