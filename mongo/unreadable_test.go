package mongo

import (
	"encoding/json"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"linlipay/mongo/mongotest"
	"linlipay/store"
)

type thing struct {
	ID      string `json:"id"`
	Version int64  `json:"-"`
	Amount  int64  `json:"amount"`
}

// Somebody has changed a document by hand, so that it cannot be read. The page that it stands on holds the others all
// the same.
func TestAnUnreadableDocumentEndsNoPage(t *testing.T) {
	s, err := Open(t.Context(), mongotest.Start(t), quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	kind := store.Kind[thing]{
		Schema: store.Schema{
			Name: "things", Fields: []store.Field{{Name: "amount", Type: store.Int}},
			Indexes: []store.Index{{Name: "by_amount", Fields: []string{"amount"}}},
		},
		ID: func(x *thing) string { return x.ID }, Version: func(x *thing) *int64 { return &x.Version },
		Keys: func(x *thing) store.Keys { return store.Keys{"amount": {x.Amount}} },
	}
	if err := s.Ensure(t.Context(), kind.Schema); err != nil {
		t.Fatal(err)
	}
	c := kind.In(s)
	for i, id := range []string{"a", "b", "c"} {
		if err := c.Insert(t.Context(), &thing{ID: id, Amount: int64(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.db.Collection("things").UpdateOne(t.Context(), bson.M{"_id": "a"},
		bson.M{"$set": bson.M{"b.amount": 1.5}}); err != nil {
		t.Fatal(err)
	}
	var read, unread []string
	err = c.Each(t.Context(), store.Query{Index: "by_amount"}, func(x *thing, err error) error {
		if err != nil {
			unread = append(unread, err.Error())
			return nil
		}
		read = append(read, x.ID)
		return nil
	})
	if raw, _ := json.Marshal(read); err != nil || len(unread) != 1 || string(raw) != `["b","c"]` {
		t.Errorf("read %s, unread %q, %v", raw, unread, err)
	}
}
