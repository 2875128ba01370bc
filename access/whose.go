package access

import (
	"context"
	"strings"

	"linlipay/fault"
)

// WhoseLogin is the member of staff with a login, as an actor, and their company; "" when nobody has it.
func (s *Service) WhoseLogin(ctx context.Context, login string) (actor, company string, err error) {
	m, err := s.staff.Get(ctx, StaffID(login))
	if fault.Is(err, fault.NotFound) {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	return m.Caller().Actor(), m.Company, nil
}

// WhoseSession is the caller whose session a refresh token continues, and whether it is open: it is not when the token
// is neither its newest nor the one before, or the session is over.
func (s *Service) WhoseSession(ctx context.Context, refresh string) (c Caller, open bool, err error) {
	id, secret, _ := strings.Cut(refresh, ".")
	f, err := s.sessions.Get(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return Caller{}, false, nil
	}
	if err != nil {
		return Caller{}, false, err
	}
	c, err = s.owner(ctx, f)
	if fault.Is(err, fault.Unauthenticated) {
		return Caller{Kind: f.Kind, ID: f.Owner}, false, nil
	}
	hash := hashSecret(secret)
	return c, err == nil && (f.Current == hash || f.Previous == hash), err
}
