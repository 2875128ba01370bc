// Package chain is a sequence of lines that is only ever added to: each line's hash covers the one before it, so that a
// line that was changed, taken out, put in or moved is seen by whoever walks the sequence (Verify), and a sequence that
// was written anew, or whose end was cut off, by whoever has kept an older head (At). The ledger and the audit log are
// chains.
//
// Lines stand in numbered blocks, each added whole or not at all. Any number of processes may append: a unique index on
// the number lets one of them have it, and one on the lines' ids keeps a line from standing twice whatever is repeated.
package chain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// Line is what a chain holds: a value that encodes to JSON, with its hash in one of its fields.
type Line[L any] interface {
	LineID() string       // unique in its chain
	Link() string         // its hash, in hex
	Linked(hash string) L // the same line with that hash
	LineKeys() store.Keys // values of Kind.Fields; several lines of a block may have the same
}

// Numbered is a Line that gets a number when it is written: 1, 2, … in its series, without a gap whoever writes. Lines
// from before a series began have none.
type Numbered[L any] interface {
	Series() string     // "" is none
	Number() int64      // 0 is none
	Numbered(n int64) L // the same line with that number
}

// Block is the unit in which lines are added.
type Block[L any] struct {
	ID        string    `json:"id"` // company and number
	Version   int64     `json:"-"`
	Company   string    `json:"company"`
	No        int64     `json:"no"`   // 1, 2, … without a gap
	Prev      string    `json:"prev"` // hash of the line before the first; "" at the beginning
	Lines     []L       `json:"lines"`
	WrittenAt time.Time `json:"written_at"`

	Last map[string]int64 `json:"last,omitempty"` // the last number of each series, up to here
}

// Kind says how chains of L are kept. There is one for each company, sharded by company so that the unique indexes stay
// within one shard.
type Kind[L Line[L]] struct {
	Name    string        // of the collection
	Most    int           // lines in a block
	Fields  []store.Field // what the lines' LineKeys give; Many unless Most is 1
	Indexes []store.Index // beside by_no and by_line; each begins with company; what is not Many in it every line has
}

// Schema is the collection of the kind.
func (k Kind[L]) Schema() store.Schema {
	return store.Schema{
		Name: k.Name,
		Fields: append([]store.Field{
			{Name: "company", Type: store.String}, {Name: "no", Type: store.Int},
			{Name: "line", Type: store.String, Many: true},
		}, k.Fields...),
		Indexes: append([]store.Index{
			{Name: "by_no", Fields: []string{"company", "no"}, Unique: true},
			{Name: "by_line", Fields: []string{"company", "line"}, Unique: true},
		}, k.Indexes...),
		Shard: "company",
	}
}

// In binds the kind to a store on which Ensure was called with Schema.
func (k Kind[L]) In(st store.Store, now func() time.Time) Chain[L] {
	blocks := store.Kind[Block[L]]{
		Schema:  k.Schema(),
		ID:      func(b *Block[L]) string { return b.ID },
		Version: func(b *Block[L]) *int64 { return &b.Version },
		Keys: func(b *Block[L]) store.Keys {
			keys := store.Keys{"company": {b.Company}, "no": {b.No}}
			for _, l := range b.Lines {
				keys["line"] = append(keys["line"], l.LineID())
				for name, values := range l.LineKeys() {
					for _, v := range values {
						if !slices.Contains(keys[name], v) {
							keys[name] = append(keys[name], v)
						}
					}
				}
			}
			return keys
		},
	}
	return Chain[L]{k.Name, k.Most, blocks, blocks.In(st), now}
}

// Chain is the chains of one kind, one for each company. Beside the faults that a method names it returns the store's
// (see package store).
type Chain[L Line[L]] struct {
	name   string
	most   int // lines of a block
	kind   store.Kind[Block[L]]
	blocks store.Collection[Block[L]]
	now    func() time.Time
}

// Name is the kind's.
func (c Chain[L]) Name() string { return c.name }

// hashAfter is a line's hash after the one before it: over its JSON with the other's hash in the place of its own.
func hashAfter[L Line[L]](l L, prev string) string {
	raw, err := json.Marshal(l.Linked(prev))
	if err != nil {
		panic("chain: a line does not encode: " + err.Error())
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func blockID(company string, no int64) string { return fmt.Sprintf("%s/%012d", company, no) }

// appendTries is how often Append finds the next number taken while the chain does not grow.
const appendTries = 20

// Append adds lines of one company to its chain, each once whatever is repeated, and returns them as they stand. Any
// number of processes may call it: whoever finds the next number taken reads on and tries again, as long as the chain
// grows meanwhile. After an error some of the lines may stand; it may be repeated.
func (c Chain[L]) Append(ctx context.Context, company string, lines []L) (standing []L, err error) {
	for list := range slices.Chunk(lines, c.most) {
		written, err := c.appendBlock(ctx, company, list)
		if err != nil {
			return nil, err
		}
		standing = append(standing, written...)
	}
	return standing, nil
}

func (c Chain[L]) appendBlock(ctx context.Context, company string, lines []L) (standing []L, err error) {
	var taken int64 // the highest number that another writer was found to have
	for tries := 0; tries < appendTries; tries++ {
		if len(lines) == 0 {
			return standing, nil
		}
		b, err := c.next(ctx, company, lines)
		if err != nil {
			return nil, err
		}
		if b.No > taken {
			taken, tries = b.No, 0
		}
		if err = c.blocks.Insert(ctx, b); err == nil {
			return append(standing, b.Lines...), nil
		}
		if !fault.Is(err, fault.AlreadyExists) {
			return nil, err
		}
		// the number is taken, or one of the lines stands already
		stand, left, err := c.unwritten(ctx, company, lines)
		if err != nil {
			return nil, err
		}
		standing, lines = append(standing, stand...), left
	}
	return nil, fault.New(fault.Unavailable, "系统繁忙，请稍后重试。", "The "+c.name+" does not grow and takes no block; "+
		"please try again.")
}

// Has reports whether a line of that id stands in the company's chain.
func (c Chain[L]) Has(ctx context.Context, company, line string) (bool, error) {
	n, err := c.blocks.Count(ctx, store.Query{Index: "by_line", Equal: []any{company, line}})
	return n > 0, err
}

// unwritten parts lines into those that the chain has, as they stand there, and those that it has not.
func (c Chain[L]) unwritten(ctx context.Context, company string, lines []L) (stand, left []L, err error) {
	for _, l := range lines {
		blocks, _, err := c.blocks.Find(ctx, store.Query{Index: "by_line", Equal: []any{company, l.LineID()}, Limit: 1})
		if err != nil {
			return nil, nil, err
		}
		if len(blocks) == 0 {
			left = append(left, l)
			continue
		}
		i := slices.IndexFunc(blocks[0].Lines, func(x L) bool { return x.LineID() == l.LineID() })
		stand = append(stand, blocks[0].Lines[i])
	}
	return stand, left, nil
}

// next chains lines to the chain's end, and numbers them.
func (c Chain[L]) next(ctx context.Context, company string, lines []L) (*Block[L], error) {
	end, err := c.end(ctx, company)
	if err != nil {
		return nil, err
	}
	head, last := Head{}, map[string]int64{}
	if end != nil {
		if head, err = c.headOf(end); err != nil {
			return nil, err
		}
		maps.Copy(last, end.Last)
	}
	b := &Block[L]{
		ID: blockID(company, head.No+1), Company: company, No: head.No + 1, Prev: head.Hash,
		Lines: slices.Clone(lines), WrittenAt: c.now().UTC().Truncate(time.Millisecond), Last: last,
	}
	prev := b.Prev
	for i, l := range b.Lines {
		if n, ok := any(l).(Numbered[L]); ok && n.Series() != "" {
			last[n.Series()]++
			l = n.Numbered(last[n.Series()])
		}
		prev = hashAfter(l, prev)
		b.Lines[i] = l.Linked(prev)
	}
	return b, nil
}

// end is the last block of a company's chain, nil where there is none.
func (c Chain[L]) end(ctx context.Context, company string) (*Block[L], error) {
	end, _, err := c.blocks.Find(ctx, store.Query{Index: "by_no", Equal: []any{company}, Desc: true, Limit: 1})
	if err != nil || len(end) == 0 {
		return nil, err
	}
	return &end[0], nil
}

// Find returns a page of blocks by one of the kind's indexes, and the cursor of the next, "" on the last.
func (c Chain[L]) Find(ctx context.Context, q store.Query) (blocks []Block[L], next string, err error) {
	return c.blocks.Find(ctx, q)
}

// Lines calls each for every line of a company's chain, in its order. each's error ends it and is returned.
func (c Chain[L]) Lines(ctx context.Context, company string, each func(L) error) error {
	return c.blocks.All(ctx, c.whole(company), func(b Block[L]) error {
		for _, l := range b.Lines {
			if err := each(l); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c Chain[L]) whole(company string) store.Query {
	return store.Query{Index: "by_no", Equal: []any{company}}
}

// Companies lists the companies that have a chain.
func (c Chain[L]) Companies(ctx context.Context) ([]string, error) {
	groups, err := c.blocks.Sum(ctx, store.Query{Index: "by_no"}, []string{"company"}, nil)
	var values []string
	for _, g := range groups {
		values = append(values, g.By[0].(string))
	}
	return values, err
}
