package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment/card"
)

// route is one line of the route table.
type route struct {
	method, path string
	who          audience
	summary      string
	unfinished   bool      // also for whoever must choose a password first
	perMinute    int       // calls a minute and address; 0 is unlimited
	perOrder     int       // calls a minute and address for one order's QR; 0 is unlimited
	keyed        bool      // makes something once per Idempotency-Key
	records      recording // what it writes into the audit log before it answers
	bodyMost     int       // bytes of a body larger than bodyLimit, for those whom it admits; 0 is bodyLimit
	endpoint
}

// endpoint is what a route does, with the types that describe it.
type endpoint struct {
	do      func(*fiber.Ctx, access.Caller) error
	in, out reflect.Type
	status  int
	kind    string   // media type of the answer when it is not JSON
	takes   []string // media types of the body; none takes no body
}

// call is a request as a handler sees it, beside its input.
type call struct {
	access.Caller
	Key     string // scope and Idempotency-Key; "" is none
	KeyHash string // hash of what was asked under Key
	IP      string
	Agent   string // what the browser calls itself
	English bool
	Browser access.Kind // whose cookies the request uses; "" is none
	Refresh string      // the refresh token of its cookie
	repeat  bool

	setCookie func(name, value, path string, life time.Duration)
	event     audit.Event // the handler's part of what the route records
}

// hit says that the answer is an earlier request's.
func (c *call) hit(repeat bool) { c.repeat = repeat }

// none is the input or output of a route that has none.
type none struct{}

// handle adapts a function to a route. Fields of In come from the path (tag path), the query (tag query) or the JSON
// body (tag json); anything that is malformed, unknown or too much is an Invalid fault.
func handle[In, Out any](s *Server, status int, do func(context.Context, *call, In) (Out, error)) endpoint {
	run := func(c *fiber.Ctx, caller access.Caller) error {
		var in In
		if err := decode(c, &in); err != nil {
			return err
		}
		browser, err := s.browserKind(c)
		if err != nil {
			return err
		}
		var cookies []func() // set when what was done is on record
		this := &call{Caller: caller, IP: addressOf(c).String(), Agent: c.Get(fiber.HeaderUserAgent),
			English: english(c), Browser: browser}
		if browser != "" {
			this.Refresh = c.Cookies(refreshCookie(browser))
			this.setCookie = func(name, value, path string, life time.Duration) {
				cookies = append(cookies, func() { s.setCookie(c, name, value, path, life) })
			}
		}
		if err := this.keyed(c); err != nil {
			return err
		}
		ctx, cancel := s.context(c)
		defer cancel()
		ctx = audit.As(ctx, whoAsks(c, caller))
		out, failed := do(ctx, this, in)
		err = s.recordCall(ctx, c, this, failed)
		if err == nil || errors.Is(err, failed) {
			for _, set := range cookies {
				set()
			}
		}
		if err != nil {
			return err
		}
		return encode(c, status, this.repeat, out)
	}
	return endpoint{do: run, in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](), status: status, takes: takesJSON}
}

// context is a request's context; it ends after requestTimeout, since fiber's own has no end.
func (s *Server) context(c *fiber.Ctx) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.UserContext(), requestTimeout)
}

func encode(c *fiber.Ctx, status int, repeat bool, out any) error {
	if repeat {
		c.Set("Idempotency-Hit", "true")
		status = fiber.StatusOK
	}
	c.Set("Cache-Control", "no-store")
	if _, empty := out.(none); empty {
		return c.SendStatus(fiber.StatusNoContent)
	}
	return c.Status(status).JSON(out)
}

// keyed reads the Idempotency-Key. The key belongs to its caller, and stands for the method, the path and the body.
func (c *call) keyed(f *fiber.Ctx) error {
	key := f.Get("Idempotency-Key")
	if key == "" {
		return nil
	}
	if len(key) > 64 || !printable(key) {
		return fault.New(fault.Invalid, "Idempotency-Key 须为 1 至 64 个可见字符。",
			"An Idempotency-Key has 1 to 64 printable ASCII characters.")
	}
	sum := sha256.Sum256(append([]byte(f.Method()+" "+f.Path()+"\n"), f.Request().Body()...))
	c.Key, c.KeyHash = c.Actor()+" "+key, hex.EncodeToString(sum[:])
	return nil
}

// mustBeKeyed is the fault of a request that moves money without an Idempotency-Key.
func (c *call) mustBeKeyed() error {
	if c.Key == "" {
		return malformed("缺少 Idempotency-Key。", "An Idempotency-Key is required.")
	}
	return nil
}

func printable(s string) bool {
	for _, r := range s {
		if r < 0x21 || r > 0x7e {
			return false
		}
	}
	return true
}

func malformed(zh, en string) error { return fault.New(fault.Invalid, zh, en) }

// decode fills in from the path, the query and the body, strictly.
func decode(c *fiber.Ctx, in any) error {
	if err := decodeBody(c, in); err != nil {
		return err
	}
	return decodeQuery(c, in)
}

// decodeQuery fills in from the path and the query alone.
func decodeQuery(c *fiber.Ctx, in any) error {
	v := reflect.ValueOf(in).Elem()
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		text := ""
		if name := tag.Get("path"); name != "" {
			text = c.Params(name)
		} else if name := tag.Get("query"); name != "" {
			text = c.Query(name)
		} else {
			continue
		}
		if len(text) > 512 {
			return malformed("参数过长。", "A parameter is too long.")
		}
		if err := set(v.Field(i), text); err != nil {
			return err
		}
	}
	return clean(v)
}

// set reads a parameter of the path or query into a field.
func set(field reflect.Value, text string) error {
	if field.Kind() != reflect.Int {
		field.SetString(text)
		return nil
	}
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1_000_000 {
		return malformed("参数须为数字。", "A parameter must be a number.")
	}
	field.SetInt(int64(n))
	return nil
}

// decodeBody reads the JSON of a body that admitBody let in. A GET's has no meaning (RFC 9110, 9.3.1): some clients
// send one all the same.
func decodeBody(c *fiber.Ctx, in any) error {
	body := c.Request().Body()
	if len(bytes.TrimSpace(body)) == 0 || c.Method() == fiber.MethodGet {
		return nil
	}
	if !utf8.Valid(body) {
		return malformed("请求内容不是 UTF-8。", "The body is not UTF-8.")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(in); err != nil {
		return notDecoded(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return malformed("请求内容有多余部分。", "The body goes on after its JSON.")
	}
	return nil
}

// notDecoded is the fault of a body that is not the JSON expected. An amount that is no whole number of fen is named:
// 1.5, 1e2, "100", or more than 64 bits hold.
func notDecoded(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Type == reflect.TypeFor[money.Fen]() {
		whole := fault.New(fault.Invalid, wrong.Field+" 须为整数，单位为分。", wrong.Field+" must be a whole number of fen.")
		return whole.With("field", wrong.Field).Because(err)
	}
	return fault.New(fault.Invalid, "请求内容不是所需的 JSON。", "The body is not the JSON expected.").Because(err)
}

// clean refuses control characters, overlong texts and full card numbers wherever they stand in the input.
func clean(v reflect.Value) error { return cleaned(v, false) }

// cleaned is clean; any allows digits that look like a card number, in fields with the tag digits:"any". A field with
// the tag clean:"payment" is left to the payment package, which knows what each setting may hold, and keeps what a
// device handed back without its secrets rather than lose it.
func cleaned(v reflect.Value, any bool) error {
	switch v.Kind() {
	case reflect.String:
		s := v.String()
		if len(s) > 4096 || !utf8.ValidString(s) {
			return malformed("内容过长或编码不正确。", "A text is too long or not UTF-8.")
		}
		for _, r := range s {
			if unicode.IsControl(r) {
				return malformed("内容含有控制字符。", "A text holds control characters.")
			}
		}
		if !any && card.HasCardNumber(s) {
			return malformed("请勿填写完整的银行卡号，只可填写前六位与后四位。",
				"A full card number must not be entered, only its first six and last four digits.")
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("clean") != "" {
				continue
			}
			if err := cleaned(v.Field(i), any || v.Type().Field(i).Tag.Get("digits") == "any"); err != nil {
				return err
			}
		}
	case reflect.Slice:
		if v.Len() > 1000 {
			return malformed("列表过长。", "A list is too long.")
		}
		for i := range v.Len() {
			if err := cleaned(v.Index(i), any); err != nil {
				return err
			}
		}
	case reflect.Map:
		if v.Len() > 100 {
			return malformed("字段过多。", "There are too many fields.")
		}
		for _, key := range v.MapKeys() {
			if err := errors.Join(cleaned(key, any), cleaned(v.MapIndex(key), any)); err != nil {
				return err
			}
		}
	}
	return nil
}

// needed is the fault of a field that must not be empty.
func needed(fields map[string]string) error {
	for name, value := range fields {
		if value == "" {
			return malformed(fmt.Sprintf("缺少 %s。", name), fmt.Sprintf("%s is missing.", name)).(*fault.Error).With(
				"field", name)
		}
	}
	return nil
}
