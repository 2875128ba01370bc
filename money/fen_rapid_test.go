package money

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// amounts are drawn from the whole range, its edges more often.
func amounts() *rapid.Generator[Fen] {
	return rapid.Map(rapid.Int64(), func(n int64) Fen { return Fen(n) })
}

// exact is the sum by arbitrary-precision arithmetic, and whether a Fen can hold it and every sum on the way to it.
func exact(amounts []Fen) (sum *big.Int, fits bool) {
	sum, fits = new(big.Int), true
	for _, a := range amounts {
		sum.Add(sum, big.NewInt(int64(a)))
		fits = fits && sum.IsInt64()
	}
	return sum, fits
}

func TestAddOverflowsExactlyWhenTheSumDoesNotFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := amounts().Draw(t, "a"), amounts().Draw(t, "b")
		got, err := a.Add(b)
		want, fits := exact([]Fen{a, b})
		if fits != (err == nil) || err != nil && !errors.Is(err, ErrOverflow) || fits && int64(got) != want.Int64() {
			t.Fatalf("%d + %d = %d, %v; want %s", int64(a), int64(b), int64(got), err, want)
		}
	})
}

func TestSumIsExactOrOverflows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.Map(rapid.Int64Range(-1_000_000, 1_000_000), func(n int64) Fen { return Fen(n) })
		list := rapid.SliceOfN(rapid.OneOf(amounts(), small), 0, 12).Draw(t, "amounts")
		got, err := Sum(list...)
		want, fits := exact(list)
		if fits != (err == nil) || err != nil && !errors.Is(err, ErrOverflow) || fits && int64(got) != want.Int64() {
			t.Fatalf("Sum(%v) = %d, %v; want %s", list, int64(got), err, want)
		}
	})
}

func TestYuanIsExactAndReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := amounts().Draw(t, "amount")
		want := new(big.Rat).SetFrac(big.NewInt(int64(f)), big.NewInt(100)).FloatString(2)
		if got := f.Yuan(); got != want {
			t.Fatalf("Fen(%d).Yuan() = %s, want %s", int64(f), got, want)
		}
		if got, err := ParseYuan(want); err != nil || got != f {
			t.Fatalf("ParseYuan(%q) = %d, %v; want %d", want, int64(got), err, int64(f))
		}
	})
}

// Texts made of the characters that amounts are typed with are read by every reader as by arbitrary precision, or not
// at all.
func TestTypedAmountsAgreeWithArbitraryPrecision(t *testing.T) {
	pieces := strings.Fields("0 1 2 5 0 1 2 5 00 50 234 999 , , . . ， ． 。 ０ １ ５ ２３４ - ¥ ￥ 元 元整 RMB rmb e ٣")
	piece := rapid.SampledFrom(append(pieces, " ", "\u3000", "\u00a0", "\u200b", "\u202c", "\u202e"))
	rapid.Check(t, func(t *rapid.T) {
		agree(t, strings.Join(rapid.SliceOfN(piece, 0, 9).Draw(t, "text"), ""))
	})
}
