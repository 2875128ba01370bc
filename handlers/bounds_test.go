package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"linlipay/access"
)

// boundsIn are the schemas of the kept document, by name.
type boundsIn map[string]struct{ Properties map[string]map[string]any }

// exactly reads JSON with its numbers as they are written.
func exactly(raw []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	return dec.Decode(into)
}

func documentedBounds(t *testing.T) boundsIn {
	t.Helper()
	var doc struct{ Components struct{ Schemas boundsIn } }
	if err := exactly(document, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Components.Schemas
}

// of are the members of an input that are bounded, each by its schema.
func (b boundsIn) of(in reflect.Type) map[string]map[string]any {
	bounded := maps.Clone(b[nameOf(in)].Properties)
	maps.DeleteFunc(bounded, func(_ string, schema map[string]any) bool {
		return schema["maxLength"] == nil && schema["maxItems"] == nil && schema["maximum"] == nil
	})
	return bounded
}

// sized is a value that has as much as a schema bounds, and over more.
func (b boundsIn) sized(schema map[string]any, over int) any {
	size := func(key string) int {
		most, err := strconv.Atoi(fmt.Sprint(schema[key]))
		if err != nil {
			panic(err) // the document has another bound than its type's
		}
		return most + over
	}
	switch schema["type"] {
	case "string":
		return strings.Repeat("x", size("maxLength"))
	case "array":
		name, _ := schema["items"].(map[string]any)["$ref"].(string)
		if b[strings.TrimPrefix(name, schemaPrefix)].Properties != nil {
			return make([]struct{}, size("maxItems"))
		}
		return make([]string, size("maxItems"))
	}
	return size("maximum")
}

// tellsABound is how a refusal tells that something is too much, whoever found it.
var tellsABound = regexp.MustCompile(`(characters|items) at most|whole number from|too long|too many`)

// A value beyond a bound of the document is refused by its field's name, and one at the bound is not too much for
// whatever comes after the adapter.
func TestBoundsOfInputsAreTheDocuments(t *testing.T) {
	w := newReach(t)
	bounds, n, fields := documentedBounds(t), 0, 0
	for _, r := range w.s.routes() {
		text, err := json.Marshal(w.inputs()[r.method+" "+r.path])
		body := map[string]any{}
		if r.who.public || r.in == nil || !hasBody(r.in) || err != nil || exactly(text, &body) != nil {
			continue
		}
		if body == nil {
			body = map[string]any{}
		}
		for name, schema := range bounds.of(r.in) {
			fields++
			asked := false
			for kind, tokens := range w.rightful {
				for _, token := range tokens {
					ask := func(over int) (int, string) {
						with := maps.Clone(body)
						with[name] = bounds.sized(schema, over)
						n++
						status, _, answer := w.ask(r.method, w.path(t, r)+w.query(r), token, with,
							"Accept-Language", "en", "X-Forwarded-For", fmt.Sprintf("198.51.%d.%d", n/250, n%250))
						return status, answer
					}
					status, answer := ask(1)
					if status == http.StatusForbidden || status == http.StatusUnauthorized || asked {
						continue
					}
					asked = true
					if status != http.StatusBadRequest || !strings.Contains(answer, `"field":"`+name+`"`) ||
						!tellsABound.MatchString(answer) {
						t.Errorf("%s: %s beyond its bound, by %s: %d %.200s", r.id, name, kind, status, answer)
					}
					if status, answer := ask(0); status == http.StatusBadRequest && tellsABound.MatchString(answer) {
						t.Errorf("%s: %s at its bound: %.200s", r.id, name, answer)
					}
				}
			}
			if !asked {
				t.Errorf("%s: nobody may, so that the test shows nothing of %s", r.id, name)
			}
		}
	}
	if fields < 50 {
		t.Errorf("only %d fields have bounds", fields)
	}
}

// The least that the document names of a number is the least that is taken, wherever it is refused.
func TestTheLeastOfNumbersIsTheDocuments(t *testing.T) {
	w := newReach(t)
	bounds, tried := documentedBounds(t), 0
	for _, r := range w.s.routes() {
		text, err := json.Marshal(w.inputs()[r.method+" "+r.path])
		body := map[string]any{}
		if r.who.public || r.in == nil || !hasBody(r.in) || err != nil || exactly(text, &body) != nil {
			continue
		}
		for name, schema := range bounds[nameOf(r.in)].Properties {
			if schema["minimum"] == nil {
				continue
			}
			least, err := strconv.Atoi(fmt.Sprint(schema["minimum"]))
			if err != nil {
				t.Fatal(r.id, name, schema)
			}
			with := map[string]any{}
			maps.Copy(with, body)
			with[name] = least - 1
			refused := false
			for _, tokens := range w.rightful {
				for _, token := range tokens {
					status, _, answer := w.ask(r.method, w.path(t, r)+w.query(r), token, with)
					if status < 300 {
						t.Errorf("%s: %s of %d is taken: %.200s", r.id, name, least-1, answer)
					}
					refused = refused || status == http.StatusBadRequest || status == http.StatusConflict
				}
			}
			if tried++; !refused {
				t.Errorf("%s: nobody is told that %s of %d is too little", r.id, name, least-1)
			}
		}
	}
	if tried < 8 {
		t.Errorf("only %d numbers have a least", tried)
	}
}

// Every parameter says what it is, and the most that a page may have is in the document and refused beyond.
func TestEveryParameterIsDescribed(t *testing.T) {
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name, In, Description string
				Schema                map[string]any
			}
		}
	}
	if err := exactly(document, &doc); err != nil {
		t.Fatal(err)
	}
	n := 0
	for path, operations := range doc.Paths {
		for method, op := range operations {
			for _, p := range op.Parameters {
				if n++; p.Description == "" {
					t.Errorf("%s %s: what %s in the %s is is not said", method, path, p.Name, p.In)
				}
				least, most := fmt.Sprint(p.Schema["minimum"]), fmt.Sprint(p.Schema["maximum"])
				if p.Name == "limit" && (least != "1" || most != fmt.Sprint(pageMost)) {
					t.Errorf("%s %s: a page has %s to %s things", method, path, least, most)
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d parameters were found", n)
	}
	f := serve(t)
	for limit, want := range map[int]int{0: 400, 1: 200, pageMost: 200, pageMost + 1: 400} {
		path := fmt.Sprint("/v1/orders?limit=", limit)
		if status, _, answer := f.ask("GET", path, f.a.staff[access.Cashier], nil); status != want {
			t.Errorf("a page of %d: %d %s", limit, status, answer)
		}
	}
}
