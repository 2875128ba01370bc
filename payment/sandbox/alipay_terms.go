package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"linlipay/money"
)

// alipayYuan is an amount in yuan as a client writes it: a text or a JSON number.
type alipayYuan string

// alipayYuanForm is how an amount may be written: yuan with at most two decimals.
var alipayYuanForm = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,2})?$`)

// UnmarshalJSON reads either form as it is written.
func (y *alipayYuan) UnmarshalJSON(raw []byte) error {
	if bytes.Equal(raw, []byte("null")) {
		return nil
	}
	if bytes.HasPrefix(raw, []byte(`"`)) {
		return json.Unmarshal(raw, (*string)(y))
	}
	var n json.Number
	if err := json.Unmarshal(raw, &n); err != nil {
		return err
	}
	*y = alipayYuan(n)
	return nil
}

// alipayMost is the most that an amount may be: the reference says [0.01,100000000].
const alipayMost money.Fen = 100_000_000_00

// fen is the amount; ok is false for one that the institution does not take.
func (y alipayYuan) fen() (amount money.Fen, ok bool) {
	if !alipayYuanForm.MatchString(string(y)) {
		return 0, false
	}
	amount, err := money.ParseYuan(string(y))
	return amount, err == nil && amount >= 1 && amount <= alipayMost
}

// alipaySubject tells whether a text can be a subject (订单标题): 1 to 256 characters, none of them / = or & (不可使用特殊字符，如
// /，=，& 等).
func alipaySubject(text string) bool {
	n := utf8.RuneCountInString(text)
	return strings.TrimSpace(text) != "" && n <= 256 && !strings.ContainsAny(text, "/=&")
}

var errTimeout = errors.New("timeout_express is not 1m to 15d, or 1c")

// alipayTimeout is when an order ends by its timeout_express: minutes, hours or days from now, 1m to 15d without
// decimals, or 1c, which is the end of the day in China.
func alipayTimeout(text string, now time.Time) (time.Time, error) {
	if text == "1c" {
		y, m, d := now.In(shanghai).Date()
		return time.Date(y, m, d+1, 0, 0, 0, 0, shanghai), nil
	}
	units := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}
	unit, ok := units[text[max(0, len(text)-1):]]
	if !ok {
		return time.Time{}, errTimeout
	}
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 16)
	most := 15 * 24 * time.Hour
	if err != nil || n < 1 || time.Duration(n)*unit > most {
		return time.Time{}, errTimeout
	}
	return now.Add(time.Duration(n) * unit), nil
}

// endOf is when an order ends: by time_expire, else by timeout_express, else after two hours; ok is false where they
// are malformed.
func (a *alipay) endOf(c alipayContent) (end time.Time, ok bool) {
	now := a.cfg.Now()
	var err error
	switch {
	case c.TimeExpire != "":
		end, err = time.ParseInLocation(time.DateTime, c.TimeExpire, shanghai)
		return end, err == nil && end.After(now)
	case c.TimeoutExpress != "":
		end, err = alipayTimeout(c.TimeoutExpress, now)
		return end, err == nil
	}
	return now.Add(2 * time.Hour), true
}
