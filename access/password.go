package access

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn"
	"github.com/trustelem/zxcvbn/frequency"

	"linlipay/fault"
)

// What a password must be, as NIST SP 800-63B and OWASP advise: long, and none that people are known to choose. What it
// is made of is its owner's business.
const (
	passwordLeast = 12  // characters
	passwordMost  = 128 // characters: more only costs work
	guessesLeast  = 1_000_000
	judged        = 64 // characters that are looked at for how they are guessed, which takes longer the more there are
)

// checkPassword refuses a password that is short, is among the commonest, is what one that guesses the commonest first
// tries within guessesLeast guesses (a common one twice, a row of keys, a date), or is made of what is about the
// person.
func checkPassword(password string, about ...string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password) || n < passwordLeast || n > passwordMost:
		return fault.New(fault.Invalid, "密码须为 12 至 128 个字符。", "A password has 12 to 128 characters.")
	case common(password, about):
		return fault.New(fault.Invalid, "这个密码太常见，容易被猜到，请换一个。",
			"This password is too common and easily guessed; choose another.")
	}
	return nil
}

// common reports whether a password is among the first that are guessed.
func common(password string, about []string) bool {
	password = strings.TrimSpace(password)
	if slices.Contains(frequency.FrequencyLists["passwords"], strings.ToLower(password)) {
		// 30,000, the commonest first
		return true
	}
	runes := []rune(password)
	return zxcvbn.PasswordStrength(string(runes[:min(len(runes), judged)]), about).Guesses <= guessesLeast
}
