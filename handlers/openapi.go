package handlers

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
)

// openAPI serves the OpenAPI 3.1 document, made from the route table itself.
func (s *Server) openAPI(table []route) endpoint {
	document, err := json.Marshal(describe(table))
	return endpoint{status: 200, kind: "application/json", do: func(c *fiber.Ctx, _ access.Caller) error {
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		return c.Send(document)
	}}
}

type object = map[string]any

func describe(table []route) object {
	paths, schemas := map[string]object{}, object{}
	for _, r := range append(table, route{method: "GET", path: "/openapi.json", who: everybody,
		summary: "This document", endpoint: endpoint{status: 200, kind: "application/json"}}) {
		path := openPath(r.path)
		if paths[path] == nil {
			paths[path] = object{}
		}
		paths[path][strings.ToLower(r.method)] = operation(r, schemas)
	}
	schemas["Problem"] = schemaOf(reflect.TypeFor[problem](), schemas)
	return object{
		"openapi": "3.1.0",
		"info": object{
			"title": "LinliPay 邻里付", "version": "1",
			"description": "Amounts are integers in fen. Times are RFC 3339. Lists end where next is missing. POSTs " +
				"that make something or move money take an Idempotency-Key where they name it. " +
				"A body has one of the media types named, at most 64 KiB where the route says no more, and no " +
				"Content-Encoding: anything else is 415 or 413. Too many calls are 429 with Retry-After.",
		},
		"paths": paths,
		"components": object{
			"schemas": schemas,
			"securitySchemes": object{
				"bearer": object{"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
				"browser": object{"type": "apiKey", "in": "header", "name": sessionHeader,
					"description": "staff or resident: a browser's session in cookies, from our own pages"},
			},
			"responses": object{"Problem": object{
				"description": "A problem document (RFC 9457) with a stable code, a text for the person and the " +
					"request's id",
				"content": object{
					"application/problem+json": object{"schema": object{"$ref": "#/components/schemas/Problem"}}},
			}},
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

func operation(r route, schemas object) object {
	op := object{
		"summary": r.summary, "x-who": r.who.describe(),
		"responses": object{"default": object{"$ref": "#/components/responses/Problem"}},
	}
	if !r.who.public {
		op["security"] = []object{{"bearer": []string{}}, {"browser": []string{}}}
	}
	op["responses"].(object)[strconv.Itoa(r.status)] = answerOf(r, schemas)
	params := []object{}
	for _, part := range strings.Split(r.path, "/") {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			params = append(params,
				object{"name": name, "in": "path", "required": true, "schema": object{"type": "string"}})
		}
	}
	if r.in != nil {
		params = append(params, queryParams(r.in)...)
		if body := schemaOf(r.in, schemas); r.method != "GET" && len(r.in.Name()) > 0 && hasBody(r.in) {
			op["requestBody"] = object{"content": object{"application/json": object{"schema": body}}}
		}
	}
	if len(r.takes) > 0 && (r.in == nil || !hasBody(r.in) && !slices.Equal(r.takes, takesJSON)) {
		op["requestBody"] = rawBody(r.takes)
	}
	if r.bodyMost > 0 {
		op["x-body-bytes"] = r.bodyMost
	}
	if r.keyed {
		params = append(params,
			object{"name": "Idempotency-Key", "in": "header", "schema": object{"type": "string", "maxLength": 64}})
	}
	if len(params) > 0 {
		op["parameters"] = params
	}
	return op
}

// rawBody describes a body that is taken as it comes.
func rawBody(takes []string) object {
	content := object{}
	for _, kind := range takes {
		content[kind] = object{"schema": object{"type": "string"}}
	}
	return object{"content": content}
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

func answerOf(r route, schemas object) object {
	if r.out == nil {
		kind := r.kind
		if kind == "" {
			kind = "text/plain"
		}
		return object{"description": "OK", "content": object{kind: object{"schema": object{"type": "string"}}}}
	}
	if r.out == reflect.TypeFor[none]() {
		return object{"description": "Done"}
	}
	return object{"description": "OK",
		"content": object{"application/json": object{"schema": schemaOf(r.out, schemas)}}}
}

func queryParams(in reflect.Type) []object {
	var list []object
	for i := range in.NumField() {
		f := in.Field(i)
		if name := f.Tag.Get("query"); name != "" {
			list = append(list,
				object{"name": name, "in": "query",
					"schema": object{
						"type": map[bool]string{true: "integer", false: "string"}[f.Type.Kind() == reflect.Int]}})
		}
	}
	return list
}

func hasBody(in reflect.Type) bool {
	for _, f := range reflect.VisibleFields(in) {
		if name := f.Tag.Get("json"); name != "" && name != "-" {
			return true
		}
	}
	return false
}

// schemaOf is the JSON Schema of a type; structs become components.
func schemaOf(t reflect.Type, schemas object) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t.Kind() == reflect.Pointer:
		return schemaOf(t.Elem(), schemas)
	case t.Kind() == reflect.Slice:
		return object{"type": "array", "items": schemaOf(t.Elem(), schemas)}
	case t.Kind() == reflect.Map:
		return object{"type": "object"}
	case t.Kind() == reflect.String:
		return object{"type": "string"}
	case t.Kind() == reflect.Bool:
		return object{"type": "boolean"}
	case t.Kind() == reflect.Struct:
		return structOf(t, schemas)
	}
	return object{"type": "integer", "format": "int64"}
}

func structOf(t reflect.Type, schemas object) object {
	name := strings.NewReplacer("linlipay/", "", "handlers.", "", "[", "Of", "]", "", "/", "_", ".",
		"_").Replace(t.Name())
	ref := object{"$ref": "#/components/schemas/" + name}
	if _, known := schemas[name]; known {
		return ref
	}
	properties, required := object{}, []string{}
	schemas[name] = nil                          // ends recursion
	for _, f := range reflect.VisibleFields(t) { // those of embedded structs too, as in JSON
		key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if key == "-" || key == "" {
			continue
		}
		properties[key] = schemaOf(f.Type, schemas)
		if !strings.Contains(options, "omit") {
			required = append(required, key)
		}
	}
	schemas[name] = object{"type": "object", "properties": properties, "required": required}
	return ref
}
