package merchant

import (
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/fault"
)

// Where the company's money goes is decided by two: merchant accounts (accountask.go) and routes (routeask.go).

// asksLast is how long a change can be decided.
const asksLast = 7 * 24 * time.Hour

// AccountMatter is who asks for a change of a merchant account and who decides it.
func AccountMatter() approval.Matter {
	return approval.Matter{
		ZH: "商户号变更", EN: "change of a merchant account",
		Asks: []string{"operations"}, Decides: []string{"finance", "operations"}, Lasts: asksLast,
	}
}

// RouteMatter is who asks for a change of routes and who decides it.
func RouteMatter() approval.Matter {
	return approval.Matter{
		ZH: "支付路由变更", EN: "change of routes",
		Asks: []string{"finance", "operations"}, Decides: []string{"finance", "operations"}, Lasts: asksLast,
	}
}

// Asker is who asks for a change, and what they had before their eyes.
type Asker struct {
	By       approval.Person
	Revision int64  // of what they saw; another since is a Stale fault
	Replaces string // the request that this one takes the place of; "" is none
	Reason   string // for whoever decides; may be empty
}

// ask makes the request.
func (a Asker) ask(m approval.Matter, standing *approval.Request, revision int64, now time.Time) (approval.Request,
	error) {
	if a.Revision != revision {
		return approval.Request{}, fault.New(fault.Stale, "内容已变更，请刷新后重新提交。",
			"It has changed since you looked; look again and ask anew.")
	}
	r, err := m.Ask(approval.Asking{Standing: standing, Replaces: a.Replaces, Base: revision, Reason: a.Reason}, a.By,
		now)
	if err != nil {
		return approval.Request{}, err
	}
	return *r, nil
}

// Difference is one thing that a request changes, as whoever decides it sees it.
type Difference struct {
	Field  string // name, communities, disabled, the name of a setting, or a way as "alipay native"
	Before string // "" is nothing
	After  string // "" is nothing
	// Before and After say that there is something, and fingerprints where there are any; never the value
	Secret bool
}

// list writes some ids or fingerprints into one text.
func list(values []string) string { return strings.Join(values, ", ") }
