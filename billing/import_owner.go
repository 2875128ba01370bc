package billing

import (
	"cmp"
	"context"
	"fmt"

	"linlipay/property"
	"linlipay/store"
)

// owners decides what a workbook says of the owners of units that are known already. Nobody becomes an owner by a
// workbook alone: another phone sees the home, its bills and who lives there, so that such a row waits for a person's
// word, with its bill, which would otherwise fall to whoever was the owner before. What only completes the record, a
// phone where there was none or another spelling beside the same phone, is taken and named. A cell
// without a phone says nothing, and the name alone changes no owner.
type owners struct {
	service *Service
	in      *intake
	have    *have
}

func (s *Service) ownersOf(in *intake, h *have) *owners { return &owners{s, in, h} }

// difference is what a row says of a unit's owner beside the record.
type difference int

const (
	sameOwner   difference = iota
	otherName              // no phone in the row
	completes              // the same person by phone or name
	ownerBefore            // who was on record earlier: an old workbook
	otherOwner
)

// differs is how a row's owner stands to the record.
func differs(u, row *property.Unit) difference {
	named := row.Owner != "" && property.Compact(row.Owner) != property.Compact(u.Owner)
	switch {
	case row.Phone == "" && named && u.Owner == "":
		return completes
	case row.Phone == "" && named:
		return otherName
	case row.Phone == "" || row.Phone == u.Phone && !named:
		return sameOwner
	case row.Phone == u.Phone, u.Phone == "" && (!named || u.Owner == ""):
		return completes
	case len(u.TenuresOf(row.Phone)) > 0:
		return ownerBefore
	}
	return otherOwner
}

// meet says of a row what it says of the unit's owner, changes the record where that is asked for, and gives the row's
// bill its tenure. proceed is whether a new bill may be stored.
func (o *owners) meet(ctx context.Context, b *readBill, before *Bill) (proceed bool, err error) {
	row := &o.in.units[o.in.known[b.bill.Unit]]
	u := o.have.units[row.ID]
	if u == nil {
		return true, nil // new, in its first tenure
	}
	b.bill.Tenure = u.Tenure
	how := differs(u, row)
	owner, phone := o.onRecord(u)
	was, is := shownOwners(owner, phone, row.Owner, row.Phone)
	zh := fmt.Sprintf("登记业主 %s，表中为 %s", was, is)
	en := fmt.Sprintf("the owner on record is %s, the row has %s", was, is)
	switch {
	case how == sameOwner:
	case row.Owner == "" || property.Compact(row.Owner) == property.Compact(u.Owner):
		b.about(colPhone)
	default:
		b.about(colOwner)
	}
	switch how {
	case otherName:
		b.warn(zh+"；没有手机号，业主未变更", en+"; without a phone the owner stays")
	case completes:
		b.owner = true
		if u.Owner != "" && row.Owner != "" && property.Compact(u.Owner) != property.Compact(row.Owner) {
			b.warn("业主姓名已改："+was+" → "+is+"（手机号相同）",
				"the owner's name was changed: "+was+" → "+is+", with the same phone")
		} else {
			b.warn("业主资料已补全："+shownOwner(cmp.Or(row.Owner, owner), cmp.Or(row.Phone, phone), phoneEnd),
				"the owner's record was completed")
		}
		return true, o.change(ctx, b, u, row)
	case ownerBefore:
		if before == nil {
			b.row.set(Refused, zh+"（以前的业主）；请在房屋页核实业主后再导入",
				en+", who was the owner before; look into it at the unit first")
			return false, nil
		}
		b.warn("表中是以前的业主，未变更", "the row has an owner from before; nothing was changed")
	case otherOwner:
		if o.in.how.takes(TakeOwners) {
			b.owner = true
			b.warn("业主已变更："+was+" → "+is, "the owner on record has changed: "+was+" → "+is)
			return true, o.change(ctx, b, u, row)
		}
		b.pending(zh+"；业主变更待确认，勾选「更新业主」再导入", en+"; the change of owner waits for your word")
		return false, nil
	}
	return true, nil
}

// ownerToo says of a bill that was there already what became of the owner.
func (b *readBill) ownerToo(proceed bool) {
	switch {
	case b.row.Outcome != Repeated:
	case !proceed:
		b.row.Outcome = Pending
	case b.owner:
		b.row.Outcome = Warned
	}
}

// onRecord is a unit's owner as the report may name them.
func (o *owners) onRecord(u *property.Unit) (name, phone string) {
	if o.in.how.Masked {
		return "***", ""
	}
	return u.Owner, u.Phone
}

// phoneEnd is how many of a phone's digits a report names, where they tell it from another one.
const phoneEnd = 4

// shownOwners are two owners as a report names them: their phones from the last digit on in which they differ.
func shownOwners(name, phone, otherName, otherPhone string) (one, other string) {
	digits := phoneEnd
	for digits < min(len(phone), len(otherPhone)) && phone != otherPhone &&
		phone[len(phone)-digits:] == otherPhone[len(otherPhone)-digits:] {
		digits++
	}
	return shownOwner(name, phone, digits), shownOwner(otherName, otherPhone, digits)
}

// shownOwner is an owner as a report names them, with the last digits of their phone.
func shownOwner(name, phone string, digits int) string {
	if name == "" {
		name = "（无姓名）"
	}
	if len(phone) > phoneEnd {
		name += " …" + phone[len(phone)-min(digits, len(phone)):]
	}
	return name
}

// change puts a row's owner on the record.
func (o *owners) change(ctx context.Context, b *readBill, u, row *property.Unit) error {
	by := o.in.how.By
	if by == "" {
		by = Imported
	}
	put := func(u *property.Unit) error {
		if kind := differs(u, row); kind != completes && kind != otherOwner {
			return store.ErrUnchanged
		}
		u.PutOwner(ctx, cmp.Or(row.Owner, u.Owner), cmp.Or(row.Phone, u.Phone), by, o.service.now().UTC())
		return nil
	}
	changed := *u
	var err error
	if o.in.how.Trial {
		err = put(&changed)
	} else {
		var stored *property.Unit
		if stored, err = o.service.property.ChangeOwner(ctx, row.ID, put); err == nil {
			changed = *stored
		}
	}
	o.have.units[row.ID] = &changed
	b.bill.Tenure = changed.Tenure
	return err
}
