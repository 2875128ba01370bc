package webhook

import (
	"context"
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/store"
)

// Where a company's events go is decided by two: one asks for an endpoint or for a change of one, and another approves
// it before anything is sent there. Off and on again, the secret and the end need one person.

// EndpointMatter is who asks for an endpoint or a change of one, and who decides it.
func EndpointMatter() approval.Matter {
	return approval.Matter{
		ZH: "回调地址变更", EN: "change of a webhook endpoint",
		Asks: []string{"operations"}, Decides: []string{"finance", "operations"}, Lasts: 7 * 24 * time.Hour,
	}
}

// EndpointRequest is an endpoint as it would be, which waits for another person, or the last that did.
type EndpointRequest struct {
	approval.Request
	Change EndpointChange `json:"change"`
}

// standing is the request, nil where there never was one.
func (e *Endpoint) standing() *approval.Request {
	if e.Request == nil {
		return nil
	}
	return &e.Request.Request
}

// Waits reports whether a request waits for a decision at a time.
func (e *Endpoint) Waits(now time.Time) bool { return e.standing().At(now) == approval.Requested }

// Asker is who asks for a change, and what they had before their eyes.
type Asker struct {
	By       approval.Person
	Revision int64  // of what they saw; another since is a Stale fault
	Replaces string // the request that this one takes the place of; "" is none
	Reason   string // for whoever decides; may be empty
}

// ask puts a request into an endpoint.
func (a Asker) ask(e *Endpoint, c EndpointChange, now time.Time) error {
	if a.Revision != e.Revision {
		return fault.New(fault.Stale, "内容已变更，请刷新后重新提交。", "It has changed since you looked; look again and ask anew.")
	}
	asking := approval.Asking{Standing: e.standing(), Replaces: a.Replaces, Base: e.Revision, Reason: a.Reason}
	r, err := EndpointMatter().Ask(asking, a.By, now)
	if err == nil {
		e.Request = &EndpointRequest{*r, c}
	}
	return err
}

// endpointsMost is how many endpoints a company may have.
const endpointsMost = 20

// AskEndpoint asks for an endpoint and returns its secret, which is shown this once. Nothing is sent to it before
// another person has approved it. Where the company has as many as it may, it is Invalid.
func (s *Service) AskEndpoint(ctx context.Context, company string, c EndpointChange, a Asker) (*Endpoint, string,
	error) {
	if err := s.check(c); err != nil {
		return nil, "", err
	}
	n, err := s.endpoints.Count(ctx, store.Query{Index: byCompany, Equal: []any{company}})
	if err != nil {
		return nil, "", err
	}
	if n >= endpointsMost {
		return nil, "", fault.New(fault.Invalid, "回调地址已达上限，请先删除不用的。",
			"There are as many endpoints as may be; delete one first.")
	}
	key := newSecret()
	e := &Endpoint{ID: newID("we_"), Company: company, State: Proposed, CreatedAt: s.now()}
	if err := a.ask(e, c, s.now()); err != nil {
		return nil, "", err
	}
	e.Secret = s.cfg.Box.Seal(key, secretContext(e.ID))
	e.owe(ctx, s.now(), audit.EndpointAsked, nil)
	return e, secretText(key), s.endpoints.Insert(ctx, e)
}

// AskChange asks that what an endpoint is be replaced. What is owed to it then goes to its new address.
func (s *Service) AskChange(ctx context.Context, company, id string, c EndpointChange, a Asker) (*Endpoint, error) {
	if err := s.check(c); err != nil {
		return nil, err
	}
	return s.change(ctx, company, id, audit.EndpointAsked, func(e *Endpoint) error { return a.ask(e, c, s.now()) })
}

// Decide approves or refuses what waits for an endpoint. What was approved takes effect at once in every process; an
// endpoint that never was approved and is refused stays as it was asked for.
func (s *Service) Decide(ctx context.Context, company, id string, d approval.Decision, by approval.Person) (*Endpoint,
	error) {
	verb := audit.EndpointRejected
	if d.Approve {
		verb = audit.EndpointApproved
	}
	return s.change(ctx, company, id, verb, func(e *Endpoint) error {
		if err := e.standing().Decide(EndpointMatter(), d, e.Revision, by, s.now()); err != nil {
			return err
		}
		if !d.Approve {
			return nil
		}
		if err := s.check(e.Request.Change); err != nil { // the configuration may have changed since
			return err
		}
		e.EndpointChange = e.Request.Change
		e.Revision++
		if e.State == Proposed {
			e.State = Enabled
		}
		return nil
	})
}

// Withdraw takes back what the caller asked for.
func (s *Service) Withdraw(ctx context.Context, company, id, request string, by approval.Person) (*Endpoint, error) {
	return s.change(ctx, company, id, audit.EndpointWithdrawn, func(e *Endpoint) error {
		return e.standing().Withdraw(request, by, s.now())
	})
}

// asked is what the audit log keeps of a request, beside what is in force.
func (r *EndpointRequest) asked(state audit.State) {
	if r == nil {
		return
	}
	state["request"] = r.ID
	if r.State == approval.Requested {
		of := r.Change.audited()
		state["asked_host"], state["asked_types"] = of["host"], of["types"]
	}
}

// typesText are types as the audit log has them.
func typesText(types []EventType) string {
	texts := make([]string, len(types))
	for i, t := range types {
		texts[i] = string(t)
	}
	return strings.Join(texts, " ")
}
