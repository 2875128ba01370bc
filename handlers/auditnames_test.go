package handlers

import (
	"fmt"
	"testing"

	"linlipay/audit"
)

// What events tell of is called by its name, of its own company alone; what has none, or is another's, by its id.
func TestTheAuditLogNamesWhatItTellsOf(t *testing.T) {
	w := newReach(t)
	client, _ := w.apiClient(w.b)
	called := w.s.namer(w.b.id)
	for ref, want := range map[string]string{
		"staff:" + w.ids["member"]:    "待审批",
		"terminal:" + w.mine.id:       "前台bbb",
		client.Actor:                  client.Name,
		"unit:" + w.b.unit.ID:         "乙小区 · " + w.b.unit.Label,
		"unit:" + w.a.unit.ID:         "",
		"community:" + w.b.community:  "乙小区",
		"community:" + w.a.community:  "",
		"routes:" + w.b.id + "/":      "乙物业",
		"routes:bbb/" + w.b.community: "乙小区",
		"order:" + w.ids["paid"]:      "",
		"unit:gone":                   "",
		"shell":                       "",
		"":                            "",
	} {
		e := audit.Event{Actor: ref, Object: ref}
		names, err := called.of(t.Context(), &e)
		if err != nil || names[ref] != want {
			t.Errorf("%s is called %q, want %q: %v", ref, names[ref], want, err)
		}
	}
}

func TestWhatAFieldTellsOf(t *testing.T) {
	for _, c := range []struct{ field, value, want string }{
		{"communities", "c1 region:r1", "[community:c1 region:r1]"},
		{"asked_communities", "all", "[community:all]"},
		{"entities", "2026-01-01 e1, e2", "[entity:2026-01-01 entity:e1 entity:e2]"},
		{"card swipe", "a1 a2", "[account:a1 account:a2]"},
		{"asked_by", "staff:1", "[staff:1]"},
		{"decided_for", "staff:1", "[staff:1]"},
		{"deputies", "2026-12-01 2026-12-07 staff:1", "[staff:2026-12-01 staff:2026-12-07 staff:1]"},
		{"decides_refund", "operations 50000 community:c1, finance",
			"[role:operations role:50000 community:c1 role:finance]"},
		{"name", "staff:1", "[]"},
	} {
		if got := refsIn(c.field, c.value); fmt.Sprint(got) != c.want {
			t.Errorf("%s=%s tells of %v, want %s", c.field, c.value, got, c.want)
		}
	}
}
