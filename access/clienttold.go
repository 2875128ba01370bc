package access

import (
	"context"
	"strconv"
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/audit"
)

// owe writes an event of what has just changed into the client: the fields that are not as before. nil is a new one.
func (c *Client) owe(ctx context.Context, verb audit.Verb, before audit.State, at time.Time) {
	after := c.told()
	for name, value := range before {
		if now, still := after[name]; still && now == value {
			delete(before, name)
			delete(after, name)
		}
	}
	c.OwesAudit.Owe(ctx, "client/"+c.ID, c.Version, audit.Event{
		At: at, Verb: verb, Object: c.Actor(), Company: c.Company, Communities: c.wanted(at).Communities,
		Before: before, After: after,
	})
}

// told is what the audit log is told of a client: what it was given and is asked for, and which of its keys count. No
// name, and nothing of a key but its id.
func (c *Client) told() audit.State {
	t := audit.State{"per_minute": strconv.Itoa(c.PerMinute), "keys": keyList(c.Keys)}
	c.Grant.tell(t, "")
	if r := c.Request; r != nil {
		t["request"], t["request_state"] = r.ID, string(r.State)
		if r.State == approval.Requested {
			r.Grant.tell(t, "asked_")
		}
	}
	if !c.RevokedAt.IsZero() {
		t["revoked_at"] = c.RevokedAt.Format(time.RFC3339)
	}
	return t
}

func (g Grant) tell(t audit.State, prefix string) {
	rights := make([]string, len(g.Rights))
	for i, r := range g.Rights {
		rights[i] = string(r)
	}
	t[prefix+"rights"], t[prefix+"communities"] = strings.Join(rights, " "), placeList(g.scope())
	if !g.ExpiresAt.IsZero() {
		t[prefix+"expires_at"] = g.ExpiresAt.Format(time.RFC3339)
	}
}

func keyList(keys []ClientKey) string {
	text := make([]string, 0, len(keys))
	for _, k := range keys {
		if k.EndedAt.IsZero() {
			until := ""
			if !k.Until.IsZero() {
				until = "<" + k.Until.Format(time.RFC3339)
			}
			text = append(text, k.ID+until)
		}
	}
	return strings.Join(text, " ")
}
