package access

import (
	"context"
	"slices"
	"sync"
	"time"

	"linlipay/fault"
)

// What a token says was true when it was signed. What its caller may do now is read from the store, and remembered for
// a few seconds, so that whoever was disabled, logged out or unpaired by any process is out of all of them well within
// a minute.
const (
	standingLife  = 15 * time.Second
	standingsMost = 20_000 // callers, in this process
)

// standing is a caller as read at a moment, or the fault of one that has no rights any more.
type standing struct {
	caller Caller
	ended  error
	at     time.Time
}

// standings are what this process has read lately.
type standings struct {
	now  func() time.Time
	mu   sync.Mutex
	read map[string]standing
}

func newStandings(now func() time.Time) *standings {
	return &standings{now: now, read: map[string]standing{}}
}

func (c Caller) key() string { return string(c.Kind) + " " + c.ID + " " + c.Session }

func (s *standings) of(c Caller) (standing, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.read[c.key()]
	age := s.now().Sub(found.at)
	return found, ok && age >= 0 && age < standingLife
}

func (s *standings) keep(c Caller, found standing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.read) >= standingsMost {
		clear(s.read)
	}
	s.read[c.key()] = found
}

// forget makes everything be read anew: this process has changed something of it.
func (s *standings) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.read)
}

// Standing is a verified caller with the rights that they have now, as this process read them at most standingLife ago,
// or Unauthenticated when the session has ended, the member of staff is disabled or the terminal is unpaired.
func (s *Service) Standing(ctx context.Context, c Caller) (Caller, error) {
	found, ok := s.standings.of(c)
	if !ok {
		found = standing{at: s.now()}
		found.caller, found.ended = s.present(ctx, c)
		if found.ended != nil && !fault.Is(found.ended, fault.Unauthenticated) {
			return Caller{}, found.ended
		}
		s.standings.keep(c, found)
	}
	if found.ended != nil {
		return Caller{}, found.ended
	}
	now := found.caller
	now.Expires = c.Expires
	return now, nil
}

// present reads from the store what a caller is now.
func (s *Service) present(ctx context.Context, c Caller) (Caller, error) {
	switch c.Kind {
	case TerminalKind:
		return c, s.paired(ctx, c.ID)
	case StaffKind, ResidentKind:
		f, err := s.sessions.Get(ctx, c.Session)
		if fault.Is(err, fault.NotFound) {
			return Caller{}, ended()
		}
		if err != nil {
			return Caller{}, err
		}
		if f.Kind != c.Kind || f.Owner != c.ID {
			return Caller{}, ended()
		}
		return s.owner(ctx, f)
	}
	return Caller{}, errUnknownKey
}

// owner is who a session is of, read anew, or why it is over.
func (s *Service) owner(ctx context.Context, f *session) (Caller, error) {
	if f.Revoked || s.now().After(f.ExpiresAt) {
		return Caller{}, ended()
	}
	if f.Kind == ResidentKind {
		return Caller{Kind: ResidentKind, ID: f.Owner, Session: f.ID}, nil
	}
	m, err := s.staff.Get(ctx, f.Owner)
	if fault.Is(err, fault.NotFound) {
		return Caller{}, ended()
	}
	if err != nil {
		return Caller{}, err
	}
	if m.Disabled {
		return Caller{}, disabled()
	}
	if !m.lives(f) {
		return Caller{}, ended()
	}
	if m.codeIsOver(s.now()) {
		return Caller{}, codeIsOver()
	}
	c, err := s.Reaching(ctx, m)
	c.Session = f.ID
	return c, err
}

func (s *Service) paired(ctx context.Context, id string) error {
	if s.terminals == nil {
		return errUnknownKey
	}
	is, err := s.terminals.Paired(ctx, id)
	if err == nil && !is {
		return fault.New(fault.Unauthenticated, "本终端已被解除配对。", "This terminal was unpaired.")
	}
	return err
}

// Unpaired makes this process ask anew which terminals are paired.
func (s *Service) Unpaired() { s.standings.forget() }

// SameRights reports whether a caller may do what they could do before.
func (c Caller) SameRights(before Caller) bool {
	return slices.Equal(c.Roles, before.Roles) && slices.Equal(c.Communities, before.Communities) &&
		slices.Equal(c.Regions, before.Regions) &&
		c.MustChange == before.MustChange
}

func ended() error {
	return fault.New(fault.Unauthenticated, "登录已失效，请重新登录。", "The session has ended; please log in again.")
}

func disabled() error {
	return fault.New(fault.Unauthenticated, "该账号已停用，请联系管理员。", "This login is disabled; ask your administrator.")
}
