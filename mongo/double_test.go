package mongo

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"linlipay/mongo/mongotest"
)

// The played server knows floating-point numbers, since the protocol has them. The store writes none: amounts and all
// other numbers go as integers.
func TestNoFloatingPointIsWritten(t *testing.T) {
	p := mongotest.Play(t)
	s := open(t, p.URI())
	insert(t, s, "a", "b")
	must(t, s.Replace(t.Context(), "orders", order("a", 1)))
	written := 0
	for _, name := range []string{"insert", "update"} {
		for _, c := range p.Received(name) {
			written++
			raw, err := bson.Marshal(c)
			must(t, err)
			withoutFloats(t, name, raw)
		}
	}
	if written < 3 {
		t.Errorf("only %d writes were looked at", written)
	}
}

func withoutFloats(t *testing.T, at string, doc bson.Raw) {
	t.Helper()
	elements, err := doc.Elements()
	must(t, err)
	for _, e := range elements {
		switch v := e.Value(); v.Type {
		case bson.TypeDouble, bson.TypeDecimal128:
			t.Errorf("%s.%s is written as %s", at, e.Key(), v.Type)
		case bson.TypeEmbeddedDocument:
			withoutFloats(t, at+"."+e.Key(), v.Document())
		case bson.TypeArray:
			withoutFloats(t, at+"."+e.Key(), bson.Raw(v.Array()))
		}
	}
}
