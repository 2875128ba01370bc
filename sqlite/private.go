package sqlite

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"linlipay/fault"
)

// Who may read the store: its owner. Phones, names and sealed keys stand in it, and in what SQLite writes beside it, so
// that its directory and files are closed to all others whatever was there before and whatever the umask is.
const (
	privateDir  fs.FileMode = 0o700
	privateFile fs.FileMode = 0o600
)

// keepPrivate closes a directory, and the store's files in it, to all but their owner. One that belongs to the system
// or to everybody (the root, or a directory with the sticky bit, such as /tmp) is refused rather than closed.
func keepPrivate(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return unusable(dir, err)
	}
	full, err := filepath.Abs(dir)
	if err != nil {
		return unusable(dir, err)
	}
	if info.Mode()&fs.ModeSticky != 0 || full == filepath.Dir(full) {
		return fault.New(fault.Invalid, fmt.Sprintf("%s 是公用目录，请为数据另设一个目录。", dir),
			fmt.Sprintf("%s is everybody's; give the data a directory of its own.", dir))
	}
	if err := restrict(dir, privateDir); err != nil {
		return err
	}
	return keepFilesPrivate(dir)
}

// keepFilesPrivate does the same for the store's files: the lock, the database, its log and its index of that.
func keepFilesPrivate(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return unusable(dir, err)
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !strings.HasPrefix(entry.Name(), "linlipay.") {
			continue
		}
		if err := restrict(filepath.Join(dir, entry.Name()), privateFile); err != nil {
			return err
		}
	}
	return nil
}

// restrict sets a mode where another is set.
func restrict(path string, mode fs.FileMode) error {
	info, err := os.Stat(path)
	if os.IsNotExist(err) { // SQLite took it away meanwhile
		return nil
	}
	if err != nil {
		return unusable(path, err)
	}
	if info.Mode().Perm() == mode {
		return nil
	}
	if err := os.Chmod(path, mode); err != nil {
		return unusable(path, err)
	}
	return nil
}
