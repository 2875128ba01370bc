package access

import (
	"context"
	"sync"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/seal"
	"linlipay/sqlite/sqlitetest"
)

// clock is moved by the tests.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

// open gives two processes' services on one store.
func open(t *testing.T) (first, second *Service, c *clock) {
	t.Helper()
	st := sqlitetest.Open(t, Schemas()...)
	box, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	c = &clock{at: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	return NewService(st, box, cheap, c.now), NewService(st, box, cheap, c.now), c
}

func want(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Fatalf("got %v, want %s", err, code)
	}
}

func TestCodesAreGoodOnceForFiveMinutesAndFiveTries(t *testing.T) {
	s, _, c := open(t)
	code, err := s.NewCode(t.Context(), "13800000001")
	if err != nil {
		t.Fatal(err)
	}
	want(t, s.UseCode(t.Context(), "13800000002", code), fault.Unauthenticated)
	want(t, s.UseCode(t.Context(), "13800000001", "x"), fault.Unauthenticated)
	if err := s.UseCode(t.Context(), "13800000001", code); err != nil {
		t.Fatal(err)
	}
	want(t, s.UseCode(t.Context(), "13800000001", code), fault.Unauthenticated)
	code, err = s.NewCode(t.Context(), "13800000001")
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		want(t, s.UseCode(t.Context(), "13800000001", "x"), fault.Unauthenticated)
	}
	want(t, s.UseCode(t.Context(), "13800000001", code), fault.Unauthenticated)
	code, err = s.NewCode(t.Context(), "13800000001")
	if err != nil {
		t.Fatal(err)
	}
	c.pass(5*time.Minute + time.Second)
	want(t, s.UseCode(t.Context(), "13800000001", code), fault.Unauthenticated)
	for err == nil {
		_, err = s.NewCode(t.Context(), "13800000001")
	}
	want(t, err, fault.TooMany)
	for _, bad := range []string{"", "1380000000", "23800000001", "1380000000a", "１３８00000001"} {
		_, err := s.NewCode(t.Context(), bad)
		want(t, err, fault.Invalid)
	}
}

func TestKeysRotateAndAreSharedAcrossProcesses(t *testing.T) {
	first, second, c := open(t)
	m := Staff{Login: "li", Name: "李", Company: "c", Roles: []Role{Cashier}}
	if err := first.AddStaff(t.Context(), m, "long enough for Li"); err != nil {
		t.Fatal(err)
	}
	li, err := first.Login(t.Context(), "li", "long enough for Li", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := first.Open(t.Context(), li.Caller(), Origin{})
	if err != nil {
		t.Fatal(err)
	}
	old := tokens.Access
	got, err := second.Verify(t.Context(), old)
	if err != nil || got.ID != li.ID || got.Company != "c" || got.Roles[0] != Cashier {
		t.Fatalf("%+v, %v", got, err)
	}
	header := func(token string) string { return token[:40] }
	c.pass(TokenLife - time.Second)
	if _, err := second.Verify(t.Context(), old); err != nil {
		t.Errorf("a token ended early: %v", err)
	}
	c.pass(2 * time.Second)
	_, err = second.Verify(t.Context(), old)
	want(t, err, fault.Unauthenticated)
	c.pass(keyLife)
	again, err := first.Open(t.Context(), li.Caller(), Origin{})
	if err != nil {
		t.Fatal(err)
	}
	fresh := again.Access
	if header(fresh) == header(old) {
		t.Error("the key did not rotate")
	}
	if _, err := second.Verify(t.Context(), fresh); err != nil {
		t.Errorf("the other process does not know the new key: %v", err)
	}
}

func TestRefreshRotatesAndDetectsReuse(t *testing.T) {
	s, _, c := open(t)
	tokens, err := s.Open(t.Context(), Caller{Kind: ResidentKind, ID: "r"}, Origin{})
	if err != nil {
		t.Fatal(err)
	}
	next, caller, err := s.Refresh(t.Context(), tokens.Refresh)
	if err != nil || caller.ID != "r" || next.Refresh == tokens.Refresh {
		t.Fatal(next, caller, err)
	}
	again, _, err := s.Refresh(t.Context(), tokens.Refresh) // the answer was lost
	if err != nil || again.Refresh != next.Refresh {
		t.Fatal(again, err)
	}
	c.pass(refreshGrace + time.Second)
	_, _, err = s.Refresh(t.Context(), tokens.Refresh)
	want(t, err, fault.Unauthenticated)
	_, _, err = s.Refresh(t.Context(), next.Refresh)
	want(t, err, fault.Unauthenticated)
	_, err = s.Verify(t.Context(), next.Access)
	want(t, err, fault.Unauthenticated)
	tokens, err = s.Open(t.Context(), Caller{Kind: ResidentKind, ID: "r"}, Origin{})
	if err != nil {
		t.Fatal(err)
	}
	c.pass(SessionLife + time.Second)
	_, _, err = s.Refresh(t.Context(), tokens.Refresh)
	want(t, err, fault.Unauthenticated)
	for _, bad := range []string{"", ".", "x", "x.y", "....."} {
		_, _, err = s.Refresh(t.Context(), bad)
		want(t, err, fault.Unauthenticated)
	}
}

func TestPasswords(t *testing.T) {
	s, _, _ := open(t)
	m := Staff{Login: "li", Name: "李", Company: "c", Roles: []Role{Finance}}
	want(t, s.AddStaff(t.Context(), m, "short"), fault.Invalid)
	if err := s.AddStaff(t.Context(), m, "long enough for Li"); err != nil {
		t.Fatal(err)
	}
	want(t, s.AddStaff(t.Context(), m, "long enough for Li"), fault.AlreadyExists)
	if got, err := s.Login(t.Context(), "li", "long enough for Li", "192.0.2.1"); err != nil ||
		got.Caller().Company != "c" {
		t.Fatal(got, err)
	}
	_, err := s.Login(t.Context(), "li", "wrong", "192.0.2.1")
	want(t, err, fault.Unauthenticated)
	_, err = s.Login(t.Context(), "nobody", "wrong", "192.0.2.1")
	want(t, err, fault.Unauthenticated)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Login(ctx, "li", "long enough for Li", "192.0.2.1"); err == nil {
		t.Error("a log-in that was given up succeeded")
	}
}

// A team shares a password; whoever has one of its logins already keeps their own.
func TestATeamSharesAPassword(t *testing.T) {
	s, _, _ := open(t)
	m := func(login string) Staff {
		return Staff{Login: login, Name: "员工", Company: "c", Roles: []Role{Cashier}}
	}
	if err := s.AddStaff(t.Context(), m("li"), "long enough for Li"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.AddTeam(t.Context(), []Staff{m("li"), m("wang"), m("zhao")}, "a plum tree in May"); err != nil {
			t.Fatal(err)
		}
	}
	for login, password := range map[string]string{
		"li": "long enough for Li", "wang": "a plum tree in May", "zhao": "a plum tree in May",
	} {
		if _, err := s.Login(t.Context(), login, password, "192.0.2.1"); err != nil {
			t.Errorf("%s: %v", login, err)
		}
	}
	want(t, s.AddTeam(t.Context(), []Staff{m("qian")}, "short"), fault.Invalid)
}

func FuzzVerify(f *testing.F) {
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("x.y.z")
	s := &Service{now: time.Now, standings: newStandings(time.Now)}
	s.ring.keys, s.ring.loaded = map[string]signingKey{}, time.Now().Add(time.Hour)
	f.Fuzz(func(t *testing.T, token string) {
		if c, err := s.Verify(t.Context(), token); err == nil {
			t.Errorf("%q was believed: %+v", token, c)
		}
	})
}
