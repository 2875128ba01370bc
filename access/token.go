package access

import (
	"context"
	"crypto/ed25519"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"linlipay/fault"
)

// TokenLife is how long an access token is good for at most: it ends with its session, its person or its pairing. Ours:
// what its caller may do is read anew every few seconds anyway (standingLife).
const (
	TokenLife = 15 * time.Minute
	audience  = "linlipay"
)

// claims are what a token says: of a terminal who it is, of a person whose session it belongs to.
type claims struct {
	jwt.RegisteredClaims
	Kind        Kind     `json:"kind"`
	Session     string   `json:"sid,omitempty"`
	Name        string   `json:"name,omitempty"`
	Company     string   `json:"company,omitempty"`
	Communities []string `json:"communities,omitempty"`
	Roles       []Role   `json:"roles,omitempty"`
}

// Issue signs an access token for a caller. A signing key that cannot be opened is an error without a code.
func (s *Service) Issue(ctx context.Context, c Caller) (string, error) {
	id, key, err := s.signer(ctx)
	if err != nil {
		return "", err
	}
	now := s.now()
	if c.Session != "" { // whose rights are read anew; so many communities would fit into no cookie
		c.Name, c.Company, c.Communities, c.Regions, c.Roles = "", "", nil, nil, nil
	}
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: c.ID, Audience: jwt.ClaimStrings{audience}, IssuedAt: jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(TokenLife)),
		},
		Kind: c.Kind, Session: c.Session, Name: c.Name, Company: c.Company, Communities: c.Communities, Roles: c.Roles,
	})
	t.Header["kid"] = id
	return t.SignedString(key)
}

// Verify returns the caller whom a token, or the key of an API client, speaks for, with the rights that they have now
// (see Standing), or Unauthenticated. Of tokens only EdDSA by a key of ours counts.
func (s *Service) Verify(ctx context.Context, token string) (Caller, error) {
	if IsClientKey(token) {
		return s.verifyClient(ctx, token)
	}
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		id, _ := t.Header["kid"].(string)
		k, err := s.verifier(ctx, id)
		return ed25519.PublicKey(k.Public), err
	}, jwt.WithValidMethods([]string{"EdDSA"}), jwt.WithStrictDecoding(), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(s.now))
	if fault.Is(err, fault.Unavailable) {
		return Caller{}, err
	}
	if err != nil {
		return Caller{}, errUnknownKey.Because(err)
	}
	return s.Standing(ctx, Caller{
		Kind: c.Kind, ID: c.Subject, Session: c.Session, Name: c.Name, Company: c.Company, Communities: c.Communities,
		Roles:   c.Roles,
		Expires: c.ExpiresAt.Time,
	})
}
