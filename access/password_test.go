package access

import (
	"strings"
	"testing"

	"linlipay/fault"
)

// What may be a password, and what may not. A line is a password.
func TestWhatMayBeAPassword(t *testing.T) {
	for password, good := range map[string]bool{
		"a garden of seven plums": true, "correct horse battery staple": true, "七个李子的小花园在春天里开花了": true,
		"password-aaa":         true,
		"Tr0ub4dor&3-and-more": true, "k7Q!mz2#pLw9": true, strings.Repeat("plum garden ", 10) + "x": true,

		"": false, "short": false, "elevenchars": false, "k7Q!mz2#pLw": false, "七个李子的小花园": false,
		strings.Repeat("ab cd", 30): false, "abc\xff\xfe\xfd abcdefg": false,
		"123456789012": false, "1234567890123456": false, "passwordpassword": false, "PasswordPassword": false,
		"aaaaaaaaaaaa": false, "qwertyuiop[]": false,
		"abcdefghijkl": false, "111111111111": false, "abcabcabcabc": false, "unbelievable": false,
		"UNBELIEVABLE": false, " unbelievable ": false,
		"linlipaylinlipay": false, "lixiaoming01lixiaoming01": false,
	} {
		err := checkPassword(password, "lixiaoming01", "linlipay")
		if good && err != nil || !good && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", password, err)
		}
	}
}
