package mongo

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"linlipay/fault"
	"linlipay/store"
)

// Sum groups the selected documents and adds up fields. The server sends only the groups where it can group by several
// fields. A document without a field counts nothing towards its sum, and is in a group of its own (nil) by it. A field
// that holds something else than its type, because somebody has written into the database by hand, is an error and not
// a wrong sum; so is a sum beyond 64 bits.
func (s *Store) Sum(ctx context.Context, collection string, q store.Query, by, sums []string) ([]store.Group, error) {
	q.Cursor, q.Limit = "", 0
	schema, p, err := s.plan(collection, q)
	if err != nil {
		return nil, err
	}
	if err := summable(schema, by, sums); err != nil {
		return nil, err
	}
	if s.native {
		return s.sumThere(ctx, collection, p, by, sums)
	}
	return s.sumHere(ctx, collection, p, by, sums)
}

func summable(schema store.Schema, by, sums []string) error {
	for _, f := range by {
		if fd, ok := schema.Field(f); !ok || fd.Many {
			return fault.New(fault.Invalid, "查询参数无效。", "A report cannot be grouped by "+f+".")
		}
	}
	for _, f := range sums {
		if fd, ok := schema.Field(f); !ok || fd.Many || fd.Type != store.Int {
			return fault.New(fault.Invalid, "查询参数无效。", "A report cannot add up "+f+".")
		}
	}
	return nil
}

// notInteger is a field that cannot be added up, or is grouped by and is neither text nor integer.
func notInteger(field string) error {
	return fault.New(fault.Internal, "数据库中有记录的字段 "+field+" 类型不对，无法汇总。", "A record's field "+field+
		" has another type than it should: it cannot be summed up.")
}

func tooGreat(field string) error {
	return fault.New(fault.Internal, "字段 "+field+" 的合计超出范围。", "The sum of "+field+" is out of range.")
}

func (s *Store) sumThere(ctx context.Context, collection string, p store.Plan, by, sums []string) ([]store.Group,
	error) {
	cursor, err := s.db.Collection(collection).Aggregate(ctx, sumPipeline(p, by, sums))
	rows, err := all[bson.M](ctx, cursor, err)
	if err != nil {
		return nil, err
	}
	var groups []store.Group
	for _, row := range rows {
		g, err := groupOf(row, by, sums)
		if err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	return groups, nil
}

// sumPipeline also counts, for each sum, the documents whose field is there and is no integer: $sum itself would pass
// them over. A field that is not there would be left out of the group's id, and is null instead.
func sumPipeline(p store.Plan, by, sums []string) driver.Pipeline {
	id, order := bson.D{}, bson.D{}
	for _, f := range by {
		id = append(id, bson.E{Key: f, Value: bson.M{"$ifNull": bson.A{"$" + field(f), nil}}})
		order = append(order, bson.E{Key: "_id." + f, Value: 1})
	}
	group := bson.D{{Key: "_id", Value: id}, {Key: "count", Value: bson.M{"$sum": int64(1)}}}
	for _, f := range sums {
		group = append(group, sumOf(f)...)
	}
	pipeline := driver.Pipeline{{{Key: "$match", Value: filter(p)}}, {{Key: "$group", Value: group}}}
	if len(order) > 0 {
		pipeline = append(pipeline, bson.D{{Key: "$sort", Value: order}})
	}
	return pipeline
}

// sumOf is the sum of a field, and how many documents have something else there than an integer.
func sumOf(f string) bson.D {
	fits := bson.M{"$in": bson.A{bson.M{"$type": "$" + field(f)}, bson.A{"long", "int", "missing"}}}
	return bson.D{
		{Key: "sum_" + f, Value: bson.M{"$sum": "$" + field(f)}},
		{Key: "odd_" + f, Value: bson.M{"$sum": bson.M{"$cond": bson.A{fits, int64(0), int64(1)}}}},
	}
}

func groupOf(row bson.M, by, sums []string) (store.Group, error) {
	g := store.Group{By: make([]any, len(by)), Sums: make([]int64, len(sums))}
	g.Count, _ = widened(row["count"]).(int64)
	values, _ := row["_id"].(bson.D)
	for i, f := range by {
		var ok bool
		if g.By[i], ok = groupValue(values[i].Value); !ok {
			return g, notInteger(f)
		}
	}
	for i, f := range sums {
		if odd, _ := widened(row["odd_"+f]).(int64); odd != 0 {
			return g, notInteger(f)
		}
		var ok bool
		if g.Sums[i], ok = widened(row["sum_"+f]).(int64); !ok { // the server goes on in floating point
			return g, tooGreat(f)
		}
	}
	return g, nil
}

// groupValue is what a group is by: a text, an integer, or nothing.
func groupValue(v any) (any, bool) {
	switch v = widened(v); v.(type) {
	case nil, string, int64:
		return v, true
	}
	return nil, false
}

// sumHere groups in this process, for servers that cannot group by several fields; only the fields are fetched.
func (s *Store) sumHere(ctx context.Context, collection string, p store.Plan, by, sums []string) ([]store.Group,
	error) {
	cursor, err := s.db.Collection(collection).Find(ctx, filter(p), options.Find().SetProjection(bson.M{"f": 1}))
	if err != nil {
		return nil, unavailable(err)
	}
	defer cursor.Close(ctx)
	groups := map[string]*store.Group{}
	for cursor.Next(ctx) {
		var d document
		if err := cursor.Decode(&d); err != nil {
			return nil, unavailable(err)
		}
		if err := add(groups, d.Fields, by, sums); err != nil {
			return nil, err
		}
	}
	if err := cursor.Err(); err != nil {
		return nil, unavailable(err)
	}
	return inOrder(groups), nil
}

func inOrder(groups map[string]*store.Group) (list []store.Group) {
	for _, g := range groups {
		list = append(list, *g)
	}
	slices.SortFunc(list, compareGroups)
	return list
}

func add(groups map[string]*store.Group, fields bson.M, by, sums []string) error {
	values := make([]any, len(by))
	for i, f := range by {
		var ok bool
		if values[i], ok = groupValue(fields[f]); !ok {
			return notInteger(f)
		}
	}
	key := fmt.Sprintf("%#v", values)
	if groups[key] == nil {
		groups[key] = &store.Group{By: values, Sums: make([]int64, len(sums))}
	}
	return addTo(groups[key], fields, sums)
}

// addTo adds one document's fields to the sums of its group.
func addTo(g *store.Group, fields bson.M, sums []string) error {
	g.Count++
	for i, f := range sums {
		v, there := fields[f]
		n, ok := widened(v).(int64)
		if there && !ok {
			return notInteger(f)
		}
		sum := g.Sums[i] + n
		if (n > 0) != (sum > g.Sums[i]) && n != 0 {
			return tooGreat(f)
		}
		g.Sums[i] = sum
	}
	return nil
}

// compareGroups orders as the server does: nothing before integers before texts.
func compareGroups(a, b store.Group) int {
	for i := range a.By {
		if c := cmp.Or(cmp.Compare(kind(a.By[i]), kind(b.By[i])), compareValues(a.By[i], b.By[i])); c != 0 {
			return c
		}
	}
	return 0
}

func kind(v any) int {
	switch v.(type) {
	case nil:
		return 0
	case int64:
		return 1
	}
	return 2
}

func compareValues(a, b any) int {
	if n, ok := a.(int64); ok {
		m, _ := b.(int64)
		return cmp.Compare(n, m)
	}
	x, _ := a.(string)
	y, _ := b.(string)
	return cmp.Compare(x, y)
}
