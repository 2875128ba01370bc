package chain

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"linlipay/fault"
	"linlipay/store"
)

// Head is where a chain ends, or ended when it was read. Kept elsewhere it proves later that nothing up to it was
// changed.
type Head struct {
	No   int64  `json:"no"`   // of the last block; 0 is a chain without any
	Hash string `json:"hash"` // of its last line, in hex
}

// Finding is the first thing that is wrong with a chain.
type Finding struct{ What string }

// Error is the finding.
func (f Finding) Error() string { return f.What }

func finding(format string, args ...any) error { return Finding{fmt.Sprintf(format, args...)} }

// Found is what an error of Verify or of the function given to it says of the chain; "" when the error is another.
func Found(err error) string {
	var f Finding
	if errors.As(err, &f) {
		return f.What
	}
	return ""
}

// Head is a company's present head.
func (c Chain[L]) Head(ctx context.Context, company string) (Head, error) {
	end, err := c.end(ctx, company)
	if err != nil || end == nil {
		return Head{}, err
	}
	return c.headOf(end)
}

func (c Chain[L]) headOf(b *Block[L]) (Head, error) {
	if len(b.Lines) == 0 {
		return Head{}, fmt.Errorf("chain: %s block %s is empty", c.name, b.ID)
	}
	return Head{b.No, b.Lines[len(b.Lines)-1].Link()}, nil
}

// Verify walks a company's chain and calls each for every line of it. The first thing that is wrong is a Finding; so
// may be what each returns. Then the indexes must find each block under what its lines say (findable). It returns the
// head that the walk ended at. It may run while the chain grows.
func (c Chain[L]) Verify(ctx context.Context, company string, each func(L) error) (Head, error) {
	head, err := c.walk(ctx, company, Head{}, each)
	if err == nil {
		err = c.findable(ctx, company, head.No)
	}
	return head, err
}

// VerifyAfter walks a company's chain from a head at which an earlier walk ended, and counts the lines that were added
// since: a chain that does not lead through that head, or is wrong after it, is a Finding. The zero Head is the whole
// chain, as Verify walks it. It returns the head that the walk ended at.
func (c Chain[L]) VerifyAfter(ctx context.Context, company string, after Head) (head Head, lines int64, err error) {
	count := func(L) error { lines++; return nil }
	if after.No == 0 {
		head, err = c.Verify(ctx, company, count)
		return head, lines, err
	}
	if err := c.Against(ctx, company, after); err != nil {
		return after, 0, err
	}
	head, err = c.walk(ctx, company, after, count)
	return head, lines, err
}

// walk verifies the blocks that follow head.
func (c Chain[L]) walk(ctx context.Context, company string, head Head, each func(L) error) (Head, error) {
	seen, q, last := map[string]bool{}, c.whole(company), map[string]int64{}
	if head.No > 0 {
		q.From = head.No + 1
		before, err := c.blocks.Get(ctx, blockID(company, head.No))
		if err != nil {
			return head, err
		}
		maps.Copy(last, before.Last)
	}
	err := c.blocks.Each(ctx, q, func(b *Block[L], unreadable error) error {
		if unreadable != nil {
			return finding("%s: block %d cannot be read: %v", c.name, head.No+1, unreadable)
		}
		if b.No != head.No+1 || b.ID != blockID(company, b.No) || b.Company != company || len(b.Lines) == 0 {
			return finding("%s block %s: block %d of the chain is missing or out of its place", c.name, b.ID, head.No+1)
		}
		if b.Prev != head.Hash {
			return finding("%s block %s: it does not go on from the line before it", c.name, b.ID)
		}
		for _, l := range b.Lines {
			if l.Link() != hashAfter(l, head.Hash) {
				return finding("%s line %s in block %s: its hash is not that of its content after the line before it",
					c.name, l.LineID(), b.ID)
			}
			if seen[l.LineID()] {
				return finding("%s line %s in block %s: it is written twice", c.name, l.LineID(), b.ID)
			}
			seen[l.LineID()], head.Hash = true, l.Link()
			if err := c.numbered(l, b, last); err != nil {
				return err
			}
			if err := each(l); err != nil {
				return err
			}
		}
		head.No = b.No
		if !maps.Equal(b.Last, last) {
			return finding("%s block %s: the last numbers that it tells are not those of its lines", c.name, b.ID)
		}
		return nil
	})
	return head, err
}

// numbered holds a line's number against the last one of each series, and counts it.
func (c Chain[L]) numbered(l L, b *Block[L], last map[string]int64) error {
	n, ok := any(l).(Numbered[L])
	if !ok || n.Series() == "" || n.Number() == 0 && last[n.Series()] == 0 {
		return nil
	}
	if last[n.Series()]++; n.Number() != last[n.Series()] {
		return finding("%s line %s in block %s: it has number %d where %d comes next", c.name, l.LineID(), b.ID,
			n.Number(), last[n.Series()])
	}
	return nil
}

// findable reads the blocks up to a number again by each index, and holds the keys that are stored beside a block,
// which no hash covers, to those of its content: other keys hide its lines from whoever looks for them. The store gives
// back no keys of a field with several values, so that indexes with one are not read, nor is the one that Verify walks
// by.
func (c Chain[L]) findable(ctx context.Context, company string, last int64) error {
	for _, x := range c.kind.Indexes {
		if _, many := c.kind.Many(x); many || x.Name == c.whole(company).Index {
			continue
		}
		if err := c.findableBy(ctx, company, x, last); err != nil {
			return err
		}
	}
	return nil
}

func (c Chain[L]) findableBy(ctx context.Context, company string, x store.Index, last int64) error {
	q, found := store.Query{Index: x.Name, Equal: []any{company}}, int64(0)
	for {
		docs, next, err := c.blocks.Docs(ctx, q)
		if err != nil {
			return err
		}
		for _, d := range docs {
			b, unreadable := c.blocks.Read(d)
			if unreadable != nil {
				return finding("%s: block %s cannot be read: %v", c.name, d.ID, unreadable)
			}
			if b.No > last { // the chain grew
				continue
			}
			found++
			for _, f := range x.Fields[1:] {
				if keys := c.kind.Keys(b); !slices.Equal(keys[f], d.Keys[f]) {
					return finding("%s block %s: it is found by another %s than its content's", c.name, b.ID, f)
				}
			}
		}
		if q.Cursor = next; next == "" {
			break
		}
	}
	if found != last {
		return finding("%s: of %d blocks %d are found by the index %s", c.name, last, found, x.Name)
	}
	return nil
}

// Against holds a company's chain to a head that was kept elsewhere: a chain that is shorter now, or says something
// else at that place, is a Finding. It says nothing of what stands before it: that is Verify's.
func (c Chain[L]) Against(ctx context.Context, company string, kept Head) error {
	if kept.No == 0 {
		return nil
	}
	b, err := c.blocks.Get(ctx, blockID(company, kept.No))
	if fault.Is(err, fault.NotFound) {
		return finding("%s: block %d, which stood there when the head was kept, is gone: the chain was cut", c.name,
			kept.No)
	}
	if err != nil {
		return err
	}
	now, err := c.headOf(b)
	if err == nil && now.Hash != kept.Hash {
		err = finding("%s block %s: it ends in %.16s, and in %.16s when the head was kept: the chain was written anew",
			c.name, b.ID, now.Hash, kept.Hash)
	}
	return err
}
