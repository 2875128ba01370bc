package gateway

import (
	"net/url"

	"linlipay/host"
)

// Account is a company's merchant account at an institution, with its secrets opened. It is handed to gateways and
// never stored, logged or shown.
type Account struct {
	ID          string
	Version     int64 // changes when the settings do, so that a gateway may keep a client per ID and Version
	Company     string
	Entity      string   // the legal entity that it collects for, no other; "" is all of the company
	Communities []string // the communities it collects for; empty is all of the company
	Institution Institution
	Name        string            // what the company's people call it; "" leaves the name that it has
	Settings    map[string]string // by the institution's own names; see each gateway's package comment
	// takes no new charges; those it has are asked about, refunded and reported on as ever
	Disabled bool
}

// For reports whether the account may take a legal entity's money.
func (a Account) For(entity string) bool { return a.Entity == "" || a.Entity == entity }

// OnLoopback reports whether one of the account's addresses is on this machine, as the sandbox's are.
func (a Account) OnLoopback() bool {
	for _, value := range a.Settings {
		if u, err := url.Parse(value); err == nil && u.Host != "" && host.IsLoopback(u.Hostname()) {
			return true
		}
	}
	return false
}
