package access

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
)

// The first is the example of GB 32100-2015; the others are public companies'.
var creditCodes = []string{"91350100M000100Y43", "91110000802100433B", "9144030071526726XG", "91330100799655058B"}

func TestCreditCodesAreChecked(t *testing.T) {
	for _, code := range creditCodes {
		if err := CheckCreditCode(code); err != nil {
			t.Errorf("%s: %v", code, err)
		}
		for i := range code { // every single slip is seen
			for _, c := range creditDigits {
				slip := code[:i] + string(c) + code[i+1:]
				if err := CheckCreditCode(slip); (err == nil) != (slip == code) {
					t.Errorf("%s for %s: %v", slip, code, err)
				}
			}
		}
	}
	for _, code := range []string{"", "91350100M000100Y4", "91350100M000100Y433", "91350100m000100y43",
		"91350100I000100Y43", "９１３５01"} {
		if err := CheckCreditCode(code); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", code, err)
		}
	}
}

// founded is a company with two regions, a branch, and its people.
func founded(t *testing.T) (s *Service, who map[string]Caller, branch, north, south string) {
	t.Helper()
	s, _, _, who = staffed(t)
	if err := s.Found(t.Context(), "c", "锦绣物业", DefaultSettings()); err != nil {
		t.Fatal(err)
	}
	shell := Shell("c")
	o, err := s.AskEntity(t.Context(), shell, LegalEntity{Name: "锦绣物业上海分公司", Kind: Branch,
		TaxNumber: creditCodes[0]}, Asked{})
	if err != nil {
		t.Fatal(err)
	}
	branch = o.Entities[1].ID
	for _, name := range []string{"北区", "南区"} {
		if o, err = s.PutRegion(t.Context(), shell, Region{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	return s, who, branch, o.Regions[0].ID, o.Regions[1].ID
}

// What is asked for is in force only when another person has approved it, and each step stands in the audit log with
// what was and what is.
func TestAnEntityIsApprovedByAnother(t *testing.T) {
	s, who, branch, _, _ := founded(t)
	ctx := t.Context()
	operator := who["operator"]
	o, err := s.Organisation(ctx, "c")
	if err != nil {
		t.Fatal(err)
	}
	e := *o.Entity(branch)
	e.Accounts = []BankAccount{{"工商银行上海分行", "1001 2345-6789 0123456"}}
	if _, err = s.AskEntity(ctx, operator, e, Asked{Revision: 9}); !fault.Is(err, fault.Stale) {
		t.Errorf("on another revision than there is: %v", err)
	}
	o, err = s.AskEntity(ctx, operator, e, Asked{Revision: e.Revision, Reason: "新开户"})
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Entity(branch).Accounts) != 0 {
		t.Fatal("in force before anybody approved")
	}
	r := o.Requests[len(o.Requests)-1]
	d := approval.Decision{Request: r.ID, Approve: true}
	if _, err = s.DecideOrganisation(ctx, operator, d); !fault.Is(err, fault.Forbidden) {
		t.Errorf("whoever asked approved: %v", err)
	}
	if _, err = s.DecideOrganisation(ctx, who["li"], d); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a cashier approved: %v", err)
	}
	if _, err = s.AskEntity(ctx, who["operator2"], e, Asked{Revision: e.Revision}); !fault.Is(err, fault.WrongState) {
		t.Errorf("beside what waits: %v", err)
	}
	if o, err = s.DecideOrganisation(ctx, who["finance"], d); err != nil {
		t.Fatal(err)
	}
	if a := o.Entity(branch).Accounts; len(a) != 1 || a[0].Number != "1001234567890123456" {
		t.Errorf("%+v", a)
	}
	if _, err = s.AskEntity(ctx, operator, *o.Entity(branch), Asked{Revision: e.Revision + 1}); !fault.Is(err,
		fault.Invalid) {
		t.Errorf("what changes nothing: %v", err)
	}
	var approved audit.Event
	for _, e := range o.OwesAudit {
		if e.Verb == audit.OrganisationApproved {
			approved = e
		}
	}
	if approved.Object != "entity:"+branch || approved.Before["accounts"] != "" ||
		approved.After["accounts"] == "" || approved.After["name"] != "" || approved.After["request"] != r.ID {
		t.Errorf("the audit log is told %+v", approved)
	}
}

// What each of these would make is refused, whoever asks.
func TestWhatNoOrganisationCanBe(t *testing.T) {
	s, who, branch, north, _ := founded(t)
	ctx, shell := t.Context(), Shell("c")
	if _, err := s.AskMove(ctx, shell, Move{Communities: []string{"a"}, Entity: branch, Region: north,
		From: "2026-01-01"}, Asked{}); err != nil {
		t.Fatal(err)
	}
	entity := func(change func(*LegalEntity)) func(Caller) error {
		return func(by Caller) error {
			o, err := s.Organisation(ctx, "c")
			if err != nil {
				return err
			}
			e := *o.Entity(branch)
			change(&e)
			_, err = s.AskEntity(ctx, by, e, Asked{Revision: e.Revision})
			return err
		}
	}
	move := func(m Move) func(Caller) error {
		return func(by Caller) error {
			o, _ := s.Organisation(ctx, "c")
			_, err := s.AskMove(ctx, by, m, Asked{Revision: o.RevisionOf(&OrganisationRequest{Move: &m})})
			return err
		}
	}
	for name, c := range map[string]struct {
		do   func(Caller) error
		code fault.Code
	}{
		"a wrong tax number": {entity(func(e *LegalEntity) { e.TaxNumber = "91350100M000100Y44" }),
			fault.Invalid},
		"no tax number": {entity(func(e *LegalEntity) { e.TaxNumber = "" }),
			fault.Invalid},
		"the name of another": {entity(func(e *LegalEntity) { e.Name = "锦绣物业" }),
			fault.Invalid},
		"no name": {entity(func(e *LegalEntity) { e.Name = " " }),
			fault.Invalid},
		"no such kind": {entity(func(e *LegalEntity) { e.Kind = "club" }),
			fault.Invalid},
		"from after to": {entity(func(e *LegalEntity) { e.From, e.To = "2026-03-01", "2026-02-01" }),
			fault.Invalid},
		"no day": {entity(func(e *LegalEntity) { e.From = "2026-02-30" }),
			fault.Invalid},
		"letters in a number": {entity(func(e *LegalEntity) { e.Accounts = []BankAccount{{"工行", "12a4567890"}} }),
			fault.Invalid},
		"closed over its own": {entity(func(e *LegalEntity) { e.To = "2026-12-31" }),
			fault.Invalid},
		"begun after its own": {entity(func(e *LegalEntity) { e.From = "2026-06-01" }),
			fault.Invalid},
		"a lower-case series": {entity(func(e *LegalEntity) { e.Series = "sh" }),
			fault.Invalid},
		"an entity not ours": {entity(func(e *LegalEntity) { e.ID = "other" }),
			fault.NotFound},
		"to an unknown entity": {move(Move{Communities: []string{"b"}, Entity: "x", From: "2026-01-01"}),
			fault.NotFound},
		"to an unknown region": {move(Move{Communities: []string{"b"}, Region: "x", From: "2026-01-01"}),
			fault.NotFound},
		"from no day": {move(Move{Communities: []string{"b"}, Entity: branch}),
			fault.Invalid},
		"nowhere": {move(Move{Communities: []string{"b"}, From: "2026-01-01"}),
			fault.Invalid},
		"nobody": {move(Move{Entity: branch, From: "2026-01-01"}),
			fault.Invalid},
		"one community twice": {move(Move{Communities: []string{"b", "d", "b"}, Entity: branch, From: "2026-01-01"}),
			fault.Invalid},
		"a region and none": {move(Move{Communities: []string{"b"}, Region: north, NoRegion: true, From: "2026-01-01"}),
			fault.Invalid},
		"where it is": {move(Move{Communities: []string{"a"}, Entity: branch, From: "2026-05-01"}),
			fault.Invalid},
		"into what has been": {move(Move{Communities: []string{"a"}, Entity: "c", From: "2025-01-01"}),
			fault.Invalid},
		"the first closed": {func(by Caller) error {
			_, err := s.AskEntity(ctx, by, LegalEntity{ID: "c", Name: "锦绣物业", To: "2026-12-31"}, Asked{})
			return err
		}, fault.Invalid},
		"a region of that name": {func(by Caller) error {
			_, err := s.PutRegion(ctx, by, Region{Name: "北区"})
			return err
		}, fault.Invalid},
		"a region closed over its own": {func(by Caller) error {
			_, err := s.PutRegion(ctx, by, Region{ID: north, Name: "北区", To: "2026-12-31", Revision: 1})
			return err
		}, fault.Invalid},
		"a limit of millions": {func(by Caller) error {
			_, err := s.AskSettings(ctx, by, Settings{Unapplied: "refund", RefundLimit: 1e9, DeskMinutes: 5,
				PhoneMinutes: 15, PartPayments: "desk", Prepayments: "on_request"}, Asked{})
			return err
		}, fault.Invalid},
		"no policy": {func(by Caller) error {
			_, err := s.AskSettings(ctx, by, Settings{Unapplied: "keep", DeskMinutes: 5, PhoneMinutes: 15,
				PartPayments: "desk", Prepayments: "on_request"}, Asked{})
			return err
		}, fault.Invalid},
	} {
		for _, by := range []Caller{who["operator"], shell} {
			before, _ := s.Organisation(ctx, "c")
			if err := c.do(by); fault.CodeOf(err) != c.code {
				t.Errorf("%s, by %s: %v, not %q", name, by.Kind, err, c.code)
			}
			if after, _ := s.Organisation(ctx, "c"); after.Version != before.Version {
				t.Errorf("%s, by %s: something changed", name, by.Kind)
			}
		}
	}
	north2 := who["operator"]
	north2.Communities = []string{"a"}
	if _, err := s.AskSettings(ctx, north2, Settings{Unapplied: "person", DeskMinutes: 5, PhoneMinutes: 15,
		PartPayments: "desk", Prepayments: "on_request"},
		Asked{}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by somebody of one community: %v", err)
	}
}

// day is the nth day of the year in which the tests move things.
func day(n int) Day { return DayOf(time.Date(2026, 1, 1, 4, 0, 0, 0, time.UTC).AddDate(0, 0, n)) }

// Communities move about, from days in the past and the future. Where each belongs on a day is computed a second time,
// as a calendar in which every move paints its day and all after it; and nobody reaches more or less than their rights
// say on that day.
func TestWhereACommunityBelongs(t *testing.T) {
	const days = 40
	communities := []string{"a", "b", "c", "d"}
	rapid.Check(t, func(t *rapid.T) {
		o := newOrganisation("c", "锦绣物业", DefaultSettings())
		o.Entities = append(o.Entities, LegalEntity{ID: "e2", Kind: Branch, Name: "二", TaxNumber: creditCodes[0]},
			LegalEntity{ID: "e3", Kind: Branch, Name: "三", TaxNumber: creditCodes[1]})
		o.Regions = []Region{{ID: "north", Name: "北"}, {ID: "south", Name: "南"}}
		entity, region := map[string][days]string{}, map[string][days]string{}
		for _, c := range communities {
			entity[c] = [days]string{}
			painted := entity[c]
			for d := range days {
				painted[d] = "c"
			}
			entity[c], region[c] = painted, [days]string{}
		}
		today := 0
		for range rapid.IntRange(1, 12).Draw(t, "moves") {
			today = min(days-1, today+rapid.IntRange(0, 6).Draw(t, "later"))
			from := rapid.IntRange(0, days-1).Draw(t, "from")
			m := Move{Communities: []string{rapid.SampledFrom(communities).Draw(t, "community")}, From: day(from)}
			none, painted := "", region
			if rapid.Bool().Draw(t, "entity") {
				m.Entity = rapid.SampledFrom([]string{"c", "e2", "e3"}).Draw(t, "to")
				none, painted = "c", entity
			} else if m.Region = rapid.SampledFrom([]string{"", "north", "south"}).Draw(t, "to"); m.Region == "" {
				m.NoRegion = true
			}
			c := m.Communities[0]
			before := o.clone()
			err := o.apply(&OrganisationRequest{Move: &m}, day(today))
			changes := false
			row := painted[c]
			for d := from; d < days; d++ {
				changes = changes || row[d] != m.Entity+m.Region
				row[d] = m.Entity + m.Region
			}
			if had := painted[c]; moved(had[from:min(max(from, today+1), days)], had[:from], none) {
				if !fault.Is(err, fault.Invalid) {
					t.Fatalf("%+v on %s wrote into what had begun: %v", m, day(today), err)
				}
				o = before
				continue
			}
			if err != nil && changes {
				t.Fatalf("%+v on %s: %v", m, day(today), err)
			}
			if err != nil {
				o = before
				continue
			}
			painted[c] = row
		}
		for _, c := range communities {
			for d := range days {
				if got := o.EntityOn(c, day(d)); got != entity[c][d] {
					t.Fatalf("%s is in %s on %s, not %s: %+v", c, got, day(d), entity[c][d], o.Place(c))
				}
				if got := o.Place(c).RegionOn(day(d)); got != region[c][d] {
					t.Fatalf("%s is in region %q on %s, not %q", c, got, day(d), region[c][d])
				}
			}
		}
		d := rapid.IntRange(0, days-1).Draw(t, "day")
		draw := func(from []string, what string) []string {
			return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, 2, rapid.ID[string]).Draw(t, what)
		}
		has := Scope{draw(communities, "has communities"), draw([]string{"north", "south"}, "has regions")}
		c := Caller{Company: "c", Communities: has.within(o, day(d)).Communities, Regions: has.Regions}
		for _, one := range communities {
			want := len(has.Communities)+len(has.Regions) == 0 || slices.Contains(has.Communities, one) ||
				region[one][d] != "" && slices.Contains(has.Regions, region[one][d])
			if c.Reaches("c", one) != want || c.Reaches("another", one) {
				t.Fatalf("%+v reaches %s on %s: %v", has, one, day(d), !want)
			}
		}
		if c.Reaches("c", "") != (len(has.Communities)+len(has.Regions) == 0) {
			t.Fatalf("%+v and what is of no community", has)
		}
	})
}

// moved reports whether some days differ from each other or from the day before them, which is none where there is no
// such day.
func moved(values, before []string, none string) bool {
	was := none
	if len(before) > 0 {
		was = before[len(before)-1]
	}
	return slices.ContainsFunc(values, func(of string) bool {
		changed := of != was
		was = of
		return changed
	})
}

// A member of a region reaches what is in it today, and what joins it; taking rights never gives any, and what is left
// is nothing that they did not have or that was not asked for.
func TestRightsByRegion(t *testing.T) {
	s, who, _, north, south := founded(t)
	ctx, shell := t.Context(), Shell("c")
	place := func(community, region string) {
		t.Helper()
		if _, err := s.AskMove(ctx, shell, Move{Communities: []string{community}, Region: region,
			From: DayOf(s.now())}, Asked{}); err != nil {
			t.Fatal(err)
		}
	}
	li, err := s.Login(ctx, "li", "a plum tree in li", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	of := opening(t, s, li.Caller())
	north1 := Rights{Roles: []Role{Cashier}, Regions: []string{north}}
	if _, err = s.ChangeRights(ctx, shell, li.ID, north1); err != nil {
		t.Fatal(err)
	}
	reached := func() string {
		c := verified(t, s, of.Access)
		text := ""
		for _, one := range []string{"a", "b", "d"} {
			if c.Reaches("c", one) {
				text += one
			}
		}
		return text
	}
	if got := reached(); got != "" {
		t.Errorf("an empty region reaches %q", got)
	}
	if m, _ := s.staff.Get(ctx, li.ID); m.Caller().WholeCompany() {
		t.Error("a region whose communities were not read is the whole company")
	}
	place("a", north)
	place("b", south)
	if got := reached(); got != "a" {
		t.Errorf("a region of one reaches %q", got)
	}
	regional := who["operator"]
	regional.Regions, regional.Communities = []string{north}, []string{nowhere, "a"}
	for name, c := range map[string]struct {
		r    Rights
		code fault.Code
	}{
		"its region":        {Rights{Roles: []Role{Cashier}, Regions: []string{north}}, ""},
		"a community of it": {Rights{Roles: []Role{Cashier}, Communities: []string{"a"}}, ""},
		"another region":    {Rights{Roles: []Role{Cashier}, Regions: []string{south}}, fault.Forbidden},
		"both":              {Rights{Roles: []Role{Cashier}, Regions: []string{north, south}}, fault.Forbidden},
		"another community": {Rights{Roles: []Role{Cashier}, Communities: []string{"b"}}, fault.Forbidden},
		"the whole company": {Rights{Roles: []Role{Cashier}}, fault.Forbidden},
	} {
		_, _, err := s.Add(ctx, regional, fmt.Sprintf("new%d", len(name)), "新人", c.r)
		if fault.CodeOf(err) != c.code {
			t.Errorf("%s given by one of a region: %v", name, err)
		}
	}
	one := who["operator"]
	one.Communities = []string{"a"}
	if _, _, err := s.Add(ctx, one, "wide", "新人", Rights{Roles: []Role{Cashier},
		Regions: []string{north}}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a region, which may grow, was given by one of its communities: %v", err)
	}
}

// Whatever rights somebody has and others ask for them: what is left at once is within both.
func TestNarrowingGivesNothing(t *testing.T) {
	o := newOrganisation("c", "c", DefaultSettings())
	o.Regions = []Region{{ID: "n", Name: "n"}, {ID: "s", Name: "s"}}
	o.Places = []Place{{Community: "a", Regions: []Stay{{Of: "n"}}}, {Community: "b", Regions: []Stay{{Of: "s"}}}}
	all := []string{"a", "b", "d"}
	reach := func(s Scope) map[string]bool {
		entries := map[string]bool{}
		for _, c := range all {
			in := o.Place(c).RegionOn("2026-01-01")
			entries[c] = s.Whole() || slices.Contains(s.Communities, c) || in != "" && slices.Contains(s.Regions, in)
		}
		for _, r := range []string{"n", "s"} { // and what it may become
			entries["later "+r] = s.Whole() || slices.Contains(s.Regions, r)
		}
		return entries
	}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(from []string, what string) []string {
			return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, 3, rapid.ID[string]).Draw(t, what)
		}
		scope := func(what string) Scope {
			return Scope{draw(all, what), draw([]string{"n", "s"}, what)}
		}
		has, asked := scope("has"), scope("asked")
		m := &Staff{Roles: []Role{Cashier}, Communities: has.Communities, Regions: has.Regions}
		r := Rights{Roles: []Role{Cashier}, Communities: asked.Communities, Regions: asked.Regions}
		gives := m.gives(r, has.within(o, "2026-01-01"))
		m.narrow(r, has.within(o, "2026-01-01"), asked.within(o, "2026-01-01"))
		left, before, wanted := reach(m.scope()), reach(has), reach(asked)
		for c := range maps.Keys(left) {
			if left[c] && !before[c] {
				t.Fatalf("%+v narrowed to %+v gives %s: %+v", has, asked, c, m.scope())
			}
			if !gives && left[c] != (before[c] && wanted[c]) {
				t.Fatalf("%+v narrowed to %+v, which gives nothing, is %+v", has, asked, m.scope())
			}
			if wanted[c] && !before[c] && !gives {
				t.Fatalf("%+v to %+v gives %s and was not asked for", has, asked, c)
			}
		}
	})
}
