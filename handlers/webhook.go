package handlers

import (
	"context"
	"slices"
	"strings"
	"time"

	"linlipay/access"
	"linlipay/approval"
	"linlipay/fault"
	"linlipay/store"
	"linlipay/webhook"
)

// webhookRoutes are the routes of webhook endpoints and their deliveries.
func (s *Server) webhookRoutes() []route {
	const one = "/v1/webhook-endpoints/:id"
	sees, manages, matter := staffWith(access.Finance, access.Operations), staffWith(access.Operations),
		webhook.EndpointMatter()
	return []route{
		{id: "listWebhookEndpoints", method: "GET", path: "/v1/webhook-endpoints", who: sees,
			summary:  "Where the company's events are sent, the oldest first",
			endpoint: listed(s, store.SortsBy("created_at", "url"), s.listEndpoints)},
		{id: "createWebhookEndpoint", method: "POST", path: "/v1/webhook-endpoints", who: asks(matter),
			summary:  "Ask for an endpoint; its secret is shown this once, and another person approves it first",
			problems: []fault.Code{fault.NotFound}, endpoint: handle(s, 201, s.addEndpoint)},
		{id: "updateWebhookEndpoint", method: "PATCH", path: one, who: asks(matter),
			summary:  "Ask for a change of an endpoint; what is left out stays",
			problems: []fault.Code{fault.WrongState, fault.Stale}, endpoint: handle(s, 200, s.editEndpoint)},
		{id: "decideWebhookEndpoint", method: "POST", path: one + "/decision", who: decides(matter),
			summary:  "Approve or refuse where events go, as another person than the maker",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.decideEndpoint)},
		{id: "withdrawWebhookEndpoint", method: "POST", path: one + "/withdrawal", who: asks(matter),
			summary: "Take back one's own request", problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 200, s.withdrawEndpoint)},
		{id: "enableWebhookEndpoint", method: "POST", path: one + "/activation", who: manages,
			summary:  "Send to an endpoint again, what was owed to it before first",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.enableEndpoint)},
		{id: "disableWebhookEndpoint", method: "POST", path: one + "/deactivation", who: manages,
			summary:  "Stop sending to an endpoint; what is owed to it stays owed",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.disableEndpoint)},
		{id: "rotateWebhookSecret", method: "POST", path: one + "/secrets", who: manages,
			summary:  "A new secret, shown this once; for a day messages are signed under the old one too",
			endpoint: handle(s, 201, s.rotateSecret)},
		{id: "testWebhookEndpoint", method: "POST", path: one + "/tests", who: manages, perMinute: 30,
			summary: "Send an endpoint a test event", problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 201, s.testEndpoint)},
		{id: "listWebhookDeliveries", method: "GET", path: one + "/deliveries", who: sees,
			summary:  "What was sent to an endpoint, the newest event first",
			endpoint: listed(s, store.SortsBy("-at"), s.listDeliveries)},
		{id: "replayWebhookDelivery", method: "POST", path: one + "/deliveries/:event/replays", who: manages,
			summary: "Send an event once more, whatever became of it", endpoint: handle(s, 201, s.replayDelivery)},
		{id: "replayWebhookEvents", method: "POST", path: one + "/replays", who: manages, perMinute: 30,
			summary: "Send an endpoint at once what happened within a span and it did not take: what it was not " +
				"sent, what waits for its next try, and what was given up",
			endpoint: handle(s, 201, s.replayEvents)},
		{id: "deleteWebhookEndpoint", method: "DELETE", path: one, who: manages, summary: "End an endpoint for good",
			endpoint: handle(s, 204, s.removeEndpoint)},
	}
}

// endpointView is an endpoint without its secret.
type endpointView struct {
	ID          string                `json:"id"`
	URL         string                `json:"url"`
	Note        string                `json:"note"`        // which system it is
	Types       []webhook.EventType   `json:"types"`       // empty is all
	Communities []string              `json:"communities"` // empty is all of the company
	State       webhook.EndpointState `json:"state"`
	Revision    int64                 `json:"revision"` // of what is in force; a request names it
	CreatedAt   time.Time             `json:"created_at"`
	// since when nothing that was sent has been taken
	FailingSince *time.Time `json:"failing_since,omitempty"`
	// until when messages are signed under the secret before the newest too
	OldSecretUntil *time.Time `json:"old_secret_until,omitempty"`
	// the change that waits for another person, or the last that did
	Request *requestView `json:"request,omitempty"`
}

func (s *Server) endpointView(c *call, e *webhook.Endpoint, many deciders) endpointView {
	shown := e.EndpointChange
	if e.State == webhook.Proposed && e.Request != nil {
		shown = e.Request.Change
	}
	v := endpointView{
		ID: e.ID, URL: shown.URL, Note: shown.Note, Types: append([]webhook.EventType{}, shown.Types...),
		Communities: append([]string{}, shown.Communities...), State: e.State, Revision: e.Revision,
		CreatedAt: e.CreatedAt, FailingSince: given(e.FailingSince),
	}
	if s.Now().Before(e.OldUntil) {
		v.OldSecretUntil = given(e.OldUntil)
	}
	if e.Request != nil {
		r := e.Request.Request
		r.State = r.At(s.Now())
		v.Request = c.request(r, many)
		if r.State == approval.Requested {
			v.Request.Outdated = r.Base != e.Revision
			v.Request.Differences = endpointDifferences(e.EndpointChange, e.Request.Change)
		}
	}
	return v
}

// endpointDifferences are what a request changes of an endpoint.
func endpointDifferences(before, after webhook.EndpointChange) []differenceView {
	list := []differenceView{}
	for _, d := range []differenceView{
		{Field: "url", Before: before.URL, After: after.URL},
		{Field: "note", Before: before.Note, After: after.Note},
		{Field: "types", Before: joined(before.Types), After: joined(after.Types)},
		{Field: "communities", Before: joined(before.Communities), After: joined(after.Communities)},
	} {
		if d.Before != d.After {
			list = append(list, d)
		}
	}
	return list
}

func joined[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return strings.Join(texts, ", ")
}

// wholeCompanysEvents refuses staff whose reach is a part of the company: events of all of it may go to an endpoint.
func (c *call) wholeCompanysEvents() error {
	if !c.WholeCompany() {
		return fault.New(fault.Forbidden, "事件推送须由负责全公司的员工管理。", "Webhooks are for staff of the whole company.")
	}
	return nil
}

// endpointAnswer shows an endpoint after something was done with it.
func (s *Server) endpointAnswer(ctx context.Context, c *call, e *webhook.Endpoint, err error) (endpointView, error) {
	if err != nil {
		return endpointView{}, err
	}
	many, err := s.deciders(ctx, c, webhook.EndpointMatter(), "")
	return s.endpointView(c, e, many), err
}

type endpointsQuery struct {
	State webhook.EndpointState `query:"state" json:"-"` // "" is any
	pageQuery
}

func (s *Server) listEndpoints(ctx context.Context, c *call, in endpointsQuery) (list[endpointView], error) {
	if err := c.wholeCompanysEvents(); err != nil {
		return list[endpointView]{}, err
	}
	endpoints, err := s.Webhooks.Endpoints(ctx, c.Company)
	if err != nil {
		return list[endpointView]{}, err
	}
	endpoints = slices.DeleteFunc(endpoints, func(e webhook.Endpoint) bool {
		return in.State != "" && e.State != in.State
	})
	page, err := sortedPage(in.pageQuery, endpoints, func(e *webhook.Endpoint) string { return e.ID },
		sortKeys[webhook.Endpoint]{
			"created_at": func(e *webhook.Endpoint) string { return inTime(e.CreatedAt) },
			"url":        func(e *webhook.Endpoint) string { return e.URL },
		})
	if err != nil {
		return list[endpointView]{}, err
	}
	many, err := s.deciders(ctx, c, webhook.EndpointMatter(), "")
	if err != nil {
		return list[endpointView]{}, err
	}
	return shown(page, func(e *webhook.Endpoint) (endpointView, error) { return s.endpointView(c, e, many), nil })
}

type newEndpointInput struct {
	URL         string              `json:"url"`
	Note        string              `json:"note,omitempty" most:"200"` // which system it is
	Types       []webhook.EventType `json:"types,omitempty"`           // none is all
	Communities []string            `json:"communities,omitempty"`     // none is all of the company
	Reason      string              `json:"reason,omitempty"`          // for whoever decides; may be empty
}

// madeEndpointView is an endpoint with its secret, which is shown this once.
type madeEndpointView struct {
	Endpoint endpointView `json:"endpoint"`
	Secret   string       `json:"secret"` // whsec_ and base64, as libraries of Standard Webhooks take it
}

func (s *Server) addEndpoint(ctx context.Context, c *call, in newEndpointInput) (madeEndpointView, error) {
	if err := s.mayListen(ctx, c, in.Communities); err != nil {
		return madeEndpointView{}, err
	}
	if err := needed(map[string]string{"url": in.URL}); err != nil {
		return madeEndpointView{}, err
	}
	change := webhook.EndpointChange{URL: in.URL, Note: in.Note, Types: in.Types, Communities: in.Communities}
	e, secret, err := s.Webhooks.AskEndpoint(ctx, c.Company, change, webhook.Asker{By: c.Person(), Reason: in.Reason})
	v, err := s.endpointAnswer(ctx, c, e, err)
	return madeEndpointView{v, secret}, err
}

// mayListen checks who manages webhooks, and the communities whose events an endpoint is to hear of.
func (s *Server) mayListen(ctx context.Context, c *call, communities []string) error {
	if err := c.wholeCompanysEvents(); err != nil {
		return err
	}
	return s.checkCommunities(ctx, c, communities)
}

type endpointInput struct {
	ID          string               `path:"id" json:"-"`
	URL         *string              `json:"url,omitempty"`
	Note        *string              `json:"note,omitempty" most:"200"`
	Types       *[]webhook.EventType `json:"types,omitempty"`
	Communities *[]string            `json:"communities,omitempty"`
	askedInput
}

func (s *Server) editEndpoint(ctx context.Context, c *call, in endpointInput) (endpointView, error) {
	e, err := s.endpoint(ctx, c, in.ID)
	if err != nil {
		return endpointView{}, err
	}
	change := e.EndpointChange
	if e.State == webhook.Proposed && e.Request != nil {
		change = e.Request.Change
	}
	put(&change.URL, in.URL)
	put(&change.Note, in.Note)
	put(&change.Types, in.Types)
	put(&change.Communities, in.Communities)
	if err := s.mayListen(ctx, c, change.Communities); err != nil {
		return endpointView{}, err
	}
	e, err = s.Webhooks.AskChange(ctx, c.Company, in.ID, change, webhook.Asker{By: c.Person(), Revision: in.Revision,
		Replaces: in.Replaces, Reason: in.Reason})
	return s.endpointAnswer(ctx, c, e, err)
}

// put replaces what was given.
func put[T any](to *T, given *T) {
	if given != nil {
		*to = *given
	}
}

// endpoint is an endpoint of the caller's company, for staff of the whole company.
func (s *Server) endpoint(ctx context.Context, c *call, id string) (*webhook.Endpoint, error) {
	if err := c.wholeCompanysEvents(); err != nil {
		return nil, err
	}
	return s.Webhooks.Endpoint(ctx, c.Company, id)
}

func (s *Server) decideEndpoint(ctx context.Context, c *call, in decisionInput) (endpointView, error) {
	e, err := s.endpoint(ctx, c, in.ID)
	if err != nil {
		return endpointView{}, err
	}
	if e.Request != nil && in.Approve {
		if err := s.mayStillAsk(ctx, c, webhook.EndpointMatter(), e.Request.Signatures, ""); err != nil {
			return endpointView{}, err
		}
	}
	e, err = s.Webhooks.Decide(ctx, c.Company, in.ID, in.decision(), c.Person())
	return s.endpointAnswer(ctx, c, e, err)
}

func (s *Server) withdrawEndpoint(ctx context.Context, c *call, in withdrawalInput) (endpointView, error) {
	if _, err := s.endpoint(ctx, c, in.ID); err != nil {
		return endpointView{}, err
	}
	e, err := s.Webhooks.Withdraw(ctx, c.Company, in.ID, in.Request, c.Person())
	return s.endpointAnswer(ctx, c, e, err)
}

func (s *Server) enableEndpoint(ctx context.Context, c *call, in idInput) (endpointView, error) {
	if _, err := s.endpoint(ctx, c, in.ID); err != nil {
		return endpointView{}, err
	}
	e, err := s.Webhooks.EnableEndpoint(ctx, c.Company, in.ID)
	return s.endpointAnswer(ctx, c, e, err)
}

func (s *Server) disableEndpoint(ctx context.Context, c *call, in idInput) (endpointView, error) {
	if _, err := s.endpoint(ctx, c, in.ID); err != nil {
		return endpointView{}, err
	}
	e, err := s.Webhooks.DisableEndpoint(ctx, c.Company, in.ID)
	return s.endpointAnswer(ctx, c, e, err)
}

func (s *Server) rotateSecret(ctx context.Context, c *call, in idInput) (madeEndpointView, error) {
	if _, err := s.endpoint(ctx, c, in.ID); err != nil {
		return madeEndpointView{}, err
	}
	secret, err := s.Webhooks.RotateSecret(ctx, c.Company, in.ID)
	if err != nil {
		return madeEndpointView{}, err
	}
	e, err := s.Webhooks.Endpoint(ctx, c.Company, in.ID)
	v, err := s.endpointAnswer(ctx, c, e, err)
	return madeEndpointView{v, secret}, err
}

func (s *Server) removeEndpoint(ctx context.Context, c *call, in idInput) (none, error) {
	if _, err := s.endpoint(ctx, c, in.ID); err != nil {
		return none{}, err
	}
	return none{}, s.Webhooks.RemoveEndpoint(ctx, c.Company, in.ID)
}
