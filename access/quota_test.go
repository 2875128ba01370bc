package access

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linlipay/fault"
)

// What is counted is counted for all processes at once, and afresh when its span is over.
func TestAQuotaHoldsForAllProcesses(t *testing.T) {
	first, second, c := open(t)
	var taken atomic.Int32
	var work sync.WaitGroup
	for i := range 12 {
		s := []*Service{first, second}[i%2]
		work.Go(func() {
			err := s.Spend(context.Background(), "codes of u", 5, time.Hour)
			if err == nil {
				taken.Add(1)
			} else if !fault.Is(err, fault.TooMany) {
				t.Error(err)
			}
		})
	}
	work.Wait()
	if taken.Load() != 5 {
		t.Errorf("%d were taken, 5 may be", taken.Load())
	}
	if err := first.Spend(t.Context(), "codes of another", 5, time.Hour); err != nil {
		t.Errorf("another's count: %v", err)
	}
	c.pass(59 * time.Minute)
	if err := second.Spend(t.Context(), "codes of u", 5, time.Hour); !fault.Is(err, fault.TooMany) {
		t.Errorf("before the span is over: %v", err)
	}
	c.pass(time.Minute)
	if err := second.Spend(t.Context(), "codes of u", 5, time.Hour); err != nil {
		t.Errorf("after the span: %v", err)
	}
}

// A code is good for its purpose and what it is about, once, for a while, and for nothing else.
func TestACodeIsGoodForItsPurposeAlone(t *testing.T) {
	s, other, c := open(t)
	const phone = "13800000001"
	code, err := s.NewCodeFor(t.Context(), "bind", "b1")
	if err != nil {
		t.Fatal(err)
	}
	for name, use := range map[string]func() error{
		"to log in":       func() error { return s.UseCode(t.Context(), phone, code) },
		"for another":     func() error { return s.UseCodeFor(t.Context(), "bind", "b2", code) },
		"another purpose": func() error { return s.UseCodeFor(t.Context(), "b", "ind b1", code) },
	} {
		if err := use(); err == nil {
			t.Errorf("the code is taken %s", name)
		}
	}
	if err := other.UseCodeFor(t.Context(), "bind", "b1", code); err != nil {
		t.Errorf("the code at another process: %v", err)
	}
	if err := s.UseCodeFor(t.Context(), "bind", "b1", code); !fault.Is(err, fault.Expired) {
		t.Errorf("the code a second time: %v", err)
	}
	if code, err = s.NewCodeFor(t.Context(), "bind", "b1"); err != nil {
		t.Fatal(err)
	}
	c.pass(PassedOnLife + time.Second)
	if err := s.UseCodeFor(t.Context(), "bind", "b1", code); !fault.Is(err, fault.Expired) {
		t.Errorf("the code after its time: %v", err)
	}
}

// Where each caller counts once, one who comes often takes nothing from the others.
func TestACallerCountsOnce(t *testing.T) {
	s, other, c := open(t)
	for range 5 {
		if err := s.SpendAs(t.Context(), "a", "codes of u", 2, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if err := other.SpendAs(t.Context(), "b", "codes of u", 2, time.Hour); err != nil {
		t.Errorf("the second: %v", err)
	}
	if err := s.SpendAs(t.Context(), "c", "codes of u", 2, time.Hour); !fault.Is(err, fault.TooMany) {
		t.Errorf("the third: %v", err)
	}
	c.pass(time.Hour)
	for _, caller := range []string{"c", "a"} {
		if err := s.SpendAs(t.Context(), caller, "codes of u", 2, time.Hour); err != nil {
			t.Errorf("%s after the span: %v", caller, err)
		}
	}
}

// A code waits from when it is made until it is used, guessed at too often, or too old.
func TestACodeWaits(t *testing.T) {
	s, _, c := open(t)
	ends := map[string]func(code string){
		"used": func(code string) {
			if err := s.UseCodeFor(t.Context(), "bind", "b", code); err != nil {
				t.Error(err)
			}
		},
		"guessed at": func(string) {
			for range codeTries {
				_ = s.UseCodeFor(t.Context(), "bind", "b", "not it")
			}
		},
		"old": func(string) { c.pass(PassedOnLife + time.Second) },
	}
	if err := s.CodeWaits(t.Context(), "bind", "b"); !fault.Is(err, fault.Expired) {
		t.Errorf("none was made: %v", err)
	}
	for name, end := range ends {
		code, err := s.NewCodeFor(t.Context(), "bind", "b")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CodeWaits(t.Context(), "bind", "b"); err != nil {
			t.Errorf("made: %v", err)
		}
		end(code)
		if err := s.CodeWaits(t.Context(), "bind", "b"); !fault.Is(err, fault.Expired) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
