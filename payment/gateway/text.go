package gateway

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// FitText fits a text into what an institution takes: each character that allowed maps to another is replaced by it (-1
// drops it), and what would cost more than limit is left off, never inside a character nor between a character and the
// marks that belong to it. count is what a character costs: its bytes, or 1. Blanks at both ends go, and so does
// U+FFFD, which says that a character was lost already. A text of which nothing is left that can be seen is
// "物业缴费": every institution wants one, and takes that.
func FitText(text string, limit int, count func(rune) int, allowed func(rune) rune) string {
	var out []rune
	cost, whole := 0, 0 // whole is how much of out ends with a whole character
	for _, c := range strings.Map(allowed, strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\ufffd", "")) {
		if !belongs(c, out) {
			whole = len(out)
		}
		if cost += count(c); cost > limit {
			return orTitle(string(out[:whole]))
		}
		out = append(out, c)
	}
	return orTitle(string(out))
}

// belongs reports whether a character is part of the one before it: a combining mark, a variation selector, or anything
// joined to it by a zero-width joiner.
func belongs(c rune, before []rune) bool {
	const joiner = '\u200d'
	return len(before) > 0 && (unicode.Is(unicode.M, c) || c == joiner || before[len(before)-1] == joiner)
}

func orTitle(text string) string {
	if text = strings.TrimSpace(text); !strings.ContainsFunc(text, seen) {
		return "物业缴费"
	}
	return text
}

// seen reports whether a character is to be seen by itself: a mark or a joiner without one is nothing.
func seen(c rune) bool { return c != '\u200d' && !unicode.Is(unicode.M, c) && !unicode.IsSpace(c) }

// Cut shortens an institution's own text to what a log line or a timeline bears: 200 bytes at most, cut at the boundary
// of a character.
func Cut(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	n := most
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// Bytes is the cost of a character where an institution counts the bytes of UTF-8.
func Bytes(c rune) int { return len(string(c)) }

// Characters is the cost of a character where an institution counts characters.
func Characters(rune) int { return 1 }

// Printable allows what people write: controls, private use and formatting characters but the joiner are dropped, line
// breaks and tabs are blanks.
func Printable(c rune) rune {
	switch {
	case unicode.IsSpace(c):
		return ' '
	case c == '\u200d' || unicode.IsPrint(c):
		return c
	}
	return -1
}

// Basic is Printable without what lies outside the Basic Multilingual Plane, such as emoji and rare characters: each is
// a question mark of full width.
func Basic(c rune) rune {
	if c > 0xffff {
		return '？'
	}
	return Printable(c)
}
