package chain

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"linlipay/sqlite/sqlitetest"
	"linlipay/store"
)

// word is a line of the tests' chains.
type word struct {
	ID   string `json:"id"`
	Text string `json:"text"`
	Hash string `json:"hash"`
}

func (w word) LineID() string          { return w.ID }
func (w word) Link() string            { return w.Hash }
func (w word) Linked(hash string) word { w.Hash = hash; return w }
func (w word) LineKeys() store.Keys    { return store.Keys{"text": {w.Text}} }

var words = Kind[word]{Name: "words", Most: 3, Fields: []store.Field{{Name: "text", Type: store.String, Many: true}}}

func open(t *testing.T) (store.Store, Chain[word]) {
	t.Helper()
	st := sqlitetest.Open(t, words.Schema())
	return st, words.In(st, time.Now)
}

func some(ids ...string) []word {
	var w []word
	for _, id := range ids {
		w = append(w, word{ID: id, Text: "the text of " + id})
	}
	return w
}

// rewrite changes a stored block, as whoever has the database may.
func rewrite(t *testing.T, st store.Store, no int64, change func(*Block[word])) {
	t.Helper()
	d, err := st.Get(t.Context(), "words", blockID("c", no))
	if err != nil {
		t.Fatal(err)
	}
	var b Block[word]
	if err := json.Unmarshal(d.Body, &b); err != nil {
		t.Fatal(err)
	}
	change(&b)
	if d.Body, err = json.Marshal(b); err != nil {
		t.Fatal(err)
	}
	d.Keys = store.Keys{"company": {b.Company}, "no": {b.No}}
	if err := st.Replace(t.Context(), "words", d); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, st store.Store, no int64) {
	t.Helper()
	d, err := st.Get(t.Context(), "words", blockID("c", no))
	if err == nil {
		err = st.Delete(t.Context(), "words", d.ID, d.Version)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever is done to a chain behind its back is seen: by walking it, or, where its end is missing or all of it was
// written anew, by a head that was kept.
func TestWhatIsDoneToAChainIsSeen(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(*testing.T, store.Store)
		walk string // what Verify finds
		kept string // what Against finds
	}{
		"nothing": {do: func(*testing.T, store.Store) {}},
		"a line rewritten": {do: func(t *testing.T, st store.Store) {
			rewrite(t, st, 2, func(b *Block[word]) { b.Lines[0].Text = "other" })
		}, walk: "its hash is not that of its content"},
		"a line taken out": {do: func(t *testing.T, st store.Store) {
			rewrite(t, st, 1, func(b *Block[word]) { b.Lines = b.Lines[1:] })
		}, walk: "its hash is not that of its content"},
		"two lines reordered": {do: func(t *testing.T, st store.Store) {
			rewrite(t, st, 1, func(b *Block[word]) { b.Lines[0], b.Lines[1] = b.Lines[1], b.Lines[0] })
		}, walk: "its hash is not that of its content"},
		"a block taken out": {do: func(t *testing.T, st store.Store) {
			remove(t, st, 2)
		}, walk: "block 2 of the chain is missing"},
		"a block of another": {do: func(t *testing.T, st store.Store) {
			rewrite(t, st, 2, func(b *Block[word]) { b.Company = "d" })
		}, walk: "missing"},
		"two blocks swapped": {do: func(t *testing.T, st store.Store) {
			var one, two []word
			rewrite(t, st, 1, func(b *Block[word]) { one = b.Lines })
			rewrite(t, st, 2, func(b *Block[word]) { two, b.Lines = b.Lines, one })
			rewrite(t, st, 1, func(b *Block[word]) { b.Lines = two })
		}, walk: "its hash is not that of its content"},
		"the end cut off": {do: func(t *testing.T, st store.Store) { remove(t, st, 3) }, kept: "the chain was cut"},
		"all written anew": {do: func(t *testing.T, st store.Store) {
			for no := int64(1); no <= 3; no++ {
				remove(t, st, no)
			}
			if _, err := words.In(st, time.Now).Append(t.Context(), "c",
				some("1", "2", "three", "4", "5", "6", "7", "8")); err != nil {
				t.Fatal(err)
			}
		}, kept: "the chain was written anew"},
	} {
		t.Run(name, func(t *testing.T) {
			st, words := open(t)
			if _, err := words.Append(t.Context(), "c", some("1", "2", "3", "4", "5", "6", "7")); err != nil {
				t.Fatal(err)
			}
			kept, err := words.Head(t.Context(), "c")
			if err != nil || kept.No != 3 {
				t.Fatal(kept, err)
			}
			c.do(t, st)
			_, err = words.Verify(t.Context(), "c", func(word) error { return nil })
			if found := Found(err); (found == "") != (c.walk == "") || !strings.Contains(found, c.walk) || err != nil &&
				found == "" {
				t.Errorf("Verify: %v, want %q", err, c.walk)
			}
			err = words.Against(t.Context(), "c", kept)
			if found := Found(err); c.kept != "" && !strings.Contains(found, c.kept) || c.kept == "" && c.walk == "" &&
				err != nil {
				t.Errorf("Against: %v, want %q", err, c.kept)
			}
		})
	}
}

// Several writers append at once, some of them the same lines: each stands once, in one chain, and a company's chain
// has nothing of another's.
func TestManyAppendAtOnce(t *testing.T) {
	st, _ := open(t)
	var all sync.WaitGroup
	for p := range 4 {
		all.Go(func() {
			c := words.In(st, time.Now)
			for n := range 15 {
				if _, err := c.Append(t.Context(), "c",
					some(fmt.Sprint("all", n), fmt.Sprint("own", p, "-", n))); err != nil {
					t.Error(err)
				}
				if _, err := c.Append(t.Context(), fmt.Sprint("other", p), some("x", fmt.Sprint(n))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	c := words.In(st, time.Now)
	n := 0
	if _, err := c.Verify(t.Context(), "c", func(word) error { n++; return nil }); err != nil || n != 15+4*15 {
		t.Errorf("%d lines, %v", n, err)
	}
	if companies, err := c.Companies(t.Context()); err != nil || len(companies) != 5 {
		t.Errorf("%v, %v", companies, err)
	}
}
