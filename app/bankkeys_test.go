package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"linlipay/payment/sandbox"
)

// bankKeys is the file of a sandbox that has been asked for two merchants. Its RSA keys take longer to make than most
// tests last, so they are made once: a sandbox keeps those that its directory has.
var bankKeys = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "linlipay-keys-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	bank, err := sandbox.New(sandbox.Config{Dir: dir})
	if err != nil {
		return nil, err
	}
	_, err = bank.Merchant(1)
	if err := errors.Join(err, bank.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "keys.json"))
})

// giveKeys puts the shared keys into a sandbox's directory, unless it has been used before.
func giveKeys(t *testing.T, dir string) {
	t.Helper()
	file := filepath.Join(dir, "keys.json")
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	keys, err := bankKeys()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(file, keys, 0o600)); err != nil {
		t.Fatal(err)
	}
}
