package property

import (
	"context"
	"slices"
	"strconv"
	"time"

	"linlipay/audit"
	"linlipay/fault"
	"linlipay/phone"
	"linlipay/store"
)

// The owner of a unit is whoever has the phone on record. A change of owner begins a new tenure: one change of the
// unit's document, after which
//
//   - no binding of an earlier tenure is in force any more, whoever approved it (Binding.Tenure);
//   - the phone that was on record reaches the bills that were taken in during its tenure while they are owed, and the
//     orders that it makes for them, and nothing else (Home);
//   - whoever lives there now sees all bills of the unit, but no order of earlier tenures.
//
// Bills and orders say of which tenure they are. Tenures count from 0, also where nobody has written one down.

// Former is who was on record before.
type Former struct {
	Tenure int       `json:"tenure"`
	Owner  string    `json:"owner"`
	Phone  string    `json:"phone,omitempty"`
	Until  time.Time `json:"until"`
	By     string    `json:"by"` // who changed the record: an actor, or Imported
}

// PutOwner puts an owner on record. That begins a new tenure where another phone was on record, or none and another
// name.
func (u *Unit) PutOwner(ctx context.Context, owner, phone, by string, now time.Time) {
	before := u.Tenure
	changes := u.Phone != "" && phone != u.Phone || u.Phone == "" && u.Owner != "" && Compact(owner) != Compact(u.Owner)
	if changes {
		u.Former = append(u.Former, Former{Tenure: u.Tenure, Owner: u.Owner, Phone: u.Phone, Until: now, By: by})
		u.Tenure++
	}
	u.Owner, u.Phone = owner, phone
	u.OwesAudit.Owe(ctx, "units/"+u.ID, u.Version, audit.Event{
		At: now, Verb: audit.OwnerChanged, Object: "unit:" + u.ID, Company: u.Company,
		Communities: []string{u.Community},
		Before:      audit.State{"tenure": strconv.Itoa(before)}, After: audit.State{"tenure": strconv.Itoa(u.Tenure)},
	})
}

// Outboxes are the collections whose documents owe events to the audit log.
func (s *Service) Outboxes() []audit.Outbox {
	return []audit.Outbox{
		audit.From(s.units, func(u *Unit) *audit.Owed { return &u.OwesAudit }),
		audit.From(s.bindings, func(b *Binding) *audit.Owed { return &b.OwesAudit }),
	}
}

// Began is the first tenure of the person on record, who may have changed their phone since, and when it began; zero
// for the unit's first.
func (u *Unit) Began() (tenure int, at time.Time) {
	tenure = u.Tenure
	for i := len(u.Former) - 1; i >= 0; i-- {
		if f := u.Former[i]; u.Owner == "" || Compact(f.Owner) != Compact(u.Owner) {
			return tenure, f.Until
		}
		tenure = u.Former[i].Tenure
	}
	return tenure, time.Time{}
}

// Ownership is the time in which one person is or was on record: a tenure, or several in a row where they changed their
// phone.
type Ownership struct {
	First, Last  int // tenures
	Owner, Phone string
	Since        time.Time // zero: from the beginning
	Until        time.Time // zero: still
}

// Has reports whether a tenure is of the ownership.
func (o Ownership) Has(tenure int) bool { return o.First <= tenure && tenure <= o.Last }

// Ownerships are who is and was on record, the present one first.
func (u *Unit) Ownerships() []Ownership {
	all := []Ownership{{First: u.Tenure, Last: u.Tenure, Owner: u.Owner, Phone: u.Phone}}
	for _, f := range slices.Backward(u.Former) {
		now := &all[len(all)-1]
		if name := Compact(now.Owner); name != "" && name == Compact(f.Owner) {
			now.First = f.Tenure
			continue
		}
		now.Since = f.Until
		all = append(all, Ownership{First: f.Tenure, Last: f.Tenure, Owner: f.Owner, Phone: f.Phone, Until: f.Until})
	}
	return all
}

// InTenure is who was on record in a tenure, or nil.
func (u *Unit) InTenure(tenure int) *Former {
	i := slices.IndexFunc(u.Former, func(f Former) bool { return f.Tenure == tenure })
	if i < 0 {
		return nil
	}
	return &u.Former[i]
}

// OwnerIn is the name of whose time a tenure is.
func (u *Unit) OwnerIn(tenure int) string {
	if f := u.InTenure(tenure); f != nil {
		return f.Owner
	}
	return u.Owner
}

// TenuresOf are the earlier tenures of a phone.
func (u *Unit) TenuresOf(phone string) (numbers []int) {
	for _, f := range u.Former {
		if phone != "" && f.Phone == phone {
			numbers = append(numbers, f.Tenure)
		}
	}
	return numbers
}

// SetOwner puts another owner, or another phone of the owner, on a unit's record. by is who does it, for the record.
// What is on record already changes nothing. Without a name, or with one of more than 60 characters, it is Invalid.
func (s *Service) SetOwner(ctx context.Context, unit, owner, typed, by string) (*Unit, error) {
	number, known := phone.Parse(typed)
	owner = Clean(owner)
	switch {
	case owner == "" || len([]rune(owner)) > 60:
		return nil, fault.New(fault.Invalid, "请填写业主姓名，最多 60 字。",
			"Enter the owner's name, 60 characters at most.").With("field", "owner")
	case Fold(typed) != "" && !known:
		return nil, fault.New(fault.Invalid, "手机号须为 11 位，无手机号可留空。",
			"A mobile number has 11 digits; leave it empty where there is none.").With("field", "phone")
	}
	return s.units.Update(ctx, unit, func(u *Unit) error {
		if u.Owner == owner && u.Phone == number {
			return store.ErrUnchanged
		}
		u.PutOwner(ctx, owner, number, by, s.now().UTC())
		return nil
	})
}
