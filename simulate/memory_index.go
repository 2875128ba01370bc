package simulate

import (
	"iter"
	"slices"
	"strings"

	"github.com/tidwall/btree"

	"linlipay/store"
)

type index struct {
	store.Index
	entries btree.Map[string, *record] // by the values and the id, encoded so that texts order as values do
}

// beyond sorts after whatever follows a prefix.
const beyond = "\xff\xff\xff\xff\xff\xff\xff\xff\xff"

// walk goes through the entries that a plan selects, in its order, from where the last page ended.
func (c *collection) walk(p store.Plan) iter.Seq2[string, *record] {
	i := slices.IndexFunc(c.indexes, func(x index) bool { return x.Name == p.Index.Name })
	x, prefix := &c.indexes[i], ""
	for _, v := range p.Equal {
		prefix += encoded(v)
	}
	after := ""
	for _, v := range p.After {
		after += encoded(v)
	}
	if len(p.In) > 0 {
		return x.walkIn(prefix, p, after)
	}
	from, to := prefix, prefix+beyond
	if p.From != nil {
		from = prefix + encoded(p.From)
	}
	if p.To != nil {
		to = prefix + encoded(p.To)
	}
	return x.between(from, to, prefix, after, p.Desc)
}

// between walks the entries from one text to before another; after is where the last page ended, without the prefix.
func (x *index) between(from, to, prefix, after string, desc bool) iter.Seq2[string, *record] {
	if after != "" && !desc {
		from = max(from, prefix+after+"\x00") // an id's end sorts before anything longer
	}
	if after != "" && desc {
		to = min(to, prefix+after)
	}
	return func(yield func(string, *record) bool) {
		if desc {
			x.entries.Descend(to, func(key string, r *record) bool { return key == to || key >= from && yield(key, r) })
			return
		}
		x.entries.Ascend(from, func(key string, r *record) bool { return key < to && yield(key, r) })
	}
}

// walkIn merges the entries of several values of the field after the prefix.
func (x *index) walkIn(prefix string, p store.Plan, after string) iter.Seq2[string, *record] {
	type tail struct {
		text string
		r    *record
	}
	var tails []tail
	seen := map[string]bool{}
	for _, v := range p.In {
		start := prefix + encoded(v)
		if seen[start] {
			continue
		}
		seen[start] = true
		for key, r := range x.between(start, start+beyond, start, after, p.Desc) {
			tails = append(tails, tail{key[len(start):], r})
		}
	}
	slices.SortFunc(tails, func(a, b tail) int {
		if p.Desc {
			a, b = b, a
		}
		return strings.Compare(a.text, b.text)
	})
	return func(yield func(string, *record) bool) {
		for _, t := range tails {
			if !yield(t.text, t.r) {
				return
			}
		}
	}
}

// entries are a document's entries in each index: one, or one per value of the Many field. Those whose values are the
// old record's are taken over from it.
func (c *collection) entries(d store.Doc, old *record) [][]string {
	all := make([][]string, len(c.indexes))
	var stack [128]byte
	for i := range c.indexes {
		x := &c.indexes[i]
		changed := func(field string) bool { return !slices.Equal(old.doc.Keys[field], d.Keys[field]) }
		if old.entries != nil && !slices.ContainsFunc(x.Fields, changed) {
			all[i] = old.entries[i]
			continue
		}
		all[i] = c.fill(nil, stack[:0], d, x.Fields)
	}
	return all
}

// taken reports whether a unique index holds one of the record's keys for another document.
func (c *collection) taken(r *record) bool {
	for i := range c.indexes {
		x := &c.indexes[i]
		if !x.Unique {
			continue
		}
		for _, key := range r.entries[i] {
			prefix := key[:len(key)-len(encoded(r.doc.ID))]
			for _, other := range x.starting(prefix) {
				if other.doc.ID != r.doc.ID {
					return true
				}
			}
		}
	}
	return false
}

// starting walks the entries that start with a text.
func (x *index) starting(prefix string) iter.Seq2[string, *record] {
	return func(yield func(string, *record) bool) {
		x.entries.Ascend(prefix, func(key string, r *record) bool {
			return strings.HasPrefix(key, prefix) && yield(key, r)
		})
	}
}

func (x *index) add(keys []string, r *record) {
	for _, key := range keys {
		x.entries.Set(key, r)
	}
}

func (x *index) remove(keys []string) {
	for _, key := range keys {
		x.entries.Delete(key)
	}
}

// encoded is a value as text that orders as values do and is no beginning of another's.
func encoded(v any) string { return string(appendValue(nil, v)) }

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case int64:
		u := uint64(v) ^ 1<<63
		for shift := 56; shift >= 0; shift -= 8 {
			b = append(b, byte(u>>shift))
		}
		return b
	case string:
		if strings.IndexByte(v, 0) >= 0 {
			v = strings.ReplaceAll(v, "\x00", "\x00\x02")
		}
		b = append(b, v...)
		return append(b, 0, 1)
	}
	return b
}

func (c *collection) fill(list []string, prefix []byte, d store.Doc, fields []string) []string {
	if len(fields) == 0 {
		return append(list, string(appendValue(prefix, d.ID)))
	}
	values := d.Keys[fields[0]]
	for i, v := range values {
		if len(values) > 1 && slices.Contains(values[:i], v) {
			continue
		}
		list = c.fill(list, appendValue(prefix, v), d, fields[1:])
	}
	return list
}

// change removes and adds what differs.
func (x *index) change(before, after []string, r *record) {
	if slices.Equal(before, after) {
		return
	}
	for _, key := range before {
		if !slices.Contains(after, key) {
			x.remove([]string{key})
		}
	}
	for _, key := range after {
		if !slices.Contains(before, key) {
			x.add([]string{key}, r)
		}
	}
}
