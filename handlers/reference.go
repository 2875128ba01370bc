package handlers

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
)

// The reference at /docs is the kept OpenAPI document as a page of our own: it needs no script, no foreign host and no
// wider policy than other pages, is read out and printed as any page is, and a bundled viewer is some megabytes of
// script for the same words.

//go:embed reference.html
var referenceFile string

var referencePage = plainPage("reference.html", referenceFile)

// referenceView is the document as the page shows it.
type referenceView struct {
	Steps    []step // how a company begins
	Tags     []referenceTag
	Webhooks []referenceOperation // what is sent to endpoints, by type
	Schemas  []referenceSchema
}

type referenceTag struct {
	Name       string
	Operations []referenceOperation
}

type referenceOperation struct {
	ID, Method, Summary string
	Segments            []string // of the path, which a line may break before
	Who                 []string
	Fields              []referenceField // parameters of the path, the query and the header
	Body                referenceType
	Sends               string // an example of the body
	Answers             []referenceAnswer
}

type referenceAnswer struct {
	Status, Says string
	Headers      []string
	Type         referenceType
	Example      string
}

type referenceSchema struct {
	Name, Says string
	Enum       []string
	Fields     []referenceField
}

type referenceField struct {
	Name, In, Says string
	Required       bool
	Type           referenceType
}

// referenceType is a type in words around the name of a schema, which leads to it; of plain types the name is "".
type referenceType struct{ Before, Name, After string }

// documented is what the page takes from the document.
type documented struct {
	Paths      map[string]map[string]documentedOperation
	Webhooks   map[string]map[string]documentedOperation
	Components struct {
		Schemas   map[string]documentedSchema
		Responses map[string]documentedAnswer
	}
}

type documentedOperation struct {
	OperationID, Summary string
	Tags                 []string
	Who                  []string `json:"x-who"`
	Parameters           []documentedParameter
	RequestBody          documentedAnswer
	Responses            map[string]documentedAnswer
}

type documentedParameter struct {
	Name, In, Description string
	Required              bool
	Schema                documentedSchema
}

type documentedAnswer struct {
	Ref         string `json:"$ref"`
	Description string
	Headers     map[string]struct{}
	Content     map[string]documentedContent
}

type documentedContent struct {
	Schema  documentedSchema
	Example json.RawMessage
}

type documentedSchema struct {
	Ref                  string `json:"$ref"`
	Type                 any    // a name, or several
	Format, Description  string
	Enum                 []any
	Items                *documentedSchema
	AdditionalProperties any
	Properties           map[string]documentedSchema
	Required             []string
	AllOf                []documentedSchema
}

// reference is the page, made once of the kept document.
var reference = sync.OnceValues(func() ([]byte, error) {
	var doc documented
	if err := json.Unmarshal(document, &doc); err != nil {
		return nil, err
	}
	view := doc.view()
	var err error
	if view.Steps, err = beginning(); err != nil {
		return nil, err
	}
	var page bytes.Buffer
	err = referencePage.Execute(&page, view)
	return page.Bytes(), err
})

// showReference shows the reference.
func (s *Server) showReference(c *fiber.Ctx, _ access.Caller) error {
	page, err := reference()
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.Send(page)
}

// referenceMethods are the methods in the order of the page.
var referenceMethods = []string{"get", "post", "put", "patch", "delete"}

func (d *documented) view() referenceView {
	byTag := map[string][]referenceOperation{}
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range referenceMethods {
			if op, ok := d.Paths[path][method]; ok {
				byTag[op.Tags[0]] = append(byTag[op.Tags[0]], d.operation(path, method, op))
			}
		}
	}
	var view referenceView
	for _, tag := range slices.Sorted(maps.Keys(byTag)) {
		view.Tags = append(view.Tags, referenceTag{tag, byTag[tag]})
	}
	for _, kind := range slices.Sorted(maps.Keys(d.Webhooks)) {
		view.Webhooks = append(view.Webhooks, d.operation(kind, "post", d.Webhooks[kind]["post"]))
	}
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		view.Schemas = append(view.Schemas, d.Components.Schemas[name].named(name))
	}
	return view
}

func (d *documented) operation(path, method string, op documentedOperation) referenceOperation {
	v := referenceOperation{ID: op.OperationID, Method: strings.ToUpper(method), Summary: op.Summary,
		Segments: strings.Split(strings.TrimPrefix(path, "/"), "/"), Who: op.Who, Body: op.RequestBody.typed(),
		Sends: op.RequestBody.example()}
	for _, p := range op.Parameters {
		v.Fields = append(v.Fields, referenceField{p.Name, p.In, p.Description, p.Required, p.Schema.typed()})
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		answer := op.Responses[status]
		if name, ok := strings.CutPrefix(answer.Ref, "#/components/responses/"); ok {
			answer = d.Components.Responses[name]
		}
		v.Answers = append(v.Answers, referenceAnswer{status, answer.Description,
			slices.Sorted(maps.Keys(answer.Headers)), answer.typed(), answer.example()})
	}
	return v
}

// typed is the type of an answer or a body; of JSON alone.
func (a documentedAnswer) typed() referenceType {
	for kind, content := range a.Content {
		if strings.HasSuffix(kind, "json") {
			return content.Schema.typed()
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(a.Content)) {
		return referenceType{Before: kind}
	}
	return referenceType{}
}

// exampleMost is the longest example that the page shows, in bytes; the document has all of them.
const exampleMost = 3200

// example is what the document shows of an answer or a body; "" is nothing, or more than a page is for.
func (a documentedAnswer) example() string {
	var text bytes.Buffer
	raw := a.Content[fiber.MIMEApplicationJSON].Example
	if len(raw) == 0 || json.Indent(&text, raw, "", "  ") != nil || text.Len() > exampleMost {
		return ""
	}
	return text.String()
}

const schemaPrefix = "#/components/schemas/"

func (s documentedSchema) typed() referenceType {
	switch {
	case s.Ref != "":
		return referenceType{Name: strings.TrimPrefix(s.Ref, schemaPrefix)}
	case len(s.AllOf) > 0:
		return s.AllOf[0].typed()
	case s.Items != nil:
		of := s.Items.typed()
		return referenceType{of.Before + "[", of.Name, "]" + of.After}
	}
	kind, _ := s.Type.(string)
	if s.Format != "" {
		kind += " (" + s.Format + ")"
	}
	return referenceType{Before: kind}
}

func (s documentedSchema) named(name string) referenceSchema {
	v := referenceSchema{Name: name, Says: s.Description}
	for _, e := range s.Enum {
		if text, ok := e.(string); ok {
			v.Enum = append(v.Enum, text)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[field]
		v.Fields = append(v.Fields, referenceField{field, "", p.Description, slices.Contains(s.Required, field),
			p.typed()})
	}
	return v
}
