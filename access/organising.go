package access

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/store"
)

// charts are the organisations that this process has read lately: who may reach what, and in whose name an order is
// made, is asked at every request.
type charts struct {
	mu   sync.Mutex
	read map[string]chart
}

type chart struct {
	o  *Organisation // nobody changes it
	at time.Time
}

// Found makes a company's organisation where it has none: one legal entity of its name, with the settings given. It is
// called at start for every company, and for a new one. Settings that nobody can have are Invalid.
func (s *Service) Found(ctx context.Context, company, name string, settings Settings) error {
	if err := settings.check(); err != nil {
		return err
	}
	err := s.organisations.Insert(ctx, newOrganisation(company, name, settings))
	if fault.Is(err, fault.AlreadyExists) {
		return nil
	}
	s.forgetChart(company)
	return err
}

// Organisation is a company's, as it is now. One that nobody has founded is NotFound.
func (s *Service) Organisation(ctx context.Context, company string) (*Organisation, error) {
	return s.organisations.Get(ctx, company)
}

// chart is a company's organisation as this process read it at most standingLife ago. It is not to be changed.
func (s *Service) chart(ctx context.Context, company string) (*Organisation, error) {
	s.charts.mu.Lock()
	have, ok := s.charts.read[company]
	s.charts.mu.Unlock()
	if age := s.now().Sub(have.at); ok && age >= 0 && age < standingLife {
		return have.o, nil
	}
	have.at = s.now()
	var err error
	have.o, err = s.organisations.Get(ctx, company)
	if fault.Is(err, fault.NotFound) {
		have.o, err = newOrganisation(company, company, Settings{}), nil
	}
	if err != nil {
		return nil, err
	}
	s.charts.mu.Lock()
	s.charts.read[company] = have
	s.charts.mu.Unlock()
	return have.o, nil
}

func (s *Service) forgetChart(company string) {
	s.charts.mu.Lock()
	delete(s.charts.read, company)
	s.charts.mu.Unlock()
	s.standings.forget()
}

// EntityOn is the legal entity in whose name a community's money is taken on a day, as this process read it at most
// standingLife ago.
func (s *Service) EntityOn(ctx context.Context, company, community string, day Day) (string, error) {
	o, err := s.chart(ctx, company)
	if err != nil {
		return "", err
	}
	return o.EntityOn(community, day), nil
}

// EntityName is the name of a legal entity of a company, as this process read it at most standingLife ago; "" where the
// company has none of that id.
func (s *Service) EntityName(ctx context.Context, company, id string) (string, error) {
	o, err := s.chart(ctx, company)
	if err != nil {
		return "", err
	}
	if e := o.Entity(id); e != nil {
		return e.Name, nil
	}
	return "", nil
}

// RegionOn is the region that a community is in on a day, "" for none, as this process read it at most standingLife
// ago.
func (s *Service) RegionOn(ctx context.Context, company, community string, day Day) (string, error) {
	o, err := s.chart(ctx, company)
	if err != nil {
		return "", err
	}
	return o.Place(community).RegionOn(day), nil
}

// SettingsOf is what a company has settled for itself, as this process read it at most standingLife ago; nothing where
// nobody has founded it.
func (s *Service) SettingsOf(ctx context.Context, company string) (Settings, error) {
	o, err := s.chart(ctx, company)
	if err != nil {
		return Settings{}, err
	}
	return o.Settings, nil
}

// SeriesOf is what the numbers of a legal entity's receipts begin with; "" where it has settled nothing.
func (s *Service) SeriesOf(ctx context.Context, company, entity string) (string, error) {
	o, err := s.chart(ctx, company)
	if err != nil {
		return "", err
	}
	if e := o.Entity(entity); e != nil {
		return e.Series, nil
	}
	return "", nil
}

// AskEntity asks for a legal entity, a new one where it has no id, or for a change of one: also for its last day. An
// entity that the company does not have is NotFound; what changes nothing, or no organisation can be, is Invalid.
func (s *Service) AskEntity(ctx context.Context, by Caller, e LegalEntity, a Asked) (*Organisation, error) {
	e = e.tidy()
	added := e.ID == ""
	if added {
		e.ID = newID()
	}
	return s.askChange(ctx, by, OrganisationRequest{Entity: &e}, a, func(o *Organisation) error {
		have := o.Entity(e.ID)
		switch {
		case added:
			return nil
		case have == nil:
			return noSuchThing()
		case e.same(*have):
			return nothingChanges()
		}
		return nil
	})
}

// AskMove asks that communities belong to an entity or a region from a day on. That they are the company's is the
// caller's to say. An entity or region that the company does not have is NotFound.
func (s *Service) AskMove(ctx context.Context, by Caller, m Move, a Asked) (*Organisation, error) {
	return s.askChange(ctx, by, OrganisationRequest{Move: &m}, a, func(o *Organisation) error {
		if m.Entity != "" && o.Entity(m.Entity) == nil || m.Region != "" && o.Region(m.Region) == nil {
			return noSuchThing()
		}
		return nil
	})
}

// AskSettings asks for other settings of the company. What changes nothing is Invalid.
func (s *Service) AskSettings(ctx context.Context, by Caller, now Settings, a Asked) (*Organisation, error) {
	return s.askChange(ctx, by, OrganisationRequest{Settings: &now}, a, func(o *Organisation) error {
		now.Revision = o.Settings.Revision
		if now == o.Settings {
			return nothingChanges()
		}
		return nil
	})
}

// askChange puts a request into the caller's organisation, or in the shell does what it says.
func (s *Service) askChange(ctx context.Context, by Caller, r OrganisationRequest, a Asked,
	check func(*Organisation) error) (*Organisation, error) {
	if !by.WholeCompany() {
		return nil, onlyWhole()
	}
	return s.changeOrganisation(ctx, by.Company, func(o *Organisation) error {
		if err := check(o); err != nil {
			return err
		}
		if by.Kind == ShellKind {
			before := o.clone()
			if err := o.apply(&r, DayOf(s.now())); err != nil {
				return err
			}
			o.owe(ctx, audit.OrganisationChanged, before, o, &r, s.now())
			return nil
		}
		return s.putRequest(ctx, o, r, a, by)
	})
}

// putRequest puts a request into an organisation, and owes the audit log what it would change.
func (s *Service) putRequest(ctx context.Context, o *Organisation, r OrganisationRequest, a Asked, by Caller) error {
	before := o.clone()
	if err := o.ask(r, a, by, s.now().UTC()); err != nil {
		return err
	}
	after := o.clone()
	if err := after.apply(&r, DayOf(s.now())); err != nil {
		return err
	}
	o.owe(ctx, audit.OrganisationAsked, before, after, &o.Requests[len(o.Requests)-1], s.now())
	return nil
}

// DecideOrganisation approves or refuses the request that the caller saw, as another person than who asked. What was
// approved takes effect at once; see approval.Request for the faults. Who is not of the whole company is Forbidden; a
// request that is not there is NotFound.
func (s *Service) DecideOrganisation(ctx context.Context, by Caller, d approval.Decision) (*Organisation, error) {
	if !by.WholeCompany() {
		return nil, onlyWhole()
	}
	if d.Approve {
		seen, err := s.Organisation(ctx, by.Company)
		if err != nil {
			return nil, err
		}
		if r := seen.Request(d.Request); r != nil {
			if err := s.organisationAsker(ctx, r, by.Company); err != nil {
				return nil, err
			}
		}
	}
	return s.changeOrganisation(ctx, by.Company, func(o *Organisation) error {
		r := o.Request(d.Request)
		if r == nil {
			return noSuchThing()
		}
		now, before := s.now().UTC(), o.clone()
		if r.Deputy != nil && r.Deputy.Deputy == by.Actor() {
			return fault.New(fault.Forbidden, "代理人不能审批自己的代理，请由另一人审批。",
				"Whoever would be the deputy cannot decide it; another person must.")
		}
		if err := r.Decide(r.Matter(), d, o.RevisionOf(r), by.Person(), now); err != nil {
			return err
		}
		verb := audit.OrganisationRejected
		if d.Approve {
			verb = audit.OrganisationApproved
			if err := o.apply(r, DayOf(now)); err != nil {
				return err
			}
		}
		o.owe(ctx, verb, before, o, r, now)
		return nil
	})
}

// organisationAsker is the WrongState fault of approving what somebody asked for who could not ask for it any more. A
// deputy for oneself is asked for wherever one is.
func (s *Service) organisationAsker(ctx context.Context, r *OrganisationRequest, company string) error {
	where := Scope{}
	if r.Deputy != nil && r.RequestedBy == r.Deputy.Person {
		m, err := s.staff.Get(ctx, strings.TrimPrefix(r.RequestedBy, string(StaffKind)+":"))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err == nil {
			where = m.scope()
		}
	}
	return s.MayStillAsk(ctx, r.Matter(), r.RequestedBy, company, where)
}

// WithdrawOrganisation takes back what the caller asked for. A request that is not there is NotFound.
func (s *Service) WithdrawOrganisation(ctx context.Context, by Caller, request string) (*Organisation, error) {
	return s.changeOrganisation(ctx, by.Company, func(o *Organisation) error {
		r := o.Request(request)
		if r == nil {
			return noSuchThing()
		}
		if err := r.Withdraw(request, by.Person(), s.now().UTC()); err != nil {
			return err
		}
		o.owe(ctx, audit.OrganisationWithdrawn, o, o, r, s.now())
		return nil
	})
}

// PutRegion makes a region, where it has no id, or changes one: its name and its days. It takes effect at once, since
// by itself it gives nobody anything; revision is that of the one that was looked at. Another revision than that is
// Stale. Who is not of the whole company is Forbidden; a region that is not there is NotFound.
func (s *Service) PutRegion(ctx context.Context, by Caller, r Region) (*Organisation, error) {
	if !by.WholeCompany() {
		return nil, onlyWhole()
	}
	r.Name = strings.TrimSpace(r.Name)
	added := r.ID == ""
	if added {
		r.ID = newID()
	}
	return s.changeOrganisation(ctx, by.Company, func(o *Organisation) error {
		before, have := o.clone(), o.Region(r.ID)
		switch {
		case !added && have == nil:
			return noSuchThing()
		case added:
			o.Regions = append(o.Regions, r)
			have = &o.Regions[len(o.Regions)-1]
		case have.Revision != r.Revision:
			return fault.New(fault.Stale, "内容刚刚已被更改，请刷新后重试。", "It has changed meanwhile; look again.")
		case *have == r:
			return store.ErrUnchanged
		default:
			*have = r
		}
		have.Revision++
		if err := o.check(); err != nil {
			return err
		}
		o.oweRegion(ctx, before, r.ID, s.now())
		return nil
	})
}

// changeOrganisation changes a company's organisation; one that nobody has founded is NotFound.
func (s *Service) changeOrganisation(ctx context.Context, company string, change func(*Organisation) error) (
	*Organisation, error) {
	defer s.forgetChart(company)
	return s.organisations.Update(ctx, company, func(o *Organisation) error {
		fresh := o.clone() // what is changed shares nothing with what was read
		o.Entities, o.Regions, o.Places, o.Deputies = fresh.Entities, fresh.Regions, fresh.Places, fresh.Deputies
		return change(o)
	})
}

// same reports whether two entities differ in nothing that is said of them.
func (e LegalEntity) same(other LegalEntity) bool {
	return e.words() == other.words() && slices.Equal(e.Accounts, other.Accounts)
}

// words are what is said of an entity beside its bank accounts.
func (e LegalEntity) words() [8]string {
	return [8]string{string(e.Kind), e.Name, e.TaxNumber, e.Seal, e.Series, e.Books, string(e.From), string(e.To)}
}

func onlyWhole() error {
	return fault.New(fault.Forbidden, "组织与设置须由负责全公司的员工管理。",
		"The organisation and its settings are for staff of the whole company.")
}

func noSuchThing() error {
	return fault.New(fault.NotFound, "记录不存在。", "There is no such record.")
}
