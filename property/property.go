// Package property is who lives where: companies with communities, units (房屋) and residents. It says who is the owner
// of a unit (owner.go), who is bound to it (binding.go) and what a resident has as a home (home.go). What a unit owes
// is package billing's.
package property

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"sync"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// Service keeps companies' property. Beside the faults that a method names it returns the store's (see package store).
type Service struct {
	companies   store.Collection[Company]
	communities store.Collection[Community]
	units       store.Collection[Unit]
	residents   store.Collection[Resident]
	bindings    store.Collection[Binding]
	now         func() time.Time
	names       sync.Map // of communities and companies
}

// Schemas are the collections of this package.
func Schemas() []store.Schema {
	return []store.Schema{companies.Schema, communities.Schema, units.Schema, residents.Schema, bindings.Schema}
}

// NewService makes the service over a store on which Ensure was called with Schemas.
func NewService(st store.Store, now func() time.Time) *Service {
	return &Service{
		companies: companies.In(st), communities: communities.In(st), units: units.In(st), residents: residents.In(st),
		bindings: bindings.In(st), now: now,
	}
}

// Scope is what a member of staff may see: a company, and some of its communities or (when empty) all.
type Scope struct {
	Company     string
	Communities []string
}

// Covers reports whether a community of a company is within the scope.
func (s Scope) Covers(company, community string) bool {
	if s.Company != company {
		return false
	}
	for _, c := range s.Communities {
		if c == community {
			return true
		}
	}
	return len(s.Communities) == 0
}

// IDOf makes the id of a thing from what names it, so that taking the same thing in twice is seen: 16 characters of
// [a-z2-7].
func IDOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}

func notFound(zh, en string) error { return fault.New(fault.NotFound, zh, en) }
