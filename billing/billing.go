// Package billing is who owes what: bills of units and prepayments. It turns bills into orders (collect.go) and paid
// orders into settled bills, opening them again by what is given back (settle.go), says what a former owner may see and
// pay (home.go), states what became of a home's bills (statement.go), takes a company's workbooks in (import*.go), and
// locks the balance that a community came with (cutover.go). Who lives where is package property's.
package billing

import (
	"context"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/chain"
	"linlipay/payment"
	"linlipay/property"
	"linlipay/store"
)

// Payments is what this package asks of package payment.
type Payments interface {
	// Create makes an order. hit is true where its idempotency key has made it before: then it is that one.
	Create(ctx context.Context, n payment.NewOrder) (o *payment.Order, hit bool, err error)
	// Repeated is the order that a request's idempotency key has made before, nil where it has made none.
	Repeated(ctx context.Context, n payment.NewOrder) (*payment.Order, error)
	// Holdings are the orders that hold an item by its reference, of the first so many parts of it.
	Holdings(ctx context.Context, community, ref string, parts int) ([]payment.Holding, error)
	// Get returns an order by its number, or NotFound.
	Get(ctx context.Context, order string) (*payment.Order, error)
	// Release closes an open order so that what it holds is free.
	Release(ctx context.Context, order string, reason payment.CloseReason, by string) error
}

// Service keeps what units owe. Beside the faults that a method names it returns the store's (see package store).
type Service struct {
	*Books
	property     *property.Service
	organisation Organisation
	authority    approval.Authority // nil: the roles of CorrectionMatter
	payments     Payments
	journal      chain.Chain[Entry]
	publications store.Collection[publication]
	cutOvers     store.Collection[CutOver]
	old          store.Collection[oldPrepayment]
	importing    chan struct{} // holds one for each workbook that is being taken in
}

// Schemas are the collections of this package.
func Schemas() []store.Schema {
	return []store.Schema{bills.Schema, prepaid.Schema, oldPrepayments.Schema, publications.Schema, cutOvers.Schema,
		journal.Schema()}
}

// NewService makes the service over a store on which Ensure was called with Schemas.
// authority says who decides corrections by what each company has laid down; nil is the roles of CorrectionMatter.
func NewService(st store.Store, property *property.Service, organisation Organisation, authority approval.Authority,
	payments Payments, now func() time.Time) *Service {
	return &Service{
		Books: NewBooks(st, now), property: property, organisation: organisation, authority: authority,
		payments: payments,
		journal:  journal.In(st, now), publications: publications.In(st), cutOvers: cutOvers.In(st),
		old:       oldPrepayments.In(st),
		importing: make(chan struct{}, importsAtOnce),
	}
}

// Outboxes are the collections whose documents owe events to the audit log: who corrected bills, who used what was paid
// ahead, and who locked what.
func (s *Service) Outboxes() []audit.Outbox {
	return []audit.Outbox{
		audit.From(s.bills, func(b *Bill) *audit.Owed { return &b.OwesAudit }),
		audit.From(s.prepaid, func(p *Prepayment) *audit.Owed { return &p.OwesAudit }),
		audit.From(s.cutOvers, func(c *CutOver) *audit.Owed { return &c.OwesAudit }),
	}
}
