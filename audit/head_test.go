package audit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"linlipay/store"
)

// heads are the present heads, as whoever keeps them elsewhere has them.
func (w *world) heads(s *Service) Heads {
	w.t.Helper()
	heads, err := s.Heads(w.t.Context(), "", true)
	w.must(err)
	raw, err := json.Marshal(heads)
	w.must(err)
	var kept Heads
	w.must(json.Unmarshal(raw, &kept))
	return kept
}

func (w *world) remove(collection, id string) store.Doc {
	w.t.Helper()
	d, err := w.st.Get(w.t.Context(), collection, id)
	w.must(err)
	w.must(w.st.Delete(w.t.Context(), collection, id, d.Version))
	return d
}

// A head that was kept verifies while the chain grows, and after the key that signed it was followed by another; what
// was done to the chain since is seen.
func TestHeadsThatWereKept(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(*world, *Service, *Heads)
		want string
	}{
		"nothing": {func(*world, *Service, *Heads) {}, ""},
		"the end cut off": {func(w *world, _ *Service, _ *Heads) {
			w.remove("audit", "c/000000000003")
			w.remove("audit", "c/000000000002")
		}, "the chain was cut"},
		"written anew": {func(w *world, s *Service, _ *Heads) {
			for _, id := range []string{"c/000000000003", "c/000000000002"} {
				w.remove("audit", id)
			}
			w.must(s.Record(w.t.Context(), Event{Verb: RefundRejected, Company: "c"}))
		}, "the chain was written anew"},
		"the file changed": {func(_ *world, _ *Service, kept *Heads) { kept.Heads[0].No = 1 }, "does not verify"},
		"another's signature": {func(_ *world, _ *Service, kept *Heads) {
			kept.Keys[0].Ed25519 = kept.Keys[0].Ed25519[:40] + "AAA="
		}, "the store has not this key"},
		"the key gone": {func(w *world, _ *Service, _ *Heads) {
			w.remove("audit_keys", "heads-2026")
		}, "the store has not this key"},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			s := w.process(w.st)
			for range 2 {
				w.must(s.Record(t.Context(), Event{Verb: RefundApproved, Company: "c"}))
			}
			kept := w.heads(s)
			w.must(s.Record(t.Context(), Event{Verb: RefundApproved, Company: "c"}))
			w.pass(400 * 24 * time.Hour)
			if next := w.heads(s); next.Heads[0].Key == kept.Heads[0].Key || len(next.Keys) != 2 {
				t.Errorf("the key did not change: %+v", next)
			}
			c.do(w, s, &kept)
			findings, err := s.Against(t.Context(), kept)
			if got := strings.Join(findings, "; "); err != nil || (got == "") != (c.want == "") ||
				!strings.Contains(got, c.want) {
				t.Errorf("%q, %v, want %q", got, err, c.want)
			}
		})
	}
}

// What a command left beside the store is chained once, by whoever has the store open.
func TestWhatACommandLeftIsChained(t *testing.T) {
	w, dir := open(t), filepath.Join(t.TempDir(), "events")
	s := w.process(w.st)
	s.Attach(Spool(dir))
	_, err := s.Settle(t.Context())
	w.must(err)
	w.must(Leave(As(t.Context(), Who{Actor: Shell}), dir, w.now(), Event{Verb: StoreBackedUp}))
	files, err := os.ReadDir(dir)
	w.must(err)
	raw, err := os.ReadFile(filepath.Join(dir, files[0].Name()))
	w.must(err)
	for range 2 { // the second time as after a crash before it was removed
		_, err := s.Settle(t.Context())
		w.must(err)
		w.must(os.WriteFile(filepath.Join(dir, files[0].Name()), raw, 0o600))
	}
	if events := w.all(s, ""); len(events) != 1 || events[0].Actor != Shell || events[0].Verb != StoreBackedUp {
		t.Errorf("%+v", events)
	}
}

// A file that cannot be read is told of each time, and keeps no other waiting.
func TestAnUnreadableEventKeepsNoOtherWaiting(t *testing.T) {
	w, dir := open(t), filepath.Join(t.TempDir(), "events")
	s := w.process(w.st)
	s.Attach(Spool(dir))
	w.must(Leave(As(t.Context(), Who{Actor: Shell}), dir, w.now(), Event{Verb: StoreBackedUp}))
	w.must(os.WriteFile(filepath.Join(dir, "0.json"), []byte("{"), 0o600))
	if n, err := s.Settle(t.Context()); n != 1 || err == nil || len(w.all(s, "")) != 1 {
		t.Errorf("%d events were chained, %v", n, err)
	}
}

func TestEveryVerbHasWords(t *testing.T) {
	for _, v := range Verbs() {
		kind, deed, cut := strings.Cut(string(v), ".")
		if words := Words()[v]; words[0] == "" || words[1] == "" || !cut || kind == "" || deed == "" {
			t.Errorf("%s: %q", v, words)
		}
	}
	source, err := os.ReadFile("verb.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, declared := range regexp.MustCompile(`Verb = "([^"]*)"`).FindAllStringSubmatch(string(source), -1) {
		if _, known := Words()[Verb(declared[1])]; !known {
			t.Errorf("%s has no words", declared[1])
		}
	}
}
