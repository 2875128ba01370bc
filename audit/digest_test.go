package audit

import (
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"linlipay/seal"
	"linlipay/store"
)

// A text has one digest for as long as there is a log: in every process, and before, while and after the key of the
// store is replaced. What stood there before is found after it, and the chain verifies.
func TestDigestsOutliveTheKeyOfTheStore(t *testing.T) {
	w := open(t)
	first, second := seal.NewKey(), seal.NewKey()
	sealed := func(rekey bool, keys ...string) *Service {
		t.Helper()
		box, err := seal.New(keys[0], keys[1:]...)
		w.must(err)
		st := store.Seal(w.st, box, w.now, slog.New(slog.DiscardHandler))
		w.must(st.Ensure(t.Context(), Schemas()...))
		w.must(st.Check(t.Context()))
		s := NewService(st, box, w.now, slog.New(slog.DiscardHandler))
		if rekey {
			w.must(st.Rekey(t.Context(), false, func(store.RekeyProgress) {}))
		}
		return s
	}
	address := netip.MustParseAddr("192.0.2.1")
	told := func(s *Service) string {
		t.Helper()
		from, err := s.DigestOfAddress(t.Context(), netip.MustParseAddr("::ffff:192.0.2.1"))
		w.must(err)
		login, err := s.Digest(t.Context(), OfLogin, "li")
		w.must(err)
		w.must(s.Record(As(t.Context(), Who{Actor: Unknown, From: from}), Event{Verb: StaffRefused, Company: "c",
			After: State{"login": login}}))
		w.pass(time.Minute)
		return from + login
	}
	one := told(sealed(false, first))
	for _, c := range []struct {
		when  string
		rekey bool
		keys  []string
	}{
		{"in another process", false, []string{first}},
		{"while the key is replaced", false, []string{second, first}},
		{"when all is sealed under the new key", true, []string{second, first}},
		{"when the old key is dropped", false, []string{second}},
	} {
		if got := told(sealed(c.rekey, c.keys...)); got != one {
			t.Errorf("%s: another digest of the same text", c.when)
		}
	}
	after := sealed(false, second)
	from, err := after.DigestOfAddress(t.Context(), address)
	w.must(err)
	for _, typed := range []string{address.String(), "::ffff:192.0.2.1", "li", from} {
		digests, err := after.Typed(t.Context(), typed)
		w.must(err)
		events, _, err := after.Find(t.Context(), Filter{Company: "c", Typed: digests})
		w.must(err)
		if len(events) != 5 {
			t.Errorf("%s finds %d events of 5", typed, len(events))
		}
	}
	none, err := after.Typed(t.Context(), "192.0.2.2")
	w.must(err)
	if events, _, err := after.Find(t.Context(), Filter{Company: "c", Typed: none}); err != nil || len(events) != 0 {
		t.Errorf("another address finds %d events, %v", len(events), err)
	}
	if _, n, finding, err := after.Verify(t.Context(), "c"); n != 5 || finding != "" || err != nil {
		t.Errorf("%d events, %q, %v", n, finding, err)
	}
}

// What a version wrote that kept addresses as they are, and made digests under the store's own key, is found too.
func TestWhatStoodThereBeforeIsFound(t *testing.T) {
	w := open(t)
	s := w.process(w.st)
	ctx := As(t.Context(), Who{Actor: Unknown, From: "192.0.2.1"})
	w.must(s.Record(ctx, Event{Verb: StaffRefused, Company: "c",
		After: State{"login": w.box.Digest("audit login", "li")}}))
	for _, typed := range []string{"192.0.2.1", "li"} {
		digests, err := s.Typed(t.Context(), typed)
		w.must(err)
		if events, _, err := s.Find(t.Context(), Filter{Company: "c", Typed: digests}); err != nil || len(events) != 1 {
			t.Errorf("%s finds %d events, %v", typed, len(events), err)
		}
	}
}
