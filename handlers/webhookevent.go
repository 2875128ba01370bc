package handlers

import (
	"context"
	"reflect"
	"strings"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/payment"
	"linlipay/terminal"
	"linlipay/webhook"
)

// What events tell of the things that they are about: what the API answers an API client, without what only people
// need. No name, no telephone number and no free text is in them, nor what lets somebody pay or look.

// orderEventView is what an event of an order tells.
type orderEventView struct {
	Order     orderView      `json:"order"`
	Refund    *refundView    `json:"refund,omitempty"`          // that it is about; the order has it too
	Unapplied *unappliedView `json:"unapplied_funds,omitempty"` // that it is about; the order has them too
}

// billEventView is what an event of a bill tells.
type billEventView struct {
	Bill billView `json:"bill"`
}

// terminalEventView is what an event of a terminal tells.
type terminalEventView struct {
	Terminal terminalView `json:"terminal"`
}

// testEventView is what a test event tells.
type testEventView struct {
	Endpoint string `json:"endpoint"` // to which it goes
}

// EventOutboxes are what events are published from.
func (s *Server) EventOutboxes() []webhook.Outbox {
	return []webhook.Outbox{
		s.Payments.Events(s.orderEvent), s.Billing.Events(s.billEvent), s.Terminals.Events(s.terminalEvent),
	}
}

func (s *Server) orderEvent(ctx context.Context, o *payment.Order, e webhook.Event) (any, error) {
	v := orderEventView{Order: s.orderView(ctx, access.Caller{Kind: access.ClientKind}, o)}
	v.Order.Payer, v.Order.QR, v.Order.Untaken = payerView{}, qrView{}, nil
	for i := range v.Order.Attempts {
		a := &v.Order.Attempts[i]
		a.Card, a.Reported, a.Failure, a.Doubt = nil, nil, "", ""
	}
	for i := range v.Order.Refunds {
		r := &v.Order.Refunds[i]
		r.Reason, r.Reported = "", nil
		if e.Type.OfRefund() && r.No == e.Part {
			v.Refund = r
		}
	}
	for i := range v.Order.Unapplied {
		if u := &v.Order.Unapplied[i]; e.Type == webhook.FundsUnapplied && u.No == e.Part {
			v.Unapplied = u
		}
	}
	return v, nil
}

func (s *Server) billEvent(ctx context.Context, b *billing.Bill, _ webhook.Event) (any, error) {
	v, err := s.billView(ctx, b)
	return billEventView{v}, err
}

func (s *Server) terminalEvent(ctx context.Context, t *terminal.Terminal, _ webhook.Event) (any, error) {
	v, err := s.terminalView(ctx, t)
	if err != nil {
		return nil, err
	}
	v.Online, v.CardReader = t.SilentSince.IsZero(), ""
	return terminalEventView{*v}, nil
}

// eventData is the type of what an event of a type tells.
func eventData(t webhook.EventType) reflect.Type {
	switch t.Noun() {
	case "order":
		return reflect.TypeFor[orderEventView]()
	case "bill":
		return reflect.TypeFor[billEventView]()
	case "terminal":
		return reflect.TypeFor[terminalEventView]()
	}
	return reflect.TypeFor[testEventView]()
}

// webhooks are the requests that are sent to endpoints, for the OpenAPI document.
func webhooks(types *types) object {
	event := types.schema(reflect.TypeFor[webhook.Event]())
	_, says := types.constants(reflect.TypeFor[webhook.EventType]())
	all := object{}
	for _, t := range says {
		kind := webhook.EventType(t.value)
		body := object{"allOf": []object{event, {"type": "object", "required": []string{"type", "data"},
			"properties": object{"type": object{"const": t.value}, "data": types.schema(eventData(kind))}}}}
		content := object{"schema": body}
		if sample, err := eventExample(kind); err != nil {
			types.failed("the example of %s: %v", kind, err)
		} else {
			exampled(content, sample)
		}
		all[t.value] = object{"post": object{
			"operationId": "on" + titled(kind), "tags": []string{"webhooks"}, "summary": t.says,
			"parameters":  signatureHeaders(),
			"requestBody": object{"required": true, "content": object{fiber.MIMEApplicationJSON: content}},
			"responses": object{
				"2XX": object{"description": "It was taken; anything else, or nothing in 15 seconds, is tried again"},
				"410": object{"description": "The endpoint is gone: it is switched off"},
			},
		}}
	}
	return all
}

// titled is an event's type as part of an operation's name, such as OrderPaid.
func titled(t webhook.EventType) string {
	var out strings.Builder
	for _, part := range strings.FieldsFunc(string(t), func(r rune) bool { return r == '.' || r == '_' }) {
		out.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return out.String()
}

// signatureHeaders are those of Standard Webhooks 1.0.
func signatureHeaders() []object {
	header := func(name, says string) object {
		return object{"name": name, "in": "header", "required": true, "description": says,
			"schema": object{"type": "string"}}
	}
	return []object{
		header("webhook-id", "The event's id: the same however often it is sent"),
		header("webhook-timestamp", "When this try was signed, in seconds since 1970"),
		header("webhook-signature", "v1, and the HMAC-SHA256 of id, timestamp and body with dots between them, in "+
			"base64; two with a space between them for a day after the secret was rotated"),
	}
}
