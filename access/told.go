package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/audit"
)

// Outboxes are the collections whose documents owe events of the audit log.
func (s *Service) Outboxes() []audit.Outbox {
	return []audit.Outbox{audit.From(s.staff, func(m *Staff) *audit.Owed { return &m.OwesAudit }),
		audit.From(s.organisations, func(o *Organisation) *audit.Owed { return &o.OwesAudit }),
		audit.From(s.clients, func(c *Client) *audit.Owed { return &c.OwesAudit })}
}

// told is what the audit log is told of a member: rights and requests, and nothing of who they are or of their
// password.
func (m *Staff) told() audit.State {
	t := audit.State{
		"roles": roleList(m.Roles), "communities": placeList(m.scope()), "disabled": fmt.Sprint(m.Disabled),
		"one_time_password": fmt.Sprint(m.mustChange()),
	}
	if r := m.Request; r != nil {
		t["request"], t["request_state"] = r.ID, string(r.State)
		if r.State == approval.Requested {
			t["asked_enable"], t["asked_password"] = fmt.Sprint(r.Enable), fmt.Sprint(r.Code != nil)
			if r.Rights != nil {
				t["asked_roles"], t["asked_communities"] = roleList(r.Rights.Roles), placeList(r.Rights.scope())
			}
		}
	}
	return t
}

func roleList(roles []Role) string {
	text := make([]string, 0, len(roles))
	for _, r := range roles {
		text = append(text, string(r))
	}
	slices.Sort(text)
	return strings.Join(text, " ")
}

func placeList(s Scope) string {
	if s.Whole() {
		return "all"
	}
	values := slices.Sorted(slices.Values(s.Communities))
	for _, r := range slices.Sorted(slices.Values(s.Regions)) {
		values = append(values, "region:"+r)
	}
	return strings.Join(values, " ")
}

// owe writes an event of what has just changed into the member: the fields that are not as before. nil is a new member.
func (m *Staff) owe(ctx context.Context, verb audit.Verb, before audit.State, at time.Time) {
	after := m.told()
	for name, value := range before {
		if now, still := after[name]; still && now == value {
			delete(before, name)
			delete(after, name)
		}
	}
	m.OwesAudit.Owe(ctx, "staff/"+m.ID, m.Version, audit.Event{
		At: at, Verb: verb, Object: "staff:" + m.ID, Company: m.Company, Communities: m.Communities, Before: before,
		After: after,
	})
}
