package handlers

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
)

// Version is the product's, and so that of the document of its API (semver.org).
const Version = "0.1.0"

// document is the kept copy of the OpenAPI document: what Describe made of this code. A test fails where they differ.
//
//go:generate go run linlipay/tools/openapi
//go:generate npm --prefix ../web run --silent api
//go:embed openapi.json
var document []byte

// openAPI serves the OpenAPI 3.1 document.
func openAPI() endpoint {
	return endpoint{status: 200, kind: fiber.MIMEApplicationJSON, do: func(c *fiber.Ctx, _ access.Caller) error {
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		c.Set(fiber.HeaderCacheControl, "no-cache")
		return c.Send(document)
	}}
}

type object = map[string]any

// Describe makes the OpenAPI 3.1 document of every route: from the table, the Go types of inputs and answers, and the
// comments and constants in the module's sources, which lie in the directory root. It fails where a source cannot be
// read, or where a route lacks its name.
func Describe(root string) ([]byte, error) {
	examples, err := examplesIn(root)
	if err != nil {
		return nil, err
	}
	types := &types{sources: sources{root: root}, schemas: object{}, of: map[string]reflect.Type{}}
	paths, ids := map[string]object{}, map[string]bool{}
	routes, hooks := New(Config{Now: time.Now}).routes(), webhooks(types)
	for _, r := range routes { // what is answered with first: what is left is said by callers alone
		if r.out != nil && r.out != noneType {
			types.schema(r.out)
		}
	}
	types.bounded = true
	for _, r := range routes {
		if r.id == "" || ids[r.id] {
			return nil, fmt.Errorf("%s %s: its id %q is empty or another's too", r.method, r.path, r.id)
		}
		ids[r.id] = true
		path := openPath(r.path)
		if paths[path] == nil {
			paths[path] = object{}
		}
		paths[path][strings.ToLower(r.method)] = operation(r, types, examples[r.id])
	}
	types.schemas["Problem"] = problemSchema()
	if types.err != nil {
		return nil, types.err
	}
	text, err := json.MarshalIndent(whole(paths, hooks, types.schemas), "", "  ")
	return append(text, '\n'), err
}

// whole is the document around its paths, webhooks and schemas.
func whole(paths map[string]object, hooks, schemas object) object {
	return object{
		"openapi": "3.1.0",
		"info": object{
			"title": "LinliPay 邻里付", "version": Version,
			"license": object{"name": "Apache-2.0", "identifier": "Apache-2.0"},
			"description": "Amounts are integers in fen. Times are RFC 3339 in UTC, days yyyy-MM-dd in " +
				"Asia/Shanghai. " +
				"Lists end where next is missing, and go on by cursor=next with the same filters and the same " +
				"sort: a cursor belongs to its query. sort names a field, with - before it the other way round " +
				"(JSON:API); " +
				"what is equal stands in a fixed order, and nothing is shown twice or missed while things are " +
				"added. " +
				"In a GET, a parameter of the query that is empty counts as left out; where something is changed it " +
				"is refused, as is one that there is not. " +
				"Members may be added to answers at any time. What makes " +
				"an order or moves money needs an Idempotency-Key: a repeat of the request answers 200 with " +
				"Idempotency-Hit, and another request under the key is refused (idempotency_mismatch). The same " +
				"request is the same method, path and bytes of the body: other blanks, or the same members in " +
				"another order, may count as another request, so keep what was sent and send that again. A key " +
				"counts within the order that a request is about, and that of a new order within its community. " +
				"A member of a body is spelt as it is here, and stands once: field names one that is not. " +
				"A body has one of the media types named, at most 64 KiB where the route says no " +
				"more, and no Content-Encoding: anything else is 415 or 413. " +
				"Too many calls are 429 with Retry-After; API clients are told what is left to them in RateLimit and " +
				"RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10). " +
				"What goes wrong is a problem document (RFC 9457); its code is one of [these](/docs/problems).",
		},
		"servers": []object{{"url": "/"}},
		"paths":   paths, "webhooks": hooks,
		"components": object{
			"schemas": schemas, "responses": problemComponents(),
			"securitySchemes": object{
				"bearer": object{"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
				"client": object{"type": "http", "scheme": "bearer",
					"description": "the key of an API client, llp_live_… or in a trial llp_test_…, which the console " +
						"makes; the role named is the right that it needs"},
				"browser": object{"type": "apiKey", "in": "header", "name": sessionHeader,
					"description": "staff or resident: a browser's session in cookies, from our own pages"},
			},
		},
	}
}

// openPath turns :id into {id}.
func openPath(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

// pathNames are the parameters in a path.
func pathNames(path string) (names []string) {
	for _, part := range strings.Split(path, "/") {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			names = append(names, name)
		}
	}
	return names
}

// placeholders are what stands in paths, each by what stands before it.
var placeholders = map[string]string{
	"api-clients:id":        "id of the API client",
	"assets:name":           "name of a file that the pages load",
	"attempts:no":           "number of the attempt within its order, from 1",
	"bindings:id":           "id of the binding",
	"deputies:id":           "id of the deputy",
	"bills:id":              "id of the bill",
	"callbacks:institution": "which institution notifies",
	"deliveries:event":      "id of the event",
	"communities:id":        "id of the community",
	"docs:page":             "name of the guide",
	"entities:id":           "id of the legal entity",
	"examples:name":         "name of the program",
	"keys:key":              "id of the key, which is not the key",
	"members:id":            "id of the member of the staff",
	"merchant-accounts:id":  "id of the merchant account",
	"notifications:id":      "id of the institution's notification",
	"orders:id":             "id of the order, which is its number",
	"prepayments:id":        "id of the prepayment",
	"payouts:payout":        "id of the payout",
	"draws:no":              "number of the draw within its prepayment, from 1",
	"q:token":               "what the order's QR holds",
	"refunds:no":            "number of the refund within its order, from 1",
	"regions:id":            "id of the region",
	"rejected-reports:no":   "number of the rejected report within its order, from 1",
	"sessions:session":      "id of the session",
	"terminals:id":          "id of the terminal",
	"unapplied-funds:no":    "number of the unapplied funds within their order, from 1",
	"units:id":              "id of the unit",
	"webhook-endpoints:id":  "id of the webhook endpoint",
	":institution:account":  "id of the merchant account that it is about",
}

// before is what stands in a path before a parameter.
func (r route) before(parameter string) string {
	parts := strings.Split(r.path, "/")
	return parts[slices.Index(parts, ":"+parameter)-1]
}

// tag is the noun that a route is about.
func (r route) tag() string {
	rest, api := strings.CutPrefix(r.path, "/v1/")
	noun, _, _ := strings.Cut(rest, "/")
	switch {
	case api:
		return noun
	case strings.HasPrefix(r.path, "/q/"):
		return "checkout"
	case strings.HasPrefix(r.path, "/callbacks/"):
		return "notifications"
	case r.kind == "text/html" || r.kind == "text/javascript" || r.kind == "image/svg+xml":
		return "pages"
	}
	return "server"
}

func operation(r route, types *types, e example) object {
	op := object{
		"operationId": r.id, "tags": []string{r.tag()}, "summary": r.summary, "x-who": r.callers(),
		"responses": responses(r, types, e),
	}
	if !r.who.public {
		op["security"] = r.security()
	}
	if body := bodyOf(r, types, e); body != nil {
		op["requestBody"] = body
	}
	if r.bodyMost > 0 {
		op["x-body-bytes"] = r.bodyMost
	}
	if list := parameters(r, types); len(list) > 0 {
		op["parameters"] = list
	}
	return op
}

// responses are what a route answers: what it is for, a repeat of it, and its problems.
func responses(r route, types *types, e example) object {
	all := problemResponses(r)
	answer := answerOf(r, types, e)
	if r.right != "" {
		answer["headers"] = paceHeaders(object{})
	}
	all[strconv.Itoa(r.status)] = answer
	for status, what := range r.also {
		all[status] = object{"description": what}
	}
	if r.keyed {
		all["200"] = object{
			"description": "The answer to an earlier request with this Idempotency-Key, as things stand now",
			"headers":     object{"Idempotency-Hit": hitHeader(r)}, "content": answer["content"],
		}
	}
	return all
}

// hitHeader tells a repeat. Where what was asked for is made with 201, every 200 has it.
func hitHeader(r route) object {
	return object{"required": r.status != fiber.StatusOK, "schema": object{"const": "true"},
		"description": "there where the request had its effect before, and has none now"}
}

func answerOf(r route, types *types, e example) object {
	if r.out == nil {
		kind := r.kind
		if kind == "" {
			kind = "text/plain"
		}
		return object{"description": "OK", "content": object{kind: object{}}}
	}
	if r.out == noneType {
		return object{"description": "Done"}
	}
	content := object{"schema": types.schema(r.out)}
	exampled(content, e.Answer)
	return object{"description": "OK", "content": object{fiber.MIMEApplicationJSON: content}}
}

// bodyOf is the body that a route takes; nil is none.
func bodyOf(r route, types *types, e example) object {
	if r.in != nil && r.method != fiber.MethodGet && hasBody(r.in) {
		content := object{"schema": types.schema(r.in)}
		exampled(content, e.Request)
		return object{"required": types.demands(r.in), "content": object{fiber.MIMEApplicationJSON: content}}
	}
	if len(r.takes) == 0 || slices.Equal(r.takes, takesJSON) {
		return nil
	}
	content := object{}
	for _, kind := range r.takes {
		content[kind] = object{}
	}
	return object{"content": content}
}

func hasBody(in reflect.Type) bool {
	for _, f := range reflect.VisibleFields(in) {
		if name := f.Tag.Get("json"); name != "" && name != "-" {
			return true
		}
	}
	return false
}

// parameters are those of the path and of the query, and the Idempotency-Key.
func parameters(r route, types *types) []object {
	list := []object{}
	for _, name := range pathNames(r.path) {
		schema := object{"type": "string", "maxLength": parameterMost(name)}
		if name == "no" {
			schema = object{"type": "integer", "minimum": 0, "maximum": numberMost}
		}
		p := object{"name": name, "in": "path", "required": true, "schema": schema}
		if says := placeholders[r.before(name)+":"+name]; says != "" {
			p["description"] = says
		}
		list = append(list, p)
	}
	if r.in != nil {
		list = append(list, types.query(r.in, r.sorts)...)
	}
	if r.keyed {
		list = append(list, object{"name": "Idempotency-Key", "in": "header", "required": true,
			"description": "One request's own, of printable characters: the same bytes again have one effect",
			"schema":      object{"type": "string", "minLength": 1, "maxLength": keyMost, "pattern": "^[!-~]+$"}})
	}
	return list
}

// security are the ways to say who calls: as a person or a terminal, in a browser, as an API client with a right.
func (r route) security() []object {
	ways := []object{{"bearer": []string{}}, {"browser": []string{}}}
	switch r.right {
	case "":
		return ways
	case anyClient:
		return append(ways, object{"client": []string{}})
	}
	return append(ways, object{"client": []access.Right{r.right}})
}

// callers says in words who may call, API clients with the right that they need.
func (r route) callers() []string {
	switch r.right {
	case "":
		return r.who.describe()
	case anyClient:
		return append(r.who.describe(), string(access.ClientKind))
	}
	return append(r.who.describe(), string(access.ClientKind)+":"+string(r.right))
}

// describe says in words who may call.
func (a audience) describe() []string {
	if a.public {
		return []string{"everybody"}
	}
	var values []string
	for _, k := range a.kinds {
		if k == access.StaffKind && len(a.roles) > 0 {
			for _, r := range a.roles {
				values = append(values, "staff:"+string(r))
			}
			continue
		}
		values = append(values, string(k))
	}
	return values
}
