package ruiyinxin

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"os"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// NIST SP 800-38A, F.1.1 ECB-AES128.Encrypt: four blocks. Padding adds a fifth.
func TestECBAgainstNIST(t *testing.T) {
	key := unhex(t, "2b7e151628aed2a6abf7158809cf4f3c")
	text := unhex(t, "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52"+
		"eff69f2445df4f9b17ad2b417be66c3710")
	want := unhex(t, "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf43b1cd7f598ece23881b00e3ed0306"+
		"887b0c785e27e8ad3f8223207104725dd4")
	sealed, err := sealECB(key, text)
	if err != nil || len(sealed) != 80 || !bytes.Equal(sealed[:64], want) {
		t.Fatalf("got %x, %v", sealed, err)
	}
	if got, padded := openECB(key, sealed); !padded || !bytes.Equal(got, text) {
		t.Errorf("opened %x, padded %t", got, padded)
	}
}

func TestECBAgainstOpenSSL(t *testing.T) {
	text, err := os.ReadFile("testdata/vector/request.json")
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := os.ReadFile("testdata/vector/request.ecb")
	if err != nil {
		t.Fatal(err)
	}
	want, err := base64.StdEncoding.DecodeString(string(encoded))
	if err != nil {
		t.Fatal(err)
	}
	key := []byte("0123456789abcdef")
	if got, err := sealECB(key, text); err != nil || !bytes.Equal(got, want) {
		t.Errorf("sealed %x, %v\nwant %x", got, err, want)
	}
	if got, padded := openECB(key, want); !padded || !bytes.Equal(got, text) {
		t.Errorf("opened %q, padded %t", got, padded)
	}
}

// Every last block that PKCS#5 does not write is refused.
func TestPadding(t *testing.T) {
	key := []byte("0123456789abcdef")
	for end, right := range map[string]bool{
		"01": true, "0202": true, "030303": true, strings.Repeat("10", 16): true, strings.Repeat("0f", 15): true,
		"00": false, "02": false, "0102": false, "030203": false, "11": false, strings.Repeat("11", 16): false,
		"ff": false, strings.Repeat("0f", 14): false,
		"00" + strings.Repeat("0f", 14): false, "00" + strings.Repeat("10", 15): false,
	} {
		block := append(bytes.Repeat([]byte{'x'}, 16), unhex(t, end)...)
		block = block[len(block)-16:]
		sealed, err := sealECB(key, block) // its own padding is cut off
		if err != nil {
			t.Fatal(err)
		}
		plain, padded := openECB(key, sealed[:16])
		if padded != right || right && len(plain) != 16-len(unhex(t, end)) {
			t.Errorf("%s: padded %t with %d bytes", end, padded, len(plain))
		}
	}
	for _, bad := range [][]byte{nil, make([]byte, 15), make([]byte, 17)} {
		if _, padded := openECB(key, bad); padded {
			t.Errorf("%d bytes open", len(bad))
		}
	}
	if _, padded := openECB([]byte("short"), make([]byte, 16)); padded {
		t.Error("a key of another length opens")
	}
}

// A key of 16 characters that a form and a JSON text carry as they are, and never the same twice.
func TestKeysAreFresh(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		key := string(newKey())
		if len(key) != keyLength || seen[key] ||
			strings.Trim(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Fatalf("got %q", key)
		}
		seen[key] = true
	}
}
