package app

import (
	"context"

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
