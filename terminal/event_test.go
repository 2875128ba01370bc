package terminal

import (
	"crypto/ed25519"
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"linlipay/webhook"
)

// Others hear once that a terminal fell silent, and once that it is back; one that was unpaired is no news.
func TestASilentTerminalIsToldOfOnce(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	s := open(t, &now)
	paired := func() *Terminal {
		public, _, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		code, _, err := s.NewPairing(t.Context(), "c", "m", "前台", "staff:1")
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Pair(t.Context(), code, public)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	works, falls, goes := paired(), paired(), paired()
	if _, err := s.Unpair(t.Context(), goes.ID, "staff:1"); err != nil {
		t.Fatal(err)
	}
	look := func(want int) {
		t.Helper()
		if n, err := s.Silent(t.Context()); err != nil || n != want {
			t.Errorf("%d fell silent, want %d: %v", n, want, err)
		}
	}
	for range 4 { // the last time it is heard of is written down within a minute, and counts at once
		now = now.Add(20 * time.Second)
		if err := s.Seen(t.Context(), works.ID); err != nil {
			t.Fatal(err)
		}
	}
	look(0)
	now = now.Add(20 * time.Second)
	look(1)
	look(0)
	now = now.Add(time.Hour)
	if err := s.Seen(t.Context(), falls.ID); err != nil {
		t.Fatal(err)
	}
	look(1) // the one that worked
	want := map[string][]webhook.EventType{
		works.ID: {webhook.TerminalOffline}, falls.ID: {webhook.TerminalOffline, webhook.TerminalOnline}, goes.ID: nil,
	}
	for id, types := range want {
		p, err := s.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		var got []webhook.EventType
		for _, e := range p.OwesEvents.Events {
			got = append(got, e.Type)
		}
		if !slices.Equal(got, types) || p.SilentSince.IsZero() == (id == works.ID) {
			t.Errorf("%v, want %v: silent since %v", got, types, p.SilentSince)
		}
	}
}
