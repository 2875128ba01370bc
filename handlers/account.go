package handlers

import (
	"context"
	"time"

	"linlipay/fault"
	"linlipay/payment"
)

// settingView describes one field of the form for an institution's accounts.
type settingView struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Secret   bool   `json:"secret"`
	PEM      bool   `json:"pem"`
	Required bool   `json:"required"`
	Default  string `json:"default,omitempty"`
	Several  bool   `json:"several"`            // an old key may stand beside the new one
	Previous string `json:"previous,omitempty"` // the setting that keeps the old value while it is replaced
}

type institutionView struct {
	Institution payment.Institution `json:"institution"`
	Settings    []settingView       `json:"settings"`
}

func (s *Server) listInstitutions(_ context.Context, c *call, _ none) (list[institutionView], error) {
	views := []institutionView{}
	for _, i := range s.Payments.Institutions() {
		v := institutionView{Institution: i.Institution}
		for _, d := range i.Settings {
			v.Settings = append(v.Settings, settingView{d.Name, c.says(d.ZH, d.EN), d.Secret, d.PEM, d.Required, d.Default, d.Several, d.Previous})
		}
		views = append(views, v)
	}
	return list[institutionView]{Items: views}, nil
}

// says chooses the caller's language.
func (c *call) says(zh, en string) string {
	if c.English {
		return en
	}
	return zh
}

// accountKeyView is what may be known of a key: enough to compare it with what the institution shows, and to see when it ends.
type accountKeyView struct {
	Setting     string          `json:"setting"`
	Kind        payment.KeyKind `json:"kind"`
	Fingerprint string          `json:"fingerprint"` // first 8 hexadecimal digits of SHA-256 over the public key in DER
	Serial      string          `json:"serial,omitempty"`
	ExpiresAt   *time.Time      `json:"expires_at,omitempty"`
	Old         bool            `json:"old"` // stands behind a newer one
}

// accountView is a merchant account without the values of its settings.
type accountView struct {
	ID          string              `json:"id"`
	Name        string              `json:"name"`
	Institution payment.Institution `json:"institution"`
	Communities []string            `json:"communities"` // empty is all of the company
	Disabled    bool                `json:"disabled"`
	Set         []string            `json:"set"` // names of the settings that are filled in
	Keys        []accountKeyView    `json:"keys"`
	CreatedAt   time.Time           `json:"created_at"`
	CreatedBy   string              `json:"created_by,omitempty"` // as in timelines; none is the command line
	ChangedAt   *time.Time          `json:"changed_at,omitempty"`
	ChangedBy   string              `json:"changed_by,omitempty"`
	Trouble     string              `json:"trouble,omitempty"` // why it cannot be used
}

// account shows an account in the caller's language.
func (c *call) account(a payment.AccountInfo) accountView {
	v := accountView{
		ID: a.ID, Name: a.Name, Institution: a.Institution, Communities: append([]string{}, a.Communities...), Disabled: a.Disabled, Set: append([]string{}, a.Set...),
		Keys: []accountKeyView{}, CreatedAt: a.CreatedAt, CreatedBy: a.CreatedBy, ChangedAt: given(a.ChangedAt), ChangedBy: a.ChangedBy,
	}
	for _, k := range a.Keys {
		v.Keys = append(v.Keys, accountKeyView{k.Setting, k.Kind, k.Fingerprint, k.Serial, given(k.ExpiresAt), k.Old})
	}
	if a.Trouble != nil {
		v.Trouble = c.says(a.Trouble.ZH, a.Trouble.EN)
	}
	return v
}

// wholeCompany refuses staff whose reach is a part of the company: an account says where the company's money goes.
func (c *call) wholeCompany() error {
	if len(c.Communities) > 0 {
		return fault.New(fault.Forbidden, "商户号须由负责全公司的员工管理。", "Merchant accounts are for staff of the whole company.")
	}
	return nil
}

func (s *Server) listAccounts(ctx context.Context, c *call, in pageQuery) (list[accountView], error) {
	if err := c.wholeCompany(); err != nil {
		return list[accountView]{}, err
	}
	some, next, err := s.Payments.AccountInfos(ctx, c.Company, in.Cursor, min(in.Limit, pageMost))
	views := make([]accountView, 0, len(some))
	for _, a := range some {
		views = append(views, c.account(a))
	}
	return list[accountView]{views, next}, err
}

type newAccountInput struct {
	Institution payment.Institution `json:"institution"`
	Name        string              `json:"name"`
	Communities []string            `json:"communities"`
	Settings    map[string]string   `json:"settings" clean:"payment"`
}

func (s *Server) addAccount(ctx context.Context, c *call, in newAccountInput) (accountView, error) {
	if err := s.mayCollectFor(ctx, c, in.Name, in.Communities); err != nil {
		return accountView{}, err
	}
	a, hit, err := s.Payments.AddAccount(ctx, payment.NewAccount{
		AccountEdit: payment.AccountEdit{Name: in.Name, Communities: in.Communities, Settings: in.Settings},
		Company:     c.Company, Institution: in.Institution, By: c.Actor(), Key: c.Key, KeyHash: c.KeyHash,
	})
	c.hit(hit)
	return c.account(a), err
}

type accountInput struct {
	ID          string            `path:"id" json:"-"`
	Name        string            `json:"name"`
	Communities []string          `json:"communities"`
	Settings    map[string]string `json:"settings" clean:"payment"` // those given are replaced, or removed by ""; the others stay
	Rotate      bool              `json:"rotate"`                   // what is replaced stays valid beside the new, where the setting allows it
	DropOld     bool              `json:"drop_old"`                 // what earlier rotations kept is removed
}

func (s *Server) editAccount(ctx context.Context, c *call, in accountInput) (accountView, error) {
	if err := s.mayCollectFor(ctx, c, in.Name, in.Communities); err != nil {
		return accountView{}, err
	}
	edit := payment.AccountEdit{Name: in.Name, Communities: in.Communities, Settings: in.Settings, Rotate: in.Rotate, DropOld: in.DropOld}
	a, err := s.Payments.EditAccount(ctx, c.Company, in.ID, edit, c.Actor())
	return c.account(a), err
}

// mayCollectFor checks who edits an account, its name and its communities.
func (s *Server) mayCollectFor(ctx context.Context, c *call, name string, communities []string) error {
	if err := c.wholeCompany(); err != nil {
		return err
	}
	if err := needed(map[string]string{"name": name}); err != nil {
		return err
	}
	for _, id := range communities {
		if _, err := s.community(ctx, c, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) disableAccount(ctx context.Context, c *call, in idInput) (accountView, error) {
	return s.setDisabled(ctx, c, in.ID, true)
}

func (s *Server) enableAccount(ctx context.Context, c *call, in idInput) (accountView, error) {
	return s.setDisabled(ctx, c, in.ID, false)
}

func (s *Server) setDisabled(ctx context.Context, c *call, id string, disabled bool) (accountView, error) {
	if err := c.wholeCompany(); err != nil {
		return accountView{}, err
	}
	a, err := s.Payments.DisableAccount(ctx, c.Company, id, disabled, c.Actor())
	return c.account(a), err
}

// checkView is one finding of an account's test, in the caller's language.
type checkView struct {
	Name  payment.CheckName  `json:"name"`
	State payment.CheckState `json:"state"`
	Text  string             `json:"text"`
}

func (s *Server) testAccount(ctx context.Context, c *call, in idInput) (list[checkView], error) {
	if err := c.wholeCompany(); err != nil {
		return list[checkView]{}, err
	}
	checks, err := s.Payments.TestAccount(ctx, c.Company, in.ID)
	views := make([]checkView, 0, len(checks))
	for _, k := range checks {
		views = append(views, checkView{k.Name, k.State, c.says(k.ZH, k.EN)})
	}
	return list[checkView]{Items: views}, err
}
