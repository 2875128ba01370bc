package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

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
	Communities []string  `json:"communities,omitempty"` // empty is all
	Roles       []Role    `json:"roles"`
	Salt        string    `json:"salt"`
	Hash        string    `json:"hash"` // argon2id of the password
	CreatedAt   time.Time `json:"created_at"`

	OwesAudit audit.Owed `json:"owes_audit,omitempty"`
}

var staff = store.Kind[Staff]{
	Schema: audit.Declare(store.Schema{
		Name:    "staff",
		Fields:  []store.Field{{Name: "company", Type: store.String}},
		Indexes: []store.Index{{Name: "by_company", Fields: []string{"company"}}},
	}),
	ID:      func(s *Staff) string { return s.ID },
	Version: func(s *Staff) *int64 { return &s.Version },
	Keys:    func(s *Staff) store.Keys { return s.OwesAudit.Key(store.Keys{"company": {s.Company}}) },
}

// argon2id as OWASP advises: 19 MiB, 2 passes, 1 lane. hashers bounds how many run at once, so that log-ins cannot take all memory.
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

// AddStaff makes a member of staff; a login that is taken is AlreadyExists.
func (s *Service) AddStaff(ctx context.Context, m Staff, password string) error {
	if m.Login == "" || len(m.Roles) == 0 {
		return fault.New(fault.Invalid, "登录名不能为空，且至少有一个角色。", "A login and a role are required.")
	}
	if len(m.Roles) > 1 && slices.Contains(m.Roles, Auditor) {
		return fault.New(fault.Invalid, "审计员不能兼任其他角色。", "An auditor has no other role.")
	}
	if err := checkPassword(password, m.Login, m.Name, m.Company, "linlipay"); err != nil {
		return err
	}
	raw := make([]byte, 16)
	rand.Read(raw)
	m.ID, m.Salt, m.CreatedAt = staffID(m.Login), base64.StdEncoding.EncodeToString(raw), s.now().UTC()
	var err error
	if m.Hash, err = s.hash(ctx, password, m.Salt); err != nil {
		return err
	}
	m.OwesAudit.Owe(ctx, "staff/"+m.ID, 0, audit.Event{
		At: m.CreatedAt, Verb: audit.StaffAdded, Object: "staff:" + m.ID, Company: m.Company, Communities: m.Communities, After: m.rights(),
	})
	return s.staff.Insert(ctx, &m)
}

// rights are what a member of staff may do, as events show it.
func (m *Staff) rights() audit.State {
	var roles []string
	for _, r := range m.Roles {
		roles = append(roles, string(r))
	}
	return audit.State{"roles": strings.Join(roles, " "), "communities": strings.Join(m.Communities, " ")}
}

// staffID makes logins unique: the id is the login's.
func staffID(login string) string {
	sum := sha256.Sum256([]byte("staff " + login))
	return hex.EncodeToString(sum[:8])
}

// nobody's salt keeps the work of a log-in the same when the login is unknown.
const nobodysSalt = "bm9ib2R5J3Mgc2FsdC4uLg=="

// Login checks a password that came from an address. A wrong login and a wrong password are the same Unauthenticated
// fault after the same work; after some of them in a row a try that comes too soon is TooMany, whatever the password.
func (s *Service) Login(ctx context.Context, login, password, from string) (*Staff, error) {
	if err := s.backoff.begin(staffID(login), from); err != nil {
		return nil, err
	}
	m, err := s.staff.Get(ctx, staffID(login))
	known := err == nil
	if !known && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if !known {
		m = &Staff{Salt: nobodysSalt}
	}
	hash, err := s.hash(ctx, password, m.Salt)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(hash), []byte(m.Hash)) != 1 || !known {
		return nil, fault.New(fault.Unauthenticated, "登录名或密码不正确。", "Login or password is wrong.")
	}
	s.backoff.succeeded(m.ID, from)
	return m, nil
}

// List is a page of a company's staff, and the cursor of the next, "" on the last.
func (s *Service) List(ctx context.Context, company, cursor string, limit int) (some []Staff, next string, err error) {
	return s.staff.Find(ctx, store.Query{Index: "by_company", Equal: []any{company}, Cursor: cursor, Limit: limit})
}

// Caller is what a token for the member of staff says.
func (m *Staff) Caller() Caller {
	return Caller{Kind: StaffKind, ID: m.ID, Name: m.Name, Company: m.Company, Communities: m.Communities, Roles: m.Roles}
}
