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
