package merchant

import (
	"context"
	"regexp"
	"time"

	"linlipay/approval"
	"linlipay/audit"
)

// What people and the shell do with merchant accounts and routes, for the audit log. The events stand in the document
// that they tell of until they are chained.

// plain are values that the audit log may hold: numbers, identifiers and addresses of the institution. Others are
// said to be there.
var plain = regexp.MustCompile(`^[0-9A-Za-z:/._, -]{1,128}$`)

// told are differences as an event's states: secrets as fingerprints or as being there, no name and no free text.
func told(differences []Difference) (before, after audit.State) {
	before, after = audit.State{}, audit.State{}
	say := func(s audit.State, d Difference, value string) {
		switch {
		case value == "":
		case d.Field == "name" || !plain.MatchString(value):
			s[d.Field] = "*"
		default:
			s[d.Field] = value
		}
	}
	for _, d := range differences {
		say(before, d, d.Before)
		say(after, d, d.After)
	}
	return before, after
}

// actor is a person or the shell, as the audit log names them.
func actor(by string) string {
	if by == approval.CommandLine {
		return audit.Shell
	}
	return by
}

// owe owes the event of something that was done with the account.
func (rec *AccountRecord) owe(ctx context.Context, verb audit.Verb, by string, differences []Difference,
	now time.Time) {
	e := audit.Event{At: now, Actor: actor(by), Verb: verb, Object: "account:" + rec.ID, Company: rec.Company}
	e.Before, e.After = told(differences)
	if rec.Request != nil {
		e.After["request"] = rec.Request.ID
	}
	rec.OwesAudit.Owe(ctx, "merchant_accounts/"+rec.ID, rec.Version, e)
}

// owe owes the event of something that was done with the routes.
func (r *Routes) owe(ctx context.Context, verb audit.Verb, by string, differences []Difference, now time.Time) {
	e := audit.Event{At: now, Actor: actor(by), Verb: verb, Object: "routes:" + r.ID, Company: r.Company}
	e.Before, e.After = told(differences)
	if r.Community != "" {
		e.Communities = []string{r.Community}
	}
	if r.Request != nil {
		e.After["request"] = r.Request.ID
	}
	r.OwesAudit.Owe(ctx, "routes/"+r.ID, r.Version, e)
}
