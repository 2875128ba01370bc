package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/language"

	"linlipay/fault"
)

// problem is an RFC 9457 problem document; a fault's details stand beside its members.
type problem struct {
	Type      string     `json:"type"`
	Title     string     `json:"title"`
	Status    int        `json:"status"`
	Code      fault.Code `json:"code"`
	Detail    string     `json:"detail"`
	RequestID string     `json:"request_id"`
}

// fail answers any error that a handler returns, and fiber's own, as a problem document, or as a page to who came for
// one. What is not a fault is our defect: 500, its cause in the log.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	f := asFault(err)
	status := statusOf(f.Code)
	var own *fiber.Error
	if errors.As(err, &own) && own.Code >= 400 && own.Code < 500 {
		status = own.Code
	}
	if c.Locals("request_id") == nil { // it could not be read, and no middleware has seen it
		s.setSecure(c)
	}
	id := requestID(c)
	if status >= 500 {
		s.Log.Error("a request failed", "request", id, "method", c.Method(), "route", c.Route().Path, "err", err)
	}
	text := f.ZH
	if english(c) {
		text = f.EN
	}
	c.Status(status)
	setRetryAfter(c, status, f)
	c.Vary(fiber.HeaderAccept)
	if wantsPage(c) {
		return s.failPage(c, status, text, id)
	}
	c.Set(fiber.HeaderContentType, "application/problem+json; charset=utf-8")
	kind := kindOf(f.Code)
	body, err := withDetails(problem{kind.address(), kind.title(english(c)), status, f.Code, text, id}, f.Detail)
	if err != nil {
		return err
	}
	return c.Send(body)
}

// setRetryAfter tells a client that comes too fast, or while we are busy, how many seconds it shall wait: what the
// fault says, or a moment.
func setRetryAfter(c *fiber.Ctx, status int, f *fault.Error) {
	if status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests {
		return
	}
	seconds, ok := f.Detail["retry_after"].(int64)
	if !ok {
		seconds = 2
	}
	c.Set(fiber.HeaderRetryAfter, strconv.FormatInt(seconds, 10))
}

func withDetails(p problem, details map[string]any) ([]byte, error) {
	raw, err := json.Marshal(p)
	if err != nil || len(details) == 0 {
		return raw, err
	}
	whole := map[string]any{}
	for k, v := range details {
		whole[k] = v
	}
	if err := json.Unmarshal(raw, &whole); err != nil { // the document's own members win
		return nil, err
	}
	return json.Marshal(whole)
}

// asFault finds the fault in an error; fiber's own errors and anything unknown get one.
func asFault(err error) *fault.Error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	var own *fiber.Error
	if errors.As(err, &own) {
		switch {
		case own.Code == http.StatusNotFound:
			return fault.New(fault.NotFound, "页面或接口不存在。", "There is nothing here.")
		case own.Code == http.StatusRequestTimeout:
			return fault.New(fault.TimedOut, "请求未在规定时间内收完。", "The request did not arrive whole in time.")
		case own.Code == http.StatusRequestEntityTooLarge:
			return fault.New(fault.TooLarge, "请求内容过大。", "The request is too large.")
		case own.Code == http.StatusRequestHeaderFieldsTooLarge:
			return fault.New(fault.TooLarge, "请求头过大。", "The header is too large.")
		case own.Code == http.StatusMethodNotAllowed:
			return fault.New(fault.NotAllowed, "此地址不接受这种方法。", "This address takes other methods.")
		case own.Code >= 400 && own.Code < 500:
			return fault.New(fault.Invalid, "请求格式不正确。", "The request is malformed.")
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return fault.New(fault.Unavailable, "处理超时，请稍后重试。", "This took too long; please try again.")
	}
	return fault.New(fault.Internal, "系统错误，请稍后重试。", "Something went wrong; please try again.")
}

// languages are the ones we speak, the default first.
var languages = language.NewMatcher([]language.Tag{language.Chinese, language.English})

// languageCookie is the language that the person chose.
const languageCookie = "lang"

// english reports whether the person prefers English: by their choice (the cookie lang), else by their browser.
func english(c *fiber.Ctx) bool {
	tag, _ := language.MatchStrings(languages, c.Cookies(languageCookie), c.Get("Accept-Language"))
	base, _ := tag.Base()
	return base.String() == "en"
}
