// Package money holds Fen, the only amount type of the module: an integer number of fen (分, 1/100 yuan).
// Amounts are parsed from strings and added with overflow checked; no floating point is ever involved.
package money

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// Fen is an amount of renminbi in fen (分). 100 fen are one yuan (元).
type Fen int64

// ErrOverflow says that a sum does not fit in a Fen.
var ErrOverflow = errors.New("money: amount out of range")

// ParseYuan reads an amount in yuan as institutions send it, such as "12", "12.3" or "-1234.56", with at most two
// decimals. Anything else is an error: no rounding, no exponent, no currency sign, and no comma, which none of them
// documents. What people type is read by ParseTyped.
func ParseYuan(s string) (Fen, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, cents, hasPoint := strings.Cut(digits, ".")
	if whole == "" || hasPoint && (len(cents) == 0 || len(cents) > 2) {
		return 0, fmt.Errorf("money: %q is not an amount in yuan with at most two decimals", s)
	}
	for len(cents) < 2 {
		cents += "0"
	}
	var below Fen // minus what is read so far: the least amount has no positive counterpart
	for _, c := range whole + cents {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("money: %q is not an amount in yuan", s)
		}
		digit := Fen(c - '0')
		if below < (math.MinInt64+digit)/10 {
			return 0, ErrOverflow
		}
		below = below*10 - digit
	}
	if negative {
		return below, nil
	}
	if below == math.MinInt64 {
		return 0, ErrOverflow
	}
	return -below, nil
}

// ParseGrouped reads an amount in yuan as statements print it: as ParseYuan, or with a comma between groups of three,
// such as "-1,234.56". Anything else is an error, as there.
func ParseGrouped(s string) (Fen, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, cents, hasPoint := strings.Cut(digits, ".")
	if !thousands.MatchString(whole) {
		return ParseYuan(s)
	}
	plain := strings.ReplaceAll(whole, ",", "")
	if hasPoint {
		plain += "." + cents
	}
	if negative {
		plain = "-" + plain
	}
	return ParseYuan(plain)
}

// Yuan writes the amount in yuan with exactly two decimals, such as "12.30" or "-0.05".
func (f Fen) Yuan() string {
	sign, u := "", uint64(f)
	if f < 0 {
		sign, u = "-", -uint64(f)
	}
	return fmt.Sprintf("%s%d.%02d", sign, u/100, u%100)
}

// Grouped is Yuan with a comma before each three figures of whole yuan, as pages show it.
func (f Fen) Grouped() string {
	sign, digits := "", f.Yuan()
	if f < 0 {
		sign, digits = "-", digits[1:]
	}
	for at := len(digits) - len(".00") - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return sign + digits
}

// String writes the amount as Yuan does, with the sign of the currency: "¥12.30".
func (f Fen) String() string { return "¥" + f.Yuan() }

// Add returns f + g, or ErrOverflow.
func (f Fen) Add(g Fen) (Fen, error) {
	sum := f + g
	if (sum > f) != (g > 0) && g != 0 {
		return 0, ErrOverflow
	}
	return sum, nil
}

// Sum adds all amounts, or returns ErrOverflow.
func Sum(amounts ...Fen) (Fen, error) {
	var total Fen
	for _, a := range amounts {
		var err error
		if total, err = total.Add(a); err != nil {
			return 0, err
		}
	}
	return total, nil
}
