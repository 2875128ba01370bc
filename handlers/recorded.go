package handlers

import (
	"cmp"
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/fault"
)

// recording says what a route writes into the audit log before it answers: of what changes no document of ours that
// could owe the event. The handler gives its part in call.event: who, where nobody has logged in yet, the object, the
// company where it is not the caller's, the communities.
type recording struct {
	done    audit.Verb // it was done; when this cannot be written the answer is an error
	refused audit.Verb // whoever asked was not believed; repeated ones are counted
}

// nothing, as the Verb of call.event, says that there is nothing to record after all.
const nothing audit.Verb = "-"

// recordsKey is where a request has its route's recording.
const recordsKey = "records"

// asking is ctx with who acts in a request, for the events of whatever it changes. The fault is that of a store that
// cannot be read.
func (s *Server) asking(ctx context.Context, c *fiber.Ctx, caller access.Caller) (context.Context, error) {
	from, err := s.Audit.DigestOfAddress(ctx, addressOf(c))
	who := audit.Who{Actor: audit.Unknown, From: from}
	who.Request, _ = c.Locals("request_id").(string)
	if caller.Kind != "" {
		who.Actor = caller.Actor()
	}
	return audit.As(ctx, who), err
}

// recordCall writes what the call's route records, and returns the error to answer with: failed, which is the call's
// own, or that nothing could be written.
func (s *Server) recordCall(ctx context.Context, f *fiber.Ctx, c *call, failed error) error {
	r, _ := f.Locals(recordsKey).(recording)
	e := c.event
	e.Company = cmp.Or(e.Company, c.Company)
	switch {
	case e.Verb == nothing:
	case failed == nil && r.done != "":
		e.Verb = r.done
		return s.Audit.Record(ctx, e)
	case failed != nil && r.refused != "" && disbelieved(failed):
		e.Verb = r.refused
		if err := s.Audit.Count(ctx, e); err != nil {
			return err
		}
	}
	return failed
}

// disbelieved reports whether a fault means that somebody was not believed, or tried too often.
func disbelieved(err error) bool {
	return slices.Contains([]fault.Code{fault.Unauthenticated, fault.Forbidden, fault.Expired, fault.TooMany},
		fault.CodeOf(err))
}
