package property

import (
	"strings"
	"testing"
	"unicode"
)

// unseen are characters of which nothing is seen, one of each kind: they end what turns a line round, join and part
// words, choose a glyph, fill a syllable, or tag a text.
const unseen = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180e\u180f\u200b\u200c\u200d\u200e\u200f" +
	"\u202a\u202c\u202e\u2060\u2064\u2066\u2069\u3164\ufe00\ufe0f\ufeff\uffa0\ufff9\U000e0001\U000e0041\U000e0100" +
	"\U000e0fff\x00\x7f"

// What looks the same is one text, however it was kept or compared.
func TestWhatCannotBeSeenMakesNoSecondText(t *testing.T) {
	for _, r := range unseen {
		for name, f := range map[string]func(string) string{
			"Clean": Clean, "CleanPlace": CleanPlace, "Fold": Fold, "Compact": Compact,
		} {
			for _, text := range []string{"停车费", "101"} {
				half := len(text) / 3
				for _, with := range []string{text + string(r), string(r) + text,
					text[:half] + string(r) + text[half:]} {
					if got := f(with); got != text {
						t.Errorf("%s(%+q) = %+q", name, with, got)
					}
				}
			}
		}
	}
}

// All of what Unicode formats with goes, and a blank that is no space to Unicode is one.
func TestCleanKeepsNothingThatFormats(t *testing.T) {
	for _, table := range []*unicode.RangeTable{unicode.Cf, unicode.Other_Default_Ignorable_Code_Point,
		unicode.Variation_Selector} {
		for _, span := range table.R16 {
			for r := rune(span.Lo); r <= rune(span.Hi); r += rune(span.Stride) {
				if got := Clean("a" + string(r)); got != "a" {
					t.Errorf("U+%04X stays: %+q", r, got)
				}
			}
		}
	}
	if got := Clean("\u2800锦绣\u2800\u2800花园\u2800"); got != "锦绣 花园" {
		t.Errorf("%+q", got)
	}
	if got := Clean("🏠" + strings.Repeat("\ufe0f", 2) + "é①"); got != "🏠é①" {
		t.Errorf("%+q", got)
	}
}
