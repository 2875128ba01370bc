package gateway

import (
	"fmt"
	"strings"
)

// The forms of our own numbers, as institutions see them: an order's number, and behind it what tells its attempts and
// its refunds apart.

// OrderNumberLength is how many digits an order's number has. Ours: with what stands behind it it stays within the 32
// characters that WeChat Pay documents of out_trade_no, which is the shortest.
const OrderNumberLength = 24

// OutTradeNo is the number that an institution knows an order's no-th attempt by: 26 characters of [0-9].
func OutTradeNo(order string, no int) string { return fmt.Sprintf("%s%02d", order, no) }

// OutRefundNo is the number that an institution knows an order's no-th refund by: 27 characters.
func OutRefundNo(order string, no int) string { return fmt.Sprintf("%sR%02d", order, no) }

// SplitOutTradeNo returns the order's number and the attempt's within an out-trade number of ours. ok is false for any
// other text, such as the number of a payment that was taken without us.
func SplitOutTradeNo(text string) (order string, no int, ok bool) {
	order, no, ok = split(text, "")
	return order, no, ok && strings.Trim(order, digits) == ""
}

// SplitOutRefundNo returns the order's number and the refund's within an out-refund number of ours: of an order, or of
// money without one, whose number begins with a letter. ok is false for any other text, such as the number of a refund
// that was made at the institution.
func SplitOutRefundNo(text string) (order string, no int, ok bool) {
	order, no, ok = split(text, "R")
	return order, no, ok && strings.Trim(order, digits+letters) == ""
}

const (
	digits  = "0123456789"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// split parts a number of 24 characters, the mark and two digits, from 01.
func split(text, mark string) (order string, no int, ok bool) {
	tail := OrderNumberLength + len(mark)
	if len(text) != tail+2 || text[OrderNumberLength:tail] != mark || strings.Trim(text[tail:], digits) != "" {
		return "", 0, false
	}
	no = int(text[tail]-'0')*10 + int(text[tail+1]-'0')
	return text[:OrderNumberLength], no, no > 0
}
