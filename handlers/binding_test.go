package handlers

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/property"
)

const strangersPhone = "13700000001"

func (f *fixture) residentWith(phone string) string {
	f.t.Helper()
	var code codeView
	f.json("POST", "/v1/residents/codes", "", phoneInput{phone}, &code)
	var v tokensView
	f.json("POST", "/v1/residents/sessions", "", codeInput{phone, code.DemoCode}, &v)
	return v.AccessToken
}

func (f *fixture) askToBind(token string, in bindInput) askedView {
	f.t.Helper()
	var v askedView
	f.json("POST", "/v1/bindings", token, in, &v)
	return v
}

func (f *fixture) bindings(path, token string) []bindingView {
	f.t.Helper()
	var l list[bindingView]
	f.json("GET", path, token, nil, &l)
	return l.Items
}

func (f *fixture) units(token string) []unitView {
	f.t.Helper()
	var l list[unitView]
	f.json("GET", "/v1/units", token, nil, &l)
	return l.Items
}

// What the attack began with (the owner's name and four digits of the phone) is no longer asked for, nor shown.
func TestNobodyBindsByWhatATerminalShows(t *testing.T) {
	f := serve(t)
	u, stranger := f.a.unit, f.residentWith(strangersPhone)
	old := map[string]any{"community": f.a.community, "label": "1-1-101", "owner": u.Owner, "phone_tail": u.Phone[7:]}
	for _, path := range []string{"/v1/units/bind", "/v1/bindings"} {
		if status, _, body := f.ask("POST", path, stranger, old); status < 400 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	for _, q := range []string{u.Phone, u.Phone[7:], u.Owner} {
		if status, _, body := f.ask("GET", "/v1/units?q="+q, f.a.terminal, nil); status != 200 || !emptyList(body) {
			t.Errorf("a terminal finds the room by %s: %d %s", q, status, body)
		}
		if status, _, body := f.ask("GET", "/v1/units?q="+q, f.a.staff[access.Cashier], nil); status != 200 ||
			emptyList(body) {
			t.Errorf("staff do not find the room by %s: %d %s", q, status, body)
		}
	}
	var o orderView
	f.json("POST", "/v1/orders", f.a.terminal, orderInput{Unit: u.ID, Bills: []string{f.a.bills[1].ID}}, &o)
	for _, q := range []string{"13999999999", "13900000000"} {
		if status, _, body := f.ask("GET", "/v1/orders?q="+q, f.a.terminal, nil); status != 400 {
			t.Errorf("a terminal learns by searching which phone an order is of: %d %s", status, body)
		}
	}
	for _, path := range []string{"/v1/units?q=101", "/v1/orders", "/v1/orders/" + o.ID,
		"/v1/units/" + u.ID + "/bills"} {
		_, _, body := f.ask("GET", path, f.a.terminal, nil)
		for _, digits := range []string{u.Phone, u.Phone[:3] + "*", u.Phone[7:]} {
			if strings.Contains(strings.ReplaceAll(body, o.ID, ""), `"phone"`) || strings.Contains(body, digits+`"`) {
				t.Errorf("%s shows a terminal %s: %.300s", path, digits, body)
			}
		}
	}
}

func TestBindingByTheCodeOfThePhoneOnRecord(t *testing.T) {
	f := serve(t)
	u, stranger := f.a.unit, f.residentWith(strangersPhone)
	asked := f.askToBind(stranger, bindInput{f.a.community, "1栋1单元101", property.ByCode, ""})
	if asked.State != property.CodeSent || asked.DemoCode == "" || asked.Unit != "" {
		t.Fatalf("%+v", asked)
	}
	none := f.askToBind(stranger, bindInput{f.a.community, "1栋1单元109", property.ByCode, ""})
	hidden := func(v askedView) string {
		v.ID, v.Label, v.DemoCode, v.AskedAt = "", "", "", time.Time{}
		return fmt.Sprintf("%+v", v)
	}
	if hidden(asked) != hidden(none) {
		t.Errorf("the answer tells whether there is such a home:\n%s\n%s", hidden(asked), hidden(none))
	}
	if status, _, body := f.ask("POST", "/v1/bindings/"+asked.ID+"/confirmation", stranger,
		bindCodeInput{Code: wrong(asked.DemoCode)}); status != 410 {
		t.Errorf("a wrong code: %d %s", status, body)
	}
	if status, _, _ := f.ask("POST", "/v1/residents/sessions", "", codeInput{u.Phone, asked.DemoCode}); status != 401 {
		t.Errorf("the code logs in as the owner: %d", status)
	}
	if len(f.units(stranger)) != 0 {
		t.Error("bound without the code")
	}
	var v bindingView
	f.json("POST", "/v1/bindings/"+asked.ID+"/confirmation", stranger, bindCodeInput{Code: asked.DemoCode}, &v)
	if !v.InForce || v.Unit != u.ID {
		t.Errorf("%+v", v)
	}
	mine := f.units(stranger)
	if len(mine) != 1 || mine[0].As != property.Bound || mine[0].Phone != "" || mine[0].Owner == u.Owner {
		t.Errorf("%+v", mine)
	}

	// the owner hears of it, and undoes it with one request
	if got := f.units(f.a.resident); len(got) != 1 || got[0].News != 1 || got[0].As != property.Owner {
		t.Errorf("the owner is told nothing: %+v", got)
	}
	heard := f.bindings("/v1/units/"+u.ID+"/bindings", f.a.resident)
	if len(heard) != 1 || heard[0].Phone != "137****0001" || heard[0].Way != property.ByCode ||
		heard[0].BoundAt == nil || !heard[0].Unread || !heard[0].MayEnd {
		t.Fatalf("%+v", heard)
	}
	if status, _, body := f.ask("POST", "/v1/units/"+u.ID+"/bindings/acknowledgement", f.a.resident,
		nil); status != 204 {
		t.Errorf("%d %s", status, body)
	}
	if got := f.units(f.a.resident); got[0].News != 0 {
		t.Errorf("read, and still news: %+v", got)
	}
	second := f.residentWith("13700000002")
	again := f.askToBind(second, bindInput{f.a.community, "1-101", property.ByCode, ""})
	f.json("POST", "/v1/bindings/"+again.ID+"/confirmation", second, bindCodeInput{Code: again.DemoCode}, &v)
	if status, _, body := f.ask("POST", "/v1/bindings/"+again.ID+"/termination", stranger, endInput{}); status != 403 {
		t.Errorf("a tenant ends another's binding: %d %s", status, body)
	}
	f.json("POST", "/v1/bindings/"+asked.ID+"/termination", f.a.resident, endInput{}, &v)
	if v.State != property.EndedBinding || v.EndedBy != "owner" {
		t.Errorf("%+v", v)
	}
	for _, path := range []string{"/v1/units/" + u.ID + "/bills", "/v1/units/" + u.ID + "/bindings",
		"/v1/orders?unit=" + u.ID, "/v1/orders/" + f.a.order.ID} {
		if status, _, body := f.ask("GET", path, stranger, nil); status != 404 {
			t.Errorf("%s after the end: %d %s", path, status, body)
		}
	}
	f.json("POST", "/v1/bindings/"+again.ID+"/termination", second, endInput{}, &v)
	if v.EndedBy != "resident" || len(f.units(second)) != 0 {
		t.Errorf("unbound by themself: %+v", v)
	}
}

// wrong is a code of the same length that is not the one.
func wrong(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

// Outside a trial the code goes to the phone on record and to nobody else, and the answer waits for no provider.
func TestTheCodeToBindGoesToThePhoneOnRecord(t *testing.T) {
	f := serve(t)
	stranger := f.residentWith(strangersPhone)
	f.s.ShowCodes = false
	sent := make(chan CodeMessage, 2)
	f.s.SendCode = func(_ context.Context, m CodeMessage) error { sent <- m; return nil }
	none := f.askToBind(stranger, bindInput{f.a.community, "1-1-109", property.ByCode, ""})
	asked := f.askToBind(stranger, bindInput{f.a.community, "1-1-101", property.ByCode, ""})
	m := <-sent
	if m.Phone != f.a.unit.Phone || m.Asker != "137****0001" || !strings.Contains(m.Home, "甲小区") ||
		asked.DemoCode != "" || none.DemoCode != "" {
		t.Errorf("%+v, %+v, %+v", m, asked, none)
	}
	var v bindingView
	f.json("POST", "/v1/bindings/"+asked.ID+"/confirmation", stranger, bindCodeInput{Code: m.Code}, &v)
	if !v.InForce {
		t.Errorf("%+v", v)
	}
}

// Guessing is bounded by the home and not only by who guesses, and over restarts: the counts are in the store.
func TestGuessingIsBoundedByTheHome(t *testing.T) {
	f := serve(t)
	tried, refused := 0, 0
	for n := range 8 {
		f.s.paces = newAllowances(time.Now) // these are in the process; it starts anew
		stranger := f.residentWith(fmt.Sprintf("1370000001%d", n))
		status, _, _ := f.ask("POST", "/v1/bindings", stranger,
			bindInput{f.a.community, "1-1-101", property.ByCode, ""})
		if status == 429 {
			refused++
			continue
		}
		mine := f.bindings("/v1/bindings", stranger)
		for range 5 {
			status, _, _ := f.ask("POST", "/v1/bindings/"+mine[0].ID+"/confirmation", stranger,
				bindCodeInput{Code: "not it"})
			if status != 429 {
				tried++
			}
		}
	}
	if tried > codesOfHome*triesAtHome || tried < 10 || refused != 8-codesOfHome {
		t.Errorf("%d codes were tried at one home, %d times none was sent", tried, refused)
	}
	f.s.paces = newAllowances(time.Now)
	one := f.residentWith("13700000030")
	asked := 0
	for n := range asksOfResident + 3 {
		f.s.paces = newAllowances(time.Now)
		status, _, _ := f.ask("POST", "/v1/bindings", one,
			bindInput{f.a.community, fmt.Sprintf("9-9-%d", n), property.ByOffice, ""})
		if status == 202 {
			asked++
		}
	}
	if asked != asksOfResident {
		t.Errorf("one resident asked for %d homes in a day", asked)
	}
}

// Strangers who try codes that were never sent, or use up what they may, leave the others and the owner theirs.
func TestStrangersLockNobodyOut(t *testing.T) {
	f := serve(t)
	fresh := func() { f.s.paces = newAllowances(time.Now) } // these are in the process
	for n := range 2 {
		fresh()
		stranger := f.residentWith(fmt.Sprintf("1370000004%d", n))
		b := f.askToBind(stranger, bindInput{f.a.community, "1-1-101", property.ByOffice, ""})
		for range 20 {
			fresh()
			if status, _, body := f.ask("POST", "/v1/bindings/"+b.ID+"/confirmation", stranger,
				bindCodeInput{Code: "000000"}); status != 410 {
				t.Fatalf("no code was sent: %d %s", status, body)
			}
		}
		for sent := 0; ; sent++ {
			fresh()
			status, _, _ := f.ask("POST", "/v1/bindings", stranger,
				bindInput{f.a.community, "1-1-101", property.ByCode, ""})
			if status == 429 {
				if sent != codesAtHome {
					t.Errorf("%d codes were sent for one stranger", sent)
				}
				break
			}
			for range 5 {
				fresh()
				f.ask("POST", "/v1/bindings/"+b.ID+"/confirmation", stranger, bindCodeInput{Code: "not it"})
			}
		}
	}
	for range codesOfHome {
		fresh()
		if status, _,
			body := f.ask("POST", "/v1/bindings", f.a.resident,
			bindInput{f.a.community, "1-1-101", property.ByCode, ""}); status != 409 {
			t.Errorf("the owner: %d %s", status, body)
		}
	}
	fresh()
	tenant := f.residentWith("13700000049")
	asked := f.askToBind(tenant, bindInput{f.a.community, "1-1-101", property.ByCode, ""})
	if status, _, body := f.ask("POST", "/v1/bindings/"+asked.ID+"/confirmation", tenant,
		bindCodeInput{Code: asked.DemoCode}); status != 200 {
		t.Errorf("the tenant with the right code: %d %s", status, body)
	}
}

func TestTheOfficeDecidesWhoIsBound(t *testing.T) {
	f := serve(t)
	u, tenant := f.a.unit, f.residentWith(strangersPhone)
	asked := f.askToBind(tenant, bindInput{f.a.community, "1-1-101", property.ByOffice, "租户 王五"})
	if asked.State != property.Requested {
		t.Fatalf("%+v", asked)
	}
	front := f.a.staff[access.Cashier]
	waiting := f.bindings("/v1/bindings", front)
	if len(waiting) != 1 || waiting[0].Phone != strangersPhone || waiting[0].Unit != u.ID ||
		waiting[0].Note != "租户 王五" || waiting[0].OwnerPhone != u.Phone {
		t.Fatalf("%+v", waiting)
	}
	if got := f.bindings("/v1/bindings", f.b.staff[access.Cashier]); len(got) != 0 {
		t.Errorf("another company sees it: %+v", got)
	}
	if mine := f.bindings("/v1/bindings", tenant); len(mine) != 1 || mine[0].Unit != "" || mine[0].Owner != "" ||
		!mine[0].MayEnd {
		t.Errorf("%+v", mine)
	}
	var v bindingView
	f.json("POST", "/v1/bindings/"+asked.ID+"/decision", front, bindingDecision{Approve: true}, &v)
	if !v.InForce || v.DecidedBy == "" {
		t.Errorf("%+v", v)
	}
	if status, _, body := f.ask("POST", "/v1/bindings/"+asked.ID+"/decision", front,
		bindingDecision{Reason: "不是"}); status != 409 {
		t.Errorf("decided twice: %d %s", status, body)
	}
	if got := f.bindings("/v1/units/"+u.ID+"/bindings", front); len(got) != 1 || got[0].Phone != strangersPhone ||
		!got[0].MayEnd {
		t.Errorf("staff see who is bound: %+v", got)
	}
	f.json("POST", "/v1/bindings/"+asked.ID+"/termination", front, endInput{Reason: "退租"}, &v)
	if mine := f.bindings("/v1/bindings", tenant); mine[0].EndedBy != "office" || mine[0].Reason != "退租" ||
		mine[0].InForce {
		t.Errorf("%+v", mine)
	}
}

// An owner's change by the office leaves the old phone the bills that it owes, and nothing of who came after it.
func TestTheOldPhoneIsLeftWhatItOwes(t *testing.T) {
	f := serve(t)
	u, tenant := f.a.unit, f.residentWith(strangersPhone)
	asked := f.askToBind(tenant, bindInput{f.a.community, "1-1-101", property.ByCode, ""})
	var v bindingView
	f.json("POST", "/v1/bindings/"+asked.ID+"/confirmation", tenant, bindCodeInput{Code: asked.DemoCode}, &v)
	var changed unitView
	f.json("PUT", "/v1/units/"+u.ID+"/owner", f.a.staff[access.Operations],
		ownerInput{Owner: "新业主", Phone: "13700000055"}, &changed)
	owner := f.residentWith("13700000055")

	if got := f.units(tenant); len(got) != 0 {
		t.Errorf("the old owner's tenant has %+v", got)
	}
	if mine := f.bindings("/v1/bindings", tenant); mine[0].EndedBy != "owner_changed" || mine[0].EndedAt == nil ||
		mine[0].InForce {
		t.Errorf("%+v", mine)
	}
	mine := f.units(f.a.resident)
	if len(mine) != 1 || mine[0].As != property.FormerOwner || mine[0].Owner != "" {
		t.Fatalf("%+v", mine)
	}
	var owed billsView
	f.json("GET", "/v1/units/"+u.ID+"/bills?status=all", f.a.resident, nil, &owed)
	if len(owed.Items) != 3 {
		t.Errorf("%+v", owed)
	}
	for _, path := range []string{"/v1/units/" + u.ID + "/bindings", "/v1/orders/" + f.a.order.ID} {
		if status, _, body := f.ask("GET", path, f.a.resident, nil); status != 404 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	var o orderView
	f.json("POST", "/v1/orders", f.a.resident, orderInput{Unit: u.ID, Bills: []string{f.a.bills[2].ID}}, &o)
	f.json("GET", "/v1/orders/"+o.ID, f.a.resident, nil, &o)
	if o.Payer.Name != maskName(u.Owner) {
		t.Errorf("the order names another payer: %+v", o.Payer)
	}
	if status, _, _ := f.ask("GET", "/v1/orders/"+o.ID, owner, nil); status != 404 {
		t.Errorf("the new owner sees the old one's order: %d", status)
	}
	var all list[orderView]
	f.json("GET", "/v1/orders?unit="+u.ID, owner, nil, &all)
	if len(all.Items) != 0 {
		t.Errorf("the new owner sees %+v", all.Items)
	}
	f.json("GET", "/v1/units/"+u.ID+"/bills", owner, nil, &owed)
	if len(owed.Items) != 3 {
		t.Errorf("the new owner's bills: %+v", owed)
	}
}

// Who made an order is for staff: a terminal or a payer gets no id of a resident or of the staff.
func TestOnlyStaffSeeByWhomAnOrderWasMade(t *testing.T) {
	f := serve(t)
	for _, token := range []string{f.a.resident, f.a.terminal} {
		var o orderView
		f.json("POST", "/v1/orders", token, orderInput{Unit: f.a.unit.ID, Bills: []string{f.a.bills[1].ID},
			OnOpen: "supersede"}, &o)
		if o.Origin.Resident != "" || o.Origin.Terminal != "" || o.Origin.Kind == "" {
			t.Errorf("%+v", o.Origin)
		}
	}
}

// A stream that was open when a binding ended tells of nothing that comes after it.
func TestAStreamEndsWithTheBinding(t *testing.T) {
	f := serve(t)
	u, tenant := f.a.unit, f.residentWith(strangersPhone)
	asked := f.askToBind(tenant, bindInput{f.a.community, "1-1-101", property.ByCode, ""})
	f.json("POST", "/v1/bindings/"+asked.ID+"/confirmation", tenant, bindCodeInput{Code: asked.DemoCode},
		&bindingView{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // guards a hang
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", f.base+"/v1/orders/"+f.a.order.ID+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+tenant)
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "data: ") {
	}
	f.json("PUT", "/v1/units/"+u.ID+"/owner", f.a.staff[access.Operations],
		ownerInput{Owner: "新业主", Phone: "13700000055"}, &unitView{})
	way := attemptInput{Wallet: "wechat", Method: "native"}
	f.json("POST", "/v1/orders/"+f.a.order.ID+"/attempts", f.a.staff[access.Cashier], way, &openedView{},
		"Idempotency-Key", "k")
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "data: ") {
			t.Fatalf("the stream goes on: %.200s", lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		t.Error(err)
	}
}
