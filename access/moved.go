package access

// Moved is one thing that a move would change: where a community belongs from a day on.
type Moved struct {
	Community     string
	Region        bool // else the legal entity
	From          Day
	Before, After string // an entity's or a region's id; "" is no region
}

// Moved are what a move would change: of each community on the move's day, and on each later day for which another move
// was decided. It takes the place of those, so that whoever approved it without seeing them would undo them unawares.
func (o *Organisation) Moved(m Move) (all []Moved) {
	for _, c := range m.Communities {
		p := o.Place(c)
		if m.Entity != "" {
			all = append(all, Moved{c, false, m.From, o.EntityOn(c, m.From), m.Entity})
			all = append(all, undone(p.Entities, Moved{Community: c, From: m.From, After: m.Entity})...)
		}
		if m.Region != "" || m.NoRegion {
			all = append(all, Moved{c, true, m.From, p.RegionOn(m.From), m.Region})
			all = append(all, undone(p.Regions, Moved{Community: c, Region: true, From: m.From, After: m.Region})...)
		}
	}
	return all
}

// undone are the later stays whose place a move takes.
func undone(stays []Stay, by Moved) (all []Moved) {
	for _, s := range stays {
		if s.From > by.From && s.Of != by.After {
			all = append(all, Moved{by.Community, by.Region, s.From, s.Of, by.After})
		}
	}
	return all
}
