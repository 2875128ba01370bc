package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/store"
	"linlipay/store/storetest"
)

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, t.TempDir()) })
}

func TestOpenRefusesASecondProcessAndABadDirectory(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if _, err := Open(t.Context(), dir); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a second opening gave %v", err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), filepath.Join(file, "sub")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a directory that cannot be made gave %v", err)
	}
}

func TestAnIndexThatIsNewIsFilled(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	schema := store.Schema{Name: "things", Fields: []store.Field{{Name: "a", Type: store.String}}}
	doc := store.Doc{ID: "1", Keys: store.Keys{"a": {"x"}}, Body: []byte("{}")}
	if err := s.Ensure(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	if err := s.Insert(t.Context(), "things", doc); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	schema.Fields = append(schema.Fields, store.Field{Name: "b", Type: store.Int})
	schema.Indexes = []store.Index{{Name: "by_a", Fields: []string{"a"}}}
	if err := s.Ensure(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	page, err := s.Find(t.Context(), "things", store.Query{Index: "by_a", Equal: []any{"x"}})
	if err != nil || len(page.Docs) != 1 {
		t.Fatalf("found %v, %v", page, err)
	}
}

var crashSchema = store.Schema{
	Name:   "acks",
	Fields: []store.Field{{Name: "key", Type: store.String, Many: true}},
	Indexes: []store.Index{
		{Name: "by_key", Fields: []string{"key"}, Unique: true},
	},
}

// crashDir, in the environment of a child, makes the test binary a writer that is to be killed.
const crashDir = "LINLIPAY_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeUntilKilled prints every id whose insert was acknowledged.
func writeUntilKilled(dir string) error {
	ctx := context.Background()
	s, err := Open(ctx, dir)
	if err != nil {
		return err
	}
	if err := s.Ensure(ctx, crashSchema); err != nil {
		return err
	}
	var mu sync.Mutex
	for range 16 {
		go func() {
			for {
				id := fmt.Sprintf("%d-%d", os.Getpid(), rand.Int64())
				d := store.Doc{ID: id, Keys: store.Keys{"key": {id + "/1", id + "/2"}}, Body: []byte("{}")}
				if err := s.Insert(ctx, "acks", d); err == nil {
					mu.Lock()
					fmt.Println(id)
					mu.Unlock()
				}
			}
		}()
	}
	select {}
}

func TestEveryAcknowledgedWriteSurvivesKill9(t *testing.T) {
	dir := t.TempDir()
	var acked []string
	for round := range 6 {
		acked = append(acked, killWriter(t, dir, 200+rand.IntN(400)*(round+1))...)
	}
	s := open(t, dir)
	if err := s.Ensure(t.Context(), crashSchema); err != nil {
		t.Fatal(err)
	}
	for _, id := range acked {
		if _, err := s.Get(t.Context(), "acks", id); err != nil {
			t.Fatalf("acknowledged %s is lost: %v", id, err)
		}
		page, err := s.Find(t.Context(), "acks", store.Query{Index: "by_key", Equal: []any{id + "/2"}})
		if err != nil || len(page.Docs) != 1 {
			t.Fatalf("the index lost %s: %v, %v", id, page, err)
		}
	}
	t.Logf("%d acknowledged writes survived", len(acked))
}

// killWriter runs a child until it has acknowledged n writes, kills it and returns the ids that it had printed.
func killWriter(t *testing.T, dir string, n int) []string {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	guard := time.AfterFunc(time.Minute, func() { child.Process.Kill() })
	defer guard.Stop()
	var ids []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		ids = append(ids, lines.Text())
		if len(ids) == n {
			child.Process.Kill()
		}
	}
	child.Wait()
	if len(ids) < n {
		t.Fatalf("the writer ended after %d of %d writes", len(ids), n)
	}
	return ids[:len(ids)-1] // the last line may be torn by the kill
}

func BenchmarkInsert(b *testing.B) {
	for _, writers := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprintf("%d writers", writers), func(b *testing.B) {
			s := open(b, b.TempDir())
			if err := s.Ensure(b.Context(), crashSchema); err != nil {
				b.Fatal(err)
			}
			body := make([]byte, 2048)
			b.SetParallelism(writers)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					id := fmt.Sprint(rand.Int64())
					d := store.Doc{ID: id, Keys: store.Keys{"key": {id + "/1", id + "/2"}}, Body: body}
					if err := s.Insert(b.Context(), "acks", d); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
