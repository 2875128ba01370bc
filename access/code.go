package access

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"time"

	"linlipay/fault"
	"linlipay/phone"
	"linlipay/store"
)

// code is a one-time code; only its hash is kept.
type code struct {
	ID        string    `json:"id"` // digest of what it proves: a phone, or a purpose and what it is about
	Version   int64     `json:"-"`
	Hash      string    `json:"hash"`
	Tries     int       `json:"tries"`
	Sent      int       `json:"sent"` // within the hour that began at HourAt
	HourAt    time.Time `json:"hour_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

var codes = store.Kind[code]{
	Schema:  expiring(store.Schema{Name: "codes", Passing: true}),
	ID:      func(c *code) string { return c.ID },
	Version: func(c *code) *int64 { return &c.Version },
	Keys:    func(c *code) store.Keys { return store.Keys{"expires": {c.over().UnixMilli()}} },
}

const (
	// CodeLife is how long a one-time code to log in is good for. Ours: a message is there within a minute; NIST SP
	// 800-63B, 5.1.3.2, allows ten.
	CodeLife = 5 * time.Minute
	// PassedOnLife is how long a code is good for that one person reads and another enters. Ours: they have to find
	// each other first.
	PassedOnLife = 15 * time.Minute

	codeTries   = 5
	codesAnHour = 10
)

// over is when nothing of a code counts any more: neither what it proves, nor how many were sent.
func (c *code) over() time.Time {
	if hour := c.HourAt.Add(time.Hour); hour.After(c.ExpiresAt) {
		return hour
	}
	return c.ExpiresAt
}

// NewCode makes a code of 6 digits for a phone; the caller sends it. A phone gets ten an hour at most. What is no
// mobile number of 11 digits is Invalid.
func (s *Service) NewCode(ctx context.Context, number string) (string, error) {
	if !phone.Valid(number) {
		return "", fault.New(fault.Invalid, "请输入 11 位手机号。", "Please enter a mobile number of 11 digits.")
	}
	return s.newCode(ctx, number, CodeLife)
}

// NewCodeFor makes a code of 6 digits for a purpose and what it is about; the caller sends it. One about the same thing
// takes the place of the one before. It is good for nothing else, not to log in either. More codes than may be sent
// within an hour are TooMany.
func (s *Service) NewCodeFor(ctx context.Context, purpose, about string) (string, error) {
	return s.newCode(ctx, purpose+" "+about, PassedOnLife)
}

func (s *Service) newCode(ctx context.Context, of string, life time.Duration) (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	text, now := fmt.Sprintf("%06d", n), s.now().UTC()
	id := s.codeID(of)
	err = s.codes.Insert(ctx, &code{ID: id, Hash: s.hashCode(of, text), Sent: 1, HourAt: now, ExpiresAt: now.Add(life)})
	if !fault.Is(err, fault.AlreadyExists) {
		return text, err
	}
	_, err = s.codes.Update(ctx, id, func(c *code) error {
		if now.Sub(c.HourAt) > time.Hour {
			c.Sent, c.HourAt = 0, now
		}
		if c.Sent >= codesAnHour {
			wait := c.HourAt.Add(time.Hour).Sub(now)
			return fault.New(fault.TooMany, "验证码请求过于频繁，请稍后再试。",
				"Too many codes were asked for; please try later.").With("retry_after", int64(wait/time.Second)+1)
		}
		c.Sent++
		c.Hash, c.Tries, c.ExpiresAt = s.hashCode(of, text), 0, now.Add(life)
		return nil
	})
	return text, err
}

// codeID names the document of what a code proves, and says nothing of a phone.
func (s *Service) codeID(of string) string { return s.box.Name() + "/" + s.box.Digest("code of", of) }

// hashCode stands for a code's six digits: without the key nobody can tell by trying which.
func (s *Service) hashCode(of, text string) string { return s.box.Digest("code "+of, text) }

// UseCode accepts a phone's code once; five wrong tries use it up. Whatever is wrong is one Unauthenticated fault.
func (s *Service) UseCode(ctx context.Context, number, text string) error {
	if !phone.Valid(number) { // such as a purpose's key
		return wrongCode(fault.Unauthenticated)
	}
	return s.useCode(ctx, number, text, fault.Unauthenticated)
}

// UseCodeFor accepts the code for a purpose once, as UseCode does. Whatever is wrong is one Expired fault.
func (s *Service) UseCodeFor(ctx context.Context, purpose, about, text string) error {
	return s.useCode(ctx, purpose+" "+about, text, fault.Expired)
}

// CodeWaits returns nil where a code for the purpose may still be entered, or else the fault of a wrong one.
func (s *Service) CodeWaits(ctx context.Context, purpose, about string) error {
	c, err := s.codes.Get(ctx, s.codeID(purpose+" "+about))
	if fault.Is(err, fault.NotFound) || err == nil && !c.waits(s.now()) {
		return wrongCode(fault.Expired)
	}
	return err
}

func (c *code) waits(now time.Time) bool {
	return c.Hash != "" && c.Tries < codeTries && !now.After(c.ExpiresAt)
}

func wrongCode(as fault.Code) error {
	return fault.New(as, "验证码不正确或已过期。", "The code is wrong or has expired.")
}

func (s *Service) useCode(ctx context.Context, of, text string, as fault.Code) error {
	wrong := wrongCode(as)
	matched := false
	_, err := s.codes.Update(ctx, s.codeID(of), func(c *code) error {
		if !c.waits(s.now()) {
			return wrong
		}
		if matched = c.Hash == s.hashCode(of, text); matched {
			c.Hash = ""
		} else {
			c.Tries++
		}
		return nil
	})
	if fault.Is(err, fault.NotFound) || err == nil && !matched {
		return wrong
	}
	return err
}
