package access

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
)

// Who decides refunds and corrections of bills, by the company's table (授权表) and by who is whose deputy (代理).

// Bench are those of a company who may be asked to decide, as they are at a time. One goroutine uses it.
type Bench struct {
	o      *Organisation
	people map[string]Caller // the enabled ones, by how timelines name them
	order  []Caller          // the same people, as the store has them
	askers []string          // who counts as the asker of the case beside whoever asked
	today  Day
}

// isAsker reports whether an actor asked for a case, or has held a key of the program that did.
func (b *Bench) isAsker(c approval.Case, actor string) bool {
	return actor == c.RequestedBy || slices.Contains(b.askers, actor)
}

// judge says for whom an actor decides a case, "" for themselves, and whether they may. Their own right comes first,
// then that of those whose deputy they are, in the order in which they were named.
func (b *Bench) judge(c approval.Case, actor string) (decidedFor string, may bool) {
	who, known := b.people[actor]
	if !known || b.isAsker(c, actor) {
		return "", false
	}
	if b.o.Authority.decides(c, who) {
		return "", true
	}
	if !who.Reaches(c.Company, c.Community) || !who.mayBeDeputy() {
		return "", false
	}
	for _, person := range b.o.actingFor(actor, b.today) {
		if p, known := b.people[person]; known && !b.isAsker(c, person) && b.o.Authority.decides(c, p) {
			return person, true
		}
	}
	return "", false
}

// mayBeDeputy reports whether somebody has a role that may decide at all.
func (c Caller) mayBeDeputy() bool {
	return slices.ContainsFunc(c.Roles, func(r Role) bool { return slices.Contains(DecidingRoles(), r) })
}

// MayDecide implements approval.Authority by the company's table and its deputies, read now.
func (s *Service) MayDecide(ctx context.Context, c approval.Case, by string) (decidedFor string, err error) {
	o, err := s.organisations.Get(ctx, c.Company)
	if fault.Is(err, fault.NotFound) {
		o, err = newOrganisation(c.Company, c.Company, Settings{}), nil
	}
	if err != nil {
		return "", err
	}
	b := &Bench{o: o, people: map[string]Caller{}, today: DayOf(s.now())}
	for _, actor := range append(o.actingFor(by, b.today), by) {
		if err := s.seat(ctx, b, c.Company, actor); err != nil {
			return "", err
		}
	}
	return s.judged(ctx, b, c, by)
}

// WouldDecide is MayDecide for a page that shows whether the caller may: by what this process read at most standingLife
// ago, and without a fault.
func (s *Service) WouldDecide(ctx context.Context, c approval.Case, by Caller) (decidedFor string, may bool) {
	if by.Kind != StaffKind || by.Company != c.Company || !by.mayBeDeputy() {
		return "", false
	}
	o, err := s.chart(ctx, c.Company)
	if err != nil {
		return "", false
	}
	b := &Bench{o: o, people: map[string]Caller{by.Actor(): by}, today: DayOf(s.now())}
	for _, person := range o.actingFor(by.Actor(), b.today) {
		if s.seat(ctx, b, c.Company, person) != nil {
			return "", false
		}
	}
	decidedFor, err = s.judged(ctx, b, c, by.Actor())
	return decidedFor, err == nil
}

// Bench reads a company's staff, table and deputies, for a page that says who may decide: the table and the deputies as
// this process read them at most standingLife ago.
func (s *Service) Bench(ctx context.Context, company string) (*Bench, error) {
	all, err := s.Everybody(ctx, company)
	if err != nil {
		return nil, err
	}
	o, err := s.chart(ctx, company)
	if err != nil {
		return nil, err
	}
	b := &Bench{o: o, people: map[string]Caller{}, today: DayOf(s.now())}
	for i := range all {
		who, err := s.Reaching(ctx, &all[i])
		if err != nil {
			return nil, err
		}
		if !all[i].Disabled {
			b.people[who.Actor()] = who
			b.order = append(b.order, who)
		}
	}
	return b, nil
}

// Deciders are all of a bench who may decide a case, each once, and not whoever asked for it.
func (s *Service) Deciders(ctx context.Context, b *Bench, c approval.Case) (many []Caller, err error) {
	if b.askers, err = s.keyHolders(ctx, c.RequestedBy); err != nil {
		return nil, err
	}
	for _, who := range b.order {
		if _, may := b.judge(c, who.Actor()); may {
			many = append(many, who)
		}
	}
	return many, nil
}

// judged says for whom an actor of a bench decides a case, or is the Forbidden fault of one who may not.
func (s *Service) judged(ctx context.Context, b *Bench, c approval.Case, by string) (decidedFor string, err error) {
	if b.askers, err = s.keyHolders(ctx, c.RequestedBy); err != nil {
		return "", err
	}
	decidedFor, may := b.judge(c, by)
	if may {
		return decidedFor, nil
	}
	if err := c.Matter.AnotherPerson(c.Signatures, by); err != nil {
		return "", err
	}
	for _, person := range b.o.actingFor(by, b.today) {
		if p, known := b.people[person]; known && b.isAsker(c, person) && b.o.Authority.decides(c, p) {
			return "", fault.New(fault.Forbidden, "这是您所代理的人提交的，代理人不能审批，请由另一人审批。",
				"Whoever you are the deputy of asked for this: another person must decide it.")
		}
	}
	return "", b.o.Authority.beyond(c)
}

// seat adds a member of a company's staff to a bench; who is disabled or is not there stays out.
func (s *Service) seat(ctx context.Context, b *Bench, company, actor string) error {
	id, ok := strings.CutPrefix(actor, string(StaffKind)+":")
	if !ok {
		return nil
	}
	m, err := s.staff.Get(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || m.Disabled || m.Company != company {
		return err
	}
	who, err := s.Reaching(ctx, m)
	b.people[actor] = who
	return err
}

// keyHolders are those who made keys of the program that asked, and so could have asked themselves.
func (s *Service) keyHolders(ctx context.Context, actor string) (people []string, err error) {
	id, ok := strings.CutPrefix(actor, string(ClientKind)+":")
	if !ok {
		return nil, nil
	}
	c, err := s.clients.Get(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, k := range c.Keys {
		people = append(people, k.CreatedBy)
	}
	return people, nil
}

// AskAuthority asks for another table of authority; without lines it is that finance decides everything. That the
// communities are the company's is the caller's to say. What changes nothing is Invalid, and so is a table that leaves
// a matter without anybody who decides any amount of it.
func (s *Service) AskAuthority(ctx context.Context, by Caller, lines []AuthorityLine, a Asked) (*Organisation, error) {
	table := AuthorityTable{Lines: lines}.tidy()
	people, err := s.Everybody(ctx, by.Company)
	if err != nil {
		return nil, err
	}
	return s.askChange(ctx, by, OrganisationRequest{Authority: &table}, a, func(o *Organisation) error {
		if slices.EqualFunc(table.Lines, o.Authority.Lines, AuthorityLine.same) {
			return nothingChanges()
		}
		return table.staffed(people)
	})
}

// staffed is the Invalid fault of a table that names for every amount of a matter only roles that nobody has.
func (t AuthorityTable) staffed(people []Staff) error {
	if err := cmp.Or(t.check(), t.complete()); err != nil || len(t.Lines) == 0 {
		return err
	}
	for _, m := range AuthorityMatters() {
		if !slices.ContainsFunc(people, func(p Staff) bool {
			return !p.Disabled && slices.ContainsFunc(t.Lines, func(l AuthorityLine) bool {
				return l.Matter == m && l.whole() && slices.Contains(p.Roles, l.Role)
			})
		}) {
			return wrong("lines", "没有员工可以审批不限金额的"+m.words()[0]+"：请授权给已有员工的角色。",
				"Nobody of your staff could decide every amount of: "+m.words()[1]+". Choose a role that somebody has.")
		}
	}
	return nil
}

// NameDeputy names who decides in a person's place; d.Person "" is the caller. Where somebody names for themselves one
// who decides something by the table already, it takes effect at once; else it waits for another person, who is not the
// deputy. Naming for a colleague is for operations of the whole company: others are Forbidden. A deputy who cannot be
// one is Invalid: see Deputy, and they must look after every community that the person does. Who is not of the company
// is NotFound.
func (s *Service) NameDeputy(ctx context.Context, by Caller, d Deputy, a Asked) (*Organisation, error) {
	if d.Person == "" {
		d.Person = by.Actor()
	}
	own := d.Person == by.Actor()
	if shell := by.Kind == ShellKind; !own && !shell && (!by.WholeCompany() || !slices.Contains(by.Roles, Operations)) {
		return nil, fault.New(fault.Forbidden, "为同事指定代理人须由负责全公司的运营提交。",
			"A deputy for a colleague is named by operations of the whole company.")
	}
	person, err := s.deciding(ctx, by.Company, d.Person, "person")
	if err != nil {
		return nil, err
	}
	deputy, err := s.deciding(ctx, by.Company, d.Deputy, "deputy")
	if err != nil {
		return nil, err
	}
	if !deputy.Scope().covers(person.Scope()) {
		return nil, wrong("deputy", "代理人负责的小区须包含被代理人的全部小区。",
			"A deputy looks after every community of the person.")
	}
	d.ID, d.NamedBy, d.NamedAt, d.EndedBy = newID(), by.Actor(), s.now().UTC(), ""
	return s.changeOrganisation(ctx, by.Company, func(o *Organisation) error {
		if !o.Authority.grants(person.Roles) {
			return wrong("person", "该员工没有可由他人代理的审批权限。", "That person decides nothing that a deputy could.")
		}
		r := OrganisationRequest{Deputy: &d}
		if before := o.clone(); by.Kind == ShellKind || own && o.Authority.grants(deputy.Roles) {
			err := o.apply(&r, DayOf(s.now()))
			o.oweOne(ctx, audit.DeputyNamed, d.Person, before, o, "", s.now())
			return err
		}
		return s.putRequest(ctx, o, r, a, by)
	})
}

// deciding is a member of a company's staff with a role that may decide: without one it is Invalid, and who is not
// there or is disabled NotFound.
func (s *Service) deciding(ctx context.Context, company, actor, field string) (Caller, error) {
	b := &Bench{people: map[string]Caller{}}
	if err := s.seat(ctx, b, company, actor); err != nil {
		return Caller{}, err
	}
	who, known := b.people[actor]
	switch {
	case !known:
		return Caller{}, fault.New(fault.NotFound, "没有这位员工。", "There is no such member of staff.").With("field", field)
	case !who.mayBeDeputy():
		return Caller{}, wrong(field, "只有财务和运营可以审批或代理审批。", "Finance and operations alone decide, or are deputies.")
	}
	return who, nil
}

// EndDeputy ends a deputy before its time, at once: whom it is for may, and who is the deputy, and operations of the
// whole company. Others are Forbidden; one that is over or ended already is WrongState, and one that is not there
// NotFound.
func (s *Service) EndDeputy(ctx context.Context, by Caller, id string) (*Organisation, error) {
	return s.changeOrganisation(ctx, by.Company, func(o *Organisation) error {
		i := slices.IndexFunc(o.Deputies, func(d Deputy) bool { return d.ID == id })
		if i < 0 {
			return noSuchThing()
		}
		before, d := o.clone(), &o.Deputies[i]
		switch {
		case !d.MayEnd(by):
			return fault.New(fault.Forbidden, "只有被代理人、代理人或负责全公司的运营可以终止代理。",
				"A deputy is ended by whom it is for, by the deputy, or by operations of the whole company.")
		case !d.lasts(DayOf(s.now())):
			return fault.New(fault.WrongState, "该代理已结束。", "That deputy has ended already.")
		}
		d.EndedBy, d.EndedAt = by.Actor(), s.now().UTC()
		o.oweOne(ctx, audit.DeputyEnded, d.Person, before, o, "", s.now())
		return nil
	})
}

// MayEnd reports whether ending a deputy is the caller's.
func (d Deputy) MayEnd(by Caller) bool {
	return by.Actor() == d.Person || by.Actor() == d.Deputy || by.Kind == ShellKind ||
		by.WholeCompany() && slices.Contains(by.Roles, Operations)
}
