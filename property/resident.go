package property

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// Resident is a person who pays, known by the phone that a one-time code went to. The id says nothing of the phone.
type Resident struct {
	ID        string    `json:"id"` // random
	Version   int64     `json:"-"`
	Phone     string    `json:"phone"`
	CreatedAt time.Time `json:"created_at"`

	// SeenAt is until when the resident has read what happened at each of their homes, by unit id.
	SeenAt map[string]time.Time `json:"seen_at,omitempty"`

	// Units were bound before bindings were documents of their own; carryOver makes bindings of them.
	Units []string `json:"units,omitempty"`
}

var residents = store.Kind[Resident]{
	Schema: store.Schema{
		Name:    "residents",
		Fields:  []store.Field{{Name: "phone", Type: store.String, Digest: true}},
		Indexes: []store.Index{{Name: "by_phone", Fields: []string{"phone"}, Unique: true}},
		Shard:   "phone",

		Personal: []string{"phone"},
	},
	ID:      func(r *Resident) string { return r.ID },
	Version: func(r *Resident) *int64 { return &r.Version },
	Keys:    func(r *Resident) store.Keys { return store.Keys{"phone": {r.Phone}} },
}

// ResidentByPhone returns the resident with the phone, making one at the first log-in.
func (s *Service) ResidentByPhone(ctx context.Context, phone string) (*Resident, error) {
	r, err := s.withPhone(ctx, phone)
	if err != nil {
		return nil, err
	}
	if r == nil {
		r = &Resident{ID: strings.ToLower(rand.Text()), Phone: phone, CreatedAt: s.now().UTC()}
		err := s.residents.Insert(ctx, r)
		if fault.Is(err, fault.AlreadyExists) { // another log-in of the same phone was faster
			r, err = s.withPhone(ctx, phone)
		}
		if err != nil {
			return nil, err
		}
	}
	return r, s.carryOver(ctx, r)
}

// withPhone is the resident with a phone, or nil. Documents of the time when ids were made from phones are not in the
// index.
func (s *Service) withPhone(ctx context.Context, phone string) (*Resident, error) {
	residents, _, err := s.residents.Find(ctx, store.Query{Index: "by_phone", Equal: []any{phone}, Limit: 1})
	if err != nil || len(residents) == 0 {
		return nil, err
	}
	return &residents[0], nil
}

// guessable reports whether the id is of the time when ids were made from phones: nobody is believed to be its
// resident.
func (r *Resident) guessable() bool { return r.ID == IDOf("resident", r.Phone) }

// carryOver makes bindings of the units of the document that the phone had when ids were made from phones, and deletes
// it. Its owners see these bindings as any other, and may end them.
func (s *Service) carryOver(ctx context.Context, r *Resident) error {
	old, err := s.residents.Get(ctx, IDOf("resident", r.Phone))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, id := range old.Units {
		if err := s.bindAsBefore(ctx, r, id); err != nil {
			return err
		}
	}
	if err := s.residents.Delete(ctx, old); !fault.Is(err, fault.Stale) {
		return err
	}
	return nil // another log-in has done it
}

// Resident returns a resident. One that is not known, or whose id could be guessed, is Unauthenticated: they log in
// anew.
func (s *Service) Resident(ctx context.Context, id string) (*Resident, error) {
	r, err := s.residents.Get(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && r.guessable() {
		return nil, fault.New(fault.Unauthenticated, "登录已失效，请重新登录。", "The session has ended; please log in again.")
	}
	return r, err
}

// Saw notes that a resident has read what happened at a home until now.
func (s *Service) Saw(ctx context.Context, resident, unit string) error {
	_, err := s.residents.Update(ctx, resident, func(r *Resident) error {
		if r.SeenAt == nil {
			r.SeenAt = map[string]time.Time{}
		}
		r.SeenAt[unit] = s.now().UTC()
		return nil
	})
	return err
}
