package billing

import (
	"context"
	"slices"
	"strings"

	"linlipay/property"
)

// Organisation is what this package asks about a company's legal entities and regions; app knows. nil is a company of
// one entity, which has the company's id.
type Organisation interface {
	// EntityOn is the legal entity in whose name a community's money is taken on a day (yyyy-MM-dd).
	EntityOn(ctx context.Context, company, community, day string) (string, error)
	// RegionOn is the region that a community is in on a day, "" for none.
	RegionOn(ctx context.Context, company, community, day string) (string, error)
	// PrepaymentsPayDue reports whether a company's prepayments pay bills by themselves once they are due.
	PrepaymentsPayDue(ctx context.Context, company string) (bool, error)
	// Chart are the entities and regions of a company, by name.
	Chart(ctx context.Context, company string) (Chart, error)
}

// Chart are a company's legal entities and regions, as people name them.
type Chart struct {
	Entities []Named // the first has the communities that nobody has placed
	Regions  []Named
}

// Named is a legal entity or a region.
type Named struct {
	ID, Name string
	Code     string // an entity's tax number, by which it may be named too
	From, To string // the days (yyyy-MM-dd) that it is there; "" is no bound
}

// on reports whether it is there on a day.
func (n Named) on(day string) bool { return n.From <= day && (n.To == "" || day <= n.To) }

// find is the one that a text names: by its name, however it is spaced, or by its code; nil for none.
func find(all []Named, text string) *Named {
	i := slices.IndexFunc(all, func(n Named) bool {
		return spelled(n.Name) == spelled(text) || n.Code != "" && n.Code == strings.ToUpper(spelled(text))
	})
	if i < 0 {
		return nil
	}
	return &all[i]
}

// nameOf is the name of the one with an id, the id where there is none.
func nameOf(all []Named, id string) string {
	i := slices.IndexFunc(all, func(n Named) bool { return n.ID == id })
	if i < 0 {
		return id
	}
	return all[i].Name
}

func spelled(name string) string {
	return strings.ToLower(strings.ReplaceAll(property.Fold(name), " ", ""))
}

// namesOf are the names of some, as a sentence lists them; of many the first.
func namesOf(all []Named) string {
	names := make([]string, len(all))
	for i, n := range all {
		names[i] = n.Name
	}
	if len(names) > mostListed {
		return strings.Join(names[:mostListed], "、") + "…"
	}
	return strings.Join(names, "、")
}

// mostListed is how many names a sentence lists.
const mostListed = 8

// Placement is where new communities are to belong.
type Placement struct {
	Communities []string
	Entity      string // "" is the company's first
	Region      string // "" is none
	From        string // yyyy-MM-dd
}

// chart is what a workbook of a company may name.
func (s *Service) chart(ctx context.Context, company string) (Chart, error) {
	if s.organisation == nil {
		return Chart{}, nil
	}
	return s.organisation.Chart(ctx, company)
}
