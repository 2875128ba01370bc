package handlers

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"linlipay/fault"
	"linlipay/seal"
	"linlipay/store"
)

// pageUsual is how long a page is where nobody says it.
const pageUsual = 50

// pageMost is how many things the longest page that a list gives has: more asked for is refused.
const pageMost = 200

// cursorMost is the longest cursor, in characters: a search's holds what was searched.
const cursorMost = 4096

// list is a page of things.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"` // cursor of the next page
}

func (l *list[T]) end() *string { return &l.Next }

// pageQuery asks for one page of a list. Each list's query has it beside its filters.
type pageQuery struct {
	// where the page before ended; it belongs to its filters and its order, and is refused with others
	Cursor string `query:"cursor" json:"-"`
	// how many things a page has at most: 50 where nothing is said
	Limit int `query:"limit" json:"-" least:"1" most:"200"`
	// the field to sort by, with - before it the other way round; what is equal stands in a fixed order
	Sort store.Sort `query:"sort" json:"-"`
}

func (p *pageQuery) page() *pageQuery { return p }

// listed adapts a function to a route that gives a list page by page, in one of some orders: the first is the usual
// one, "" where that is no field's. The function gets a limit that is within bounds, one of the orders, and the cursor
// of its own making; to the outside a cursor stands for the whole query, and another's is an Invalid fault.
func listed[In, Out any](s *Server, sorts []store.Sort, do func(context.Context, *call, In) (Out, error)) endpoint {
	e := handle(s, 200, func(ctx context.Context, c *call, in In) (Out, error) {
		page := any(&in).(interface{ page() *pageQuery }).page()
		sum, err := page.begin(s.Box, sorts, c.asked)
		if err != nil {
			return *new(Out), err
		}
		out, err := do(ctx, c, in)
		if next := any(&out).(interface{ end() *string }).end(); err == nil && *next != "" {
			*next = sum.seal(s.Box, *next)
		}
		return out, err
	})
	e.sorts = sorts
	return e
}

// withUsual are the orders of a list whose usual one is no field's, such as what is owed before what is paid.
func withUsual(each ...store.Sort) []store.Sort {
	return append([]store.Sort{""}, store.SortsBy(each...)...)
}

// begin puts a page into bounds, and gives what its query is known by.
func (p *pageQuery) begin(box seal.Box, sorts []store.Sort, asked string) (sum querySum, err error) {
	if p.Sort == "" {
		p.Sort = sorts[0]
	}
	if !slices.Contains(sorts, p.Sort) {
		return sum, notAmong("sort", inTexts(sorts))
	}
	p.Limit = cmp.Or(p.Limit, pageUsual)
	sum = sumOf(asked + " " + string(p.Sort))
	p.Cursor, err = sum.open(box, p.Cursor)
	return sum, err
}

// asked is what a request asks for, however much of it: its address, and what its query says beside the page.
func asked(c *fiber.Ctx) string {
	filters := url.Values{}
	for name, text := range c.Queries() {
		if text != "" && name != "cursor" && name != "limit" && name != "sort" {
			filters.Set(name, text)
		}
	}
	return c.Path() + "?" + filters.Encode()
}

// querySum is the beginning of a digest of a query: its address, filters and order.
type querySum [6]byte

func sumOf(query string) querySum {
	sum := sha256.Sum256([]byte(query))
	return querySum(sum[:len(querySum{})])
}

// forCursors is what cursors are sealed for.
const forCursors = "list cursor"

// seal makes the cursor that clients see. It is sealed, since what a page ends with may be a thing that the caller may
// not see: its time, its id and whatever else the list is sorted by stand in the cursor.
func (s querySum) seal(box seal.Box, cursor string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(box.Seal(append(s[:], cursor...), forCursors)))
}

// open is the cursor within one that seal made for the same query; "" is the beginning.
func (s querySum) open(box seal.Box, cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return "", badCursor()
	}
	raw, err := box.Open(string(sealed), forCursors)
	if err != nil || len(raw) <= len(s) {
		return "", badCursor()
	}
	if querySum(raw[:len(s)]) != s {
		return "", fault.New(fault.Invalid, "筛选或排序已更改，这一页的位置不再适用，请从第一页重新开始。",
			"The cursor belongs to other filters or another order; begin again at the first page.").With(
			"field", "cursor")
	}
	return string(raw[len(s):]), nil
}

func badCursor() error {
	return fault.New(fault.Invalid, "分页参数无效。", "The cursor is not one of ours.").With("field", "cursor")
}

// namedMost is how many values a refusal names; the document names all.
const namedMost = 12

// notAmong is the fault of a parameter that is none of the values that it may have.
func notAmong(name string, values []string) error {
	values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
	if len(values) > namedMost {
		values = append(values[:namedMost], "…")
	}
	return fault.New(fault.Invalid, fmt.Sprintf("%s 不正确，可以是：%s。", name, strings.Join(values, "、")),
		fmt.Sprintf("%s is one of %s.", name, strings.Join(values, ", "))).With("field", name)
}

func inTexts[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return texts
}
