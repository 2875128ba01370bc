package access

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"linlipay/fault"
	"linlipay/store"
)

// TokenLife is how long an access token is good for; sessionLife how long it can be renewed without a log-in.
const (
	TokenLife   = 15 * time.Minute
	sessionLife = 30 * 24 * time.Hour
	audience    = "linlipay"
)

// claims are what a token says.
type claims struct {
	jwt.RegisteredClaims
	Kind        Kind     `json:"kind"`
	Name        string   `json:"name,omitempty"`
	Company     string   `json:"company,omitempty"`
	Communities []string `json:"communities,omitempty"`
	Roles       []Role   `json:"roles,omitempty"`
}

// Issue signs an access token for a caller.
func (s *Service) Issue(ctx context.Context, c Caller) (string, error) {
	id, key, err := s.signer(ctx)
	if err != nil {
		return "", err
	}
	now := s.now()
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: c.ID, Audience: jwt.ClaimStrings{audience}, IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(TokenLife)),
		},
		Kind: c.Kind, Name: c.Name, Company: c.Company, Communities: c.Communities, Roles: c.Roles,
	})
	t.Header["kid"] = id
	return t.SignedString(key)
}

// Verify returns the caller whom a token speaks for, or Unauthenticated. Only EdDSA by a key of ours counts.
func (s *Service) Verify(ctx context.Context, token string) (Caller, error) {
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		id, _ := t.Header["kid"].(string)
		k, err := s.verifier(ctx, id)
		return ed25519.PublicKey(k.Public), err
	}, jwt.WithValidMethods([]string{"EdDSA"}), jwt.WithStrictDecoding(), jwt.WithAudience(audience), jwt.WithExpirationRequired(), jwt.WithTimeFunc(s.now))
	if fault.Is(err, fault.Unavailable) {
		return Caller{}, err
	}
	if err != nil {
		return Caller{}, errUnknownKey.Because(err)
	}
	return Caller{
		Kind: c.Kind, ID: c.Subject, Name: c.Name, Company: c.Company, Communities: c.Communities, Roles: c.Roles, Expires: c.ExpiresAt.Time,
	}, nil
}

// session is a family of refresh tokens: only the newest is good, and an older one that comes back ends the family.
type session struct {
	ID        string    `json:"id"`
	Version   int64     `json:"-"`
	Caller    Caller    `json:"caller"`
	Current   string    `json:"current"` // hash of the newest refresh token's secret
	ExpiresAt time.Time `json:"expires_at"`
	Revoked   bool      `json:"revoked,omitempty"`
}

var sessions = store.Kind[session]{
	Schema:  store.Schema{Name: "sessions"},
	ID:      func(s *session) string { return s.ID },
	Version: func(s *session) *int64 { return &s.Version },
	Keys:    func(*session) store.Keys { return nil },
}

// Tokens are what a log-in gives.
type Tokens struct {
	Access    string
	Refresh   string // "" for terminals, which have a key of their own
	ExpiresIn int    // seconds
}

// Open starts a session after a log-in.
func (s *Service) Open(ctx context.Context, c Caller) (Tokens, error) {
	id, secret := rand.Text(), rand.Text()
	err := s.sessions.Insert(ctx, &session{ID: id, Caller: c, Current: hashSecret(secret), ExpiresAt: s.now().UTC().Add(sessionLife)})
	if err != nil {
		return Tokens{}, err
	}
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

func ended() error {
	return fault.New(fault.Unauthenticated, "登录已失效，请重新登录。", "The session has ended; please log in again.")
}

// Refresh exchanges a refresh token for new tokens, once. One that was used before was stolen from somebody: the whole session ends.
func (s *Service) Refresh(ctx context.Context, refresh string) (Tokens, Caller, error) {
	id, secret, ok := strings.Cut(refresh, ".")
	if !ok {
		return Tokens{}, Caller{}, ended()
	}
	next, reused := rand.Text(), false
	kept, err := s.sessions.Update(ctx, id, func(f *session) error {
		if f.Revoked || s.now().After(f.ExpiresAt) {
			return ended()
		}
		if reused = f.Current != hashSecret(secret); reused {
			f.Revoked = true
			return nil
		}
		f.Current = hashSecret(next)
		return nil
	})
	if fault.Is(err, fault.NotFound) || err == nil && reused {
		return Tokens{}, Caller{}, ended()
	}
	if err != nil {
		return Tokens{}, Caller{}, err
	}
	t, err := s.tokens(ctx, kept.Caller, id+"."+next)
	return t, kept.Caller, err
}

// Revoke ends the session of a refresh token; one that is not known is no error.
func (s *Service) Revoke(ctx context.Context, refresh string) error {
	id, _, _ := strings.Cut(refresh, ".")
	_, err := s.sessions.Update(ctx, id, func(f *session) error { f.Revoked = true; return nil })
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
