package lakala

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"linlipay/money"
	"linlipay/payment"
)

// cents is an amount in fen as the institution writes it: digits, in labs as a text, at the counter as a number or a text. "" and null are none.
type cents money.Fen

// UnmarshalJSON takes whole fen only: no sign, point or exponent.
func (c *cents) UnmarshalJSON(raw []byte) error {
	digits := strings.Trim(string(raw), `"`)
	if digits == "" || string(raw) == "null" {
		*c = 0
		return nil
	}
	n, err := strconv.ParseUint(digits, 10, 62)
	if err != nil {
		return fmt.Errorf("lakala: %q is not an amount in fen", digits)
	}
	*c = cents(n)
	return nil
}

// fen writes an amount as labs and lams read it.
func fen(f money.Fen) string { return strconv.FormatInt(int64(f), 10) }

const clockForm = "20060102150405"

// clock writes a time as the institution reads it, in Shanghai.
func clock(at time.Time) string { return at.In(payment.Shanghai()).Format(clockForm) }

// moment reads a time of the institution's. Its own example of a counter order lacks the zero of an hour before ten.
func moment(s string) (time.Time, error) {
	if len(s) == len(clockForm)-1 {
		s = s[:8] + "0" + s[8:]
	}
	at, err := time.ParseInLocation(clockForm, s, payment.Shanghai())
	if err != nil {
		return time.Time{}, fmt.Errorf("lakala: %q is not a time", s)
	}
	return at.UTC(), nil
}
