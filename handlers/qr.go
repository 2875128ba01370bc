package handlers

import (
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/skip2/go-qrcode"

	"linlipay/access"
	"linlipay/payment"
)

// qrView is where an order's QR leads, and its pictures.
func (s *Server) qrView(o *payment.Order) qrView {
	path := "/q/" + o.Token
	return qrView{URL: s.BaseURL + path, PNG: path + "/qr.png", SVG: path + "/qr.svg"}
}

// code is the QR of the order behind a token. Medium correction survives a smudged screen.
func (s *Server) code(c *fiber.Ctx) (*qrcode.QRCode, error) {
	ctx, cancel := s.context(c)
	defer cancel()
	o, err := s.Payments.ByToken(ctx, c.Params("token"))
	if err != nil {
		return nil, err
	}
	c.Set("Cache-Control", "private, max-age=3600")
	return qrcode.New(s.qrView(o).URL, qrcode.Medium)
}

// Sizes of a PNG, in pixels.
const (
	qrDefault = 512
	qrMost    = 2048
)

func (s *Server) qrPNG() endpoint {
	return endpoint{status: 200, kind: "image/png", do: func(c *fiber.Ctx, _ access.Caller) error {
		size := c.QueryInt("size", qrDefault)
		if size < 64 || size > qrMost {
			return malformed("size 须在 64 与 2048 之间。", "size is between 64 and 2048.")
		}
		code, err := s.code(c)
		if err != nil {
			return err
		}
		png, err := code.PNG(size)
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, "image/png")
		return c.Send(png)
	}}
}

func (s *Server) qrSVG() endpoint {
	return endpoint{status: 200, kind: "image/svg+xml", do: func(c *fiber.Ctx, _ access.Caller) error {
		code, err := s.code(c)
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, "image/svg+xml")
		return c.SendString(svg(code.Bitmap()))
	}}
}

// svg draws a bitmap, quiet zone included, as one path: crisp at any size.
func svg(bitmap [][]bool) string {
	var path strings.Builder
	for y, row := range bitmap {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" `+
		`shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`,
		len(bitmap), len(bitmap), len(bitmap), len(bitmap), path.String())
}
