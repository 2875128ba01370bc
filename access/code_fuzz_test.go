package access

import (
	"testing"
	"time"

	"linlipay/fault"
)

// isMobile says a second time what a mobile number of the mainland looks like.
func isMobile(s string) bool {
	if len(s) != 11 || s[0] != '1' || s[1] < '3' {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Codes are made for mobile numbers alone, and only the very text that was made is taken, once.
func FuzzOneTimeCode(f *testing.F) {
	s, clock := opened(f)
	for _, phone := range []string{"13800000001", "12800000001", "19999999999", "1380000000", "138000000011",
		"+8613800000001", "１３800000001", "13800000001\n", "13x00000001", ""} {
		f.Add(phone, "000000")
	}
	f.Add("13800000001", "")
	f.Add("13800000001", "\xff")
	f.Fuzz(func(t *testing.T, phone, text string) {
		clock.pass(2 * time.Hour)
		code, err := s.NewCode(t.Context(), phone)
		if isMobile(phone) != (err == nil) || err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("a code for %q: %v", phone, err)
		}
		if err := s.UseCode(t.Context(), phone, text); text != code || code == "" {
			refused(t, err)
		} else if err != nil {
			t.Fatal(err)
		}
		if code == "" || text == code {
			return
		}
		if err := s.UseCode(t.Context(), phone, code); err != nil {
			t.Fatalf("the code for %q after one wrong try: %v", phone, err)
		}
		refused(t, s.UseCode(t.Context(), phone, code))
	})
}
