package audit

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"linlipay/chain"
	"linlipay/fault"
	"linlipay/store"
)

// Sequence is a chain whose heads are signed beside the audit log's: the ledger.
type Sequence interface {
	// Name is what the heads are stored under.
	Name() string
	// Companies are those that have a chain.
	Companies(context.Context) ([]string, error)
	// Head is the newest entry of a company's chain.
	Head(ctx context.Context, company string) (chain.Head, error)
	// Against is an error where the chain does not lead through a head that was signed earlier.
	Against(ctx context.Context, company string, kept chain.Head) error
	// VerifyAfter verifies what follows a head, after the zero head all, and returns how far nothing was wrong.
	VerifyAfter(ctx context.Context, company string, after chain.Head) (head chain.Head, lines int64, err error)
}

// headKey signs heads for a year; its public half is kept for ever, so that what it signed can be verified after it was
// followed by another. The private half is sealed.
type headKey struct {
	ID        string    `json:"id"`
	Version   int64     `json:"-"`
	Public    []byte    `json:"public"`
	Sealed    string    `json:"sealed"`
	CreatedAt time.Time `json:"created_at"`
}

var headKeys = store.Kind[headKey]{
	Schema: store.Schema{
		Name:    "audit_keys",
		Fields:  []store.Field{{Name: "created", Type: store.Int}},
		Indexes: []store.Index{{Name: "by_created", Fields: []string{"created"}}},
		Secrets: []store.Secret{{Path: "sealed", Context: "audit-key/{id}"}},
	},
	ID:      func(k *headKey) string { return k.ID },
	Version: func(k *headKey) *int64 { return &k.Version },
	Keys:    func(k *headKey) store.Keys { return store.Keys{"created": {k.CreatedAt.UnixMilli()}} },
}

// SignedHead is where a company's chain ended, signed by a key of the server.
type SignedHead struct {
	Chain     string    `json:"chain"`   // audit or ledger
	Company   string    `json:"company"` // "-" is the audit log's chain of things of no company
	No        int64     `json:"no"`      // of the last block
	Hash      string    `json:"hash"`    // of its last line, SHA-256 in hex
	At        time.Time `json:"at"`
	Key       string    `json:"key"`       // id of the key in Heads.Keys
	Signature string    `json:"signature"` // Ed25519 over Text, in base64
}

// Text is what is signed: a line for each part, each ended by a line feed.
func (h SignedHead) Text() []byte {
	return fmt.Appendf(nil, "linlipay-head\n%s\n%s\n%d\n%s\n%s\n%s\n", h.Chain, h.Company, h.No, h.Hash,
		h.At.UTC().Format(time.RFC3339), h.Key)
}

// PublicKey is the public half of a key that signs heads.
type PublicKey struct {
	ID        string    `json:"id"`
	Ed25519   string    `json:"ed25519"` // 32 bytes in base64
	CreatedAt time.Time `json:"created_at"`
}

// Heads are the heads of chains with the keys by which they verify: what is kept out of the machine.
type Heads struct {
	Heads []SignedHead `json:"heads"`
	Keys  []PublicKey  `json:"keys"`
}

// Follow names the chains whose heads are signed too.
func (s *Service) Follow(sequences ...Sequence) { s.sequences = append(s.sequences, sequences...) }

// Heads are the present heads of a company's chains, or with all of every company's, signed now.
func (s *Service) Heads(ctx context.Context, company string, all bool) (Heads, error) {
	id, key, err := s.signer(ctx)
	if err != nil {
		return Heads{}, err
	}
	signed := Heads{Heads: []SignedHead{}}
	for _, q := range s.chains() {
		companies := []string{company}
		if all {
			if companies, err = q.Companies(ctx); err != nil {
				return Heads{}, err
			}
		}
		for _, c := range companies {
			head, err := q.Head(ctx, c)
			if err != nil {
				return Heads{}, err
			}
			if head.No == 0 {
				continue
			}
			h := SignedHead{Chain: q.Name(), Company: c, No: head.No, Hash: head.Hash,
				At: s.now().Truncate(time.Second), Key: id}
			h.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(key, h.Text()))
			signed.Heads = append(signed.Heads, h)
		}
	}
	signed.Keys, err = s.publicKeys(ctx)
	return signed, err
}

// Against holds the chains to heads that were kept elsewhere, and returns what does not agree: a signature that does
// not verify, a key that the store has not or has another of, a chain that is shorter now or was written anew.
func (s *Service) Against(ctx context.Context, kept Heads) (findings []string, err error) {
	known, err := s.publicKeys(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range kept.Keys {
		if !slices.ContainsFunc(known, func(have PublicKey) bool {
			return have.ID == k.ID && have.Ed25519 == k.Ed25519
		}) {
			findings = append(findings,
				fmt.Sprintf("key %s: the store has not this key any more, or another of its name", k.ID))
		}
	}
	for _, h := range kept.Heads {
		what, err := s.against(ctx, h, kept.Keys)
		if err != nil {
			return nil, err
		}
		if what != "" {
			findings = append(findings, fmt.Sprintf("company %s: %s", h.Company, what))
		}
	}
	return findings, nil
}

func (s *Service) against(ctx context.Context, h SignedHead, keys []PublicKey) (string, error) {
	if !h.verifies(keys) {
		return fmt.Sprintf("the signature of the %s's head %d does not verify: the file was changed", h.Chain, h.No),
			nil
	}
	for _, q := range s.chains() {
		if q.Name() != h.Chain {
			continue
		}
		err := q.Against(ctx, h.Company, chain.Head{No: h.No, Hash: h.Hash})
		if what := chain.Found(err); what != "" {
			return what, nil
		}
		return "", err
	}
	return fmt.Sprintf("there is no chain %q", h.Chain), nil
}

func (h SignedHead) verifies(keys []PublicKey) bool {
	signature, err := base64.StdEncoding.DecodeString(h.Signature)
	return err == nil && slices.ContainsFunc(keys, func(k PublicKey) bool {
		public, err := base64.StdEncoding.DecodeString(k.Ed25519)
		return err == nil && k.ID == h.Key && len(public) == ed25519.PublicKeySize &&
			ed25519.Verify(public, h.Text(), signature)
	})
}

// signer is the key of this year, which is made when there is none. Its id is its year's, so that processes that begin
// a year at once agree on one.
func (s *Service) signer(ctx context.Context) (string, ed25519.PrivateKey, error) {
	id := fmt.Sprintf("heads-%d", s.now().Year())
	k, err := s.keys.Get(ctx, id)
	if fault.Is(err, fault.NotFound) {
		if err := s.newKey(ctx, id); err != nil {
			return "", nil, err
		}
		k, err = s.keys.Get(ctx, id)
	}
	if err != nil {
		return "", nil, err
	}
	seed, err := s.box.Open(k.Sealed, "audit-key/"+id)
	if err != nil {
		return "", nil, fmt.Errorf("audit: key %s: %w", id, err)
	}
	return id, ed25519.NewKeyFromSeed(seed), nil
}

func (s *Service) newKey(ctx context.Context, id string) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	err = s.keys.Insert(ctx, &headKey{ID: id, Public: public, Sealed: s.box.Seal(private.Seed(), "audit-key/"+id),
		CreatedAt: s.now()})
	if fault.Is(err, fault.AlreadyExists) {
		return nil // another process was faster: its key is the one
	}
	return err
}

// publicKeys are the public halves of all keys that there were.
func (s *Service) publicKeys(ctx context.Context) ([]PublicKey, error) {
	keys := []PublicKey{}
	err := s.keys.All(ctx, store.Query{Index: "by_created"}, func(k headKey) error {
		keys = append(keys, PublicKey{k.ID, base64.StdEncoding.EncodeToString(k.Public), k.CreatedAt})
		return nil
	})
	return keys, err
}
