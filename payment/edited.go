package payment

import (
	"strings"

	"linlipay/audit"
)

// What people change of merchant accounts and routes, for the audit log: each change of a record is an event in the record itself, by the same write.

// watchedRoutes owe an event for each change of what a company has chosen.
var watchedRoutes = audit.Watch[Routes]{
	Owed: func(r *Routes) *audit.Owed { return &r.OwesAudit },
	Begin: func(r *Routes) func(*Routes) []audit.Event {
		before := r.state()
		return func(r *Routes) []audit.Event {
			was, is := audit.Changed(before, r.state())
			if was == nil && is == nil {
				return nil
			}
			e := audit.Event{At: r.ChangedAt, Verb: audit.RoutesChanged, Object: "routes:" + r.Community, Company: r.Company, Before: was, After: is}
			e.Communities = communitiesOf(r.Community)
			return []audit.Event{e}
		}
	},
}

func communitiesOf(community string) []string {
	if community == "" {
		return nil
	}
	return []string{community}
}

// state is the accounts of each way to pay.
func (r *Routes) state() audit.State {
	s := audit.State{}
	for _, way := range r.Ways {
		s[string(way.Wallet)+" "+string(way.Method)] = strings.Join(way.Accounts, " ")
	}
	return s
}

// watch tells of each change of a merchant account: which settings are others, by keyed digests, and never what they are.
func (a *Accounts) watch(rec *AccountRecord) func(*AccountRecord) []audit.Event {
	before, isNew := a.state(rec), rec.ID == ""
	disabled := rec.Disabled
	return func(rec *AccountRecord) []audit.Event {
		was, is := audit.Changed(before, a.state(rec))
		at := rec.ChangedAt
		if at.IsZero() {
			at = rec.CreatedAt
		}
		e := audit.Event{
			At: at, Verb: audit.AccountChanged, Object: "account:" + rec.ID, Company: rec.Company, Communities: rec.Communities, Before: was, After: is,
		}
		switch {
		case isNew:
			e.Verb = audit.AccountAdded
		case was == nil && is == nil:
			return nil
		case rec.Disabled && !disabled:
			e.Verb = audit.AccountDisabled
		case disabled && !rec.Disabled:
			e.Verb = audit.AccountEnabled
		}
		return []audit.Event{e}
	}
}

// state is an account's record as events show it.
func (a *Accounts) state(rec *AccountRecord) audit.State {
	if rec.ID == "" {
		return nil
	}
	s := audit.State{
		"institution": string(rec.Institution), "communities": strings.Join(rec.Communities, " "), "disabled": map[bool]string{true: "yes", false: "no"}[rec.Disabled],
	}
	if rec.Name != "" {
		s["name"] = a.box.Digest("audit name", rec.Name)
	}
	acc, err := a.open(*rec)
	if err != nil {
		s["settings"] = "sealed"
	}
	for name, value := range acc.Settings {
		s["setting "+name] = a.box.Digest("audit setting "+rec.ID+" "+name, value)
	}
	return s
}
