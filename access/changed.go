package access

import (
	"slices"
	"strings"

	"linlipay/audit"
)

// What becomes of members of staff, for the audit log: each change of one is an event in their own document, by the same write.

// Outboxes are the collections whose documents owe events to the audit log.
func (s *Service) Outboxes() []audit.Outbox { return []audit.Outbox{s.staff.Outbox()} }

// watchStaff tells of each change of a member of staff.
func (s *Service) watchStaff(m *Staff) func(*Staff) []audit.Event {
	before, isNew := s.staffState(m), m.ID == ""
	return func(m *Staff) []audit.Event {
		was, is := audit.Changed(before, s.staffState(m))
		if was == nil && is == nil {
			return nil
		}
		e := audit.Event{
			At: s.now(), Verb: audit.StaffChanged, Object: "staff:" + m.ID, Company: m.Company, Communities: m.Communities, Before: was, After: is,
		}
		if isNew {
			e.Verb = audit.StaffAdded
		}
		return []audit.Event{e}
	}
}

// staffState is a member of staff as events show them: without name and login, and of the password only that it is another.
func (s *Service) staffState(m *Staff) audit.State {
	if m.ID == "" {
		return nil
	}
	var roles []string
	for _, r := range m.Roles {
		roles = append(roles, string(r))
	}
	slices.Sort(roles)
	return audit.State{
		"roles": strings.Join(roles, " "), "communities": strings.Join(m.Communities, " "),
		"name": s.box.Digest("audit name", m.Name), "password": s.box.Digest("audit password "+m.ID, m.Hash),
	}
}
