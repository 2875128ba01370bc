package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A server under load is backed up again and again; the backups' books agree, and one of them, put back elsewhere, is
// a store that a server goes on from. A server that is killed during a backup opens again.
func TestABackupOfAServerUnderLoad(t *testing.T) {
	b := newBusiness(t, "sqlite:"+t.TempDir(), port(t), 60)
	dir := t.TempDir()
	load, stop := context.WithCancel(t.Context())
	desks := b.work(load, 6)
	server := b.serve()
	ready(t, b.base)
	b.busyUntil(t, 5)
	for _, name := range []string{"first", "second", "third"} {
		out, err := b.command("backup", filepath.Join(dir, name)).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "intact") || !strings.Contains(string(out), "agrees") {
			t.Errorf("backup: %v: %s", err, out)
		}
	}
	dying := b.command("backup", filepath.Join(dir, "fourth"))
	if err := dying.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Millisecond) // a moment to die at, not a condition
	server.Process.Kill()
	server.Wait()
	t.Logf("the backup while the server died: %v", dying.Wait())
	stop()
	desks.Wait()
	b.dead(t, 1)

	byHand := t.TempDir()
	raw, err := os.ReadFile(filepath.Join(dir, "third", "linlipay.db"))
	if err != nil || os.WriteFile(filepath.Join(byHand, "linlipay.db"), raw, 0o600) != nil {
		t.Fatal(err)
	}
	onto := func(store string, args ...string) (string, error) {
		cmd := b.command(args...)
		cmd.Env = append(cmd.Env, "LINLIPAY_STORE="+store)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := onto("sqlite:"+byHand, "verify"); err != nil || !strings.Contains(out, "agrees") {
		t.Errorf("a copy of the backup: %v: %s", err, out)
	}
	restored := "sqlite:" + filepath.Join(t.TempDir(), "new")
	if out, err := onto(restored, "restore", filepath.Join(dir, "second")); err != nil ||
		!strings.Contains(out, "agrees") {
		t.Errorf("restore: %v: %s", err, out)
	}
	for name, try := range map[string]struct {
		store string
		args  []string
		want  string
	}{
		"restore over a database": {b.store, []string{"restore", filepath.Join(dir, "second")},
			"has a database already"},
		"restore from nowhere": {"sqlite:" + filepath.Join(dir, "none"),
			[]string{"restore", filepath.Join(dir, "x")}, "There is no database"},
		"back up over a backup": {b.store, []string{"backup", filepath.Join(dir, "second")},
			"has a database already"},
		"back up nothing": {"sqlite:" + filepath.Join(dir, "none"),
			[]string{"backup", filepath.Join(dir, "y")}, "There is no database"},
		"verify a mistyped directory": {"sqlite:" + filepath.Join(dir, "none"), []string{"verify"},
			"There is no database"},
		"verify by its earlier name": {"sqlite:" + filepath.Join(dir, "none"),
			[]string{"audit", "--against", "x"}, "linlipay verify"},
		"doctor a mistyped directory": {"sqlite:" + filepath.Join(dir, "none"), []string{"doctor"},
			"There is no database"},
		"back up MongoDB": {"mongodb://127.0.0.1:1/x", []string{"backup", filepath.Join(dir, "y")}, "mongodump"},
	} {
		if out, err := onto(try.store, try.args...); err == nil || !strings.Contains(out, try.want) {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
	for _, none := range []string{"none", "x", "y"} {
		if _, err := os.Stat(filepath.Join(dir, none)); !os.IsNotExist(err) {
			t.Errorf("%s was made: %v", none, err)
		}
	}
}

// The file of a running server, copied by hand, is not verified as if it were whole.
func TestTheBareFileOfARunningServerIsNotVerified(t *testing.T) {
	b := newBusiness(t, "sqlite:"+t.TempDir(), port(t), 20)
	b.serve()
	ready(t, b.base)
	raw, err := os.ReadFile(filepath.Join(strings.TrimPrefix(b.store, "sqlite:"), "linlipay.db"))
	byHand := t.TempDir()
	if err != nil || os.WriteFile(filepath.Join(byHand, "linlipay.db"), raw, 0o600) != nil {
		t.Fatal(err)
	}
	if out := refused(t, append(b.env, "LINLIPAY_STORE=sqlite:"+byHand), "verify"); !strings.Contains(out,
		"linlipay backup") {
		t.Error(out)
	}
}
