package audit

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/netip"
	"regexp"
	"time"

	"linlipay/fault"
	"linlipay/seal"
	"linlipay/store"
)

// digestKey is the key of the digests that stand in events: made once and never changed, so that a text has one digest
// for as long as there is a log, whatever key the store is sealed under.
type digestKey struct {
	ID        string    `json:"id"`
	Version   int64     `json:"-"`
	Sealed    string    `json:"sealed"`
	CreatedAt time.Time `json:"created_at"`
}

var digestKeys = store.Kind[digestKey]{
	Schema: store.Schema{
		Name:    "audit_digest_keys",
		Secrets: []store.Secret{{Path: "sealed", Context: digestContext + "{id}"}},
	},
	ID:      func(k *digestKey) string { return k.ID },
	Version: func(k *digestKey) *int64 { return &k.Version },
	Keys:    func(*digestKey) store.Keys { return nil },
}

const (
	theDigestKey  = "digests"
	digestContext = "audit-digests/"
)

// The purposes of digests: one text has another digest for each.
const (
	ofAddress = "address" // where a request came from
	OfLogin   = "login"   // a login that nobody has
	OfPhone   = "phone"   // with which a resident tried to log in
	OfSearch  = "search"  // what was searched for
)

// Digest stands for a text that must not stand in an event: 24 hexadecimal digits, the same for the same text and
// purpose for ever, and no help to whoever guesses. It fails only where the key, which a process reads once, cannot be
// read.
func (s *Service) Digest(ctx context.Context, purpose, text string) (string, error) {
	box, err := s.digestBox(ctx)
	if err != nil {
		return "", err
	}
	return box.Digest("audit "+purpose, text), nil
}

// DigestOfAddress is Digest of an internet address, however it is written.
func (s *Service) DigestOfAddress(ctx context.Context, address netip.Addr) (string, error) {
	return s.Digest(ctx, ofAddress, address.Unmap().String())
}

// Typed are the digests by which a text may stand in events, whatever it was: an address, a login, a telephone number,
// what was searched for. Those that an older version made under the keys of the store are among them, and the text
// itself where it is an address, which that version wrote as it is, or a digest.
func (s *Service) Typed(ctx context.Context, text string) ([]string, error) {
	box, err := s.digestBox(ctx)
	if err != nil {
		return nil, err
	}
	var all []string
	a, err := netip.ParseAddr(text)
	if err == nil {
		text = a.Unmap().String()
	}
	if err == nil || digest.MatchString(text) {
		all = append(all, text)
	}
	for _, purpose := range []string{ofAddress, OfLogin, OfPhone, OfSearch} {
		all = append(all, box.Digest("audit "+purpose, text))
		all = append(all, s.box.Digests("audit "+purpose, text)...)
	}
	return all, nil
}

var digest = regexp.MustCompile(`^[0-9a-f]{24}$`)

// digestBox is the key of digests, which is made where there is none.
func (s *Service) digestBox(ctx context.Context) (*seal.Box, error) {
	if box := s.digests.Load(); box != nil {
		return box, nil
	}
	k, err := s.digestKeys.Get(ctx, theDigestKey)
	if fault.Is(err, fault.NotFound) {
		if err = s.newDigestKey(ctx); err != nil {
			return nil, err
		}
		k, err = s.digestKeys.Get(ctx, theDigestKey)
	}
	if err != nil {
		return nil, err
	}
	raw, err := s.box.Open(k.Sealed, digestContext+theDigestKey)
	if err != nil {
		return nil, fmt.Errorf("audit: the key of digests: %w", err)
	}
	box, err := seal.New(base64.StdEncoding.EncodeToString(raw))
	if err != nil {
		return nil, fmt.Errorf("audit: the key of digests: %w", err)
	}
	s.digests.Store(&box)
	return &box, nil
}

func (s *Service) newDigestKey(ctx context.Context) error {
	raw := make([]byte, 32)
	rand.Read(raw)
	err := s.digestKeys.Insert(ctx, &digestKey{ID: theDigestKey, CreatedAt: s.now(),
		Sealed: s.box.Seal(raw, digestContext+theDigestKey)})
	if fault.Is(err, fault.AlreadyExists) {
		return nil // another process was faster: its key is the one
	}
	return err
}
