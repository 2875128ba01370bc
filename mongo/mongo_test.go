package mongo

import (
	"log/slog"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/mongo/mongotest"
	"linlipay/store"
	"linlipay/store/storetest"
)

// The suite passes on FerretDB, which has neither unique indexes over many values nor change streams, and on a server
// that has both; LINLIPAY_TEST_MONGODB puts a real one in the place of FerretDB.
func TestStore(t *testing.T) {
	for name, address := range map[string]func(*testing.T) string{
		"ferretdb": func(t *testing.T) string { return mongotest.Start(t) },
		"played":   func(t *testing.T) string { return mongotest.Play(t).URI() },
		"sharded": func(t *testing.T) string {
			p := mongotest.Play(t)
			p.Sharded(map[string]string{"notes": "f.owner"})
			return p.URI()
		},
	} {
		t.Run(name, func(t *testing.T) { suite(t, address) })
	}
}

// quiet is a log that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func suite(t *testing.T, address func(*testing.T) string) {
	storetest.Run(t, func(t *testing.T) store.Store {
		s, err := Open(t.Context(), address(t), quiet())
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("unique indexes %t, change streams %t", s.native, s.streams)
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	})
}

func TestAServerThatDoesNotAnswerIsUnavailable(t *testing.T) {
	start := time.Now()
	_, err := Open(t.Context(), "mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=300", quiet())
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	if _, err := Open(t.Context(), "mongodb://", quiet()); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
}

func TestBodiesKeepOrderAndIntegers(t *testing.T) {
	raw := `{"z":9223372036854775807,"a":[1,-2,{"b":null,"c":true}],"s":"中\u0000 \"q\" $x","o":{}}`
	d, err := encode(store.Schema{}, store.Doc{ID: "1", Body: []byte(raw)}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(d) != 5 {
		t.Fatal(d)
	}
	for _, bad := range []string{`{"x":1.5}`, `[]`, `{`, `{"x":1e400}`} {
		if _, err := encode(store.Schema{}, store.Doc{ID: "1", Body: []byte(bad)}, 1); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}
