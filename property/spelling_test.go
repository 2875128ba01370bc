package property

import (
	"slices"
	"testing"
)

// The ways in which books spell what is typed: as it was typed first. Chinese numerals are a place's, a longer number
// is a room, and a name is none.
var spelt = map[string][]string{
	"1":           {"1", "一"},
	"一单元":         {"一", "1"},
	"01栋":         {"01", "1", "一"},
	"第三栋":         {"第三", "3", "三"},
	"十二":          {"十二", "12"},
	"20":          {"20", "二十"},
	"1栋2单元":       {"1-2", "一-2", "1-二", "一-二"},
	"302":         {"302", "0302"},
	"1-302":       {"1-302", "一-302", "1-0302", "一-0302"},
	"1-1-0302":    {"1-1-0302", "一-1-0302", "1-一-0302", "一-一-0302", "1-1-302", "一-1-302", "1-一-302", "一-一-302"},
	"1.302":       {"1-302", "一-302", "1-0302", "一-0302"},
	"100":         {"100", "0100"},
	"1201":        {"1201"},
	"一百零一":        {"一百零一"},
	"三元里":         {"三元里"},
	"A座":          {"a"},
	"1-2-3-4":     {"1-2-3-4"},
	"0001":        {"0001"},
	"J.Li":        {"j.li"},
	"0":           {"0"},
	"王一":          {"王一"},
	"13800000001": {"13800000001"},
}

func TestSpellings(t *testing.T) {
	for text, want := range spelt {
		if got := spellings(text); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// Each line is what is typed and the homes that are found, in their order: whatever numerals the books have, as stored
// by any version.
func TestNumeralsFindPlaces(t *testing.T) {
	s := openHomes(t)
	put(t, s, "1栋/1单元/201/王小明/"+ownersPhone, "1栋/二单元/201/王小明/"+ownersPhone,
		"二栋/一单元/301/王小明/"+ownersPhone, "十二栋/一单元/301/王小明/"+ownersPhone, "三栋//1一/王小明/"+ownersPhone)
	for text, want := range map[string][]string{
		"2-1-301":  {"二栋 一单元 301"},
		"2栋1单元301": {"二栋 一单元 301"},
		"二栋":       {"二栋 一单元 301"}, // and no room that begins with 2
		"2":        {"1栋 1单元 201", "1栋 二单元 201", "二栋 一单元 301"},
		"1栋2单元":    {"1栋 二单元 201"},
		"1栋201":    {"1栋 1单元 201", "1栋 二单元 201"},
		"2栋201":    nil, // 1栋 二单元 201 ends alike
		"2单元201":   {"1栋 二单元 201"},
		"1单元 301":  {"二栋 一单元 301", "十二栋 一单元 301"},
		"2 1 301":  {"二栋 一单元 301"},
		"2.1.301":  {"二栋 一单元 301"},
		"2-1-0301": {"二栋 一单元 301"},
		"２栋 301":   {"二栋 一单元 301"},
		"阳光里1栋2单元": {"1栋 二单元 201"},
		"1-2-201":  {"1栋 二单元 201"},
		"一栋一单元201": {"1栋 1单元 201"},
		"12-1-301": {"十二栋 一单元 301"},
		"3-1一":     {"三栋 1一"},
		"2-301":    {"二栋 一单元 301"},
		"4-1-301":  nil,
		"1单元":      {"1栋 1单元 201", "二栋 一单元 301", "十二栋 一单元 301"}, // an entrance alone, of any building
		"第二单元":     {"1栋 二单元 201"},
		"２门":       {"1栋 二单元 201"},
		"5单元":      nil,
		"1":        {"1栋 1单元 201", "1栋 二单元 201", "三栋 1一"}, // a number alone is a building or begins a room
	} {
		for name, find := range map[string]func(cursor string) ([]Unit, string, error){
			"staff": func(cursor string) ([]Unit, string, error) {
				return s.FindUnits(t.Context(), []string{sunshine}, text, cursor, 1)
			},
			"a terminal": func(cursor string) ([]Unit, string, error) {
				return s.FindRooms(t.Context(), []string{sunshine}, text, cursor, 1)
			},
		} {
			var got []string
			for cursor, more := "", true; more; more = cursor != "" {
				units, next, err := find(cursor)
				if err != nil {
					t.Fatal(text, err)
				}
				got, cursor = append(got, labels(units)...), next
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: %q, want %q", text, name, got, want)
			}
		}
	}
	for label, want := range map[string]string{
		"2-1-301": "二栋 一单元 301", "一栋二单元201": "1栋 二单元 201", "12栋301": "十二栋 一单元 301", "9-1-301": "",
	} {
		u, err := s.named(t.Context(), sunshine, label)
		if err != nil || (u == nil) != (want == "") || u != nil && u.Label != want {
			t.Errorf("%s is the home %+v, not %q; %v", label, u, want, err)
		}
	}
}
