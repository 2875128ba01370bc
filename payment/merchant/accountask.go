package merchant

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// AccountRequest is a change of a merchant account that waits for another person, or the last that did. It stands in
// the account's record.
type AccountRequest struct {
	approval.Request
	Name        string   `json:"name"`
	Entity      string   `json:"entity,omitempty"`
	Communities []string `json:"communities,omitempty"`
	// it lets a disabled account take charges again, and changes nothing else
	Enables bool     `json:"enables,omitempty"`
	Sealed  string   `json:"sealed,omitempty"`  // all settings as they would be; gone once the request has ended
	Changed []string `json:"changed,omitempty"` // the fields that it changes, as in Difference
}

// waits reports whether the record's request can still be decided.
func (rec *AccountRecord) waits(now time.Time) bool {
	return rec.standing().At(now) == approval.Requested
}

// standing is the record's request, nil where there never was one.
func (rec *AccountRecord) standing() *approval.Request {
	if rec.Request == nil {
		return nil
	}
	return &rec.Request.Request
}

// inForce reports whether the account was ever approved. Until then it exists for those alone who set it up.
func (rec *AccountRecord) inForce() bool { return rec.Sealed != "" }

// end drops what an ended request held.
func (r *AccountRequest) end() { r.Sealed = "" }

// NewAccount asks for a merchant account.
type NewAccount struct {
	AccountEdit
	Asker
	Company        string
	Institution    gateway.Institution
	IdempotencyKey string // scope and Idempotency-Key; "" is none
	KeyHash        string // hash of the request under Key
}

// AddAccount asks for a new account and returns it: it takes part in nothing until another person has approved it.
// The same Key and KeyHash again give the first account and hit; the same Key with another hash is KeyReused. What is
// incomplete, malformed or leads to a host that is not the institution's is an Invalid fault that names the setting.
func (s *Service) AddAccount(ctx context.Context, n NewAccount) (info AccountInfo, hit bool, err error) {
	id := string(n.Institution) + "-" + strings.ToLower(rand.Text()[:12])
	rec := &AccountRecord{
		ID: id, Company: n.Company, Name: n.Name, Institution: n.Institution, CreatedAt: s.now(), CreatedBy: n.By.ID,
		Key: n.IdempotencyKey, KeyHash: n.KeyHash,
	}
	if err := s.askAccount(rec, n.AccountEdit, n.Asker); err != nil {
		return AccountInfo{}, false, err
	}
	rec.owe(ctx, audit.AccountAsked, n.By.ID, s.differences(rec, rec.Request), s.now())
	err = s.records.Insert(ctx, rec)
	if fault.Is(err, fault.AlreadyExists) {
		if rec, err = s.accountByKey(ctx, n); err != nil {
			return AccountInfo{}, false, err
		}
		return s.accountInfo(*rec), true, nil
	}
	if err != nil {
		return AccountInfo{}, false, err
	}
	s.logAccount(audit.AccountAsked, rec, n.By.ID)
	return s.accountInfo(*rec), false, nil
}

// accountByKey returns the account that the request's key made before.
func (s *Service) accountByKey(ctx context.Context, n NewAccount) (*AccountRecord, error) {
	records, _, err := s.records.Find(ctx, store.Query{Index: accountByKey, Equal: []any{n.Company, n.IdempotencyKey},
		Limit: 1})
	switch {
	case err != nil:
		return nil, err
	case len(records) == 0 || records[0].KeyHash != n.KeyHash:
		return nil, fault.New(fault.KeyReused, "该幂等键已用于另一请求。",
			"This Idempotency-Key was used for another request.")
	}
	return &records[0], nil
}

// EditAccount asks for a change of an account, or returns NotFound. Where the settings do not open any more, all are
// entered anew. Where an address changes, or any other setting that says where requests go, so are all secrets.
func (s *Service) EditAccount(ctx context.Context, company, id string, e AccountEdit, a Asker) (AccountInfo, error) {
	return s.changeAccount(ctx, company, id, audit.AccountAsked, a.By.ID, func(rec *AccountRecord) error {
		return s.askAccount(rec, e, a)
	})
}

// AskToEnable asks that a disabled account take charges again, if it can be used as it is. One that is not disabled is
// WrongState, one that cannot be used the fault that says why, a revision that has passed Stale; else it is as
// approval.Matter.Ask says.
func (s *Service) AskToEnable(ctx context.Context, company, id string, a Asker) (AccountInfo, error) {
	return s.changeAccount(ctx, company, id, audit.AccountAsked, a.By.ID, func(rec *AccountRecord) error {
		if err := s.enablable(rec); err != nil {
			return err
		}
		r, err := a.ask(AccountMatter(), rec.standing(), rec.Revision, s.now())
		rec.Request = &AccountRequest{Request: r, Name: rec.Name, Communities: rec.Communities, Entity: rec.Entity,
			Enables: true,
			Changed: []string{"disabled"}}
		return err
	})
}

// enablable is the fault of an account that cannot be enabled as it is.
func (s *Service) enablable(rec *AccountRecord) error {
	if !rec.inForce() || !rec.Disabled {
		return fault.New(fault.WrongState, "该商户号未停用。", "The account is not disabled.")
	}
	if trouble := s.accountInfo(*rec).Trouble; trouble != nil {
		return trouble
	}
	return nil
}

// askAccount puts a request into the record.
func (s *Service) askAccount(rec *AccountRecord, e AccountEdit, a Asker) error {
	described, err := s.settingsOf(rec.Institution)
	if err != nil {
		return err
	}
	acc := gateway.Account{ID: rec.ID, Company: rec.Company, Communities: e.Communities, Institution: rec.Institution,
		Entity: e.Entity, Settings: map[string]string{}}
	before := map[string]string{}
	if rec.inForce() {
		opened, sealed := s.open(*rec)
		if sealed != nil {
			s.cfg.Log.Warn("a merchant account's settings do not open and are entered anew", "account", rec.ID, "err",
				sealed)
		}
		before = opened.Settings
	}
	if acc.Settings, err = e.apply(described, before); err != nil {
		return err
	}
	if err := e.secretsAgain(described, before, acc.Settings); err != nil {
		return err
	}
	if err := s.Usable(acc); err != nil {
		return err
	}
	r, err := a.ask(AccountMatter(), rec.standing(), rec.Revision, s.now())
	if err != nil {
		return err
	}
	next := AccountRequest{Request: r, Name: e.Name, Entity: e.Entity, Communities: e.Communities}
	if next.Sealed, err = s.sealRequest(rec.ID, acc.Settings); err != nil {
		return err
	}
	for _, d := range s.differences(rec, &next) {
		next.Changed = append(next.Changed, d.Field)
	}
	if len(next.Changed) == 0 {
		return fault.New(fault.Invalid, "没有任何改动。", "Nothing would change.")
	}
	rec.Request = &next
	if !rec.inForce() {
		rec.Name = e.Name
	}
	return nil
}

// secretsAgain is the Invalid fault of a changed address beside a stored secret: whoever enters the address must have
// the secrets too. What earlier rotations kept is dropped then.
func (e AccountEdit) secretsAgain(described []gateway.Setting, before, after map[string]string) error {
	moved := ""
	kept := map[string]bool{}
	for _, d := range described {
		if len(d.Hosts) > 0 && len(before) > 0 && before[d.Name] != after[d.Name] {
			moved = d.Name
		}
		kept[d.Previous] = d.Previous != ""
	}
	if moved == "" {
		return nil
	}
	for _, d := range described {
		switch {
		case !d.Secret || e.Settings[d.Name] != "":
		case kept[d.Name]:
			delete(after, d.Name)
		case after[d.Name] != "":
			return fault.New(fault.Invalid, "更换 "+moved+" 时须重新填写全部密钥："+d.Name+" 未填写。",
				"With another "+moved+" every secret must be entered again: "+d.Name+" is missing.").With("field",
				d.Name)
		}
	}
	if e.Rotate {
		return fault.New(fault.Invalid, "更换 "+moved+" 时不能保留旧密钥。",
			"With another "+moved+" no old key is kept.").With("field", moved)
	}
	return nil
}

// DecideAccount approves or refuses what waits for an account; what was approved takes effect in every process from its
// next question on. Its faults are approval.Request.Decide's, and those of Usable where the settings are not.
func (s *Service) DecideAccount(ctx context.Context, company, id string, d approval.Decision,
	by approval.Person) (AccountInfo, error) {
	return s.changeAccount(ctx, company, id, decided(d.Approve, audit.AccountApproved, audit.AccountRejected), by.ID,
		func(rec *AccountRecord) error {
			if err := rec.standing().Decide(AccountMatter(), d, rec.Revision, by, s.now()); err != nil {
				return err
			}
			r := rec.Request
			defer r.end()
			switch {
			case !d.Approve:
				return nil
			case r.Enables:
				if err := s.enablable(rec); err != nil {
					return err
				}
				rec.Disabled = false
				rec.change(r.RequestedBy, s.now())
				return nil
			}
			acc, err := s.openRequest(*rec)
			if err == nil {
				err = s.Usable(acc)
			}
			if err != nil {
				return err
			}
			return s.apply(rec, acc, r.Name, r.RequestedBy, s.now())
		})
}

// WithdrawAccount takes back what the caller asked for. Its faults are approval.Request.Withdraw's.
func (s *Service) WithdrawAccount(ctx context.Context, company, id, request string, by approval.Person) (AccountInfo,
	error) {
	return s.changeAccount(ctx, company, id, audit.AccountWithdrawn, by.ID, func(rec *AccountRecord) error {
		if err := rec.standing().Withdraw(request, by, s.now()); err != nil {
			return err
		}
		rec.Request.end()
		return nil
	})
}

// changeAccount changes the record of a company's account, which owes the audit log what was done.
func (s *Service) changeAccount(ctx context.Context, company, id string, verb audit.Verb, by string,
	change func(*AccountRecord) error) (AccountInfo, error) {
	rec, err := s.records.Update(ctx, id, func(rec *AccountRecord) error {
		if rec.Company != company {
			return noAccount()
		}
		was := *rec
		if rec.Request != nil {
			r := *rec.Request
			was.Request = &r
		}
		if err := change(rec); err != nil {
			return err
		}
		rec.owe(ctx, verb, by, s.done(&was, rec), s.now())
		return nil
	})
	if err != nil {
		return AccountInfo{}, err
	}
	s.logAccount(verb, rec, by)
	return s.accountInfo(*rec), nil
}

// done is what an action was about: what its request changes, or that the account was disabled or enabled.
func (s *Service) done(was, is *AccountRecord) []Difference {
	switch {
	case is.waits(s.now()) && (was.Request == nil || was.Request.ID != is.Request.ID):
		return s.differences(is, is.Request)
	case was.waits(s.now()) && !is.waits(s.now()):
		return s.differences(was, was.Request)
	case was.Disabled != is.Disabled:
		return []Difference{{Field: "disabled", Before: strconv.FormatBool(was.Disabled),
			After: strconv.FormatBool(is.Disabled)}}
	}
	return nil
}

// decided is the verb of a decision.
func decided(approve bool, yes, no audit.Verb) audit.Verb {
	if approve {
		return yes
	}
	return no
}

// logAccount leaves the names of what was changed in the log, never the values.
func (s *Service) logAccount(verb audit.Verb, rec *AccountRecord, by string) {
	args := []any{"what", verb, "account", rec.ID, "by", by, "disabled", rec.Disabled}
	if r := rec.Request; r != nil {
		args = append(args, "state", r.State, "fields", r.Changed)
	}
	s.cfg.Log.Info("something was done with a merchant account", args...)
}

// DisableAccount stops an account from taking new charges, at once and whatever is wrong with it: one person suffices,
// since no money goes anywhere by that. One that was never approved takes none: WrongState.
func (s *Service) DisableAccount(ctx context.Context, company, id, by string) (AccountInfo, error) {
	return s.changeAccount(ctx, company, id, audit.AccountDisabled, by, func(rec *AccountRecord) error {
		if !rec.inForce() {
			return fault.New(fault.WrongState, "该商户号尚未启用。", "The account was not approved yet.")
		}
		rec.Disabled = true
		rec.change(by, s.now())
		return nil
	})
}

// EnableFromShell lets a disabled account take charges again at once, for whoever runs the machine. One that is not
// disabled is WrongState, and one that cannot be used the fault that says why.
func (s *Service) EnableFromShell(ctx context.Context, company, id string) (AccountInfo, error) {
	return s.changeAccount(ctx, company, id, audit.AccountEnabled, approval.CommandLine,
		func(rec *AccountRecord) error {
			if err := s.enablable(rec); err != nil {
				return err
			}
			rec.Disabled = false
			rec.change(approval.CommandLine, s.now())
			return nil
		})
}

// sealRequest seals the settings that a request asks for. They open as such only, never as those in force.
func (a *Accounts) sealRequest(id string, settings map[string]string) (string, error) {
	plain, err := json.Marshal(settings)
	if err != nil {
		return "", fmt.Errorf("merchant: account settings: %w", err)
	}
	return a.box.Seal(plain, "account/"+id+"/request"), nil
}

// openRequest is the account as its request would make it. When the settings do not open, or the request has ended,
// it comes without any and the fault says why.
func (a *Accounts) openRequest(rec AccountRecord) (gateway.Account, error) {
	acc := gateway.Account{ID: rec.ID, Version: rec.Version, Company: rec.Company, Institution: rec.Institution,
		Disabled: rec.Disabled, Settings: map[string]string{}}
	if rec.Request == nil || rec.Request.Sealed == "" {
		return acc, fault.New(fault.WrongState, "没有待审批的变更。", "No change waits for approval.")
	}
	acc.Entity, acc.Communities = rec.Request.Entity, rec.Request.Communities
	plain, err := a.box.Open(rec.Request.Sealed, "account/"+rec.ID+"/request")
	if err == nil {
		err = json.Unmarshal(plain, &acc.Settings)
	}
	if err != nil {
		return acc, sealedOtherwise(rec.ID, err)
	}
	return acc, nil
}
