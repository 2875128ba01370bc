package ruiyinxin

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"linlipay/payment/gateway"
)

// meaning is what an answer code means to us.
type meaning struct {
	kind gateway.ErrorKind
	why  gateway.DeclineReason
}

// The meanings that no failure of a gateway has.
const (
	done gateway.ErrorKind = "done" // what was asked is done
	// it is on its way: the payer is being asked for a password, or the channel has not answered yet
	paying gateway.ErrorKind = "paying"
)

// codes are the answer codes that third parties know. Nothing more is public: an account's code_kinds says what others
// mean, and may correct these.
var codes = map[string]meaning{
	"000000": {done, ""},
	"000090": {done, ""},   // 补单成功: found to be done afterwards
	"2068":   {paying, ""}, // USERPAYING, in one client's code for 付款码
	"200002": {paying, ""}, // what one client takes for respType R
}

// readCodeKinds reads what further codes mean: "CODE=kind" or "CODE=refused/why", separated by commas.
func readCodeKinds(list string) (map[string]meaning, error) {
	kinds := []gateway.ErrorKind{
		gateway.Declined, gateway.AlreadyPaidUpstream, gateway.AlreadyClosedUpstream, gateway.NotFound,
		gateway.TryLater,
		gateway.Indeterminate, paying,
	}
	whys := []gateway.DeclineReason{
		"", gateway.CodeInvalid, gateway.CodeExpired, gateway.CodeUsed, gateway.BalanceLow, gateway.LimitReached,
		gateway.PayerDeclined, gateway.MerchantBalance,
	}
	more := map[string]meaning{}
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		code, means, _ := strings.Cut(part, "=")
		kind, why, _ := strings.Cut(means, "/")
		m := meaning{gateway.ErrorKind(kind), gateway.DeclineReason(why)}
		if code == "" || codes[code].kind == done || !slices.Contains(kinds, m.kind) || !slices.Contains(whys, m.why) ||
			m.why != "" && m.kind != gateway.Declined {
			return nil, gateway.BadSetting("code_kinds", "格式为“应答码=含义”，以逗号分隔。",
				"must be code=kind, separated by commas.")
		}
		more[code] = m
	}
	return more, nil
}

// means looks a code up: the account's own table first.
func (s settings) means(code string) (meaning, bool) {
	if m, ok := s.codes[code]; ok {
		return m, true
	}
	m, ok := codes[code]
	return m, ok
}

// judge tells how an answer, whose signature verified, says that it went: nil with underWay true is respType R (处理中).
func (s settings) judge(t text) (underWay bool, err error) {
	kind, code := t.head["respType"], t.head["respCode"]
	m, known := s.means(code)
	switch {
	case kind == "S" && m.kind == done:
		return false, nil
	case kind == "R", kind == "E" && m.kind == paying:
		return true, nil
	case kind != "E" || m.kind == done || !known:
		m = meaning{kind: gateway.Indeterminate}
	}
	return false, &gateway.Error{Kind: m.kind, Signed: true, Reason: m.why, Code: code,
		Message: cut(t.head["respMsg"])}
}

// unsigned is an answer that cannot be believed, with what it says all the same, for the log.
func unsigned(status int, raw []byte, cause error) error {
	kind := gateway.Indeterminate
	if status == http.StatusTooManyRequests || status >= 500 {
		kind = gateway.TryLater
	}
	failed := &gateway.Error{Kind: kind, Cause: cause}
	if t, err := (settings{}).readText(raw); err == nil {
		failed.Code, failed.Message = cut(t.head["respCode"]), cut(t.head["respMsg"])
	}
	return failed
}

// cut shortens a text of the institution's to what a log line bears, in bytes, at the boundary of a character.
func cut(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	n := most
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// unmapped finds a signed no whose code is not public.
func unmapped(err error) (*gateway.Error, bool) {
	var no *gateway.Error
	ok := errors.As(err, &no) && no.Kind == gateway.Indeterminate && no.Signed
	return no, ok
}

// settle tells what a no of unknown meaning to a charge means, by what the institution says of that number now: a
// payment that it has under it was not refused. Where it says no of that too, a charge that somebody still had to be
// shown was refused, since nobody was shown it; of one by payment code that is not enough.
func (c *client) settle(ctx context.Context, trade gateway.Trade, shown bool, err error) error {
	no, ok := unmapped(err)
	if !ok {
		return err
	}
	said := *no
	var missing *gateway.Error
	switch r, found := c.query(ctx, trade); {
	case found == nil && r.Returned == gateway.ReturnedAll:
		said.Kind = gateway.AlreadyClosedUpstream
	case found == nil && r.State == gateway.TradePaid:
		said.Kind = gateway.AlreadyPaidUpstream
	case found == nil && r.State == gateway.TradeClosed:
		said.Kind = gateway.AlreadyClosedUpstream
	case found == nil && r.State == gateway.TradeFailed, errors.As(found, &missing) && missing.Signed &&
		(missing.Kind == gateway.NotFound || shown):
		said.Kind = gateway.Declined
	}
	return &said
}

func unknown(err error) error {
	return &gateway.Error{Kind: gateway.Indeterminate, Cause: err}
}

// refused is a no of our own: nothing was sent.
func refused(message string, err error) error {
	return &gateway.Error{Kind: gateway.Declined, Signed: true, Message: message, Cause: err}
}

// notOffered is what no one of this institution's interfaces does.
func notOffered(what string) error {
	return refused("瑞银信不支持此操作", errors.New("ruiyinxin: "+what))
}
