package access

import (
	"slices"

	"linlipay/fault"
)

// Rights are what a member may do, and where.
type Rights struct {
	Roles       []Role   `json:"roles"`
	Communities []string `json:"communities,omitempty"` // without regions, empty is all
	Regions     []string `json:"regions,omitempty"`
}

func (r Rights) scope() Scope { return Scope{r.Communities, r.Regions} }

func checkRoles(roles []Role) error {
	if len(roles) == 0 {
		return fault.New(fault.Invalid, "至少选择一个角色。", "At least one role is required.").With("field", "roles")
	}
	if len(roles) > 1 && slices.Contains(roles, Auditor) {
		return fault.New(fault.Invalid, "审计员不能兼任其他角色。", "An auditor has no other role.").With("field", "roles")
	}
	for _, r := range roles {
		if !slices.Contains(Roles(), r) {
			return fault.New(fault.Invalid, "没有这个角色。", "There is no such role: "+string(r)+".").With("field", "roles")
		}
	}
	return nil
}

// gives reports whether rights hold something that a member, whose scope is written out, does not have.
func (m *Staff) gives(r Rights, has Scope) bool {
	return !has.covers(r.scope()) || slices.ContainsFunc(r.Roles, func(role Role) bool {
		return !slices.Contains(m.Roles, role)
	})
}

// narrow takes what rights do not hold; both scopes are written out. Whoever would be left with no role or nowhere
// keeps those until it is decided.
func (m *Staff) narrow(r Rights, has, asked Scope) {
	if roles := slices.DeleteFunc(slices.Clone(m.Roles), func(role Role) bool {
		return !slices.Contains(r.Roles, role)
	}); len(roles) > 0 {
		m.Roles = roles
	}
	left := m.scope().less(has, r.scope(), asked)
	m.Communities, m.Regions = left.Communities, left.Regions
}
