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
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/store"
)

// route is one line of the route table.
type route struct {
	id           string // what clients call it (operationId): a verb and a noun
	method, path string
	who          audience
	summary      string
	unfinished   bool         // also for whoever must choose a password first
	right        access.Right // of API clients that may call it too; "" is none
	perMinute    int          // calls a minute and address; 0 is unlimited
	perOrder     int          // calls a minute and address for one order's QR; 0 is unlimited
	problems     []fault.Code // those it may answer with beside what the rest of this line brings
	keyed        bool         // makes an order or moves money: has its effect once per Idempotency-Key, which it needs
	records      recording    // what it writes into the audit log before it answers
	bodyMost     int          // bytes of a body larger than bodyLimit, for those whom it admits; 0 is bodyLimit
	endpoint
}

// endpoint is what a route does, with the types that describe it.
type endpoint struct {
	do      func(*fiber.Ctx, access.Caller) error
	in, out reflect.Type
	status  int
	kind    string            // media type of the answer when it is not JSON
	takes   []string          // media types of the body; none takes no body
	also    map[string]string // answers beside these, by HTTP status, with what each is
	sorts   []store.Sort      // of a list, the orders that it has: the usual one first, "" where that is no field's
}

// call is a request as a handler sees it, beside its input.
type call struct {
	access.Caller
	Key     string // scope and Idempotency-Key; "" is none
	KeyHash string // hash of what was asked under Key
	IP      string
	Agent   string // what the browser calls itself
	English bool
	asked   string      // the address and what its query holds beside the page
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
			English: english(c), Browser: browser, asked: asked(c)}
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
		if ctx, err = s.asking(ctx, c, caller); err != nil {
			return err
		}
		if this.Key != "" {
			ctx = payment.WithRequest(ctx, this.Key, this.KeyHash)
		}
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

// keyed reads the Idempotency-Key. The key belongs to its caller, and stands for the method, the path and the bytes of
// the body: what a body means is read in one place alone, and no two that are read otherwise count as the same.
func (c *call) keyed(f *fiber.Ctx) error {
	key := f.Get("Idempotency-Key")
	if key == "" {
		return nil
	}
	if len(key) > keyMost || !printable(key) {
		return fault.New(fault.Invalid, "Idempotency-Key 须为 1 至 64 个可见字符。",
			"An Idempotency-Key has 1 to 64 printable ASCII characters.").With("field", "Idempotency-Key")
	}
	sum := sha256.Sum256(append([]byte(f.Method()+" "+f.Path()+"\n"), f.Request().Body()...))
	c.Key, c.KeyHash = c.Actor()+" "+key, hex.EncodeToString(sum[:])
	return nil
}

// keyMost is the longest Idempotency-Key, in characters.
const keyMost = 64

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

// decodeQuery fills in from the path and the query alone. Where a request changes something, a parameter that is empty
// or that there is not is refused: what was meant to narrow the change, or to try it, would be lost unseen.
func decodeQuery(c *fiber.Ctx, in any) error {
	v := reflect.ValueOf(in).Elem()
	if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
		if err := checkParameters(c, v.Type()); err != nil {
			return err
		}
	}
	for _, f := range reflect.VisibleFields(v.Type()) {
		name, text := f.Tag.Get("query"), ""
		switch {
		case f.Tag.Get("path") != "":
			name = f.Tag.Get("path")
			text = c.Params(name)
		case name != "":
			text = c.Query(name)
		default:
			continue
		}
		if most := parameterMost(name); utf8.RuneCountInString(text) > most {
			return tooLong(name, most)
		}
		if err := set(v.FieldByIndex(f.Index), f.Tag, name, text); err != nil {
			return err
		}
	}
	return clean(v, place{})
}

// checkParameters is the fault of a parameter of the query that a route does not know, or that says nothing.
func checkParameters(c *fiber.Ctx, in reflect.Type) (err error) {
	known := map[string]bool{}
	for _, f := range reflect.VisibleFields(in) {
		known[f.Tag.Get("query")] = true
	}
	c.Context().QueryArgs().VisitAll(func(key, value []byte) {
		name := string(key)
		switch {
		case err != nil:
		case name == "" || !known[name]:
			err = fault.New(fault.Invalid, "没有这个参数："+name+"。", "There is no such parameter: "+name+".").
				With("field", name)
		case len(value) == 0:
			err = fault.New(fault.Invalid, "参数 "+name+" 为空；不需要时请不要写。",
				name+" is empty: leave it out where you mean nothing by it.").With("field", name)
		}
	})
	return err
}

// set reads a parameter of the path or query into a field with a tag; of several values, the texts between commas.
func set(field reflect.Value, tag reflect.StructTag, name, text string) error {
	switch {
	case text == "":
		return nil
	case field.Kind() == reflect.Slice:
		for _, one := range strings.Split(text, ",") {
			value := reflect.New(field.Type().Elem()).Elem()
			if err := set(value, tag, name, one); err != nil {
				return err
			}
			field.Set(reflect.Append(field, value))
		}
		return nil
	case field.Kind() == reflect.Pointer: // of which nothing and 0 are two things
		value := reflect.New(field.Type().Elem())
		field.Set(value)
		return set(value.Elem(), tag, name, text)
	case field.Kind() == reflect.Int:
		n, err := strconv.Atoi(text)
		if least, most := numberBounds(tag); err != nil || n < least || n > most {
			return outside(name, least, most)
		}
		field.SetInt(int64(n))
		return nil
	case field.Type() == reflect.TypeFor[time.Time]():
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return noTime(name)
		}
		field.Set(reflect.ValueOf(at))
		return nil
	}
	if values := choices[field.Type()]; values != nil && !slices.Contains(values, text) {
		return notAmong(name, values)
	}
	field.SetString(text)
	return nil
}

// decodeBody reads the JSON of a body that admitBody let in. A GET's has no meaning (RFC 9110, 9.3.1): some clients
// send one all the same.
func decodeBody(c *fiber.Ctx, in any) error {
	body := c.Request().Body()
	if c.Method() == fiber.MethodGet {
		return nil
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return unsaid(nil, in)
	}
	if !utf8.Valid(body) {
		return malformed("请求内容不是 UTF-8。", "The body is not UTF-8.")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	if err := dec.Decode(in); err != nil {
		return notDecoded(body, in, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return malformed("请求内容有多余部分。", "The body goes on after its JSON.")
	}
	if err := checkMembers(body, reflect.TypeOf(in)); err != nil {
		return err
	}
	return unsaid(body, in)
}

// unsaid is the fault of a body that leaves out a member with the tag said:"always", of which nothing means something
// else than its zero.
func unsaid(body []byte, in any) error {
	for _, f := range jsonFields(reflect.TypeOf(in).Elem()) {
		if f.Tag.Get("said") != "always" {
			continue
		}
		var members map[string]json.RawMessage
		if len(body) > 0 {
			if err := json.Unmarshal(body, &members); err != nil {
				return notDecoded(body, in, err)
			}
		}
		if text := string(members[f.name]); text == "" || text == "null" {
			return needed(map[string]string{f.name: ""})
		}
	}
	return nil
}

// notDecoded is the fault of a body that is not the JSON expected, with the field that is to blame where one is: a name
// that there is not, a value of another kind, or a time that is none. An amount is a whole number of fen: no 1.5, 1e2,
// "100", or more than 64 bits hold.
func notDecoded(body []byte, in any, err error) error {
	var found *fault.Error
	if !json.Valid(body) {
		return noJSON(err)
	}
	if errors.As(checkMembers(body, reflect.TypeOf(in)), &found) {
		return found.Because(err)
	}
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) || wrong.Field == "" {
		return noJSON(err)
	}
	kind := fault.New(fault.Invalid, wrong.Field+" 的类型不正确。", wrong.Field+" has a value of another type.")
	if wrong.Type == reflect.TypeFor[money.Fen]() {
		kind = fault.New(fault.Invalid, wrong.Field+" 须为整数，单位为分。", wrong.Field+" must be a whole number of fen.")
	}
	return kind.With("field", wrong.Field).Because(err)
}

func noJSON(err error) error {
	return fault.New(fault.Invalid, "请求内容不是所需的 JSON。", "The body is not the JSON expected.").Because(err)
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
