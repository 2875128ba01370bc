package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"linlipay/fault"
	"linlipay/store"
)

// The directory and its files are their owner's alone, whatever was there before and whatever the umask is.
func TestTheStoreIsItsOwnersAlone(t *testing.T) {
	before := syscall.Umask(0)
	defer syscall.Umask(before)
	for name, prepare := range map[string]func(dir string) error{
		"no directory":              func(string) error { return nil },
		"a directory open to all":   func(dir string) error { return os.MkdirAll(dir, 0o777) },
		"files open to all":         func(dir string) error { return files(dir, 0o777, 0o666) },
		"files open to one's group": func(dir string) error { return files(dir, 0o750, 0o640) },
		"a directory too closed":    func(dir string) error { return os.MkdirAll(dir, 0o500) },
	} {
		dir := filepath.Join(t.TempDir(), "deep", "store")
		if err := prepare(dir); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), dir)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		err = s.Ensure(t.Context(), store.Schema{Name: "things"})
		if err == nil {
			err = s.Insert(t.Context(), "things", store.Doc{ID: "a", Body: []byte("{}")})
		}
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			seen++
			want := privateFile
			if d.IsDir() {
				want = privateDir
			}
			if info.Mode().Perm() != want {
				t.Errorf("%s: %s is %v", name, filepath.Base(path), info.Mode())
			}
			return nil
		})
		if err != nil || seen < 4 {
			t.Errorf("%s: %d files, %v", name, seen, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// files are those of a store, as another time had left them.
func files(dir string, of, each fs.FileMode) error {
	err := os.MkdirAll(dir, of)
	for _, name := range []string{"linlipay.db", "linlipay.lock"} {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), nil, each))
	}
	return err
}

// A directory of everybody's is not closed, and not used.
func TestADirectoryOfEverybodysIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777|fs.ModeSticky); err != nil {
		t.Fatal(err)
	}
	for _, shared := range []string{dir, "/"} {
		if _, err := Open(t.Context(), shared); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", shared, err)
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o777 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
