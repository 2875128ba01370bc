package lakala

import (
	"fmt"
	"strconv"
	"time"

	"linlipay/calendar"
	"linlipay/money"
	"linlipay/payment/gateway"
)

// cents reads an amount in fen: digits, in labs as a text, at the counter as a number or a text. It is 0 where the
// field says nothing; a sign is refused.
func cents(f gateway.Fields, name string) money.Fen {
	amount, _ := f.Fen(name)
	if amount < 0 {
		f.Fail(name, "negative")
		return 0
	}
	return amount
}

// fen writes an amount as labs and lams read it.
func fen(f money.Fen) string { return strconv.FormatInt(int64(f), 10) }

const clockForm = "20060102150405"

// clock writes a time as the institution reads it, in Shanghai.
func clock(at time.Time) string { return calendar.Format(at, clockForm) }

// moment reads a time of the institution's. Its own example of a counter order lacks the zero of an hour before ten.
func moment(s string) (time.Time, error) {
	if len(s) == len(clockForm)-1 {
		s = s[:8] + "0" + s[8:]
	}
	at, err := calendar.Parse(clockForm, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("lakala: %q is not a time", s)
	}
	return at.UTC(), nil
}

// momentIfTold is a time that is no more than a detail: zero where the field says nothing or cannot be read. A
// payment without one is a payment all the same.
func momentIfTold(s string) time.Time {
	at, err := moment(s)
	if err != nil {
		return time.Time{}
	}
	return at
}

// logNo is the number that the institution's statements know a trade by: documented as the last fourteen digits of
// its trade_no.
func logNo(said, tradeNo string) string {
	const digits = 14
	if said != "" || len(tradeNo) < digits {
		return said
	}
	return tradeNo[len(tradeNo)-digits:]
}
