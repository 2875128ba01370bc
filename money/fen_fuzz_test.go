package money

import (
	"math/big"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/width"
)

// What amounts may look like, said a second time and another way than the readers do.
var (
	sent    = regexp.MustCompile(`^-?[0-9]+(\.[0-9]{1,2})?$`)
	printed = regexp.MustCompile(`^-?([0-9]+|[1-9][0-9]{0,2}(,[0-9]{3})+)(\.[0-9]{1,2})?$`)
	typed   = regexp.MustCompile(`^` + around +
		`((?i)[¥￥]|[RＲｒ][MＭｍ][BＢｂ]|[CＣｃ][NＮｎ][YＹｙ]|人民币)?[\s\v\pZ]*` +
		`(?P<sum>([0０]|[1-9１-９][0-9０-９]*|[1-9１-９][0-9０-９]{0,2}([,，][0-9０-９]{3})+)([.．。][0-9０-９]{1,2})?)` +
		`[\s\v\pZ]*((?i)元整?|[RＲｒ][MＭｍ][BＢｂ]|[CＣｃ][NＮｎ][YＹｙ])?` +
		around + `$`)
)

// around is what may stand around an amount: spaces, and what is copied with it.
const around = `[\s\v\pZ\x{200b}-\x{200e}\x{202a}\x{202c}\x{202d}\x{2060}\x{2066}\x{2069}\x{feff}]*`

// fenOf is the exact number of fen that a text stands for, by arbitrary-precision arithmetic; nil when it is no amount
// or does not fit.
func fenOf(s string, like *regexp.Regexp) *big.Int {
	if !like.MatchString(s) {
		return nil
	}
	if i := like.SubexpIndex("sum"); i > 0 {
		s = width.Narrow.String(strings.ReplaceAll(like.FindStringSubmatch(s)[i], "。", "."))
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

func FuzzAmountsAgreeWithArbitraryPrecision(f *testing.F) {
	for _, s := range []string{
		"0", "-0", "12.3", "1,234,567.89", "0,123.00", "1234,567", "92233720368547758.07", "-92233720368547758.08",
		"92233720368547758.08",
		"-92233720368547758.09", "000000000000000000000000001.05", "1.", ".5", "1e2", "0x10", "1_000", "１", "1/2", "+1",
		"\t1", "1\n",
	} {
		f.Add(s)
	}
	for _, c := range readTypedTable(f).Cases {
		f.Add(c.Typed)
	}
	f.Fuzz(func(t *testing.T, s string) { agree(t, s) })
}

// agree holds every reader against the second reading.
func agree(t interface{ Fatalf(string, ...any) }, s string) {
	for name, reader := range map[string]struct {
		read func(string) (Fen, error)
		like *regexp.Regexp
	}{"ParseYuan": {ParseYuan, sent}, "ParseGrouped": {ParseGrouped, printed}, "ParseTyped": {ParseTyped, typed}} {
		got, err := reader.read(s)
		want := fenOf(s, reader.like)
		if name == "ParseTyped" && want != nil && want.Cmp(big.NewInt(int64(MostTyped))) > 0 {
			want = nil
		}
		if (err == nil) != (want != nil) || err == nil && int64(got) != want.Int64() {
			t.Fatalf("%s(%q) = %d, %v; want %v", name, s, int64(got), err, want)
		}
	}
}
