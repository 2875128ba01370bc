package payment

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"linlipay/fault"
	"linlipay/store"
)

// AccountEdit is what a person enters of a merchant account.
type AccountEdit struct {
	Name        string
	Communities []string          // ids of the communities it collects for; empty is all of the company
	Settings    map[string]string // those named are replaced, or removed by ""; the others stay
	Rotate      bool              // what is replaced stays good beside the new, where the setting allows it
	DropOld     bool              // what earlier rotations kept is removed
}

// NewAccount asks for a merchant account.
type NewAccount struct {
	AccountEdit
	Company     string
	Institution Institution
	By          string // who asks
	Key         string // scope and Idempotency-Key; "" is none
	KeyHash     string // hash of the request under Key
}

// AddAccount stores a new account and returns it. The same Key and KeyHash again give the first account and hit; the same Key with another hash is KeyReused.
// What is incomplete, malformed or, in earnest, on this machine is an Invalid fault that names the setting.
func (s *Service) AddAccount(ctx context.Context, n NewAccount) (info AccountInfo, hit bool, err error) {
	acc := Account{ID: string(n.Institution) + "-" + strings.ToLower(rand.Text()[:12]), Company: n.Company, Institution: n.Institution, Settings: map[string]string{}}
	rec := &AccountRecord{ID: acc.ID, Company: n.Company, Institution: n.Institution, CreatedAt: s.now(), CreatedBy: n.By, Key: n.Key, KeyHash: n.KeyHash}
	if err := s.edit(rec, acc, n.AccountEdit); err != nil {
		return AccountInfo{}, false, err
	}
	err = s.cfg.Accounts.records.Insert(ctx, rec)
	if fault.Is(err, fault.AlreadyExists) {
		if rec, err = s.accountByKey(ctx, n); err != nil {
			return AccountInfo{}, false, err
		}
		return s.accountInfo(*rec), true, nil
	}
	if err != nil {
		return AccountInfo{}, false, err
	}
	s.logEdit(rec, n.AccountEdit, n.By)
	return s.accountInfo(*rec), false, nil
}

// accountByKey returns the account that the request's key made before.
func (s *Service) accountByKey(ctx context.Context, n NewAccount) (*AccountRecord, error) {
	some, _, err := s.cfg.Accounts.records.Find(ctx, store.Query{Index: byKey, Equal: []any{n.Company, n.Key}, Limit: 1})
	switch {
	case err != nil:
		return nil, err
	case len(some) == 0 || some[0].KeyHash != n.KeyHash:
		return nil, keyReused()
	}
	return &some[0], nil
}

// EditAccount changes an account as AddAccount would have stored it, or returns NotFound. Where the settings do not open any more, all are entered anew.
// Every process uses it from its next question on.
func (s *Service) EditAccount(ctx context.Context, company, id string, e AccountEdit, by string) (AccountInfo, error) {
	rec, err := s.cfg.Accounts.records.Update(ctx, id, func(rec *AccountRecord) error {
		if rec.Company != company {
			return noAccount()
		}
		acc, sealed := s.cfg.Accounts.open(*rec)
		if sealed != nil {
			s.cfg.Log.Warn("a merchant account's settings do not open and are entered anew", "account", id, "err", sealed)
		}
		rec.ChangedAt, rec.ChangedBy = s.now(), by
		return s.edit(rec, acc, e)
	})
	if err != nil {
		return AccountInfo{}, err
	}
	s.logEdit(rec, e, by)
	return s.accountInfo(*rec), nil
}

// DisableAccount stops an account from taking new charges, whatever is wrong with it, or lets it take them again, if it can be used.
func (s *Service) DisableAccount(ctx context.Context, company, id string, disabled bool, by string) (AccountInfo, error) {
	rec, err := s.cfg.Accounts.records.Update(ctx, id, func(rec *AccountRecord) error {
		if rec.Company != company {
			return noAccount()
		}
		if trouble := s.accountInfo(*rec).Trouble; trouble != nil && !disabled {
			return trouble
		}
		rec.Disabled, rec.ChangedAt, rec.ChangedBy = disabled, s.now(), by
		return nil
	})
	if err != nil {
		return AccountInfo{}, err
	}
	s.cfg.Log.Info("a merchant account was disabled or enabled", "account", id, "disabled", disabled, "by", by)
	return s.accountInfo(*rec), nil
}

// logEdit leaves the names of what was changed in the log, never the values.
func (s *Service) logEdit(rec *AccountRecord, e AccountEdit, by string) {
	names := slices.Sorted(maps.Keys(e.Settings))
	s.cfg.Log.Info("a merchant account was changed", "account", rec.ID, "by", by, "settings", names, "rotate", e.Rotate, "drop_old", e.DropOld)
}

// edit applies what was entered and seals it into the record.
func (s *Service) edit(rec *AccountRecord, acc Account, e AccountEdit) error {
	described, err := s.settingsOf(acc.Institution)
	if err != nil {
		return err
	}
	if acc.Settings, err = e.apply(described, acc.Settings); err != nil {
		return err
	}
	if err := s.Usable(acc); err != nil {
		return err
	}
	plain, err := json.Marshal(acc.Settings)
	if err != nil {
		return fmt.Errorf("payment: account settings: %w", err)
	}
	rec.Name, rec.Communities, rec.Sealed = e.Name, e.Communities, s.cfg.Accounts.box.Seal(plain, "account/"+rec.ID)
	return nil
}

// settingsOf lists the settings of an institution's accounts, or an Unsupported fault.
func (s *Service) settingsOf(i Institution) ([]Setting, error) {
	if d, ok := s.gateways[i].(Described); ok {
		return d.Settings(), nil
	}
	return nil, fault.New(fault.Unsupported, "该支付渠道的商户号不能在此配置。", "Accounts of this institution cannot be set up here.")
}

// Usable says, in a fault for the person, why an account cannot be used: its settings are incomplete or malformed, or lead to
// a host that is not the institution's.
func (s *Service) Usable(acc Account) error {
	g, err := s.gateway(acc.Institution)
	if err == nil {
		err = g.Check(acc)
	}
	var known *fault.Error
	switch {
	case errors.As(err, &known):
		return err
	case err != nil: // its text may repeat what was entered
		return fault.New(fault.Invalid, "商户号配置不完整或格式不正确。", "The settings are not complete, or malformed.").Because(err)
	}
	return s.atInstitution(acc)
}

// apply returns the settings as they are after the edit.
func (e AccountEdit) apply(described []Setting, settings map[string]string) (map[string]string, error) {
	settings = maps.Clone(settings)
	for name := range e.Settings {
		if !slices.ContainsFunc(described, func(d Setting) bool { return d.Name == name }) {
			return nil, fault.New(fault.Invalid, "有该支付渠道没有的配置项。", "There is a setting that the institution does not have.")
		}
	}
	for _, d := range described {
		if value, given := e.Settings[d.Name]; given {
			value, err := d.tidy(value)
			if err != nil {
				return nil, err
			}
			d.replace(settings, value, e.Rotate)
		}
	}
	for _, d := range described {
		if e.DropOld && d.Several {
			settings[d.Name] = d.newest(settings[d.Name])
		}
		if e.DropOld && d.Previous != "" {
			delete(settings, d.Previous)
		}
	}
	maps.DeleteFunc(settings, func(_, value string) bool { return value == "" })
	return settings, nil
}

// replace puts a value in the place of the old one; rotate keeps the old one where the setting says.
func (d Setting) replace(settings map[string]string, value string, rotate bool) {
	old := settings[d.Name]
	settings[d.Name] = value
	switch {
	case !rotate || old == "" || value == "":
	case d.newest(old) == value:
		settings[d.Name] = old
	case d.Several:
		settings[d.Name] = value + "\n" + old
	case d.Previous != "":
		settings[d.Previous] = old
	}
}

// newest is the first of the values that a setting holds.
func (d Setting) newest(text string) string {
	if !d.Several {
		return text
	}
	if block, _ := pem.Decode([]byte(text)); d.PEM && block != nil {
		return strings.TrimSpace(string(pem.EncodeToMemory(block)))
	}
	if some := strings.Fields(text); len(some) > 0 {
		return some[0]
	}
	return ""
}

// settingLimit bounds a setting, in bytes: a few certificates.
const settingLimit = 24 << 10

// tidy brings what a person pasted into one form: without spaces around it, keys as PEM.
func (d Setting) tidy(text string) (string, error) {
	text = strings.TrimSpace(text)
	if len(text) > settingLimit {
		return "", BadSetting(d.Name, "过长。", "is too long.")
	}
	if d.Roots && text != "" {
		if _, err := blocksOf(text); err != nil {
			return "", BadSetting(d.Name, "须为证书（PEM）。", "must be certificates (PEM).")
		}
		return text, nil
	}
	if d.PEM && text != "" {
		framed, err := frame(text)
		if err != nil {
			return "", BadSetting(d.Name, "须为 RSA 密钥或证书（PEM 或 Base64）。", "must be an RSA key or certificate (PEM or base64).")
		}
		return framed, nil
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "", BadSetting(d.Name, "含有换行或控制字符。", "holds line breaks or control characters.")
	}
	return text, nil
}

// frame writes keys and certificates as PEM, each under its true heading.
func frame(text string) (string, error) {
	some, err := ReadKeys(text)
	if err != nil {
		return "", err
	}
	blocks, err := blocksOf(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for i, k := range some {
		b.Write(pem.EncodeToMemory(&pem.Block{Type: k.heading, Bytes: blocks[i]}))
	}
	return strings.TrimSpace(b.String()), nil
}
