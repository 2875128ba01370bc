package sqlite_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"linlipay/fault"
	"linlipay/sqlite"
	"linlipay/store"
)

var orders = store.Schema{Name: "orders", Fields: []store.Field{{Name: "company", Type: store.String}}, Feed: true,
	Indexes: []store.Index{{Name: "by_company", Fields: []string{"company"}}}}

func open(t *testing.T, dir string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ensure(t.Context(), orders); err != nil {
		t.Fatal(err)
	}
	return s
}

func shut(t *testing.T, s *sqlite.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func insert(t *testing.T, s store.Store, ids ...string) {
	t.Helper()
	for _, id := range ids {
		d := store.Doc{ID: id, Keys: store.Keys{"company": {"c"}}, Body: []byte("{}")}
		if err := s.Insert(t.Context(), "orders", d); err != nil {
			t.Fatal(err)
		}
	}
}

func count(t *testing.T, s store.Store) int64 {
	t.Helper()
	n, err := s.Count(t.Context(), "orders", store.Query{Index: "by_company", Equal: []any{"c"}})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func copyOf(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func put(t *testing.T, dir string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "linlipay.db"), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// While a server goes on writing, a backup holds every write that had returned when it began.
func TestABackupOfARunningServerHoldsEveryWrite(t *testing.T) {
	dir, to := t.TempDir(), t.TempDir()
	s := open(t, dir)
	insert(t, s, "a", "b", "c")
	var writing sync.WaitGroup
	stop := make(chan struct{})
	writing.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				insert(t, s, fmt.Sprintf("x%d", i))
			}
		}
	})
	for i := range 5 {
		before := count(t, s)
		copied := filepath.Join(to, fmt.Sprint(i))
		if err := sqlite.Backup(t.Context(), dir, copied); err != nil {
			t.Fatal(err)
		}
		after := count(t, s)
		c := open(t, copied)
		if got := count(t, c); got < before || got > after {
			t.Errorf("the backup holds %d, the server held %d to %d", got, before, after)
		}
		shut(t, c)
		if files, err := os.ReadDir(copied); err != nil || len(files) != 2 { // the database and its lock
			t.Errorf("beside the backup stand %v, %v", files, err)
		}
		if info, err := os.Stat(filepath.Join(copied, "linlipay.db")); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the backup may be read by others: %v, %v", info.Mode(), err)
		}
	}
	close(stop)
	writing.Wait()
	shut(t, s)
	insert(t, open(t, dir), "the backups hurt nothing")
}

func TestABackupOfAStoppedServer(t *testing.T) {
	dir, to := t.TempDir(), filepath.Join(t.TempDir(), "deep", "backup")
	s := open(t, dir)
	insert(t, s, "a", "b")
	shut(t, s)
	if err := sqlite.Backup(t.Context(), dir, to); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir)
	defer shut(t, again)
	restored := t.TempDir()
	if err := sqlite.Restore(t.Context(), to, restored, false); err != nil {
		t.Fatal(err)
	}
	r := open(t, restored)
	defer shut(t, r)
	if count(t, r) != 2 || count(t, again) != 2 {
		t.Errorf("restored %d, kept %d", count(t, r), count(t, again))
	}
}

// What is copied by hand from a running server lacks its write-ahead log, and is said to.
func TestTheFileOfARunningServerIsKnownForOne(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	insert(t, s, "a", "b")
	file := filepath.Join(dir, "linlipay.db")
	alone, wal := copyOf(t, file), copyOf(t, file+"-wal")
	shut(t, s)
	closed := copyOf(t, file)

	byHand := t.TempDir()
	put(t, byHand, alone)
	if _, err := sqlite.Open(t.Context(), byHand); !told(err, "linlipay backup") {
		t.Errorf("opened: %v", err)
	}
	if err := sqlite.Restore(t.Context(), byHand, t.TempDir(), false); !told(err, "--incomplete") {
		t.Errorf("restored: %v", err)
	}
	accepted := t.TempDir()
	if err := sqlite.Restore(t.Context(), byHand, accepted, true); err != nil {
		t.Fatal(err)
	}
	r := open(t, accepted)
	t.Logf("of 2, the bare file held %d", count(t, r))
	shut(t, r)

	both := t.TempDir()
	put(t, both, alone)
	if err := os.WriteFile(filepath.Join(both, "linlipay.db-wal"), wal, 0o600); err != nil {
		t.Fatal(err)
	}
	whole := t.TempDir()
	if err := sqlite.Restore(t.Context(), both, whole, false); err != nil {
		t.Fatal(err)
	}
	stopped := t.TempDir()
	put(t, stopped, closed)
	for name, dir := range map[string]string{"with its log": whole, "of a stopped server": stopped} {
		r := open(t, dir)
		if count(t, r) != 2 {
			t.Errorf("%s: %d", name, count(t, r))
		}
		shut(t, r)
	}
}

// told reports whether an error is the fault of a store that cannot be had, with a text in its sentence.
func told(err error, text string) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Code == fault.Unavailable && strings.Contains(f.EN, text)
}

func TestNothingIsMadeOrOverwrittenByMistake(t *testing.T) {
	dir, other, nowhere := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "mistyped")
	for _, d := range []string{dir, other} {
		s := open(t, d)
		insert(t, s, "a")
		shut(t, s)
	}
	rubbish := t.TempDir()
	put(t, rubbish, []byte(strings.Repeat("not a database", 1000)))
	empty := filepath.Join(t.TempDir(), "new")
	for name, do := range map[string]func() error{
		"back up nothing":      func() error { return sqlite.Backup(t.Context(), nowhere, empty) },
		"back up over another": func() error { return sqlite.Backup(t.Context(), dir, other) },
		"back up onto itself":  func() error { return sqlite.Backup(t.Context(), dir, dir) },
		"restore nothing":      func() error { return sqlite.Restore(t.Context(), nowhere, empty, true) },
		"restore over another": func() error { return sqlite.Restore(t.Context(), dir, other, true) },
		"restore rubbish":      func() error { return sqlite.Restore(t.Context(), rubbish, empty, true) },
		"read nothing":         func() error { _, err := sqlite.OpenExisting(t.Context(), nowhere); return err },
	} {
		var f *fault.Error
		if err := do(); !errors.As(err, &f) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(nowhere); !os.IsNotExist(err) {
		t.Errorf("the mistyped directory was made")
	}
	if files, err := os.ReadDir(empty); err == nil && len(files) > 1 { // its lock
		t.Errorf("something is left where a backup was not restored: %v", files)
	}
}

// A screen that saw changes which an older backup does not have must not wait for numbers that come again.
func TestAFeedThatIsOlderThanItsReaderSaysSo(t *testing.T) {
	dir, kept, back := t.TempDir(), filepath.Join(t.TempDir(), "kept"), t.TempDir()
	s := open(t, dir)
	insert(t, s, "a", "b")
	common := lastToken(t, s)
	if err := sqlite.Backup(t.Context(), dir, kept); err != nil {
		t.Fatal(err)
	}
	insert(t, s, "lost1")
	lost := lastToken(t, s)
	shut(t, s)
	s = open(t, dir)
	if next := next(t, s, lost, func() { insert(t, s, "c") }); next != "c" {
		t.Errorf("over a restart a screen hears of %q", next)
	}
	later := lastToken(t, s)
	shut(t, s)

	if err := sqlite.Restore(t.Context(), kept, back, false); err != nil {
		t.Fatal(err)
	}
	r := open(t, back)
	defer shut(t, r)
	for name, token := range map[string]store.Token{"of the same epoch": lost, "of a later one": later, "no token": "7",
		"rubbish": "x.y"} {
		if err := r.Watch(t.Context(), token, nothing); !fault.Is(err, fault.Expired) {
			t.Errorf("a token %s, before the numbers come again: %v", name, err)
		}
	}
	insert(t, r, "n1", "n2", "n3")
	for name, token := range map[string]store.Token{"of the same epoch": lost, "of a later one": later} {
		if err := r.Watch(t.Context(), token, nothing); !fault.Is(err, fault.Expired) {
			t.Errorf("a token %s, once the numbers came again: %v", name, err)
		}
	}
	if got := next(t, r, common, func() {}); got != "n1" {
		t.Errorf("a screen that saw what the backup has hears of %q", got)
	}
}

func nothing(store.Change) error { return nil }

var errEnough = errors.New("enough")

// next is the id of the first change after a token.
func next(t *testing.T, s store.Store, after store.Token, meanwhile func()) (id string) {
	t.Helper()
	meanwhile()
	if err := s.Watch(t.Context(), after, func(c store.Change) error {
		id = c.ID
		return errEnough
	}); !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	return id
}

// lastToken is where the feed stands.
func lastToken(t *testing.T, s *sqlite.Store) store.Token {
	t.Helper()
	token, err := s.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return token
}
