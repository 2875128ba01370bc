package app

import (
	"context"
	"time"

	"linlipay/access"
	"linlipay/payment"
	"linlipay/property"
)

// found gives every company that has none its organisation: one legal entity of the company's name, with the settings
// of the configuration. What was made before there were legal entities is that one's.
func (a *App) found(ctx context.Context) error {
	seen := map[string]bool{}
	return a.Property.EachCommunity(ctx, func(c property.Community) error {
		if seen[c.Company] {
			return nil
		}
		seen[c.Company] = true
		company, err := a.Property.Company(ctx, c.Company)
		if err != nil {
			return err
		}
		return a.Access.Found(ctx, company.ID, company.Name, a.cfg.settings())
	})
}

// settingsOf are what a company has settled about its orders; one that nobody has founded yet has those of the
// configuration.
func (a *App) settingsOf(ctx context.Context, company string) (payment.Settings, error) {
	settled, err := a.Access.SettingsOf(ctx, company)
	if err != nil {
		return payment.Settings{}, err
	}
	if settled == (access.Settings{}) {
		settled = a.cfg.settings()
	}
	return payment.Settings{
		UnappliedPolicy: payment.UnappliedPolicy(settled.Unapplied), RefundLimit: settled.RefundLimit,
		DeskLifetime:  time.Duration(settled.DeskMinutes) * time.Minute,
		PhoneLifetime: time.Duration(settled.PhoneMinutes) * time.Minute,
	}, nil
}

// receiptPrefix is what the numbers of a legal entity's receipts begin with.
func (a *App) receiptPrefix(ctx context.Context, company, entity string) (string, error) {
	return a.Access.SeriesOf(ctx, company, entity)
}
