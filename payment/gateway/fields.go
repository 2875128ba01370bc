package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"linlipay/money"
)

// Fields is a JSON object of an institution, read by the names on the wire. What is left out means what the
// institution's documentation says, never what the zero of a struct of ours says: absent, null and an empty text are
// one and the same here (the institutions send each for "nothing"), and a reader asks for a field as required or says
// what stands for it.
//
// The first failure is kept, so that a message is read from top to bottom and looked at once: see Err.
type Fields struct {
	values map[string]json.RawMessage
	path   string
	err    *error
}

// ReadFields reads an object. A name that stands twice in an object anywhere in it is an error: two readers could take
// two values from it.
func ReadFields(raw []byte) (Fields, error) {
	if err := noNameTwice(raw); err != nil {
		return Fields{}, err
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil || values == nil {
		return Fields{}, fmt.Errorf("payment: not a JSON object: %w", err)
	}
	return Fields{values, "", new(error)}, nil
}

// FormFields reads a form whose values are texts, each name once. A name that comes twice is an error.
func FormFields(form map[string][]string) (Fields, error) {
	values := make(map[string]json.RawMessage, len(form))
	for name, texts := range form {
		if len(texts) != 1 {
			return Fields{}, fmt.Errorf("payment: %s is given %d times", name, len(texts))
		}
		raw, err := json.Marshal(texts[0])
		if err != nil {
			return Fields{}, err
		}
		values[name] = raw
	}
	return Fields{values, "", new(error)}, nil
}

// Err is the first field that was missing or malformed, or nil.
func (f Fields) Err() error {
	if f.err == nil {
		return nil
	}
	return *f.err
}

// Has reports whether a field says anything: it is there, not null and not an empty text.
func (f Fields) Has(name string) bool {
	raw, ok := f.values[name]
	return ok && !bytes.Equal(raw, []byte("null")) && !bytes.Equal(raw, []byte(`""`))
}

// Text is a text, or a number as it is written; "" where the field says nothing. Anything else is a failure.
func (f Fields) Text(name string) string {
	if !f.Has(name) {
		return ""
	}
	raw := f.values[name]
	if raw[0] != '"' {
		var n json.Number
		if err := json.Unmarshal(raw, &n); err != nil {
			f.fail(name, "neither a text nor a number")
			return ""
		}
		return n.String()
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		f.fail(name, "not a text")
	}
	return s
}

// Required is Text; that the field says nothing is a failure.
func (f Fields) Required(name string) string {
	if !f.Has(name) {
		f.fail(name, "missing")
	}
	return f.Text(name)
}

// Fen is a whole number of fen, as a number or a text; told is false where the field says nothing.
func (f Fields) Fen(name string) (amount money.Fen, told bool) {
	if !f.Has(name) {
		return 0, false
	}
	n, err := strconv.ParseInt(f.Text(name), 10, 64)
	if err != nil {
		f.fail(name, "not a whole number of fen")
		return 0, false
	}
	return money.Fen(n), true
}

// Yuan is an amount in yuan with at most two decimals, as a number or a text; told is false where the field says
// nothing.
func (f Fields) Yuan(name string) (amount money.Fen, told bool) {
	if !f.Has(name) {
		return 0, false
	}
	amount, err := money.ParseYuan(f.Text(name))
	if err != nil {
		f.fail(name, "not an amount in yuan")
		return 0, false
	}
	return amount, true
}

// Object is an object within this one; it is empty where the field says nothing. Its failures are this one's.
func (f Fields) Object(name string) Fields {
	inner := Fields{nil, f.path + name + ".", f.err}
	if f.Has(name) && (json.Unmarshal(f.values[name], &inner.values) != nil || inner.values == nil) {
		f.fail(name, "not an object")
	}
	return inner
}

// Objects is a list of objects; nil where the field says nothing.
func (f Fields) Objects(name string) (list []Fields) {
	var raws []json.RawMessage
	if f.Has(name) && json.Unmarshal(f.values[name], &raws) != nil {
		f.fail(name, "not a list")
	}
	for i, raw := range raws {
		inner := Fields{nil, fmt.Sprintf("%s%s[%d].", f.path, name, i), f.err}
		if json.Unmarshal(raw, &inner.values) != nil || inner.values == nil {
			f.fail(name, "not a list of objects")
		}
		list = append(list, inner)
	}
	return list
}

// Fail makes a field's content a failure, for a rule that only the gateway knows.
func (f Fields) Fail(name, why string) { f.fail(name, why) }

func (f Fields) fail(name, why string) {
	if *f.err == nil {
		*f.err = fmt.Errorf("payment: the field %s%s is %s", f.path, name, why)
	}
}

// noNameTwice refuses JSON in which a name stands twice in one object.
func noNameTwice(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := valueNoNameTwice(d, 0); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("payment: more than one JSON value")
	}
	return nil
}

// fieldsDeep bounds how deep objects may be nested; no institution comes near it.
const fieldsDeep = 32

// valueNoNameTwice reads one value.
func valueNoNameTwice(d *json.Decoder, depth int) error {
	if depth > fieldsDeep {
		return errors.New("payment: the JSON is nested too deep")
	}
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	names := map[string]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			text := name.(string)
			if names[text] {
				return fmt.Errorf("payment: the name %q stands twice in an object", text)
			}
			names[text] = true
		}
		if err := valueNoNameTwice(d, depth+1); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// FieldRule is a line of a gateway's table of what it reads: what the institution promises of a field, and what is
// meant where it says nothing (absent, null or empty). A field that stands twice is always refused. The gateway's page
// under docs/institutions shows the same table; a test compares them, and the contract suite edits each field in what
// the institution signs.
type FieldRule struct {
	// the message: "create", "create jsapi", "create h5", "query", "close", "code", "reverse", "refund",
	// "refund_query", or the notifications "pay" and "refund_pay"
	In      string
	Name    string  // on the wire, with dots into objects
	Promise Promise // what the institution's documentation says of it
	Nothing Meaning // what is meant where it says nothing
	Zero    Meaning // an amount: what 0 means; "" for anything else
	// what is made of one that is another payment's or refund's; "" where the field names none, or is no reason to
	// doubt what names it
	Other Meaning
	Note  string // what stands for it, or where that is documented; "assumed" where nobody says
}

// Promise is what an institution's documentation says of a field.
type Promise string

// The promises.
const (
	Always   Promise = "always"
	WhenPaid Promise = "when paid" // as long as nothing is paid it may be missing
	Optional Promise = "optional"
)

// Meaning is what a gateway makes of a field that says nothing, or of an amount of 0.
type Meaning string

// The meanings.
const (
	// the message is not believed: an answer leaves the matter unknown, a notification is refused so that it comes
	// again
	Unbelieved Meaning = "unbelieved"
	Implied    Meaning = "implied" // something else stands for it, as Note says: the report is the same
	Unsaid     Meaning = "unsaid"  // the report lacks this detail, and says the same of the money
)

// Identities are rules in which some fields, as "message field", say what a message is about: one that names another
// payment or refund, or another merchant, is not believed.
func Identities(rules []FieldRule, fields ...string) []FieldRule {
	for i, r := range rules {
		if slices.Contains(fields, r.In+" "+r.Name) {
			rules[i].Other = Unbelieved
		}
	}
	return rules
}

// FieldReader is implemented by gateways that show their table.
type FieldReader interface {
	// FieldRules are the fields that the gateway reads or compares, each message's together.
	FieldRules() []FieldRule
}
