package chain

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"linlipay/sqlite/sqlitetest"
	"linlipay/store"
)

// slip is a line that is numbered.
type slip struct {
	ID   string `json:"id"`
	Of   string `json:"of"`
	No   int64  `json:"no,omitempty"`
	Hash string `json:"hash"`
}

func (s slip) LineID() string          { return s.ID }
func (s slip) Link() string            { return s.Hash }
func (s slip) Linked(hash string) slip { s.Hash = hash; return s }
func (s slip) LineKeys() store.Keys    { return nil }
func (s slip) Series() string          { return s.Of }
func (s slip) Number() int64           { return s.No }
func (s slip) Numbered(n int64) slip   { s.No = n; return s }

var slips = Kind[slip]{Name: "slips", Most: 3}

// Four writers at once, two of which write the same lines, and a writer that repeats what stands: each series has its
// numbers without a gap in the order of the chain, and each writer is told the numbers as they stand.
func TestNumbersHaveNoGapAndNoDouble(t *testing.T) {
	st := sqlitetest.Open(t, slips.Schema())
	var (
		all  sync.WaitGroup
		lock sync.Mutex
	)
	told := map[string]int64{}
	for p := range 4 {
		all.Go(func() {
			c := slips.In(st, time.Now)
			for n := range 12 {
				lines := []slip{
					{ID: fmt.Sprint("both", p%2, "-", n), Of: "charges"},
					{ID: fmt.Sprint("own", p, "-", n), Of: "refunds"},
					{ID: fmt.Sprint("more", p, "-", n), Of: "charges"}, {ID: fmt.Sprint("none", p, "-", n)},
				}
				for range 2 {
					stand, err := c.Append(t.Context(), "c", lines)
					if err != nil || len(stand) != len(lines) {
						t.Errorf("%d of %d lines stand, %v", len(stand), len(lines), err)
						return
					}
					lock.Lock()
					for _, l := range stand {
						if before, ok := told[l.ID]; ok && before != l.No {
							t.Errorf("%s was told as %d and %d", l.ID, before, l.No)
						}
						told[l.ID] = l.No
					}
					lock.Unlock()
				}
			}
		})
	}
	all.Wait()
	c, last := slips.In(st, time.Now), map[string]int64{}
	_, err := c.Verify(t.Context(), "c", func(l slip) error {
		if l.Of != "" {
			last[l.Of]++
		}
		if l.No != last[l.Of] || told[l.ID] != l.No {
			t.Errorf("%s of %q has number %d where %d comes next, and was told as %d", l.ID, l.Of, l.No, last[l.Of],
				told[l.ID])
		}
		return nil
	})
	if want := map[string]int64{"charges": 2*12 + 4*12, "refunds": 4 * 12}; err != nil || !maps.Equal(last, want) {
		t.Errorf("%v, want %v; %v", last, want, err)
	}
}

// A chain from before there were numbers goes on with 1; numbers that were changed with all hashes after them, or the
// last ones that a block tells, are seen.
func TestNumbersAreVerified(t *testing.T) {
	relink := func(b *Block[slip]) {
		prev := b.Prev
		for i, l := range b.Lines {
			prev = hashAfter(l, prev)
			b.Lines[i] = l.Linked(prev)
		}
	}
	for name, c := range map[string]struct {
		change func(*Block[slip])
		want   string
	}{
		"nothing":   {func(*Block[slip]) {}, ""},
		"a number":  {func(b *Block[slip]) { b.Lines[1].No = 7; relink(b) }, "number 7 where 2 comes next"},
		"no number": {func(b *Block[slip]) { b.Lines[1].No = 0; relink(b) }, "number 0 where 2 comes next"},
		"the last":  {func(b *Block[slip]) { b.Last["a"] = 9 }, "the last numbers that it tells"},
		"no last":   {func(b *Block[slip]) { b.Last = nil }, "the last numbers that it tells"},
	} {
		t.Run(name, func(t *testing.T) {
			st := sqlitetest.Open(t, slips.Schema())
			s := slips.In(st, time.Now)
			b := Block[slip]{ID: blockID("c", 1), Company: "c", No: 1, Lines: []slip{{ID: "old", Of: "a"}}}
			relink(&b)
			if err := s.blocks.Insert(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Append(t.Context(), "c", []slip{{ID: "1", Of: "a"}, {ID: "2", Of: "a"}}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.blocks.Update(t.Context(), blockID("c", 2), func(b *Block[slip]) error {
				c.change(b)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			_, err := s.Verify(t.Context(), "c", func(slip) error { return nil })
			if found := Found(err); !strings.Contains(found, c.want) || (found == "") != (c.want == "") {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}
