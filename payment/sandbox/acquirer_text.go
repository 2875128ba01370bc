package sandbox

import (
	"strings"
	"unicode/utf8"
)

// takesText tells whether a text fits into a field of an acquirer: its bytes, and no characters that are refused, which
// are assumed to be controls and those beyond the Basic Multilingual Plane.
func takesText(text string, most int) bool {
	refused := func(c rune) bool { return c < ' ' || c > 0xffff }
	return len(text) <= most && utf8.ValidString(text) && !strings.ContainsFunc(text, refused)
}
