package workbook

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

var written = regexp.MustCompile(`^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$`)

const (
	significant = 15 // digits that a spreadsheet keeps of a number; those behind are what binary fractions leave
	longest     = 40 // digits of a number that are still written out
)

// plainNumber is the plain decimal notation of a number as any program writes it, by its digits alone: "101" for 101.0
// and 1.01E2, "0.3" for 0.30000000000000004. False is no number, or one of more digits than anybody typed.
func plainNumber(s string) (string, bool) {
	m := written.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil || m[2]+m[3] == "" {
		return "", false
	}
	digits, point, ok := scaled(m[2], m[3], m[4])
	if !ok {
		return "", false
	}
	if len(digits) > significant && len(digits) > point { // a whole number keeps all its digits
		digits, point = round(digits, point)
	}
	return place(m[1], digits, point), true
}

// scaled is the number whole.part × 10^exponent as 0.digits × 10^point, without zeros around the digits.
func scaled(whole, part, exponent string) (digits string, point int, ok bool) {
	shift, err := strconv.Atoi(cmp.Or(exponent, "0"))
	trimmed := strings.TrimLeft(whole+part, "0")
	point = len(whole) + shift - (len(whole+part) - len(trimmed))
	digits = strings.TrimRight(trimmed, "0")
	return digits, point, err == nil && len(digits) <= longest && point <= longest && point >= -longest
}

// round takes a number to its significant digits.
func round(digits string, point int) (string, int) {
	kept, next := []byte(digits[:significant]), digits[significant]
	if next < '5' {
		return strings.TrimRight(string(kept), "0"), point
	}
	for i := len(kept) - 1; i >= 0; i-- {
		if kept[i] != '9' {
			kept[i]++
			return strings.TrimRight(string(kept), "0"), point
		}
		kept[i] = '0'
	}
	return "1", point + 1
}

// place writes digits with their point.
func place(sign, digits string, point int) string {
	if sign == "+" || digits == "" {
		sign = ""
	}
	switch {
	case digits == "":
		return "0"
	case point <= 0:
		return sign + "0." + strings.Repeat("0", -point) + digits
	case point >= len(digits):
		return sign + digits + strings.Repeat("0", point-len(digits))
	}
	return sign + digits[:point] + "." + digits[point:]
}
