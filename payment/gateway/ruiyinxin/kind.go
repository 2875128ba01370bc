package ruiyinxin

import (
	"context"
	"errors"
	"net/http"

	"linlipay/payment/gateway"
)

// The meanings that no failure of a gateway has.
const (
	done gateway.ErrorKind = "done" // what was asked is done
	// it is on its way: the payer is being asked for a password, or the channel has not answered yet
	paying gateway.ErrorKind = "paying"
)

// doneCodes say that what was asked is done.
var doneCodes = []string{"000000", "000090"}

// codes are the answer codes that third parties know. Nothing more is public: an account's code_kinds says what others
// mean, and may correct these.
var codes = map[string]gateway.CodeMeaning{
	"000000": {Kind: done},
	"000090": {Kind: done},   // 补单成功: found to be done afterwards
	"2068":   {Kind: paying}, // USERPAYING, in one client's code for 付款码
	"200002": {Kind: paying}, // what one client takes for respType R
}

// means looks a code up: the account's own table first.
func (s settings) means(code string) (gateway.CodeMeaning, bool) {
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
	case kind == "S" && m.Kind == done:
		return false, nil
	case kind == "R", kind == "E" && m.Kind == paying:
		return true, nil
	case kind != "E" || m.Kind == done || !known:
		m = gateway.CodeMeaning{Kind: gateway.Indeterminate}
	}
	return false, &gateway.Error{Kind: m.Kind, Signed: true, Reason: m.Reason, Code: code,
		Message: gateway.Cut(t.head["respMsg"])}
}

// unsigned is an answer that cannot be believed, with what it says all the same, for the log.
func unsigned(status int, raw []byte, cause error) error {
	kind := gateway.Indeterminate
	if status == http.StatusTooManyRequests || status >= 500 {
		kind = gateway.TryLater
	}
	failed := &gateway.Error{Kind: kind, Cause: cause}
	if t, err := (settings{}).readText(raw); err == nil {
		failed.Code, failed.Message = gateway.Cut(t.head["respCode"]), gateway.Cut(t.head["respMsg"])
	}
	return failed
}

// settle tells what a no of unknown meaning to a charge means, by what the institution says of that number now: a
// payment that it has under it was not refused. Where it says no of that too, a charge that somebody still had to be
// shown was refused, since nobody was shown it; of one by payment code that is not enough.
func (c *client) settle(ctx context.Context, trade gateway.Trade, shown bool, err error) error {
	no, ok := gateway.Unmapped(err)
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

// notOffered is what no one of this institution's interfaces does.
func notOffered(what string) error {
	return gateway.NotSent("瑞银信不支持此操作", errors.New("ruiyinxin: "+what))
}
