// Package terminal is the devices at the counter and in the lobby: pairing by a short code that expires, and a key that
// is made on the device and never leaves it. What a terminal shows is its active order, which package payment keeps one
// of at most.
package terminal

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"linlipay/audit"
	"linlipay/fault"
	"linlipay/seal"
	"linlipay/store"
	"linlipay/webhook"
)

// Terminal is a paired device. The server holds only the public half of its key.
type Terminal struct {
	ID         string    `json:"id"`
	Version    int64     `json:"-"`
	Company    string    `json:"company"`
	Community  string    `json:"community"`
	Name       string    `json:"name"`
	PublicKey  []byte    `json:"public_key"` // as keyOf reads it
	PairedAt   time.Time `json:"paired_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
	// when it was last heard of before it fell silent; zero while it is heard of
	SilentSince time.Time `json:"silent_since,omitzero"`
	UnpairedAt  time.Time `json:"unpaired_at,omitzero"` // its key stays: it signed the results that it read before
	UnpairedBy  string    `json:"unpaired_by,omitempty"`
	Nonces      []nonce   `json:"nonces,omitempty"` // seen within the signature window

	OwesAudit  audit.Owed   `json:"owes_audit,omitempty"`
	OwesEvents webhook.Owed `json:"owes_events,omitzero"`
}

type nonce struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

var terminals = store.Kind[Terminal]{
	Schema: webhook.Declare(audit.Declare(store.Schema{
		Name: "terminals",
		Fields: []store.Field{{Name: "company", Type: store.String}, {Name: "community", Type: store.String},
			{Name: "name", Type: store.String}, {Name: "heard", Type: store.Int}},
		Indexes: []store.Index{
			{Name: "by_company", Fields: []string{"company", "name"}},
			{Name: byHeard, Fields: []string{"heard"}}, // of those that are not silent already
		},
		Shard: "community",
	})),
	ID:      func(t *Terminal) string { return t.ID },
	Version: func(t *Terminal) *int64 { return &t.Version },
	Keys: func(t *Terminal) store.Keys {
		if !t.UnpairedAt.IsZero() {
			keys := store.Keys{"community": {t.Community}} // and so in no list
			return t.OwesEvents.Key(t.OwesAudit.Key(keys))
		}
		keys := store.Keys{"company": {t.Company}, "community": {t.Community}, "name": {t.Name}}
		if t.SilentSince.IsZero() {
			keys["heard"] = []any{t.LastSeenAt.UnixMilli()}
		}
		return t.OwesEvents.Key(t.OwesAudit.Key(keys))
	},
}

// Outboxes are the collections whose documents owe events to the audit log.
func (s *Service) Outboxes() []audit.Outbox {
	return []audit.Outbox{audit.From(s.terminals, func(t *Terminal) *audit.Owed { return &t.OwesAudit })}
}

// pairing is a code that waits for its device; only a keyed digest of it is kept, since eight digits are found by
// trying all of them where no key is needed.
type pairing struct {
	ID        string    `json:"id"` // the key's name, and the code's digest under it
	Version   int64     `json:"-"`
	Company   string    `json:"company"`
	Community string    `json:"community"`
	Name      string    `json:"name"`
	By        string    `json:"by"`
	ExpiresAt time.Time `json:"expires_at"`
}

var pairings = store.Kind[pairing]{
	Schema: store.Schema{
		Name: "pairings", Passing: true,
		Fields:  []store.Field{{Name: "expires", Type: store.Int}},
		Indexes: []store.Index{{Name: "by_expires", Fields: []string{"expires"}}},
	},
	ID:      func(p *pairing) string { return p.ID },
	Version: func(p *pairing) *int64 { return &p.Version },
	Keys:    func(p *pairing) store.Keys { return store.Keys{"expires": {p.ExpiresAt.UnixMilli()}} },
}

// Schemas are the collections of this package.
func Schemas() []store.Schema {
	return []store.Schema{terminals.Schema, pairings.Schema, store.LeaseSchema()}
}

// Service keeps terminals. Beside the faults that a method names it returns the store's (see package store).
type Service struct {
	terminals store.Collection[Terminal]
	pairings  store.Collection[pairing]
	watching  store.Lease // for who looks for terminals that fell silent
	box       seal.Box
	now       func() time.Time

	mu   sync.Mutex
	seen map[string]sight // by terminal, since this process began
}

// sight is when a terminal was last heard of, and when that was last written down.
type sight struct{ at, written time.Time }

// NewService makes the service over a store on which Ensure was called with Schemas. box digests the pairing codes.
func NewService(st store.Store, box seal.Box, now func() time.Time) *Service {
	return &Service{
		terminals: terminals.In(st), pairings: pairings.In(st), box: box, now: now, seen: map[string]sight{},
		watching: store.NewLease(st, "silent terminals", watchLease, now),
	}
}

// codeLife is how long a pairing code can be used.
const codeLife = 10 * time.Minute

// NewPairing makes a code of 8 digits that pairs one device with a community within ten minutes.
func (s *Service) NewPairing(ctx context.Context, company, community, name, by string) (code string, expires time.Time,
	err error) {
	n, err := rand.Int(rand.Reader, big.NewInt(100_000_000))
	if err != nil {
		return "", time.Time{}, err
	}
	code, expires = fmt.Sprintf("%08d", n), s.now().UTC().Add(codeLife)
	p := &pairing{ID: s.box.Name() + "/" + s.box.Digest(ofPairing, code), Company: company, Community: community,
		Name: name, By: by, ExpiresAt: expires}
	err = s.pairings.Insert(ctx, p)
	if fault.Is(err, fault.AlreadyExists) {
		return s.NewPairing(ctx, company, community, name, by)
	}
	return code, expires, err
}

// ofPairing is the purpose of a pairing code's digest.
const ofPairing = "pairing code"

// waiting is the pairing that waits under a code, by whichever of the keys its digest was made, or NotFound.
func (s *Service) waiting(ctx context.Context, code string) (p *pairing, err error) {
	names := s.box.Names()
	for i, digest := range s.box.Digests(ofPairing, code) {
		if p, err = s.pairings.Get(ctx, names[i]+"/"+digest); !fault.Is(err, fault.NotFound) {
			return p, err
		}
	}
	return p, err
}

// Pair makes a terminal of the device that holds the private half of key. A code that is wrong, used or expired is one
// Expired fault. A key that is neither of Ed25519 nor of P-256 is Invalid.
func (s *Service) Pair(ctx context.Context, code string, key []byte) (*Terminal, error) {
	if _, err := keyOf(key); err != nil {
		return nil, fault.New(fault.Invalid, "设备公钥格式不正确。",
			"The device's public key is neither an Ed25519 nor a P-256 key.")
	}
	p, err := s.waiting(ctx, code)
	if fault.Is(err, fault.NotFound) || err == nil && s.now().After(p.ExpiresAt) {
		return nil, badCode()
	}
	if err != nil {
		return nil, err
	}
	if err := s.pairings.Delete(ctx, p); fault.Is(err, fault.Stale) {
		return nil, badCode() // another device was faster
	} else if err != nil {
		return nil, err
	}
	now := s.now().UTC()
	t := &Terminal{ID: "t" + rand.Text()[:15], Company: p.Company, Community: p.Community, Name: p.Name, PublicKey: key,
		PairedAt: now, LastSeenAt: now}
	t.OwesAudit.Owe(ctx, "terminals/"+t.ID, 0, audit.Event{
		At: now, Actor: "terminal:" + t.ID, Verb: audit.TerminalPaired, Object: "terminal:" + t.ID, Company: t.Company,
		Communities: []string{t.Community},
		After:       audit.State{"asked_by": p.By},
	})
	return t, s.terminals.Insert(ctx, t)
}

// Forget deletes pairing codes that expired unused, and returns how many.
func (s *Service) Forget(ctx context.Context) (int, error) {
	return s.pairings.DeleteSelected(ctx,
		store.Query{Index: "by_expires", From: int64(0), To: s.now().UnixMilli()}, store.ForgetMost)
}

func badCode() error {
	return fault.New(fault.Expired, "配对码无效或已过期，请重新获取。", "The pairing code is wrong, used or expired; please get a "+
		"new one.")
}

// window is how far the time that a device signs may be from ours.
const window = 5 * time.Minute

// wrongClock is the fault of a signature with another time. Its detail server_time is ours, by which the device signs
// anew, whatever its own clock says.
func wrongClock(code fault.Code, now time.Time) error {
	return fault.New(code, "设备时间不准确，请校准时钟。", "The device's clock is wrong.").
		With("server_time", now.UTC().Format(time.RFC3339))
}

// SignedText is what a device signs to show that it holds its key.
func SignedText(id string, timestamp int64, nonce string) []byte {
	return fmt.Appendf(nil, "linlipay-terminal\n%s\n%d\n%s\n", id, timestamp, nonce)
}

// Authenticate accepts a device's signature over SignedText, once. timestamp is in seconds. Anything wrong is one
// Unauthenticated fault, but a clock that is off says so, since only a person can mend it.
func (s *Service) Authenticate(ctx context.Context, id string, timestamp int64, text string,
	signature []byte) (*Terminal, error) {
	refused := fault.New(fault.Unauthenticated, "设备验证失败，请重新配对。",
		"The device could not be authenticated; please pair it again.")
	t, err := s.terminals.Get(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return nil, refused
	}
	if err != nil {
		return nil, err
	}
	if len(text) < 8 || len(text) > 64 || !t.signed(SignedText(id, timestamp, text), signature) {
		return nil, refused
	}
	now := s.now().UTC()
	if now.Sub(time.Unix(timestamp, 0)).Abs() > window {
		return nil, wrongClock(fault.Unauthenticated, now)
	}
	gone := fault.New(fault.Unauthenticated, "本终端已被解除配对，请联系物业重新配对。",
		"This terminal was unpaired; ask the office to pair it again.").With("unpaired", true)
	return s.terminals.Update(ctx, id, func(t *Terminal) error {
		if !t.UnpairedAt.IsZero() {
			return gone
		}
		t.Nonces = slices.DeleteFunc(t.Nonces, func(n nonce) bool { return now.Sub(n.At) > 2*window })
		if slices.ContainsFunc(t.Nonces, func(n nonce) bool { return n.Text == text }) {
			return refused
		}
		t.Nonces = append(t.Nonces, nonce{text, now})
		t.heard(now)
		return nil
	})
}

// seenEvery is how often at most it is written down that a terminal was heard of.
const seenEvery = time.Minute

// Silence is how long a terminal that works may not be heard of. Ours: it asks every 20 seconds, and another process
// may have heard it without having written it down.
const Silence = seenEvery + 30*time.Second

// Seen notes that a terminal was heard of.
func (s *Service) Seen(ctx context.Context, id string) error {
	now := s.now().UTC()
	if !s.sighted(id, now) {
		return nil
	}
	_, err := s.terminals.Update(ctx, id, func(t *Terminal) error {
		if !t.UnpairedAt.IsZero() || !now.After(t.LastSeenAt) {
			return store.ErrUnchanged
		}
		t.heard(now)
		return nil
	})
	return err
}

// sighted keeps when a terminal was heard of, and reports whether it is time to write it down.
func (s *Service) sighted(id string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.seen[id]
	v.at = now
	due := now.Sub(v.written) >= seenEvery
	if due {
		v.written = now
	}
	s.seen[id] = v
	return due
}

// LastSeen is when a terminal was last heard of, as far as this process knows.
func (s *Service) LastSeen(t *Terminal) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := s.seen[t.ID].at; at.After(t.LastSeenAt) {
		return at
	}
	return t.LastSeenAt
}

// Get returns a terminal, or NotFound.
func (s *Service) Get(ctx context.Context, id string) (*Terminal, error) {
	return s.terminals.Get(ctx, id)
}

// Paired reports whether a terminal with the id is paired.
func (s *Service) Paired(ctx context.Context, id string) (bool, error) {
	t, err := s.terminals.Get(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && t.UnpairedAt.IsZero(), err
}

// Unpair ends a terminal's pairing, for good: the device can be paired again and is another terminal then. Unpairing
// twice is no error.
func (s *Service) Unpair(ctx context.Context, id, by string) (*Terminal, error) {
	return s.terminals.Update(ctx, id, func(t *Terminal) error {
		if !t.UnpairedAt.IsZero() {
			return store.ErrUnchanged
		}
		t.UnpairedAt, t.UnpairedBy, t.Nonces = s.now().UTC(), by, nil
		t.OwesAudit.Owe(ctx, "terminals/"+t.ID, t.Version, audit.Event{
			At: t.UnpairedAt, Actor: by, Verb: audit.TerminalUnpaired, Object: "terminal:" + t.ID, Company: t.Company,
			Communities: []string{t.Community},
		})
		return nil
	})
}

// List is a page of a company's terminals by name, and the cursor of the next, "" on the last; communities narrows it,
// empty is all. A page may be short.
func (s *Service) List(ctx context.Context, company string, communities []string, cursor string,
	limit int) (terminals []Terminal, next string, err error) {
	q := store.Query{Index: "by_company", Equal: []any{company}, Cursor: cursor, Limit: limit}
	for {
		page, next, err := s.terminals.Find(ctx, q)
		if err != nil {
			return nil, "", err
		}
		page = slices.DeleteFunc(page, func(t Terminal) bool {
			return len(communities) > 0 && !slices.Contains(communities, t.Community)
		})
		if len(page) > 0 || next == "" {
			return page, next, nil
		}
		q.Cursor = next
	}
}
