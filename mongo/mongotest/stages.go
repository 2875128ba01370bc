package mongotest

import (
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// staged runs the stages of a pipeline over documents.
// https://www.mongodb.com/docs/manual/reference/operator/aggregation-pipeline/
func staged(docs []bson.D, pipeline bson.A) ([]bson.D, error) {
	for _, s := range pipeline {
		stage, _ := s.(bson.D)
		if len(stage) != 1 {
			return nil, &failure{code: 40323, text: "A pipeline stage specification object must contain exactly " +
				"one field."}
		}
		var err error
		if docs, err = staging(docs, stage[0]); err != nil {
			return nil, err
		}
	}
	return docs, nil
}

func staging(docs []bson.D, stage bson.E) ([]bson.D, error) {
	inner, _ := stage.Value.(bson.D)
	switch stage.Key {
	case "$match":
		return pick(docs, inner)
	case "$group":
		return grouped(docs, inner)
	case "$sort":
		sorted(docs, inner)
		return docs, nil
	case "$project":
		return projectedAll(docs, inner), nil
	case "$limit":
		return docs[:min(int64(len(docs)), whole(stage.Value))], nil
	case "$skip":
		return docs[min(int64(len(docs)), whole(stage.Value)):], nil
	}
	return nil, &failure{code: 40324, text: "Unrecognized pipeline stage name: '" + stage.Key + "'"}
}

// grouped is $group with $sum.
func grouped(docs []bson.D, spec bson.D) ([]bson.D, error) {
	var groups []bson.D
	place := map[string]int{}
	for _, d := range docs {
		id, err := evaluate(d, get(spec, "_id"))
		if err != nil {
			return nil, err
		}
		key := canonical(id)
		i, there := place[key]
		if !there {
			i, place[key] = len(groups), len(groups)
			groups = append(groups, started(id, spec))
		}
		if err := accumulate(groups[i], d, spec); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

func started(id any, spec bson.D) bson.D {
	if _, no := id.(missing); no {
		id = nil
	}
	g := bson.D{{Key: "_id", Value: id}}
	for _, e := range spec {
		if e.Key != "_id" {
			g = append(g, bson.E{Key: e.Key, Value: int32(0)})
		}
	}
	return g
}

func accumulate(group, d, spec bson.D) error {
	for i := range group[1:] {
		sum, _ := get(spec, group[i+1].Key).(bson.D)
		if len(sum) != 1 || sum[0].Key != "$sum" {
			return &failure{code: 15952, text: "unknown group operator"}
		}
		v, err := evaluate(d, sum[0].Value)
		if err != nil {
			return err
		}
		group[i+1].Value = added(group[i+1].Value, v)
	}
	return nil
}

// added is $sum: what is no number is left out; integers stay integers until they no longer fit, then the sum is a
// floating-point number.
// https://www.mongodb.com/docs/manual/reference/operator/aggregation/sum/
func added(a, b any) any {
	if rank(b) != 2 {
		return a
	}
	x, xInt := integer(a)
	y, yInt := integer(b)
	if !xInt || !yInt {
		return float(a) + float(b)
	}
	sum := x + y
	if (x > 0) == (y > 0) && (sum > 0) != (x > 0) && x != 0 && y != 0 {
		return float(a) + float(b)
	}
	_, small := a.(int32)
	if _, alsoSmall := b.(int32); small && alsoSmall && sum >= math.MinInt32 && sum <= math.MaxInt32 {
		return int32(sum)
	}
	return sum
}

// evaluate is an aggregation expression: a path, a document of expressions, an operator, or a constant.
// https://www.mongodb.com/docs/manual/reference/operator/aggregation/
func evaluate(d bson.D, expression any) (any, error) {
	switch e := expression.(type) {
	case string:
		if len(e) > 1 && e[0] == '$' {
			return at(d, e[1:]), nil
		}
	case bson.D:
		if len(e) == 1 && e[0].Key[0] == '$' {
			return operated(d, e[0])
		}
		return composed(d, e)
	}
	return expression, nil
}

// composed is a document of expressions: a field whose value is not there is left out.
func composed(d, fields bson.D) (any, error) {
	out := bson.D{}
	for _, f := range fields {
		v, err := evaluate(d, f.Value)
		if err != nil {
			return nil, err
		}
		if _, no := v.(missing); !no {
			out = append(out, bson.E{Key: f.Key, Value: v})
		}
	}
	return out, nil
}

func operated(d bson.D, e bson.E) (any, error) {
	args, many := e.Value.(bson.A)
	if !many {
		args = bson.A{e.Value}
	}
	if e.Key == "$literal" {
		return e.Value, nil
	}
	values, err := evaluateAll(d, args)
	if err != nil {
		return nil, err
	}
	switch {
	case e.Key == "$type" && len(values) == 1:
		return typeName(values[0]), nil
	case e.Key == "$ifNull" && len(values) == 2:
		return choose(rank(values[0]) == 1, values[1], values[0]), nil
	case e.Key == "$cond" && len(values) == 3:
		return choose(truth(values[0]), values[1], values[2]), nil
	case e.Key == "$in" && len(values) == 2:
		list, _ := values[1].(bson.A)
		return has(list, values[0]), nil
	}
	return nil, &failure{code: 168, text: "Unrecognized expression '" + e.Key + "'"}
}

func choose(first bool, a, b any) any {
	if first {
		return a
	}
	return b
}

func evaluateAll(d bson.D, expressions bson.A) ([]any, error) {
	values := make([]any, len(expressions))
	for i, e := range expressions {
		var err error
		if values[i], err = evaluate(d, e); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// typeName is what $type answers.
func typeName(v any) string {
	switch v.(type) {
	case missing:
		return "missing"
	case nil:
		return "null"
	case int32:
		return "int"
	case int64:
		return "long"
	case float64:
		return "double"
	case bson.Decimal128:
		return "decimal"
	case string:
		return "string"
	case bson.D:
		return "object"
	case bson.A:
		return "array"
	case bool:
		return "bool"
	case bson.ObjectID:
		return "objectId"
	case bson.DateTime:
		return "date"
	}
	return "other"
}
