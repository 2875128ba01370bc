package mongotest

import (
	"bytes"
	"cmp"
	"math"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// rank is the place of a value's type in MongoDB's order of comparison.
// https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
func rank(v any) int {
	switch v.(type) {
	case missing, nil, bson.Null:
		return 1
	case int32, int64, float64, bson.Decimal128:
		return 2
	case string, bson.Symbol:
		return 3
	case bson.D:
		return 4
	case bson.A:
		return 5
	case bson.Binary:
		return 6
	case bson.ObjectID:
		return 7
	case bool:
		return 8
	case bson.DateTime:
		return 9
	case bson.Timestamp:
		return 10
	}
	return 11
}

// missing is the value of a field that is not there.
type missing struct{}

// compare orders two values, of whatever types.
func compare(a, b any) int {
	if c := cmp.Compare(rank(a), rank(b)); c != 0 {
		return c
	}
	switch v := a.(type) {
	case int32, int64, float64:
		return compareNumbers(a, b)
	case string:
		return strings.Compare(v, b.(string))
	case bson.D:
		return compareDocuments(v, b.(bson.D))
	case bson.A:
		return compareArrays(v, b.(bson.A))
	case bson.ObjectID:
		w := b.(bson.ObjectID)
		return bytes.Compare(v[:], w[:])
	case bool:
		return cmp.Compare(ofBool(v), ofBool(b.(bool)))
	case bson.DateTime:
		return cmp.Compare(v, b.(bson.DateTime))
	}
	return 0
}

func ofBool(b bool) int {
	if b {
		return 1
	}
	return 0
}

// compareNumbers compares integers as integers: beyond 2^53 they would be alike as floating-point numbers.
func compareNumbers(a, b any) int {
	x, xInt := integer(a)
	y, yInt := integer(b)
	if xInt && yInt {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(float(a), float(b))
}

func integer(v any) (int64, bool) {
	switch n := v.(type) {
	case int32:
		return int64(n), true
	case int64:
		return n, true
	}
	return 0, false
}

func float(v any) float64 {
	if n, ok := integer(v); ok {
		return float64(n)
	}
	f, _ := v.(float64)
	return f
}

// whole is a number as an integer, however a client wrote it; 0 for what is none.
func whole(v any) int64 {
	if n, ok := integer(v); ok {
		return n
	}
	if f := float(v); f == math.Trunc(f) {
		return int64(f)
	}
	return 0
}

func truth(v any) bool {
	switch b := v.(type) {
	case bool:
		return b
	case missing, nil:
		return false
	case int32, int64, float64:
		return compareNumbers(v, int32(0)) != 0
	}
	return true
}

func compareDocuments(a, b bson.D) int {
	for i := range min(len(a), len(b)) {
		if c := cmp.Compare(rank(a[i].Value), rank(b[i].Value)); c != 0 {
			return c
		}
		if c := strings.Compare(a[i].Key, b[i].Key); c != 0 {
			return c
		}
		if c := compare(a[i].Value, b[i].Value); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func compareArrays(a, b bson.A) int {
	for i := range min(len(a), len(b)) {
		if c := compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// get is the value of a field of a document, missing when there is none.
func get(d bson.D, key string) any {
	for _, e := range d {
		if e.Key == key {
			return e.Value
		}
	}
	return missing{}
}

func text(d bson.D, key string) string {
	s, _ := get(d, key).(string)
	return s
}

func object(d bson.D, key string) bson.D {
	o, _ := get(d, key).(bson.D)
	return o
}

func list(d bson.D, key string) bson.A {
	a, _ := get(d, key).(bson.A)
	return a
}

// at is the value at a dotted path that meets no array.
func at(v any, path string) any {
	key, rest, more := strings.Cut(path, ".")
	d, ok := v.(bson.D)
	if !ok {
		return missing{}
	}
	if v = get(d, key); !more {
		return v
	}
	return at(v, rest)
}

// reach are the values that a condition on a dotted path looks at: of an array its elements, and the array itself last.
func reach(v any, path string) []any {
	if path == "" {
		if a, ok := v.(bson.A); ok {
			return append(append([]any{}, a...), a)
		}
		return []any{v}
	}
	key, rest, _ := strings.Cut(path, ".")
	switch w := v.(type) {
	case bson.D:
		return reach(get(w, key), rest)
	case bson.A:
		return reachInto(w, key, path, rest)
	}
	return []any{missing{}}
}

func reachInto(a bson.A, key, path, rest string) []any {
	if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(a) {
		return reach(a[i], rest)
	}
	var list []any
	for _, e := range a {
		if _, ok := e.(bson.D); ok {
			list = append(list, reach(e, path)...)
		}
	}
	if list == nil {
		list = []any{missing{}}
	}
	return list
}

// put returns the document with a dotted path set; embedded documents are copied.
func put(d bson.D, path string, v any) bson.D {
	key, rest, more := strings.Cut(path, ".")
	d = append(bson.D{}, d...)
	for i := range d {
		if d[i].Key != key {
			continue
		}
		if more {
			inner, _ := d[i].Value.(bson.D)
			v = put(inner, rest, v)
		}
		d[i].Value = v
		return d
	}
	if more {
		v = put(nil, rest, v)
	}
	return append(d, bson.E{Key: key, Value: v})
}
