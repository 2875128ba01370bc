package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"regexp"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// code is a one-time code sent to a phone; only its hash is kept.
type code struct {
	ID        string    `json:"id"` // the phone
	Version   int64     `json:"-"`
	Hash      string    `json:"hash"`
	Tries     int       `json:"tries"`
	Sent      int       `json:"sent"` // within the hour that began at HourAt
	HourAt    time.Time `json:"hour_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

var codes = store.Kind[code]{
	Schema:  store.Schema{Name: "codes"},
	ID:      func(c *code) string { return c.ID },
	Version: func(c *code) *int64 { return &c.Version },
	Keys:    func(*code) store.Keys { return nil },
}

const (
	// CodeLife is how long a one-time code is good for.
	CodeLife    = 5 * time.Minute
	codeTries   = 5
	codesAnHour = 10
)

var mobile = regexp.MustCompile(`^1[3-9]\d{9}$`)

// NewCode makes a code of 6 digits for a phone; the caller sends it. A phone gets ten an hour at most.
func (s *Service) NewCode(ctx context.Context, phone string) (string, error) {
	if !mobile.MatchString(phone) {
		return "", fault.New(fault.Invalid, "请输入 11 位手机号。", "Please enter a mobile number of 11 digits.")
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	text, now := fmt.Sprintf("%06d", n), s.now().UTC()
	err = s.codes.Insert(ctx, &code{ID: phone, Hash: hashCode(phone, text), Sent: 1, HourAt: now, ExpiresAt: now.Add(CodeLife)})
	if !fault.Is(err, fault.AlreadyExists) {
		return text, err
	}
	_, err = s.codes.Update(ctx, phone, func(c *code) error {
		if now.Sub(c.HourAt) > time.Hour {
			c.Sent, c.HourAt = 0, now
		}
		if c.Sent >= codesAnHour {
			return fault.New(fault.TooMany, "验证码请求过于频繁，请稍后再试。", "Too many codes were asked for; please try later.")
		}
		c.Sent++
		c.Hash, c.Tries, c.ExpiresAt = hashCode(phone, text), 0, now.Add(CodeLife)
		return nil
	})
	return text, err
}

func hashCode(phone, text string) string {
	sum := sha256.Sum256([]byte("code " + phone + " " + text))
	return hex.EncodeToString(sum[:])
}

// UseCode accepts a phone's code once; five wrong tries use it up. Whatever is wrong is one Unauthenticated fault.
func (s *Service) UseCode(ctx context.Context, phone, text string) error {
	wrong := fault.New(fault.Unauthenticated, "验证码不正确或已过期。", "The code is wrong or has expired.")
	matched := false
	_, err := s.codes.Update(ctx, phone, func(c *code) error {
		if c.Hash == "" || c.Tries >= codeTries || s.now().After(c.ExpiresAt) {
			return wrong
		}
		if matched = c.Hash == hashCode(phone, text); matched {
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
