package mongo

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"linlipay/store"
)

// sumHere groups in this process, for servers that cannot group by several fields; only the fields are fetched.
func (s *Store) sumHere(ctx context.Context, collection string, p store.Plan, by, sums []string) ([]store.Group, error) {
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
		add(groups, d.Fields, by, sums)
	}
	if err := cursor.Err(); err != nil {
		return nil, unavailable(err)
	}
	var some []store.Group
	for _, g := range groups {
		some = append(some, *g)
	}
	slices.SortFunc(some, compareGroups)
	return some, nil
}

func add(groups map[string]*store.Group, fields bson.M, by, sums []string) {
	values := make([]any, len(by))
	for i, f := range by {
		values[i] = fields[f]
	}
	key := fmt.Sprintf("%#v", values)
	g := groups[key]
	if g == nil {
		g = &store.Group{By: values, Sums: make([]int64, len(sums))}
		groups[key] = g
	}
	g.Count++
	for i, f := range sums {
		n, _ := fields[f].(int64)
		g.Sums[i] += n
	}
}

func compareGroups(a, b store.Group) int {
	for i := range a.By {
		var c int
		switch v := a.By[i].(type) {
		case string:
			w, _ := b.By[i].(string)
			c = cmp.Compare(v, w)
		case int64:
			w, _ := b.By[i].(int64)
			c = cmp.Compare(v, w)
		}
		if c != 0 {
			return c
		}
	}
	return 0
}
