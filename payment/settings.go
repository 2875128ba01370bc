package payment

import (
	"context"
	"time"

	"linlipay/money"
)

// Settings are what a company has settled about its orders.
type Settings struct {
	UnappliedPolicy UnappliedPolicy // what becomes of unapplied funds
	RefundLimit     money.Fen       // up to this much of an order, in fen, refunds need no second person; 0 is none
	DeskLifetime    time.Duration   // how long an order made at a desk or terminal can be paid
	PhoneLifetime   time.Duration   // the same for the resident's phone
}

// settings are a company's own, or those of the configuration where companies settle nothing.
func (s *Service) settings(ctx context.Context, company string) (Settings, error) {
	if s.cfg.SettingsOf != nil {
		return s.cfg.SettingsOf(ctx, company)
	}
	return Settings{s.cfg.UnappliedPolicy, s.cfg.RefundLimit, s.cfg.DeskLifetime, s.cfg.PhoneLifetime}, nil
}
