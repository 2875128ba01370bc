package payment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"linlipay/fault"
	"linlipay/seal"
	"linlipay/store"
)

// Account is a company's merchant account at an institution, with its secrets opened. It is handed to gateways and never stored,
// logged or shown.
type Account struct {
	ID          string
	Version     int64 // changes when the settings do, so that a gateway may keep a client per ID and Version
	Company     string
	Communities []string // the communities it collects for; empty is all of the company
	Institution Institution
	Settings    map[string]string // by the institution's own names; see each gateway's package comment
	Disabled    bool              // takes no new charges; those it has are asked about, refunded and reported on as ever
}

// AccountRecord is an Account as stored: its settings sealed.
type AccountRecord struct {
	ID          string      `json:"id"`
	Version     int64       `json:"-"`
	Company     string      `json:"company"`
	Communities []string    `json:"communities,omitempty"`
	Institution Institution `json:"institution"`
	Sealed      string      `json:"sealed"`
	Name        string      `json:"name,omitempty"` // what the company's people call it
	Disabled    bool        `json:"disabled,omitempty"`
	CreatedAt   time.Time   `json:"created_at"`
	CreatedBy   string      `json:"created_by,omitempty"` // "" is the command line
	ChangedAt   time.Time   `json:"changed_at,omitzero"`
	ChangedBy   string      `json:"changed_by,omitempty"`
	Key         string      `json:"key,omitempty"`      // scope and Idempotency-Key of the request that made it
	KeyHash     string      `json:"key_hash,omitempty"` // hash of that request
}

var accountRecords = store.Kind[AccountRecord]{
	Schema: store.Schema{
		Name:   "merchant_accounts",
		Fields: []store.Field{{Name: "company", Type: store.String}, {Name: "institution", Type: store.String}, {Name: "key", Type: store.String}},
		Indexes: []store.Index{
			{Name: "by_company", Fields: []string{"company", "institution"}},
			{Name: byKey, Fields: []string{"company", "key"}, Unique: true},
		},
	},
	ID:      func(a *AccountRecord) string { return a.ID },
	Version: func(a *AccountRecord) *int64 { return &a.Version },
	Keys: func(a *AccountRecord) store.Keys {
		keys := store.Keys{"company": {a.Company}, "institution": {string(a.Institution)}}
		if a.Key != "" {
			keys["key"] = []any{a.Key}
		}
		return keys
	},
}

// Accounts keeps merchant accounts, their settings sealed under the configuration's key.
type Accounts struct {
	records store.Collection[AccountRecord]
	box     seal.Box
}

// NewAccounts opens the merchant accounts of a store.
func NewAccounts(s store.Store, box seal.Box) *Accounts {
	return &Accounts{accountRecords.In(s), box}
}

// Add stores a new account, or returns AlreadyExists when its id is taken.
func (a *Accounts) Add(ctx context.Context, acc Account, now time.Time) error {
	plain, err := json.Marshal(acc.Settings)
	if err != nil {
		return fmt.Errorf("payment: account settings: %w", err)
	}
	return a.records.Insert(ctx, &AccountRecord{
		ID: acc.ID, Company: acc.Company, Communities: acc.Communities, Institution: acc.Institution,
		Sealed: a.box.Seal(plain, "account/"+acc.ID), CreatedAt: now,
	})
}

// Put stores an account, new or with new settings.
func (a *Accounts) Put(ctx context.Context, acc Account, now time.Time) error {
	err := a.Add(ctx, acc, now)
	if !fault.Is(err, fault.AlreadyExists) {
		return err
	}
	plain, err := json.Marshal(acc.Settings)
	if err != nil {
		return fmt.Errorf("payment: account settings: %w", err)
	}
	_, err = a.records.Update(ctx, acc.ID, func(rec *AccountRecord) error {
		if rec.Company != acc.Company || rec.Institution != acc.Institution {
			return fault.New(fault.AlreadyExists, "该商户号编号已被占用。", "The account's id is taken by another company or institution.")
		}
		rec.Communities, rec.Sealed, rec.ChangedAt, rec.ChangedBy = acc.Communities, a.box.Seal(plain, "account/"+acc.ID), now, ""
		return nil
	})
	return err
}

// All returns every company's accounts with their settings opened. Those that do not open are left out and told of in the error.
func (a *Accounts) All(ctx context.Context) ([]Account, error) {
	var some []Account
	var sealed error
	err := a.records.Each(ctx, store.Query{Index: "by_company"}, func(rec *AccountRecord, err error) error {
		var acc Account
		if err == nil {
			acc, err = a.open(*rec)
		}
		if err != nil {
			sealed = errors.Join(sealed, err)
			return nil
		}
		some = append(some, acc)
		return nil
	})
	return some, errors.Join(err, sealed)
}

// Instance is the same in every process that shares the configuration's key, and in no other: by it we know an answer as our own.
func (a *Accounts) Instance() string { return a.box.Name() }

// OnLoopback reports whether one of the account's addresses is on this machine, as the sandbox's are.
func (a Account) OnLoopback() bool {
	for _, value := range a.Settings {
		if u, err := url.Parse(value); err == nil && u.Host != "" && IsLoopback(u.Hostname()) {
			return true
		}
	}
	return false
}

// Get returns the account with its settings opened, or NotFound.
func (a *Accounts) Get(ctx context.Context, id string) (Account, error) {
	rec, err := a.records.Get(ctx, id)
	if err != nil {
		return Account{}, err
	}
	return a.open(*rec)
}

// Of returns those of a company's accounts that are not disabled, with their settings opened.
func (a *Accounts) Of(ctx context.Context, company string) ([]Account, error) {
	var some []Account
	err := a.records.All(ctx, store.Query{Index: "by_company", Equal: []any{company}}, func(rec AccountRecord) error {
		if rec.Disabled {
			return nil
		}
		acc, err := a.open(rec)
		some = append(some, acc)
		return err
	})
	return some, err
}

// open decrypts the settings. When they do not open, the account comes without any, and the fault says why.
func (a *Accounts) open(rec AccountRecord) (Account, error) {
	acc := Account{
		ID: rec.ID, Version: rec.Version, Company: rec.Company, Communities: rec.Communities, Institution: rec.Institution, Disabled: rec.Disabled,
		Settings: map[string]string{},
	}
	plain, err := a.box.Open(rec.Sealed, "account/"+rec.ID)
	if err == nil {
		err = json.Unmarshal(plain, &acc.Settings)
	}
	if err != nil {
		return acc, fault.New(fault.Internal, "配置无法解密，LINLIPAY_SECRET_KEY 可能不是保存时的密钥。", "The settings cannot be opened: is LINLIPAY_SECRET_KEY the one they were stored under?").
			Because(fmt.Errorf("account %s: %w", rec.ID, err))
	}
	return acc, nil
}
