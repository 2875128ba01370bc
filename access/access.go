// Package access is who may do what: staff with passwords and roles, residents with one-time codes, the tokens they carry (Ed25519 JWTs with rotating
// keys), and the sessions that renew them. It answers with a Caller; what a Caller may reach is decided where the data is served.
package access

import (
	"slices"
	"time"

	"linlipay/audit"
	"linlipay/seal"
	"linlipay/store"
)

// Kind is what sort of caller a token is for.
type Kind string

// The kinds of caller.
const (
	StaffKind    Kind = "staff"
	ResidentKind Kind = "resident"
	TerminalKind Kind = "terminal"
)

// Role is what a member of staff does.
type Role string

// The roles.
const (
	Cashier    Role = "cashier"    // 收银: collects
	Finance    Role = "finance"    // 财务: settles, sees exceptional money
	Operations Role = "operations" // 运营: terminals, communities, staff
	Auditor    Role = "auditor"    // 审计员: sees all, the audit log too, and changes nothing; nobody is that beside another role
)

// Caller is who a verified token speaks for.
type Caller struct {
	Kind        Kind
	ID          string
	Name        string
	Company     string   // staff and terminals
	Communities []string // staff: empty is all of the company; terminals: the one
	Roles       []Role   // staff
	Expires     time.Time
}

// Audits reports whether the caller is an auditor: may read whatever staff may, and nothing else.
func (c Caller) Audits() bool {
	return c.Kind == StaffKind && slices.Equal(c.Roles, []Role{Auditor})
}

// Actor names the caller in a timeline, such as "staff:4f…".
func (c Caller) Actor() string { return string(c.Kind) + ":" + c.ID }

// Schemas are the collections of this package.
func Schemas() []store.Schema {
	return []store.Schema{staff.Schema, signingKeys.Schema, sessions.Schema, codes.Schema, quotas.Schema}
}

// Service keeps staff, keys, sessions and codes.
type Service struct {
	staff    store.Collection[Staff]
	keys     store.Collection[signingKey]
	sessions store.Collection[session]
	codes    store.Collection[code]
	quotas   store.Collection[quota]
	box      seal.Box
	now      func() time.Time
	ring     keyring
	hashing  chan struct{}
	backoff  *backoff
}

// NewService makes the service over a store on which Ensure was called with Schemas. box seals the signing keys.
func NewService(st store.Store, box seal.Box, now func() time.Time) *Service {
	return &Service{
		staff: staff.In(st), keys: signingKeys.In(st), sessions: sessions.In(st), codes: codes.In(st), quotas: quotas.In(st),
		box: box, now: now, hashing: make(chan struct{}, hashers), backoff: newBackoff(now),
	}
}

// Outboxes are the collections whose documents owe events to the audit log.
func (s *Service) Outboxes() []audit.Outbox {
	return []audit.Outbox{audit.From(s.staff, func(m *Staff) *audit.Owed { return &m.OwesAudit })}
}
