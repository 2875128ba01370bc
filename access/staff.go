package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/store"
)

// Staff is a member of a company's staff. Logins are unique across companies.
type Staff struct {
	ID          string    `json:"id"`
	Version     int64     `json:"-"`
	Login       string    `json:"login"`
	Name        string    `json:"name"`
	Company     string    `json:"company"`
	Communities []string  `json:"communities,omitempty"` // without regions, empty is all
	Regions     []string  `json:"regions,omitempty"`     // see Scope
	Roles       []Role    `json:"roles"`
	CreatedAt   time.Time `json:"created_at"`
	CreatedBy   string    `json:"created_by,omitempty"`
	Disabled    bool      `json:"disabled,omitempty"`
	Secret                // the password

	Era  int64  `json:"era,omitempty"`  // sessions of earlier ones are over
	Kept string `json:"kept,omitempty"` // the one session of earlier ones that is not

	Revision int64    `json:"revision,omitempty"` // of their rights: what a request is based on
	Request  *Request `json:"request,omitempty"`  // what waits for another person, or was decided last

	OwesAudit audit.Owed `json:"owes_audit,omitempty"`
}

// lives reports whether a session of the member's is still of their era.
func (m *Staff) lives(f *session) bool { return f.Era >= m.Era || f.ID == m.Kept }

// endSessions ends all sessions but one; "" is none.
func (m *Staff) endSessions(kept string) { m.Era, m.Kept = m.Era+1, kept }

var staff = store.Kind[Staff]{
	Schema: audit.Declare(store.Schema{
		Name:   "staff",
		Fields: []store.Field{{Name: "company", Type: store.String}, {Name: "asked", Type: store.Int}},
		Indexes: []store.Index{{Name: "by_company", Fields: []string{"company"}},
			{Name: "by_asked", Fields: []string{"company", "asked"}}},
		Personal: []string{"login", "name", "request.reason", "request.note"},
		Secrets:  []store.Secret{{Path: "request.code.half", Context: "staff-code/{id}"}},
	}),
	ID:      func(s *Staff) string { return s.ID },
	Version: func(s *Staff) *int64 { return &s.Version },
	Keys: func(s *Staff) store.Keys {
		if s.refused() {
			return s.OwesAudit.Key(nil) // and so in no list
		}
		keys := store.Keys{"company": {s.Company}}
		if s.Request != nil && s.Request.State == approval.Requested {
			keys["asked"] = []any{s.Request.RequestedAt.UnixMilli()}
		}
		return s.OwesAudit.Key(keys)
	},
}

// refused reports whether a new member was not approved.
func (m *Staff) refused() bool {
	return m.Disabled && m.Hash == "" && (m.Request == nil || m.Request.State != approval.Requested)
}

// unused reports whether a login is free again: nobody could ever log in with it, and nobody can approve that any more.
func (m *Staff) unused(now time.Time) bool {
	return m.Disabled && m.Hash == "" && m.State(now) != approval.Requested
}

// AddStaff makes a member of staff with a password that they know; a login that is taken is AlreadyExists. It asks
// nobody: see Add for what one colleague may do for another.
func (s *Service) AddStaff(ctx context.Context, m Staff, password string) error {
	if err := m.checkNew(password); err != nil {
		return err
	}
	kept, err := s.secret(ctx, password)
	if err != nil {
		return err
	}
	return s.insert(ctx, m, kept)
}

// AddTeam makes members of staff who share one password that is no secret, as in the demo: it is hashed once for all of
// them. Who has one of the logins already stays as they are. A login, a name, roles or a password that nobody can have
// is Invalid.
func (s *Service) AddTeam(ctx context.Context, team []Staff, password string) error {
	shared, err := s.secret(ctx, password)
	if err != nil {
		return err
	}
	for _, m := range team {
		if err := m.checkNew(password); err != nil {
			return err
		}
		if err := s.insert(ctx, m, shared); err != nil && !fault.Is(err, fault.AlreadyExists) {
			return err
		}
	}
	return nil
}

func (s *Service) insert(ctx context.Context, m Staff, kept Secret) error {
	m.Secret = kept
	m.ID, m.CreatedAt = StaffID(m.Login), s.now().UTC()
	m.owe(ctx, audit.StaffAdded, nil, m.CreatedAt)
	return s.staff.Insert(ctx, &m)
}

func (m *Staff) checkNew(password string) error {
	if err := CheckMember(m.Login, m.Name, m.Roles); err != nil {
		return err
	}
	return m.checkPassword(password)
}

func (m *Staff) checkPassword(password string) error {
	return checkPassword(password, m.Login, m.Name, m.Company, "linlipay")
}

// StaffID is the id of whoever has a login; it makes logins unique: the id is the login's. Whoever has the id can tell
// whether a login that they guess is its own, since nothing secret goes into it. It is no keyed digest as others are
// because ids stay when LINLIPAY_SECRET_KEY is replaced: orders, their timelines and the chain of the audit log name
// them. So it stands where colleagues see it: in documents, timelines, tokens of staff and the audit log; never in what
// residents, terminals, payers or institutions are shown, and never in the place of a digest of what somebody typed
// (audit.Service.Digest is for that).
func StaffID(login string) string {
	sum := sha256.Sum256([]byte("staff " + login))
	return hex.EncodeToString(sum[:8])
}

// Login checks a password that came from an address. A wrong login and a wrong password are the same Unauthenticated
// fault after the same work; after some of them in a row a try that comes too soon is TooMany, whatever the password.
// Whoever knows the password is told that the login is disabled, or that the code they were given has ended.
func (s *Service) Login(ctx context.Context, login, password, from string) (*Staff, error) {
	if err := s.backoff.begin(StaffID(login), from); err != nil {
		return nil, err
	}
	m, err := s.staff.Get(ctx, StaffID(login))
	known := err == nil
	if !known && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if !known {
		m = &Staff{}
	}
	kept := m.Secret
	if kept.Salt == "" {
		kept.Salt = nobodysSalt
	}
	right, err := s.matches(ctx, password, kept)
	if err != nil {
		return nil, err
	}
	if !right || !known {
		return nil, fault.New(fault.Unauthenticated, "登录名或密码不正确。", "Login or password is wrong.")
	}
	s.backoff.succeeded(m.ID, from)
	switch {
	case m.Disabled:
		return nil, disabled()
	case m.codeIsOver(s.now()):
		return nil, codeIsOver()
	}
	return m, nil
}

// codeIsOver reports whether the password is a one-time one that was not changed in time.
func (m *Staff) codeIsOver(now time.Time) bool { return m.mustChange() && now.After(m.Until) }

func codeIsOver() error {
	return fault.New(fault.Unauthenticated, "一次性密码已过期，请联系管理员重置。",
		"The one-time password has expired; ask your administrator for another.")
}

// mustChange reports whether the password is a code that others gave.
func (m *Staff) mustChange() bool { return !m.Until.IsZero() }

// ChangePassword replaces the caller's own password, which they show to know, from an address. Wrong ones count as at
// log-in. All their other sessions end. A wrong password is Invalid, with the detail "field"; one that was changed
// meanwhile is Stale. A one-time password whose time is over is Unauthenticated.
func (s *Service) ChangePassword(ctx context.Context, c Caller, current, next, from string) error {
	if err := s.backoff.begin(c.ID, from); err != nil {
		return err
	}
	m, err := s.staff.Get(ctx, c.ID)
	if err != nil {
		return err
	}
	if m.codeIsOver(s.now()) {
		return codeIsOver()
	}
	right, err := s.matches(ctx, current, m.Secret)
	if err != nil {
		return err
	}
	if !right {
		return fault.New(fault.Invalid, "当前密码不正确。", "The current password is wrong.").With("field", "current")
	}
	s.backoff.succeeded(m.ID, from)
	if current == next {
		return fault.New(fault.Invalid, "新密码不能与当前密码相同。", "The new password must be another one.").With("field", "next")
	}
	if err := m.checkPassword(next); err != nil {
		return err
	}
	fresh, err := s.secret(ctx, next)
	if err != nil {
		return err
	}
	defer s.standings.forget()
	_, err = s.staff.Update(ctx, c.ID, func(now *Staff) error {
		if now.Hash != m.Hash {
			return fault.New(fault.Stale, "密码刚刚已被更改，请重新登录。", "The password was changed meanwhile; please log in again.")
		}
		before := now.told()
		now.Secret = fresh
		now.endSessions(c.Session)
		now.owe(ctx, audit.PasswordChanged, before, s.now())
		return nil
	})
	return err
}

// Everybody is a company's whole staff, the disabled too: for questions that no page answers, such as who may decide.
func (s *Service) Everybody(ctx context.Context, company string) ([]Staff, error) {
	var all []Staff
	err := s.staff.All(ctx, store.Query{Index: "by_company", Equal: []any{company}}, func(m Staff) error {
		all = append(all, m)
		return nil
	})
	return all, err
}

// Caller is who the member of staff is. Of the regions among their rights it has the names alone: Reaching adds the
// communities.
func (m *Staff) Caller() Caller {
	s := m.scope().within(&Organisation{}, "")
	return Caller{
		Kind: StaffKind, ID: m.ID, Name: m.Name, Company: m.Company, Communities: s.Communities, Regions: s.Regions,
		Roles: m.Roles, MustChange: m.mustChange(), era: m.Era,
	}
}

func (m *Staff) scope() Scope { return Scope{m.Communities, m.Regions} }

// Reaching is who the member is, with the communities that their rights reach today.
func (s *Service) Reaching(ctx context.Context, m *Staff) (Caller, error) {
	c := m.Caller()
	scope, err := s.written(ctx, m.Company, m.scope())
	c.Communities = scope.Communities
	return c, err
}

// written is a scope of a company with the communities that its regions hold today.
func (s *Service) written(ctx context.Context, company string, scope Scope) (Scope, error) {
	if len(scope.Regions) == 0 {
		return scope, nil
	}
	o, err := s.chart(ctx, company)
	if err != nil {
		return Scope{}, err
	}
	return scope.within(o, DayOf(s.now())), nil
}
