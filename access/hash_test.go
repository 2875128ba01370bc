package access

import (
	"encoding/base64"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"linlipay/seal"
	"linlipay/sqlite/sqlitetest"
)

// cheap is what passwords cost in tests: what is tested is who may log in.
var cheap = Hashing{Memory: 8, Passes: 1}

// What the product keeps of a password costs whoever has stolen it 19 MiB and two passes to try one.
func TestPasswordsCostWhatOWASPAdvises(t *testing.T) {
	st := sqlitetest.Open(t)
	box, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	const password = "a plum tree in May"
	kept, err := NewService(st, box, OWASP(), time.Now).secret(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	salt, err := base64.StdEncoding.DecodeString(kept.Salt)
	if err != nil || len(salt) != 16 {
		t.Fatal(kept.Salt, err)
	}
	want := base64.StdEncoding.EncodeToString(argon2.IDKey([]byte(password), salt, 2, 19<<10, 1, 32))
	if kept.Hash != want {
		t.Errorf("kept is %s, and not argon2id's %s", kept.Hash, want)
	}
}
