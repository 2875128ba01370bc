package audit

import (
	"context"
	"fmt"
	"time"

	"linlipay/store"
)

// Event is one thing that somebody did, or tried and was refused. It holds ids, states, amounts and keyed digests: no
// name, no phone number, no secret and no free text, so that a person can be forgotten and the chain still verifies.
// Its fields are hashed in this order.
type Event struct {
	ID          string    `json:"id"`                // unique in its company's chain
	At          time.Time `json:"at"`                // UTC, whole milliseconds
	Actor       string    `json:"actor"`             // kind:id, such as "staff:4f…", or Shell, System or Unknown
	From        string    `json:"from,omitempty"`    // digest of the address that the request came from
	Request     string    `json:"request,omitempty"` // the request's id, as in the log and in X-Request-ID
	Verb        Verb      `json:"verb"`
	Object      string    `json:"object,omitempty"`      // kind:id, such as "refund:20261124…/1"
	Of          string    `json:"of,omitempty"`          // what the object is a part of, such as "order:20261124…"
	Company     string    `json:"company,omitempty"`     // "" is a thing of no company
	Communities []string  `json:"communities,omitempty"` // none is all of the company
	Before      State     `json:"before,omitempty"`      // what the action changed, as it was
	After       State     `json:"after,omitempty"`       // and as it became; of a look, what was looked for
	// how many there were within a minute, where more than one stand in a line
	Count int    `json:"count,omitempty"`
	Hash  string `json:"hash,omitempty"` // over the line before it and this one, in hex; none until it is chained
}

// State is how some fields of a thing stand, by name: ids, states, amounts in fen, digests.
type State map[string]string

// Actors that are nobody whom we know.
const (
	Shell   = "shell"   // a command on the server
	System  = "system"  // the product by itself
	Unknown = "unknown" // whoever asked had not logged in
)

// The methods of a chain's line.

// LineID is the event's id.
func (e Event) LineID() string { return e.ID }

// Link is the event's hash.
func (e Event) Link() string { return e.Hash }

// Linked is the event with that hash.
func (e Event) Linked(hash string) Event { e.Hash = hash; return e }

// LineKeys are what events are found by.
func (e Event) LineKeys() store.Keys {
	keys := store.Keys{"at": {e.At.UnixMilli()}, "actor": {e.Actor}, "verb": {string(e.Verb)}}
	for _, o := range []string{e.Object, e.Of} {
		if o != "" {
			keys["object"] = append(keys["object"], o)
		}
	}
	return keys
}

// Who does what is done under a context.
type Who struct {
	Actor   string // as Event.Actor
	From    string // digest of an address: Service.DigestOfAddress
	Request string
}

type whoKey struct{}

// As returns a context under which things are done by who: the HTTP face and the shell set it, once.
func As(ctx context.Context, who Who) context.Context {
	return context.WithValue(ctx, whoKey{}, who)
}

// WhoIn is who acts under a context: System where nobody was named.
func WhoIn(ctx context.Context) Who {
	who, ok := ctx.Value(whoKey{}).(Who)
	if !ok {
		who.Actor = System
	}
	return who
}

// by fills in who did it, where the event does not say.
func (e Event) by(who Who) Event {
	if e.Actor == "" {
		e.Actor = who.Actor
	}
	if e.From == "" {
		e.From = who.From
	}
	if e.Request == "" {
		e.Request = who.Request
	}
	e.At = e.At.UTC().Truncate(time.Millisecond)
	return e
}

// Owed are the events of a document that are not chained yet: they are written in the same compare-and-set as the
// change that they tell of, and struck off when they stand in the chain (Outbox). A document keeps them in a field with
// the tag `json:"owes_audit,omitempty"`.
type Owed []Event

// Owe adds an event of a document that is about to be written: id and version are the document's, from which the event
// gets its id, so that however often it is chained it stands there once. Who did it is taken from ctx where the event
// does not say; At must be given.
func (o *Owed) Owe(ctx context.Context, id string, version int64, e Event) {
	e = e.by(WhoIn(ctx))
	e.ID = fmt.Sprintf("%s/%d/%d", id, version+1, len(*o))
	*o = append(*o, e)
}

// The field and the index that a collection with an outbox declares.
const (
	OwesField = "owes_audit"
	OwesIndex = "by_owes_audit"
)

// Declare adds an outbox to a schema.
func Declare(s store.Schema) store.Schema {
	s.Fields = append(s.Fields[:len(s.Fields):len(s.Fields)], store.Field{Name: OwesField, Type: store.Int})
	s.Indexes = append(s.Indexes[:len(s.Indexes):len(s.Indexes)],
		store.Index{Name: OwesIndex, Fields: []string{OwesField}})
	return s
}

// Key adds to a document's keys that it owes events.
func (o Owed) Key(keys store.Keys) store.Keys {
	if len(o) == 0 {
		return keys
	}
	if keys == nil {
		keys = store.Keys{}
	}
	keys[OwesField] = []any{o[0].At.UnixMilli()}
	return keys
}
