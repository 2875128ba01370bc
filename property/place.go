package property

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"linlipay/fault"
	"linlipay/store"
)

// Place is where a name stands among others as people count: as texts, 2栋 comes before 10栋.
func Place(name string) string { return placeOf(name) }

// place is where something stands among others as people count: such that places in the order of their bytes are 2栋
// before 10栋, 一单元 before 二单元, A座 before B座 and 商铺2 before 商铺10. The parts are compared one after the other.
func place(parts ...string) string {
	placed := make([]string, len(parts))
	for i, part := range parts {
		placed[i] = placeOf(part)
	}
	return strings.Join(placed, " ")
}

// placeOf writes each number of a text with its length before it, so that the shorter number comes first.
func placeOf(text string) string {
	text = strings.ToLower(norm.NFKC.String(Fold(text)))
	runes := []rune(strings.ReplaceAll(text, " ", ""))
	var out strings.Builder
	for i := 0; i < len(runes); {
		if n := digits(runes[i:]); n > 0 {
			out.WriteString(counted(string(runes[i : i+n])))
			i += n
			continue
		}
		if n, count := written(runes[i:]); n > 0 {
			out.WriteString(counted(fmt.Sprint(count)))
			i += n
			continue
		}
		out.WriteRune(runes[i])
		i++
	}
	return out.String()
}

func counted(number string) string {
	number = strings.TrimLeft(number, "0")
	return fmt.Sprintf("%02d%s", min(len(number), 99), number)
}

// digits is how many digits a text begins with.
func digits(text []rune) int {
	n := slices.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if n < 0 {
		return len(text)
	}
	return n
}

const (
	figures = "零一二三四五六七八九"
	stems   = "甲乙丙丁戊己庚辛壬癸" // counted with like A, B, C
	places  = "期区组团苑栋幢座楼号单门梯层室户排弄巷段院"
)

// written reads a number in Chinese, such as 十二 or 乙, that a text begins with: how many characters, and what it
// counts. It is one only at the end of the text or before a word that is counted: 三元里 is a name.
func written(text []rune) (n, count int) {
	if s := index(stems, text[0]); s >= 0 {
		n, count = 1, s+1
	} else {
		n, count = inChinese(text)
	}
	if n > 0 && (n == len(text) || index(places, text[n]) >= 0) {
		return n, count
	}
	return 0, 0
}

// inChinese reads a number of up to three figures, as 十二, 二十, 一百零三 and 一〇三 are written.
func inChinese(text []rune) (n, count int) {
	figure, said := 0, false // said: a figure that no 十 or 百 has followed yet
	for _, r := range text {
		switch f := index(strings.ReplaceAll(figures, "零", "〇"), r); {
		case r == '十':
			if !said {
				figure = 1
			}
			count, figure, said = count+figure*10, 0, false
		case r == '百' && said:
			count, figure, said = count+figure*100, 0, false
		case r == '零' && n > 0:
			figure, said = 0, false
		case f >= 0 && said: // figure by figure
			figure = figure*10 + f
		case f >= 0:
			figure, said = f, true
		default:
			return n, count + figure
		}
		n++
	}
	return n, count + figure
}

// index is the place of a character in a text, counted in characters; -1 is nowhere.
func index(text string, r rune) int {
	return slices.Index([]rune(text), r)
}

func (u *Unit) place() string { return place(u.Building, u.Entrance, u.Room) }

// PutInOrder gives those units and communities their place that were written before there were places, community by
// community: begin is told of each before its units are written anew, some thousands a second. It is to be called
// before the lists are read; where nothing is missing it only counts. What a version without places writes meanwhile
// waits for the next call. A record that cannot be read stays out and is no error.
func (s *Service) PutInOrder(ctx context.Context, begin func(c Community, units int64)) error {
	all := store.Query{Index: "by_name"}
	whole, err := s.communities.Count(ctx, all)
	if err != nil {
		return err
	}
	placed, err := s.communities.Count(ctx, store.Query{Index: "in_order"})
	if err != nil {
		return err
	}
	return s.communities.All(ctx, all, func(c Community) error {
		if placed < whole {
			if err := rewrite(ctx, s.communities, c.ID); err != nil {
				return err
			}
		}
		return s.putUnitsInOrder(ctx, c, begin)
	})
}

func (s *Service) putUnitsInOrder(ctx context.Context, c Community, begin func(c Community, units int64)) error {
	all := store.Query{Index: "by_label", Equal: []any{c.ID}, Limit: 64, Bare: true}
	whole, err := s.units.Count(ctx, all)
	if err != nil {
		return err
	}
	placed, err := s.units.Count(ctx, store.Query{Index: "in_order", Equal: []any{c.ID}})
	if err != nil || placed == whole {
		return err
	}
	begin(c, whole)
	for {
		docs, next, err := s.units.Docs(ctx, all)
		if err != nil {
			return err
		}
		done := make(chan error)
		for _, d := range docs { // together: the store writes those that wait for it at once
			go func() { done <- rewrite(ctx, s.units, d.ID) }()
		}
		for range docs {
			if failed := <-done; failed != nil {
				err = failed
			}
		}
		if err != nil || next == "" {
			return err
		}
		all.Cursor = next
	}
}

// rewrite writes a document as it is, so that it stands in the indexes that are new. One that cannot be read stays out.
func rewrite[T any](ctx context.Context, in store.Collection[T], id string) error {
	_, err := in.Update(ctx, id, func(*T) error { return nil })
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Internal) {
		return nil
	}
	return err
}
