package handlers

import (
	"context"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/property"
)

// bindingRoutes are the routes of bindings.
func (s *Server) bindingRoutes() []route {
	return []route{
		{method: "POST", path: "/v1/units/:id/bindings/read", who: residents,
			summary: "Mark what happened at a home as read", endpoint: handle(s, 204, s.readHousehold)},
		{method: "GET", path: "/v1/bindings", who: residentsAndFront,
			summary: "What a resident asked for; for staff the requests by state (绑定申请)",
			records: recording{done: audit.PhonesSeen}, endpoint: handle(s, 200, s.findBindings)},
		{method: "GET", path: "/v1/bindings/waiting", who: staffWith(access.Cashier, access.Operations),
			summary: "How many requests wait for the office", endpoint: handle(s, 200, s.bindingsWaiting)},
		{method: "POST", path: "/v1/bindings", who: residents,
			summary: "Ask for a home: by a code to the phone on record, or at the office", perMinute: 10,
			endpoint: handle(s, 202, s.askToBind)},
		{method: "POST", path: "/v1/bindings/:id/code", who: residents,
			summary: "Bind by the code that went to the phone on record", perMinute: 10,
			records: recording{refused: audit.BindingDenied}, endpoint: handle(s, 200, s.bindByCode)},
		{method: "POST", path: "/v1/bindings/:id/decision", who: staffWith(access.Cashier, access.Operations),
			summary: "Approve or refuse a request", endpoint: handle(s, 200, s.decideBinding)},
		{method: "POST", path: "/v1/bindings/:id/end", who: residentsAndFront,
			summary: "End a binding, or take back a request", endpoint: handle(s, 200, s.endBinding)},
	}
}

// Bounds of asking and guessing, kept in the store. A home's count residents, each once, and a resident's own tries at
// a home are theirs alone, so that one or two strangers lock nobody else out. With them the code of a home is guessed
// on one of forty thousand days.
const (
	asksOfResident  = 10 // a day
	codesOfHome     = 5  // residents who have codes sent, a day
	codesAtHome     = 3  // codes sent for one resident, a day
	requestsOfHome  = 10 // residents who ask the office, a day
	triesOfResident = 30 // codes entered a day
	triesAtHome     = 5  // codes entered by one resident, a day
	aDay            = 24 * time.Hour
)

// toBind is the purpose of a code that goes to the phone on record of a home.
const toBind = "bind"

// CodeMessage is a one-time code on its way to a phone. A code to bind says what it is for, and for whom, so that the
// owner passes it on to nobody else.
type CodeMessage struct {
	Phone, Code string
	Home        string // "" is a code to log in; else the community and unit that somebody wants to bind
	Asker       string // the masked phone of who asks to bind
}

type bindInput struct {
	Community string              `json:"community"`
	Label     string              `json:"label"`
	Way       property.BindingWay `json:"way"`
	Note      string              `json:"note"`
}

// askToBind asks for a home, by a code to the phone on record or at the office. The answer does not tell whether there
// is such a home, or a phone.
func (s *Server) askToBind(ctx context.Context, c *call, in bindInput) (askedView, error) {
	if err := needed(map[string]string{"community": in.Community, "label": in.Label}); err != nil {
		return askedView{}, err
	}
	shows := s.ShowCodes && nearby(c.IP)
	switch {
	case !slices.Contains([]property.BindingWay{property.ByCode, property.ByOffice}, in.Way):
		return askedView{}, malformed("way 须为 code 或 office。", "way is code or office.")
	case in.Way == property.ByCode && s.SendCode == nil && !shows:
		return askedView{}, fault.New(fault.Unsupported, "短信验证码尚未开通，请向物业申请绑定。",
			"One-time codes are not set up; please ask the property office.")
	}
	if err := s.spendAsk(ctx, c, in); err != nil {
		return askedView{}, err
	}
	b, err := s.Property.AskToBind(ctx, c.ID, property.BindRequest(in))
	if err != nil {
		return askedView{}, err
	}
	v, err := s.bindingView(ctx, c, b, nil)
	if err != nil || in.Way == property.ByOffice {
		return askedView{bindingView: v}, err
	}
	asked := askedView{bindingView: v, ExpiresIn: int(access.PassedOnLife.Seconds())}
	code, err := s.Access.NewCodeFor(ctx, toBind, b.ID) // also where there is no home, so that it takes as long
	if err != nil || b.Unit == "" {
		return asked, err
	}
	u, err := s.Property.Unit(ctx, b.Unit)
	if err != nil || u.Phone == "" {
		return asked, err
	}
	if shows {
		asked.DemoCode = code
		return asked, nil
	}
	go s.send(CodeMessage{Phone: u.Phone, Code: code, Home: v.CommunityName + " " + u.Label, Asker: maskPhone(b.Phone)})
	return asked, nil
}

// spendAsk counts a wish to bind against its resident and against the home, be it one or not. Who lives there already
// is not counted against it.
func (s *Server) spendAsk(ctx context.Context, c *call, in bindInput) error {
	if err := s.Access.Spend(ctx, "asks to bind of "+c.Actor(), asksOfResident, aDay); err != nil {
		return err
	}
	home, err := s.Property.HomeNamed(ctx, in.Community, in.Label)
	if err != nil {
		return err
	}
	h, err := s.Property.Home(ctx, c.ID, home)
	if err == nil && h.Household() {
		return nil
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	home = in.Community + " " + home
	if in.Way == property.ByOffice {
		return s.Access.SpendAs(ctx, c.Actor(), "residents who ask the office for "+home, requestsOfHome, aDay)
	}
	if err := s.Access.Spend(ctx, "codes for "+c.Actor()+" at "+home, codesAtHome, aDay); err != nil {
		return err
	}
	return s.Access.SpendAs(ctx, c.Actor(), "residents who have codes sent for "+home, codesOfHome, aDay)
}

// send sends a code while the answer is on its way already: how long it takes, and whether it succeeds, would tell that
// there is such a home.
func (s *Server) send(m CodeMessage) {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	if err := s.SendCode(ctx, m); err != nil {
		s.Log.Error("a code to bind a home could not be sent", "err", err)
	}
}

type bindCodeInput struct {
	ID   string `path:"id" json:"-"`
	Code string `json:"code"`
}

// bindByCode binds a home by the code that went to the phone on record.
func (s *Server) bindByCode(ctx context.Context, c *call, in bindCodeInput) (bindingView, error) {
	if err := needed(map[string]string{"code": in.Code}); err != nil {
		return bindingView{}, err
	}
	b, err := s.ownBinding(ctx, c, in.ID)
	if err != nil {
		return bindingView{}, err
	}
	c.event = audit.Event{Object: "binding:" + b.ID, Company: b.Company, Communities: []string{b.Community}}
	if err := s.Access.CodeWaits(ctx, toBind, b.ID); err != nil { // where none can be right none is a guess
		return bindingView{}, err
	}
	if err := s.Access.Spend(ctx, "codes tried of "+c.Actor(), triesOfResident, aDay); err != nil {
		return bindingView{}, err
	}
	tried := "codes tried of " + c.Actor() + " at " + b.Community + " " + b.Home()
	if err := s.Access.Spend(ctx, tried, triesAtHome, aDay); err != nil {
		return bindingView{}, err
	}
	text := in.Code
	if b.Unit == "" {
		text = "" // nobody has got the code of a home that is none
	}
	if err := s.Access.UseCodeFor(ctx, toBind, b.ID, text); err != nil {
		return bindingView{}, err
	}
	if b, err = s.Property.BindByCode(ctx, b.ID); err != nil {
		return bindingView{}, err
	}
	return s.bindingView(ctx, c, b, nil)
}

// ownBinding is a binding that the caller, a resident, asked for; any other does not exist.
func (s *Server) ownBinding(ctx context.Context, c *call, id string) (*property.Binding, error) {
	b, err := s.Property.Binding(ctx, id)
	if err != nil {
		return nil, err
	}
	if b.Resident != c.ID {
		return nil, outOfReach()
	}
	return b, nil
}

type bindingsQuery struct {
	State     property.BindingState `query:"state" json:"-"`
	Community string                `query:"community" json:"-"` // staff; "" is all within reach
	Cursor    string                `query:"cursor" json:"-"`
	Limit     int                   `query:"limit" json:"-"` // 0 is 50
}

// findBindings lists what a resident has asked for, or the requests that staff decide.
func (s *Server) findBindings(ctx context.Context, c *call, in bindingsQuery) (list[bindingView], error) {
	s.phonesSeen(c, unitQuery{})
	if in.State == "" {
		in.State = property.Requested
	}
	if !slices.Contains(property.BindingStates(), in.State) {
		return list[bindingView]{}, malformed("state 不正确。", "There is no such state.")
	}
	if c.Kind == access.ResidentKind {
		bindings, next, err := s.Property.MyBindings(ctx, c.ID, in.Cursor, min(in.Limit, pageMost))
		return s.bindingViews(ctx, c, bindings, next, nil, err)
	}
	where, err := s.searched(ctx, c, in.Community)
	if err != nil {
		return list[bindingView]{}, err
	}
	bindings, next, err := s.Property.BindingPage(ctx, where, in.State, in.Cursor, min(in.Limit, pageMost))
	return s.bindingViews(ctx, c, bindings, next, nil, err)
}

type waitingView struct {
	Waiting int64 `json:"waiting"`
}

// bindingsWaiting counts the requests that wait for the office, without showing any.
func (s *Server) bindingsWaiting(ctx context.Context, c *call, _ none) (waitingView, error) {
	where, err := s.searched(ctx, c, "")
	if err != nil {
		return waitingView{}, err
	}
	n, err := s.Property.Waiting(ctx, where)
	return waitingView{n}, err
}

// household lists who is and was bound to a unit under its owner.
func (s *Server) household(ctx context.Context, c *call, in unitPage) (list[bindingView], error) {
	h, err := s.householdOf(ctx, c, in.ID)
	if err != nil {
		return list[bindingView]{}, err
	}
	if s.phonesSeen(c, unitQuery{Community: h.Community}); c.Kind == access.StaffKind {
		c.event.Object = "unit:" + h.ID
	}
	bindings, next, err := s.Property.HouseholdPage(ctx, &h.Unit, in.Cursor, min(in.Limit, pageMost))
	return s.bindingViews(ctx, c, bindings, next, h, err)
}

type unitPage struct {
	ID     string `path:"id" json:"-"`
	Cursor string `query:"cursor" json:"-"`
	Limit  int    `query:"limit" json:"-"` // 0 is 50
}

// householdOf is a unit for its household and its staff; for a former owner it does not exist.
func (s *Server) householdOf(ctx context.Context, c *call, id string) (*property.Home, error) {
	h, err := s.home(ctx, c, id)
	if err == nil && c.Kind == access.ResidentKind && !h.Household() {
		return nil, outOfReach()
	}
	return h, err
}

// readHousehold marks what happened at a home as read.
func (s *Server) readHousehold(ctx context.Context, c *call, in idInput) (none, error) {
	h, err := s.householdOf(ctx, c, in.ID)
	if err != nil {
		return none{}, err
	}
	return none{}, s.Property.Saw(ctx, c.ID, h.ID)
}

type bindingDecision struct {
	ID      string `path:"id" json:"-"`
	Approve bool   `json:"approve"`
	Reason  string `json:"reason"` // to refuse; the resident sees it
}

func (s *Server) decideBinding(ctx context.Context, c *call, in bindingDecision) (bindingView, error) {
	b, err := s.Property.Binding(ctx, in.ID)
	if err != nil {
		return bindingView{}, err
	}
	if !scope(c).Covers(b.Company, b.Community) {
		return bindingView{}, outOfReach()
	}
	if b, err = s.Property.DecideBinding(ctx, b.ID, in.Approve, in.Reason, c.Actor()); err != nil {
		return bindingView{}, err
	}
	return s.bindingView(ctx, c, b, nil)
}

type endInput struct {
	ID     string `path:"id" json:"-"`
	Reason string `json:"reason"` // staff's; the resident sees it
}

// endBinding ends a binding: by whoever asked for it, by the owner on record, or by the office.
func (s *Server) endBinding(ctx context.Context, c *call, in endInput) (bindingView, error) {
	b, err := s.Property.Binding(ctx, in.ID)
	if err != nil {
		return bindingView{}, err
	}
	var h *property.Home
	switch {
	case c.Kind == access.StaffKind:
		if !scope(c).Covers(b.Company, b.Community) {
			return bindingView{}, outOfReach()
		}
	case b.Resident != c.ID:
		if b.BoundAt.IsZero() { // what only waits is between the resident and the office
			return bindingView{}, outOfReach()
		}
		if h, err = s.householdOf(ctx, c, b.Unit); err != nil {
			return bindingView{}, err
		}
		if h.As != property.Owner || h.Tenure != b.Tenure {
			return bindingView{},
				fault.New(fault.Forbidden, "只有业主可以解除他人的绑定。", "Only the owner may end somebody else's binding.")
		}
	}
	if b, err = s.Property.EndBinding(ctx, b.ID, in.Reason, c.Actor()); err != nil {
		return bindingView{}, err
	}
	return s.bindingView(ctx, c, b, h)
}
