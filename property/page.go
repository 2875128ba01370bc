package property

import (
	"slices"
	"strings"

	"linlipay/fault"
)

// pageOf is what a page holds where nobody says how much.
const pageOf = 50

// Pages reads one page of a list that is made of several parts, one after the other, of at most limit items. read gives
// a page of one part. The cursor names the part and the place within it; next is "" only where nothing follows. A
// cursor that names no part is Invalid; what read returns is returned.
func Pages[T any](parts []string, cursor string, limit int, read func(part, cursor string, limit int) ([]T, string,
	error)) (found []T, next string, err error) {
	if limit == 0 {
		limit = pageOf
	}
	first, place, err := resume(parts, cursor)
	if err != nil {
		return nil, "", err
	}
	for _, part := range parts[first:] {
		full := len(found) >= limit
		list, rest, err := read(part, place, max(1, limit-len(found)))
		switch {
		case err != nil:
			return nil, "", err
		case full && len(list) > 0: // it begins the next page
			return found, part + ".", nil
		}
		found, place = append(found, list...), ""
		if rest != "" {
			return found, part + "." + rest, nil
		}
	}
	return found, "", nil
}

// resume finds the part in which a page begins, and the place within it.
func resume(parts []string, cursor string) (first int, place string, err error) {
	if cursor == "" {
		return 0, "", nil
	}
	dot := strings.LastIndexByte(cursor, '.') // places have none
	if dot < 0 {
		return 0, "", badCursor()
	}
	first = slices.Index(parts, cursor[:dot])
	if first < 0 {
		return 0, "", badCursor()
	}
	return first, cursor[dot+1:], nil
}

func badCursor() error {
	return fault.New(fault.Invalid, "分页参数无效。", "The cursor is not one of ours.")
}
