// Package approval is what one person asks and another decides (审批): refunds, merchant accounts, routes, roles.
//
// A request stands inside the document that it wants changed, so that one compare-and-set decides both: whoever owns
// the document keeps a Request in it beside what is asked for, and in one store.Update
//
//   - asks: Matter.Ask makes the Request, refused while another stands there that the asker does not name;
//   - decides: Request.Decide checks who, which request and on what, and records it; only when it returns nil and the
//     request was approved does the owner apply the change, in the same Update;
//   - withdraws: Request.Withdraw.
//
// A Matter says which roles ask and decide; the asker never decides, and of a person only the ID counts, never the
// session that they are in. A request names the revision of what it would change (Base): what has changed since must be
// asked for anew. Nothing here runs by itself: a request that nobody decided in time reads as Expired from then on.
//
// Where a company's own table says who decides (授权表), an Authority is asked in the place of the Matter's roles.
//
// A document that has statuses of its own, as a refund does, keeps Signatures alone and has Matter.MayDecide say who.
package approval

import (
	"slices"
	"time"

	"linlipay/fault"
)

// State is where a request stands.
type State string

// The states of a request.
const (
	Requested State = "requested" // 待审批: another person must decide
	Approved  State = "approved"  // 已批准: it took effect; final
	Refused   State = "refused"   // 已驳回: nothing changed; final
	Withdrawn State = "withdrawn" // 已撤回: by the asker, or a newer request took its place; final
	Expired   State = "expired"   // 已过期: nobody decided in time; final
)

// Transitions is the one table of allowed changes of a request's state.
func Transitions() map[State][]State {
	return map[State][]State{
		Requested: {Approved, Refused, Withdrawn, Expired},
		Approved:  {}, Refused: {}, Withdrawn: {}, Expired: {},
	}
}

// CommandLine is who whoever runs the machine is in place of a person: what the shell changes counts as asked and
// approved at once, and is recorded under this name.
const CommandLine = "command line"

// Person is one who asks or decides.
type Person struct {
	ID    string   // the same in every session and on every device, such as "staff:4f…"; never a session's or a token's
	Roles []string // what they are
}

// Has reports whether the person has one of the roles.
func (p Person) Has(roles []string) bool {
	return slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(p.Roles, r) })
}

// Matter is a kind of thing that is decided by two. Its owner declares it as data, and routes let in whom it names.
type Matter struct {
	ZH, EN  string        // what is asked for, as in 退款申请 and "refund"
	Asks    []string      // the roles that may ask, each one enough
	Clients []string      // the rights with which a program may ask too, each one enough; none is that people alone may
	Decides []string      // the roles that may decide, each one enough
	Lasts   time.Duration // how long a request can be decided; 0 is for ever
}

// Signatures are who asked and who decided, as they are stored.
type Signatures struct {
	RequestedBy string    `json:"requested_by,omitempty"` // "" is the system
	RequestedAt time.Time `json:"requested_at"`
	DecidedBy   string    `json:"decided_by,omitempty"` // who approved or refused; "" when the system's rule did
	DecidedAt   time.Time `json:"decided_at,omitzero"`
	DecidedFor  string    `json:"decided_for,omitempty"` // whose deputy DecidedBy was (代理); "" is in their own right
}

// AnotherPerson is the Forbidden fault of whoever would decide what they asked for themselves, or is nobody at all.
func (m Matter) AnotherPerson(s Signatures, by string) error {
	if by == "" || by == s.RequestedBy {
		return fault.New(fault.Forbidden, "申请人不能审批自己的"+m.ZH+"，请由另一人审批。",
			"Whoever asked for a "+m.EN+" cannot decide it; another person must.")
	}
	return nil
}

// MayDecide is the Forbidden fault of a person who may not decide: without the role, or the asker. nil is: they may.
func (m Matter) MayDecide(s Signatures, by Person) error {
	if !by.Has(m.Decides) {
		return fault.New(fault.Forbidden, "您没有审批"+m.ZH+"的权限。", "It is not yours to decide a "+m.EN+".")
	}
	return m.AnotherPerson(s, by.ID)
}

// NeedNote is the Invalid fault of a refusal that does not say why.
func NeedNote(approve bool, note string) error {
	if !approve && note == "" {
		return fault.New(fault.Invalid, "请填写驳回原因。", "Say why it is rejected.").With("field", "note")
	}
	return nil
}
