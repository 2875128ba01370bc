package store

import "strings"

// Sort is the order of a list as its reader names it: by a field, smallest first, or with "-" before it largest first,
// as JSON:API has it. "" is the list's usual order.
type Sort string

// Field is what is sorted by, "" in the usual order.
func (s Sort) Field() string { return strings.TrimPrefix(string(s), "-") }

// Desc reports whether the largest, the newest or the last comes first.
func (s Sort) Desc() bool { return strings.HasPrefix(string(s), "-") }

// Reverse is the other way round.
func (s Sort) Reverse() Sort {
	if s.Desc() {
		return Sort(s.Field())
	}
	return "-" + s
}

// SortsBy are the orders by each of some fields, each followed by its reverse. The first is a list's usual one.
func SortsBy(each ...Sort) []Sort {
	var sorts []Sort
	for _, s := range each {
		sorts = append(sorts, s, s.Reverse())
	}
	return sorts
}
