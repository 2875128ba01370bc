package access

import (
	"context"
	"slices"
	"strings"

	"linlipay/approval"
	"linlipay/fault"
)

// What somebody asked for is approved only while they could still ask for it: whoever was disabled, lost the role, or
// lost the place that it is about has nothing done in their name any more. It may be refused still.

// MayStillAsk is the WrongState fault of approving what somebody asked for who could not ask for it any more: actor is
// who asked, as timelines name them, and where is what it is about; its zero value is the whole company. The system and
// the command line always may.
func (s *Service) MayStillAsk(ctx context.Context, m approval.Matter, actor, company string, where Scope) error {
	kind, id, _ := strings.Cut(actor, ":")
	var may bool
	var err error
	switch Kind(kind) {
	case StaffKind:
		may, err = s.memberAsks(ctx, m, id, company, where)
	case ClientKind:
		may, err = s.clientAsks(ctx, m, id, company, where)
	default:
		return nil
	}
	if err == nil && !may {
		return fault.New(fault.WrongState, "申请人已停用，或已不再有提交该申请的权限，不能批准；请驳回后由有权限的人员重新提交。",
			"Whoever asked may not ask for this any more: refuse it, and have somebody ask anew who may.")
	}
	return err
}

func (s *Service) memberAsks(ctx context.Context, m approval.Matter, id, company string, where Scope) (bool, error) {
	who, err := s.staff.Get(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	c, err := s.Reaching(ctx, who)
	if err != nil {
		return false, err
	}
	return !who.Disabled && who.Company == company && c.Person().Has(m.Asks) && c.Scope().covers(where), nil
}

func (s *Service) clientAsks(ctx context.Context, m approval.Matter, id, company string, where Scope) (bool, error) {
	c, err := s.clients.Get(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	reach, err := s.written(ctx, c.Company, c.scope())
	if err != nil {
		return false, err
	}
	has := slices.ContainsFunc(c.Rights, func(r Right) bool { return slices.Contains(m.Clients, string(r)) })
	return has && c.State(s.now()) == ClientActive && c.Company == company && reach.covers(where), nil
}

// askerOf is the WrongState fault of approving a member's request whose asker could not ask for it any more: they reach
// the member as they are, and the rights that they would have.
func (s *Service) askerOf(ctx context.Context, m *Staff) error {
	r := m.Request
	if r == nil {
		return nil
	}
	places := []Scope{m.scope()}
	if r.Rights != nil {
		places = append(places, r.Rights.scope())
	}
	for _, where := range places {
		if err := s.MayStillAsk(ctx, RightsMatter(), r.RequestedBy, m.Company, where); err != nil {
			return err
		}
	}
	return nil
}

// ScopeOf is the scope of one community; "" is the whole company.
func ScopeOf(community string) Scope {
	if community == "" {
		return Scope{}
	}
	return Scope{Communities: []string{community}}
}
