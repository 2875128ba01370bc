package access

import (
	"context"
	"crypto/subtle"
	"strings"

	"linlipay/fault"
)

// WhoseLogin is the member of staff with a login, as an actor, and their company; "" when nobody has it.
func (s *Service) WhoseLogin(ctx context.Context, login string) (actor, company string, err error) {
	m, err := s.staff.Get(ctx, staffID(login))
	if fault.Is(err, fault.NotFound) {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	return m.Caller().Actor(), m.Company, nil
}

// WhoseSession is the caller whose session a refresh token continues, and whether it is open: it is not when the token
// is not its newest, or the session is over.
func (s *Service) WhoseSession(ctx context.Context, refresh string) (c Caller, open bool, err error) {
	id, secret, _ := strings.Cut(refresh, ".")
	f, err := s.sessions.Get(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return Caller{}, false, nil
	}
	if err != nil {
		return Caller{}, false, err
	}
	current := subtle.ConstantTimeCompare([]byte(f.Current), []byte(hashSecret(secret))) == 1
	return f.Caller, current && !f.Revoked && s.now().Before(f.ExpiresAt), nil
}
