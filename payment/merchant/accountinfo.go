package merchant

import (
	"context"
	"errors"
	"slices"
	"time"

	"linlipay/fault"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// AccountInfo is what may be shown of a merchant account: everything but the values of its settings.
type AccountInfo struct {
	ID, Name    string
	Company     string
	Entity      string
	Communities []string
	Institution gateway.Institution
	Disabled    bool
	Set         []string // the names of the settings that are filled in, in alphabetical order
	Keys        []AccountKey
	CreatedAt   time.Time
	CreatedBy   string
	ChangedAt   time.Time // zero is never
	ChangedBy   string
	Trouble     *fault.Error // why it cannot be used; nil is none
	Approved    bool         // it is in force; until then it takes part in nothing
	Revision    int64        // of what is in force
	Change      *AccountChange
}

// AccountKey is a key or certificate found in an account's settings.
type AccountKey struct {
	gateway.KeyInfo
	Setting string
	Old     bool // stands behind a newer one, while that takes its place
}

// AccountInfos is a page of a company's accounts, and the cursor of the next, "" on the last.
func (s *Service) AccountInfos(ctx context.Context, company, cursor string, limit int) (infos []AccountInfo,
	next string,
	err error) {
	q := store.Query{Index: "by_company", Equal: []any{company}, Cursor: cursor, Limit: limit}
	records, next, err := s.records.Find(ctx, q)
	for _, rec := range records {
		infos = append(infos, s.accountInfo(rec))
	}
	return infos, next, err
}

// AllAccountInfos lists every company's accounts.
func (s *Service) AllAccountInfos(ctx context.Context) ([]AccountInfo, error) {
	infos := []AccountInfo{}
	err := s.records.All(ctx, store.Query{Index: "by_company"}, func(rec AccountRecord) error {
		infos = append(infos, s.accountInfo(rec))
		return nil
	})
	return infos, err
}

// AccountInfo returns one of a company's accounts, or NotFound.
func (s *Service) AccountInfo(ctx context.Context, company, id string) (AccountInfo, error) {
	rec, err := s.of(ctx, company, id)
	if err != nil {
		return AccountInfo{}, err
	}
	return s.accountInfo(*rec), nil
}

// of returns the record of a company's account; another company's does not exist.
func (a *Accounts) of(ctx context.Context, company, id string) (*AccountRecord, error) {
	rec, err := a.records.Get(ctx, id)
	if err == nil && rec.Company != company {
		err = noAccount()
	}
	return rec, err
}

func noAccount() error {
	return fault.New(fault.NotFound, "商户号不存在。", "There is no such merchant account.")
}

// accountInfo is what may be shown of a record; one that cannot be used is shown too, so that a person can mend or
// disable it.
func (s *Service) accountInfo(rec AccountRecord) AccountInfo {
	var acc gateway.Account
	var err error
	if rec.inForce() {
		if acc, err = s.open(rec); err == nil {
			err = s.Usable(acc)
		}
	}
	info := AccountInfo{
		Approved: rec.inForce(), Revision: rec.Revision, Change: s.accountChange(rec),
		ID: rec.ID, Name: rec.Name, Company: rec.Company, Communities: rec.Communities, Institution: rec.Institution,
		Disabled: rec.Disabled, Entity: rec.Entity,
		CreatedAt: rec.CreatedAt, CreatedBy: rec.CreatedBy, ChangedAt: rec.ChangedAt, ChangedBy: rec.ChangedBy,
	}
	for name := range acc.Settings {
		if acc.Settings[name] != "" {
			info.Set = append(info.Set, name)
		}
	}
	slices.Sort(info.Set)
	info.Keys = keysOf(acc, info.Set)
	errors.As(err, &info.Trouble)
	return info
}

// keysOf finds the keys and certificates in the settings named. What is neither is none.
func keysOf(a gateway.Account, names []string) []AccountKey {
	var keys []AccountKey
	for _, name := range names {
		found, err := gateway.ReadKeys(a.Settings[name])
		if err != nil {
			continue
		}
		for i, k := range found {
			keys = append(keys, AccountKey{k, name, i > 0})
		}
	}
	return keys
}

// InstitutionSettings are the settings that an institution's accounts have.
type InstitutionSettings struct {
	Institution gateway.Institution
	Settings    []gateway.Setting
}

// Institutions lists the institutions whose accounts a person can set up, with what is asked of them.
func (s *Service) Institutions() []InstitutionSettings {
	settings := []InstitutionSettings{}
	for _, i := range gateway.InstitutionRank() {
		if d, ok := s.gateways[i].(gateway.Described); ok {
			settings = append(settings, InstitutionSettings{i, d.Settings()})
		}
	}
	return settings
}
