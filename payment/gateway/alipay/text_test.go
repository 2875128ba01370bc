package alipay

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// What becomes of a text in a subject or a reason: 256 characters, those beyond ASCII counted twice, and none of the
// forbidden ones.
func TestTextsFitAlipay(t *testing.T) {
	for text, want := range map[string]string{
		"物业费 2026年11月":                        "物业费 2026年11月",
		"水费/电费":                               "水费／电费",
		"单价=3.5元&滞纳金":                         "单价＝3.5元＆滞纳金",
		`3#楼 50% a+b <b>'"\?`:                 `3＃楼 50％ a＋b ＜b＞＇＂＼？`,
		"车位费🚗𠮷野":                              "车位费？？野",
		"取暖费\n2026\t年":                        "取暖费 2026 年",
		"水\x00费\u200b\ufeff\u202e":            "水费",
		"":                                    "物业缴费",
		" \n ":                                "物业缴费",
		"\xff\xfe费":                           "费",
		strings.Repeat("费", 129):              strings.Repeat("费", 128),
		strings.Repeat("a", 257):              strings.Repeat("a", 256),
		strings.Repeat("a", 255) + "费":        strings.Repeat("a", 255),
		strings.Repeat("a", 255) + "e\u0301x": strings.Repeat("a", 255), // not between a letter and its accent
	} {
		if got := fit(text); got != want {
			t.Errorf("%q becomes %q, not %q", text, got, want)
		}
	}
}

func TestAnyTextFitsAlipay(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	list := []rune("/=&%+#?<>'\"\\ 物业费abc\n\x00\u200b🚗👨‍👩‍👧é０")
	for range 3000 {
		var b strings.Builder
		for range random.IntN(400) {
			b.WriteRune(list[random.IntN(len(list))])
		}
		got := fit(b.String())
		cost := 2*utf8.RuneCountInString(got) - strings.Count(strings.Map(func(c rune) rune {
			if c < 0x80 {
				return 'a'
			}
			return 'b'
		}, got), "a")
		if got == "" || !utf8.ValidString(got) || cost > 256 || strings.ContainsAny(got, "/=&%+#?<>'\"\\") ||
			strings.TrimSpace(got) != got ||
			strings.ContainsFunc(got, func(c rune) bool { return unicode.IsControl(c) || c > 0xffff }) {
			t.Fatalf("%q becomes %q", b.String(), got)
		}
	}
}
