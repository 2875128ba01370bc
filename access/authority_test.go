package access

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/money"
)

// everyMatter are lines with which finance decides any amount of every matter.
func everyMatter(more ...AuthorityLine) []AuthorityLine {
	for _, m := range AuthorityMatters() {
		more = append(more, AuthorityLine{Matter: m, Role: Finance})
	}
	return more
}

// case of a refund in the community "a" that a cashier asked for, as payment makes it.
func refundOf(amount money.Fen, community, asker string) approval.Case {
	return approval.Case{Matter: approval.Matter{ZH: "退款", EN: "refund", Decides: []string{"finance"}},
		Kind: "refund", Company: "c", Community: community, Amount: amount,
		Signatures: approval.Signatures{RequestedBy: asker}}
}

// Who decides what by a table: each line is a person, a case, and whether it is theirs. Operations decide refunds up to
// ¥500, and any amount in the community "b".
func TestWhoDecidesByTheTable(t *testing.T) {
	table := AuthorityTable{Lines: everyMatter(AuthorityLine{Matter: OverRefund, Role: Operations, UpTo: 50_000},
		AuthorityLine{Matter: OverRefund, Role: Operations, Communities: []string{"b"}})}
	if err := cmp.Or(table.check(), table.complete()); err != nil {
		t.Fatal(err)
	}
	of := func(communities []string, roles ...Role) Caller {
		return Caller{Kind: StaffKind, ID: "1", Company: "c", Communities: communities, Roles: roles}
	}
	reduction := refundOf(1, "a", "")
	reduction.Kind = "reduction"
	stranger := of(nil, Finance)
	stranger.Company = "d"
	for name, c := range map[string]struct {
		who  Caller
		of   approval.Case
		with bool // by the table
		none bool // in a company that has none
	}{
		"operations, the limit":               {of(nil, Operations), refundOf(50_000, "a", ""), true, false},
		"operations, a fen more":              {of(nil, Operations), refundOf(50_001, "a", ""), false, false},
		"operations, more, where they may":    {of(nil, Operations), refundOf(50_001, "b", ""), true, false},
		"operations, another matter":          {of(nil, Operations), reduction, false, false},
		"operations of the community":         {of([]string{"a"}, Operations), refundOf(1, "a", ""), true, false},
		"operations of another":               {of([]string{"b"}, Operations), refundOf(1, "a", ""), false, false},
		"operations, of no community, more":   {of(nil, Operations), refundOf(50_001, "", ""), false, false},
		"finance, any amount":                 {of(nil, Finance), refundOf(99_999_999, "a", ""), true, true},
		"finance of another community":        {of([]string{"b"}, Finance), refundOf(1, "a", ""), false, false},
		"finance of one, of no community":     {of([]string{"b"}, Finance), refundOf(1, "", ""), false, false},
		"finance of another company":          {stranger, refundOf(1, "a", ""), false, false},
		"a cashier":                           {of(nil, Cashier), refundOf(1, "a", ""), false, false},
		"a cashier who is operations as well": {of(nil, Cashier, Operations), refundOf(1, "a", ""), true, false},
		"an auditor":                          {of(nil, Auditor), refundOf(1, "a", ""), false, false},
	} {
		if got := table.decides(c.of, c.who); got != c.with {
			t.Errorf("%s: %v by the table", name, got)
		}
		if got := (AuthorityTable{}).decides(c.of, c.who); got != c.none {
			t.Errorf("%s: %v without one", name, got)
		}
	}
}

// A table from before there was a matter says nothing of it: the matter's own roles decide that, as without a table.
func TestAMatterThatATableDoesNotKnow(t *testing.T) {
	table := AuthorityTable{Lines: []AuthorityLine{{Matter: OverRefund, Role: Operations}}}
	payout := refundOf(1, "a", "")
	payout.Kind = string(OverPayout)
	for role, decides := range map[Role]bool{Finance: true, Operations: false, Cashier: false} {
		who := Caller{Kind: StaffKind, ID: "1", Company: "c", Roles: []Role{role}}
		if table.decides(payout, who) != decides || table.decides(refundOf(1, "a", ""), who) != (role == Operations) ||
			table.grants([]Role{role}) != (role != Cashier) {
			t.Errorf("%s", role)
		}
	}
	if err := table.check(); err != nil { // it keeps no other change of the organisation from being made
		t.Error(err)
	}
}

// Tables that nobody can have, each with what the person is told of.
func TestWhatNoTableCanBe(t *testing.T) {
	line := AuthorityLine{Matter: OverRefund, Role: Operations, UpTo: 100}
	with := func(change func(*AuthorityLine)) []AuthorityLine {
		l := line
		change(&l)
		return everyMatter(l)
	}
	for name, c := range map[string]struct {
		lines []AuthorityLine
		says  string
	}{
		"a limit for all of a matter": {[]AuthorityLine{line}, "退款、减免、调减、调增、核销、作废"},
		"a matter whose only line is for one community": {append(slices.DeleteFunc(everyMatter(),
			func(l AuthorityLine) bool { return l.Matter == OverWriteOff }),
			AuthorityLine{Matter: OverWriteOff, Role: Finance, Communities: []string{"a"}}), "请为核销各设"},
		"the same line twice":  {everyMatter(line, line), "完全相同"},
		"a cashier":            {with(func(l *AuthorityLine) { l.Role = Cashier }), "收银经手钱款"},
		"an auditor":           {with(func(l *AuthorityLine) { l.Role = Auditor }), "审计员"},
		"no such matter":       {with(func(l *AuthorityLine) { l.Matter = "gift" }), "没有这种事项"},
		"less than nothing":    {with(func(l *AuthorityLine) { l.UpTo = -1 }), "限额"},
		"more than there is":   {with(func(l *AuthorityLine) { l.UpTo = mostUpTo + 1 }), "限额"},
		"a community twice":    {with(func(l *AuthorityLine) { l.Communities = []string{"a", "a"} }), "同一小区"},
		"too many lines":       {slices.Repeat(everyMatter(line), 20), "最多"},
		"a table":              {everyMatter(line), ""},
		"none":                 {nil, ""},
		"one limit per matter": {everyMatter(line, AuthorityLine{Matter: OverRefund, Role: Operations, UpTo: 200}), ""},
	} {
		table := AuthorityTable{Lines: c.lines}
		err := cmp.Or(table.check(), table.complete())
		if (err == nil) != (c.says == "") || err != nil && (!fault.Is(err, fault.Invalid) ||
			!strings.Contains(zhOf(err), c.says)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// zhOf is what a person reads of a fault.
func zhOf(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.ZH
	}
	return ""
}

// authorised is a company whose table lets operations decide refunds up to ¥500, asked for by one and approved by
// another.
func authorised(t *testing.T) (s *Service, c *clock, who map[string]Caller) {
	t.Helper()
	s, _, c, who = staffed(t)
	if err := s.Found(t.Context(), "c", "锦绣物业", DefaultSettings()); err != nil {
		t.Fatal(err)
	}
	lines := everyMatter(AuthorityLine{Matter: OverRefund, Role: Operations, UpTo: 50_000})
	o, err := s.AskAuthority(t.Context(), who["operator"], lines, Asked{Reason: "总经理办公会"})
	if err != nil {
		t.Fatal(err)
	}
	// Until another person approves it, it is as before.
	_, err = s.MayDecide(t.Context(), refundOf(1, "a", "staff:x"), who["operator2"].Actor())
	want(t, err, fault.Forbidden)
	d := approval.Decision{Request: o.Requests[0].ID, Approve: true}
	_, err = s.DecideOrganisation(t.Context(), who["operator"], d)
	want(t, err, fault.Forbidden)
	if o, err = s.DecideOrganisation(t.Context(), who["finance"], d); err != nil {
		t.Fatal(err)
	}
	if o.Authority.Revision != 1 || len(o.Authority.Lines) != len(everyMatter())+1 ||
		o.Authority.Lines[0].UpTo != 50_000 {
		t.Fatalf("%+v", o.Authority)
	}
	told := o.OwesAudit[len(o.OwesAudit)-1]
	if told.Object != "authority:c" || told.Before["decides_refund"] != "" ||
		told.After["decides_refund"] != "operations 50000, finance" {
		t.Errorf("the audit log is told %+v", told)
	}
	return s, c, who
}

func TestATableIsApprovedByAnotherAndSaysWhoDecides(t *testing.T) {
	s, _, who := authorised(t)
	ctx := t.Context()
	for name, c := range map[string]struct {
		of   approval.Case
		by   string
		code fault.Code
		says string
	}{
		"up to the limit": {refundOf(50_000, "a", "staff:x"), who["operator2"].Actor(), "", ""},
		"above it": {refundOf(50_001, "a", "staff:x"), who["operator2"].Actor(), fault.Forbidden,
			"退款 ¥500.01 须由负责该小区的财务审批"},
		"above it, finance": {refundOf(50_001, "a", "staff:x"), who["finance"].Actor(), "", ""},
		"the asker":         {refundOf(1, "a", who["finance"].Actor()), who["finance"].Actor(), fault.Forbidden, "申请人"},
		"a cashier":         {refundOf(1, "a", "staff:x"), who["li"].Actor(), fault.Forbidden, "授权表"},
		"nobody":            {refundOf(1, "a", "staff:x"), "", fault.Forbidden, ""},
		"a program":         {refundOf(1, "a", "staff:x"), "client:1", fault.Forbidden, ""},
		"the shell":         {refundOf(1, "a", "staff:x"), approval.CommandLine, fault.Forbidden, ""},
	} {
		for_, err := s.MayDecide(ctx, c.of, c.by)
		if fault.CodeOf(err) != c.code || for_ != "" || err != nil && !strings.Contains(zhOf(err), c.says) {
			t.Errorf("%s: %q %v", name, for_, err)
		}
	}
	names := func(c approval.Case) (all []string) {
		many, err := decidersOf(t, s, c)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range many {
			all = append(all, m.Name)
		}
		slices.Sort(all)
		return all
	}
	if got := names(refundOf(50_000, "a", who["operator"].Actor())); !slices.Equal(got, []string{"finance",
		"operator2"}) {
		t.Errorf("decided by %v", got)
	}
	if got := names(refundOf(50_001, "a", "staff:x")); !slices.Equal(got, []string{"finance"}) {
		t.Errorf("decided by %v", got)
	}
	if _, err := s.Disable(ctx, Shell("c"), who["operator2"].ID); err != nil {
		t.Fatal(err)
	}
	_, err := s.MayDecide(ctx, refundOf(1, "a", "staff:x"), who["operator2"].Actor())
	want(t, err, fault.Forbidden)
	// Back to no table: as before there was one.
	o, err := s.AskAuthority(ctx, Shell("c"), nil, Asked{})
	if err != nil || len(o.Authority.Lines) != 0 {
		t.Fatal(o, err)
	}
	_, err = s.MayDecide(ctx, refundOf(1, "a", "staff:x"), who["operator"].Actor())
	want(t, err, fault.Forbidden)
}

func TestATableIsRefused(t *testing.T) {
	s, _, who := authorised(t)
	ctx, operator := t.Context(), who["operator"]
	same := everyMatter(AuthorityLine{Matter: OverRefund, Role: Operations, UpTo: 50_000})
	local := operator
	local.Communities = []string{"a"}
	for name, c := range map[string]struct {
		by       Caller
		lines    []AuthorityLine
		revision int64
		code     fault.Code
	}{
		"what changes nothing":     {operator, same, 1, fault.Invalid},
		"an older revision":        {operator, everyMatter(), 0, fault.Stale},
		"of some communities":      {local, everyMatter(), 1, fault.Forbidden},
		"a cashier":                {who["li"], everyMatter(), 1, fault.Forbidden},
		"finance asks":             {who["finance"], everyMatter(), 1, fault.Forbidden},
		"a matter nobody decides":  {operator, everyMatter()[1:], 1, fault.Invalid},
		"everything to operations": {operator, onlyOperations(), 1, ""},
	} {
		if _, err := s.AskAuthority(ctx, c.by, c.lines, Asked{Revision: c.revision}); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, login := range []string{"operator", "operator2"} {
		if _, err := s.Disable(ctx, Shell("c"), who[login].ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.AskAuthority(ctx, Shell("c"), onlyOperations(), Asked{}); !fault.Is(err, fault.Invalid) ||
		!strings.Contains(zhOf(err), "没有员工可以审批") {
		t.Errorf("a table whose roles nobody has: %v", err)
	}
}

func onlyOperations() (lines []AuthorityLine) {
	for _, l := range everyMatter() {
		l.Role = Operations
		lines = append(lines, l)
	}
	return lines
}

func decidersOf(t *testing.T, s *Service, c approval.Case) ([]Caller, error) {
	t.Helper()
	b, err := s.Bench(t.Context(), c.Company)
	if err != nil {
		return nil, err
	}
	return s.Deciders(t.Context(), b, c)
}

// A deputy decides what the person could, on the days named and no others, and the decision is in the person's name.
func TestADeputyDecidesInAPersonsPlace(t *testing.T) {
	s, c, who := authorised(t)
	ctx, finance, operator := t.Context(), who["finance"], who["operator"]
	today := DayOf(c.now())
	tomorrow := DayOf(c.now().Add(24 * time.Hour))
	o, err := s.NameDeputy(ctx, finance, Deputy{Deputy: operator.Actor(), From: tomorrow, To: tomorrow}, Asked{})
	if err != nil || len(o.Deputies) != 1 || len(o.Requests) != 1 { // the table's request, decided
		t.Fatalf("%+v %v", o, err)
	}
	if told := o.OwesAudit[len(o.OwesAudit)-1]; told.Verb != audit.DeputyNamed || told.Object != finance.Actor() ||
		told.After["deputies"] != string(tomorrow+" "+tomorrow)+" "+operator.Actor() {
		t.Errorf("the audit log is told %+v", told)
	}
	large := refundOf(50_001, "a", "staff:x")
	may := func(c approval.Case, by Caller, want string, code fault.Code) {
		t.Helper()
		got, err := s.MayDecide(ctx, c, by.Actor())
		if fault.CodeOf(err) != code || got != want {
			t.Errorf("decides for %q, want %q: %v", got, want, err)
		}
		would, can := s.WouldDecide(ctx, c, by)
		if can != (code == "") || would != want {
			t.Errorf("a page says %v for %q", can, would)
		}
	}
	may(large, operator, "", fault.Forbidden) // the day before
	c.pass(24 * time.Hour)
	may(large, operator, finance.Actor(), "")
	may(refundOf(50_000, "a", "staff:x"), operator, "", "") // which is theirs already
	may(large, who["operator2"], "", fault.Forbidden)
	may(refundOf(50_001, "a", operator.Actor()), operator, "", fault.Forbidden) // the deputy asked
	may(refundOf(50_001, "a", finance.Actor()), operator, "", fault.Forbidden)  // whom they act for asked
	if many, err := decidersOf(t, s, large); err != nil || len(many) != 2 {
		t.Errorf("decided by %+v: %v", many, err)
	}
	if many, err := decidersOf(t, s, refundOf(50_001, "a", finance.Actor())); err != nil || len(many) != 0 {
		t.Errorf("decided by %+v: %v", many, err)
	}
	// Deputies of deputies do not count.
	day := tomorrow
	if _, err = s.NameDeputy(ctx, operator, Deputy{Deputy: who["operator2"].Actor(), From: day, To: day},
		Asked{}); err != nil {
		t.Fatal(err)
	}
	may(large, who["operator2"], "", fault.Forbidden)
	// Ended before its time, it counts no more, and stays on record.
	_, err = s.EndDeputy(ctx, who["li"], o.Deputies[0].ID)
	want(t, err, fault.Forbidden)
	if o, err = s.EndDeputy(ctx, finance, o.Deputies[0].ID); err != nil || o.Deputies[0].EndedBy != finance.Actor() ||
		o.Deputies[0].State(today) != DeputyEnded {
		t.Fatalf("%+v %v", o, err)
	}
	may(large, operator, "", fault.Forbidden)
	_, err = s.EndDeputy(ctx, finance, o.Deputies[0].ID)
	want(t, err, fault.WrongState)
	_, err = s.EndDeputy(ctx, finance, "nothing")
	want(t, err, fault.NotFound)
}

// The last day in Asia/Shanghai is a deputy's, and not a second more; who is disabled has no deputy.
func TestADeputysLastDay(t *testing.T) {
	s, c, who := authorised(t)
	ctx, operator := t.Context(), who["operator"]
	day := DayOf(c.now())
	if _, err := s.NameDeputy(ctx, who["finance"], Deputy{Deputy: operator.Actor(), From: day, To: day},
		Asked{}); err != nil {
		t.Fatal(err)
	}
	large := refundOf(50_001, "a", "staff:x")
	for DayOf(c.now().Add(time.Minute)) == day {
		c.pass(time.Minute)
	}
	decidedFor, err := s.MayDecide(ctx, large, operator.Actor())
	if err != nil || decidedFor != who["finance"].Actor() {
		t.Errorf("in the last minute: %q %v", decidedFor, err)
	}
	if _, err := s.Disable(ctx, Shell("c"), who["finance"].ID); err != nil {
		t.Fatal(err)
	}
	_, err = s.MayDecide(ctx, large, operator.Actor())
	want(t, err, fault.Forbidden)
	if _, err := s.Enable(ctx, Shell("c"), who["finance"].ID); err != nil {
		t.Fatal(err)
	}
	c.pass(time.Minute)
	_, err = s.MayDecide(ctx, large, operator.Actor())
	want(t, err, fault.Forbidden)
	o, err := s.Organisation(ctx, "c")
	if err != nil || o.Deputies[0].State(DayOf(c.now())) != DeputyOver {
		t.Errorf("%+v %v", o.Deputies, err)
	}
}

// Whom somebody may name, and whether another person must approve it.
func TestWhoIsNamedADeputy(t *testing.T) {
	s, c, who := authorised(t)
	ctx, operator := t.Context(), who["operator"]
	if err := s.AddStaff(ctx, Staff{Login: "north", Name: "north", Company: "c", Roles: []Role{Operations},
		Communities: []string{"a"}}, "a plum tree in north"); err != nil {
		t.Fatal(err)
	}
	today := DayOf(c.now())
	of := func(person, deputy Caller, days ...Day) Deputy {
		d := Deputy{Person: person.Actor(), Deputy: deputy.Actor(), From: today, To: today}
		if len(days) == 2 {
			d.From, d.To = days[0], days[1]
		}
		return d
	}
	north, finance := Caller{Kind: StaffKind, ID: StaffID("north")}, who["finance"]
	for name, c := range map[string]struct {
		by   Caller
		d    Deputy
		code fault.Code
	}{
		"oneself":                  {operator, of(operator, operator), fault.Invalid},
		"a cashier":                {operator, of(operator, who["li"]), fault.Invalid},
		"a cashier's":              {operator, of(who["li"], who["operator2"]), fault.Invalid},
		"somebody else's":          {who["finance"], of(operator, who["operator2"]), fault.Forbidden},
		"one of fewer communities": {operator, of(operator, north), fault.Invalid},
		"nobody":                   {operator, of(operator, Caller{Kind: StaffKind, ID: "1"}), fault.NotFound},
		"yesterday":                {operator, of(operator, finance, "2020-01-01", "2020-01-02"), fault.Invalid},
		"the end before the start": {operator, of(operator, finance, "2099-01-02", "2099-01-01"), fault.Invalid},
		"no day":                   {operator, of(operator, who["finance"], "", today), fault.Invalid},
		"no such day":              {operator, of(operator, who["finance"], today, "2099-02-30"), fault.Invalid},
		"for ten years":            {operator, of(operator, who["finance"], today, "2099-01-01"), fault.Invalid},
		"of another company":       {Caller{Kind: StaffKind, ID: "1", Company: "d"}, of(north, north), fault.Forbidden},
	} {
		if _, err := s.NameDeputy(ctx, c.by, c.d, Asked{}); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	// An administrator's naming waits for another person, who is not the deputy.
	o, err := s.NameDeputy(ctx, operator, of(who["finance"], who["operator2"]), Asked{Reason: "休假"})
	if err != nil || len(o.Deputies) != 0 {
		t.Fatalf("%+v %v", o, err)
	}
	r := o.Requests[len(o.Requests)-1]
	d := approval.Decision{Request: r.ID, Approve: true}
	for _, login := range []string{"operator", "operator2"} {
		_, err = s.DecideOrganisation(ctx, who[login], d)
		want(t, err, fault.Forbidden)
	}
	if o, err = s.DecideOrganisation(ctx, who["finance"], d); err != nil || len(o.Deputies) != 1 {
		t.Fatalf("%+v %v", o, err)
	}
	// Two at a time would leave open whose decision it is.
	_, err = s.NameDeputy(ctx, who["finance"], of(who["finance"], operator), Asked{})
	want(t, err, fault.Invalid)
	// One who has no role of the table gets something by it: that waits too, and the asker may lose the role meanwhile.
	if _, err = s.AskAuthority(ctx, Shell("c"), everyMatter(), Asked{}); err != nil {
		t.Fatal(err)
	}
	next := DayOf(c.now().Add(24 * time.Hour))
	o, err = s.NameDeputy(ctx, who["finance"], of(who["finance"], operator, next, next), Asked{})
	if err != nil || len(o.Deputies) != 1 {
		t.Fatalf("took effect at once: %+v %v", o, err)
	}
	d.Request = o.Requests[len(o.Requests)-1].ID
	if _, err = s.ChangeRights(ctx, Shell("c"), who["finance"].ID, Rights{Roles: []Role{Cashier}}); err != nil {
		t.Fatal(err)
	}
	_, err = s.DecideOrganisation(ctx, who["operator2"], d)
	want(t, err, fault.WrongState)
	// Who decides nothing has no deputy.
	_, err = s.NameDeputy(ctx, operator, of(operator, who["operator2"], next, next), Asked{})
	want(t, err, fault.Invalid)
}

// Deputies that are over give way to newer ones; those that last do not.
func TestDeputiesAreBounded(t *testing.T) {
	o := newOrganisation("c", "c", DefaultSettings())
	d := Deputy{Person: "staff:1", Deputy: "staff:2", From: "2026-01-01", To: "2026-01-01"}
	for range mostDeputies {
		if err := o.nameDeputy(d, d.From); err != nil {
			t.Fatal(err)
		}
		at, err := calendar.ParseDay(string(d.To))
		if err != nil {
			t.Fatal(err)
		}
		d.From = DayOf(calendar.AddDays(at, 1))
		d.To = d.From
	}
	if err := o.nameDeputy(d, "2026-01-01"); !fault.Is(err, fault.TooMany) {
		t.Errorf("%v", err)
	}
	o.Deputies = o.Deputies[:mostDeputies]
	if err := o.nameDeputy(d, d.From); err != nil || len(o.Deputies) != mostDeputies ||
		o.Deputies[0].From != "2026-01-02" {
		t.Errorf("%d, from %s: %v", len(o.Deputies), o.Deputies[0].From, err)
	}
}
