package access

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// signingKey signs tokens for a month; it verifies until the last of them has expired. The private half is sealed.
type signingKey struct {
	ID        string    `json:"id"`
	Version   int64     `json:"-"`
	Public    []byte    `json:"public"`
	Sealed    string    `json:"sealed"`
	CreatedAt time.Time `json:"created_at"`
}

var signingKeys = store.Kind[signingKey]{
	Schema: store.Schema{
		Name:    "signing_keys",
		Fields:  []store.Field{{Name: "created", Type: store.Int}},
		Indexes: []store.Index{{Name: "by_created", Fields: []string{"created"}}},
		Secrets: []store.Secret{{Path: "sealed", Context: "signing-key/{id}"}},
	},
	ID:      func(k *signingKey) string { return k.ID },
	Version: func(k *signingKey) *int64 { return &k.Version },
	Keys:    func(k *signingKey) store.Keys { return store.Keys{"created": {k.CreatedAt.UnixMilli()}} },
}

const (
	keyLife = 30 * 24 * time.Hour
	// keyVerifies is how long after it was made a key may verify a token.
	keyVerifies = keyLife + TokenLife + time.Hour
	// reloadPause bounds how often an unknown key id makes the keys be read again.
	reloadPause = 5 * time.Second
)

// keyring is the keys as this process knows them.
type keyring struct {
	mu     sync.Mutex
	keys   map[string]signingKey
	loaded time.Time
}

// signer returns the newest key and its private half, making a new one when it is too old. The key's id is its month,
// so that processes that rotate at the same moment agree on one.
func (s *Service) signer(ctx context.Context) (string, ed25519.PrivateKey, error) {
	id := fmt.Sprintf("k%d", s.now().Unix()/int64(keyLife/time.Second))
	key, err := s.verifier(ctx, id)
	if fault.Is(err, fault.Unauthenticated) {
		if err = s.newKey(ctx, id); err != nil {
			return "", nil, err
		}
		s.ring.mu.Lock()
		s.ring.loaded = time.Time{}
		s.ring.mu.Unlock()
		key, err = s.verifier(ctx, id)
	}
	if err != nil {
		return "", nil, err
	}
	seed, err := s.box.Open(key.Sealed, "signing-key/"+id)
	if err != nil {
		return "", nil, fmt.Errorf("access: signing key %s: %w", id, err)
	}
	return id, ed25519.NewKeyFromSeed(seed), nil
}

func (s *Service) newKey(ctx context.Context, id string) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	err = s.keys.Insert(ctx, &signingKey{ID: id, Public: public, Sealed: s.box.Seal(private.Seed(), "signing-key/"+id),
		CreatedAt: s.now().UTC()})
	if fault.Is(err, fault.AlreadyExists) {
		return nil // another process was faster: its key is the one
	}
	return err
}

var errUnknownKey = fault.New(fault.Unauthenticated, "登录已失效，请重新登录。", "The token is not valid; please log in again.")

// verifier returns the key with the id. One that is not known is looked for in the store, at most every few seconds.
func (s *Service) verifier(ctx context.Context, id string) (signingKey, error) {
	s.ring.mu.Lock()
	defer s.ring.mu.Unlock()
	if k, ok := s.ring.keys[id]; ok {
		return k, nil
	}
	if s.now().Sub(s.ring.loaded) < reloadPause {
		return signingKey{}, errUnknownKey
	}
	all, _, err := s.keys.Find(ctx, store.Query{Index: "by_created", Desc: true, Limit: 3})
	if err != nil {
		return signingKey{}, err
	}
	s.ring.keys, s.ring.loaded = map[string]signingKey{}, s.now()
	for _, k := range all {
		if s.now().Sub(k.CreatedAt) < keyVerifies {
			s.ring.keys[k.ID] = k
		}
	}
	if k, ok := s.ring.keys[id]; ok {
		return k, nil
	}
	return signingKey{}, errUnknownKey
}

// PublicKeys is the published key set (JWKS, RFC 7517 and 8037).
func (s *Service) PublicKeys(ctx context.Context) (map[string]any, error) {
	if _, _, err := s.signer(ctx); err != nil {
		return nil, err
	}
	s.ring.mu.Lock()
	defer s.ring.mu.Unlock()
	set := []map[string]string{}
	for _, k := range s.ring.keys {
		set = append(set, map[string]string{
			"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": k.ID,
			"x": base64.RawURLEncoding.EncodeToString(k.Public),
		})
	}
	if len(set) == 0 {
		return nil, errors.New("access: no signing key")
	}
	return map[string]any{"keys": set}, nil
}
