package sandbox

import (
	"strings"
	"unicode/utf8"
)

// takesText tells whether a text fits into a field of an acquirer: its bytes, and no characters that are refused
// (assumed).
func takesText(text string, most int) bool {
	refused := func(c rune) bool { return c < ' ' || c == utf8.RuneError || c > 0xffff }
	return len(text) <= most && !strings.ContainsFunc(text, refused)
}
