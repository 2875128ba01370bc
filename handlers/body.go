package handlers

import (
	"bytes"
	"errors"
	"mime"
	"slices"

	"github.com/gofiber/fiber/v2"

	"linlipay/fault"
)

// The media types of bodies. A route names those that it takes; one that names none takes no body.
var (
	takesJSON         = []string{fiber.MIMEApplicationJSON}
	takesForm         = []string{fiber.MIMEApplicationForm}
	takesNotification = []string{fiber.MIMEApplicationJSON, fiber.MIMEApplicationForm, fiber.MIMETextPlain}
)

// admitBody refuses a body that the route does not take: packed in any way, in parts, or of another media type. Bodies
// are read as they came (Request().Body()) everywhere: what fiber and fasthttp offer beside that unpacks without a
// bound.
func admitBody(c *fiber.Ctx, takes []string) error {
	if len(c.Request().Header.ContentEncoding()) > 0 {
		return unsupportedBody("不接受压缩的请求内容。", "A packed body is not taken.")
	}
	if len(bytes.TrimSpace(c.Request().Body())) == 0 {
		return nil
	}
	kind, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || !slices.Contains(takes, kind) {
		return unsupportedBody("此接口不接受这种格式的请求内容。", "This takes no body of that media type.")
	}
	return nil
}

// unsupportedBody is HTTP's 415 with a sentence for the person.
func unsupportedBody(zh, en string) error {
	return errors.Join(fiber.ErrUnsupportedMediaType, fault.New(fault.MediaType, zh, en))
}
