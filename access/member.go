package access

import (
	"context"
	"crypto/rand"
	"regexp"
	"slices"
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/store"
)

// What changes a member of staff's rights. Taking rights takes effect at once. Giving them (a new member, more roles,
// more communities, a login enabled again, another password) waits in the member's document until another person
// decides, so that one login cannot make itself a second one, which could approve what the first asked for. For the
// same reason a code for a new password is in two halves: who asks gets one, who approves the other, and only the
// person has both.

// RightsMatter is who asks for rights and who decides.
func RightsMatter() approval.Matter {
	return approval.Matter{
		ZH: "员工权限变更", EN: "change of a member of staff", Asks: []string{string(Operations)},
		Decides: []string{string(Finance), string(Operations)}, Lasts: 7 * 24 * time.Hour,
	}
}

// Person is the caller as one who asks or decides: by who they are, whatever session they are in.
func (c Caller) Person() approval.Person {
	p := approval.Person{ID: c.Actor()}
	for _, r := range c.Roles {
		p.Roles = append(p.Roles, string(r))
	}
	return p
}

// Request is what was asked for a member. What it does not name stays as it is. Once decided it stays until another
// takes its place, so that the asker reads why it was refused.
type Request struct {
	approval.Request
	New    bool    `json:"new,omitempty"`
	Rights *Rights `json:"rights,omitempty"`
	Enable bool    `json:"enable,omitempty"`
	Code   *Code   `json:"code,omitempty"` // while it waits
}

// standing is the request that an asking meets.
func (r *Request) standing() *approval.Request {
	if r == nil {
		return nil
	}
	return &r.Request
}

// State is where a member's request stands at a time, "" for none.
func (m *Staff) State(now time.Time) approval.State { return m.Request.standing().At(now) }

// Code is a one-time password that waits: its owner changes it when they log in with it.
type Code struct {
	Secret
	Half string `json:"half"` // the approver's half, sealed
}

// codeDays is how long a code for a new password is good for, from its approval.
const codeDays = 3

var login = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._@-]{1,63}$`)

// CheckMember is the Invalid fault of a login, a name or roles that nobody can have.
func CheckMember(name, person string, roles []Role) error {
	switch {
	case !login.MatchString(name):
		return fault.New(fault.Invalid, "登录名须为 2 至 64 个字母、数字或 . _ @ -。",
			"A login has 2 to 64 letters, digits or . _ @ -.").With("field", "login")
	case len([]rune(person)) > 40:
		return fault.New(fault.Invalid, "姓名最多 40 个字。", "A name has 40 characters at most.").With("field", "name")
	}
	return checkRoles(roles)
}

// Member is a member of staff within a caller's reach: of their company, and of their communities where these are not
// all. Whoever is not is NotFound.
func (s *Service) Member(ctx context.Context, by Caller, id string) (*Staff, error) {
	m, err := s.staff.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return m, m.within(by)
}

func (m *Staff) within(by Caller) error {
	if m.Company != by.Company || m.ID != by.ID && !by.Scope().covers(m.scope()) {
		return fault.New(fault.NotFound, "没有这位员工。", "There is no such member of staff.")
	}
	return nil
}

// DecidedBy reports whether what waits for a member is within another person's reach, and so theirs to decide if they
// have the role.
func (m *Staff) DecidedBy(who Caller) bool {
	if m.ID == who.ID || m.within(who) != nil {
		return false
	}
	return m.Request.Rights == nil || who.Scope().covers(m.Request.Rights.scope())
}

// Members is a page of the staff within a caller's reach, those with a request alone if asked for (the oldest first),
// and the cursor of the next page, "" on the last. A page may be short.
func (s *Service) Members(ctx context.Context, by Caller, asked bool, cursor string, limit int) (members []Staff,
	next string, err error) {
	q := store.Query{Index: "by_company", Equal: []any{by.Company}, Cursor: cursor, Limit: limit}
	if asked {
		q.Index = "by_asked"
	}
	for {
		page, next, err := s.staff.Find(ctx, q)
		if err != nil {
			return nil, "", err
		}
		page = slices.DeleteFunc(page, func(m Staff) bool { return m.within(by) != nil })
		if len(page) > 0 || next == "" {
			return page, next, nil
		}
		q.Cursor = next
	}
}

// change changes a member within the caller's reach, who is another person, and has it recorded.
func (s *Service) change(ctx context.Context, by Caller, id string, verb audit.Verb, change func(*Staff) error) (*Staff,
	error) {
	defer s.standings.forget()
	return s.staff.Update(ctx, id, func(m *Staff) error {
		if err := m.within(by); err != nil {
			return err
		}
		if m.ID == by.ID {
			return fault.New(fault.Forbidden, "不能更改自己的账号，请由其他同事操作。",
				"Nobody changes their own rights: ask a colleague.")
		}
		before := m.told()
		if err := change(m); err != nil {
			return err
		}
		done := verb
		if now := m.told(); verb == audit.StaffChanged && now["request"] != before["request"] &&
			m.State(s.now()) == approval.Requested {
			done = audit.StaffAsked
		}
		m.owe(ctx, done, before, s.now())
		return nil
	})
}

// ask puts a request into a member; what the same person asked before, and nobody has decided, is asked for with it.
// The shell's takes effect at once.
func (s *Service) ask(m *Staff, by Caller, r Request) error {
	if by.Kind == ShellKind {
		s.grant(m, r)
		m.Request = nil
		return nil
	}
	now := s.now().UTC()
	asking := approval.Asking{Standing: m.Request.standing(), Base: m.Revision}
	if old := m.Request; m.State(now) == approval.Requested && old.RequestedBy == by.Actor() {
		asking.Replaces = old.ID
		r.New, r.Enable = r.New || old.New, r.Enable || old.Enable
		if r.Rights == nil {
			r.Rights = old.Rights
		}
		if r.Code == nil {
			r.Code = old.Code
		}
	}
	asked, err := RightsMatter().Ask(asking, by.Person(), now)
	if err != nil {
		return err
	}
	r.Request = *asked
	m.Request = &r
	return nil
}

// grant does what was asked.
func (s *Service) grant(m *Staff, r Request) {
	m.Revision++
	if r.Rights != nil {
		m.Roles, m.Communities, m.Regions = r.Rights.Roles, r.Rights.Communities, r.Rights.Regions
	}
	if r.Enable && m.Disabled {
		m.Disabled = false
		m.endSessions("")
	}
	if r.Code != nil {
		m.Secret = r.Code.Secret
		m.Until = s.now().UTC().AddDate(0, 0, codeDays)
		m.endSessions("")
	}
}

// code makes a code for a new password in two halves.
func (s *Service) code(ctx context.Context, id string) (Code, string, string, error) {
	first, second := rand.Text()[:8], rand.Text()[:8]
	secret, err := s.secret(ctx, first+"-"+second)
	return Code{secret, s.box.Seal([]byte(second), "staff-code/"+id)}, first, second, err
}

// halves are what who asks for a code is given: the first half, or the whole in the shell.
func halves(by Caller, first, second string) string {
	if by.Kind == ShellKind {
		return first + "-" + second
	}
	return first
}

// Add asks for a new member of staff, who can log in once another person has approved. It returns the first half of
// their code. A login that is taken is AlreadyExists. Without a name it is Invalid. More communities than the caller's
// own are Forbidden.
func (s *Service) Add(ctx context.Context, by Caller, name, person string, r Rights) (*Staff, string, error) {
	if err := CheckMember(name, person, r.Roles); err != nil {
		return nil, "", err
	}
	if strings.TrimSpace(person) == "" {
		return nil, "", fault.New(fault.Invalid, "请填写姓名。", "A name is required.").With("field", "name")
	}
	if !by.Scope().covers(r.scope()) {
		return nil, "", beyond()
	}
	m := &Staff{
		ID: StaffID(name), Login: name, Name: person, Company: by.Company, Communities: r.Communities,
		Regions: r.Regions, Roles: []Role{},
		CreatedAt: s.now().UTC(), CreatedBy: by.Actor(), Disabled: true,
	}
	code, first, second, err := s.code(ctx, m.ID)
	if err != nil {
		return nil, "", err
	}
	if err := s.ask(m, by, Request{New: true, Rights: &r, Enable: true, Code: &code}); err != nil {
		return nil, "", err
	}
	verb := audit.StaffAsked
	if by.Kind == ShellKind {
		verb = audit.StaffAdded
	}
	m.owe(ctx, verb, nil, m.CreatedAt)
	if err = s.staff.Insert(ctx, m); fault.Is(err, fault.AlreadyExists) {
		m, err = s.staff.Update(ctx, m.ID, func(old *Staff) error {
			if !old.unused(s.now()) {
				return fault.New(fault.AlreadyExists, "登录名已被使用。", "This login is taken.").With("field", "login")
			}
			kept, before := *old, old.told()
			*old = *m
			old.Version, old.Revision, old.Era, old.OwesAudit = kept.Version, kept.Revision+1, kept.Era+1,
				kept.OwesAudit
			if old.Request != nil {
				old.Request.Base = old.Revision
			}
			old.owe(ctx, verb, before, m.CreatedAt)
			return nil
		})
	}
	return m, halves(by, first, second), err
}

func beyond() error {
	return fault.New(fault.Forbidden, "不能超出您自己的小区范围。", "This is beyond your own communities.").With("field",
		"communities")
}

// ChangeRights takes rights at once, and asks for those that a member does not have. More communities than the caller's
// own are Forbidden.
func (s *Service) ChangeRights(ctx context.Context, by Caller, id string, r Rights) (*Staff, error) {
	if err := checkRoles(r.Roles); err != nil {
		return nil, err
	}
	return s.change(ctx, by, id, audit.StaffChanged, func(m *Staff) error {
		if !by.Scope().covers(r.scope()) {
			return beyond()
		}
		has, err := s.written(ctx, m.Company, m.scope())
		if err != nil {
			return err
		}
		asked, err := s.written(ctx, m.Company, r.scope())
		if err != nil {
			return err
		}
		gives := m.gives(r, has)
		m.narrow(r, has, asked)
		m.Revision++ // what was asked for on what they had is to be asked for anew
		if gives {
			return s.ask(m, by, Request{Rights: &r})
		}
		return nil
	})
}

// Disable lets a member do nothing any more, at once and everywhere within a minute. Nobody disables themselves:
// Forbidden.
func (s *Service) Disable(ctx context.Context, by Caller, id string) (*Staff, error) {
	return s.change(ctx, by, id, audit.StaffDisabled, func(m *Staff) error {
		if m.Disabled && m.State(s.now()) != approval.Requested {
			return store.ErrUnchanged
		}
		m.Disabled = true
		m.Revision++ // no request of before can be approved any more
		m.Request = nil
		m.endSessions("")
		return nil
	})
}

// Enable asks for a disabled member to be let in again. To ask for oneself is Forbidden; else it is as
// approval.Matter.Ask says.
func (s *Service) Enable(ctx context.Context, by Caller, id string) (*Staff, error) {
	return s.change(ctx, by, id, audit.StaffChanged, func(m *Staff) error {
		if !m.Disabled {
			return store.ErrUnchanged
		}
		return s.ask(m, by, Request{Enable: true})
	})
}

// Reset asks for a code that replaces a member's password, and returns its first half. To ask for oneself is Forbidden;
// else it is as approval.Matter.Ask says.
func (s *Service) Reset(ctx context.Context, by Caller, id string) (*Staff, string, error) {
	if _, err := s.Member(ctx, by, id); err != nil {
		return nil, "", err
	}
	code, first, second, err := s.code(ctx, id)
	if err != nil {
		return nil, "", err
	}
	m, err := s.change(ctx, by, id, audit.StaffChanged, func(m *Staff) error {
		return s.ask(m, by, Request{Code: &code})
	})
	return m, halves(by, first, second), err
}

// Decide approves or refuses the request that the caller saw, as another person than who asked and than whom it is
// about. Who approves a code is given its second half. See approval.Request for the faults. Rights in more communities
// than the decider's own are Forbidden.
func (s *Service) Decide(ctx context.Context, by Caller, id string, d approval.Decision) (*Staff, string, error) {
	half, verb := "", audit.StaffDenied
	if d.Approve {
		verb = audit.StaffApproved
		seen, err := s.Member(ctx, by, id)
		if err != nil {
			return nil, "", err
		}
		if err := s.askerOf(ctx, seen); err != nil {
			return nil, "", err
		}
	}
	m, err := s.change(ctx, by, id, verb, func(m *Staff) error {
		r := m.Request
		if r != nil && r.Rights != nil && !by.Scope().covers(r.Rights.scope()) {
			return beyond()
		}
		if err := m.Request.standing().Decide(RightsMatter(), d, m.Revision, by.Person(), s.now().UTC()); err != nil {
			return err
		}
		code := r.Code
		if d.Approve {
			if code != nil {
				plain, err := s.box.Open(code.Half, "staff-code/"+id)
				if err != nil {
					return err
				}
				half = string(plain)
			}
			s.grant(m, *r)
		}
		r.Code = nil
		return nil
	})
	return m, half, err
}

// Withdraw takes back what the caller asked for. Its faults are approval.Request.Withdraw's.
func (s *Service) Withdraw(ctx context.Context, by Caller, id, request string) (*Staff, error) {
	return s.change(ctx, by, id, audit.StaffWithdrawn, func(m *Staff) error {
		if err := m.Request.standing().Withdraw(request, by.Person(), s.now().UTC()); err != nil {
			return err
		}
		m.Request.Code = nil
		return nil
	})
}
