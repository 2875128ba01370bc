package money

import (
	"math/big"
	"regexp"
	"strings"
	"testing"
)

// written is what an amount in yuan may look like, said a second time and another way than ParseYuan does.
var written = regexp.MustCompile(`^-?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]{1,2})?$`)

// fenOf is the exact number of fen that a text stands for, by arbitrary-precision arithmetic; nil when it is no amount or does not fit.
func fenOf(s string) *big.Int {
	if !written.MatchString(s) {
		return nil
	}
	yuan, ok := new(big.Rat).SetString(strings.ReplaceAll(s, ",", ""))
	if !ok {
		return nil
	}
	fen := yuan.Mul(yuan, big.NewRat(100, 1))
	if !fen.IsInt() || !fen.Num().IsInt64() {
		return nil
	}
	return fen.Num()
}

func FuzzParseYuanAgreesWithArbitraryPrecision(f *testing.F) {
	for _, s := range []string{
		"0", "-0", "12.3", "1,234,567.89", "0,123.00", "1234,567", "92233720368547758.07", "-92233720368547758.08", "92233720368547758.08",
		"-92233720368547758.09", "000000000000000000000000001.05", "1.", ".5", "1e2", "0x10", "1_000", "１", "1/2", "+1", "\t1", "1\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseYuan(s)
		want := fenOf(s)
		if (err == nil) != (want != nil) || err == nil && int64(got) != want.Int64() {
			t.Fatalf("ParseYuan(%q) = %d, %v; want %v", s, int64(got), err, want)
		}
	})
}
