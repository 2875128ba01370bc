package terminal

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/seal"
	"linlipay/sqlite/sqlitetest"
)

func open(t *testing.T, now *time.Time) *Service {
	t.Helper()
	st := sqlitetest.Open(t, Schemas()...)
	return NewService(st, boxOf(t, seal.NewKey()), func() time.Time { return *now })
}

func boxOf(t *testing.T, first string, others ...string) seal.Box {
	t.Helper()
	box, err := seal.New(first, others...)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

// Whoever reads the database finds no code that pairs a device, though there are only a hundred million: without the
// key what is kept of one cannot be made. A code that waits while the key is replaced counts still.
func TestACodeCannotBeFoundInTheDatabase(t *testing.T) {
	st, key := sqlitetest.Open(t, Schemas()...), seal.NewKey()
	s := NewService(st, boxOf(t, key), time.Now)
	code, _, err := s.NewPairing(t.Context(), "c", "m", "前台", "staff:1")
	if err != nil {
		t.Fatal(err)
	}
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other := NewService(st, boxOf(t, seal.NewKey()), time.Now)
	if _, err := other.Pair(t.Context(), code, public); !fault.Is(err, fault.Expired) {
		t.Errorf("found without the key: %v", err)
	}
	rotated := NewService(st, boxOf(t, seal.NewKey(), key), time.Now)
	if _, err := rotated.Pair(t.Context(), code, public); err != nil {
		t.Errorf("under the key of before: %v", err)
	}
}

func TestACodePairsOneDeviceWithinTenMinutes(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	s := open(t, &now)
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	code, _, err := s.NewPairing(t.Context(), "c", "m", "前台", "staff:1")
	if err != nil || len(code) != 8 {
		t.Fatal(code, err)
	}
	if _, err := s.Pair(t.Context(), code, []byte("short")); !fault.Is(err, fault.Invalid) {
		t.Errorf("a key that is none: %v", err)
	}
	var paired atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := s.Pair(t.Context(), code, public); err == nil {
				paired.Add(1)
			} else if !fault.Is(err, fault.Expired) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if paired.Load() != 1 {
		t.Errorf("one code paired %d devices", paired.Load())
	}
	code, _, err = s.NewPairing(t.Context(), "c", "m", "前台", "staff:1")
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(10*time.Minute + time.Second)
	if _, err := s.Pair(t.Context(), code, public); !fault.Is(err, fault.Expired) {
		t.Errorf("an expired code: %v", err)
	}
	for _, want := range []int{1, 0} { // the one that was used is gone already
		if n, err := s.Forget(t.Context()); n != want || err != nil {
			t.Errorf("%d codes are deleted, not %d; %v", n, want, err)
		}
	}
}

func TestADeviceProvesItsKeyOncePerNonce(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	s := open(t, &now)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	code, _, err := s.NewPairing(t.Context(), "c", "m", "前台", "staff:1")
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Pair(t.Context(), code, public)
	if err != nil {
		t.Fatal(err)
	}
	prove := func(id string, at time.Time, nonce string, signed []byte) error {
		_, err := s.Authenticate(t.Context(), id, at.Unix(), nonce, ed25519.Sign(private, signed))
		return err
	}
	if err := prove(d.ID, now, "nonce-0001", SignedText(d.ID, now.Unix(), "nonce-0001")); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"a replay":       prove(d.ID, now, "nonce-0001", SignedText(d.ID, now.Unix(), "nonce-0001")),
		"another device": prove("tother", now, "nonce-0002", SignedText("tother", now.Unix(), "nonce-0002")),
		"another text":   prove(d.ID, now, "nonce-0003", SignedText(d.ID, now.Unix(), "nonce-0004")),
		"an old signature": prove(d.ID, now.Add(-6*time.Minute), "nonce-0005",
			SignedText(d.ID, now.Add(-6*time.Minute).Unix(), "nonce-0005")),
		"a short nonce": prove(d.ID, now, "n", SignedText(d.ID, now.Unix(), "n")),
	} {
		if !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	now = now.Add(11 * time.Minute)
	if err := prove(d.ID, now, "nonce-0006", SignedText(d.ID, now.Unix(), "nonce-0006")); err != nil {
		t.Fatal(err)
	}
	if again, err := s.Get(t.Context(), d.ID); err != nil || len(again.Nonces) != 1 || !again.LastSeenAt.Equal(now) {
		t.Errorf("old nonces are kept: %+v, %v", again, err)
	}
}

// The text that a device signs, written out: no two results read alike, whatever their fields hold.
func TestWhatADeviceSignsOfAResult(t *testing.T) {
	for name, c := range map[string]struct {
		fields map[string]string
		want   string
	}{
		"names in order": {map[string]string{"result": "success", "amount": "100", "发卡行": "招商"},
			"amount=100\nresult=success\n发卡行=招商\n"},
		"by their bytes":  {map[string]string{"😀": "1", "ａ": "2"}, "ａ=2\n😀=1\n"},
		"lines":           {map[string]string{"a": "1\nb=2"}, `a=1\nb=2` + "\n"},
		"a line, written": {map[string]string{"a": `1\nb=2`}, `a=1\\nb=2` + "\n"},
		"a sign":          {map[string]string{"a=b": "c"}, `a\=b=c` + "\n"},
		"a sign after it": {map[string]string{"a": "b=c"}, "a=b=c\n"},
		"nothing":         {nil, ""},
	} {
		got := string(Result{Number: "26", SignedAt: 1764000000, ReadAt: 1764172800, Fields: c.fields}.Text("t1"))
		if want := "linlipay-device-result\nt1\n26\n1764000000\n1764172800\n" + c.want; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// A result is as good however old it is; the signature over it must have been made now, and a clock that is off is
// told the time to sign by.
func TestAResultIsSignedWhenItIsSent(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	s := open(t, &now)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	code, _, err := s.NewPairing(t.Context(), "c", "m", "前台", "staff:1")
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Pair(t.Context(), code, public)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		signed, read time.Duration // from now
		want         fault.Code
	}{
		{0, 0, ""}, {-5 * time.Minute, 0, ""}, {5 * time.Minute, 0, ""},
		{-5*time.Minute - time.Second, 0, fault.Invalid}, {5*time.Minute + time.Second, 0, fault.Invalid},
		{-48 * time.Hour, 0, fault.Invalid}, {48 * time.Hour, 0, fault.Invalid}, {0, -30 * 24 * time.Hour, ""},
		{0, 48 * time.Hour, ""},
	} {
		r := Result{Number: "26", SignedAt: now.Add(c.signed).Unix(), ReadAt: now.Add(c.read).Unix(),
			Fields: map[string]string{"result": "success"}}
		err := s.VerifyResult(t.Context(), d.ID, r, ed25519.Sign(private, r.Text(d.ID)))
		if fault.CodeOf(err) != c.want {
			t.Errorf("signed %s from now, read %s: %v", c.signed, c.read, err)
		}
		var f *fault.Error
		if errors.As(err, &f) && f.Detail["server_time"] != now.Format(time.RFC3339) {
			t.Errorf("it is told %v", f.Detail)
		}
		r.SignedAt++
		if err := s.VerifyResult(t.Context(), d.ID, r, ed25519.Sign(private, []byte("another text"))); !fault.Is(err,
			fault.Forbidden) {
			t.Errorf("another signature: %v", err)
		}
	}
}

// TestLastSeenIsRightWithinAMinute has a terminal heard of every 20 seconds, and reads it in this process and in
// another.
func TestLastSeenIsRightWithinAMinute(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	s := open(t, &now)
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	code, _, err := s.NewPairing(t.Context(), "c", "m", "前台", "staff:1")
	if err != nil {
		t.Fatal(err)
	}
	device, err := s.Pair(t.Context(), code, public)
	if err != nil {
		t.Fatal(err)
	}
	written := device.Version
	for range 90 { // half an hour
		now = now.Add(20 * time.Second)
		if err := s.Seen(t.Context(), device.ID); err != nil {
			t.Fatal(err)
		}
		stored, err := s.Get(t.Context(), device.ID)
		if err != nil {
			t.Fatal(err)
		}
		if at := s.LastSeen(stored); !at.Equal(now) {
			t.Fatalf("heard of at %s, told as %s", now, at)
		}
		if late := now.Sub(stored.LastSeenAt); late >= time.Minute {
			t.Fatalf("another process reads a time that is %s late", late)
		}
		written = stored.Version
	}
	if writes := written - device.Version; writes > 31 {
		t.Errorf("half an hour took %d writes", writes)
	}
	if _, err := s.Unpair(t.Context(), device.ID, "staff:1"); err != nil {
		t.Fatal(err)
	}
	last := now
	now = now.Add(2 * time.Minute)
	if err := s.Seen(t.Context(), device.ID); err != nil {
		t.Fatal(err)
	}
	if gone, err := s.Get(t.Context(), device.ID); err != nil || gone.LastSeenAt.After(last) {
		t.Errorf("a terminal that was unpaired is seen at %v: %v", gone, err)
	}
}
