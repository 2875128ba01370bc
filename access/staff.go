package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

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

// Secret is a password as it is kept.
type Secret struct {
	Salt string `json:"salt"`
	Hash string `json:"hash"` // argon2id
	// a code that others gave: it is good until then, and for choosing a password only
	Until time.Time `json:"until,omitzero"`
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

// argon2id as OWASP advises: 19 MiB, 2 passes, 1 lane. hashers bounds how many run at once, so that log-ins cannot take
// all memory.
const (
	hashMemory = 19 * 1024 // KiB
	hashPasses = 2
	hashers    = 4
)

func (s *Service) hash(ctx context.Context, password, salt string) (string, error) {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return "", fault.New(fault.TooMany, "登录人数过多，请稍后重试。", "Too many people are logging in; please try again.")
	}
	raw, err := base64.StdEncoding.DecodeString(salt)
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(argon2.IDKey([]byte(password), raw, hashPasses, hashMemory, 1, 32)), nil
}

// secret hashes a password with a fresh salt.
func (s *Service) secret(ctx context.Context, password string) (Secret, error) {
	raw := make([]byte, 16)
	rand.Read(raw)
	salt := base64.StdEncoding.EncodeToString(raw)
	hash, err := s.hash(ctx, password, salt)
	return Secret{Salt: salt, Hash: hash}, err
}

// matches reports whether a password is the one that is kept.
func (s *Service) matches(ctx context.Context, password string, kept Secret) (bool, error) {
	hash, err := s.hash(ctx, password, kept.Salt)
	return err == nil && subtle.ConstantTimeCompare([]byte(hash), []byte(kept.Hash)) == 1, err
}

// AddStaff makes a member of staff with a password that they know; a login that is taken is AlreadyExists. It asks
// nobody: see Add for what one colleague may do for another.
func (s *Service) AddStaff(ctx context.Context, m Staff, password string) error {
	if err := checkMember(m.Login, m.Name, m.Roles); err != nil {
		return err
	}
	if err := m.checkPassword(password); err != nil {
		return err
	}
	var err error
	if m.Secret, err = s.secret(ctx, password); err != nil {
		return err
	}
	m.ID, m.CreatedAt = StaffID(m.Login), s.now().UTC()
	m.owe(ctx, audit.StaffAdded, nil, m.CreatedAt)
	return s.staff.Insert(ctx, &m)
}

func (m *Staff) checkPassword(password string) error {
	return checkPassword(password, m.Login, m.Name, m.Company, "linlipay")
}

// StaffID is the id of whoever has a login; it makes logins unique: the id is the login's. Whoever has the id can tell
// whether a login that they guess is its own, since nothing secret goes into it. So it stands where colleagues see it:
// in documents, timelines, tokens of staff and the audit log; never in what residents, terminals, payers or
// institutions are shown, and never in the place of a digest of what somebody typed (audit.Service.Digest is for that).
func StaffID(login string) string {
	sum := sha256.Sum256([]byte("staff " + login))
	return hex.EncodeToString(sum[:8])
}

// nobody's salt keeps the work of a log-in the same when the login is unknown.
const nobodysSalt = "bm9ib2R5J3Mgc2FsdC4uLg=="

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
// log-in. All their other sessions end.
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

// List is a page of a company's staff, and the cursor of the next, "" on the last.
func (s *Service) List(ctx context.Context, company, cursor string, limit int) (members []Staff, next string,
	err error) {
	return s.staff.Find(ctx, store.Query{Index: "by_company", Equal: []any{company}, Cursor: cursor, Limit: limit})
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

// AskerInForce is the WrongState fault of approving what somebody asked for who may not act any more: actor is who
// asked, as timelines name them. What they asked for may be refused still.
func (s *Service) AskerInForce(ctx context.Context, actor string) error {
	id, ok := strings.CutPrefix(actor, string(StaffKind)+":")
	if !ok {
		return nil
	}
	m, err := s.staff.Get(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && m.Disabled {
		return fault.New(fault.WrongState, "申请人已停用，不能批准；请驳回后由在职人员重新提交。",
			"Whoever asked has been disabled: refuse it, and have somebody else ask anew.")
	}
	return err
}
