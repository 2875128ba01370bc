package property

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"linlipay/audit"
	"linlipay/fault"
	"linlipay/store"
)

// BindingState is how far a binding has come.
type BindingState string

// The states of a binding.
const (
	CodeSent       BindingState = "code_sent" // a code went to the phone on record, if there is one
	Requested      BindingState = "requested" // the office decides
	BoundState     BindingState = "bound"     // in force, while the owner is the one of its tenure
	RefusedBinding BindingState = "refused"   // by the office
	EndedBinding   BindingState = "ended"     // by resident, owner or office
)

// BindingStates are all of them, for those who list them.
func BindingStates() []BindingState {
	return []BindingState{CodeSent, Requested, BoundState, RefusedBinding, EndedBinding}
}

// BindingWay is how a binding is, or was, to come about.
type BindingWay string

// The ways.
const (
	ByCode   BindingWay = "code"    // by a code that went to the phone on record
	ByOffice BindingWay = "office"  // approved by the office
	Earlier  BindingWay = "earlier" // by the owner's name and the end of the phone, as was the rule before
)

// Binding (绑定) is a resident's wish to have a home in their app, and what became of it. It is in force where it is
// bound and the owner on record is still the one of its tenure.
type Binding struct {
	ID        string       `json:"id"` // random
	Version   int64        `json:"-"`
	Company   string       `json:"company"`
	Community string       `json:"community"`
	Unit      string       `json:"unit,omitempty"` // "" where the label names no unit
	Label     string       `json:"label"`          // as the resident wrote it
	Tenure    int          `json:"tenure,omitempty"`
	Resident  string       `json:"resident"`
	Phone     string       `json:"phone"` // the resident's
	State     BindingState `json:"state"`
	Way       BindingWay   `json:"way"`
	Note      string       `json:"note,omitempty"` // the resident's, to the office
	AskedAt   time.Time    `json:"asked_at"`
	BoundAt   time.Time    `json:"bound_at,omitzero"`
	DecidedBy string       `json:"decided_by,omitempty"` // actor who approved or refused
	EndedAt   time.Time    `json:"ended_at,omitzero"`    // also when it was refused
	EndedBy   string       `json:"ended_by,omitempty"`   // actor
	Reason    string       `json:"reason,omitempty"`     // of the office, to refuse or end it

	OwesAudit audit.Owed `json:"owes_audit,omitempty"` // what became of it, not yet in the audit log
}

var bindings = store.Kind[Binding]{
	Schema: audit.Declare(store.Schema{
		Name: "bindings",
		Fields: []store.Field{
			{Name: "community", Type: store.String}, {Name: "pair", Type: store.String, Digest: true},
			{Name: "resident", Type: store.String},
			{Name: "member", Type: store.String}, {Name: "unit", Type: store.String}, {Name: "tenure", Type: store.Int},
			{Name: "state", Type: store.String}, {Name: "asked", Type: store.Int}, {Name: "changed", Type: store.Int},
		},
		Indexes: []store.Index{
			{Name: "by_pair", Fields: []string{"community", "pair"}, Unique: true},
			{Name: "by_resident", Fields: []string{"resident", "asked"}},
			{Name: "by_member", Fields: []string{"member", "changed"}},
			{Name: "by_unit", Fields: []string{"unit", "tenure", "state", "changed"}},
			{Name: "by_state", Fields: []string{"community", "state", "changed"}},
			{Name: "by_asked", Fields: []string{"state", "community", "asked"}},
		},
		Shard:    "community",
		Personal: []string{"label", "phone", "note", "reason"},
	}),
	ID:      func(b *Binding) string { return b.ID },
	Version: func(b *Binding) *int64 { return &b.Version },
	Keys: func(b *Binding) store.Keys {
		keys := store.Keys{
			"community": {b.Community}, "resident": {b.Resident}, "state": {string(b.State)},
			"asked":   {b.AskedAt.UnixMilli()},
			"changed": {b.Changed().UnixMilli()}, "tenure": {int64(b.Tenure)},
		}
		if b.open() {
			keys["pair"] = []any{pairOf(b.Home(), b.Tenure, b.Resident)}
		}
		if b.State == BoundState {
			keys["member"] = []any{b.Resident}
		}
		if !b.BoundAt.IsZero() { // what never was in force is nothing that happened to the home
			keys["unit"] = []any{b.Unit}
		}
		return b.OwesAudit.Key(keys)
	},
}

// Changed is when the binding came to the state that it has.
func (b *Binding) Changed() time.Time {
	switch {
	case !b.EndedAt.IsZero():
		return b.EndedAt
	case !b.BoundAt.IsZero():
		return b.BoundAt
	}
	return b.AskedAt
}

// become brings the binding to a state, and owes the audit log that.
func (b *Binding) become(ctx context.Context, to BindingState, verb audit.Verb, at time.Time) {
	before := b.State
	if b.State = to; to == BoundState {
		b.BoundAt = at
	} else {
		b.EndedAt = at
	}
	b.OwesAudit.Owe(ctx, "bindings/"+b.ID, b.Version, audit.Event{
		At: at, Verb: verb, Object: "binding:" + b.ID, Of: "unit:" + b.Unit, Company: b.Company,
		Communities: []string{b.Community},
		Before:      audit.State{"state": string(before)},
		After:       audit.State{"state": string(to), "resident": b.Resident},
	})
}

// InForce reports whether the resident has the unit by the binding.
func (b *Binding) InForce(u *Unit) bool {
	return b.State == BoundState && b.Unit == u.ID && b.Tenure == u.Tenure
}

// Home names what the binding is of, for those who count: the unit, or a label that names none.
func (b *Binding) Home() string {
	if b.Unit == "" {
		return "? " + Compact(b.Label)
	}
	return b.Unit
}

// HomeNamed is what Binding.Home will be for a label.
func (s *Service) HomeNamed(ctx context.Context, community, label string) (string, error) {
	u, err := s.named(ctx, community, label)
	if err != nil || u == nil {
		return (&Binding{Label: label}).Home(), err
	}
	return u.ID, nil
}

// open reports whether the binding is asked for or bound: of such a resident has one for a unit and tenure.
func (b *Binding) open() bool { return b.State != RefusedBinding && b.State != EndedBinding }

func pairOf(home string, tenure int, resident string) string {
	return fmt.Sprintf("%s %d %s", home, tenure, resident)
}

// open is the binding that is asked for or bound, or nil.
func (s *Service) open(ctx context.Context, community, pair string) (*Binding, error) {
	bindings, _, err := s.bindings.Find(ctx, store.Query{Index: "by_pair", Equal: []any{community, pair}, Limit: 1})
	if err != nil || len(bindings) == 0 {
		return nil, err
	}
	return &bindings[0], nil
}

// BindRequest asks to have a home in one's app. It names the home; who lives there nobody is asked and nobody is told.
type BindRequest struct {
	Community string
	Label     string
	Way       BindingWay // ByCode or ByOffice
	Note      string     // to the office
}

// bounds of what a resident may write
const (
	longestLabel = 60
	longestNote  = 100
)

// AskToBind notes that a resident asks for a home. What it answers is the same whether the label names a unit or none:
// Binding.Unit says it, and is not for the resident's eyes until it is bound. A home that is theirs already is
// AlreadyExists. A label of more than 60 characters or none, and a note of more than 100, are Invalid.
func (s *Service) AskToBind(ctx context.Context, resident string, in BindRequest) (*Binding, error) {
	in.Label, in.Note = Clean(in.Label), strings.TrimSpace(in.Note)
	if Compact(in.Label) == "" || len([]rune(in.Label)) > longestLabel || len([]rune(in.Note)) > longestNote {
		return nil, fault.New(fault.Invalid, "请填写房号（最多 60 字），附言最多 100 字。",
			"Enter the room (60 characters at most); a note has 100 at most.")
	}
	r, err := s.Resident(ctx, resident)
	if err != nil {
		return nil, err
	}
	c, err := s.communities.Get(ctx, in.Community)
	if err != nil {
		return nil, err
	}
	b := &Binding{
		ID: strings.ToLower(rand.Text()), Company: c.Company, Community: c.ID, Label: in.Label, Resident: r.ID,
		Phone: r.Phone,
		State: CodeSent, Way: in.Way, AskedAt: s.now().UTC(),
	}
	if in.Way == ByOffice {
		b.State, b.Note = Requested, in.Note
	}
	u, err := s.named(ctx, c.ID, in.Label)
	if err != nil {
		return nil, err
	}
	if u != nil {
		b.Unit, b.Tenure = u.ID, u.Tenure
		h, err := s.home(ctx, r, u)
		if err != nil {
			return nil, err
		}
		if h != nil && h.Household() {
			return nil, fault.New(fault.AlreadyExists, "该房屋已在您的名下。", "This home is in your app already.")
		}
	}
	err = s.bindings.Insert(ctx, b)
	if !fault.Is(err, fault.AlreadyExists) {
		return b, err
	}
	return s.askAgain(ctx, b)
}

// askAgain takes up what the resident asked before and nobody has answered. What waits for the office stays there.
func (s *Service) askAgain(ctx context.Context, again *Binding) (*Binding, error) {
	before, err := s.open(ctx, again.Community, pairOf(again.Home(), again.Tenure, again.Resident))
	if err != nil {
		return nil, err
	}
	if before == nil { // it was answered just now
		return nil, fault.New(fault.Stale, "请求状态已变化，请重试。", "The request was answered just now; please try again.")
	}
	return s.bindings.Update(ctx, before.ID, func(b *Binding) error {
		switch {
		case b.State == BoundState:
			return fault.New(fault.AlreadyExists, "该房屋已在您的名下。", "This home is in your app already.")
		case !b.open():
			return fault.New(fault.Stale, "请求状态已变化，请重试。", "The request was answered just now; please try again.")
		case again.State == Requested && b.State == CodeSent:
			b.State, b.AskedAt = Requested, again.AskedAt
		}
		b.Way, b.Label = again.Way, again.Label
		if again.Note != "" {
			b.Note = again.Note
		}
		return nil
	})
}

// Binding returns a binding, or NotFound.
func (s *Service) Binding(ctx context.Context, id string) (*Binding, error) {
	return s.bindings.Get(ctx, id)
}

// BindByCode binds what a resident asked for, after the code that went to the phone on record was right. Where the
// record has changed meanwhile it is Expired. One that was answered already is WrongState.
func (s *Service) BindByCode(ctx context.Context, id string) (*Binding, error) {
	b, err := s.bindings.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	u, err := s.units.Get(ctx, b.Unit)
	if err != nil {
		return nil, err
	}
	return s.bindings.Update(ctx, id, func(b *Binding) error {
		switch {
		case b.InForce(u):
			return store.ErrUnchanged
		case b.State != CodeSent && b.State != Requested:
			return answered()
		case b.Tenure != u.Tenure:
			return fault.New(fault.Expired, "房屋登记信息已变更，请重新申请。", "The home's record has changed; please ask again.")
		}
		b.Way = ByCode
		b.become(ctx, BoundState, audit.BindingMade, s.now().UTC())
		return nil
	})
}

func answered() error {
	return fault.New(fault.WrongState, "该申请已处理，请刷新查看。", "This request has been answered already; please reload.")
}

// DecideBinding approves or refuses what waits for the office. by is who decides. What was asked for under an earlier
// owner is not approved (Stale): the office looked at another owner, or asked one. A label that names no unit cannot be
// approved (WrongState), and a refusal needs a reason of at most 100 characters (Invalid).
func (s *Service) DecideBinding(ctx context.Context, id string, approve bool, reason, by string) (*Binding, error) {
	reason = strings.TrimSpace(reason)
	if !approve && reason == "" || len([]rune(reason)) > longestNote {
		return nil, fault.New(fault.Invalid, "请填写拒绝原因，最多 100 字，住户可见。",
			"Say why, in 100 characters at most; the resident sees it.").With("field", "reason")
	}
	b, err := s.bindings.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	u := &Unit{}
	if approve {
		if b.Unit == "" {
			return nil, fault.New(fault.WrongState, "没有这个房号，不能通过；请拒绝并让住户核对。",
				"No unit has this label, so it cannot be approved; refuse it and have the resident look again.")
		}
		if u, err = s.units.Get(ctx, b.Unit); err != nil {
			return nil, err
		}
	}
	return s.bindings.Update(ctx, id, func(b *Binding) error {
		if b.State != Requested {
			return answered()
		}
		if b.DecidedBy = by; !approve {
			b.EndedBy, b.Reason = by, reason
			b.become(ctx, RefusedBinding, audit.BindingRefused, s.now().UTC())
			return nil
		}
		if b.Tenure != u.Tenure {
			return fault.New(fault.Stale, "提交申请后业主登记已变更，请重新核对；此申请只能拒绝，住户仍需绑定的请其重新申请。",
				"The owner on record has changed since this was asked for; please look again. "+
					"It can only be refused; the resident may ask anew.")
		}
		b.Way = ByOffice
		b.become(ctx, BoundState, audit.BindingApproved, s.now().UTC())
		return nil
	})
}

// EndBinding ends a binding, or takes back what was asked for. by is who ends it; one that has ended stays as it is. A
// reason of more than 100 characters is Invalid.
func (s *Service) EndBinding(ctx context.Context, id, reason, by string) (*Binding, error) {
	if reason = strings.TrimSpace(reason); len([]rune(reason)) > longestNote {
		return nil, fault.New(fault.Invalid, "原因最多 100 字。", "A reason has 100 characters at most.").With("field",
			"reason")
	}
	return s.bindings.Update(ctx, id, func(b *Binding) error {
		if !b.open() {
			return store.ErrUnchanged
		}
		b.EndedBy, b.Reason = by, reason
		b.become(ctx, EndedBinding, audit.BindingEnded, s.now().UTC())
		return nil
	})
}

// bindAsBefore makes a binding of what was bound before bindings were documents, once. That was under the first owner:
// where the owner has changed since, it has ended.
func (s *Service) bindAsBefore(ctx context.Context, r *Resident, unit string) error {
	u, err := s.units.Get(ctx, unit)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || u.Tenure != 0 {
		return err
	}
	now := s.now().UTC()
	b := &Binding{
		ID: strings.ToLower(rand.Text()), Company: u.Company, Community: u.Community, Unit: u.ID, Label: u.Label,
		Resident: r.ID, Phone: r.Phone, Way: Earlier, AskedAt: now,
	}
	who := audit.WhoIn(ctx)
	who.Actor = audit.System // whoever logs in is not known to the request, and did nothing for it
	b.become(audit.As(ctx, who), BoundState, audit.BindingMade, now)
	if err = s.bindings.Insert(ctx, b); fault.Is(err, fault.AlreadyExists) {
		return nil
	}
	return err
}
