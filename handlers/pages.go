package handlers

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/fault"
)

// missing is where the pages were not built.
var missing = []fault.Code{fault.NotFound}

// pageRoutes are the built pages. Assets carry a hash in their names and never change; pages are asked for anew each
// time.
func (s *Server) pageRoutes() []route {
	page := func(file string) endpoint {
		kind, _, _ := strings.Cut(kindOfFile(file), ";")
		return endpoint{status: 200, kind: kind, do: func(c *fiber.Ctx, _ access.Caller) error {
			return s.sendFile(c, file, "no-cache")
		}}
	}
	return []route{
		{id: "showStart", problems: missing, method: "GET", path: "/", who: everybody, summary: "The start page",
			endpoint: endpoint{status: 200, kind: "text/html", do: s.startPage}},
		{id: "showTerminal", problems: missing, method: "GET", path: "/terminal", who: everybody,
			summary: "The terminal's screen", endpoint: page("terminal.html")},
		{id: "showResident", problems: missing, method: "GET", path: "/resident", who: everybody,
			summary: "The resident's pages", endpoint: page("resident.html")},
		{id: "showConsole", problems: missing, method: "GET", path: "/console", who: everybody,
			summary: "The staff's pages", endpoint: page("console.html")},
		{id: "getIcon", problems: missing, method: "GET", path: "/favicon.svg", who: everybody, summary: "The icon",
			endpoint: page("favicon.svg")},
		{id: "getRescueScript", problems: missing, method: "GET", path: "/rescue.js", who: everybody,
			summary: "What a page shows where it cannot begin",
			endpoint: endpoint{
				status: 200, kind: "text/javascript", do: func(c *fiber.Ctx, _ access.Caller) error {
					return s.sendFile(c, "rescue.js", "no-cache")
				},
			}},
		{id: "getAsset", problems: missing, method: "GET", path: "/assets/:name", who: everybody,
			summary: "Scripts and styles of the pages",
			endpoint: endpoint{
				status: 200, kind: "text/javascript", do: func(c *fiber.Ctx, _ access.Caller) error {
					return s.sendFile(c, "assets/"+path.Base(c.Params("name")), "public, max-age=31536000, immutable")
				},
			}},
	}
}

// startPage is the same everywhere but in the demo: there it holds the made-up people, with which one presses a button
// and is one of them.
func (s *Server) startPage(c *fiber.Ctx, _ access.Caller) error {
	if err := s.sendFile(c, "index.html", "no-cache"); err != nil || s.Demo == nil || !nearby(addressOf(c).String()) {
		return err
	}
	ctx, cancel := s.context(c)
	defer cancel()
	people, err := s.Demo(ctx)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(people) // which escapes what would end the element
	if err != nil {
		return err
	}
	c.Set("Cache-Control", "no-store")
	end := []byte("</body>")
	island := slices.Concat([]byte(`<script type="application/json" id="demo">`), raw, []byte("</script>"), end)
	return c.Send(bytes.Replace(c.Response().Body(), end, island, 1))
}

func (s *Server) sendFile(c *fiber.Ctx, name, cache string) error {
	raw, err := fs.ReadFile(s.Pages, name)
	if err != nil {
		return fiber.ErrNotFound
	}
	kind := kindOfFile(name)
	if kind == "" {
		kind = http.DetectContentType(raw)
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Set("Cache-Control", cache)
	if strings.HasSuffix(name, ".html") {
		c.Set("X-Frame-Options", "DENY")
	}
	if name == "terminal.html" && s.Trial != "" {
		c.Set("Content-Security-Policy", pagePolicy("'self' "+s.Trial))
	}
	return c.Send(raw)
}

// kindOfFile is the media type of a built file by its name; "" is one that its content tells.
func kindOfFile(name string) string {
	return map[string]string{
		".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
		".mjs": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	}[path.Ext(name)]
}
