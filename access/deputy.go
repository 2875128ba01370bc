package access

import (
	"slices"
	"time"

	"linlipay/approval"
	"linlipay/calendar"
	"linlipay/fault"
)

// Deputy is who decides in a person's place (代理) from a day to a day: all that the person may decide in their own
// right, and nothing that either of them asked for. Whom somebody else is the deputy of does not count.
type Deputy struct {
	ID      string    `json:"id"`
	Person  string    `json:"person"` // whose authority it is, as timelines name them: "staff:4f…"
	Deputy  string    `json:"deputy"` // who decides in their place
	From    Day       `json:"from"`   // the first day
	To      Day       `json:"to"`     // the last day
	NamedBy string    `json:"named_by"`
	NamedAt time.Time `json:"named_at"`
	EndedBy string    `json:"ended_by,omitempty"` // who ended it before its time
	EndedAt time.Time `json:"ended_at,omitzero"`
}

// DeputyState is where a deputy stands.
type DeputyState string

// The states of a deputy.
const (
	DeputyPlanned DeputyState = "planned" // 未开始: the first day is still to come
	DeputyActive  DeputyState = "active"  // 代理中
	DeputyOver    DeputyState = "over"    // 已到期: the last day is over
	DeputyEnded   DeputyState = "ended"   // 已终止: somebody ended it before its time
)

// DeputyStates are all of them.
func DeputyStates() []DeputyState {
	return []DeputyState{DeputyPlanned, DeputyActive, DeputyOver, DeputyEnded}
}

const (
	mostDeputies   = 500 // in an organisation's document; the audit log has those before them
	mostDeputyDays = 366
)

// State is where a deputy stands on a day.
func (d Deputy) State(today Day) DeputyState {
	switch {
	case !d.EndedAt.IsZero():
		return DeputyEnded
	case today > d.To:
		return DeputyOver
	case today < d.From:
		return DeputyPlanned
	}
	return DeputyActive
}

// lasts reports whether a deputy counts on a day or later.
func (d Deputy) lasts(today Day) bool {
	state := d.State(today)
	return state == DeputyActive || state == DeputyPlanned
}

// DeputyMatter is who asks for a deputy who gets something to decide that they did not have, and who decides: for
// themselves any who decides, and for a colleague operations.
func DeputyMatter(own bool) approval.Matter {
	m := approval.Matter{ZH: "审批代理", EN: "deputy", Asks: []string{string(Operations)},
		Decides: []string{string(Finance), string(Operations)}, Lasts: 7 * 24 * time.Hour}
	if own {
		m.Asks = m.Decides
	}
	return m
}

// check is the Invalid fault of a deputy whom nobody can have, or not from today on.
func (d Deputy) check(today Day) error {
	switch {
	case d.Person == d.Deputy:
		return wrong("deputy", "代理人须为另一人。", "A deputy is another person.")
	case d.From == "" || !d.From.valid() || d.To == "" || !d.To.valid() || d.From > d.To:
		return wrong("to", "请填写代理的起止日期，且开始不晚于结束。",
			"Say from which day to which; the first is not after the last.")
	case d.To < today:
		return wrong("to", "代理的最后一天已过。", "The last day is over already.")
	case d.tooLong():
		return wrong("to", "代理最长一年。", "A deputy is named for a year at most.")
	}
	return nil
}

// tooLong reports whether a deputy has more days than one may.
func (d Deputy) tooLong() bool {
	from, err := calendar.ParseDay(string(d.From))
	return err != nil || d.To >= DayOf(calendar.AddDays(from, mostDeputyDays))
}

// nameDeputy adds a deputy. A person has one at a time: two would both be right, and nobody would know whose decision
// it is.
func (o *Organisation) nameDeputy(d Deputy, today Day) error {
	if err := d.check(today); err != nil {
		return err
	}
	for _, other := range o.Deputies {
		if other.Person == d.Person && other.lasts(today) && other.From <= d.To && d.From <= other.To {
			return wrong("from", "自 "+string(other.From)+" 至 "+string(other.To)+" 已有代理人，请先终止或另选日期。",
				"There is a deputy from "+string(other.From)+" to "+string(other.To)+
					" already: end that first, or choose other days.")
		}
	}
	o.Deputies = append(o.Deputies, d)
	for len(o.Deputies) > mostDeputies {
		i := slices.IndexFunc(o.Deputies, func(old Deputy) bool { return !old.lasts(today) })
		if i < 0 {
			return fault.New(fault.TooMany, "代理人过多。", "There are too many deputies.")
		}
		o.Deputies = slices.Delete(o.Deputies, i, i+1)
	}
	return nil
}

// actingFor are the people whose deputy an actor is on a day, in the order in which they were named.
func (o *Organisation) actingFor(actor string, today Day) (people []string) {
	for _, d := range o.Deputies {
		if d.Deputy == actor && d.State(today) == DeputyActive {
			people = append(people, d.Person)
		}
	}
	return people
}
