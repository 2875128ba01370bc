package money

import (
	"math"
	"math/big"
	"testing"
)

func TestParseYuan(t *testing.T) {
	for in, want := range map[string]Fen{
		"0": 0, "12": 1200, "12.3": 1230, "12.34": 1234, "-0.05": -5, "1234567.89": 123456789,
		"92233720368547758.00": 9223372036854775800, "007.10": 710, "0000001234.50": 123450,
	} {
		if got, err := ParseYuan(in); err != nil || got != want {
			t.Errorf("ParseYuan(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "-", ".", "1.", ".5", "1.234", "1e3", "+1", "--1", "1 2", "１２", "1,50", "1,234.00", "12,34", ",123", "¥1",
		"NaN",
		"92233720368547759.00", "999999999999999999999",
	} {
		if got, err := ParseYuan(in); err == nil {
			t.Errorf("ParseYuan(%q) = %d, want an error", in, got)
		}
	}
}

func TestParseGrouped(t *testing.T) {
	for in, want := range map[string]Fen{
		"1,234,567.89": 123456789, "-1,234.5": -123450, "12": 1200, "12.34": 1234, "1234.5": 123450, "-0.05": -5,
	} {
		if got, err := ParseGrouped(in); err != nil || got != want {
			t.Errorf("ParseGrouped(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "1,50", "1,2,3,4", ",123", "123,", "1234,567", "0,500", "1,234.", "1,234.567", "1.234,56",
		"99,999,999,999,999,999.00",
		"--1,234", "1,234 ",
	} {
		if got, err := ParseGrouped(in); err == nil {
			t.Errorf("ParseGrouped(%q) = %d, want an error", in, got)
		}
	}
}

// The expected text comes from arbitrary-precision arithmetic, not from this package.
func TestYuanIsExactAtTheEdges(t *testing.T) {
	for _, f := range []Fen{0, 1, -1, 99, 100, -100, 123456789, math.MaxInt64, math.MinInt64} {
		want := new(big.Rat).SetFrac(big.NewInt(int64(f)), big.NewInt(100)).FloatString(2)
		if got := f.Yuan(); got != want {
			t.Errorf("Fen(%d).Yuan() = %s, want %s", int64(f), got, want)
		}
	}
}

func FuzzParseYuan(f *testing.F) {
	for _, s := range []string{"12.34", "-1", "1,234.5", "1.234", "", "٣", "0.0.0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseYuan(s)
		if err != nil {
			return
		}
		again, err := ParseYuan(v.Yuan())
		if err != nil || again != v {
			t.Errorf("ParseYuan(%q) = %d, but its text %q reads as %d, %v", s, v, v.Yuan(), again, err)
		}
	})
}

func TestAddChecksOverflow(t *testing.T) {
	edges := []Fen{math.MinInt64, math.MinInt64 + 1, -1, 0, 1, math.MaxInt64 - 1, math.MaxInt64}
	for _, a := range edges {
		for _, b := range edges {
			want := new(big.Int).Add(big.NewInt(int64(a)), big.NewInt(int64(b)))
			got, err := a.Add(b)
			if want.IsInt64() != (err == nil) || err == nil && int64(got) != want.Int64() {
				t.Errorf("%d + %d = %d, %v; want %s", a, b, got, err, want)
			}
		}
	}
}

func TestGrouped(t *testing.T) {
	for f, want := range map[Fen]string{
		0: "0.00", 5: "0.05", 99999: "999.99", 100000: "1,000.00", -100000: "-1,000.00", -99999: "-999.99",
		12345678:     "123,456.78",
		123456789012: "1,234,567,890.12",
	} {
		if got := f.Grouped(); got != want {
			t.Errorf("Fen(%d).Grouped() = %s, want %s", int64(f), got, want)
		}
	}
}
