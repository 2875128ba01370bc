package property

import (
	"regexp"
	"slices"
	"strings"
)

// Books say twice where a home is: in columns of their own, and again before the room, as in 1-1-101 or 1栋1单元101
// beside 1栋 and 1单元. That is the home 101, and no second one beside it.

var (
	// partings stand between the parts of a place.
	partings = regexp.MustCompile(`(?:号楼|楼栋|单元|[栋幢座#/_\p{Pd}\x{2212}\s])+`)
	// partingWords do so where another part follows: 1号1单元401, 1门101, but not 101号.
	partingWords = regexp.MustCompile(`(?:号楼|楼栋|[号楼门])([0-9A-Za-z一二三四五六七八九十])`)
	// partingSigns do so between numbers: 1.1.202, 1~1~101, 1·1·101.
	partingSigns = regexp.MustCompile(`(\d[A-Za-z]?)[.。｡~～〜·•・･](\d)`)
	// noParts is a number that a program wrote with its point: 1.0.
	noParts = regexp.MustCompile(`^[^.]*\d\.0+\D*$`)
	// placeNumber is a building or an entrance, spelled, of which two differ where they are not the same: 南区 beside a
	// room 1-1-101 is something else, which the room does not repeat.
	placeNumber = regexp.MustCompile(`^(\d{1,2}|[a-z])$`)
	// roomNumber is a room that has its floor in it: 1-2 may be a room as a whole, 1-102 has a place before it.
	roomNumber = regexp.MustCompile(`\d{3}`)
)

// parted is a place with a dash wherever its parts stand apart, whatever was typed there.
func parted(text string) string {
	text = partingWords.ReplaceAllString(strings.Trim(text, edges), "-$1")
	if noParts.MatchString(text) {
		return text
	}
	for range 2 { // one number may stand between two signs
		text = partingSigns.ReplaceAllString(text, "$1-$2")
	}
	return text
}

// partsOf are the parts of a place as they were typed.
func partsOf(text string) []string {
	text = parted(text)
	return slices.DeleteFunc(partings.Split(text, -1), func(s string) bool { return s == "" })
}

// numbersOf are the parts of a place as they count.
func numbersOf(parts ...string) (list []string) {
	for _, p := range parts {
		list = append(list, spelledPlace(p))
	}
	return list
}

// Settle takes from the room what it repeats of the building and the entrance beside it; one of these that has nothing
// beside a room of three parts is filled in. False is a room that names another place than stands beside it; the unit
// is then as it was. A room that repeats nothing, such as 1-2 or 101-1, stays.
func (u *Unit) Settle() bool {
	parts := partsOf(u.Room)
	last := len(parts) - 1
	if last < 1 || u.Building == "" && u.Entrance == "" {
		return true
	}
	repeats := repeat{numbersOf(parts[:last]...), numbersOf(partsOf(u.Building)...), numbersOf(partsOf(u.Entrance)...),
		said(u.Room)}
	switch {
	case last == 1 && !roomNumber.MatchString(parts[last]):
		return true
	case repeats.all(), repeats.one():
	case repeats.entranceOnly():
		u.Entrance = parts[last-1]
	case repeats.buildingOnly():
		u.Building = parts[last-2]
	default:
		return !repeats.another()
	}
	u.Room = parts[last]
	return true
}

// repeat is what stands before a room, beside the building and the entrance of the same home.
type repeat struct {
	before, building, entrance []string
	said                       saidPlace // what it names by its word
}

// all reports whether both are repeated, or the one that there is. 1-101 beside 1栋 alone may be of 1单元: a building
// without an entrance is repeated only by its word.
func (r repeat) all() bool {
	return slices.Equal(r.before, slices.Concat(r.building, r.entrance)) &&
		(len(r.entrance) > 0 || len(r.before) > 1 || r.said.building != "")
}

// one reports whether one of the two is repeated: 1-101 in 1单元, 3-101 in 3栋.
func (r repeat) one() bool {
	return len(r.building) > 0 && len(r.entrance) > 0 && (r.said.building == "" && slices.Equal(r.before, r.entrance) ||
		r.said.entrance == "" && slices.Equal(r.before, r.building))
}

// entranceOnly reports whether the room repeats the building and names an entrance, which has no column.
func (r repeat) entranceOnly() bool {
	n := len(r.before) - 1
	return n > 0 && len(r.entrance) == 0 && slices.Equal(r.before[:n], r.building)
}

// buildingOnly reports whether the room repeats the entrance and names a building, which has no column.
func (r repeat) buildingOnly() bool {
	return len(r.before) == 2 && len(r.building) == 0 && slices.Equal(r.before[1:], r.entrance)
}

// another reports whether the room names another place.
func (r repeat) another() bool {
	if len(r.before) == 1 && len(r.entrance) == 0 && r.said.building == "" {
		return false // 2-101 in 1栋 is in its 2单元
	}
	isNumber := func(s string) bool { return placeNumber.MatchString(s) }
	for _, list := range [][]string{r.before, r.building, r.entrance} {
		if slices.ContainsFunc(list, func(s string) bool { return !isNumber(s) }) {
			return false
		}
	}
	return true
}
