package access

import (
	"cmp"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/fault"
)

// What changes an organisation. Whatever decides over money or people (a legal entity, where a community belongs, the
// company's settings) waits in the document until another person decides; a region by itself gives nobody anything, so
// it changes at once.

// OrganisationMatter is who asks for changes of an organisation and who decides.
func OrganisationMatter() approval.Matter {
	return approval.Matter{
		ZH: "组织与设置变更", EN: "change of the organisation", Asks: []string{string(Operations)},
		Decides: []string{string(Finance), string(Operations)}, Lasts: 7 * 24 * time.Hour,
	}
}

// OrganisationRequest is what was asked for, one of Entity, Move, Settings, Authority and Deputy, as it would be.
type OrganisationRequest struct {
	approval.Request
	Entity    *LegalEntity    `json:"entity,omitempty"`
	Move      *Move           `json:"move,omitempty"`
	Settings  *Settings       `json:"settings,omitempty"`
	Authority *AuthorityTable `json:"authority,omitempty"`
	Deputy    *Deputy         `json:"deputy,omitempty"`
}

// Matter is who asks for what a request is about and who decides it.
func (r *OrganisationRequest) Matter() approval.Matter {
	if r.Deputy != nil {
		return DeputyMatter(r.Deputy.NamedBy == r.Deputy.Person)
	}
	return OrganisationMatter()
}

// Move places communities from a day on.
type Move struct {
	Communities []string `json:"communities"`
	Entity      string   `json:"entity,omitempty"` // "" leaves it as it is
	Region      string   `json:"region,omitempty"` // "" leaves it as it is
	NoRegion    bool     `json:"no_region,omitempty"`
	From        Day      `json:"from"`
}

// mostMoved is the most communities that one request places.
const mostMoved = 200

// Asked is what goes with what is asked for.
type Asked struct {
	Revision int64 // of what is to change, as whoever asks has seen it
	Replaces string
	Reason   string
}

// objects are the things that a request would change, as the audit log names them.
func (r *OrganisationRequest) objects(o *Organisation) []string {
	switch {
	case r.Entity != nil:
		return []string{"entity:" + r.Entity.ID}
	case r.Move != nil:
		values := make([]string, len(r.Move.Communities))
		for i, c := range r.Move.Communities {
			values[i] = "community:" + c
		}
		return values
	case r.Authority != nil:
		return []string{"authority:" + o.ID}
	case r.Deputy != nil:
		return []string{r.Deputy.Person}
	}
	return []string{"settings:" + o.ID}
}

// RevisionOf is the revision of what a request would change; of several things the sum of theirs, which none of them
// can leave and come back to.
func (o *Organisation) RevisionOf(r *OrganisationRequest) int64 {
	switch {
	case r.Entity != nil:
		if e := o.Entity(r.Entity.ID); e != nil {
			return e.Revision
		}
		return 0
	case r.Move != nil:
		sum := int64(0)
		for _, c := range r.Move.Communities {
			sum += o.Place(c).Revision
		}
		return sum
	case r.Authority != nil:
		return o.Authority.Revision
	case r.Deputy != nil:
		return 0 // what it asks for is of no other deputy
	}
	return o.Settings.Revision
}

// apply does what a request says; what cannot be is a fault.
func (o *Organisation) apply(r *OrganisationRequest, today Day) error {
	switch {
	case r.Entity != nil:
		o.putEntity(*r.Entity)
	case r.Move != nil:
		if err := o.move(*r.Move, today); err != nil {
			return err
		}
	case r.Authority != nil:
		o.Authority = AuthorityTable{Lines: r.Authority.Lines, Revision: o.Authority.Revision + 1}
	case r.Deputy != nil:
		if err := o.nameDeputy(*r.Deputy, today); err != nil {
			return err
		}
	default:
		revision := o.Settings.Revision + 1
		o.Settings = *r.Settings
		o.Settings.Revision = revision
	}
	return o.check()
}

func (o *Organisation) putEntity(e LegalEntity) {
	have := o.Entity(e.ID)
	if have == nil {
		o.Entities = append(o.Entities, e)
		have = &o.Entities[len(o.Entities)-1]
		have.Revision = 0
	}
	revision := have.Revision + 1
	*have = e
	have.Revision = revision
}

func (o *Organisation) move(m Move, today Day) error {
	if m.From == "" || !m.From.valid() {
		return wrong("from", "请填写从哪一天起。", "Say from which day on.")
	}
	if len(m.Communities) == 0 || len(m.Communities) > mostMoved {
		return wrong("communities", "请选择 1 至 200 个小区。", "Choose between 1 and 200 communities.")
	}
	if twice(m.Communities) != "" {
		return wrong("communities", "同一小区只能选择一次。", "A community is named twice.")
	}
	if m.Region != "" && m.NoRegion {
		return wrong("region", "请选择一个区域，或不归区域。", "Choose a region or none, not both.")
	}
	if m.Entity == "" && m.Region == "" && !m.NoRegion {
		return nothingChanges()
	}
	moved := false
	for _, c := range m.Communities {
		p := o.Place(c)
		changed, err := p.move(m, o.Entities[0].ID, today)
		if err != nil {
			return err
		}
		if !changed {
			continue
		}
		moved = true
		p.Revision++
		if i := o.placeAt(c); i >= 0 {
			o.Places[i] = p
		} else {
			o.Places = append(o.Places, p)
		}
	}
	if !moved {
		return nothingChanges()
	}
	return nil
}

// move places one community. Nobody has placed it yet: it was the first entity's, in no region.
func (p *Place) move(m Move, first string, today Day) (changed bool, err error) {
	if m.Entity != "" {
		have := p.Entities
		if len(have) == 0 {
			have = []Stay{{Of: first}}
		}
		if p.Entities, changed, err = follow(have, Stay{m.Entity, m.From}, today); err != nil {
			return false, err
		}
	}
	if m.Region == "" && !m.NoRegion {
		return changed, nil
	}
	regions, also, err := follow(p.Regions, Stay{m.Region, m.From}, today)
	p.Regions = regions
	return changed || also, err
}

// follow puts a stay behind others. It takes the place of those that were to begin then or later and have not begun;
// what has begun stays as it was until that day.
func follow(stays []Stay, next Stay, today Day) (now []Stay, changed bool, err error) {
	now = slices.DeleteFunc(slices.Clone(stays), func(s Stay) bool { return s.From >= next.From && s.From > today })
	if n := len(now); n > 0 && now[n-1].From >= next.From {
		return nil, false, wrong("from", "该小区在 "+string(now[n-1].From)+" 已有变更，只能从之后的日期起变更。",
			"That community moved on "+string(now[n-1].From)+" already: choose a later day.")
	}
	if len(now) == 0 && next.Of == "" || len(now) > 0 && now[len(now)-1].Of == next.Of {
		return now, len(now) != len(stays), nil
	}
	return append(now, next), true, nil
}

// twice is the first of some ids that stands among them before, "" for none.
func twice(ids []string) string {
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			return id
		}
	}
	return ""
}

func nothingChanges() error {
	return fault.New(fault.Invalid, "没有任何改动。", "Nothing would change.")
}

// waiting is the request that waits and would change one of the things that another would, nil for none.
func (o *Organisation) waiting(r *OrganisationRequest, now time.Time) *OrganisationRequest {
	for i := range o.Requests {
		w := &o.Requests[i]
		if w.At(now) == approval.Requested && len(shared(w.objects(o), r.objects(o))) > 0 {
			return w
		}
	}
	return nil
}

// Request is one of the requests, nil for one that is not there.
func (o *Organisation) Request(id string) *OrganisationRequest {
	i := slices.IndexFunc(o.Requests, func(r OrganisationRequest) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return &o.Requests[i]
}

// ask puts a request into the organisation, once it is sure that it could be approved as things are.
func (o *Organisation) ask(r OrganisationRequest, a Asked, by Caller, now time.Time) error {
	base := o.RevisionOf(&r)
	if a.Revision != base {
		return fault.New(fault.Stale, "内容刚刚已被更改，请刷新后重新提交。", "It has changed meanwhile; look again and ask anew.")
	}
	if err := o.clone().apply(&r, DayOf(now)); err != nil {
		return err
	}
	asking := approval.Asking{Replaces: a.Replaces, Base: base, Reason: strings.TrimSpace(a.Reason)}
	if w := o.waiting(&r, now); w != nil {
		asking.Standing = &w.Request
	}
	request, err := r.Matter().Ask(asking, by.Person(), now)
	if err != nil {
		return err
	}
	if w := o.waiting(&r, now); w != nil { // beside the one that it replaces
		return fault.New(fault.WrongState, "其中有小区另有变更待审批。", "Another change of some of these waits already.").
			With("request", w.ID)
	}
	r.Request = *request
	o.forget(&r, now)
	o.Requests = append(o.Requests, r)
	return nil
}

// forget drops the requests about the same things that are decided: of each thing the last is kept.
func (o *Organisation) forget(r *OrganisationRequest, now time.Time) {
	o.Requests = slices.DeleteFunc(o.Requests, func(old OrganisationRequest) bool {
		return old.At(now) != approval.Requested && len(shared(old.objects(o), r.objects(o))) > 0
	})
}

// clone is a copy that changes apart.
func (o *Organisation) clone() *Organisation {
	c := *o
	c.Entities, c.Regions, c.Places = slices.Clone(o.Entities), slices.Clone(o.Regions), slices.Clone(o.Places)
	c.Deputies = slices.Clone(o.Deputies)
	return &c // stays and bank accounts are replaced, never written into
}

// newID names an entity or a region.
func newID() string { return strings.ToLower(rand.Text()[:12]) }

// tidy takes spaces off what was typed.
func (e LegalEntity) tidy() LegalEntity {
	e.Name, e.Seal = strings.TrimSpace(e.Name), strings.TrimSpace(e.Seal)
	e.TaxNumber = strings.ToUpper(strings.ReplaceAll(e.TaxNumber, " ", ""))
	e.Series, e.Books = strings.TrimSpace(e.Series), strings.TrimSpace(e.Books)
	e.Kind = cmp.Or(e.Kind, Corporation)
	e.Accounts = slices.Clone(e.Accounts)
	for i, a := range e.Accounts {
		e.Accounts[i] = BankAccount{strings.TrimSpace(a.Bank), strings.NewReplacer(" ", "", "-", "").Replace(a.Number)}
	}
	return e
}
