package handlers

import (
	"bytes"
	_ "embed"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
)

//go:embed lost.html
var lostFile string

var lostPage = plainPage("lost.html", lostFile)

// lostView is what a person sees who came to an address that has no page, or whose page cannot be shown.
type lostView struct {
	English                    bool
	Title, Text, Path, Request string
}

// T is the text in the person's language.
func (v lostView) T(zh, en string) string {
	if v.English {
		return en
	}
	return zh
}

// wantsPage reports whether it is a person's browser that asks for a page, rather than a program that asks the API.
func wantsPage(c *fiber.Ctx) bool {
	read := c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead
	api := strings.HasPrefix(c.Path(), "/v1/") || strings.HasPrefix(c.Path(), "/callbacks/")
	return read && !api && strings.Contains(c.Get(fiber.HeaderAccept), "text/html")
}

// failPage answers a failure to a person: what it is, and where to go from here.
func (s *Server) failPage(c *fiber.Ctx, status int, text, request string) error {
	v := lostView{English: english(c), Text: text, Path: c.Path(), Request: request}
	if readable, err := url.PathUnescape(v.Path); err == nil {
		v.Path = readable
	}
	if status == http.StatusNotFound {
		v.Title, v.Text = v.T("没有这个页面", "There is no such page"),
			v.T("网址可能输错了，或页面已移走。", "The address may be mistyped, or the page has moved.")
	} else {
		v.Title = v.T("页面暂时打不开", "This page cannot be shown now")
	}
	var page bytes.Buffer
	if err := lostPage.Execute(&page, v); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	c.Set("Cache-Control", "no-store")
	return c.Send(page.Bytes())
}
