package seal

import "testing"

func TestBox(t *testing.T) {
	key := NewKey()
	box, err := New(key)
	if err != nil {
		t.Fatal(err)
	}
	sealed := box.Seal([]byte("secret"), "account/1")
	if plain, err := box.Open(sealed, "account/1"); err != nil || string(plain) != "secret" {
		t.Errorf("Open = %q, %v", plain, err)
	}
	if _, err := box.Open(sealed, "account/2"); err == nil {
		t.Error("a sealed secret opened in another place")
	}
	other, _ := New(NewKey())
	if _, err := other.Open(sealed, "account/1"); err == nil {
		t.Error("a sealed secret opened with another key")
	}
	if box.Seal([]byte("secret"), "account/1") == sealed {
		t.Error("sealing twice gave the same text: the nonce repeats")
	}
	again, _ := New(key)
	if len(box.Name()) != 16 || again.Name() != box.Name() || other.Name() == box.Name() {
		t.Errorf("names %q, %q and another's %q", box.Name(), again.Name(), other.Name())
	}
	for _, bad := range []string{"", "c2hvcnQ=", "not base64"} {
		if _, err := New(bad); err == nil {
			t.Errorf("New(%q) took a bad key", bad)
		}
		if _, err := box.Open(bad, "x"); err == nil {
			t.Errorf("Open(%q) gave no error", bad)
		}
	}
}
