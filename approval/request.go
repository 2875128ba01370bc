package approval

import (
	"crypto/rand"
	"slices"
	"time"

	"linlipay/fault"
)

// Request is one person's wish that another decides. It is stored within the document that it would change, beside
// what is asked for.
type Request struct {
	ID    string `json:"id"`   // names this request, so that nobody decides another than the one that they saw
	Base  int64  `json:"base"` // the revision of what it would change, as the asker saw it
	State State  `json:"state"`
	Signatures
	Reason    string    `json:"reason,omitempty"` // the asker's
	Note      string    `json:"note,omitempty"`   // the decider's: why it was refused
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// Asking is what is asked for, and on what.
type Asking struct {
	Standing *Request // the request that the document has now, nil is none
	Replaces string   // the ID of a standing request whose place the new one takes; the asker has seen it
	Base     int64    // the revision of what is to change
	Reason   string   // may be empty
}

// Ask makes a request. A person without the role is Forbidden; a request that stands there and is not named is
// WrongState with its id as the detail "request", and so is one that is named and stands there no more. A request
// whose place is taken becomes Withdrawn, which the caller may keep or drop.
func (m Matter) Ask(a Asking, by Person, now time.Time) (*Request, error) {
	if by.ID == "" || !by.Has(m.Asks) {
		return nil, fault.New(fault.Forbidden, "您没有提交"+m.ZH+"的权限。", "It is not yours to ask for a "+m.EN+".")
	}
	standing := a.Standing.At(now) == Requested
	switch {
	case a.Replaces != "" && (!standing || a.Standing.ID != a.Replaces):
		return nil, fault.New(fault.WrongState, "要替换的申请已不在待审批，请刷新后重新提交。",
			"The request to be replaced waits no more; look again and ask anew.")
	case standing && a.Replaces == "":
		return nil, fault.New(fault.WrongState, "已有一个申请待审批。请先撤回，或明确替换该申请。",
			"A request already waits for a decision. Withdraw it, or replace it expressly.").With("request",
			a.Standing.ID)
	case standing:
		a.Standing.end(Withdrawn, by.ID, now)
	}
	r := &Request{ID: rand.Text()[:16], Base: a.Base, State: Requested, Reason: a.Reason}
	r.RequestedBy, r.RequestedAt = by.ID, now
	if m.Lasts > 0 {
		r.ExpiresAt = now.Add(m.Lasts)
	}
	return r, nil
}

// Decision is what a person says of a request that they saw.
type Decision struct {
	Request string // its ID
	Approve bool
	Note    string // required for a refusal
}

// Decide records a decision. Who may not is Forbidden, a refusal without a note Invalid; a request that is gone,
// replaced, ended or expired is WrongState, and so is the approval of one whose base is not the present revision any
// more.
func (r *Request) Decide(m Matter, d Decision, revision int64, by Person, now time.Time) error {
	return r.DecideWhere(d, revision, by.ID, now, func() (string, error) { return "", m.MayDecide(r.Signatures, by) })
}

// DecideWhere is Decide where something else than a matter's roles says who may: may is asked for whom the decider
// decides, "" for themselves, or is the fault of one who may not. Its own faults are Decide's, such as WrongState.
func (r *Request) DecideWhere(d Decision, revision int64, by string, now time.Time,
	may func() (decidedFor string, err error)) error {
	if err := r.open(d.Request, now); err != nil {
		return err
	}
	decidedFor, err := may()
	if err != nil {
		return err
	}
	if err := NeedNote(d.Approve, d.Note); err != nil {
		return err
	}
	if d.Approve && r.Base != revision {
		return fault.New(fault.WrongState, "提交申请后内容已变更，请驳回后由申请人重新提交。",
			"What this would change has changed since; reject it and have it asked for anew.")
	}
	r.Note = d.Note
	if d.Approve {
		r.end(Approved, by, now)
	} else {
		r.end(Refused, by, now)
	}
	r.DecidedFor = decidedFor
	return nil
}

// Withdraw takes a request back. Only the asker may. Anybody else is Forbidden.
func (r *Request) Withdraw(id string, by Person, now time.Time) error {
	if err := r.open(id, now); err != nil {
		return err
	}
	if by.ID == "" || by.ID != r.RequestedBy {
		return fault.New(fault.Forbidden, "只有申请人可以撤回申请。", "Only whoever asked can withdraw a request.")
	}
	r.end(Withdrawn, by.ID, now)
	return nil
}

// At is the request's state at a time: Expired from ExpiresAt on if nobody has decided it. A nil request has none
// ("").
func (r *Request) At(now time.Time) State {
	switch {
	case r == nil:
		return ""
	case r.State == Requested && !r.ExpiresAt.IsZero() && !now.Before(r.ExpiresAt):
		return Expired
	}
	return r.State
}

// open is the WrongState fault of a request that is not the one meant, or waits for no decision. r may be nil.
func (r *Request) open(id string, now time.Time) error {
	switch {
	case r == nil || r.ID != id:
		return fault.New(fault.WrongState, "该申请已不存在或已被新的申请取代，请刷新。",
			"That request is gone, or a newer one took its place; look again.")
	case r.At(now) == Expired:
		return fault.New(fault.WrongState, "该申请已过期，请重新提交。", "That request has expired; ask anew.")
	case r.State != Requested:
		return fault.New(fault.WrongState, "该申请已处理。", "That request has been decided already.")
	}
	return nil
}

// end moves the request on; a state that has ended stays.
func (r *Request) end(to State, by string, now time.Time) {
	if slices.Contains(Transitions()[r.State], to) {
		r.State, r.DecidedBy, r.DecidedAt = to, by, now
	}
}
