// Package property is who owes what: companies with communities, units (房屋), residents and bills. It says who is the
// owner of a unit (owner.go), who is bound to it (binding.go) and what a resident may see of it (home.go). It turns
// bills into orders (collect.go) and paid orders into settled bills, opening them again by what is given back
// (settle.go), and reads a company's workbooks (import*.go).
package property

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"sync"
	"time"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/store"
)

// Payments is what this package asks of package payment.
type Payments interface {
	Create(ctx context.Context, n payment.NewOrder) (o *payment.Order, hit bool, err error)
	Holder(ctx context.Context, community, ref string) (orderID string, err error)
}

// Service keeps companies' property.
type Service struct {
	companies   store.Collection[Company]
	communities store.Collection[Community]
	units       store.Collection[Unit]
	residents   store.Collection[Resident]
	bindings    store.Collection[Binding]
	bills       store.Collection[Bill]
	prepayments store.Collection[Prepayment]
	payments    Payments
	now         func() time.Time
	names       sync.Map      // of communities and companies
	importing   chan struct{} // holds one for each workbook that is being taken in
}

// Schemas are the collections of this package.
func Schemas() []store.Schema {
	return []store.Schema{companies.Schema, communities.Schema, units.Schema, residents.Schema, bindings.Schema,
		bills.Schema, prepayments.Schema}
}

// NewService makes the service over a store on which Ensure was called with Schemas.
func NewService(st store.Store, payments Payments, now func() time.Time) *Service {
	return &Service{
		companies: companies.In(st), communities: communities.In(st), units: units.In(st), residents: residents.In(st),
		bindings: bindings.In(st), bills: bills.In(st), prepayments: prepayments.In(st), payments: payments, now: now,
		importing: make(chan struct{}, importsAtOnce),
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

// idOf makes the id of a thing from what names it, so that taking the same thing in twice is seen: 16 characters of
// [a-z2-7].
func idOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}

func notFound(zh, en string) error { return fault.New(fault.NotFound, zh, en) }
