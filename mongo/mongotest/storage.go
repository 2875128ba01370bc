package mongotest

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// collection is one collection. Documents are kept in the order in which they came.
type collection struct {
	name    string
	docs    []bson.D
	place   map[string]int // by the key of _id (and of the shard), where in docs; a deleted document leaves nil there
	shard   string         // the path of the shard key; "" is _id
	indexes []*index
}

// index is a declared index; the entries of a unique one say which document has a key.
type index struct {
	spec    bson.D
	name    string
	paths   []string
	unique  bool
	partial bson.D
	entries map[string]string
}

func newCollection(name, shard string) *collection {
	id := &index{name: "_id_", paths: []string{"_id"},
		spec: bson.D{{Key: "v", Value: int32(2)}, {Key: "key", Value: bson.D{{Key: "_id", Value: int32(1)}}},
			{Key: "name", Value: "_id_"}}}
	return &collection{name: name, place: map[string]int{}, shard: shard, indexes: []*index{id}}
}

// canonical is a text that is the same for equal values.
func canonical(values ...any) string {
	for i, v := range values {
		values[i] = alike(v)
	}
	raw, err := bson.Marshal(bson.D{{Key: "v", Value: bson.A(values)}})
	if err != nil {
		panic("mongotest: a value does not encode: " + err.Error())
	}
	return string(raw)
}

// alike is a value in the form that all equal ones have.
func alike(v any) any {
	if n, ok := integer(v); ok {
		return n
	}
	switch v := v.(type) {
	case missing:
		return nil
	case bson.D:
		return alikeAll(v)
	}
	return v
}

func alikeAll(d bson.D) bson.D {
	out := make(bson.D, len(d))
	for i, e := range d {
		out[i] = bson.E{Key: e.Key, Value: alike(e.Value)}
	}
	return out
}

// key is where a document stands: _id is unique on its shard, and no further.
func (c *collection) key(d bson.D) string {
	if c.shard == "" {
		return canonical(get(d, "_id"))
	}
	return canonical(get(d, "_id"), at(d, c.shard))
}

// keys are an index's entries for a document: one for each value of the one array that may be among its paths.
// https://www.mongodb.com/docs/manual/core/indexes/index-types/index-multikey/
func (x *index) keys(d bson.D) ([]string, error) {
	if ok, err := matches(d, x.partial); err != nil || !ok {
		return nil, err
	}
	rows, arrays := [][]any{{}}, 0
	for _, path := range x.paths {
		values := reach(d, path)
		if len(values) > 1 {
			values, arrays = values[:len(values)-1], arrays+1
		}
		if arrays > 1 {
			return nil, &failure{code: 171, text: "cannot index parallel arrays"}
		}
		rows = product(rows, values)
	}
	var keys []string
	for _, row := range rows {
		keys = append(keys, canonical(row...))
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}

// product is each row with each value behind it.
func product(rows [][]any, values []any) (longer [][]any) {
	for _, row := range rows {
		for _, v := range values {
			longer = append(longer, append(slices.Clone(row), v))
		}
	}
	return longer
}

// admit checks the unique indexes for a document that stands at a key, and returns their entries for it.
func (c *collection) admit(d bson.D, key string) (map[*index][]string, error) {
	entries := map[*index][]string{}
	for _, x := range c.indexes {
		keys, err := x.keys(d)
		if err != nil {
			return nil, err
		}
		if !x.unique {
			continue
		}
		if x.held(keys, key) {
			return nil, c.taken(x.name)
		}
		entries[x] = keys
	}
	return entries, nil
}

// held reports whether another document than the one that stands at own has one of the keys.
func (x *index) held(keys []string, own string) bool {
	return slices.ContainsFunc(keys, func(k string) bool {
		owner, held := x.entries[k]
		return held && owner != own
	})
}

func (c *collection) taken(index string) error {
	return &failure{code: 11000, text: fmt.Sprintf("E11000 duplicate key error collection: %s index: %s", c.name,
		index)}
}

func tooLarge(d bson.D) error {
	if raw, err := bson.Marshal(d); err != nil || len(raw) > maxDocument {
		return &failure{code: 10334, text: "BSONObj size is invalid"}
	}
	return nil
}

func (c *collection) insert(d bson.D) error {
	if err := tooLarge(d); err != nil {
		return err
	}
	key := c.key(d)
	if _, held := c.place[key]; held {
		return c.taken("_id_")
	}
	entries, err := c.admit(d, key)
	if err != nil {
		return err
	}
	c.enter(entries, key)
	c.place[key], c.docs = len(c.docs), append(c.docs, d)
	return nil
}

func (c *collection) enter(entries map[*index][]string, key string) {
	for x, keys := range entries {
		for _, k := range keys {
			x.entries[k] = key
		}
	}
}

func (c *collection) leave(d bson.D, key string) {
	for _, x := range c.indexes {
		keys, err := x.keys(d)
		if err != nil || !x.unique { // what could not be indexed has not come in
			continue
		}
		for _, k := range keys {
			if x.entries[k] == key {
				delete(x.entries, k)
			}
		}
	}
}

func (c *collection) replace(old, d bson.D) error {
	if err := tooLarge(d); err != nil {
		return err
	}
	key := c.key(old)
	if c.key(d) != key {
		return &failure{code: 66, text: "the _id or the shard key cannot be changed"}
	}
	entries, err := c.admit(d, key)
	if err != nil {
		return err
	}
	c.leave(old, key)
	c.enter(entries, key)
	c.docs[c.place[key]] = d
	return nil
}

func (c *collection) remove(d bson.D) {
	key := c.key(d)
	c.leave(d, key)
	c.docs[c.place[key]] = nil
	delete(c.place, key)
}

// find returns the documents that meet a filter, in the order in which they came.
func (c *collection) find(filter bson.D) ([]bson.D, error) {
	if c == nil {
		return nil, nil
	}
	if id := get(filter, "_id"); c.shard == "" && rank(id) != 1 && rank(id) != 4 {
		i, ok := c.place[canonical(id)]
		if !ok {
			return nil, nil
		}
		return pick(c.docs[i:i+1], filter)
	}
	return pick(c.docs, filter)
}

func pick(docs []bson.D, filter bson.D) ([]bson.D, error) {
	var found []bson.D
	for _, d := range docs {
		if d == nil {
			continue
		}
		met, err := matches(d, filter)
		if err != nil {
			return nil, err
		}
		if met {
			found = append(found, d)
		}
	}
	return found, nil
}

// addIndex makes an index of what is there, or refuses it.
// https://www.mongodb.com/docs/manual/reference/command/createIndexes/
func (c *collection) addIndex(spec bson.D) error {
	x := newIndex(spec)
	for _, old := range c.indexes {
		if old.name == x.name && strings.Join(old.paths, " ") != strings.Join(x.paths, " ") {
			return &failure{code: 86, text: "an index of that name has another key"}
		}
		if old.name == x.name {
			return nil
		}
	}
	if x.unique && c.shard != "" && x.paths[0] != c.shard {
		return &failure{code: 67, text: "cannot create unique index over " + strings.Join(x.paths, ", ") +
			" with shard key pattern " + c.shard}
	}
	for _, d := range c.docs {
		if err := c.index(x, d); err != nil {
			return err
		}
	}
	c.indexes = append(c.indexes, x)
	return nil
}

func newIndex(spec bson.D) *index {
	x := &index{spec: append(bson.D{{Key: "v", Value: int32(2)}}, spec...), name: text(spec, "name"),
		unique: truth(get(spec, "unique")), entries: map[string]string{}}
	x.partial = object(spec, "partialFilterExpression")
	for _, e := range object(spec, "key") {
		x.paths = append(x.paths, e.Key)
	}
	return x
}

func (c *collection) index(x *index, d bson.D) error {
	if d == nil {
		return nil
	}
	keys, err := x.keys(d)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if _, held := x.entries[k]; held && x.unique {
			return c.taken(x.name)
		}
		x.entries[k] = c.key(d)
	}
	return nil
}

// event is one entry of what change streams read.
type event struct {
	at         int64 // its place
	kind       string
	database   string
	collection string
	id         any
	full       bson.D // of an update, what it set
}

// token is a resume token: hexadecimal, so that an order of tokens is one of places, as MongoDB's are since 4.2. The
// one of an event and the one that only says how far a batch looked (postBatchResumeToken) differ behind the place.
func token(place int64, of string) bson.D {
	return bson.D{
		{Key: "_data", Value: fmt.Sprintf("82%016X%s", place, strings.ToUpper(hex.EncodeToString([]byte(of))))}}
}

// placeOf reads a token; one that is none of ours is refused as MongoDB refuses it, InvalidResumeToken.
func placeOf(token any) (int64, error) {
	d, _ := token.(bson.D)
	var place int64
	data := text(d, "_data")
	if len(data) < 18 || !strings.HasPrefix(data, "82") {
		return 0, &failure{code: 260, text: "the resume token cannot be read"}
	}
	if _, err := fmt.Sscanf(data[2:18], "%016X", &place); err != nil {
		return 0, &failure{code: 260, text: "the resume token cannot be read"}
	}
	return place, nil
}
