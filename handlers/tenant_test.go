package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
	"linlipay/property"
	"linlipay/workbook"
)

// reach is a world for the test of who reaches what: company B has one of everything, and callers of every kind who
// must not reach it: of another company, of another community of the same company, of another unit of the same
// community.
type reach struct {
	*fixture
	mine      device            // the terminal of B that the cards were taken at
	other     string            // another community of B's
	ids       map[string]string // of each kind of thing, B's own
	strangers map[string]string // tokens
	kinds     map[string]access.Caller
	rightful  map[access.Kind][]string // B's own tokens by kind
}

// targets says of which kind the id of a route is, by the end of its path: the first that fits counts. Every route with
// an id needs a line.
var targets = []struct{ path, kind string }{
	{"/v1/units/:id", "unit"},
	{"/v1/bindings/:id", "binding"},
	{"/v1/bills/:id", "bill"},
	{"/v1/prepayments/:id", "prepayment"},
	{"/v1/communities/:id", "community"},
	{"/v1/orders/:id/unapplied-funds/:no/decision", "stray"},
	{"/v1/orders/:id/rejected-reports/:no/resolution", "doubtful"},
	{"/v1/orders/:id/attempts/:no/device-reports", "swiped"},
	{"/v1/orders/:id/attempts/:no/resolution", "swiped"},
	{"/v1/orders/:id/refunds/:no/device-call", "swiped"},
	{"/v1/orders/:id/refunds/:no/device-reports", "swiped"},
	{"/v1/orders/:id", "paid"},
	{"/v1/notifications/:id/replays", "message"},
	{"/v1/merchant-accounts/:id", "account"},
	{"/v1/members/:id/sessions/:session", "leaver"},
	{"/v1/me/sessions/:session", "leaver"},
	{"/v1/members/:id", "member"},
	{"/v1/api-clients/:id", "client"},
	{"/v1/webhook-endpoints/:id", "endpoint"},
	{"/v1/organisation/entities/:id", "entity"},
	{"/v1/organisation/regions/:id", "region"},
	{"/v1/authority/deputies/:id", "deputy"},
	{"/v1/terminals/:id/events", "own terminal"},
	{"/v1/terminals/:id/voids", "own terminal"},
	{"/v1/terminals/:id", "terminal"},
}

// inputs are what a route that takes something is given, well-formed; a path stands for its ids too where they are in
// the body or in the query. Every route that takes something needs a line.
func (w *reach) inputs() map[string]any {
	note := sightInput{Note: "核实"}
	return map[string]any{
		"POST /v1/orders": orderInput{Unit: w.b.unit.ID,
			Bills: []string{w.b.bills[2].ID}},
		"POST /v1/orders/:id/attempts":                        attemptInput{Wallet: "wechat", Method: "native"},
		"POST /v1/orders/:id/closure":                         nil,
		"POST /v1/orders/:id/receipt-prints":                  printInput{},
		"POST /v1/orders/:id/queries":                         nil,
		"POST /v1/orders/:id/refunds":                         refundInput{Items: w.item(), Reason: "住户申请"},
		"POST /v1/orders/:id/refunds/:no/decision":            refundDecision{Approve: true},
		"POST /v1/orders/:id/refunds/:no/submissions":         nil,
		"POST /v1/orders/:id/refunds/:no/resolution":          map[string]any{"out_of_band": true, "note": "已转账"},
		"POST /v1/orders/:id/refunds/:no/payout":              nil,
		"POST /v1/orders/:id/refunds/:no/acknowledgement":     note,
		"POST /v1/orders/:id/attempts/:no/device-reports":     w.word(w.ids["swiped"] + "01"),
		"POST /v1/orders/:id/refunds/:no/device-reports":      w.word(w.ids["swiped"] + "R01"),
		"POST /v1/orders/:id/rejected-reports/:no/resolution": note,
		"POST /v1/orders/:id/attempts/:no/resolution":         note,
		"POST /v1/orders/:id/attempts/:no/returns":            explanationInput{Amount: 1, Note: "平台"},
		"POST /v1/orders/:id/attempts/:no/returns/decision":   returnDecision{Decision: dismissReturn, Note: "核实"},
		"POST /v1/orders/:id/unapplied-funds/:no/decision":    unappliedRequest{Decision: payment.Claim},
		"POST /v1/notifications/:id/replays":                  nil,
		"POST /v1/imports":                                    "not a workbook",
		"POST /v1/imports/report": billing.ImportReport{Rows: []*billing.RowReport{},
			Notes: []billing.NoteReport{}, Totals: map[billing.Outcome]int{}},
		"POST /v1/pairings": pairingInput{w.b.community, "前台"},
		"PUT /v1/routes": routesInput{Routes: w.routes(),
			askedInput: askedInput{Replaces: w.ids["routes"]}},
		"POST /v1/routes/decision":        routesDecision{Request: w.ids["routes"], Approve: true},
		"POST /v1/routes/withdrawal":      routesWithdrawal{Request: w.ids["routes"]},
		"DELETE /v1/terminals/:id":        nil,
		"PUT /v1/me/password":             passwordInput{"password-bbb", "a password of their own"},
		"DELETE /v1/me/sessions":          nil,
		"DELETE /v1/me/sessions/:session": nil,
		"POST /v1/members": newMemberInput{"new-one", "新人", []access.Role{access.Cashier},
			[]string{w.b.community}, []string{w.ids["region"]}},
		"PUT /v1/members/:id/rights": rightsInput{Roles: []access.Role{access.Finance},
			Communities: []string{w.b.community}, Regions: []string{}},
		"POST /v1/webhook-endpoints": newEndpointInput{
			URL: "https://erp.example.com/hooks", Communities: []string{w.b.community},
		},
		"PATCH /v1/webhook-endpoints/:id":                          endpointInput{Note: &note.Note},
		"POST /v1/webhook-endpoints/:id/decision":                  decisionInput{Request: "x", Approve: true},
		"POST /v1/webhook-endpoints/:id/withdrawal":                withdrawalInput{Request: "x"},
		"POST /v1/webhook-endpoints/:id/activation":                nil,
		"POST /v1/webhook-endpoints/:id/deactivation":              nil,
		"POST /v1/webhook-endpoints/:id/secrets":                   nil,
		"POST /v1/webhook-endpoints/:id/tests":                     nil,
		"POST /v1/webhook-endpoints/:id/deliveries/:event/replays": nil,
		"POST /v1/webhook-endpoints/:id/replays":                   spanInput{From: time.Now()},
		"DELETE /v1/webhook-endpoints/:id":                         nil,
		"POST /v1/api-clients": newAPIClientInput{Name: "ERP", Rights: []access.Right{access.ReadOrders},
			Communities: []string{w.b.community}},
		"PATCH /v1/api-clients/:id":                apiClientInput{Communities: &[]string{w.b.community}},
		"DELETE /v1/api-clients/:id":               nil,
		"POST /v1/api-clients/:id/decision":        decisionInput{Request: "x", Approve: true},
		"POST /v1/api-clients/:id/withdrawal":      withdrawalInput{Request: "x"},
		"POST /v1/api-clients/:id/keys":            newKeyInput{},
		"DELETE /v1/api-clients/:id/keys/:key":     nil,
		"POST /v1/members/:id/deactivation":        nil,
		"POST /v1/members/:id/activation":          nil,
		"POST /v1/members/:id/one-time-passwords":  nil,
		"POST /v1/members/:id/decision":            decisionInput{Request: "x", Approve: true},
		"POST /v1/members/:id/withdrawal":          withdrawalInput{Request: "x"},
		"DELETE /v1/members/:id/sessions":          nil,
		"DELETE /v1/members/:id/sessions/:session": nil,
		"POST /v1/merchant-accounts":               w.account(),
		"PATCH /v1/merchant-accounts/:id": map[string]any{"name": "商户", "revision": 0,
			"settings": map[string]string{"mchid": "2"}, "replaces": w.ids["request"]},
		"POST /v1/merchant-accounts/:id/tests":        testInput{Request: w.ids["request"]},
		"POST /v1/merchant-accounts/:id/decision":     decisionInput{Request: w.ids["request"], Approve: true},
		"POST /v1/merchant-accounts/:id/withdrawal":   withdrawalInput{Request: w.ids["request"]},
		"POST /v1/merchant-accounts/:id/deactivation": nil,
		"POST /v1/merchant-accounts/:id/activation":   askedInput{},
		"POST /v1/organisation/entities": entityInput{Accounts: []bankAccountView{}, Name: "分公司", Kind: access.Branch,
			TaxNumber: "91350100M000100Y43"},
		"PUT /v1/organisation/entities/:id": entityInput{Accounts: []bankAccountView{}, Name: "乙物业公司",
			Kind:       access.Corporation,
			askedInput: askedInput{Replaces: w.ids["entity request"]}},
		"POST /v1/organisation/regions":    regionInput{Name: "某区域"},
		"PUT /v1/organisation/regions/:id": regionInput{Name: "改名的区域", Revision: 1},
		"POST /v1/organisation/moves": moveInput{Communities: []string{w.b.community}, Region: w.ids["region"],
			From: "2026-12-01"},
		"POST /v1/organisation/decision":   organisationDecision{Request: w.ids["settings request"], Approve: true},
		"POST /v1/organisation/withdrawal": organisationWithdrawal{Request: w.ids["settings request"]},
		"PUT /v1/authority": authorityInput{Lines: tableLines(authorityLineView{Matter: access.OverRefund,
			Role: access.Operations, Communities: []string{w.b.community}})},
		"POST /v1/authority/deputies": deputyInput{Person: actorOf(w.b, access.Finance),
			Deputy: actorOf(w.b, access.Operations), From: access.DayOf(time.Now()), To: access.DayOf(time.Now())},
		"POST /v1/authority/deputies/:id/termination": nil,
		"PUT /v1/settings": settingsInput{Unapplied: "person", DeskMinutes: 5,
			PhoneMinutes: 15, PartPayments: "desk", Prepayments: "on_request"},
		"POST /v1/prepayments/:id/draws":                        drawInput{Bill: w.b.bills[0].ID},
		"POST /v1/prepayments/:id/draws/:no/return":             drawReturnInput{Reason: "x"},
		"PUT /v1/prepayments/:id/fees":                          prepaymentFeesInput{Fees: []string{"物业费"}},
		"POST /v1/prepayments/:id/payouts":                      inCashTo("x"),
		"POST /v1/prepayments/:id/payouts/decision":             decisionInput{Request: w.ids["payout"], Approve: true},
		"POST /v1/prepayments/:id/payouts/withdrawal":           withdrawalInput{Request: w.ids["payout"]},
		"POST /v1/prepayments/:id/payouts/:payout/payment":      payoutPaymentInput{Reference: "x"},
		"POST /v1/prepayments/:id/payouts/:payout/cancellation": payoutCancellationInput{Reason: "x"},

		"POST /v1/bills/:id/corrections":            correctionInput{Kind: billing.Reduction, Amount: 1, Reason: "x"},
		"POST /v1/bills/:id/corrections/decision":   decisionInput{Request: "x", Approve: true},
		"POST /v1/bills/:id/corrections/withdrawal": withdrawalInput{Request: "x"},
		"PUT /v1/communities/:id/cutover": totalsInput{FirstPeriod: "2026-11",
			Totals: []controlTotalInput{{Fee: "物业费", Amount: 1}}},
		"POST /v1/communities/:id/cutover/requests":   lockInput{},
		"POST /v1/communities/:id/cutover/decision":   decisionInput{Request: "x", Approve: true},
		"POST /v1/communities/:id/cutover/withdrawal": withdrawalInput{Request: "x"},
		"POST /v1/bindings":                           bindInput{w.b.community, "1-1-101", property.ByOffice, ""},
		"POST /v1/bindings/:id/confirmation":          bindCodeInput{Code: w.ids["code"]},
		"POST /v1/bindings/:id/decision":              bindingDecision{Approve: true},
		"POST /v1/bindings/:id/termination":           endInput{Reason: "退租"},
		"POST /v1/units/:id/bindings/acknowledgement": nil,
		"PUT /v1/units/:id/owner":                     ownerInput{Owner: "改名", Phone: w.b.unit.Phone},
	}
}

// query is what a request names in the query: what a list is of, and which community's routes are meant. What changes
// something else names nothing there, or it is refused.
func (w *reach) query(r route) string {
	if r.method == "GET" || strings.HasPrefix(r.path, "/v1/routes") {
		return w.queries()[r.path]
	}
	return ""
}

// queries are the ids that a list is asked by.
func (w *reach) queries() map[string]string {
	return map[string]string{
		"/v1/units":             "?q=101&community=" + w.b.community,
		"/v1/routes":            "?community=" + w.b.community,
		"/v1/routes/decision":   "?community=" + w.b.community,
		"/v1/routes/withdrawal": "?community=" + w.b.community,
		"/v1/refunds":           "?community=" + w.b.community,
		"/v1/unapplied-funds":   "?community=" + w.b.community,
		"/v1/returns":           "?community=" + w.b.community,
		"/v1/bindings":          "?community=" + w.b.community,
		"/v1/communities":       "?name=" + url.QueryEscape("乙小区"),
		"/v1/orders":            "?unit=" + w.b.unit.ID,
	}
}

// open are routes whose ids everybody admitted may ask about, and why.
var open = map[string]string{
	"GET /v1/communities":            "a resident finds the community of the home that they bind",
	"GET /v1/units":                  "a resident gets their own, whatever is asked for",
	"POST /v1/organisation/entities": "is about the caller's own company",
	"POST /v1/organisation/regions":  "is about the caller's own company",
	"PUT /v1/settings":               "is about the caller's own company",
	"POST /v1/authority/deputies":    "is about the caller, or for operations of the whole company",
	"POST /v1/imports":               "is about the caller's own communities: TestWorkbooksOverHTTP",
	"POST /v1/imports/report":        "gives back what the caller sent: TestAReportBecomesAWorkbook",
	"POST /v1/bindings":              "a resident asks for any home; the office, or the phone on record, answers",
	"PUT /v1/me/password":            "is about the caller",
	"DELETE /v1/me/sessions":         "is about the caller",
}

// repeats are routes whose answer to a resident names what they named.
var repeats = []string{"GET /v1/communities", "POST /v1/bindings"}

// forbids are routes that refuse some strangers by their right and not by the id.
func forbids(path, stranger string) bool {
	company := strings.HasPrefix(path, "/v1/webhook-endpoints") ||
		strings.HasPrefix(path, "/v1/merchant-accounts") || strings.HasPrefix(path, "/v1/audit-events") &&
		path != "/v1/audit-events/verbs" || strings.HasPrefix(path, "/v1/organisation/") &&
		path != "/v1/organisation/moves"
	company = company || strings.HasPrefix(path, "/v1/authority/deputies/")
	return company && strings.HasPrefix(stranger, "another community") // for the whole company's staff
}

func (w *reach) item() []payment.RefundItem {
	return []payment.RefundItem{{Ref: w.b.order.Items[0].Ref, Amount: 1}}
}

func (w *reach) account() newAccountInput {
	return newAccountInput{
		Institution: gateway.WeChat, Name: "商户", Communities: []string{w.b.community},
		Settings: map[string]string{"mchid": "1"},
	}
}

func (w *reach) word(number string) map[string]any {
	now := time.Now()
	return w.mine.result(number, map[string]string{"result": "success"}, now, now)
}

// Every guarded route, by every caller who must not reach what it is about, with B's real ids and well-formed input: it
// does not exist for them, lists tell nothing of it, and nothing changes. By its own people each is found, which shows
// that the ids are real. A new route needs a line in targets or inputs, and fails here until it has one.
func TestNobodyReachesWhatIsNotTheirs(t *testing.T) {
	w := newReach(t)
	before := w.versions()
	n := 0
	ask := func(r route, token string) (int, string) {
		n++
		path := w.path(t, r) + w.query(r)
		input, known := w.inputs()[r.method+" "+r.path]
		if r.method != "GET" && !known {
			t.Fatalf("%s %s takes something: it needs a line in inputs", r.method, r.path)
		}
		status, _, body := w.ask(r.method, path, token, input, "Idempotency-Key", fmt.Sprint("k", n),
			"X-Forwarded-For", fmt.Sprintf("198.51.%d.%d", n/250, n%250)) // each from elsewhere, so that no pace is met
		return status, body
	}
	for _, r := range w.s.routes() {
		if r.who.public || strings.HasSuffix(r.path, "/events") && !strings.Contains(r.path, ":id") {
			continue // streams of what is within reach: TestLiveEventsAndReplay
		}
		about := strings.Contains(r.path, ":") || w.query(r) != "" || r.method != "GET"
		for who, token := range w.strangers {
			status, body := ask(r, token)
			want := 404
			switch {
			case !r.admits(w.kinds[who]) || forbids(r.path, who):
				want = 403
			case !about:
				want = 200
			}
			if open[r.method+" "+r.path] != "" {
				want = status
			}
			if status != want && !(want == 404 && status == 200 && emptyList(body)) {
				t.Errorf("%s %s by %s: %d, want %d: %.200s", r.method, r.path, who, status, want, body)
			}
			repeated := slices.Contains(repeats, r.method+" "+r.path) && w.kinds[who].Kind == access.ResidentKind
			if tells := w.tells(who, body); tells != "" && status < 300 && !repeated {
				t.Errorf("%s %s tells %s of %s: %.300s", r.method, r.path, who, tells, body)
			}
		}
	}
	if after := w.versions(); after != before {
		t.Errorf("something of B's changed: %s, before %s", after, before)
	}
	for _, r := range w.s.routes() {
		if r.who.public || strings.HasSuffix(r.path, "/events") {
			continue
		}
		found := false
		for kind, tokens := range w.rightful {
			for _, token := range tokens {
				if !slices.Contains(r.who.kinds, kind) || found {
					continue
				}
				status, body := ask(r, token)
				found = status != 403 && status != 404
				if status == 400 {
					t.Errorf("%s %s by its own people: %.300s", r.method, r.path, body)
				}
			}
		}
		if !found && open[r.method+" "+r.path] == "" {
			t.Errorf("%s %s: nobody of B's reaches it, so that the test shows nothing", r.method, r.path)
		}
	}
}

// emptyList reports whether an answer is a list of nothing.
func emptyList(body string) bool {
	var l struct{ Items []json.RawMessage }
	return json.Unmarshal([]byte(body), &l) == nil && len(l.Items) == 0 && strings.Contains(body, `"items"`)
}

// path puts B's ids into a route's path.
func (w *reach) path(t *testing.T, r route) string {
	t.Helper()
	if !strings.Contains(r.path, ":") {
		return r.path
	}
	for _, target := range targets {
		if strings.HasPrefix(r.path, target.path) {
			session := w.ids["session"]
			if strings.HasPrefix(r.path, "/v1/me/") {
				session = w.ids["own session"]
			}
			return strings.NewReplacer(":id", w.ids[target.kind], ":no", "1", ":session", session,
				":key", w.ids["key"], ":event", w.ids["event"], ":payout", w.ids["payout"]).Replace(r.path)
		}
	}
	t.Fatalf("%s %s has an id: it needs a line in targets", r.method, r.path)
	return ""
}

// tells is what an answer gives away of B's to a stranger, by its name; "" is nothing.
func (w *reach) tells(who, body string) string {
	secrets := map[string]string{
		"the order": w.ids["paid"], "a card's order": w.ids["swiped"], "the unknown order": w.ids["stray"],
		"the owner": w.b.unit.Owner,
		"the phone": w.b.unit.Phone, "a bill": w.b.bills[0].ID, "the message": w.ids["message"],
		"a login": `"login":"asked"`,
	}
	if !strings.HasPrefix(who, "another unit") {
		secrets["the unit"], secrets["the community"] = w.b.unit.ID, w.b.community
	}
	if strings.HasPrefix(who, "another company") {
		secrets["the terminal"], secrets["the account"], secrets["the company"] = w.mine.id, w.ids["account"], w.b.name
	}
	for name, secret := range secrets {
		if strings.Contains(body, secret) {
			return name
		}
	}
	return ""
}

// versions are those of B's orders, unit and binding: they change with whatever changes these.
func (w *reach) versions() string {
	var values []string
	for _, kind := range []string{"paid", "swiped", "doubtful", "stray"} {
		values = append(values, fmt.Sprint(kind, w.version(w.ids[kind])))
	}
	u, err := w.s.Property.Unit(w.t.Context(), w.b.unit.ID)
	b, err2 := w.s.Property.Binding(w.t.Context(), w.ids["binding"])
	account, err3 := w.s.Payments.Merchants().AccountInfo(w.t.Context(), "bbb", w.ids["account"])
	routes, err4 := w.s.Payments.Merchants().RoutesOf(w.t.Context(), "bbb", w.b.community)
	if err := errors.Join(err, err2, err3, err4); err != nil {
		w.t.Fatal(err)
	}
	organisation, err := w.s.Access.Organisation(w.t.Context(), "bbb")
	if err != nil {
		w.t.Fatal(err)
	}
	made, err := json.Marshal([]any{organisation.Entities, organisation.Regions, organisation.Places,
		organisation.Requests, organisation.Settings, organisation.Authority,
		organisation.Deputies})
	if err != nil {
		w.t.Fatal(err)
	}
	values = append(values, string(made))
	bill, err := w.s.Billing.Bill(w.t.Context(), w.ids["bill"])
	if err != nil {
		w.t.Fatal(err)
	}
	values = append(values, fmt.Sprint("bill", len(bill.Corrections)))
	prepayment, err := w.s.Billing.Prepayment(w.t.Context(), w.ids["prepayment"])
	if err != nil {
		w.t.Fatal(err)
	}
	values = append(values, fmt.Sprint("prepayment", sums(prepayment), prepayment.Fees, len(prepayment.Payouts)))
	cutOver, err := w.s.Billing.CutOver(w.t.Context(), w.ids["community"])
	if err != nil {
		w.t.Fatal(err)
	}
	values = append(values, fmt.Sprint("cut-over ", cutOver.State()))
	program, err := w.s.Access.Client(w.t.Context(), access.Caller{Company: "bbb"}, w.ids["client"])
	if err != nil {
		w.t.Fatal(err)
	}
	values = append(values, fmt.Sprint("client", program.Revision, len(program.Keys), program.Request.State))
	values = append(values, fmt.Sprint("unit", u.Version), fmt.Sprint("binding", b.Version),
		fmt.Sprint("account", account.Revision, account.Change), fmt.Sprint("routes", routes.Version))
	e, err := w.s.Webhooks.Endpoint(w.t.Context(), "bbb", w.ids["endpoint"])
	if err != nil {
		w.t.Fatal(err)
	}
	values = append(values, fmt.Sprint("endpoint", e.Version))
	return strings.Join(values, " ")
}

func newReach(t *testing.T) *reach {
	t.Helper()
	return reachOver(t, serve(t))
}

func reachOver(t *testing.T, f *fixture) *reach {
	t.Helper()
	w := &reach{fixture: f, mine: f.device(f.b), ids: map[string]string{"unit": f.b.unit.ID, "account": "bbbwechat",
		"community": f.b.community, "bill": f.b.bills[1].ID}}
	trusted := gateway.Account{
		ID: "bbbcards", Company: "bbb", Institution: gateway.Shengpay,
		Settings: map[string]string{"trust_device": "yes"},
	}
	if err := f.s.Accounts.Add(t.Context(), trusted, time.Now()); err != nil {
		t.Fatal(err)
	}
	w.strange()
	w.money()
	w.paidAhead()
	w.asked()
	w.ids["terminal"], w.ids["own terminal"] = f.b.terminalID, w.mine.id
	var asked codeForView
	w.json("POST", "/v1/members", w.b.staff[access.Operations],
		newMemberInput{Login: "asked", Name: "待审批", Roles: []access.Role{access.Cashier}}, &asked)
	w.ids["member"] = asked.Member.ID
	w.leaver()
	w.programs()
	w.endpoint()
	return w
}

// endpoint makes a webhook endpoint of B's, approved by another person, and sends it a test event.
func (w *reach) endpoint() {
	var made madeEndpointView
	w.json("POST", "/v1/webhook-endpoints", w.b.staff[access.Operations],
		newEndpointInput{URL: "https://erp.example.com/hooks"}, &made)
	w.ids["endpoint"] = made.Endpoint.ID
	at := "/v1/webhook-endpoints/" + made.Endpoint.ID
	w.json("POST", at+"/decision", w.b.staff[access.Finance],
		decisionInput{Request: made.Endpoint.Request.ID, Approve: true}, &struct{}{})
	var sent deliveryView
	w.json("POST", at+"/tests", w.b.staff[access.Operations], nil, &sent)
	w.ids["event"] = sent.Event
}

// programs makes API clients with every right: B's own, of its community, and those that must not reach B's things.
func (w *reach) programs() {
	caller := access.Caller{Kind: access.ClientKind, Rights: access.ClientRights()}
	own, key := w.apiClient(w.b, w.b.community)
	w.ids["client"], w.ids["key"] = own.ID, own.Keys[0].ID
	w.rightful[access.ClientKind] = []string{key}
	_, w.strangers["another company's program"] = w.apiClient(w.a)
	_, w.strangers["another community's program"] = w.apiClient(w.b, w.other)
	w.kinds["another company's program"], w.kinds["another community's program"] = caller, caller
}

// money makes B's orders of every kind, with an attempt, a refund, unapplied funds and a terminal's result number 1.
func (w *reach) money() {
	w.paidAndReturned(w.b, 400)
	w.ids["paid"] = w.b.order.ID
	var err error
	if w.b.order, err = w.s.Payments.Get(w.t.Context(), w.b.order.ID); err != nil {
		w.t.Fatal(err)
	}
	report := func(bill int, amount string) string {
		var o orderView
		w.json("POST", "/v1/orders", w.mine.token, orderInput{Unit: w.b.unit.ID, Bills: []string{w.b.bills[bill].ID}},
			&o)
		var opened openedView
		way := attemptInput{Wallet: gateway.WalletCard, Method: gateway.CardPresent}
		w.json("POST", "/v1/orders/"+o.ID+"/attempts", w.mine.token, way, &opened, "Idempotency-Key", "swipe")
		fields := map[string]string{"result": "success", "out_trade_no": opened.Attempt.OutTradeNo, "amount": amount,
			"reference_no": "123456789012"}
		now := time.Now()
		w.json("POST", "/v1/orders/"+o.ID+"/attempts/1/device-reports", w.mine.token,
			w.mine.result(opened.Attempt.OutTradeNo, fields, now, now), &struct{}{})
		return o.ID
	}
	w.ids["swiped"] = report(1, "1000")
	ask := refundInput{Items: []payment.RefundItem{{Ref: w.b.bills[1].ID, Amount: 1000}}, Reason: "撤销"}
	w.json("POST", "/v1/orders/"+w.ids["swiped"]+"/refunds", w.b.staff[access.Cashier], ask, &struct{}{},
		"Idempotency-Key", "void")
	w.json("POST", "/v1/orders/"+w.ids["swiped"]+"/refunds/1/decision", w.b.staff[access.Finance],
		refundDecision{Approve: true}, &struct{}{})
	w.ids["doubtful"] = report(2, "1")

	body, err := json.Marshal(strayReport())
	if err != nil {
		w.t.Fatal(err)
	}
	if status, _, said := w.ask("POST", "/callbacks/wechat/bbbwechat", "", string(body), "Wechatpay-Signature",
		"genuine"); status != 204 {
		w.t.Fatalf("%d %s", status, said)
	}
	var found list[orderView]
	w.json("GET", "/v1/unapplied-funds", w.b.staff[access.Finance], nil, &found)
	var messages list[messageView]
	w.json("GET", "/v1/notifications", w.b.staff[access.Finance], nil, &messages)
	w.ids["stray"] = found.Items[0].ID
	for _, m := range messages.Items {
		if m.Order == w.ids["paid"] {
			w.ids["message"] = m.ID
		}
	}
}

// paidAhead is what B's home has paid ahead; draw 1 of it pays a part of a bill of which something went back.
func (w *reach) paidAhead() {
	w.ids["prepayment"] = w.topUp(w.b, 500)
	w.json("POST", "/v1/prepayments/"+w.ids["prepayment"]+"/draws", w.b.staff[access.Cashier],
		drawInput{Bill: w.b.bills[0].ID, Amount: 1}, &struct{}{}, "Idempotency-Key", "draw")
	w.ids["payout"] = w.payout(w.b, w.ids["prepayment"], inCashTo("乙业主"))
}

// asked makes requests of B's that wait for another person: of an account and of routes.
func (w *reach) asked() {
	var a accountView
	edit := map[string]any{"name": "停车费", "communities": []string{}, "revision": 0}
	w.json("PATCH", "/v1/merchant-accounts/"+w.ids["account"], w.b.staff[access.Operations], edit, &a)
	var r routesView
	w.json("PUT", "/v1/routes?community="+w.b.community, w.b.staff[access.Operations],
		routesInput{Routes: w.routes()}, &r)
	w.ids["request"], w.ids["routes"] = a.Request.ID, r.Request.ID
	var o organisationView
	w.json("POST", "/v1/organisation/regions", w.b.staff[access.Operations], regionInput{Name: "乙区"}, &o)
	w.json("PUT", "/v1/organisation/entities/"+w.b.id, w.b.staff[access.Operations],
		entityInput{Accounts: []bankAccountView{}, Name: "乙物业有限公司", Kind: access.Corporation}, &o)
	var settled companySettingsView
	w.json("PUT", "/v1/settings", w.b.staff[access.Operations], settingsInput{Unapplied: "prepay", DeskMinutes: 5,
		PhoneMinutes: 15, PartPayments: "desk", Prepayments: "on_request"}, &settled)
	w.ids["settings request"] = settled.Change.Request.ID
	w.deputy()
	w.ids["region"], w.ids["entity"], w.ids["entity request"] = o.Regions[0].ID, w.b.id, o.Requests[0].Request.ID
}

// deputy makes a deputy of B's, planned for a day to come.
func (w *reach) deputy() {
	w.t.Helper()
	day := access.DayOf(time.Now().AddDate(0, 1, 0))
	o, err := w.s.Access.NameDeputy(w.t.Context(), access.Shell(w.b.id), access.Deputy{
		Person: actorOf(w.b, access.Finance), Deputy: actorOf(w.b, access.Operations), From: day, To: day,
	}, access.Asked{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.ids["deputy"] = o.Deputies[0].ID
}

// actorOf is one of a company's own staff, as timelines name them.
func actorOf(c *company, role access.Role) string {
	return "staff:" + access.StaffID(c.id+string(role))
}

func (w *reach) routes() []merchant.Route {
	return []merchant.Route{{PaymentMethod: gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.Native},
		Accounts: []string{w.ids["account"]}}}
}

// strange makes those who must not reach B's things, and gathers those who may.
func (w *reach) strange() {
	w.strangers, w.kinds = map[string]string{}, map[string]access.Caller{}
	add := func(who, token string, c access.Caller) { w.strangers[who], w.kinds[who] = token, c }
	resident, terminal := access.Caller{Kind: access.ResidentKind}, access.Caller{Kind: access.TerminalKind}
	staff := func(role access.Role) access.Caller {
		return access.Caller{Kind: access.StaffKind, Roles: []access.Role{role}}
	}
	w.other = w.second("乙二区", "102", "13900000003")
	for role, token := range w.a.staff {
		add("another company's "+string(role), token, staff(role))
		add("another community's "+string(role), w.scoped(role, w.other), staff(role))
	}
	add("another company's terminal", w.a.terminal, terminal)
	add("another company's resident", w.a.resident, resident)
	second := *w.b
	second.community = w.other
	add("another community's terminal", w.device(&second).token, terminal)
	w.second("乙小区", "102", "13900000004")
	add("another unit's resident", w.residentOf("13900000004"), resident)
	w.rightful = map[access.Kind][]string{access.TerminalKind: {w.mine.token}, access.ResidentKind: {w.b.resident}}
	for _, token := range w.b.staff {
		w.rightful[access.StaffKind] = append(w.rightful[access.StaffKind], token)
	}
	asker := w.residentOf("13900000005")
	var asked askedView
	w.json("POST", "/v1/bindings", asker, bindInput{w.b.community, "1-1-101", property.ByCode, ""}, &asked)
	w.ids["binding"], w.ids["code"] = asked.ID, asked.DemoCode
	w.rightful[access.ResidentKind] = append(w.rightful[access.ResidentKind], asker)
}

// second takes in a second home of B's, and returns its community.
func (w *reach) second(community, room, phone string) string {
	w.t.Helper()
	var out bytes.Buffer
	err := workbook.Write(&out, workbook.Table{Rows: [][]any{
		{"小区", "楼栋", "单元", "房号", "业主", "手机", "费用项目", "账期", "金额"},
		{community, "1栋", "1单元", room, "另一业主", phone, "物业费", "2026-09", "10.00"},
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.s.Billing.Import(w.t.Context(), of(w.b.id), &out); err != nil {
		w.t.Fatal(err)
	}
	all, err := w.s.Property.Communities(w.t.Context(), property.Scope{Company: w.b.id})
	if err != nil {
		w.t.Fatal(err)
	}
	return all[slices.IndexFunc(all, func(c property.Community) bool { return c.Name == community })].ID
}

// scoped is one of B's staff who looks after one community.
func (w *reach) scoped(role access.Role, community string) string {
	w.t.Helper()
	return w.scopedTo("scoped", role, community)
}

func (w *reach) scopedTo(login string, role access.Role, community string) string {
	w.t.Helper()
	s := access.Staff{
		Login: login + string(role), Name: "某社区", Company: w.b.id, Communities: []string{community},
		Roles: []access.Role{role},
	}
	if err := w.s.Access.AddStaff(w.t.Context(), s, "password-bbb"); err != nil {
		w.t.Fatal(err)
	}
	var v tokensView
	w.json("POST", "/v1/members/sessions", "", loginInput{s.Login, "password-bbb"}, &v)
	return v.AccessToken
}

// leaver is one of B's cashiers with three sessions, two of which are there to be ended.
func (w *reach) leaver() {
	w.t.Helper()
	s := access.Staff{Login: "leaver", Name: "离职", Company: w.b.id, Roles: []access.Role{access.Cashier}}
	if err := w.s.Access.AddStaff(w.t.Context(), s, "password-bbb"); err != nil {
		w.t.Fatal(err)
	}
	var v tokensView
	for range 3 {
		w.json("POST", "/v1/members/sessions", "", loginInput{"leaver", "password-bbb"}, &v)
	}
	w.ids["leaver"] = v.Staff.ID
	w.rightful[access.StaffKind] = append(w.rightful[access.StaffKind], v.AccessToken)
	var open list[sessionView]
	w.json("GET", "/v1/me/sessions", v.AccessToken, nil, &open)
	others := slices.DeleteFunc(open.Items, func(s sessionView) bool { return s.Current })
	w.ids["session"], w.ids["own session"] = others[0].ID, others[1].ID
}

// Whoever looks after one community sees and replays the messages that came for its orders; those of unknown orders,
// and of others, are for staff of the whole company.
func TestStaffOfACommunityHaveItsMessages(t *testing.T) {
	w := newReach(t)
	own := w.scopedTo("own", access.Finance, w.b.community)
	for _, state := range []string{"", "?state=booked"} {
		var all list[messageView]
		w.json("GET", "/v1/notifications"+state, own, nil, &all)
		if len(all.Items) != 1 || all.Items[0].ID != w.ids["message"] {
			t.Errorf("%q: %+v", state, all.Items)
		}
		all = list[messageView]{}
		w.json("GET", "/v1/notifications"+state, w.b.staff[access.Finance], nil, &all)
		if len(all.Items) != 2 {
			t.Errorf("%q, the whole company: %+v", state, all.Items)
		}
	}
	var m messageView
	w.json("POST", "/v1/notifications/"+w.ids["message"]+"/replays", own, nil, &m)
}
