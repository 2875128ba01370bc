package handlers

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi-validator/errors"
)

// What the code makes and what is kept, embedded and served are one: review sees each change of the document.
func TestTheKeptDocumentIsWhatTheCodeMakes(t *testing.T) {
	made, err := Describe("..")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, document) {
		t.Error("handlers/openapi.json is not what the code makes: run go generate ./handlers, look at the " +
			"difference, and say in CHANGELOG.md what changes for clients")
	}
}

func TestTheDocumentIsOpenAPI(t *testing.T) {
	if ok, errs := validated(t, document).ValidateDocument(); !ok {
		t.Error(inWords(errs))
	}
}

// A document that says something else of an answer than the server does is found out.
func TestAWrongDocumentIsFoundOut(t *testing.T) {
	f := serve(t)
	for name, change := range map[string]func(schemas object){
		"an enum that lacks a value": func(schemas object) {
			schemas["OrderStatus"].(object)["enum"] = []string{"paid", "closed"}
		},
		"a member that is not told of": func(schemas object) {
			delete(schemas["Order"].(object)["properties"].(object), "unit_label")
		},
		"another type": func(schemas object) {
			schemas["Order"].(object)["properties"].(object)["amount"] = object{"type": "string"}
		},
		"required and not there": func(schemas object) {
			schemas["Order"].(object)["required"] = []string{"id", "receipt_number"}
		},
	} {
		var doc object
		if err := json.Unmarshal(document, &doc); err != nil {
			t.Fatal(err)
		}
		change(doc["components"].(object)["schemas"].(object))
		changed, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), "GET", f.base+"/v1/orders/"+f.a.order.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, h, body := f.ask("GET", "/v1/orders/"+f.a.order.ID, f.a.staff["cashier"], nil)
		resp := &http.Response{StatusCode: 200, Header: h, Body: io.NopCloser(strings.NewReader(body))}
		if ok, _ := validated(t, changed).ValidateHttpResponse(req, resp); ok {
			t.Errorf("%s: nothing was found wrong", name)
		}
	}
}

// validated is a validator that knows a document, and finds members that it does not name.
func validated(t testing.TB, raw []byte) validator.Validator {
	t.Helper()
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	closed, err := json.Marshal(closed(tree))
	if err != nil {
		t.Fatal(err)
	}
	return validatorOf(t, closed)
}

// validatorOf is a validator that knows a document, and lets members be that it does not name.
func validatorOf(t testing.TB, raw []byte) validator.Validator {
	t.Helper()
	doc, err := libopenapi.NewDocument(raw)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(doc, config.WithFormatAssertions(), config.WithoutSecurityValidation())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return v
}

// closed is a document whose objects have no members but those that it names: clients must bear more, we tell of all.
// (The library's own strict mode finds nothing behind a reference with a description.)
func closed(node any) any {
	switch node := node.(type) {
	case []any:
		for i := range node {
			node[i] = closed(node[i])
		}
	case object:
		for key := range node {
			node[key] = closed(node[key])
		}
		if node["type"] == "object" && node["properties"] != nil {
			node["additionalProperties"] = false
		}
	}
	return node
}

// kept is the validator of the kept document, made once.
var kept = sync.OnceValue(func() validator.Validator { return validated(&testing.T{}, document) })

// conforms holds an answer against the document, and the request where it was taken. What has no route is answered as
// a problem all the same.
func (f *fixture) conforms(req *http.Request, sent string, resp *http.Response, body string) {
	f.t.Helper()
	if req.Method == http.MethodHead || strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		return
	}
	req = req.Clone(f.t.Context())
	req.Body = io.NopCloser(strings.NewReader(sent))
	seen := *resp
	seen.Body = io.NopCloser(strings.NewReader(body))
	if ok, errs := kept().ValidateHttpResponse(req, &seen); !ok && !unrouted(resp.StatusCode, errs) {
		f.t.Errorf("%s %s: %d: the answer is not as the document says: %s\n%s", req.Method, req.URL.Path,
			resp.StatusCode, inWords(errs), body)
	}
	if resp.StatusCode < 300 {
		record(req, sent, resp, body)
		if ok, errs := kept().ValidateHttpRequestSync(req); !ok {
			f.t.Errorf("%s %s: taken, though the document forbids it: %s\n%s", req.Method, req.URL, inWords(errs), sent)
		}
	}
}

// unrouted reports whether a refusal is of something that the document, rightly, does not name.
func unrouted(status int, errs []*errors.ValidationError) bool {
	return (status == 404 || status == 405) && len(errs) == 1 &&
		(errs[0].IsPathMissingError() || errs[0].IsOperationMissingError())
}

func inWords(errs []*errors.ValidationError) string {
	var words strings.Builder
	for _, e := range errs {
		words.WriteString("\n" + e.Message + ": " + e.Reason)
		for _, s := range e.SchemaValidationErrors {
			words.WriteString("\n  " + s.FieldPath + ": " + s.Reason)
		}
	}
	return words.String()
}
