package simulate

import (
	"context"
	"slices"
	"strings"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/store"
	"linlipay/webhook"
)

// eventMutations are defects in what others hear by webhook.
func eventMutations() []Mutation {
	return []Mutation{
		spoilOwed("event-dropped", "a change is written without the event that it owes",
			func(o *webhook.Owed) { o.Events = nil }),
		spoilOwed("event-renumbered", "an event has the number of the one before it", func(o *webhook.Owed) {
			last := &o.Events[len(o.Events)-1]
			if last.Sequence > 1 {
				last.Sequence--
			}
		}),
		spoilOwed("event-twice", "one change owes its event twice", func(o *webhook.Owed) {
			o.Owe(o.Events[len(o.Events)-1])
		}),
		spoil("event-early", "an event is published before the change that it tells of is written", func(
			_ *world, _ *process, st port, c string, d store.Doc, _ bool, write func(store.Doc) error,
		) error {
			for _, e := range owedBy(c, d).Events {
				e.Data = []byte(`{}`)
				early := store.Doc{ID: e.ID, Body: encode(e), Keys: store.Keys{
					"company": {e.Company}, "at": {e.At.UnixMilli()}, "object": {e.Object}}}
				_ = st.Insert(context.Background(), "webhook_events", early)
			}
			return write(d)
		}),
		spoil("event-unpublished", "an event is struck off that was not published", func(
			_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error,
		) error {
			if c == "webhook_events" {
				return nil
			}
			return write(d)
		}),
		spoil("event-amount", "an event tells of another amount", func(
			_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error,
		) error {
			if c == "webhook_events" {
				d.Body = []byte(strings.Replace(string(d.Body), `"amount":`, `"amount":1`, 1))
			}
			return write(d)
		}),
		spoil("event-swallowed", "a delivery that failed counts as one that arrived", func(
			_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error,
		) error {
			var of webhook.Delivery
			if c == "webhook_deliveries" && json.Unmarshal(d.Body, &of) == nil && of.Failed > 0 {
				of.State = webhook.Delivered
				d = without(d, "due")
				d.Body = encode(of)
			}
			return write(d)
		}),
	}
}

// owedBy are the events that an order or a bill owes.
func owedBy(c string, d store.Doc) (o webhook.Owed) {
	var of struct {
		Owes webhook.Owed `json:"owes_events"`
	}
	if slices.Contains([]string{"orders", "bills"}, c) && json.Unmarshal(d.Body, &of) == nil {
		o = of.Owes
	}
	return o
}

// spoilOwed makes a mutation of what orders and bills owe.
func spoilOwed(name, why string, how func(*webhook.Owed)) Mutation {
	return spoil(name, why, func(
		_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error,
	) error {
		var doc map[string]json.RawMessage
		owed := owedBy(c, d)
		if len(owed.Events) == 0 || json.Unmarshal(d.Body, &doc) != nil {
			return write(d)
		}
		how(&owed)
		doc["owes_events"] = encode(owed)
		d.Body = encode(doc)
		return write(d)
	})
}
