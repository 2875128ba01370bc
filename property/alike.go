package property

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// One home and one community are written in several ways, and some of them were stored as something else before anybody
// noticed: 01栋 beside 1栋. What is spelled alike may be the same: a person has to say so by writing both alike.

var (
	countless  = regexp.MustCompile(`^第|号$`)       // 第1栋, 101号
	gate       = regexp.MustCompile(`^第|(号|楼|门)$`) // 1楼 for 1号楼, 1门 for 1单元
	pointZero  = regexp.MustCompile(`^(\d+)\.0+$`)
	aroundPart = regexp.MustCompile(`(?i)^(?:no\.|[^\p{L}\p{N}])+|[^\p{L}\p{N}]+$`)
	zeros      = regexp.MustCompile(`(^|\D)0+(\d)`)
	ofDwelling = regexp.MustCompile(`(住宅)?小区$`)
)

// figured are numbers in one sign, as figures.
var figured = strings.NewReplacer("①", "1", "②", "2", "③", "3", "④", "4", "⑤", "5", "⑥", "6", "⑦", "7", "⑧", "8",
	"⑨", "9", "⑩", "10", "ⅰ", "1", "ⅱ", "2", "ⅲ", "3", "ⅳ", "4", "ⅴ", "5", "ⅵ", "6",
	"ⅶ", "7", "ⅷ", "8", "ⅸ", "9", "ⅹ", "10")

// spelledRoom is a room by what it counts: 0101 and 101号 are 101.
func spelledRoom(part string) string { return spelled(part, countless) }

// spelledPlace is a building or an entrance by what it counts: 01栋, 1.0栋, 第一栋 and 1号 are 1.
func spelledPlace(part string) string { return spelled(part, gate) }

func spelled(part string, without *regexp.Regexp) string {
	pieces := strings.Split(Compact(parted(CleanPlace(part))), "-")
	for i, piece := range pieces {
		piece = without.ReplaceAllString(aroundPart.ReplaceAllString(figured.Replace(piece), ""), "")
		if m := pointZero.FindStringSubmatch(piece); m != nil {
			piece = m[1]
		}
		if n, count := inChinese([]rune(piece)); n > 0 && n == len([]rune(piece)) {
			piece = strconv.Itoa(count)
		}
		pieces[i] = zeros.ReplaceAllString(piece, "$1$2")
	}
	return strings.Join(pieces, "-")
}

// dotted is a place whose parts stand apart by dots: 1.1.302.
var dotted = regexp.MustCompile(`^\d+[A-Za-z]?([.。]\d+[A-Za-z]?){1,2}$`)

// spellings are the ways in which books spell the place that somebody typed, compact, as it was typed first: 1-2-302
// may stand as 一-二-302, and 三 as 3. Stored terms stay as books have them, so that what was written before is found too;
// a number of two figures at most is a place's, and longer ones are rooms, whose zeros before them may be there or not.
func spellings(text string) []string {
	if dotted.MatchString(Fold(text)) {
		text = strings.NewReplacer(".", "-", "。", "-").Replace(text)
	}
	all, parts := []string{""}, strings.Split(Compact(text), "-")
	if len(parts) > placeParts {
		return []string{Compact(text)}
	}
	for i, part := range parts {
		dash := map[bool]string{true: "-"}[i > 0]
		ways := spelledWays(part)
		if i == len(parts)-1 {
			ways = append(ways, zerosOrNot(part)...)
		}
		var longer []string
		for _, way := range ways {
			for _, before := range all {
				longer = append(longer, before+dash+way)
			}
		}
		all = longer
	}
	return all
}

// zerosOrNot is the other way to write the number of a room: 302 for 0302, and 0302 for 302.
func zerosOrNot(room string) []string {
	bare := strings.TrimLeft(room, "0")
	switch {
	case digits([]rune(room)) != len(room) || len(bare) < 3: // 0001 ends a phone
		return nil
	case bare != room:
		return []string{bare}
	case len(room) == 3:
		return []string{"0" + room}
	}
	return nil
}

// saidPlace is a building or an entrance that somebody typed with its word, which is then no other part of a place.
type saidPlace struct{ building, entrance string }

var placeSaid = regexp.MustCompile(`^(?:([^\s\-/#]+?)(?:号楼|楼栋|栋|幢|座))?[\s\-/#]*(?:([^\s\-/#]+?)单元|(\d{1,2})门\d)?`)

func said(text string) saidPlace {
	m := placeSaid.FindStringSubmatch(Fold(text))
	return saidPlace{spelledPlace(m[1]), spelledPlace(cmp.Or(m[2], m[3]))}
}

// admits reports whether a unit can be in such a place: 1栋 302 is no flat 302 of 1单元 in another building.
func (s saidPlace) admits(u *Unit) bool {
	if s.building != "" && u.Building != "" &&
		(isEntrance(u.Building) || spelledPlace(u.Building) != s.building) {
		return false
	}
	if s.entrance == "" || u.Building == "" {
		return true
	}
	if u.Entrance == "" && !strings.ContainsAny(u.Building, buildingWords) {
		return spelledPlace(u.Building) == s.entrance // the book does not say which of the two it is
	}
	return u.inEntrance(s.entrance + "单元")
}

// buildingWords are in what is a building and no entrance.
const buildingWords = "栋幢座楼"

// entranceAlone is an entrance that says so, with nothing beside it: 1单元, 第二单元, 3门.
var entranceAlone = regexp.MustCompile(`^第?([\p{Nd}\p{Han}A-Za-z]{1,3}单元|[\p{Nd}一二三四五六七八九十]{1,3}门)$`)

func isEntrance(text string) bool {
	return entranceAlone.MatchString(strings.TrimSpace(text)) && !strings.ContainsAny(text, buildingWords)
}

// inEntrance reports whether the unit is in an entrance that somebody typed. Books of estates without buildings have
// the entrance in the place of one.
func (u *Unit) inEntrance(text string) bool {
	is := u.Entrance
	if is == "" && isEntrance(u.Building) {
		is = u.Building
	}
	return is != "" && spelledPlace(is) == spelledPlace(text)
}

// placeParts are the most parts of what is a place: building, entrance, room.
const placeParts = 3

// spelledWays are the ways to spell one part, itself first.
func spelledWays(part string) []string {
	ways := []string{part}
	bare := strings.TrimPrefix(part, "第")
	count, err := strconv.Atoi(bare)
	if n, c := inChinese([]rune(bare)); n > 0 && n == len([]rune(bare)) {
		count, err = c, nil
	}
	if err != nil || count < 1 || count > 99 || digits([]rune(bare)) > 2 { // 0001 ends a phone
		return ways
	}
	for _, way := range []string{strconv.Itoa(count), writtenOut(count)} {
		if !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	}
	return ways
}

// writtenOut is a count up to 99 in Chinese: 十, 十二, 二十一.
func writtenOut(count int) string {
	figure := []rune(figures)
	tens, ones := count/10, count%10
	var out string
	if tens > 1 {
		out = string(figure[tens])
	}
	if tens > 0 {
		out += "十"
	}
	if ones > 0 {
		out += string(figure[ones])
	}
	return out
}

// SpelledCommunity is a community's name without spaces and without the word for what it is.
func SpelledCommunity(name string) string {
	return ofDwelling.ReplaceAllString(strings.ReplaceAll(Compact(name), "-", ""), "")
}

// Alike are the ways to write a unit: its whole label, and its building and room with or without an entrance. What its
// room repeats of them is said once.
func (u *Unit) Alike() []string {
	once := *u
	once.Settle()
	return once.alike()
}

func (u *Unit) alike() []string {
	building, room := spelledPlace(u.Building), spelledRoom(u.Room)
	whole := slices.DeleteFunc([]string{building, spelledPlace(u.Entrance), room}, func(s string) bool {
		return s == ""
	})
	keys := []string{"label " + u.Community + " " + strings.Join(whole, "-")}
	if building == "" {
		return keys
	}
	kind := "with "
	if Compact(u.Entrance) == "" {
		kind = "out "
	}
	return append(keys, kind+u.Community+" "+building+" "+room)
}
