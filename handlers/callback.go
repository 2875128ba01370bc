package handlers

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/payment/gateway"
)

// callbackRoutes are the routes of institutions' notifications.
func (s *Server) callbackRoutes() []route {
	return []route{
		{method: "POST", path: "/callbacks/:institution/:account", who: everybody,
			summary: "An institution's notification", endpoint: s.callback()},
	}
}

// callback hands an institution's notification on as the bytes that came: what verifies is what was sent. Everything is
// copied, since the server reuses its buffers.
func (s *Server) callback() endpoint {
	return endpoint{status: 200, takes: takesNotification, do: func(c *fiber.Ctx, _ access.Caller) error {
		m := gateway.RawNotification{Header: http.Header{}, Body: bytes.Clone(c.Request().Body())}
		for name, values := range c.GetReqHeaders() {
			for _, v := range values {
				m.Header.Add(strings.Clone(name), strings.Clone(v))
			}
		}
		ctx, cancel := s.context(c)
		defer cancel()
		answer := s.Payments.Receive(ctx, gateway.Institution(c.Params("institution")), c.Params("account"), m)
		if answer.ContentType != "" {
			c.Set(fiber.HeaderContentType, answer.ContentType)
		}
		return c.Status(answer.Status).Send(answer.Body)
	}}
}
