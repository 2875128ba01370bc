package handlers

import (
	"github.com/gofiber/fiber/v2"

	"linlipay/payment"
)

// Fresh attempts that one address may open for one order on the page behind its QR, where nobody logs in: a few at
// once, and then this many over the order's life. A payer who cannot decide opens a handful. An order takes more than
// twice as many from all pages together, and some are left to desks and terminals (payment.ByPayer), so that no
// stranger who has photographed a QR can use them up.
const (
	attemptBurst   = 8
	attemptsByLife = 30
)

// attemptPermit lets an address open fresh attempts for an order at that pace. An attempt that is open already is
// handed out again without it.
func (s *Server) attemptPermit(c *fiber.Ctx, o *payment.Order) func() error {
	key := "attempts " + o.ID + " " + household(addressOf(c))
	every := o.ExpiresAt.Sub(o.CreatedAt) / attemptsByLife
	return func() error {
		if wait := s.paces.take(key, pace{attemptBurst, every}); wait > 0 {
			return tooFast(wait)
		}
		return nil
	}
}
