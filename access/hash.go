package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"time"

	"golang.org/x/crypto/argon2"

	"linlipay/fault"
)

// Hashing is what it costs to try a password: the parameters of argon2id, which runs in one lane (RFC 9106).
type Hashing struct {
	Memory uint32 // KiB
	Passes uint32
}

// OWASP is what passwords of the product are hashed with: 19 MiB and 2 passes, as OWASP's Password Storage Cheat Sheet
// advises. Tests of what lies above take less, which they hand to NewService; nothing else may (architecture_test.go).
func OWASP() Hashing { return Hashing{Memory: 19 * 1024, Passes: 2} }

// hashers bounds how many passwords are hashed at once, so that log-ins cannot take all memory.
const hashers = 4

// Secret is a password as it is kept.
type Secret struct {
	Salt string `json:"salt"`
	Hash string `json:"hash"` // argon2id
	// a code that others gave: it is good until then, and for choosing a password only
	Until time.Time `json:"until,omitzero"`
}

// nobodysSalt keeps the work of a log-in the same when the login is unknown.
const nobodysSalt = "bm9ib2R5J3Mgc2FsdC4uLg=="

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
	return base64.StdEncoding.EncodeToString(argon2.IDKey([]byte(password), raw, s.passwords.Passes,
		s.passwords.Memory, 1, 32)), nil
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
