package card

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Lengths of a full card number (卡号, PAN), in digits, by ISO/IEC 7812.
const (
	cardShortest = 13
	cardLongest  = 19
)

// HasCardNumber reports whether a full card number stands anywhere in a text: digits of a card network's prefix and
// length with a valid Luhn check digit, written in one or in groups of four or more that up to three signs part:
// spaces, dashes, dots, slashes, underscores and whatever else people put between (partSigns). Masks (* x #) and line
// ends part numbers from each other. A run of more than 19 digits is none, which spares the numbers of orders, refunds
// and wallet transactions; neither is one with anything but digits inside, such as a masked number. A number of another
// kind that looks just so, one in ten of 16 to 19 digits that begin with 6, is taken for a card: what must not be kept
// is refused rather than guessed at. Digits of any script count, and what cannot be seen between them (unseen) neither
// joins two numbers nor hides one.
func HasCardNumber(text string) bool {
	return slices.ContainsFunc(readings(text), func(plain string) bool {
		return slices.ContainsFunc(digitChain.FindAllString(plain, -1), holdsCard)
	})
}

// readings are the ways to read the digits of a text, without identifiers: what cannot be seen parts two numbers, or is
// not there.
func readings(text string) []string {
	list := []string{hideIdentifiers(plainDigits(text, ' '))}
	if strings.ContainsFunc(text, unseen) {
		list = append(list, hideIdentifiers(plainDigits(text, -1)))
	}
	return list
}

// holdsCard reports whether a card number stands among the groups of digits of a chain.
func holdsCard(chain string) bool {
	groups := strings.FieldsFunc(chain, func(c rune) bool { return c < '0' || c > '9' })
	for i := range groups {
		if startsWithCard(groups[i:]) {
			return true
		}
	}
	return false
}

// startsWithCard reports whether the first groups join to a card number. Only the last group of one is shorter than
// four digits.
func startsWithCard(groups []string) bool {
	number := ""
	for _, g := range groups {
		if number += g; len(number) > cardLongest {
			return false
		}
		if isCardNumber(number) {
			return true
		}
		if len(g) < 4 {
			return false
		}
	}
	return false
}

// isCardNumber reports whether digits are a card number as the networks issue them, UnionPay's and the Chinese banks'
// older ones (9) among them.
func isCardNumber(digits string) bool {
	n := len(digits)
	if n < cardShortest || n > cardLongest {
		return false
	}
	plausible := false
	switch head := digits[:2]; {
	case digits[0] == '6', digits[0] == '9': // UnionPay (62), Discover, Maestro; old debit cards
		plausible = n >= 16
	case digits[0] == '4': // Visa
		plausible = n == 13 || n == 16 || n == 19
	case digits[0] == '5', digits[:4] >= "2221" && digits[:4] <= "2720", head == "35": // Mastercard, JCB
		plausible = n == 16
	case head == "34", head == "37": // American Express
		plausible = n == 15
	case head == "30", head == "36", head == "38", head == "39": // Diners Club
		plausible = n == 14
	}
	return plausible && luhn(digits)
}

// luhn checks the last digit by ISO/IEC 7812-1, annex B.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i]-'0') << (i % 2) // every second one, from the right, counts twice
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

// plainDigits writes the digits of all scripts in ASCII, each sign that parts the groups of a number as a space, and
// what cannot be seen as nothing says; -1 drops it.
func plainDigits(text string, nothing rune) string {
	return strings.Map(func(c rune) rune {
		switch {
		case strings.ContainsRune(partSigns, c), c >= '\u2000' && c <= '\u200a', unicode.Is(unicode.Pd, c),
			unicode.Is(unicode.Zs, c):
			return ' '
		case c <= unicode.MaxASCII:
			return c
		case unseen(c):
			return nothing
		}
		return asciiDigit(c)
	}, text)
}

// unseen reports whether a character is not seen, or is seen only on the one before it, such as a stroke through it.
func unseen(c rune) bool {
	return c > unicode.MaxASCII && unicode.In(c, unicode.Cf, unicode.Mn, unicode.Me,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// asciiDigit is a digit of any script in ASCII; anything else stays. Unicode has the digits of a script in one row from
// zero to nine.
func asciiDigit(c rune) rune {
	for _, row := range unicode.Nd.R16 {
		if rune(row.Lo) <= c && c <= rune(row.Hi) {
			return '0' + (c-rune(row.Lo))%10
		}
	}
	for _, row := range unicode.Nd.R32 {
		if rune(row.Lo) <= c && c <= rune(row.Hi) {
			return '0' + (c-rune(row.Lo))%10
		}
	}
	return c
}

// partSigns are what typists, printers and programs put between the groups of a number, beside Unicode's spaces and
// dashes. A list of rooms or amounts is parted by 、 or by nothing of these, or has shorter groups.
const partSigns = " \t-−－﹣._/\\,:;|~+'’`·•・．。＿／＼，：；｜～＋⁄∕"

// hideIdentifiers takes out long hexadecimal words, such as digests, in which any digits may stand. A track in
// hexadecimal has no letters but d and f.
func hideIdentifiers(text string) string {
	return hexWord.ReplaceAllStringFunc(text, func(word string) string {
		if strings.ContainsAny(word, "abce") {
			return "x"
		}
		return word
	})
}

var (
	digitChain = regexp.MustCompile(`[0-9]+(?: {1,3}[0-9]+)*`)
	hexWord    = regexp.MustCompile(`[0-9a-f]{20,}`)
)
