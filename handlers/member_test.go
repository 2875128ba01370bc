package handlers

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/approval"
	"linlipay/terminal"
)

// amongApprovals holds that what waits for a new member stands among what waits, for those who may decide it alone.
func (f *fixture) amongApprovals(m memberView) {
	f.t.Helper()
	for who, decides := range map[string]bool{f.a.staff[access.Finance]: true, f.a.staff[access.Operations]: false} {
		var some list[approvalView]
		f.json("GET", "/v1/approvals?kind=member", who, nil, &some)
		if len(some.Items) != 1 || some.Items[0].Member.ID != m.ID || some.Items[0].request().MayDecide != decides {
			f.t.Fatalf("%+v", some.Items)
		}
		var fields []string
		for _, d := range some.Items[0].request().Differences {
			fields = append(fields, d.Field)
		}
		if !slices.Equal(fields, []string{"roles", "password"}) {
			f.t.Errorf("a new member differs by %q", fields)
		}
	}
	var some list[approvalView]
	if f.json("GET", "/v1/approvals?kind=member", f.b.staff[access.Finance], nil, &some); len(some.Items) != 0 {
		f.t.Errorf("for another company: %+v", some)
	}
}

// A new colleague as the console makes one: asked for by one, approved by another, each with half of a one-time
// password; the person chooses a password of their own before anything else.
func TestANewMemberOverHTTP(t *testing.T) {
	f := serve(t)
	operations, finance := f.a.staff[access.Operations], f.a.staff[access.Finance]
	var asked, decided codeForView
	f.json("POST", "/v1/members", operations, newMemberInput{"wang", "王", []access.Role{access.Cashier},
		[]string{f.a.community}, nil}, &asked)
	if asked.Half == "" || asked.Member.Request == nil || asked.Member.Request.State != approval.Requested ||
		!asked.Member.Request.Mine || !asked.Member.Request.New {
		t.Fatalf("%+v", asked)
	}
	path := "/v1/members/" + asked.Member.ID
	yes := decisionInput{Request: asked.Member.Request.ID, Approve: true}
	if status, _, _ := f.ask("POST", path+"/decision", operations, yes); status != 403 {
		t.Errorf("who asked approves: %d", status)
	}
	var waiting list[memberView]
	f.json("GET", "/v1/members?waiting=1", finance, nil, &waiting)
	if len(waiting.Items) != 1 || waiting.Items[0].Login != "wang" || waiting.Items[0].Request.Mine {
		t.Fatalf("%+v", waiting)
	}
	f.amongApprovals(asked.Member)
	if status, _, _ := f.ask("POST", path+"/decision", finance, decisionInput{Request: yes.Request}); status != 400 {
		t.Errorf("refused without saying why: %d", status)
	}
	f.json("POST", path+"/decision", finance, yes, &decided)
	f.json("GET", "/v1/members?waiting=1", finance, nil, &waiting)
	if len(waiting.Items) != 0 {
		t.Errorf("still waiting: %+v", waiting)
	}
	code := asked.Half + "-" + decided.Half
	var in tokensView
	f.json("POST", "/v1/members/sessions", "", loginInput{"wang", code}, &in)
	if !in.Staff.MustChange {
		t.Error("the person is not told to choose a password")
	}
	for _, closed := range []string{"/v1/orders", "/v1/terminals", "/v1/events", "/v1/me/sessions"} {
		if status, _, body := f.ask("GET", closed, in.AccessToken, nil); status != 403 ||
			!strings.Contains(body, "must_change") {
			t.Errorf("%s with a one-time password: %d %s", closed, status, body)
		}
	}
	if status, _, body := f.ask("PUT", "/v1/me/password", in.AccessToken,
		passwordInput{code, "password"}); status != 400 {
		t.Errorf("a common password: %d %s", status, body)
	}
	if status, _, body := f.ask("PUT", "/v1/me/password", in.AccessToken,
		passwordInput{code, "a garden of seven plums"}); status != 204 {
		t.Fatalf("%d %s", status, body)
	}
	if status, _, body := f.ask("GET", "/v1/orders", in.AccessToken, nil); status != 200 {
		t.Errorf("after it was changed: %d %s", status, body)
	}
	if status, _, _ := f.ask("POST", "/v1/members/sessions", "", loginInput{"wang", code}); status != 401 {
		t.Errorf("the one-time password a second time: %d", status)
	}
	for name, in := range map[string]newMemberInput{
		"no role":               {"zhao", "赵", nil, nil, nil},
		"no such role":          {"zhao", "赵", []access.Role{"owner"}, nil, nil},
		"no login":              {"", "赵", []access.Role{access.Cashier}, nil, nil},
		"a login of spaces":     {"zhao qian", "赵", []access.Role{access.Cashier}, nil, nil},
		"no name":               {"zhao", " ", []access.Role{access.Cashier}, nil, nil},
		"another's communities": {"zhao", "赵", []access.Role{access.Cashier}, []string{f.b.community}, nil},
	} {
		if status, _, body := f.ask("POST", "/v1/members", operations, in); status != 400 && status != 404 {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

// ends reports whether a stream ends by itself once leave was called.
func (f *fixture) ends(path, token string, leave func()) bool {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 20*time.Second) // guards a hang
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", f.base+path, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != 200 {
		f.t.Fatal(resp, err)
	}
	defer resp.Body.Close()
	buffer := make([]byte, 4096)
	if _, err := resp.Body.Read(buffer); err != nil {
		f.t.Fatal(err)
	}
	leave()
	for err == nil {
		_, err = resp.Body.Read(buffer)
	}
	return ctx.Err() == nil
}

// The live streams of whoever left end, and come back for those who stay with other rights.
func TestLeaversStreamsEnd(t *testing.T) {
	f := serve(t)
	f.s.heartbeat = 20 * time.Millisecond
	operations, cashier := f.a.staff[access.Operations], f.a.staff[access.Cashier]
	var me meView
	f.json("GET", "/v1/me", cashier, nil, &me)
	path := "/v1/members/" + me.ID
	if !f.ends("/v1/events", cashier, func() {
		f.json("PUT", path+"/rights", operations,
			rightsInput{Roles: []access.Role{access.Cashier}, Communities: []string{f.a.community},
				Regions: []string{}}, &memberView{})
	}) {
		t.Error("a stream goes on with the rights of before")
	}
	if !f.ends("/v1/orders/"+f.a.order.ID+"/events", cashier, func() {
		f.json("POST", path+"/deactivation", operations, nil, &memberView{})
	}) {
		t.Error("the stream of a disabled member goes on")
	}
	if status, _, _ := f.ask("GET", "/v1/orders", cashier, nil); status != 401 {
		t.Errorf("a disabled member: %d", status)
	}
	if status, _,
		body := f.ask("POST", "/v1/members/sessions", "", loginInput{"aaacashier", "password-aaa"}); status != 401 ||
		!strings.Contains(body, "停用") {
		t.Errorf("a disabled member logs in: %d %s", status, body)
	}
	if !f.ends("/v1/terminals/"+f.a.terminalID+"/events", f.a.terminal, func() {
		f.json("DELETE", "/v1/terminals/"+f.a.terminalID, operations, nil, &terminalView{})
	}) {
		t.Error("the stream of an unpaired terminal goes on")
	}
	if status, _, _ := f.ask("GET", "/v1/units?q=101", f.a.terminal, nil); status != 401 {
		t.Errorf("an unpaired terminal: %d", status)
	}
	var left list[terminalView]
	f.json("GET", "/v1/terminals", operations, nil, &left)
	if len(left.Items) != 0 {
		t.Errorf("an unpaired terminal is listed: %+v", left)
	}
}

// An unpaired device that signs is told that it was unpaired, and gets no token.
func TestAnUnpairedDeviceIsToldSo(t *testing.T) {
	f := serve(t)
	d := f.device(f.a)
	f.json("DELETE", "/v1/terminals/"+d.id, f.a.staff[access.Operations], nil, &terminalView{})
	status, _, body := f.ask("POST", "/v1/terminals/tokens", "", d.proof("another-nonce"))
	if status != 401 || !strings.Contains(body, `"unpaired":true`) || !strings.Contains(body, "解除配对") {
		t.Errorf("%d %s", status, body)
	}
}

// A terminal that nobody has heard of for a while is offline, and online again with its next request.
func TestATerminalIsOnlineWhileItIsHeardOf(t *testing.T) {
	f := serve(t)
	operations := f.a.staff[access.Operations]
	ahead := time.Duration(0)
	f.s.Now = func() time.Time { return time.Now().Add(ahead) }
	for _, c := range []struct {
		ahead time.Duration
		want  bool
	}{{0, true}, {time.Minute, true}, {terminal.Silence + time.Second, false}, {0, true}} {
		ahead = c.ahead
		f.ask("GET", "/v1/terminals/"+f.a.terminalID+"/voids", f.a.terminal, nil)
		var all list[terminalView]
		f.json("GET", "/v1/terminals", operations, nil, &all)
		if len(all.Items) != 1 || all.Items[0].Online != c.want {
			t.Errorf("%s after it was heard of: %+v", c.ahead, all.Items)
		}
	}
}
