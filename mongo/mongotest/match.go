package mongotest

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// A failure is what the server answers instead.
type failure struct {
	code   int32
	text   string
	labels []string
}

// Error is what the server says.
func (f *failure) Error() string { return f.text }

func badValue(text string) *failure { return &failure{code: 2, text: text} }

// matches reports whether a document meets a filter.
// https://www.mongodb.com/docs/manual/reference/operator/query/
func matches(d, filter bson.D) (bool, error) {
	for _, e := range filter {
		met, err := meets(d, e)
		if err != nil || !met {
			return false, err
		}
	}
	return true, nil
}

func meets(d bson.D, e bson.E) (bool, error) {
	switch e.Key {
	case "$and", "$or":
		return meetsAny(d, e.Value, e.Key == "$or")
	}
	if strings.HasPrefix(e.Key, "$") {
		return false, badValue("unknown top level operator: " + e.Key)
	}
	values := reach(d, e.Key)
	conditions, ok := e.Value.(bson.D)
	if !ok || len(conditions) == 0 || !strings.HasPrefix(conditions[0].Key, "$") {
		return has(values, e.Value), nil
	}
	for _, c := range conditions {
		met, err := condition(values, c)
		if err != nil || !met {
			return false, err
		}
	}
	return true, nil
}

// meetsAny joins filters: all of them, or any.
func meetsAny(d bson.D, filters any, any bool) (bool, error) {
	list, ok := filters.(bson.A)
	if !ok || len(list) == 0 {
		return false, badValue("$and and $or need a nonempty array")
	}
	for _, f := range list {
		inner, _ := f.(bson.D)
		met, err := matches(d, inner)
		if err != nil || met == any {
			return met, err
		}
	}
	return !any, nil
}

// equal is equality in a filter, where null is also what is not there.
func equal(v, w any) bool { return rank(v) == rank(w) && compare(v, w) == 0 }

// has reports whether one of the values is equal to w.
func has(values []any, w any) bool {
	return slices.ContainsFunc(values, func(v any) bool { return equal(v, w) })
}

func condition(values []any, c bson.E) (bool, error) {
	switch c.Key {
	case "$exists":
		there := slices.ContainsFunc(values, func(v any) bool { _, no := v.(missing); return !no })
		return there == truth(c.Value), nil
	case "$eq":
		return has(values, c.Value), nil
	case "$ne":
		return !has(values, c.Value), nil
	case "$in":
		wanted, ok := c.Value.(bson.A)
		if !ok {
			return false, badValue("$in needs an array")
		}
		return slices.ContainsFunc(wanted, func(w any) bool { return has(values, w) }), nil
	}
	return bound(values, c)
}

// bound compares within one type only.
func bound(values []any, c bson.E) (bool, error) {
	holds := map[string]func(int) bool{
		"$gt": func(n int) bool { return n > 0 }, "$gte": func(n int) bool { return n >= 0 },
		"$lt": func(n int) bool { return n < 0 }, "$lte": func(n int) bool { return n <= 0 },
	}[c.Key]
	if holds == nil {
		return false, badValue("unknown operator: " + c.Key)
	}
	return slices.ContainsFunc(values, func(v any) bool {
		return rank(v) == rank(c.Value) && holds(compare(v, c.Value))
	}), nil
}

// sorted orders documents by a sort document. An array counts by its least element, or by its greatest where the order
// descends.
func sorted(docs []bson.D, order bson.D) {
	slices.SortStableFunc(docs, func(a, b bson.D) int {
		for _, e := range order {
			if c := compareBy(a, b, e); c != 0 {
				return c
			}
		}
		return 0
	})
}

// compareBy orders documents by one path of a sort document.
func compareBy(a, b bson.D, by bson.E) int {
	down := whole(by.Value) < 0
	c := compare(sortValue(a, by.Key, down), sortValue(b, by.Key, down))
	if down {
		return -c
	}
	return c
}

func sortValue(d bson.D, path string, greatest bool) any {
	values := reach(d, path)
	if len(values) > 1 { // the array itself stands last
		values = values[:len(values)-1]
	}
	if greatest {
		return slices.MaxFunc(values, compare)
	}
	return slices.MinFunc(values, compare)
}

func projectedAll(docs []bson.D, projection bson.D) []bson.D {
	out := make([]bson.D, len(docs))
	for i, d := range docs {
		out[i] = projected(d, projection)
	}
	return out
}

// projected keeps the paths that a projection includes, or leaves out those that it excludes.
func projected(d, projection bson.D) bson.D {
	if len(projection) == 0 {
		return d
	}
	keepID, including, paths := true, false, []string{}
	for _, e := range projection {
		if e.Key == "_id" {
			keepID = truth(e.Value)
			including = including || len(projection) == 1 && keepID
			continue
		}
		including = truth(e.Value)
		paths = append(paths, e.Key)
	}
	if keepID == including {
		paths = append(paths, "_id")
	}
	return project(d, paths, including)
}

func project(d bson.D, paths []string, including bool) bson.D {
	out := bson.D{}
	for _, e := range d {
		named, deeper := pathsInto(e.Key, paths)
		inner, nested := e.Value.(bson.D)
		switch {
		case named && including, !named && len(deeper) == 0 && !including:
			out = append(out, e)
		case len(deeper) > 0 && nested:
			out = append(out, bson.E{Key: e.Key, Value: project(inner, deeper, including)})
		case len(deeper) > 0 && !including:
			out = append(out, e)
		}
	}
	return out
}

// pathsInto are the rests of the paths that lead into a field, and whether one names the field itself.
func pathsInto(key string, paths []string) (named bool, deeper []string) {
	for _, p := range paths {
		first, rest, more := strings.Cut(p, ".")
		if first == key && more {
			deeper = append(deeper, rest)
		}
		named = named || first == key && !more
	}
	return named, deeper
}
