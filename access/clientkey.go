package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"hash/crc32"
	"regexp"
	"slices"
	"strings"
	"time"

	"linlipay/audit"
	"linlipay/fault"
	"linlipay/store"
)

// The key of a client is a bearer token: "llp_live_" or in a trial "llp_test_", and then 45 letters and digits: the
// client's id (12), a secret of 130 bits (26) and a checksum (7). By its beginning scanners of sources find one that
// leaked, and by its checksum they, and we without a look into the store, tell one from what only looks like it. We
// keep a digest alone; since the secret is random and long, a plain hash of it gives nothing away.

// ClientKey is a key of a client as it is kept. Its secret was shown once.
type ClientKey struct {
	ID        string    `json:"id"`
	Digest    string    `json:"digest"`
	End       string    `json:"end"` // its last four characters, for people to know it by
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
	Until     time.Time `json:"until,omitzero"`    // good until then; zero is for as long as its client
	EndedAt   time.Time `json:"ended_at,omitzero"` // a person ended it
	UsedAt    time.Time `json:"used_at,omitzero"`  // to the minute
}

// Good reports whether a key counts at a time, as far as it is up to the key.
func (k *ClientKey) Good(now time.Time) bool {
	return k.EndedAt.IsZero() && (k.Until.IsZero() || now.Before(k.Until))
}

const (
	liveMark     = "llp_live_"
	testMark     = "llp_test_"
	idLength     = 12 // characters of base32
	secretLength = 26 // the same: 130 random bits, of characters of 5
)

var keyShape = regexp.MustCompile(`^llp_(live|test)_[a-z2-7]{45}$`)

// checksum ends a key, over all that stands before it.
func checksum(text string) string {
	sum := crc32.ChecksumIEEE([]byte(text))
	raw := []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
}

// newKey is a fresh key of a client, and what is kept of it.
func (s *Service) newClientKey(client, by string) (plain string, kept ClientKey) {
	mark := liveMark
	if s.trial {
		mark = testMark
	}
	text := mark + client + strings.ToLower(rand.Text()[:secretLength])
	plain = text + checksum(text)
	return plain, ClientKey{ID: newID(), Digest: keyDigest(plain), End: plain[len(plain)-4:], CreatedAt: s.now().UTC(),
		CreatedBy: by}
}

func keyDigest(plain string) string {
	sum := sha256.Sum256([]byte("client key " + plain))
	return hex.EncodeToString(sum[:])
}

// IsClientKey reports whether a bearer token is meant as a key of a client.
func IsClientKey(token string) bool { return strings.HasPrefix(token, "llp_") }

// clientOf is the client that a key names; false is one that was mistyped or cut.
func clientOf(plain string) (id string, ok bool) {
	if !keyShape.MatchString(plain) {
		return "", false
	}
	text := plain[:len(plain)-7]
	return text[len(liveMark) : len(liveMark)+idLength], checksum(text) == plain[len(plain)-7:]
}

func badKey() error {
	return fault.New(fault.Unauthenticated, "API 密钥无效。", "The API key is not valid.")
}

// verifyClient is the client whose key is shown, read from the store each time, so that one that was revoked is out of
// every process at once. With the Unauthenticated fault of a known client comes who it would be, for the record; only
// whoever holds the secret is told what is the matter with it.
func (s *Service) verifyClient(ctx context.Context, plain string) (Caller, error) {
	id, ok := clientOf(plain)
	if !ok {
		return Caller{}, badKey()
	}
	c, err := s.clients.Get(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return Caller{}, badKey()
	}
	if err != nil {
		return Caller{}, err
	}
	k, now := c.holds(plain), s.now()
	if k == nil {
		return c.caller(&ClientKey{}), badKey()
	}
	switch state := c.State(now); {
	case state == ClientRevoked || !k.EndedAt.IsZero():
		err = fault.New(fault.Unauthenticated, "该 API 密钥已被吊销。", "This API key was revoked.")
	case state == ClientExpired || !k.Good(now):
		err = fault.New(fault.Unauthenticated, "该 API 密钥已到期。", "This API key has expired.")
	case state != ClientActive:
		err = badKey()
	}
	caller := c.caller(k)
	if err != nil {
		return caller, err
	}
	scope, err := s.written(ctx, c.Company, c.scope())
	caller.Communities = scope.Communities
	return caller, err
}

// holds is the client's key that was shown, nil for none. It looks at each, as long at a wrong one as at a right one.
func (c *Client) holds(plain string) (found *ClientKey) {
	digest := []byte(keyDigest(plain))
	for i := range c.Keys {
		if subtle.ConstantTimeCompare(digest, []byte(c.Keys[i].Digest)) == 1 {
			found = &c.Keys[i]
		}
	}
	return found
}

// KeyUsed notes that a client has called with its key, at most once a minute.
func (s *Service) KeyUsed(ctx context.Context, by Caller) error {
	now := s.now().UTC().Truncate(time.Minute)
	if !now.After(by.used) {
		return nil
	}
	_, err := s.clients.Update(ctx, by.ID, func(c *Client) error {
		k := c.keyOf(by.keyID)
		if k == nil || !now.After(k.UsedAt) {
			return store.ErrUnchanged
		}
		k.UsedAt = now
		return nil
	})
	return err
}

// keyOf is one of the client's keys, nil for none.
func (c *Client) keyOf(id string) *ClientKey {
	i := slices.IndexFunc(c.Keys, func(k ClientKey) bool { return k.ID == id })
	if i < 0 {
		return nil
	}
	return &c.Keys[i]
}

// Bounds of keys.
const (
	goodKeys     = 2                   // of a client that count at once
	keysKept     = 10                  // of a client, those that count no more among them
	rotationMost = 30 * 24 * time.Hour // the longest that an old key counts beside a new one
)

// MakeKey gives a client another key, which is returned this once. The one that it has counts until oldUntil, which is
// between now and rotationMost later; a client that has none takes none. While two keys count there is no third
// (WrongState): so what is in use ends when a person said that it would, and not before.
func (s *Service) MakeKey(ctx context.Context, by Caller, id string, oldUntil time.Time) (c *Client, plain string,
	err error) {
	plain, kept := s.newClientKey(id, by.Actor())
	now := s.now().UTC()
	c, err = s.changeClient(ctx, by, id, audit.ClientKeyMade, func(c *Client) error {
		if c.State(now) != ClientActive {
			return fault.New(fault.WrongState, "该客户端当前不可用，不能生成密钥。",
				"This client is not active and takes no key.")
		}
		if err := c.letOldGo(oldUntil, now); err != nil {
			return err
		}
		c.Keys = append(c.Keys, kept)
		if more := len(c.Keys) - keysKept; more > 0 {
			c.Keys = slices.Delete(c.Keys, 0, more)
		}
		return nil
	})
	return c, plain, err
}

// letOldGo has the key that counts do so until a time.
func (c *Client) letOldGo(until, now time.Time) error {
	var old *ClientKey
	for i := range c.Keys {
		if !c.Keys[i].Good(now) {
			continue
		}
		if old != nil {
			return fault.New(fault.WrongState, "已有两个有效密钥，请先停用其中一个。",
				"Two keys count already: end one of them first.")
		}
		old = &c.Keys[i]
	}
	if old == nil {
		return nil
	}
	if until.Before(now) || until.After(now.Add(rotationMost)) {
		return wrong("previous_expires_at", "请选择旧密钥的失效时间，最长 30 天。",
			"Say until when the old key counts: within 30 days from now.")
	}
	old.Until = until.UTC()
	return nil
}

// EndKey ends one of a client's keys at once, everywhere. A key that the client does not have is NotFound.
func (s *Service) EndKey(ctx context.Context, by Caller, id, key string) (*Client, error) {
	now := s.now().UTC()
	return s.changeClient(ctx, by, id, audit.ClientKeyEnded, func(c *Client) error {
		k := c.keyOf(key)
		switch {
		case k == nil:
			return fault.New(fault.NotFound, "没有这个密钥。", "There is no such key.")
		case !k.Good(now):
			return store.ErrUnchanged
		}
		k.EndedAt = now
		return nil
	})
}

// NotTheirClients is the Forbidden fault of deciding what a client asked for by somebody who made a key of it, and so
// could have asked themselves. actor is who asked, as timelines name them.
func (s *Service) NotTheirClients(ctx context.Context, by Caller, actor string) error {
	holders, err := s.keyHolders(ctx, actor)
	if err == nil && slices.Contains(holders, by.Actor()) {
		return fault.New(fault.Forbidden, "您持有过该客户端的密钥，请由另一人审批。",
			"You have held a key of the client that asked; another person must decide.")
	}
	return err
}
