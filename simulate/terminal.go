package simulate

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"time"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/store"
	"linlipay/terminal"
)

// device is a terminal: it signs what the acquirer's application handed back by its key, at the server's time as far as
// it knows that from a clock of its own, and keeps it until a server says that it has it.
type device struct {
	id    string
	key   ed25519.PrivateKey
	off   time.Duration // how far its clock is off
	ahead time.Duration // how much the server's clock is ahead of it, as it last heard
}

// handedBack is what an application handed back, of a payment or of a void.
type handedBack struct {
	number  string
	order   string
	attempt int
	refund  int // 0 is a payment
	fields  map[string]string
	readAt  time.Time
	had     bool // a server said that it has it
}

// foundTerminals pairs the terminals of every community.
func (w *world) foundTerminals() {
	w.terminals = 1 + w.sched.dice.IntN(4)
	for _, community := range w.communities() {
		for n := range w.terminals {
			seed := make([]byte, ed25519.SeedSize)
			for i := range seed {
				seed[i] = byte(w.sched.dice.Uint32())
			}
			d := &device{id: fmt.Sprintf("%s-t%d", community, n), key: ed25519.NewKeyFromSeed(seed)}
			w.devices[d.id] = d
			t := terminal.Terminal{
				ID: d.id, Company: companyOf(community), Community: community, Name: d.id,
				PublicKey: d.key.Public().(ed25519.PublicKey),
			}
			insert(w, "terminals", d.id, t, store.Keys{"company": {t.Company}, "community": {community},
				"name": {d.id}})
		}
	}
}

// communities are all communities, in the order in which they were founded.
func (w *world) communities() (all []string) {
	seen := map[string]bool{}
	for _, u := range w.units {
		if !seen[u.Community] {
			seen[u.Community] = true
			all = append(all, u.Community)
		}
	}
	return all
}

// companyOf is the company of a community, by its id.
func companyOf(community string) string { return community[:2] }

// brings has a terminal bring a result to us until we say that we have it.
func (w *world) brings(o *payment.Order, r *handedBack, report func(
	context.Context, *process, payment.DeviceReport,
) (payment.Delivered, error)) {
	d := w.devices[o.Origin.Terminal]
	if w.strikes(WrongClock) {
		d.off = w.sched.between(-72*time.Hour, 72*time.Hour)
	}
	r.readAt = w.instant().Add(d.off)
	w.results = append(w.results, r)
	w.keeping++
	w.sched.task.about = r.order
	w.sayOf(r.order, "terminal %s reports %v", d.id, r.fields)
	for resigned := 0; !r.had; {
		wrong, err := w.send(d, r, report)
		switch {
		case err == nil:
			r.had = true
		case wrong && w.mutation.Forgets:
			w.keeping--
			return
		case wrong && resigned < 5:
			resigned++ // at once, by the time that the server told
		default:
			resigned = 0
			w.sched.sleep(w.sched.between(time.Minute, 10*time.Minute))
		}
	}
	w.keeping--
}

// send signs a result and brings it to a server once, sometimes twice at the same time; wrong says that the server does
// not accept its time, and has told its own.
func (w *world) send(d *device, r *handedBack, report func(
	context.Context, *process, payment.DeviceReport,
) (payment.Delivered, error)) (wrong bool, err error) {
	signed := terminal.Result{
		Number: r.number, SignedAt: w.instant().Add(d.off + d.ahead).Unix(), ReadAt: r.readAt.Unix(), Fields: r.fields,
	}
	signature := ed25519.Sign(d.key, signed.Text(d.id))
	word := payment.DeviceReport{
		Terminal: d.id, Fields: r.fields, Signature: signature, ReadAt: r.readAt,
		SignedAt: time.Unix(signed.SignedAt, 0),
	}
	_, err = w.askTwice(func(ctx context.Context, p *process) (*payment.Order, error) {
		if err := p.devices.VerifyResult(ctx, d.id, signed, signature); err != nil {
			return nil, err
		}
		told, err := report(ctx, p, word)
		return told.Order, err
	})
	var f *fault.Error
	if errors.As(err, &f) && f.Code == fault.Invalid {
		at, bad := time.Parse(time.RFC3339Nano, fmt.Sprint(f.Detail["server_time"]))
		if bad == nil {
			d.ahead, wrong = at.Sub(w.instant().Add(d.off)), true
		}
	}
	return wrong, err
}

// resultsAgree holds what the applications handed back against what is stored: it is the word of its payment or void,
// or a line of what could not be taken.
func (w *world) resultsAgree() {
	for _, r := range w.results {
		var o struct {
			Attempts []briefWord `json:"attempts"`
			Refunds  []briefWord `json:"refunds"`
			Untaken  []briefWord `json:"untaken"`
		}
		d, err := w.sealed(w.memory, w.instant).Get(context.Background(), "orders", r.order)
		if err == nil {
			err = json.Unmarshal(d.Body, &o)
		}
		if err != nil {
			panic(err)
		}
		kept := func(words []briefWord) bool {
			for _, x := range words {
				if x.Word != nil && maps.Equal(x.Word.Fields, r.fields) {
					return true
				}
			}
			return false
		}
		said := r.fields["result"] == "success"
		if !r.had || said && !kept(o.Attempts) && !kept(o.Refunds) && !kept(o.Untaken) {
			w.violate("result", r.order,
				fmt.Sprintf("what a terminal's application handed back of %s is nowhere (told that we have it: %t): %v",
					r.number, r.had, r.fields))
		}
	}
}

// briefWord is what a stored attempt, refund or line of what was not taken has of a terminal's word.
type briefWord struct {
	Word *struct {
		Fields payment.HandedFields `json:"fields"`
	} `json:"word"`
}

// terminalMutations are defects of terminals' results.
func terminalMutations() []Mutation {
	return []Mutation{
		{
			Name: "result-dropped", Forgets: true,
			Why: "a terminal drops a result whose time the server does not accept",
		},
		spoil("untaken-forgotten", "a result that cannot be taken is acknowledged and kept nowhere", func(
			_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error,
		) error {
			var o map[string]json.RawMessage
			if c != "orders" || json.Unmarshal(d.Body, &o) != nil || o["untaken"] == nil {
				return write(d)
			}
			delete(o, "untaken")
			d.Body = encode(o)
			return write(d)
		}),
	}
}
