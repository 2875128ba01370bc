package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/approval"
	"linlipay/fault"
	"linlipay/store"
)

// memberRoutes are the routes of members of staff.
func (s *Server) memberRoutes() []route {
	return []route{
		{id: "changeMyPassword", method: "PUT", path: "/v1/me/password", who: anyStaff,
			summary: "Change one's own password; all other sessions end", perMinute: 30, unfinished: true,
			endpoint: handle(s, 204, s.changePassword)},
		{id: "listMySessions", method: "GET", path: "/v1/me/sessions", who: anyStaff, summary: "Where one is logged in",
			endpoint: listed(s, sessionSorts(), s.mySessions)},
		{id: "endMySessions", method: "DELETE", path: "/v1/me/sessions", who: anyStaff,
			summary: "Log out everywhere but here", problems: []fault.Code{fault.Invalid},
			endpoint: handle(s, 204, s.endMySessions)},
		{id: "endMySession", method: "DELETE", path: "/v1/me/sessions/:session", who: anyStaff,
			summary: "Log out at one place", endpoint: handle(s, 204, s.endMySession)},
		{id: "listMembers", method: "GET", path: "/v1/members", who: staffWith(access.Finance, access.Operations),
			summary:  "Staff with their rights, and what waits for another person",
			endpoint: listed(s, store.SortsBy("name", "created_at", "requested_at", "disabled"), s.listMembers)},
		{id: "createMember", method: "POST", path: "/v1/members", who: staffWith(access.Operations),
			summary:  "Ask for a new member of staff, whom another person approves",
			problems: []fault.Code{fault.NotFound, fault.AlreadyExists}, endpoint: handle(s, 201, s.addMember)},
		{id: "updateMemberRights", method: "PUT", path: "/v1/members/:id/rights", who: staffWith(access.Operations),
			summary:  "Change roles and communities: less at once, more once another person approves",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.changeMember)},
		{id: "disableMember", method: "POST", path: "/v1/members/:id/deactivation", who: staffWith(access.Operations),
			summary: "Disable a login: it is out everywhere within a minute", problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 200, s.disableMember)},
		{id: "enableMember", method: "POST", path: "/v1/members/:id/activation", who: staffWith(access.Operations),
			summary: "Ask for a disabled login to be enabled", problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 200, s.enableMember)},
		{id: "resetMemberPassword", method: "POST", path: "/v1/members/:id/one-time-passwords",
			who:     staffWith(access.Operations),
			summary: "Ask for a one-time password in place of a member's", problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 200, s.resetMember)},
		{id: "decideMember", method: "POST", path: "/v1/members/:id/decision", who: decides(access.RightsMatter()),
			summary: "Approve or refuse what waits, as another person", problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 200, s.decideMember)},
		{id: "withdrawMember", method: "POST", path: "/v1/members/:id/withdrawal", who: asks(access.RightsMatter()),
			summary: "Take back what one asked for", problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 200, s.withdrawMember)},
		{id: "listMemberSessions", method: "GET", path: "/v1/members/:id/sessions", who: staffWith(access.Operations),
			summary: "Where a member is logged in", endpoint: listed(s, sessionSorts(), s.memberSessions)},
		{id: "endMemberSessions", method: "DELETE", path: "/v1/members/:id/sessions",
			who: staffWith(access.Operations), summary: "End all of a member's sessions",
			endpoint: handle(s, 204, s.endSessions)},
		{id: "endMemberSession", method: "DELETE", path: "/v1/members/:id/sessions/:session",
			who: staffWith(access.Operations), summary: "End one of a member's sessions",
			endpoint: handle(s, 204, s.endSession)},
	}
}

// memberView is a member of staff as those see them who look after staff.
type memberView struct {
	ID          string             `json:"id"`
	Login       string             `json:"login"`
	Name        string             `json:"name"`
	Roles       []access.Role      `json:"roles"`
	Communities []string           `json:"communities"` // without regions, empty is all of the company
	Regions     []string           `json:"regions"`     // their communities, today and later
	Disabled    bool               `json:"disabled"`
	MustChange  bool               `json:"must_change"` // has a one-time password that they have not changed yet
	CreatedAt   time.Time          `json:"created_at"`
	Request     *memberRequestView `json:"request,omitempty"`
	Yourself    bool               `json:"yourself"`
}

// memberRequestView is what waits for another person, or was decided last.
type memberRequestView struct {
	requestView
	New         bool          `json:"new"`                   // a member who could never log in yet
	Roles       []access.Role `json:"roles,omitempty"`       // the roles that they would have; none stays as it is
	Communities []string      `json:"communities,omitempty"` // with roles: without regions, empty is all
	Regions     []string      `json:"regions,omitempty"`
	Enable      bool          `json:"enable"`
	Password    bool          `json:"password"` // a one-time password, whose second half the approver gets
}

func (s *Server) member(c *call, m *access.Staff, many deciders) memberView {
	v := memberView{
		ID: m.ID, Login: m.Login, Name: m.Name, Roles: append([]access.Role{}, m.Roles...),
		Communities: append([]string{}, m.Communities...), Regions: append([]string{}, m.Regions...),
		Disabled: m.Disabled, MustChange: m.Caller().MustChange, CreatedAt: m.CreatedAt, Yourself: m.ID == c.ID,
	}
	if m.Request != nil {
		v.Request = s.memberRequest(c, m, many)
	}
	return v
}

// memberRequest shows what was asked for a member; of many, those may decide it whose communities are the member's too.
func (s *Server) memberRequest(c *call, m *access.Staff, many deciders) *memberRequestView {
	asked, r := m.Request, m.Request.Request
	r.State = r.At(s.Now())
	many = slices.DeleteFunc(slices.Clone(many), func(who access.Caller) bool { return !m.DecidedBy(who) })
	v := &memberRequestView{requestView: *c.request(r, many), New: asked.New, Enable: asked.Enable,
		Password: asked.Code != nil}
	if asked.Rights != nil {
		v.Roles, v.Communities, v.Regions = asked.Rights.Roles, asked.Rights.Communities, asked.Rights.Regions
	}
	if r.State == approval.Requested {
		v.Outdated = r.Base != m.Revision
		v.Differences = memberDifferences(m)
	}
	return v
}

// memberDifferences are what a request changes of a member; communities and regions are one thing, of which none is all
// of the company. For a new one, who is nowhere yet, the request itself tells where.
func memberDifferences(m *access.Staff) []differenceView {
	r, list := m.Request, []differenceView{}
	differs := func(field, before, after string) {
		if before != after {
			list = append(list, differenceView{Field: field, Before: before, After: after})
		}
	}
	if r.Rights != nil {
		differs("roles", joined(m.Roles), joined(r.Rights.Roles))
	}
	if r.Rights != nil && !r.New {
		differs("communities", joined(slices.Concat(m.Communities, m.Regions)),
			joined(slices.Concat(r.Rights.Communities, r.Rights.Regions)))
	}
	if r.Enable && !r.New {
		differs("disabled", fmt.Sprint(m.Disabled), "false")
	}
	if r.Code != nil {
		list = append(list, differenceView{Field: "password", After: "••••••", Secret: true})
	}
	return list
}

// memberDeciders are the company's people who may decide over staff, wherever.
func (s *Server) memberDeciders(ctx context.Context, c *call) (deciders, error) {
	return s.decidersWhere(ctx, c, access.RightsMatter(), func(access.Caller) bool { return true })
}

// memberAnswer shows a member with whom something was done.
func (s *Server) memberAnswer(ctx context.Context, c *call, m *access.Staff, err error) (memberView, error) {
	if err != nil {
		return memberView{}, err
	}
	many, err := s.memberDeciders(ctx, c)
	return s.member(c, m, many), err
}

// codeAnswer is memberAnswer with a half of a one-time password.
func (s *Server) codeAnswer(ctx context.Context, c *call, m *access.Staff, half string, err error) (codeForView,
	error) {
	v, err := s.memberAnswer(ctx, c, m, err)
	if err != nil {
		return codeForView{}, err
	}
	return codeForView{v, half}, nil
}

// codeForView is a member and a half of the one-time password that was asked for: the first for who asks, the second
// for who approves. Nobody is shown it again.
type codeForView struct {
	Member memberView `json:"member"`
	Half   string     `json:"password_half,omitempty"`
}

type membersQuery struct {
	Waiting string      `query:"waiting" json:"-"` // 1: those alone for whom something waits
	Role    access.Role `query:"role" json:"-"`    // those who have it
	pageQuery
}

func (s *Server) listMembers(ctx context.Context, c *call, in membersQuery) (list[memberView], error) {
	all, err := everything(func(cursor string, limit int) ([]access.Staff, string, error) {
		return s.Access.Members(ctx, c.Caller, in.Waiting != "", cursor, limit)
	})
	if err != nil {
		return list[memberView]{}, err
	}
	page, err := membersPage(in.pageQuery, withRole(all, in.Role))
	if err != nil {
		return list[memberView]{}, err
	}
	many, err := s.memberDeciders(ctx, c)
	if err != nil {
		return list[memberView]{}, err
	}
	return shown(page, func(m *access.Staff) (memberView, error) { return s.member(c, m, many), nil })
}

type newMemberInput struct {
	Login       string        `json:"login" most:"64"`
	Name        string        `json:"name" most:"40"`
	Roles       []access.Role `json:"roles"`
	Communities []string      `json:"communities,omitempty"` // without regions, empty is all of the company
	Regions     []string      `json:"regions,omitempty"`
}

// checkScope is the fault of rights in communities that the caller does not reach, or in regions that there are not.
func (s *Server) checkScope(ctx context.Context, c *call, r access.Rights) error {
	if err := s.checkCommunities(ctx, c, r.Communities); err != nil {
		return err
	}
	if len(r.Regions) == 0 {
		return nil
	}
	o, err := s.organisation(ctx, c)
	if err != nil {
		return err
	}
	for _, id := range r.Regions {
		if o.Region(id) == nil {
			return fault.New(fault.NotFound, "没有这个区域。", "There is no such region.").With("field", "regions")
		}
	}
	return nil
}

// checkCommunities is the fault of communities that the caller does not reach, by the name of their field.
func (s *Server) checkCommunities(ctx context.Context, c *call, ids []string) error {
	for _, id := range ids {
		var f *fault.Error
		if _, err := s.community(ctx, c, id); errors.As(err, &f) {
			return f.With("field", "communities")
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) addMember(ctx context.Context, c *call, in newMemberInput) (codeForView, error) {
	r := access.Rights{Roles: in.Roles, Communities: in.Communities, Regions: in.Regions}
	if err := s.checkScope(ctx, c, r); err != nil {
		return codeForView{}, err
	}
	m, half, err := s.Access.Add(ctx, c.Caller, in.Login, in.Name, r)
	return s.codeAnswer(ctx, c, m, half, err)
}

type rightsInput struct {
	ID          string        `path:"id" json:"-"`
	Roles       []access.Role `json:"roles"`
	Communities []string      `json:"communities"` // without regions, empty is all of the company
	Regions     []string      `json:"regions"`
}

func (s *Server) changeMember(ctx context.Context, c *call, in rightsInput) (memberView, error) {
	if _, err := s.Access.Member(ctx, c.Caller, in.ID); err != nil {
		return memberView{}, err
	}
	r := access.Rights{Roles: in.Roles, Communities: in.Communities, Regions: in.Regions}
	if err := s.checkScope(ctx, c, r); err != nil {
		return memberView{}, err
	}
	m, err := s.Access.ChangeRights(ctx, c.Caller, in.ID, r)
	return s.memberAnswer(ctx, c, m, err)
}

func (s *Server) disableMember(ctx context.Context, c *call, in idInput) (memberView, error) {
	m, err := s.Access.Disable(ctx, c.Caller, in.ID)
	return s.memberAnswer(ctx, c, m, err)
}

func (s *Server) enableMember(ctx context.Context, c *call, in idInput) (memberView, error) {
	m, err := s.Access.Enable(ctx, c.Caller, in.ID)
	return s.memberAnswer(ctx, c, m, err)
}

func (s *Server) resetMember(ctx context.Context, c *call, in idInput) (codeForView, error) {
	m, half, err := s.Access.Reset(ctx, c.Caller, in.ID)
	return s.codeAnswer(ctx, c, m, half, err)
}

func (s *Server) decideMember(ctx context.Context, c *call, in decisionInput) (codeForView, error) {
	m, half, err := s.Access.Decide(ctx, c.Caller, in.ID, in.decision())
	return s.codeAnswer(ctx, c, m, half, err)
}

func (s *Server) withdrawMember(ctx context.Context, c *call, in withdrawalInput) (memberView, error) {
	m, err := s.Access.Withdraw(ctx, c.Caller, in.ID, in.Request)
	return s.memberAnswer(ctx, c, m, err)
}

type sessionView struct {
	ID        string    `json:"id"`
	OpenedAt  time.Time `json:"opened_at"`
	UsedAt    time.Time `json:"last_used_at"` // when it was last renewed
	ExpiresAt time.Time `json:"expires_at"`
	Address   string    `json:"address"`
	Agent     string    `json:"user_agent"` // what the browser called itself
	Current   bool      `json:"current"`
}

type sessionsQuery struct {
	ID string `path:"id" json:"-"`
	pageQuery
}

// sessionSorts are the orders of lists of sessions.
func sessionSorts() []store.Sort { return store.SortsBy("-opened_at", "-last_used_at") }

func (s *Server) memberSessions(ctx context.Context, c *call, in sessionsQuery) (list[sessionView], error) {
	all, err := everything(func(cursor string, limit int) ([]access.Session, string, error) {
		return s.Access.Sessions(ctx, c.Caller, in.ID, cursor, limit)
	})
	if err != nil {
		return list[sessionView]{}, err
	}
	page, err := sortedPage(in.pageQuery, all, func(o *access.Session) string { return o.ID },
		sortKeys[access.Session]{
			"opened_at":    func(o *access.Session) string { return inTime(o.OpenedAt) },
			"last_used_at": func(o *access.Session) string { return inTime(o.UsedAt) },
		})
	if err != nil {
		return list[sessionView]{}, err
	}
	return shown(page, func(o *access.Session) (sessionView, error) {
		return sessionView{o.ID, o.OpenedAt, o.UsedAt, o.ExpiresAt, o.Address, o.Agent, o.ID == c.Session}, nil
	})
}

// endSessions ends all of a member's sessions but the one that asks.
func (s *Server) endSessions(ctx context.Context, c *call, in idInput) (none, error) {
	return none{}, s.Access.EndSessions(ctx, c.Caller, in.ID)
}

type sessionInput struct {
	ID      string `path:"id" json:"-"`
	Session string `path:"session" json:"-"`
}

func (s *Server) endSession(ctx context.Context, c *call, in sessionInput) (none, error) {
	return none{}, s.Access.EndSession(ctx, c.Caller, in.ID, in.Session)
}

func (s *Server) mySessions(ctx context.Context, c *call, in pageQuery) (list[sessionView], error) {
	return s.memberSessions(ctx, c, sessionsQuery{c.ID, in})
}

func (s *Server) endMySessions(ctx context.Context, c *call, _ none) (none, error) {
	return s.endSessions(ctx, c, idInput{c.ID})
}

type mySessionInput struct {
	Session string `path:"session" json:"-"`
}

func (s *Server) endMySession(ctx context.Context, c *call, in mySessionInput) (none, error) {
	return s.endSession(ctx, c, sessionInput{c.ID, in.Session})
}

type passwordInput struct {
	Current string `json:"current"`
	Next    string `json:"next" most:"128"`
}

func (s *Server) changePassword(ctx context.Context, c *call, in passwordInput) (none, error) {
	return none{}, s.Access.ChangePassword(ctx, c.Caller, in.Current, in.Next, c.IP)
}
