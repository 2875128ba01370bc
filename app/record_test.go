package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"linlipay/audit"
	"linlipay/seal"
	"linlipay/sqlite"
)

// What the shell changes stands in the audit log with its command, a backup beside a server too; what --head printed is
// held to the chains later.
func TestTheShellIsRecordedAndHeadsAreKept(t *testing.T) {
	dir := t.TempDir()
	store := filepath.Join(dir, "data")
	t.Setenv("LINLIPAY_STORE", "sqlite:"+store)
	t.Setenv("LINLIPAY_SECRET_KEY", seal.NewKey())
	run := func(want int, args ...string) string {
		t.Helper()
		in, err := os.CreateTemp(dir, "in")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.WriteString("a garden of seven plums\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := in.Seek(0, 0); err != nil {
			t.Fatal(err)
		}
		was := os.Stdin
		os.Stdin = in
		defer func() { os.Stdin = was }()
		var out bytes.Buffer
		if code := Main(t.Context(), args, &out, &out); code != want {
			t.Fatalf("%v: %d %s", args, code, out.String())
		}
		return out.String()
	}
	run(0, "staff", "add", "li", "--roles", "auditor")
	heads := filepath.Join(dir, "heads.json")
	if err := os.WriteFile(heads, []byte(run(0, "verify", "--head")), 0o600); err != nil {
		t.Fatal(err)
	}
	run(0, "staff", "add", "wang", "--roles", "finance")
	run(1, "staff", "add", "zhao", "--roles", "finance,auditor")
	if out := run(0, "verify"); !strings.Contains(out, "unbroken") || !strings.Contains(out, "main") {
		t.Error(out)
	}
	if out := run(0, "verify", "--against", heads); !strings.Contains(out, "1 chains go on") {
		t.Error(out)
	}
	backup := filepath.Join(dir, "backup")
	run(0, "backup", backup)
	left, err := os.ReadDir(filepath.Join(store, "events"))
	if err != nil || len(left) != 1 {
		t.Fatalf("the backup left %v, %v", left, err)
	}
	run(0, "staff", "add", "sun") // whoever opens the store next chains it
	if left, err := os.ReadDir(filepath.Join(store, "events")); err != nil || len(left) != 0 {
		t.Errorf("%v, %v", left, err)
	}
	if out := run(0, "verify"); !strings.Contains(out, "-             1 ") {
		t.Error(out)
	}

	raw, err := os.ReadFile(heads)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(heads, bytes.Replace(raw, []byte(`"no": 1`), []byte(`"no": 2`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := run(1, "verify", "--against", heads); !strings.Contains(out, "does not verify") {
		t.Error(out)
	}
	if err := os.WriteFile(heads, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	rewriteEvent(t, store, "main/000000000001")
	if out := run(1, "verify", "--against", heads); !strings.Contains(out, "its hash is not that of its content") {
		t.Error(out)
	}
	t.Setenv("LINLIPAY_STORE", "sqlite:"+filepath.Join(dir, "restored"))
	run(0, "restore", backup)
	if left, err := os.ReadDir(filepath.Join(dir, "restored", "events")); err != nil || len(left) != 1 {
		t.Errorf("the restore left %v, %v", left, err)
	}
}

// rewriteEvent changes who did what an event tells, and leaves its hash, as whoever has the database may.
func rewriteEvent(t *testing.T, dir, id string) {
	t.Helper()
	st, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Ensure(t.Context(), audit.Schemas()...); err != nil {
		t.Fatal(err)
	}
	d, err := st.Get(t.Context(), "audit", id)
	if err != nil {
		t.Fatal(err)
	}
	d.Body = bytes.Replace(d.Body, []byte(`"actor":"shell"`), []byte(`"actor":"staff:1"`), 1)
	d.Keys = map[string][]any{"company": {"main"}, "no": {int64(1)}}
	if err := st.Replace(t.Context(), "audit", d); err != nil {
		t.Fatal(err)
	}
}
