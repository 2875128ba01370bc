package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"linlipay/audit"
	"linlipay/fault"
	"linlipay/store"
)

const (
	// SessionLife is how long a session can be renewed without a log-in: what NIST SP 800-63B, 4.1.3, allows at most
	// for one factor.
	SessionLife = 30 * 24 * time.Hour
	// refreshGrace is how long a refresh token that was exchanged is answered as before: the answer may have been lost,
	// and two windows of a browser may exchange it at once.
	refreshGrace = 30 * time.Second
	agentMost    = 200 // bytes
)

// session is a family of refresh tokens: only the newest is good, and an older one that comes back ends the family. Who
// it is of is kept, and nothing of what they may do.
type session struct {
	ID        string    `json:"id"`
	Version   int64     `json:"-"`
	Kind      Kind      `json:"kind"`
	Owner     string    `json:"owner"`
	Era       int64     `json:"era,omitempty"` // the member of staff's when it was opened
	Current   string    `json:"current"`       // hash of the newest refresh token's secret
	Previous  string    `json:"previous,omitempty"`
	Successor string    `json:"successor,omitempty"` // what Previous was exchanged for, sealed
	RotatedAt time.Time `json:"rotated_at,omitzero"`
	OpenedAt  time.Time `json:"opened_at"`
	ExpiresAt time.Time `json:"expires_at"`
	Address   string    `json:"address,omitempty"`
	Agent     string    `json:"agent,omitempty"`
	Revoked   bool      `json:"revoked,omitempty"`
}

var sessions = store.Kind[session]{
	Schema: store.Schema{
		Name:   "sessions",
		Fields: []store.Field{{Name: "owner", Type: store.String}, {Name: "expires", Type: store.Int}},
		Indexes: []store.Index{{Name: "by_owner", Fields: []string{"owner", "expires"}},
			{Name: byExpiry, Fields: []string{"expires"}}},

		Personal: []string{"address", "agent"},
		Secrets:  []store.Secret{{Path: "successor", Context: "refresh/{id}"}},
	},
	ID:      func(s *session) string { return s.ID },
	Version: func(s *session) *int64 { return &s.Version },
	Keys: func(s *session) store.Keys {
		keys := store.Keys{"expires": {s.ExpiresAt.UnixMilli()}}
		if !s.Revoked { // and else in no list
			keys["owner"] = []any{string(s.Kind) + ":" + s.Owner}
		}
		return keys
	},
}

// Origin is where a log-in came from, for the person to know their sessions by.
type Origin struct {
	Address string
	Agent   string // what the browser calls itself
}

// Session is one that is open.
type Session struct {
	ID                          string
	OpenedAt, UsedAt, ExpiresAt time.Time // UsedAt is when it was last renewed
	Address, Agent              string
}

// Tokens are what a log-in gives.
type Tokens struct {
	Access    string
	Refresh   string // "" for terminals, which have a key of their own
	ExpiresIn int    // seconds
}

// Open starts a session after a log-in.
func (s *Service) Open(ctx context.Context, c Caller, from Origin) (Tokens, error) {
	id, now := rand.Text(), s.now().UTC()
	secret := s.newSecret(id)
	err := s.sessions.Insert(ctx, &session{
		ID: id, Kind: c.Kind, Owner: c.ID, Era: c.era, Current: hashSecret(secret), OpenedAt: now,
		ExpiresAt: now.Add(SessionLife),
		Address:   from.Address, Agent: strings.ToValidUTF8(from.Agent[:min(len(from.Agent), agentMost)], ""),
	})
	if err != nil {
		return Tokens{}, err
	}
	c.Session = id
	return s.tokens(ctx, c, id+"."+secret)
}

func (s *Service) tokens(ctx context.Context, c Caller, refresh string) (Tokens, error) {
	token, err := s.Issue(ctx, c)
	return Tokens{Access: token, Refresh: refresh, ExpiresIn: int(TokenLife / time.Second)}, err
}

func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte("refresh " + secret))
	return hex.EncodeToString(sum[:])
}

// Refresh exchanges a refresh token for new tokens, with the rights that its owner has now. Within refreshGrace one
// that was exchanged is answered with the same successor; after that it was stolen from somebody, and the whole session
// ends. A token that is none, over or stolen is Unauthenticated.
func (s *Service) Refresh(ctx context.Context, refresh string) (Tokens, Caller, error) {
	id, secret, ok := strings.Cut(refresh, ".")
	if !ok {
		return Tokens{}, Caller{}, ended()
	}
	next, reused, now := "", false, s.now().UTC()
	kept, err := s.sessions.Update(ctx, id, func(f *session) error {
		reused = false
		if f.Revoked || now.After(f.ExpiresAt) {
			return ended()
		}
		switch hashSecret(secret) {
		case f.Current:
			next = s.newSecret(id)
			f.Previous, f.Current, f.RotatedAt = f.Current, hashSecret(next), now
			f.Successor = s.box.Seal([]byte(next), "refresh/"+id)
			return nil
		case f.Previous:
			if now.Sub(f.RotatedAt).Abs() <= refreshGrace {
				plain, err := s.box.Open(f.Successor, "refresh/"+id)
				next = string(plain)
				if err != nil {
					return err
				}
				return store.ErrUnchanged
			}
		}
		if !s.ours(id, secret) {
			return ended()
		}
		reused, f.Revoked = true, true
		return nil
	})
	if fault.Is(err, fault.NotFound) {
		return Tokens{}, Caller{}, ended()
	}
	if reused && err == nil {
		s.standings.forget()
		return Tokens{}, Caller{}, ended()
	}
	if err != nil {
		return Tokens{}, Caller{}, err
	}
	c, err := s.owner(ctx, kept)
	if err != nil {
		return Tokens{}, Caller{}, err
	}
	t, err := s.tokens(ctx, c, id+"."+next)
	return t, c, err
}

// Revoke ends the session of a refresh token, and with it its access tokens; one that is not known is no error.
func (s *Service) Revoke(ctx context.Context, refresh string) error {
	id, secret, _ := strings.Cut(refresh, ".")
	if s.ours(id, secret) {
		return s.end(ctx, id)
	}
	f, err := s.sessions.Get(ctx, id) // one that was given out before the secret key was replaced has another mark
	if fault.Is(err, fault.NotFound) || err == nil && f.Current != hashSecret(secret) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.end(ctx, id)
}

// newSecret makes the secret half of a session's refresh token. It ends in a mark of ours, so that an old one that is
// used again is told from what somebody made up who knows the session's id alone.
func (s *Service) newSecret(session string) string {
	text := rand.Text()
	return text + "-" + s.box.Digest("refresh/"+session, text)
}

// ours reports whether a secret was once given out for a session.
func (s *Service) ours(session, secret string) bool {
	text, mark, _ := strings.Cut(secret, "-")
	return s.box.Made(mark, "refresh/"+session, text)
}

// end ends a session; one that is not known is no error.
func (s *Service) end(ctx context.Context, id string) error {
	defer s.standings.forget()
	_, err := s.sessions.Update(ctx, id, func(f *session) error {
		if f.Revoked {
			return store.ErrUnchanged
		}
		f.Revoked = true
		return nil
	})
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Sessions are a page of a member of staff's open sessions, and the cursor of the next, "" on the last. A page may be
// short.
func (s *Service) Sessions(ctx context.Context, by Caller, id, cursor string, limit int) (sessions []Session,
	next string,
	err error) {
	m, err := s.Member(ctx, by, id)
	if err != nil {
		return nil, "", err
	}
	found, next, err := s.sessions.Find(ctx, store.Query{
		Index: "by_owner", Equal: []any{string(StaffKind) + ":" + id}, From: s.now().UnixMilli(), Desc: true,
		Cursor: cursor, Limit: limit,
	})
	sessions = []Session{}
	for _, f := range found {
		if m.lives(&f) {
			used := f.RotatedAt
			if used.IsZero() {
				used = f.OpenedAt
			}
			sessions = append(sessions, Session{f.ID, f.OpenedAt, used, f.ExpiresAt, f.Address, f.Agent})
		}
	}
	return sessions, next, err
}

// EndSession ends one session of a member of staff; one that is not theirs is NotFound.
func (s *Service) EndSession(ctx context.Context, by Caller, id, session string) error {
	if _, err := s.Member(ctx, by, id); err != nil {
		return err
	}
	f, err := s.sessions.Get(ctx, session)
	if err != nil {
		return err
	}
	if f.Kind != StaffKind || f.Owner != id {
		return fault.New(fault.NotFound, "没有这个登录。", "There is no such session.")
	}
	_, err = s.staff.Update(ctx, id, func(m *Staff) error {
		m.OwesAudit.Owe(ctx, "staff/"+m.ID, m.Version, audit.Event{
			At: s.now(), Verb: audit.SessionsEnded, Object: "staff:" + m.ID, Company: m.Company,
			Communities: m.Communities,
			After:       audit.State{"sessions": "1"},
		})
		return nil
	})
	if err != nil {
		return err
	}
	return s.end(ctx, session)
}

// EndSessions ends all sessions of a member of staff, but for the caller's own.
func (s *Service) EndSessions(ctx context.Context, by Caller, id string) error {
	if _, err := s.Member(ctx, by, id); err != nil {
		return err
	}
	defer s.standings.forget()
	_, err := s.staff.Update(ctx, id, func(m *Staff) error {
		before := m.told()
		m.endSessions("")
		if by.ID == id {
			m.Kept = by.Session
		}
		m.owe(ctx, audit.SessionsEnded, before, s.now())
		return nil
	})
	return err
}
