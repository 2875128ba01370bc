// Package access is who may do what: staff with passwords and roles (staff.go), what changes them (member.go),
// residents with one-time codes (code.go), programs with keys (client.go), the tokens that people and terminals carry
// (token.go; Ed25519 JWTs with rotating keys), the sessions that renew them (session.go), and what a token is still
// worth (standing.go). It answers with a Caller; what a Caller may reach is decided where the data is served.
package access

import (
	"context"
	"slices"
	"time"

	"linlipay/approval"
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
	ClientKind   Kind = "client" // a program of the company's own, with a key: see Client
	ShellKind    Kind = "shell"  // whoever has the server's own shell: no token is for it
)

// Role is what a member of staff does.
type Role string

// The roles.
const (
	Cashier    Role = "cashier"    // 收银: collects
	Finance    Role = "finance"    // 财务: settles, sees unapplied funds
	Operations Role = "operations" // 运营: terminals, communities, staff
	// 审计员: sees all, the audit log too, and changes nothing; nobody is that beside another role
	Auditor Role = "auditor"
)

// Roles are all of them.
func Roles() []Role { return []Role{Cashier, Finance, Operations, Auditor} }

// Caller is who a verified token speaks for.
type Caller struct {
	Kind    Kind
	ID      string
	Name    string
	Company string // staff and terminals
	// staff: those within their rights, empty is all of the company; terminals: the one. See Reaches.
	Communities []string
	Regions     []string // of staff and clients: their communities are among Communities
	Roles       []Role   // staff
	Rights      []Right  // clients
	PerMinute   int      // clients: how many calls they may make
	Session     string   // staff and residents
	MustChange  bool     // staff: has a password that others gave, and may do nothing before choosing another
	Expires     time.Time

	era   int64     // of a member of staff: sessions of earlier ones are over
	keyID string    // clients: the id of the key shown
	used  time.Time // clients: when the key was noted as used
}

// Shell is whoever works with a company's records from the server's own shell. What it does counts as done by two.
func Shell(company string) Caller { return Caller{Kind: ShellKind, Company: company} }

// Terminals says which devices are paired, as the package that keeps them knows.
type Terminals interface {
	// Paired reports whether a device is paired and not withdrawn; one that is not known is false, no error.
	Paired(ctx context.Context, id string) (bool, error)
}

// Audits reports whether the caller is an auditor: may read whatever staff may, and nothing else.
func (c Caller) Audits() bool {
	return c.Kind == StaffKind && slices.Equal(c.Roles, []Role{Auditor})
}

// Actor names the caller in a timeline, such as "staff:4f…".
func (c Caller) Actor() string {
	if c.Kind == ShellKind {
		return approval.CommandLine
	}
	return string(c.Kind) + ":" + c.ID
}

// Schemas are the collections of this package.
func Schemas() []store.Schema {
	return []store.Schema{staff.Schema, signingKeys.Schema, sessions.Schema, codes.Schema, quotas.Schema,
		organisations.Schema, clients.Schema}
}

// Service keeps staff, keys, sessions and codes. Beside the faults that a method names it returns the store's (see
// package store); who is beyond the caller's reach is NotFound.
type Service struct {
	staff    store.Collection[Staff]
	keys     store.Collection[signingKey]
	sessions store.Collection[session]
	codes    store.Collection[code]
	quotas   store.Collection[quota]
	clients  store.Collection[Client]

	organisations store.Collection[Organisation]
	charts        charts

	box     seal.Box
	now     func() time.Time
	ring    keyring
	hashing chan struct{}

	passwords Hashing
	backoff   *backoff

	standings *standings
	terminals Terminals
	trial     bool
}

// SetTrial has the keys of API clients say that they are of a trial, so that nobody fears one that is seen.
func (s *Service) SetTrial() { s.trial = true }

// SetTerminals names who knows the devices; before it is called no terminal's token is good.
func (s *Service) SetTerminals(t Terminals) { s.terminals = t }

// NewService makes the service over a store on which Ensure was called with Schemas. box seals the signing keys.
// passwords is OWASP, and less in tests alone.
func NewService(st store.Store, box seal.Box, passwords Hashing, now func() time.Time) *Service {
	return &Service{
		staff: staff.In(st), keys: signingKeys.In(st), sessions: sessions.In(st), codes: codes.In(st),
		quotas: quotas.In(st), organisations: organisations.In(st), clients: clients.In(st),
		charts: charts{read: map[string]chart{}}, box: box, now: now, hashing: make(chan struct{}, hashers),
		passwords: passwords, backoff: newBackoff(now),
		standings: newStandings(now),
	}
}
