package handlers

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"linlipay/property"
)

// What is few enough to be read whole (a company's terminals, a unit's bills, a person's sessions) is sorted here, by
// any field and without an index for it. What grows without end is in the order of an index of the store.

// everything reads a list to its end.
func everything[T any](page func(cursor string, limit int) ([]T, string, error)) (all []T, err error) {
	for cursor := ""; ; {
		some, next, err := page(cursor, pageMost)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if next == "" {
			return all, nil
		}
		cursor = next
	}
}

// sortKeys say by what things are compared in each order: texts whose bytes are in the order wanted.
type sortKeys[T any] map[string]func(*T) string

// placed is one of several things, with where it stands among them: what it is compared by, and its id.
type placed struct {
	key, id string
	at      int // among them as they came
}

func (p placed) compare(q placed) int {
	if c := strings.Compare(p.key, q.key); c != 0 {
		return c
	}
	return strings.Compare(p.id, q.id)
}

// sortedPage is one page of all things that there are, in the order asked for; what is equal in it is in the order of
// the ids. The page begins after where the last one ended, whatever has come or gone meanwhile.
func sortedPage[T any](p pageQuery, all []T, id func(*T) string, keys sortKeys[T]) (list[T], error) {
	after, err := placeIn(p.Cursor)
	if err != nil {
		return list[T]{}, err
	}
	direction := 1
	if p.Sort.Desc() {
		direction = -1
	}
	key, line := keys[p.Sort.Field()], make([]placed, len(all))
	for i := range all {
		line[i] = placed{key(&all[i]), id(&all[i]), i}
	}
	slices.SortFunc(line, func(a, b placed) int { return direction * a.compare(b) })
	if p.Cursor != "" {
		line = slices.DeleteFunc(line, func(q placed) bool { return direction*q.compare(after) <= 0 })
	}
	out := list[T]{Items: []T{}}
	for i, q := range line {
		if i == p.Limit {
			last := line[i-1]
			out.Next = hex.EncodeToString([]byte(last.key)) + " " + last.id
			break
		}
		out.Items = append(out.Items, all[q.at])
	}
	return out, nil
}

// placeIn is where a page begins; "" is the beginning.
func placeIn(cursor string) (placed, error) {
	if cursor == "" {
		return placed{}, nil
	}
	key, id, ok := strings.Cut(cursor, " ")
	raw, err := hex.DecodeString(key)
	if !ok || err != nil {
		return placed{}, badCursor()
	}
	return placed{key: string(raw), id: id}, nil
}

// shown makes a list's items what their reader sees of them.
func shown[T, V any](l list[T], show func(*T) (V, error)) (list[V], error) {
	views := list[V]{Items: make([]V, 0, len(l.Items)), Next: l.Next}
	for i := range l.Items {
		v, err := show(&l.Items[i])
		if err != nil {
			return list[V]{}, err
		}
		views.Items = append(views.Items, v)
	}
	return views, nil
}

// inTime is what instants are compared by; none comes first.
func inTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return inSize(t.UnixMilli())
}

// inSize is what numbers from 0 on are compared by.
func inSize(n int64) string { return fmt.Sprintf("%019d", n) }

// inName gives what names are compared by: by their sound in Chinese, and as people count (2栋 before 10栋).
func inName() func(name string) string {
	sounds, buffer := collate.New(language.Chinese), &collate.Buffer{}
	return func(name string) string {
		buffer.Reset()
		return string(sounds.KeyFromString(buffer, property.Place(name)))
	}
}
