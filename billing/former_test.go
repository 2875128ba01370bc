package billing

import (
	"strings"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/property"
)

const (
	ownerPhone = "13800000001"
	newPhone   = "13800000002"
	guestPhone = "13900000009"
)

// oneOwing is a world with one unit, 1栋 1单元 101 of 王小明, who owes 物业费 2026-10.
func oneOwing(t *testing.T) (*books, *property.Unit) {
	t.Helper()
	s, _ := open(t)
	take(t, s, "王小明", ownerPhone, "2026-10")
	found, _, err := s.FindUnits(t.Context(), []string{property.CommunityID("one", "阳光里")}, "101", "", 1)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	return s, &found[0]
}

// take imports a bill of the unit, and what of it is demanded.
func take(t *testing.T, s *books, owner, phone, period string, demanded ...Take) *ImportReport {
	t.Helper()
	how := all
	how.Take = demanded
	r, err := s.Import(t.Context(), how,
		sheetOf(t, head, []any{"阳光里", "1栋", "1单元", "101", owner, phone, "物业费", period, "10.00"}))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func loggedIn(t *testing.T, s *books, phone string) *property.Resident {
	t.Helper()
	r, err := s.ResidentByPhone(t.Context(), phone)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// An owner's change leaves the phone that was on record what it owes.
func TestAnOwnersChangeLeavesTheOldPhoneWhatItOwes(t *testing.T) {
	changes := map[string]func(*testing.T, *books, *property.Unit){
		"by the office": func(t *testing.T, s *books, u *property.Unit) {
			if _, err := s.SetOwner(t.Context(), u.ID, "李四", newPhone, "staff:1"); err != nil {
				t.Fatal(err)
			}
			take(t, s, "李四", newPhone, "2026-11")
		},
		"by a workbook": func(t *testing.T, s *books, _ *property.Unit) {
			if r := take(t, s, "李四", newPhone, "2026-11"); r.Totals[Pending] != 1 || r.Totals[Taken] != 0 {
				t.Errorf("without a word for it: %+v", r)
			}
			r := take(t, s, "李四", newPhone, "2026-11", TakeOwners)
			if r.Totals[Warned] != 1 || !strings.Contains(r.Rows[0].ZH, "王小明 …0001 → 李四 …0002") {
				t.Errorf("%+v", r)
			}
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			s, u := oneOwing(t)
			old, tenant := loggedIn(t, s, ownerPhone), loggedIn(t, s, guestPhone)
			change(t, s, u)

			if h, err := s.Home(t.Context(), loggedIn(t, s, newPhone).ID, u.ID); err != nil || h.As != property.Owner {
				t.Errorf("the new owner is %+v, %v", h, err)
			}
			h, err := s.Home(t.Context(), old.ID, u.ID)
			if err != nil || h.As != property.FormerOwner {
				t.Fatal(h, err)
			}
			owed, _, err := s.OwedPage(t.Context(), h, "", 1)
			if err != nil || len(owed) != 1 || owed[0].Period != "2026-10" {
				t.Fatal(owed, err)
			}
			all, err := s.Bills(t.Context(), u.ID, Unpaid)
			if err != nil || len(all) != 2 {
				t.Fatal(all, err)
			}
			by := payment.Origin{Kind: payment.Phone, Resident: old.ID}
			_, _, err = s.Collect(t.Context(), Collect{Unit: u.ID, Former: h.Tenures, Bills: []string{all[1].ID},
				Origin: by})
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("the old phone pays the new owner's bill: %v", err)
			}
			if _, err := s.SetOwner(t.Context(), u.ID, "赵六", "13800000003", "staff:1"); err != nil {
				t.Fatal(err)
			}
			_, _, err = s.Collect(t.Context(), Collect{Unit: u.ID, Former: h.Tenures, Bills: []string{all[1].ID},
				Origin: by})
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("the old phone pays another former owner's bill: %v", err)
			}
			o, _, err := s.Collect(t.Context(), Collect{Unit: u.ID, Former: h.Tenures, Bills: []string{owed[0].ID},
				Origin: by})
			if err != nil {
				t.Fatal(err)
			}
			if o.Payer.Name != "王小明" || o.Payer.Phone != ownerPhone {
				t.Errorf("the order says who lives there now: %+v", o.Payer)
			}
			if !SeesOrder(h, o, old.ID) || SeesOrder(h, o, tenant.ID) {
				t.Error("who sees the old owner's order")
			}
			o.PaidAt = time.Now()
			if _, err := s.Settle(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			if mine, _, err := s.owed.UnitsOf(t.Context(), old.ID, "", 1); err != nil || len(mine) != 0 {
				t.Errorf("the old phone owes nothing and still has %v, %v", mine, err)
			}
		})
	}
}

// What the owner before paid in part, and a correction settled since, leads whoever lives there now to no order.
func TestACorrectionShowsNobodyAnOrderFromBeforeThem(t *testing.T) {
	s, u := oneOwing(t)
	s.owed.now = time.Now // as of the homes
	owed, err := s.Bills(t.Context(), u.ID, Unpaid)
	if err != nil || len(owed) != 1 {
		t.Fatal(owed, err)
	}
	o := &payment.Order{ID: "o", PaidAt: s.now().Add(-time.Hour),
		Items: []payment.Item{{Ref: owed[0].ID, Amount: 400}}}
	if _, err := s.Settle(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	before, err := s.Home(t.Context(), loggedIn(t, s, ownerPhone).ID, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SetOwner(t.Context(), u.ID, "李四", newPhone, "staff:1"); err != nil {
		t.Fatal(err)
	}
	b, err := corrected(t, s, owed[0].ID, NewCorrection{Kind: Reduction, Amount: 600})
	if err != nil || b.Status != PaidBill || b.PaidBy != "o" {
		t.Fatal(b, err)
	}
	now, err := s.Home(t.Context(), loggedIn(t, s, newPhone).ID, u.ID)
	if err != nil || SeesPayment(now, b) || !SeesPayment(before, b) {
		t.Errorf("%+v, %v", b, err)
	}
}

// A workbook that comes again after the owner has changed brings nothing new, and does not bring the old owner back.
func TestAnOldWorkbookBringsNoOwnerBack(t *testing.T) {
	s, u := oneOwing(t)
	if _, err := s.SetOwner(t.Context(), u.ID, "李四", newPhone, "staff:1"); err != nil {
		t.Fatal(err)
	}
	take(t, s, "王小明", ownerPhone, "2026-10")
	if got, err := s.Unit(t.Context(), u.ID); err != nil || got.Phone != newPhone || got.Tenure != 1 {
		t.Error(got, err)
	}
	if again, err := s.SetOwner(t.Context(), u.ID, " 李四 ", "138-0000-0002", "staff:1"); err != nil ||
		again.Tenure != 1 {
		t.Errorf("the same owner again: %+v, %v", again, err)
	}
	for _, phone := range []string{"12345", "138000000011"} {
		if _, err := s.SetOwner(t.Context(), u.ID, "李四", phone, "staff:1"); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", phone, err)
		}
	}
}
