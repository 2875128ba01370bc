package access

import "slices"

// Scope is where rights of a member or a client hold. Without communities and regions it is the whole company, those
// that it gets later too.
type Scope struct {
	Communities []string
	Regions     []string // the communities that are in them on the day, today and later
}

// nowhere stands among the communities of whoever has regions, so that the list is never empty, which would be the
// whole company, even where no community is in the regions. No community has this id.
const nowhere = "-"

// Whole reports whether the scope is the whole company.
func (s Scope) Whole() bool { return len(s.Communities) == 0 && len(s.Regions) == 0 }

// within is the scope with the communities that its regions hold on a day written out.
func (s Scope) within(o *Organisation, day Day) Scope {
	if len(s.Regions) == 0 {
		return s
	}
	values := append(slices.Clone(s.Communities), nowhere)
	for _, p := range o.Places {
		if slices.Contains(s.Regions, p.RegionOn(day)) {
			values = append(values, p.Community)
		}
	}
	slices.Sort(values)
	return Scope{slices.Compact(values), s.Regions}
}

// covers reports whether whoever may reach one scope, written out, may reach all of another, today and later: a region
// is covered by itself and by the whole company alone, since it may grow.
func (s Scope) covers(other Scope) bool {
	return s.Whole() || !other.Whole() && contains(s.Regions, other.Regions) &&
		contains(s.Communities, other.Communities)
}

// common is what two scopes share. Both are written out; own and others are the communities that each names itself.
func (s Scope) common(own []string, other Scope, others []string) Scope {
	if s.Whole() {
		return Scope{others, other.Regions}
	}
	if other.Whole() {
		return Scope{own, s.Regions}
	}
	values := slices.Concat(shared(own, other.Communities), shared(others, s.Communities))
	slices.Sort(values)
	return Scope{slices.Compact(values), shared(s.Regions, other.Regions)}
}

// less is what is left of a scope without what another does not hold; has and asked are the two written out. Who would
// be left nowhere keeps what they have.
func (s Scope) less(has, other, asked Scope) Scope {
	if has.covers(other) {
		return other
	}
	if left := has.common(s.Communities, asked, other.Communities); !left.Whole() {
		return left
	}
	return s
}

// contains reports whether some hold all of others.
func contains(values, others []string) bool {
	return !slices.ContainsFunc(others, func(o string) bool { return !slices.Contains(values, o) })
}

// shared are those of some that are among others too.
func shared(values, others []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(o string) bool { return !slices.Contains(others, o) })
}

// Scope is where the caller's rights hold, with the communities of their regions as this process read them last.
func (c Caller) Scope() Scope { return Scope{c.Communities, c.Regions} }

// Named are the communities within the caller's rights today, for people to read; none are all, or none at all.
func (c Caller) Named() []string {
	return slices.DeleteFunc(slices.Clone(c.Communities), func(id string) bool { return id == nowhere })
}

// WholeCompany reports whether the caller's rights hold in all of their company.
func (c Caller) WholeCompany() bool { return c.Scope().Whole() }

// Reaches reports whether a community of a company is within the caller's rights; "" is a thing of no community, which
// is for those of the whole company. Every question about where a caller's rights hold comes here.
func (c Caller) Reaches(company, community string) bool {
	return c.Company != "" && c.Company == company &&
		(c.WholeCompany() || community != "" && slices.Contains(c.Communities, community))
}
