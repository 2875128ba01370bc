package property

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"linlipay/phone"
	"linlipay/workbook"
)

// Texts as people type them: Clean is what is kept and shown, Fold, Compact and Typed are what is compared and looked
// for. Whatever is folded is never stored: 、 would come back as ､, and a name in brackets in others.

// Clean is a text as it is kept and shown: what was typed, without what cannot be seen and the spaces around it, and
// with one space where there were several.
func Clean(s string) string {
	if plain(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case workbook.Unseen(r):
			return -1
		case workbook.IsBlank(r):
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// CleanPlace is Clean for a building, an entrance or a room, in which digits, letters and the signs between them count
// and have their usual width: １０１ is 101, and 商铺（东） stays as it is. Every dash is one, and what a spreadsheet or a
// list leaves at the edges is no part of it: '501 and 502，.
func CleanPlace(s string) string {
	s = strings.Trim(Clean(s), edges)
	return Clean(strings.Map(func(r rune) rune {
		switch usual := r - '！' + '!'; {
		case isDash(r):
			return '-'
		case usual >= '0' && usual <= '9', usual >= 'A' && usual <= 'Z', usual >= 'a' && usual <= 'z',
			strings.ContainsRune("－＃／．", r):
			return usual
		}
		return r
	}, s))
}

// edges are around a place without being part of it.
const edges = " '’‘`,，、;；"

// isDash reports whether a character is any of the dashes, or a minus.
func isDash(r rune) bool { return unicode.Is(unicode.Pd, r) || r == '\u2212' }

// Fold is a text for comparing: Clean, with every character in its usual width.
func Fold(s string) string {
	if plain(s) {
		return s
	}
	return Clean(width.Narrow.String(s))
}

// Compact is a place or a name for comparing: what people write in different ways is one, with no spaces, no
// 栋/幢/号楼/单元/室, one dash between parts, and in lower case.
func Compact(s string) string {
	s = Fold(s)
	for _, word := range []string{"号楼", "楼栋", "单元", "栋", "幢", "座", "室", "房", "#", "/", "_"} {
		s = strings.ReplaceAll(s, word, "-")
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return isDash(r) || unicode.IsSpace(r) })
	return strings.ToLower(strings.Join(parts, "-"))
}

// Typed is what somebody types into a search as it is looked for: folded, a phone as it is stored, and a number that
// came in groups in one piece.
func Typed(text string) string {
	if number, ok := phone.Parse(text); ok {
		return number
	}
	text = Fold(text)
	whole := strings.ReplaceAll(text, " ", "")
	if strings.Trim(whole, "0123456789") == "" {
		return whole
	}
	return text
}

// plain reports whether a text is as it is folded: nothing but ASCII that can be seen, as most are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
