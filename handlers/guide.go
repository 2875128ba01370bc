package handlers

import (
	"bytes"
	_ "embed"
	"html/template"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"

	"linlipay/access"
	"linlipay/docs"
	"linlipay/fault"
)

// The guides for makers of other systems are the files of the directory docs, shown beside the reference. They are
// written to be read at their place in the repository: a link to another guide or to an example leads to the same here.

//go:embed guide.html
var guideFile string

var guidePage = plainPage("guide.html", guideFile)

// guideText makes a page of a guide. What a guide says in HTML is left out.
var guideText = goldmark.New(goldmark.WithExtensions(extension.Table),
	goldmark.WithParserOptions(parser.WithAutoHeadingID()))

// guideRoutes are the guides and the examples that they name.
func (s *Server) guideRoutes() []route {
	return []route{
		{id: "showGuide", method: "GET", path: "/docs/:page", who: everybody, problems: missing,
			summary:  "A guide: integration.md or webhooks.md, or the same in Chinese as integration.zh-CN.md",
			endpoint: endpoint{status: 200, kind: "text/html", do: s.showGuide}},
		{id: "getExample", method: "GET", path: "/docs/examples/:name", who: everybody, problems: missing,
			summary:  "A program that a guide names",
			endpoint: endpoint{status: 200, kind: "text/javascript", do: s.sendExample}},
	}
}

func noGuide() error {
	return fault.New(fault.NotFound, "页面或接口不存在。", "There is nothing here.")
}

func (s *Server) showGuide(c *fiber.Ctx, _ access.Caller) error {
	name := c.Params("page")
	text, err := docs.Files.ReadFile(name)
	if err != nil {
		return noGuide()
	}
	text = bytes.ReplaceAll(text, []byte("(../handlers/problems.html)"), []byte("(/docs/problems)"))
	var made, page bytes.Buffer
	if err := guideText.Convert(text, &made); err != nil {
		return err
	}
	// what scrolls sideways on a phone can be reached by keys
	shown := strings.NewReplacer("<pre>", `<pre translate="no" tabindex="0">`, "<table>", `<table tabindex="0">`).
		Replace(made.String())
	title, _, _ := strings.Cut(strings.TrimPrefix(string(text), "# "), "\n")
	err = guidePage.Execute(&page, struct {
		English bool
		Title   string
		Text    template.HTML // of our own file
	}{!strings.HasSuffix(name, ".zh-CN.md"), title, template.HTML(shown)})
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.Send(page.Bytes())
}

func (s *Server) sendExample(c *fiber.Ctx, _ access.Caller) error {
	name := path.Join("examples", path.Base(c.Params("name")))
	text, err := docs.Files.ReadFile(name)
	if err != nil {
		return noGuide()
	}
	c.Set(fiber.HeaderContentType, kindOfFile(name))
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.Send(text)
}
