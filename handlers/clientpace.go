package handlers

import (
	"context"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/fault"
)

// anyClient, as the right of a route, admits every API client, whatever its rights.
const anyClient access.Right = "*"

// clientCalls is what goes with each call of an API client: its pace, when its key was used last, and the record of a
// key that does not count. denied is why the key was refused, nil when it was not.
func (s *Server) clientCalls(ctx context.Context, c *fiber.Ctx, client access.Caller, denied error) error {
	if denied != nil {
		if fault.Is(denied, fault.Unauthenticated) && client.Company != "" {
			return s.denyClient(ctx, c, client, denied)
		}
		return denied
	}
	if wait := s.clientPace(c, client); wait > 0 {
		return tooFast(wait)
	}
	if err := s.Access.KeyUsed(ctx, client); err != nil {
		s.Log.Warn("when an API key was last used was not written down", "client", client.ID, "err", err)
	}
	return nil
}

// denyClient records that a key of a known client was refused, and returns the error to answer with.
func (s *Server) denyClient(ctx context.Context, c *fiber.Ctx, client access.Caller, denied error) error {
	ctx, err := s.asking(ctx, c, access.Caller{})
	if err != nil {
		return err
	}
	e := audit.Event{Verb: audit.ClientDenied, Object: client.Actor(), Company: client.Company,
		Communities: client.Communities}
	if err := s.Audit.Count(ctx, e); err != nil {
		return err
	}
	return denied
}

// clientPace takes one call from a client's allowance, and tells the client in the header what is left of it, as
// draft-ietf-httpapi-ratelimit-headers-10 has it. It returns how long a client that has none left must wait.
func (s *Server) clientPace(c *fiber.Ctx, client access.Caller) time.Duration {
	key, p := "client "+client.ID, perMinute(client.PerMinute)
	wait := s.paces.take(key, p)
	left, more := s.paces.left(key, p)
	c.Set("RateLimit-Policy", fmt.Sprintf(`"client";q=%d;w=60`, client.PerMinute))
	c.Set("RateLimit", fmt.Sprintf(`"client";r=%d;t=%d`, left, wholeSeconds(max(wait, more))))
	return wait
}

// paceHeaders adds to an answer's headers those that tell an API client what is left to it.
func paceHeaders(headers object) object {
	text := func(says, example string) object {
		return object{"description": says, "schema": object{"type": "string", "examples": []string{example}}}
	}
	headers["RateLimit-Policy"] = text("API clients: q calls in w seconds", `"client";q=120;w=60`)
	headers["RateLimit"] = text("API clients: r calls are left at once, one more in t seconds", `"client";r=119;t=1`)
	return headers
}

// wholeSeconds is a while in seconds, none of it left out.
func wholeSeconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }
