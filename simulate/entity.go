package simulate

import (
	"cmp"
	"fmt"

	"linlipay/billing"
	"linlipay/calendar"
)

// Legal entities: to which of a company's a community belongs, and so to which each bill is owed, and which merchant
// accounts collect for which. It is kept here as the world was founded; the check of entities (check_entity.go) reads
// nothing of it from what the product stored.

// entities are a world's legal entities.
type entities struct {
	owed     map[string]string // bill → the entity to which it is owed
	today    map[string]string // community → the entity to which it belongs on the day
	accounts map[string]string // merchant account → the entity that it collects for; "" is all of its company
}

func newEntities() entities {
	return entities{owed: map[string]string{}, today: map[string]string{}, accounts: map[string]string{}}
}

// second is a company's second legal entity; the first has the company's own id.
func second(company string) string { return company + "-e1" }

// belonging is to which legal entity a community belongs: since and from the month until (yyyy-MM) to another.
type belonging struct{ since, until, then string }

// in is the entity to which the community belongs in a month.
func (b belonging) in(month string) string {
	if b.until != "" && month >= b.until {
		return b.then
	}
	return b.since
}

// moves is the month from which a community that changes its entity belongs to the second: the middle of a unit's
// bills.
const moves = "2026-04"

// foundCommunities gives each entity of a company a community, and mostly one more that went from the first to the
// second.
func (w *world) foundCommunities(company string) (communities []string) {
	of := []belonging{{since: company}, {since: second(company)}}
	if w.sched.odds(700) {
		of = append(of, belonging{since: company, until: moves, then: second(company)})
	}
	for m, b := range of {
		community := fmt.Sprintf("%s-m%d", company, m)
		w.entities.today[community] = b.in(calendar.Day(w.began)[:7])
		w.foundCommunity(company, community, b)
		communities = append(communities, community)
	}
	return communities
}

// owes says to which entity a new bill is owed. Every other bill of a company's first entity is from before there were
// entities, and says none.
func (w *world) owes(b *billing.Bill, of belonging, month int) {
	w.entities.owed[b.ID] = of.in(b.Period)
	if b.Entity = of.in(b.Period); b.Entity == b.Company && month%2 == 0 {
		b.Entity = ""
	}
}

// apart reports whether some bills are owed to more than one entity: no order may have them.
func (w *world) apart(bills []string) bool {
	for _, id := range bills {
		if w.entities.owed[id] != w.entities.owed[bills[0]] {
			return true
		}
	}
	return false
}

// collectsFor reports whether a merchant account may take an entity's money.
func (w *world) collectsFor(account, entity string) bool {
	of, known := w.entities.accounts[account]
	return known && (of == "" || of == entity)
}

// entityOf is the entity whose money an order's is: that of its bills, or, where money came under a number that we
// never gave, that of the account where it lies.
func (w *world) entityOf(o *brief) string {
	if len(o.Items) > 0 && o.Items[0].PaysAhead {
		return w.entities.today[o.Community]
	}
	if len(o.Items) > 0 {
		return w.entities.owed[o.Items[0].Ref]
	}
	return cmp.Or(w.entities.accounts[o.Attempts[0].Account], o.Company)
}
