// Package sqlitetest opens stores for tests.
package sqlitetest

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"linlipay/sqlite"
	"linlipay/store"
)

// Open opens an empty store with the collections of some schemas, in a directory of its own. It closes with the test.
// To make the collections takes longer than most tests do, so they are made once in a process and copied for each test.
func Open(t testing.TB, schemas ...store.Schema) *sqlite.Store {
	t.Helper()
	dir := Dir(t)
	must(t, os.WriteFile(filepath.Join(dir, database), made.with(t, schemas), 0o600))
	st, err := sqlite.Open(t.Context(), dir)
	must(t, err)
	t.Cleanup(func() { st.Close() })
	must(t, st.Ensure(t.Context(), schemas...))
	return st
}

// database is the file of a store that is closed.
const database = "linlipay.db"

// memory is where Linux keeps files in memory.
const memory = "/dev/shm"

// Dir makes a directory for a store that goes with the test: in memory where there is room, unless TMPDIR says where.
// Tests kill processes and never the machine, so that a disk would be waited for in vain.
func Dir(t testing.TB) string {
	t.Helper()
	if os.TempDir() != "/tmp" {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(memory, "linlipay-test")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// templates are the databases that were made in this process, by their schemas.
type templates struct {
	mu   sync.Mutex
	made map[string][]byte
}

var made = templates{made: map[string][]byte{}}

// with is a database that has the collections of some schemas and nothing in them.
func (m *templates) with(t testing.TB, schemas []store.Schema) []byte {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	key := fmt.Sprint(schemas)
	if m.made[key] == nil {
		m.made[key] = empty(t, schemas)
	}
	return m.made[key]
}

func empty(t testing.TB, schemas []store.Schema) []byte {
	t.Helper()
	dir := Dir(t)
	st, err := sqlite.Open(t.Context(), dir)
	must(t, err)
	must(t, st.Ensure(t.Context(), schemas...))
	must(t, st.Close())
	raw, err := os.ReadFile(filepath.Join(dir, database))
	must(t, err)
	return raw
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
