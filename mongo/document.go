package mongo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"linlipay/store"
)

// document is what is stored.
type document struct {
	ID      string   `bson:"_id"`
	Version int64    `bson:"v"`
	Fields  bson.M   `bson:"f"`
	Body    bson.Raw `bson:"b"`
	Written int64    `bson:"u"`
}

func encode(s store.Schema, d store.Doc, version int64) (bson.D, error) {
	body, err := toBSON(d.Body)
	if err != nil {
		return nil, fmt.Errorf("mongo: %s %s: %w", s.Name, d.ID, err)
	}
	return bson.D{{Key: "_id", Value: d.ID}, {Key: "v", Value: version}, {Key: "f", Value: encodeKeys(s, d.Keys)},
		{Key: "b", Value: body}, {Key: "u", Value: time.Now().UnixMilli()}}, nil
}

func encodeKeys(s store.Schema, keys store.Keys) bson.M {
	fields := bson.M{}
	for name, values := range keys {
		f, _ := s.Field(name)
		switch {
		case len(values) == 0:
		case f.Many:
			fields[name] = bson.A(values)
		default:
			fields[name] = values[0]
		}
	}
	return fields
}

func decode(s store.Schema, d document) (store.Doc, error) {
	out := store.Doc{ID: d.ID, Version: d.Version, Keys: decodeKeys(s, d.Fields)}
	if d.Body == nil { // it was not asked for
		return out, nil
	}
	var body bytes.Buffer
	if err := writeJSON(&body, bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: d.Body}); err != nil {
		return out, fmt.Errorf("mongo: %s %s: %w", s.Name, d.ID, err)
	}
	out.Body = body.Bytes()
	return out, nil
}

// decodeKeys are the keys in fields of one value.
func decodeKeys(s store.Schema, fields bson.M) store.Keys {
	keys := store.Keys{}
	for name, v := range fields {
		if f, ok := s.Field(name); ok && !f.Many {
			keys[name] = []any{widened(v)}
		}
	}
	return keys
}

// widened is a value as the port knows it: an integer that somebody has written by hand in 32 bits is one all the same.
func widened(v any) any {
	if n, ok := v.(int32); ok {
		return int64(n)
	}
	return v
}

// toBSON turns a JSON object into a document that people can read in the database: the order of its keys is kept, its
// numbers are 64-bit integers. A number with a fraction is an error: there is none in this product.
func toBSON(raw []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	v, err := readValue(dec)
	if err != nil {
		return nil, err
	}
	if _, ok := v.(bson.D); !ok {
		return nil, fmt.Errorf("a body is a JSON object, not %T", v)
	}
	return v, nil
}

func readValue(dec *json.Decoder) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch v := tok.(type) {
	case json.Delim:
		if v == '{' {
			return readObject(dec)
		}
		return readArray(dec)
	case json.Number:
		return strconv.ParseInt(v.String(), 10, 64)
	}
	return tok, nil
}

func readObject(dec *json.Decoder) (any, error) {
	d := bson.D{}
	for dec.More() {
		e, err := readMember(dec)
		if err != nil {
			return nil, err
		}
		d = append(d, e)
	}
	_, err := dec.Token()
	return d, err
}

func readMember(dec *json.Decoder) (bson.E, error) {
	key, err := dec.Token()
	if err != nil {
		return bson.E{}, err
	}
	v, err := readValue(dec)
	return bson.E{Key: key.(string), Value: v}, err
}

func readArray(dec *json.Decoder) (any, error) {
	a := bson.A{}
	for dec.More() {
		v, err := readValue(dec)
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
	_, err := dec.Token()
	return a, err
}

// writeJSON is the way back.
func writeJSON(w *bytes.Buffer, v bson.RawValue) error {
	switch v.Type {
	case bson.TypeEmbeddedDocument:
		return writeElements(w, v, '{', '}', writeMember)
	case bson.TypeArray:
		return writeElements(w, v, '[', ']', func(w *bytes.Buffer, e bson.RawElement) error {
			return writeJSON(w, e.Value())
		})
	case bson.TypeInt64:
		w.WriteString(strconv.FormatInt(v.Int64(), 10))
	case bson.TypeInt32:
		w.WriteString(strconv.FormatInt(int64(v.Int32()), 10))
	case bson.TypeBoolean:
		w.WriteString(strconv.FormatBool(v.Boolean()))
	case bson.TypeNull:
		io.WriteString(w, "null")
	case bson.TypeString:
		raw, err := json.Marshal(v.StringValue())
		w.Write(raw)
		return err
	default:
		return fmt.Errorf("a body holds a value of type %s", v.Type)
	}
	return nil
}

func writeElements(w *bytes.Buffer, v bson.RawValue, open, end byte,
	write func(*bytes.Buffer, bson.RawElement) error) error {
	elements, err := bson.Raw(v.Value).Elements()
	if err != nil {
		return err
	}
	w.WriteByte(open)
	for i, e := range elements {
		if i > 0 {
			w.WriteByte(',')
		}
		if err := write(w, e); err != nil {
			return err
		}
	}
	w.WriteByte(end)
	return nil
}

func writeMember(w *bytes.Buffer, e bson.RawElement) error {
	key, err := json.Marshal(e.Key())
	if err != nil {
		return err
	}
	w.Write(append(key, ':'))
	return writeJSON(w, e.Value())
}
