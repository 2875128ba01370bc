package property

import (
	"context"
	"strings"
	"sync"
	"testing"

	"linlipay/audit"
	"linlipay/fault"
	"linlipay/store"
)

const (
	ownersPhone = "13800000001"
	secondPhone = "13800000002"
	tenantPhone = "13900000009"
)

// home is a world with one unit, 1栋 1单元 101 of 王小明.
func home(t *testing.T) (*Service, *Unit) {
	t.Helper()
	s := openHomes(t)
	return s, &put(t, s, "1栋/1单元/101/王小明/"+ownersPhone)[0]
}

func login(t *testing.T, s *Service, phone string) *Resident {
	t.Helper()
	r, err := s.ResidentByPhone(t.Context(), phone)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ask(t *testing.T, s *Service, r *Resident, way BindingWay) *Binding {
	t.Helper()
	b, err := s.AskToBind(t.Context(), r.ID, BindRequest{Community: sunshine, Label: "1栋1单元101", Way: way})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// standing is what a resident is to a unit, "" for nothing.
func standing(t *testing.T, s *Service, r *Resident, u *Unit) Standing {
	t.Helper()
	h, err := s.Home(t.Context(), r.ID, u.ID)
	if fault.Is(err, fault.NotFound) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return h.As
}

func TestABindingWaitsForTheCodeOrTheOffice(t *testing.T) {
	s, u := home(t)
	r := login(t, s, tenantPhone)
	b := ask(t, s, r, ByCode)
	if standing(t, s, r, u) != "" {
		t.Fatal("asking alone binds")
	}
	if _, err := s.DecideBinding(t.Context(), b.ID, true, "", "staff:1"); !fault.Is(err, fault.WrongState) {
		t.Errorf("the office decided what it was not asked: %v", err)
	}
	again := ask(t, s, r, ByOffice)
	if again.ID != b.ID || again.State != Requested {
		t.Errorf("asked again: %+v", again)
	}
	if _, err := s.DecideBinding(t.Context(), b.ID, false, " ", "staff:1"); !fault.Is(err, fault.Invalid) {
		t.Errorf("refused without a reason: %v", err)
	}
	if _, err := s.DecideBinding(t.Context(), b.ID, false, "请带合同来", "staff:1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DecideBinding(t.Context(), b.ID, true, "", "staff:1"); !fault.Is(err, fault.WrongState) {
		t.Errorf("decided twice: %v", err)
	}
	if b = ask(t, s, r, ByOffice); b.ID == again.ID {
		t.Fatal("a refused request came back")
	}
	if _, err := s.DecideBinding(t.Context(), b.ID, true, "", "staff:1"); err != nil {
		t.Fatal(err)
	}
	if got := standing(t, s, r, u); got != Bound {
		t.Errorf("%q", got)
	}
	if mine, _, err := s.UnitsOf(t.Context(), r.ID, owesAll, "", 1); err != nil || len(mine) != 1 ||
		mine[0].ID != u.ID {
		t.Error(mine, err)
	}
	if _, err := s.AskToBind(t.Context(), r.ID,
		BindRequest{Community: u.Community, Label: "1-101", Way: ByCode}); !fault.Is(err, fault.AlreadyExists) {
		t.Errorf("bound twice: %v", err)
	}
	owner := login(t, s, ownersPhone)
	h, err := s.Home(t.Context(), owner.ID, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.News(t.Context(), h); err != nil || n != 1 {
		t.Errorf("the owner has %d news, %v", n, err)
	}
	if err := s.Saw(t.Context(), owner.ID, u.ID); err != nil {
		t.Fatal(err)
	}
	if h, err = s.Home(t.Context(), owner.ID, u.ID); err != nil {
		t.Fatal(err)
	}
	if n, err := s.News(t.Context(), h); err != nil || n != 0 {
		t.Errorf("the owner, who has read them, has %d news, %v", n, err)
	}
	if _, err := s.EndBinding(t.Context(), b.ID, "", "resident:"+owner.ID); err != nil {
		t.Fatal(err)
	}
	if got := standing(t, s, r, u); got != "" {
		t.Errorf("ended, and still %q", got)
	}
	if mine, _, err := s.UnitsOf(t.Context(), r.ID, owesAll, "", 1); err != nil || len(mine) != 0 {
		t.Error(mine, err)
	}
}

// Nothing that a requester is told depends on whether there is such a home.
func TestALabelThatNamesNoUnitIsAskedForTheSame(t *testing.T) {
	s, u := home(t)
	r := login(t, s, tenantPhone)
	for _, label := range []string{"1-1-102", "王小明", "0001", ownersPhone, "1", "101", "1栋"} {
		b, err := s.AskToBind(t.Context(), r.ID, BindRequest{Community: u.Community, Label: label, Way: ByOffice})
		if err != nil || b.State != Requested || b.Unit != "" {
			t.Errorf("%s: %+v, %v", label, b, err)
			continue
		}
		if _, err := s.DecideBinding(t.Context(), b.ID, true, "", "staff:1"); !fault.Is(err, fault.WrongState) {
			t.Errorf("%s was approved: %v", label, err)
		}
	}
	for _, label := range []string{"", " - ", strings.Repeat("1", 61)} {
		if _, err := s.AskToBind(t.Context(), r.ID,
			BindRequest{Community: u.Community, Label: label, Way: ByOffice}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", label, err)
		}
	}
}

// An owner's change ends every binding. The phone that was on record keeps the home while it owes bills of its time.
func TestAnOwnersChangeEndsEveryBinding(t *testing.T) {
	s, u := home(t)
	old, tenant := login(t, s, ownersPhone), login(t, s, tenantPhone)
	b := ask(t, s, tenant, ByCode)
	if _, err := s.BindByCode(t.Context(), b.ID); err != nil {
		t.Fatal(err)
	}
	waits := ask(t, s, login(t, s, "13900000008"), ByCode)
	if _, err := s.SetOwner(t.Context(), u.ID, "李四", secondPhone, "staff:1"); err != nil {
		t.Fatal(err)
	}
	if got := standing(t, s, tenant, u); got != "" {
		t.Errorf("the old owner's tenant is still %q", got)
	}
	if _, err := s.BindByCode(t.Context(), waits.ID); !fault.Is(err, fault.Expired) {
		t.Errorf("a code of the old owner binds: %v", err)
	}
	if again, err := s.SetOwner(t.Context(), u.ID, " 李四 ", "138-0000-0002", "staff:1"); err != nil ||
		again.Tenure != 1 {
		t.Errorf("the same owner again: %+v, %v", again, err)
	}
	for n, owes := range []Owing{owesNothing, owesAll} {
		mine, _, err := s.UnitsOf(t.Context(), old.ID, owes, "", 1)
		if err != nil || len(mine) != n || n == 1 && mine[0].As != FormerOwner {
			t.Errorf("the old phone has %v, %v", mine, err)
		}
	}
}

// Whoever binds while the owner changes has it of the old owner, that is not at all.
func TestBindingsAndOwnersChangeAtTheSameTime(t *testing.T) {
	s, u := home(t)
	var all []*Resident
	var asked []*Binding
	for _, phone := range []string{"13900000011", "13900000012", "13900000013", "13900000014"} {
		all = append(all, login(t, s, phone))
		asked = append(asked, ask(t, s, all[len(all)-1], ByCode))
	}
	var work sync.WaitGroup
	for _, b := range asked {
		work.Go(func() {
			if _, err := s.BindByCode(context.Background(), b.ID); err != nil && !fault.Is(err, fault.Expired) {
				t.Error(err)
			}
		})
	}
	work.Go(func() {
		if _, err := s.SetOwner(context.Background(), u.ID, "李四", secondPhone, "staff:1"); err != nil {
			t.Error(err)
		}
	})
	work.Wait()
	for _, r := range all {
		if got := standing(t, s, r, u); got != "" {
			t.Errorf("%s is %q", r.Phone, got)
		}
	}
}

// Ids were made of phones once. Nobody is believed under such an id; at the next log-in its bindings are taken over.
func TestAnIDThatCouldBeGuessedIsGivenUp(t *testing.T) {
	s, u := home(t)
	asStored := residents
	asStored.Keys = func(*Resident) store.Keys { return nil } // the collection had no index
	before := asStored.In(storeOf(t, s))
	old := &Resident{ID: IDOf("resident", tenantPhone), Phone: tenantPhone, Units: []string{u.ID, "gone"}}
	if err := before.Insert(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Home(t.Context(), old.ID, u.ID); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("the guessable id is believed: %v", err)
	}
	r := login(t, s, tenantPhone)
	if r.ID == old.ID || r.guessable() {
		t.Error("the id is still the phone's")
	}
	if got := standing(t, s, r, u); got != Bound {
		t.Errorf("the binding was not taken over: %q", got)
	}
	if _, err := s.residents.Get(t.Context(), old.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the old document is there: %v", err)
	}
	if again := login(t, s, tenantPhone); again.ID != r.ID {
		t.Error("a log-in makes another resident")
	}
}

func TestManyLogInsOfOnePhoneAreOneResident(t *testing.T) {
	s, _ := home(t)
	ids := make([]string, 8)
	var work sync.WaitGroup
	for i := range ids {
		work.Go(func() {
			r, err := s.ResidentByPhone(context.Background(), tenantPhone)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = r.ID
		})
	}
	work.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("%v", ids)
		}
	}
}

// Where anybody may search nobody finds a room by who lives in it.
func TestRoomsAreFoundByRoomAlone(t *testing.T) {
	s, u := home(t)
	rooms, _, err := s.FindRooms(t.Context(), []string{u.Community}, "101", "", 1)
	if err != nil || len(rooms) != 1 {
		t.Error(rooms, err)
	}
	for _, text := range []string{"王小明", ownersPhone, "0001"} {
		if units, _, err := s.FindUnits(t.Context(), []string{u.Community}, text, "", 1); err != nil ||
			len(units) != 1 {
			t.Errorf("%s: %v, %v", text, units, err)
		}
		if units, next, err := s.FindRooms(t.Context(), []string{u.Community}, text, "", 1); err != nil ||
			len(units) != 0 || next != "" {
			t.Errorf("%s gives away %v, %q, %v", text, units, next, err)
		}
	}
}

// Who was bound before bindings were documents is bound under the owner of that time alone, and the audit log hears of
// it.
func TestWhatWasBoundBeforeEndedWithItsOwner(t *testing.T) {
	for name, changed := range map[string]bool{"the same owner": false, "another owner": true} {
		t.Run(name, func(t *testing.T) {
			s, u := home(t)
			asStored := residents
			asStored.Keys = func(*Resident) store.Keys { return nil } // the collection had no index
			old := &Resident{ID: IDOf("resident", tenantPhone), Phone: tenantPhone, Units: []string{u.ID}}
			if err := asStored.In(storeOf(t, s)).Insert(t.Context(), old); err != nil {
				t.Fatal(err)
			}
			if changed {
				if _, err := s.SetOwner(t.Context(), u.ID, "李四", secondPhone, "staff:1"); err != nil {
					t.Fatal(err)
				}
			}
			r := login(t, s, tenantPhone)
			mine, _, err := s.MyBindings(t.Context(), r.ID, true, "", 2)
			if err != nil {
				t.Fatal(err)
			}
			if got := standing(t, s, r, u); changed {
				if got != "" || len(mine) != 0 {
					t.Errorf("%q of the new owner's home: %+v", got, mine)
				}
			} else if got != Bound || len(mine) != 1 || len(mine[0].OwesAudit) != 1 ||
				mine[0].OwesAudit[0].Verb != audit.BindingMade ||
				mine[0].OwesAudit[0].Actor != audit.System {
				t.Errorf("%q: %+v", got, mine)
			}
		})
	}
}

// The office approves what it was asked under the owner that it looked at; after the owner's change the resident asks
// anew.
func TestARequestIsApprovedUnderItsOwnerAlone(t *testing.T) {
	s, u := home(t)
	r := login(t, s, tenantPhone)
	b := ask(t, s, r, ByOffice)
	if _, err := s.SetOwner(t.Context(), u.ID, "李四", secondPhone, "staff:1"); err != nil {
		t.Fatal(err)
	}
	_, err := s.DecideBinding(t.Context(), b.ID, true, "", "staff:1")
	if got := standing(t, s, r, u); !fault.Is(err, fault.Stale) || got != "" {
		t.Errorf("approved as seen under the old owner: %q, %v", got, err)
	}
	again := ask(t, s, r, ByOffice)
	if again.ID == b.ID {
		t.Fatal("the request of the old owner's time came back")
	}
	if _, err := s.DecideBinding(t.Context(), b.ID, false, "业主已变更", "staff:1"); err != nil {
		t.Errorf("it cannot be refused: %v", err)
	}
	if _, err := s.DecideBinding(t.Context(), again.ID, true, "", "staff:1"); err != nil {
		t.Fatal(err)
	}
	if got := standing(t, s, r, u); got != Bound {
		t.Errorf("%q", got)
	}
}
