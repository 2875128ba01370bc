package handlers

import (
	"context"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
	"linlipay/store"
)

// accountRoutes are the routes of merchant accounts.
func (s *Server) accountRoutes() []route {
	return []route{
		{id: "listInstitutions", method: "GET", path: "/v1/institutions",
			who:     staffWith(access.Finance, access.Operations),
			summary: "What the institutions ask of a merchant account", endpoint: handle(s, 200, s.listInstitutions)},
		{id: "listMerchantAccounts", method: "GET", path: "/v1/merchant-accounts",
			who:      staffWith(access.Finance, access.Operations),
			summary:  "The company's merchant accounts, without their secrets",
			endpoint: listed(s, store.SortsBy("institution", "name", "created_at"), s.listAccounts)},
		{id: "createMerchantAccount", method: "POST", path: "/v1/merchant-accounts",
			who:     asks(merchant.AccountMatter()),
			summary: "Ask for a merchant account; another person approves it before it takes part in anything",
			keyed:   true, problems: []fault.Code{fault.NotFound, fault.Unsupported},
			endpoint: handle(s, 201, s.addAccount)},
		{id: "updateMerchantAccount", method: "PATCH", path: "/v1/merchant-accounts/:id",
			who: asks(merchant.AccountMatter()),
			summary: "Ask for a change of an account: the settings given are replaced, or rotated; a changed " +
				"address needs every secret again",
			problems: []fault.Code{fault.WrongState, fault.Stale, fault.Unsupported},
			endpoint: handle(s, 200, s.editAccount)},
		{id: "testMerchantAccount", method: "POST", path: "/v1/merchant-accounts/:id/tests",
			who:       staffWith(access.Finance, access.Operations),
			summary:   "Test an account at its institution: as it is in force, or as a request would make it",
			perMinute: 30, records: recording{done: audit.AccountTested}, problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 200, s.testAccount)},
		{id: "disableMerchantAccount", method: "POST", path: "/v1/merchant-accounts/:id/deactivation",
			who: staffWith(access.Operations), summary: "Let an account take no new charges, at once",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.disableAccount)},
		{id: "enableMerchantAccount", method: "POST", path: "/v1/merchant-accounts/:id/activation",
			who: asks(merchant.AccountMatter()), summary: "Ask that a disabled account take charges again",
			problems: []fault.Code{fault.WrongState, fault.Stale}, endpoint: handle(s, 200, s.enableAccount)},
		{id: "decideMerchantAccount", method: "POST", path: "/v1/merchant-accounts/:id/decision",
			who:      decides(merchant.AccountMatter()),
			summary:  "Approve or refuse a change of an account, as another person than the maker",
			problems: []fault.Code{fault.WrongState, fault.Stale}, endpoint: handle(s, 200, s.decideAccount)},
		{id: "withdrawMerchantAccount", method: "POST", path: "/v1/merchant-accounts/:id/withdrawal",
			who: asks(merchant.AccountMatter()), summary: "Take back one's own change of an account",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.withdrawAccount)},
	}
}

// settingView describes one field of the form for an institution's accounts.
type settingView struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Secret   bool   `json:"secret"`
	PEM      bool   `json:"pem"`
	Required bool   `json:"required"`
	Default  string `json:"default,omitempty"`
	Several  bool   `json:"rotatable"`          // an old key may stand beside the new one
	Previous string `json:"previous,omitempty"` // the setting that keeps the old value while it is replaced
}

type institutionView struct {
	Institution gateway.Institution `json:"institution"`
	Settings    []settingView       `json:"settings"`
}

func (s *Server) listInstitutions(_ context.Context, c *call, _ none) (list[institutionView], error) {
	views := []institutionView{}
	for _, i := range s.Payments.Merchants().Institutions() {
		v := institutionView{Institution: i.Institution}
		for _, d := range i.Settings {
			v.Settings = append(v.Settings, settingView{d.Name, c.says(d.ZH, d.EN), d.Secret, d.PEM, d.Required,
				d.Default, d.Several, d.Previous})
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

// accountKeyView is what may be known of a key: enough to compare it with what the institution shows, and to see when
// it ends.
type accountKeyView struct {
	Setting     string          `json:"setting"`
	Kind        gateway.KeyKind `json:"kind"`
	Fingerprint string          `json:"fingerprint"` // first 8 hexadecimal digits of SHA-256 over the public key in DER
	Serial      string          `json:"serial,omitempty"`
	ExpiresAt   *time.Time      `json:"expires_at,omitempty"`
	Old         bool            `json:"old"` // stands behind a newer one
}

// accountView is a merchant account without the values of its settings.
type accountView struct {
	ID          string              `json:"id"`
	Name        string              `json:"name"`
	Institution gateway.Institution `json:"institution"`
	Entity      string              `json:"entity"`      // the legal entity that it collects for; "" is all
	Communities []string            `json:"communities"` // empty is all of the company
	Disabled    bool                `json:"disabled"`
	Set         []string            `json:"configured"` // names of the settings that are filled in
	Keys        []accountKeyView    `json:"keys"`
	CreatedAt   time.Time           `json:"created_at"`
	CreatedBy   string              `json:"created_by,omitempty"` // as in timelines; none is the command line
	ChangedAt   *time.Time          `json:"changed_at,omitempty"`
	ChangedBy   string              `json:"changed_by,omitempty"`
	Trouble     string              `json:"error,omitempty"` // why it cannot be used
	Approved    bool                `json:"approved"`        // until then it takes part in nothing
	Revision    int64               `json:"revision"`        // of what is in force; a request names it
	// the change that waits for another person, or the last that did
	Request *requestView `json:"request,omitempty"`
}

// account shows an account in the caller's language. many are who could decide what waits.
func (c *call) account(a merchant.AccountInfo, many deciders) accountView {
	v := accountView{
		ID: a.ID, Name: a.Name, Institution: a.Institution, Entity: a.Entity,
		Communities: append([]string{}, a.Communities...),
		Disabled:    a.Disabled, Set: append([]string{}, a.Set...),
		CreatedAt: a.CreatedAt, CreatedBy: a.CreatedBy, ChangedAt: given(a.ChangedAt), ChangedBy: a.ChangedBy,
		Approved: a.Approved, Revision: a.Revision, Request: c.accountRequest(a.Change, many),
	}
	v.Keys = accountKeys(a.Keys)
	if a.Trouble != nil {
		v.Trouble = c.says(a.Trouble.ZH, a.Trouble.EN)
	}
	return v
}

func accountKeys(keys []merchant.AccountKey) []accountKeyView {
	views := []accountKeyView{}
	for _, k := range keys {
		views = append(views, accountKeyView{k.Setting, k.Kind, k.Fingerprint, k.Serial, given(k.ExpiresAt), k.Old})
	}
	return views
}

// wholeCompany refuses staff whose reach is a part of the company: an account says where the company's money goes.
func (c *call) wholeCompany() error {
	if !c.WholeCompany() {
		return fault.New(fault.Forbidden, "商户号须由负责全公司的员工管理。", "Merchant accounts are for staff of the whole company.")
	}
	return nil
}

type accountsQuery struct {
	Institution gateway.Institution `query:"institution" json:"-"` // "" is any
	Entity      string              `query:"entity" json:"-"`      // those that collect for a legal entity
	pageQuery
}

func (s *Server) listAccounts(ctx context.Context, c *call, in accountsQuery) (list[accountView], error) {
	if err := c.wholeCompany(); err != nil {
		return list[accountView]{}, err
	}
	all, err := everything(func(cursor string, limit int) ([]merchant.AccountInfo, string, error) {
		return s.Payments.Merchants().AccountInfos(ctx, c.Company, cursor, limit)
	})
	if err != nil {
		return list[accountView]{}, err
	}
	all = slices.DeleteFunc(all, func(a merchant.AccountInfo) bool {
		return in.Institution != "" && a.Institution != in.Institution ||
			in.Entity != "" && a.Entity != "" && a.Entity != in.Entity
	})
	page, err := accountsPage(in.pageQuery, all)
	if err != nil {
		return list[accountView]{}, err
	}
	many, err := s.deciders(ctx, c, merchant.AccountMatter(), "")
	if err != nil {
		return list[accountView]{}, err
	}
	return shown(page, func(a *merchant.AccountInfo) (accountView, error) { return c.account(*a, many), nil })
}

// accountsPage is a page of merchant accounts in the order asked for; institutions stand in the order of their names'
// codes.
func accountsPage(p pageQuery, all []merchant.AccountInfo) (list[merchant.AccountInfo], error) {
	name := inName()
	return sortedPage(p, all, func(a *merchant.AccountInfo) string { return a.ID }, sortKeys[merchant.AccountInfo]{
		"institution": func(a *merchant.AccountInfo) string { return string(a.Institution) },
		"name":        func(a *merchant.AccountInfo) string { return name(a.Name) },
		"created_at":  func(a *merchant.AccountInfo) string { return inTime(a.CreatedAt) },
	})
}

// accountAnswer shows an account after something was done with it.
func (s *Server) accountAnswer(ctx context.Context, c *call, a merchant.AccountInfo, err error) (accountView, error) {
	if err != nil {
		return accountView{}, err
	}
	many, err := s.deciders(ctx, c, merchant.AccountMatter(), "")
	return c.account(a, many), err
}

type newAccountInput struct {
	Institution gateway.Institution `json:"institution"`
	Name        string              `json:"name"`
	Entity      string              `json:"entity,omitempty"` // the legal entity that it collects for; "" is all
	Communities []string            `json:"communities"`
	Settings    map[string]string   `json:"settings" clean:"payment"`
	Reason      string              `json:"reason,omitempty"` // for whoever decides; may be empty
}

func (s *Server) addAccount(ctx context.Context, c *call, in newAccountInput) (accountView, error) {
	if err := s.mayCollectFor(ctx, c, in.Name, in.Entity, in.Communities); err != nil {
		return accountView{}, err
	}
	a, hit, err := s.Payments.Merchants().AddAccount(ctx, merchant.NewAccount{
		AccountEdit: merchant.AccountEdit{Name: in.Name, Entity: in.Entity, Communities: in.Communities,
			Settings: in.Settings},
		Asker:   merchant.Asker{By: c.Person(), Reason: in.Reason},
		Company: c.Company, Institution: in.Institution, IdempotencyKey: c.Key, KeyHash: c.KeyHash,
	})
	c.hit(hit)
	return s.accountAnswer(ctx, c, a, err)
}

type accountInput struct {
	ID          string   `path:"id" json:"-"`
	Name        string   `json:"name"`
	Entity      string   `json:"entity,omitempty"` // the legal entity that it collects for; "" is all
	Communities []string `json:"communities,omitempty"`
	// those given are replaced, or removed by ""; the others stay
	Settings map[string]string `json:"settings,omitempty" clean:"payment"`
	// what is replaced stays valid beside the new, where the setting allows it
	Rotate  bool `json:"rotate,omitempty"`
	DropOld bool `json:"drop_old,omitempty"` // what earlier rotations kept is removed
	askedInput
}

func (s *Server) editAccount(ctx context.Context, c *call, in accountInput) (accountView, error) {
	if err := s.mayCollectFor(ctx, c, in.Name, in.Entity, in.Communities); err != nil {
		return accountView{}, err
	}
	edit := merchant.AccountEdit{Name: in.Name, Entity: in.Entity, Communities: in.Communities,
		Settings: in.Settings, Rotate: in.Rotate, DropOld: in.DropOld}
	a, err := s.Payments.Merchants().EditAccount(ctx, c.Company, in.ID, edit, in.asker(c))
	return s.accountAnswer(ctx, c, a, err)
}

// mayCollectFor checks who edits an account, its name, its legal entity and its communities.
func (s *Server) mayCollectFor(ctx context.Context, c *call, name, entity string, communities []string) error {
	if err := c.wholeCompany(); err != nil {
		return err
	}
	if err := needed(map[string]string{"name": name}); err != nil {
		return err
	}
	if err := s.checkCommunities(ctx, c, communities); err != nil {
		return err
	}
	if entity == "" {
		return nil
	}
	o, err := s.organisation(ctx, c)
	if err == nil && o.Entity(entity) == nil {
		err = outOfReach()
	}
	return err
}

func (s *Server) disableAccount(ctx context.Context, c *call, in idInput) (accountView, error) {
	if err := c.wholeCompany(); err != nil {
		return accountView{}, err
	}
	a, err := s.Payments.Merchants().DisableAccount(ctx, c.Company, in.ID, c.Actor())
	return s.accountAnswer(ctx, c, a, err)
}

type enableInput struct {
	ID string `path:"id" json:"-"`
	askedInput
}

func (s *Server) enableAccount(ctx context.Context, c *call, in enableInput) (accountView, error) {
	if err := c.wholeCompany(); err != nil {
		return accountView{}, err
	}
	a, err := s.Payments.Merchants().AskToEnable(ctx, c.Company, in.ID, in.asker(c))
	return s.accountAnswer(ctx, c, a, err)
}

func (s *Server) decideAccount(ctx context.Context, c *call, in decisionInput) (accountView, error) {
	if err := c.wholeCompany(); err != nil {
		return accountView{}, err
	}
	before, err := s.Payments.Merchants().AccountInfo(ctx, c.Company, in.ID)
	if err != nil {
		return accountView{}, err
	}
	if before.Change != nil && in.Approve {
		if err := s.mayStillAsk(ctx, c, merchant.AccountMatter(), before.Change.Signatures, ""); err != nil {
			return accountView{}, err
		}
	}
	a, err := s.Payments.Merchants().DecideAccount(ctx, c.Company, in.ID, in.decision(), c.Person())
	return s.accountAnswer(ctx, c, a, err)
}

func (s *Server) withdrawAccount(ctx context.Context, c *call, in withdrawalInput) (accountView, error) {
	if err := c.wholeCompany(); err != nil {
		return accountView{}, err
	}
	a, err := s.Payments.Merchants().WithdrawAccount(ctx, c.Company, in.ID, in.Request, c.Person())
	return s.accountAnswer(ctx, c, a, err)
}

// checkView is one finding of an account's test, in the caller's language.
type checkView struct {
	Name  merchant.CheckName  `json:"name"`
	State merchant.CheckState `json:"state"`
	Text  string              `json:"text"`
}

type testInput struct {
	ID      string `path:"id" json:"-"`
	Request string `json:"request,omitempty"` // tests what waits for approval under this id, and not what is in force
}

func (s *Server) testAccount(ctx context.Context, c *call, in testInput) (list[checkView], error) {
	if err := c.wholeCompany(); err != nil {
		return list[checkView]{}, err
	}
	c.event = audit.Event{Object: "account:" + in.ID}
	if in.Request != "" {
		c.event.After = audit.State{"request": in.Request}
	}
	var checks []merchant.AccountCheck
	var err error
	if in.Request == "" {
		checks, err = s.Payments.Merchants().TestAccount(ctx, c.Company, in.ID)
	} else {
		checks, err = s.Payments.Merchants().TestChange(ctx, c.Company, in.ID, in.Request)
	}
	views := make([]checkView, 0, len(checks))
	for _, k := range checks {
		views = append(views, checkView{k.Name, k.State, c.says(k.ZH, k.EN)})
	}
	return list[checkView]{Items: views}, err
}
