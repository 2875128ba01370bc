package merchant

import (
	"context"
	"errors"
	"maps"
	"slices"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// What is shown of a change of a merchant account to those who decide it.

// WaitingAccounts is a page of a company's accounts with a change that waits for a decision, and the cursor of the
// next.
func (s *Service) WaitingAccounts(ctx context.Context, company, cursor string, limit int) (infos []AccountInfo,
	next string, err error) {
	q := store.Query{Index: byWaiting, Equal: []any{company}, Cursor: cursor, Limit: limit}
	records, next, err := s.records.Find(ctx, q)
	for _, rec := range records {
		if rec.waits(s.now()) { // one that has expired is still in the index
			infos = append(infos, s.accountInfo(rec))
		}
	}
	return infos, next, err
}

// AccountChange is what may be shown of a request: everything but the values of secrets.
type AccountChange struct {
	approval.Request
	Enables     bool
	Outdated    bool         // what it would change has changed since: it cannot be approved
	Changed     []string     // the fields that it changes
	Differences []Difference // in full while it waits
	Keys        []AccountKey // the keys and certificates as they would be, while it waits
	Trouble     *fault.Error // why it could not be used; nil is none
}

// accountChange is what may be shown of a record's request; nil is none.
func (s *Service) accountChange(rec AccountRecord) *AccountChange {
	if rec.Request == nil {
		return nil
	}
	r := *rec.Request
	c := &AccountChange{Request: r.Request, Enables: r.Enables, Changed: r.Changed}
	c.State = r.At(s.now())
	if c.State != approval.Requested {
		return c
	}
	c.Outdated = r.Base != rec.Revision
	c.Differences = s.differences(&rec, &r)
	if r.Enables {
		return c
	}
	acc, err := s.openRequest(rec)
	if err == nil {
		err = s.Usable(acc)
	}
	errors.As(err, &c.Trouble)
	c.Keys = keysOf(acc, slices.Sorted(maps.Keys(acc.Settings)))
	return c
}

// differences are what a request changes of what is in force, in the order of the form.
func (s *Service) differences(rec *AccountRecord, r *AccountRequest) []Difference {
	if r.Enables {
		return []Difference{{Field: "disabled", Before: "true", After: "false"}}
	}
	before, after := gateway.Account{Settings: map[string]string{}}, gateway.Account{Settings: map[string]string{}}
	name := ""
	if rec.inForce() {
		before, _ = s.open(*rec) // one that does not open has no settings
		name = rec.Name
	}
	asked := *rec
	asked.Request = r
	after, _ = s.openRequest(asked)
	var all []Difference
	if name != r.Name {
		all = append(all, Difference{Field: "name", Before: name, After: r.Name})
	}
	if before.Entity != r.Entity {
		all = append(all, Difference{Field: "entity", Before: before.Entity, After: r.Entity})
	}
	if !slices.Equal(before.Communities, r.Communities) {
		all = append(all, Difference{Field: "communities", Before: list(before.Communities),
			After: list(r.Communities)})
	}
	described, err := s.settingsOf(rec.Institution)
	if err != nil {
		return all
	}
	for _, d := range described {
		if was, is := before.Settings[d.Name], after.Settings[d.Name]; was != is {
			all = append(all, Difference{d.Name, d.Shown(was), d.Shown(is), d.Secret})
		}
	}
	return all
}
