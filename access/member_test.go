package access

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/approval"
	"linlipay/fault"
)

// staffed gives two processes with a company's people, logged in: an operator, a second one, finance, and Li at the
// desk.
func staffed(t *testing.T) (first, second *Service, c *clock, who map[string]Caller) {
	t.Helper()
	first, second, c = open(t)
	who = map[string]Caller{}
	for login, role := range map[string]Role{"operator": Operations, "operator2": Operations, "finance": Finance,
		"li": Cashier} {
		if err := first.AddStaff(t.Context(), Staff{Login: login, Name: login, Company: "c", Roles: []Role{role}},
			"a plum tree in "+login); err != nil {
			t.Fatal(err)
		}
		who[login] = enter(t, first, login, "a plum tree in "+login)
	}
	return first, second, c, who
}

// enter logs somebody in, and returns them as their token says who they are.
func enter(t *testing.T, s *Service, login, password string) Caller {
	t.Helper()
	m, err := s.Login(t.Context(), login, password, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	return verified(t, s, opening(t, s, m.Caller()).Access)
}

func opening(t *testing.T, s *Service, c Caller) Tokens {
	t.Helper()
	tokens, err := s.Open(t.Context(), c, Origin{"192.0.2.1", "a browser"})
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func verified(t *testing.T, s *Service, token string) Caller {
	t.Helper()
	c, err := s.Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func yes(m *Staff) approval.Decision { return approval.Decision{Request: m.Request.ID, Approve: true} }

func waits(m *Staff) bool { return m.Request != nil && m.Request.State == approval.Requested }

// What ends somebody's rights ends them at once where it was done, and within a minute in every other process, for
// access tokens and for refresh tokens. Add a line for another way to leave.
func TestWhoeverLeftIsOutEverywhere(t *testing.T) {
	for name, leave := range map[string]func(*Service, map[string]Caller, Tokens) error{
		"disabled": func(s *Service, who map[string]Caller, _ Tokens) error {
			_, err := s.Disable(t.Context(), who["operator"], who["li"].ID)
			return err
		},
		"logged out": func(s *Service, _ map[string]Caller, of Tokens) error {
			return s.Revoke(t.Context(), of.Refresh)
		},
		"sessions ended": func(s *Service, who map[string]Caller, _ Tokens) error {
			return s.EndSessions(t.Context(), who["operator"], who["li"].ID)
		},
		"password changed": func(s *Service, who map[string]Caller, _ Tokens) error {
			return s.ChangePassword(t.Context(), who["li"], "a plum tree in li", "two plum trees in li", "192.0.2.1")
		},
		"one session ended": func(s *Service, who map[string]Caller, of Tokens) error {
			id, _, _ := strings.Cut(of.Refresh, ".")
			return s.EndSession(t.Context(), who["li"], who["li"].ID, id)
		},
	} {
		t.Run(name, func(t *testing.T) {
			first, second, c, who := staffed(t)
			m, err := first.Login(t.Context(), "li", "a plum tree in li", "192.0.2.1")
			if err != nil {
				t.Fatal(err)
			}
			of := opening(t, first, m.Caller())
			verified(t, first, of.Access)
			verified(t, second, of.Access)
			if err := leave(first, who, of); err != nil {
				t.Fatal(err)
			}
			_, err = first.Verify(t.Context(), of.Access)
			want(t, err, fault.Unauthenticated)
			_, _, err = second.Refresh(t.Context(), of.Refresh)
			want(t, err, fault.Unauthenticated)
			c.pass(30 * time.Second)
			_, err = second.Verify(t.Context(), of.Access)
			want(t, err, fault.Unauthenticated)
		})
	}
}

// A renewal, and even a token that was given before, has the rights that its owner has now.
func TestRightsAreThoseOfNow(t *testing.T) {
	first, second, c, who := staffed(t)
	m, err := first.Login(t.Context(), "li", "a plum tree in li", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	of := opening(t, first, m.Caller())
	verified(t, second, of.Access)
	if _, err := first.ChangeRights(t.Context(), who["operator"], m.ID,
		Rights{Roles: []Role{Cashier}, Communities: []string{"north"}}); err != nil {
		t.Fatal(err)
	}
	if got := verified(t, first, of.Access); !slices.Equal(got.Communities, []string{"north"}) {
		t.Errorf("here: %+v", got)
	}
	_, renewed, err := second.Refresh(t.Context(), of.Refresh)
	if err != nil || !slices.Equal(renewed.Communities, []string{"north"}) {
		t.Errorf("renewed: %+v, %v", renewed, err)
	}
	c.pass(30 * time.Second)
	if got := verified(t, second, of.Access); !slices.Equal(got.Communities, []string{"north"}) {
		t.Errorf("elsewhere: %+v", got)
	}
}

// devices are those that the tests say are paired.
type devices map[string]bool

func (d devices) Paired(_ context.Context, id string) (bool, error) { return d[id], nil }

func TestAnUnpairedTerminalIsOut(t *testing.T) {
	s, _, c := open(t)
	token, err := s.Issue(t.Context(),
		Caller{Kind: TerminalKind, ID: "t1", Company: "c", Communities: []string{"north"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Verify(t.Context(), token)
	want(t, err, fault.Unauthenticated) // nobody knows it
	known := devices{"t1": true}
	s.SetTerminals(known)
	c.pass(30 * time.Second)
	if got := verified(t, s, token); got.Company != "c" || got.Communities[0] != "north" {
		t.Errorf("%+v", got)
	}
	known["t1"] = false
	c.pass(30 * time.Second)
	_, err = s.Verify(t.Context(), token)
	want(t, err, fault.Unauthenticated)
}

// Whatever gives rights waits for another person: one login alone makes no second one, and gets into nobody else's.
func TestRightsNeedASecondPerson(t *testing.T) {
	s, _, c, who := staffed(t)
	ctx, operator, li := t.Context(), who["operator"], who["li"].ID

	added, first, err := s.Add(ctx, operator, "wang", "王", Rights{Roles: []Role{Finance}})
	if err != nil || added.Request == nil || len(added.Roles) != 0 {
		t.Fatalf("%+v, %v", added, err)
	}
	_, err = s.Login(ctx, "wang", first, "192.0.2.9")
	want(t, err, fault.Unauthenticated)
	_, _, err = s.Decide(ctx, operator, added.ID, yes(added))
	want(t, err, fault.Forbidden)
	_, _, err = s.Decide(ctx, who["li"], added.ID, yes(added))
	want(t, err, fault.Forbidden)
	added, second, err := s.Decide(ctx, who["finance"], added.ID, yes(added))
	if err != nil || added.Request.State != approval.Approved || added.Request.Code != nil ||
		!slices.Equal(added.Roles, []Role{Finance}) || second == first {
		t.Fatalf("%+v, %v", added, err)
	}
	for _, half := range []string{first, second, first + "-", "-" + second, second + "-" + first} {
		c.pass(longestWait)
		_, err = s.Login(ctx, "wang", half, "192.0.2.9")
		want(t, err, fault.Unauthenticated)
	}
	c.pass(longestWait)
	wang := enter(t, s, "wang", first+"-"+second)
	if !wang.MustChange {
		t.Error("a one-time password need not be changed")
	}
	if err := s.ChangePassword(ctx, wang, first+"-"+second, "three plum trees", "192.0.2.9"); err != nil {
		t.Fatal(err)
	}
	if now := enter(t, s, "wang", "three plum trees"); now.MustChange || !slices.Equal(now.Roles, []Role{Finance}) {
		t.Errorf("%+v", now)
	}

	// another's password
	asked, first, err := s.Reset(ctx, operator, li)
	if err != nil {
		t.Fatal(err)
	}
	enter(t, s, "li", "a plum tree in li") // still good
	_, _, err = s.Decide(ctx, operator, li, yes(asked))
	want(t, err, fault.Forbidden)
	_, _, err = s.Decide(ctx, who["li"], li, yes(asked))
	want(t, err, fault.Forbidden)
	_, second, err = s.Decide(ctx, who["operator2"], li, yes(asked))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Login(ctx, "li", "a plum tree in li", "192.0.2.1")
	want(t, err, fault.Unauthenticated)
	c.pass(codeDays*24*time.Hour + time.Second)
	_, err = s.Login(ctx, "li", first+"-"+second, "192.0.2.1")
	want(t, err, fault.Unauthenticated) // given too long ago

	// more rights, and less at once
	m, err := s.ChangeRights(ctx, operator, li, Rights{Roles: []Role{Cashier, Operations}})
	if err != nil || !waits(m) || slices.Contains(m.Roles, Operations) {
		t.Fatalf("%+v, %v", m, err)
	}
	if m, err = s.Withdraw(ctx, operator, li, m.Request.ID); err != nil || m.Request.State != approval.Withdrawn ||
		slices.Contains(m.Roles, Operations) {
		t.Fatalf("withdrawn: %+v, %v", m, err)
	}
	m, err = s.ChangeRights(ctx, operator, li, Rights{Roles: []Role{Cashier}, Communities: []string{"north", "south"}})
	if err != nil || waits(m) || !slices.Equal(m.Communities, []string{"north", "south"}) {
		t.Fatalf("%+v, %v", m, err)
	}
	m, err = s.ChangeRights(ctx, operator, li, Rights{Roles: []Role{Cashier, Finance},
		Communities: []string{"south", "west"}})
	if err != nil || !waits(m) || !slices.Equal(m.Roles, []Role{Cashier}) ||
		!slices.Equal(m.Communities, []string{"south"}) {
		t.Fatalf("less at once, more later: %+v, %v", m, err)
	}
	old := yes(m)
	if m, err = s.ChangeRights(ctx, operator, li, Rights{Roles: []Role{Cashier, Finance, Operations}}); err != nil {
		t.Fatal(err)
	}
	_, _, err = s.Decide(ctx, who["finance"], li, old)
	want(t, err, fault.WrongState) // what was looked at is not what waits now
	_, err = s.ChangeRights(ctx, who["operator2"], li, Rights{Roles: []Role{Cashier, Finance}})
	want(t, err, fault.WrongState)

	// disabled, and back
	old = yes(m)
	if m, err = s.Disable(ctx, operator, li); err != nil || waits(m) {
		t.Fatalf("%+v, %v", m, err)
	}
	_, _, err = s.Decide(ctx, who["finance"], li, old)
	want(t, err, fault.WrongState) // nobody lets a disabled member in with what was asked for before
	if m, err = s.Enable(ctx, operator, li); err != nil || !m.Disabled {
		t.Fatalf("%+v, %v", m, err)
	}
	_, _, err = s.Decide(ctx, operator, li, yes(m))
	want(t, err, fault.Forbidden)
	if m, _, err = s.Decide(ctx, who["finance"], li, yes(m)); err != nil || m.Disabled {
		t.Fatalf("%+v, %v", m, err)
	}

	// nobody looks after themselves
	_, err = s.ChangeRights(ctx, operator, operator.ID, Rights{Roles: []Role{Operations, Finance}})
	want(t, err, fault.Forbidden)
	_, err = s.Disable(ctx, operator, operator.ID)
	want(t, err, fault.Forbidden)
	_, _, err = s.Reset(ctx, operator, operator.ID)
	want(t, err, fault.Forbidden)
}

func TestARefusedLoginIsFreeAgain(t *testing.T) {
	s, _, _, who := staffed(t)
	m, _, err := s.Add(t.Context(), who["operator"], "wang", "王", Rights{Roles: []Role{Finance}})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = s.Add(t.Context(), who["operator"], "wang", "王", Rights{Roles: []Role{Finance}})
	want(t, err, fault.AlreadyExists)
	if _, _, err := s.Decide(t.Context(), who["finance"], m.ID,
		approval.Decision{Request: m.Request.ID, Note: "不认识"}); err != nil {
		t.Fatal(err)
	}
	members, _, err := s.Members(t.Context(), who["operator"], false, "", 0)
	if err != nil || len(members) != 4 {
		t.Fatal(len(members), err)
	}
	m, first, err := s.Add(t.Context(), who["operator"], "wang", "王二", Rights{Roles: []Role{Cashier}})
	if err != nil || !waits(m) {
		t.Fatalf("%+v, %v", m, err)
	}
	_, second, err := s.Decide(t.Context(), who["finance"], m.ID, yes(m))
	if err != nil {
		t.Fatal(err)
	}
	enter(t, s, "wang", first+"-"+second)
	_, _, err = s.Add(t.Context(), who["operator"], "li", "李", Rights{Roles: []Role{Finance}})
	want(t, err, fault.AlreadyExists)
}

// Whoever looks after some communities looks after staff of these alone, and gives nothing beyond.
func TestStaffOfSomeCommunitiesAreLookedAfterThere(t *testing.T) {
	s, _, _, who := staffed(t)
	ctx := t.Context()
	if err := s.AddStaff(ctx, Staff{Login: "north", Name: "北", Company: "c", Roles: []Role{Operations},
		Communities: []string{"north"}}, "a plum tree up north"); err != nil {
		t.Fatal(err)
	}
	north := enter(t, s, "north", "a plum tree up north")
	stranger := Caller{Kind: StaffKind, ID: "x", Company: "other", Roles: []Role{Operations}}
	for _, by := range []Caller{north, stranger} {
		_, err := s.Disable(ctx, by, who["li"].ID)
		want(t, err, fault.NotFound)
		_, _, err = s.Reset(ctx, by, who["li"].ID)
		want(t, err, fault.NotFound)
		_, _, err = s.Sessions(ctx, by, who["li"].ID, "", 0)
		want(t, err, fault.NotFound)
		want(t, s.EndSessions(ctx, by, who["li"].ID), fault.NotFound)
	}
	for _, beyond := range [][]string{nil, {"south"}, {"north", "south"}} {
		_, _, err := s.Add(ctx, north, "wang", "王", Rights{Roles: []Role{Cashier}, Communities: beyond})
		want(t, err, fault.Forbidden)
	}
	m, _, err := s.Add(ctx, north, "wang", "王", Rights{Roles: []Role{Cashier}, Communities: []string{"north"}})
	if err != nil {
		t.Fatal(err)
	}
	members, _, err := s.Members(ctx, north, true, "", 0)
	if err != nil || len(members) != 1 || members[0].ID != m.ID {
		t.Fatal(members, err)
	}
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	s, _, _, who := staffed(t)
	ctx, li := t.Context(), who["li"]
	other := enter(t, s, "li", "a plum tree in li")
	sessions, _, err := s.Sessions(ctx, li, li.ID, "", 0)
	if err != nil || len(sessions) != 2 || sessions[0].Agent != "a browser" || sessions[0].Address != "192.0.2.1" {
		t.Fatal(sessions, err)
	}
	want(t, s.EndSession(ctx, who["finance"], who["finance"].ID, li.Session), fault.NotFound)
	if err := s.EndSessions(ctx, li, li.ID); err != nil {
		t.Fatal(err)
	}
	if sessions, _, err = s.Sessions(ctx, who["operator"], li.ID, "", 0); err != nil || len(sessions) != 1 ||
		sessions[0].ID != li.Session {
		t.Fatal(sessions, err)
	}
	_, err = s.Standing(ctx, other)
	want(t, err, fault.Unauthenticated)
	if _, err = s.Standing(ctx, li); err != nil {
		t.Error("one's own session ended with the others")
	}
}

// Whoever found a console open cannot guess its owner's password there: wrong ones wait as at the door.
func TestChangingAPasswordBacksOff(t *testing.T) {
	s, _, _, who := staffed(t)
	li := who["li"]
	var err error
	for range freeFailures {
		err = s.ChangePassword(t.Context(), li, "wrong", "two plum trees", "203.0.113.7")
		want(t, err, fault.Invalid)
	}
	want(t, s.ChangePassword(t.Context(), li, "a plum tree in li", "two plum trees", "203.0.113.7"), fault.TooMany)
	want(t, s.ChangePassword(t.Context(), li, "a plum tree in li", "a plum tree in li", "192.0.2.1"), fault.Invalid)
	want(t, s.ChangePassword(t.Context(), li, "a plum tree in li", "short", "192.0.2.1"), fault.Invalid)
	if err := s.ChangePassword(t.Context(), li, "a plum tree in li", "two plum trees", "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Standing(t.Context(), li); err != nil {
		t.Error("the session in which the password was changed ended")
	}
}

// What the server's own shell does counts as done by two.
func TestTheShellCountsAsTwo(t *testing.T) {
	s, _, _, who := staffed(t)
	shell := Shell("c")
	m, err := s.ChangeRights(t.Context(), shell, who["li"].ID, Rights{Roles: []Role{Cashier, Operations}})
	if err != nil || m.Request != nil || len(m.Roles) != 2 {
		t.Fatalf("%+v, %v", m, err)
	}
	_, code, err := s.Reset(t.Context(), shell, who["li"].ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := enter(t, s, "li", code); !got.MustChange {
		t.Error("a code of the shell's need not be changed")
	}
	_, err = s.Disable(t.Context(), Shell("other"), who["li"].ID)
	want(t, err, fault.NotFound)
}

// A login is free for somebody else only where nobody ever had it, however long ago something was asked about it.
func TestALoginThatWasUsedIsNeverFree(t *testing.T) {
	s, _, c, who := staffed(t)
	evil := Staff{Login: "evil", Name: "evil", Company: "d", Roles: []Role{Operations}}
	if err := s.AddStaff(t.Context(), evil, "a plum tree in evil"); err != nil {
		t.Fatal(err)
	}
	more := Rights{Roles: []Role{Finance, Cashier}}
	if _, err := s.ChangeRights(t.Context(), who["operator"], who["finance"].ID, more); err != nil {
		t.Fatal(err)
	}
	c.pass(8 * 24 * time.Hour) // what was asked is expired
	for _, name := range []string{"evil", "operator"} {
		by := enter(t, s, name, "a plum tree in "+name)
		if _, _, err := s.Add(t.Context(), by, "finance", "x", more); !fault.Is(err, fault.AlreadyExists) {
			t.Errorf("%s takes over a login: %v", name, err)
		}
	}
	if _, err := s.Login(t.Context(), "finance", "a plum tree in finance", "192.0.2.1"); err != nil {
		t.Errorf("the owner of the login: %v", err)
	}
}

func TestWhatALeaverAskedForIsNotApproved(t *testing.T) {
	s, _, _, who := staffed(t)
	m, _, err := s.Add(t.Context(), who["operator"], "second", "x", Rights{Roles: []Role{Finance}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Disable(t.Context(), who["operator2"], who["operator"].ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err = s.Decide(t.Context(), who["finance"], m.ID, yes(m)); !fault.Is(err, fault.WrongState) {
		t.Errorf("approved: %v", err)
	}
	no := approval.Decision{Request: m.Request.ID, Note: "left"}
	if _, _, err = s.Decide(t.Context(), who["finance"], m.ID, no); err != nil {
		t.Errorf("refused: %v", err)
	}
}

// A one-time password's session ends with its time.
func TestAOneTimePasswordEndsForItsSessionsToo(t *testing.T) {
	s, _, c, who := staffed(t)
	m, first, err := s.Add(t.Context(), who["operator"], "second", "x", Rights{Roles: []Role{Finance}})
	if err != nil {
		t.Fatal(err)
	}
	_, second, err := s.Decide(t.Context(), who["finance"], m.ID, yes(m))
	if err != nil {
		t.Fatal(err)
	}
	if m, err = s.Login(t.Context(), "second", first+"-"+second, "192.0.2.9"); err != nil {
		t.Fatal(err)
	}
	tokens, them := opening(t, s, m.Caller()), m.Caller()
	c.pass(20 * 24 * time.Hour)
	if _, _, err := s.Refresh(t.Context(), tokens.Refresh); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("renewed: %v", err)
	}
	err = s.ChangePassword(t.Context(), them, first+"-"+second, "seven plum trees there", "192.0.2.9")
	if !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("changed: %v", err)
	}
}
