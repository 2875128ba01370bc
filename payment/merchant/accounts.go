package merchant

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/payment/gateway"
	"linlipay/seal"
	"linlipay/store"
)

// AccountRecord is an Account as stored: its settings sealed. Without any it was never approved, and takes part in
// nothing.
type AccountRecord struct {
	ID          string              `json:"id"`
	Version     int64               `json:"-"`
	Company     string              `json:"company"`
	Entity      string              `json:"entity,omitempty"` // "" is all of the company
	Communities []string            `json:"communities,omitempty"`
	Institution gateway.Institution `json:"institution"`
	Sealed      string              `json:"sealed,omitempty"`
	Name        string              `json:"name,omitempty"` // what the company's people call it
	Disabled    bool                `json:"disabled,omitempty"`
	CreatedAt   time.Time           `json:"created_at"`
	// who asked for it, or approval.CommandLine, which "" is too
	CreatedBy string    `json:"created_by,omitempty"`
	ChangedAt time.Time `json:"changed_at,omitzero"`
	ChangedBy string    `json:"changed_by,omitempty"`
	Revision  int64     `json:"revision,omitempty"` // counts the changes of what is in force

	Request *AccountRequest `json:"request,omitempty"` // the change that waits for another person, or the last that did

	OwesAudit audit.Owed `json:"owes_audit,omitempty"`

	Key     string `json:"key,omitempty"`      // scope and Idempotency-Key of the request that made it
	KeyHash string `json:"key_hash,omitempty"` // hash of that request
}

var accountRecords = store.Kind[AccountRecord]{
	Schema: audit.Declare(store.Schema{
		Name: "merchant_accounts",
		Fields: []store.Field{
			{Name: "company", Type: store.String}, {Name: "institution", Type: store.String},
			{Name: "key", Type: store.String}, {Name: "waiting", Type: store.String},
		},
		Indexes: []store.Index{
			{Name: "by_company", Fields: []string{"company", "institution"}},
			{Name: accountByKey, Fields: []string{"company", "key"}, Unique: true},
			{Name: byWaiting, Fields: []string{"waiting"}},
		},
		Personal: []string{"request.reason", "request.note"},
		Secrets: []store.Secret{
			{Path: "sealed", Context: "account/{id}"}, {Path: "request.sealed", Context: "account/{id}/request"},
		},
	}),
	ID:      func(a *AccountRecord) string { return a.ID },
	Version: func(a *AccountRecord) *int64 { return &a.Version },
	Keys: func(a *AccountRecord) store.Keys {
		keys := store.Keys{"company": {a.Company}, "institution": {string(a.Institution)}}
		if a.Key != "" {
			keys["key"] = []any{a.Key}
		}
		if a.Request != nil && a.Request.State == approval.Requested {
			keys["waiting"] = []any{a.Company}
		}
		return a.OwesAudit.Key(keys)
	},
}

// accountByKey finds the account that a request's key made.
const accountByKey = "by_key"

// byWaiting finds what waits for a decision, by company.
const byWaiting = "by_waiting"

// Accounts keeps merchant accounts, their settings sealed under the configuration's key. Its methods return the store's
// faults, and Internal for settings that cannot be opened.
type Accounts struct {
	records store.Collection[AccountRecord]
	box     seal.Box
}

// NewAccounts opens the merchant accounts of a store.
func NewAccounts(s store.Store, box seal.Box) *Accounts {
	return &Accounts{accountRecords.In(s), box}
}

// Add stores a new account, or returns AlreadyExists when its id is taken. Like Put it is for whoever runs the machine,
// and counts as asked and approved.
func (a *Accounts) Add(ctx context.Context, acc gateway.Account, now time.Time) error {
	plain, err := json.Marshal(acc.Settings)
	if err != nil {
		return fmt.Errorf("merchant: account settings: %w", err)
	}
	rec := &AccountRecord{
		ID: acc.ID, Name: acc.Name, Company: acc.Company, Communities: acc.Communities, Institution: acc.Institution,
		Entity: acc.Entity,
		Sealed: a.box.Seal(plain, "account/"+acc.ID), CreatedAt: now, CreatedBy: approval.CommandLine,
	}
	rec.owe(ctx, audit.AccountAdded, approval.CommandLine, stored(nil, acc.Settings), now)
	return a.records.Insert(ctx, rec)
}

// Put stores an account, new or with new settings. What is there already changes nothing; an id that another company's
// or another institution's account has is AlreadyExists.
func (a *Accounts) Put(ctx context.Context, acc gateway.Account, now time.Time) error {
	err := a.Add(ctx, acc, now)
	if !fault.Is(err, fault.AlreadyExists) {
		return err
	}
	_, err = a.records.Update(ctx, acc.ID, func(rec *AccountRecord) error {
		if rec.Company != acc.Company || rec.Institution != acc.Institution {
			return fault.New(fault.AlreadyExists, "该商户号编号已被占用。",
				"The account's id is taken by another company or institution.")
		}
		have, err := a.open(*rec)
		if err == nil && rec.inForce() && maps.Equal(have.Settings, acc.Settings) &&
			slices.Equal(have.Communities, acc.Communities) && rec.Entity == acc.Entity &&
			(acc.Name == "" || acc.Name == rec.Name) {
			return store.ErrUnchanged
		}
		rec.owe(ctx, audit.AccountChanged, approval.CommandLine, stored(have.Settings, acc.Settings), now)
		return a.apply(rec, acc, cmp.Or(acc.Name, rec.Name), approval.CommandLine, now)
	})
	return err
}

// stored are the settings that differ, by name alone: which of them are secrets is known to their gateway.
func stored(before, after map[string]string) []Difference {
	var differences []Difference
	said := func(value string) string {
		if value == "" {
			return ""
		}
		return "*"
	}
	for _, name := range both(before, after) {
		if before[name] != after[name] {
			differences = append(differences,
				Difference{Field: name, Before: said(before[name]), After: said(after[name])})
		}
	}
	return differences
}

// both are the names in either of two settings, in alphabetical order.
func both(a, b map[string]string) []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(names)
	return slices.Compact(names)
}

// apply puts an account's entity, communities and settings into force.
func (a *Accounts) apply(rec *AccountRecord, acc gateway.Account, name, by string, now time.Time) error {
	plain, err := json.Marshal(acc.Settings)
	if err != nil {
		return fmt.Errorf("merchant: account settings: %w", err)
	}
	if rec.inForce() {
		rec.ChangedAt, rec.ChangedBy = now, by
	}
	rec.Entity = acc.Entity
	rec.Name, rec.Communities, rec.Sealed = name, acc.Communities, a.box.Seal(plain, "account/"+rec.ID)
	rec.Revision++
	return nil
}

// change records that something else of what is in force was changed.
func (rec *AccountRecord) change(by string, now time.Time) {
	rec.ChangedAt, rec.ChangedBy = now, by
	rec.Revision++
}

// All returns every company's accounts with their settings opened. Those that do not open are left out and told of in
// the error.
func (a *Accounts) All(ctx context.Context) ([]gateway.Account, error) {
	var accounts []gateway.Account
	var sealed error
	err := a.records.Each(ctx, store.Query{Index: "by_company"}, func(rec *AccountRecord, err error) error {
		var acc gateway.Account
		if err == nil && !rec.inForce() {
			return nil
		}
		if err == nil {
			acc, err = a.open(*rec)
		}
		if err != nil {
			sealed = errors.Join(sealed, err)
			return nil
		}
		accounts = append(accounts, acc)
		return nil
	})
	return accounts, errors.Join(err, sealed)
}

// Instance is the same in every process that shares the configuration's key, and in no other: by it we know an answer
// as our own.
func (a *Accounts) Instance() string { return a.box.Name() }

// Get returns the account with its settings opened, or NotFound; one that was never approved is not there.
func (a *Accounts) Get(ctx context.Context, id string) (gateway.Account, error) {
	rec, err := a.records.Get(ctx, id)
	if err != nil {
		return gateway.Account{}, err
	}
	if !rec.inForce() {
		return gateway.Account{}, noAccount()
	}
	return a.open(*rec)
}

// Of returns those of a company's accounts that are not disabled, with their settings opened.
func (a *Accounts) Of(ctx context.Context, company string) ([]gateway.Account, error) {
	var accounts []gateway.Account
	err := a.records.All(ctx, store.Query{Index: "by_company", Equal: []any{company}}, func(rec AccountRecord) error {
		if rec.Disabled || !rec.inForce() {
			return nil
		}
		acc, err := a.open(rec)
		accounts = append(accounts, acc)
		return err
	})
	return accounts, err
}

// open decrypts the settings. When they do not open, the account comes without any, and the fault says why.
func (a *Accounts) open(rec AccountRecord) (gateway.Account, error) {
	acc := gateway.Account{
		ID: rec.ID, Version: rec.Version, Company: rec.Company, Communities: rec.Communities,
		Institution: rec.Institution, Disabled: rec.Disabled, Entity: rec.Entity,
		Settings: map[string]string{},
	}
	plain, err := a.box.Open(rec.Sealed, "account/"+rec.ID)
	if err == nil {
		err = json.Unmarshal(plain, &acc.Settings)
	}
	if err != nil {
		return acc, sealedOtherwise(rec.ID, err)
	}
	return acc, nil
}

// sealedOtherwise is the fault of settings that do not open.
func sealedOtherwise(id string, err error) error {
	return fault.New(fault.Internal, "配置无法解密，LINLIPAY_SECRET_KEY 可能不是保存时的密钥。",
		"The settings cannot be opened: is LINLIPAY_SECRET_KEY the one they were stored under?").
		Because(fmt.Errorf("account %s: %w", id, err))
}
