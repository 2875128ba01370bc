package access

import (
	"fmt"
	"testing"
	"time"

	"linlipay/fault"
)

// Whoever guesses a password from many addresses waits longer and longer; the person, where they have logged in before,
// does not wait at all.
func TestGuessingBacksOffPerAccountAndLocksNobodyOut(t *testing.T) {
	s, _, c := open(t)
	const password, home = "a garden of seven plums", "192.0.2.1"
	m := Staff{Login: "li", Name: "李", Company: "c", Roles: []Role{Finance}}
	if err := s.AddStaff(t.Context(), m, password); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Login(t.Context(), "li", password, home); err != nil {
		t.Fatal(err)
	}
	for _, login := range []string{"nobody", "li"} {
		taken := 0
		for i := range 300 { // an hour, a guess every 12 s, each from another address
			_, err := s.Login(t.Context(), login, "wrong", fmt.Sprintf("198.51.%d.%d", i>>8, i&255))
			if fault.Is(err, fault.Unauthenticated) {
				taken++
			} else if !fault.Is(err, fault.TooMany) {
				t.Fatal(err)
			}
			c.pass(12 * time.Second)
		}
		if taken < freeFailures || taken > 25 {
			t.Errorf("%d guesses at %s were taken in an hour", taken, login)
		}
	}
	_, _ = s.Login(t.Context(), "li", "wrong", "198.51.100.2")
	if _, err := s.Login(t.Context(), "li", password, "198.51.100.1"); !fault.Is(err, fault.TooMany) {
		t.Errorf("the right password amid guesses, from somewhere new: %v", err)
	}
	if _, err := s.Login(t.Context(), "li", password, home); err != nil {
		t.Errorf("the person, from where they have logged in before: %v", err)
	}
	for range freeFailures {
		_, err := s.Login(t.Context(), "li", "wrong", home)
		want(t, err, fault.Unauthenticated)
	}
	_, err := s.Login(t.Context(), "li", "wrong", home)
	want(t, err, fault.TooMany) // an address that is known is not free to guess
	c.pass(longestWait)
	if _, err := s.Login(t.Context(), "li", password, "198.51.100.1"); err != nil {
		t.Errorf("when nobody has guessed for a while: %v", err)
	}
}

// However many logins are tried, the memory that they take is bounded.
func TestBackoffsAreBounded(t *testing.T) {
	b := newBackoff(time.Now)
	for i := range backoffsMost + 5000 {
		if err := b.begin(fmt.Sprint(i), "x"); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.byKey) != backoffsMost || b.used.Len() != backoffsMost {
		t.Errorf("%d and %d are kept", len(b.byKey), b.used.Len())
	}
}
