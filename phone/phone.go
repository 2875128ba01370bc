// Package phone reads mobile numbers of mainland China as people and their devices write them: +86 138 0013 8000 as iOS
// fills it in, 0086-138…, full width, with a name behind. It is the one place that knows: a log-in, a binding, a record
// of an owner, a search and a cell of a workbook all read alike.
package phone

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

var (
	// plain is what 工业和信息化部's 电信网编号计划 gives to mobile networks of the mainland: 11 digits from 13 to 19 on.
	plain = regexp.MustCompile(`^1[3-9]\d{9}$`)
	// number is one number with the country's code before it or not, its digits parted by at most one space, dash or
	// dot.
	number = regexp.MustCompile(`(?:\(?(?:\+|00)?[- ]?86\)?[- .]?)?(1[- .]?[3-9](?:[- .]?\d){9})`)
	// exponent is how a spreadsheet shows a number that is too long for its column: its digits may be lost.
	exponent = regexp.MustCompile(`^\d(\.\d+)?[eE]\+?\d+$`)
)

// Valid reports whether a text is a mobile number as it is stored: its 11 digits alone.
func Valid(s string) bool { return plain.MatchString(s) }

// Parse reads a text that is to be one mobile number and nothing else, and returns its 11 digits; false is anything
// else.
func Parse(text string) (string, bool) {
	found, rest := Find(text)
	if len(found) != 1 || rest != "" {
		return "", false
	}
	return found[0], true
}

// Find returns the mobile numbers in a text, in their order and each once, and what else stands there beside the signs
// between them.
func Find(text string) (found []string, rest string) {
	text = tidy(text)
	if exponent.MatchString(text) {
		return nil, text
	}
	var left strings.Builder
	for from, look := 0, 0; ; {
		at := number.FindStringSubmatchIndex(text[look:])
		if at == nil {
			left.WriteString(text[from:])
			break
		}
		begin, end := look+at[0], look+at[1]
		if digitAt(text, begin-1) || digitAt(text, end) { // a part of something longer
			look = begin + 1
			continue
		}
		left.WriteString(text[from:begin] + " ")
		if one := digits(text[look+at[2] : look+at[3]]); !slices.Contains(found, one) {
			found = append(found, one)
		}
		from, look = end, end
	}
	if len(found) == 0 {
		return nil, text
	}
	return found, strings.Trim(left.String(), " ,;/|\\､｡+-.")
}

// tidy brings a text to its usual width, with plain spaces and dashes, and without what cannot be seen (iOS puts marks
// of direction around a copied number). A spreadsheet's .0 behind a number is taken away.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r), unicode.IsControl(r) && !unicode.IsSpace(r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Pd, r), r == '−', r == 'ー':
			return '-'
		}
		return r
	}, width.Narrow.String(s))
	return strings.TrimSuffix(strings.Join(strings.Fields(s), " "), ".0")
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func digitAt(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }
