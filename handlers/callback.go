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
		{id: "receiveNotification", method: "POST", path: "/callbacks/:institution/:account", who: everybody,
			summary: "An institution's notification", endpoint: s.callback()},
	}
}

// acknowledgements are in the words that each institution wants to read.
var acknowledgements = map[string]string{
	"200": "Durably booked", "204": "Durably booked", "404": "No such account",
	"default": "Not booked: the institution sends it again",
}

func (s *Server) callback() endpoint {
	return endpoint{status: 200, takes: takesNotification, also: acknowledgements, do: s.receive}
}

// receive hands an institution's notification on as the bytes that came: what verifies is what was sent. Everything is
// copied, since the server reuses its buffers.
func (s *Server) receive(c *fiber.Ctx, _ access.Caller) error {
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
}
