package access

import (
	"slices"
	"time"

	"linlipay/audit"
	"linlipay/calendar"
	"linlipay/store"
)

// Day is a calendar day in Asia/Shanghai as yyyy-MM-dd; "" is no bound.
type Day string

// Organisation is how a company is made up: its legal entities, its regions, and which community belongs to which of
// them from which day on; and what the company has settled for itself. It is one document, so that nothing can be
// between two states: no community is ever in an entity that has closed meanwhile.
type Organisation struct {
	ID       string        `json:"id"` // the company's
	Version  int64         `json:"-"`
	Entities []LegalEntity `json:"entities"` // never empty; the first has those that nobody has placed
	Regions  []Region      `json:"regions,omitempty"`
	Places   []Place       `json:"places,omitempty"` // of the communities that somebody has placed
	Settings Settings      `json:"settings"`

	Authority AuthorityTable `json:"authority,omitzero"`
	Deputies  []Deputy       `json:"deputies,omitempty"` // in the order in which they were named, those that ended too

	Requests []OrganisationRequest `json:"requests,omitempty"` // what waits, and of each thing what was decided last

	OwesAudit audit.Owed `json:"owes_audit,omitempty"`
}

// EntityKind is what a legal entity is.
type EntityKind string

// The kinds of legal entity.
const (
	Corporation EntityKind = "corporation" // 法人: a company of its own
	Branch      EntityKind = "branch"      // 分公司: a branch with a tax number and books of its own
)

// LegalEntity is one in whose name money is taken: 法人 or 分公司. The first of a company has the company's id: what was
// made before there were entities, and says none, is its.
type LegalEntity struct {
	ID        string        `json:"id"`
	Kind      EntityKind    `json:"kind"`
	Name      string        `json:"name"`                 // as registered
	TaxNumber string        `json:"tax_number,omitempty"` // 统一社会信用代码
	Seal      string        `json:"seal,omitempty"`       // what the seal on its papers says; "" is its name
	Series    string        `json:"series,omitempty"`     // what its receipt numbers begin with (票据号段)
	Books     string        `json:"books,omitempty"`      // its set of books (账套) in the company's accounting
	Accounts  []BankAccount `json:"accounts,omitempty"`   // where institutions settle to
	From      Day           `json:"from,omitempty"`
	To        Day           `json:"to,omitempty"` // the last day
	Revision  int64         `json:"revision"`
}

// BankAccount is a legal entity's account at a bank.
type BankAccount struct {
	Bank   string `json:"bank"` // and its branch, as payers write it
	Number string `json:"number"`
}

// Region is some of a company's communities, by which rights are given.
type Region struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	From     Day    `json:"from,omitempty"`
	To       Day    `json:"to,omitempty"` // the last day
	Revision int64  `json:"revision"`
}

// Stay is where something belongs from a day on, until the next one begins: so two never overlap, and nothing lies
// between them.
type Stay struct {
	Of   string `json:"of"` // an entity's or a region's id; "" is no region
	From Day    `json:"from,omitempty"`
}

// Place is where a community has belonged and will belong. What is over is never changed.
type Place struct {
	Community string `json:"community"`
	Entities  []Stay `json:"entities,omitempty"` // by From
	Regions   []Stay `json:"regions,omitempty"`  // by From
	Revision  int64  `json:"revision"`
}

var organisations = store.Kind[Organisation]{
	Schema: audit.Declare(store.Schema{
		Name:    "organisations",
		Fields:  []store.Field{{Name: "company", Type: store.String}},
		Indexes: []store.Index{{Name: "by_company", Fields: []string{"company"}}},

		Personal: []string{"requests.*.reason", "requests.*.note"},
	}),
	ID:      func(o *Organisation) string { return o.ID },
	Version: func(o *Organisation) *int64 { return &o.Version },
	Keys: func(o *Organisation) store.Keys {
		return o.OwesAudit.Key(store.Keys{"company": {o.ID}})
	},
}

// DayOf is the day of an instant.
func DayOf(at time.Time) Day { return Day(calendar.Day(at)) }

// valid reports whether it is a day, or none.
func (d Day) valid() bool {
	at, err := calendar.ParseDay(string(d))
	return d == "" || err == nil && calendar.Day(at) == string(d)
}

// before is the day before; d is one.
func (d Day) before() Day {
	at, _ := calendar.ParseDay(string(d))
	return DayOf(calendar.AddDays(at, -1))
}

// on is what holds of some stays on a day, "" where none has begun.
func on(stays []Stay, day Day) string {
	of := ""
	for _, s := range stays {
		if s.From <= day {
			of = s.Of
		}
	}
	return of
}

// last is the last day of a stay, "" where none follows.
func last(stays []Stay, i int) Day {
	if i+1 == len(stays) {
		return ""
	}
	return stays[i+1].From.before()
}

// RegionOn is the region that the community is in on a day, "" for none.
func (p Place) RegionOn(day Day) string { return on(p.Regions, day) }

// Place is where a community has belonged; it is empty where nobody has placed it.
func (o *Organisation) Place(community string) Place {
	if i := o.placeAt(community); i >= 0 {
		return o.Places[i]
	}
	return Place{Community: community}
}

func (o *Organisation) placeAt(community string) int {
	return slices.IndexFunc(o.Places, func(p Place) bool { return p.Community == community })
}

// EntityOn is the legal entity in whose name a community's money is taken on a day: the company's first where nobody
// has placed it.
func (o *Organisation) EntityOn(community string, day Day) string {
	if of := on(o.Place(community).Entities, day); of != "" {
		return of
	}
	return o.Entities[0].ID
}

// Entity is one of the legal entities, nil for one that is not among them.
func (o *Organisation) Entity(id string) *LegalEntity {
	i := slices.IndexFunc(o.Entities, func(e LegalEntity) bool { return e.ID == id })
	if i < 0 {
		return nil
	}
	return &o.Entities[i]
}

// Region is one of the regions, nil for one that is not among them.
func (o *Organisation) Region(id string) *Region {
	i := slices.IndexFunc(o.Regions, func(r Region) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return &o.Regions[i]
}

// newOrganisation is a company with one legal entity, which has its id and its name.
func newOrganisation(company, name string, settings Settings) *Organisation {
	return &Organisation{
		ID:       company,
		Entities: []LegalEntity{{ID: company, Kind: Corporation, Name: name}},
		Settings: settings,
	}
}
