package property

import (
	"context"
	"time"

	"linlipay/payment"
	"linlipay/store"
)

// Payments is what this package asks of package payment.
type Payments interface {
	Create(ctx context.Context, n payment.NewOrder) (o *payment.Order, hit bool, err error)
	Holder(ctx context.Context, community, ref string) (orderID string, err error)
}

// Billing keeps what units owe.
type Billing struct {
	property    *Service
	bills       store.Collection[Bill]
	prepayments store.Collection[Prepayment]
	payments    Payments
	now         func() time.Time
	importing   chan struct{} // holds one for each workbook that is being taken in
}

// BillingSchemas are the collections of this package.
func BillingSchemas() []store.Schema { return []store.Schema{bills.Schema, prepayments.Schema} }

// NewBilling makes the service over a store on which Ensure was called with BillingSchemas.
func NewBilling(st store.Store, property *Service, payments Payments, now func() time.Time) *Billing {
	return &Billing{
		property: property, bills: bills.In(st), prepayments: prepayments.In(st), payments: payments, now: now,
		importing: make(chan struct{}, importsAtOnce),
	}
}
