package property

import (
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
	zeros      = regexp.MustCompile(`(^|\D)0+(\d)`)
	ofDwelling = regexp.MustCompile(`(住宅)?小区$`)
)

// spelledRoom is a room by what it counts: 0101 and 101号 are 101.
func spelledRoom(part string) string { return spelled(part, countless) }

// spelledPlace is a building or an entrance by what it counts: 01栋, 1.0栋, 第一栋 and 1号 are 1.
func spelledPlace(part string) string { return spelled(part, gate) }

func spelled(part string, without *regexp.Regexp) string {
	pieces := strings.Split(Compact(part), "-")
	for i, piece := range pieces {
		piece = without.ReplaceAllString(piece, "")
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

// SpelledCommunity is a community's name without spaces and without the word for what it is.
func SpelledCommunity(name string) string {
	return ofDwelling.ReplaceAllString(strings.ReplaceAll(Compact(name), "-", ""), "")
}

// Alike are the ways to write a unit: its whole label, and its building and room with or without an entrance.
func (u *Unit) Alike() []string {
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
