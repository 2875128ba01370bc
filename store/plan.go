package store

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"linlipay/fault"
)

// Plan is a query checked against its collection's schema: what an adapter translates.
type Plan struct {
	Schema Schema
	Index  Index
	Equal  []any  // values of Index.Fields[:len(Equal)]
	Next   string // the field that In, From and To bound; "" when they are not given
	In     []any
	From   any
	To     any
	Order  []string // fields after Equal (and In) in the index's order; the id comes last
	Desc   bool
	Limit  int // documents
	Bare   bool
	After  []any // values of Order and the id where the last page ended; nil at the start
}

// Plan checks a query against the schema. What it cannot answer from a declared index, and any malformed value, is an
// Invalid fault.
func (s Schema) Plan(q Query) (Plan, error) {
	i := slices.IndexFunc(s.Indexes, func(x Index) bool { return x.Name == q.Index })
	if i < 0 {
		return Plan{}, invalid("collection %s declares no index %q", s.Name, q.Index)
	}
	p := Plan{Schema: s, Index: s.Indexes[i], Equal: q.Equal, In: q.In, From: q.From, To: q.To, Desc: q.Desc,
		Limit: q.Limit, Bare: q.Bare}
	if p.Limit == 0 {
		p.Limit = DefaultLimit
	}
	if p.Limit < 1 || p.Limit > MaxLimit {
		return Plan{}, invalid("a limit is from 1 to %d, not %d", MaxLimit, q.Limit)
	}
	if err := p.bind(); err != nil {
		return Plan{}, err
	}
	return p, p.resume(q.Cursor)
}

// bind assigns the query's values to the index's fields.
func (p *Plan) bind() error {
	if err := p.countable(); err != nil {
		return err
	}
	fields := p.Index.Fields
	for i, v := range p.Equal {
		if err := p.Schema.typed(fields[i], v); err != nil {
			return err
		}
	}
	p.Order = fields[len(p.Equal):]
	if len(p.In) > 0 || p.bounded() {
		p.Next = p.Order[0]
	}
	if len(p.In) > 0 {
		p.Order = p.Order[1:]
	}
	if err := p.typedNext(); err != nil {
		return err
	}
	return p.matchable(fields[len(p.Equal):])
}

func (p *Plan) bounded() bool { return p.From != nil || p.To != nil }

// countable refuses more values than the index has fields.
func (p *Plan) countable() error {
	fields, more := len(p.Index.Fields), len(p.In) > 0 || p.bounded()
	if len(p.Equal) > fields || more && len(p.Equal) == fields {
		return invalid("more values than index %s of %s has fields", p.Index.Name, p.Schema.Name)
	}
	if len(p.In) > 0 && p.bounded() {
		return invalid("a query takes In or From and To, not both")
	}
	return nil
}

// typedNext refuses values of another type for the field that In, From and To are of.
func (p *Plan) typedNext() error {
	for _, v := range append(slices.Clone(p.In), p.From, p.To) {
		if v == nil || p.Next == "" {
			continue
		}
		if err := p.Schema.typed(p.Next, v); err != nil {
			return err
		}
	}
	return nil
}

// matchable refuses an order by fields that have none.
func (p *Plan) matchable(open []string) error {
	for i, name := range open {
		f, _ := p.Schema.Field(name)
		if f.Many {
			return invalid("field %s of %s has many values and can only be matched by Equal", name, p.Schema.Name)
		}
		if f.Digest && (i > 0 || len(p.In) == 0) {
			return invalid("field %s of %s is a digest and can only be matched whole", name, p.Schema.Name)
		}
	}
	return nil
}

// Field returns the declared field.
func (s Schema) Field(name string) (Field, bool) {
	i := slices.IndexFunc(s.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return s.Fields[i], true
}

// Many reports whether the index has a field with many values, and which.
func (s Schema) Many(x Index) (string, bool) {
	for _, name := range x.Fields {
		if f, _ := s.Field(name); f.Many {
			return name, true
		}
	}
	return "", false
}

// typed checks that v has the type of the field.
func (s Schema) typed(name string, v any) error {
	f, ok := s.Field(name)
	if !ok {
		return invalid("collection %s has no field %s", s.Name, name)
	}
	_, isString := v.(string)
	_, isInt := v.(int64)
	if f.Type == String && isString || f.Type == Int && isInt {
		return nil
	}
	return invalid("field %s of %s takes a %s, not %T", name, s.Name, f.Type, v)
}

// Check checks a document's keys against the schema: only declared fields, the right types, many values only where
// declared. Anything else is Invalid.
func (s Schema) Check(d Doc) error {
	if d.ID == "" {
		return invalid("a document of %s has no id", s.Name)
	}
	for name, values := range d.Keys {
		f, ok := s.Field(name)
		if ok && !f.Many && len(values) > 1 {
			return invalid("field %s of %s takes one value", name, s.Name)
		}
		for _, v := range values {
			if err := s.typed(name, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// Cursor is where a page ended: the values of Order and the id of its last document.
func (p Plan) Cursor(last Doc) string {
	at := make([]any, 0, len(p.Order)+1)
	for _, name := range p.Order {
		at = append(at, last.Keys[name][0])
	}
	raw, err := json.Marshal(append(at, last.ID))
	if err != nil {
		panic("store: a cursor of strings and integers does not encode: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (p *Plan) resume(cursor string) error {
	if cursor == "" {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	var parts []json.RawMessage
	if err != nil || json.Unmarshal(raw, &parts) != nil || len(parts) != len(p.Order)+1 {
		return badCursor()
	}
	for i, part := range parts {
		field := Field{Type: String}
		if i < len(p.Order) {
			field, _ = p.Schema.Field(p.Order[i])
		}
		v, err := decodeKey(field.Type, part)
		if err != nil {
			return badCursor()
		}
		p.After = append(p.After, v)
	}
	return nil
}

func decodeKey(t Type, raw json.RawMessage) (any, error) {
	if string(raw) == "null" { // which would decode as nothing at all
		return nil, badCursor()
	}
	if t == Int {
		var n int64
		err := json.Unmarshal(raw, &n)
		return n, err
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err
}

func badCursor() error {
	return fault.New(fault.Invalid, "分页参数无效。", "The cursor is not one of ours.")
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "查询参数无效。", fmt.Sprintf(format, args...))
}
