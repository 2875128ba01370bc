package handlers

import (
	"context"
	"strings"
	"time"

	"linlipay/access"
	"linlipay/property"
)

// bindingView is a binding as its reader may see it: the resident who asked, one of the household, or staff.
type bindingView struct {
	ID            string                `json:"id"`
	State         property.BindingState `json:"state"`
	Way           property.BindingWay   `json:"method"`
	Community     string                `json:"community"`
	CommunityName string                `json:"community_name"`
	Label         string                `json:"label"`            // as the resident wrote it, until it is bound
	Unit          string                `json:"unit,omitempty"`   // for a resident, once it is bound
	Phone         string                `json:"phone"`            // of who asked; masked but for staff
	Mine          bool                  `json:"mine"`             // the caller is who asked
	InForce       bool                  `json:"active"`           // the home is in the resident's app
	MayEnd        bool                  `json:"may_end"`          // the caller may end it
	Unread        bool                  `json:"unread,omitempty"` // for one of the household who has not read of it
	AskedAt       time.Time             `json:"requested_at"`
	BoundAt       *time.Time            `json:"bound_at,omitempty"`
	EndedAt       *time.Time            `json:"ended_at,omitempty"` // or refused
	EndedBy       string                `json:"ended_by,omitempty"` // resident, owner or office; for staff the actor
	DecidedBy     string                `json:"decided_by,omitempty"`
	Reason        string                `json:"reason,omitempty"`

	// For staff alone.
	Owner      string `json:"owner,omitempty"`       // of the unit
	OwnerPhone string `json:"owner_phone,omitempty"` // on record
	Note       string `json:"note,omitempty"`        // the resident's
}

type askedView struct {
	bindingView
	ExpiresIn int    `json:"expires_in,omitempty"` // seconds; a code's
	DemoCode  string `json:"demo_code,omitempty"`
}

func (s *Server) bindingViews(
	ctx context.Context, c *call, bindings []property.Binding, next string, h *property.Home, err error,
) (list[bindingView], error) {
	views := make([]bindingView, 0, len(bindings))
	for i := range bindings {
		if err != nil {
			break
		}
		var v bindingView
		v, err = s.bindingView(ctx, c, &bindings[i], h)
		views = append(views, v)
	}
	return list[bindingView]{views, next}, err
}

// bindingView shows a binding to a caller; h is the home where one of the household looks at it.
func (s *Server) bindingView(ctx context.Context, c *call, b *property.Binding, h *property.Home) (bindingView, error) {
	v := bindingView{
		ID: b.ID, State: b.State, Way: b.Way, Community: b.Community, Label: b.Label,
		Phone: maskPhone(b.Phone), Mine: b.Resident == c.ID, AskedAt: b.AskedAt, BoundAt: given(b.BoundAt),
		EndedAt: given(b.EndedAt),
		EndedBy: endedBy(b), Reason: b.Reason,
	}
	community, err := s.Property.Community(ctx, b.Community)
	if err != nil {
		return v, err
	}
	v.CommunityName = community.Name
	staff, open := c.Kind == access.StaffKind, b.State == property.CodeSent || b.State == property.Requested
	if b.Unit != "" && (staff || !b.BoundAt.IsZero()) {
		u, err := s.Property.Unit(ctx, b.Unit)
		if err != nil {
			return v, err
		}
		v.Unit, v.InForce = u.ID, b.InForce(u)
		if v.Label = u.Label; staff {
			v.Owner, v.OwnerPhone = u.Owner, u.Phone
		}
		if b.State == property.BoundState && b.Tenure < len(u.Former) { // the owner's change ended it
			at := u.Former[b.Tenure].Until
			v.State, v.EndedAt, v.EndedBy = property.EndedBinding, &at, "owner_changed"
		}
	}
	v.MayEnd = v.InForce && (staff || v.Mine || h != nil && h.As == property.Owner) || open && v.Mine
	if h != nil && h.Household() {
		v.Unread = b.Changed().After(h.Since)
	}
	if staff {
		v.Phone, v.Note, v.DecidedBy = b.Phone, b.Note, b.DecidedBy
		if b.EndedBy != "" {
			v.EndedBy = b.EndedBy
		}
	}
	return v, nil
}

// endedBy is who ended a binding, without saying which person it was.
func endedBy(b *property.Binding) string {
	switch {
	case b.EndedBy == "":
		return ""
	case strings.HasPrefix(b.EndedBy, string(access.StaffKind)+":"):
		return "office"
	case b.EndedBy == string(access.ResidentKind)+":"+b.Resident:
		return "resident"
	}
	return "owner"
}
