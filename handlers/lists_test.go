package handlers

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/money"
	"linlipay/mongo"
	"linlipay/mongo/mongotest"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/property"
	"linlipay/sqlite/sqlitetest"
	"linlipay/store"
)

// completeLists are the lists that lack a cursor, filters or an order, with what they lack and why nobody misses it.
var completeLists = map[string]struct{ lacks, why string }{
	"listInstitutions":    {"cursor filters sort", "as many as the product speaks to, in the order of its forms"},
	"listAuditVerbs":      {"cursor filters sort", "words of the product, for one choice on a page"},
	"listPaymentMethods":  {"cursor filters sort", "of one order, in the order in which they are offered"},
	"listUnitDeposits":    {"cursor filters sort", "those of one unit's owners"},
	"listUnitPrepayments": {"cursor filters sort", "one for each owner and legal entity of one unit"},
	"listMySessions":      {"filters", "of the person that asks, and open: one that ended is gone"},
	"listMemberSessions":  {"filters", "of the person whom the path names, and open: one that ended is gone"},
	"listVoids":           {"filters", "of the terminal that the path names, and waiting: one that is done is gone"},
}

// wholeArrays are the arrays of things in answers that are no lists, with why they need no pages: a thing's own parts
// come and are decided with it.
var wholeArrays = map[string]string{
	"getBill.settlements":          "of one bill: so many parts at most",
	"getBill.corrections":          "of one bill, of which so many can be asked for",
	"getPrepayment.moves":          "of one prepayment, which is one document",
	"getPrepayment.payouts":        "of one prepayment, of which so many can be asked for",
	"getCutover.fees":              "the fees of one community: some dozen",
	"getApiClient.keys":            "two at most that count, and those before them",
	"getOverview.chains":           "two of the company",
	"getOverview.setup":            "the steps of a beginning, which the product names",
	"getOrganisation.entities":     "parts of the one organisation, which is decided over as a whole",
	"getOrganisation.regions":      "parts of the one organisation",
	"getOrganisation.places":       "parts of the one organisation; by pages they are listCommunities",
	"getOrganisation.requests":     "what waits of it, one for each part; by pages they are listApprovals",
	"getAuthority.lines":           "one table of so many lines at most, which is decided over as a whole",
	"getAuthority.deputy_requests": "one for each person at most; by pages they are listApprovals",
	"getOrder.items":               "at most as many as an order may have bills",
	"getOrder.attempts":            "of one order, which takes so many tries",
	"getOrder.refunds":             "of one order: 50 at most",
	"getOrder.unapplied_funds":     "of one order: one for each attempt at most",
	"getOrder.rejected_reports":    "of one order, which takes so many",
	"getOrder.timeline":            "of one order, and bounded as it is",
	"getOrder.receipt_prints":      "one for each receipt of one order",
	"getRoutes.routes":             "one for each way to pay, which the product names",
	"getRoutes.choices":            "one for each way to pay",
	"getUnitStatement.debtors":     "the owners of one unit",
	"getUnitStatement.totals":      "one for each kind of line",
	"getUnitStatement.lines":       "of one account: so many at most, beyond which the days are too many",
	"getAuditHeads.heads":          "one for each chain of the company",
	"getAuditHeads.keys":           "those that signed the heads",
}

// Every list has a cursor, filters and an order; a new one fails here until it has, or stands above with a reason.
func TestEveryListHasACursorFiltersAndAnOrder(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range New(Config{Now: time.Now}).routes() {
		if !answersList(r) {
			continue
		}
		seen[r.id] = true
		lacks := completeLists[r.id].lacks
		query := map[string]reflect.StructField{}
		for _, f := range reflect.VisibleFields(r.in) {
			if name := f.Tag.Get("query"); name != "" {
				query[name] = f
			}
		}
		_, cursor := query["cursor"]
		_, limit := query["limit"]
		_, sort := query["sort"]
		for what, has := range map[string]bool{
			"cursor": cursor && limit, "sort": sort && len(r.sorts) > 1, "filters": len(query) > 3,
		} {
			if lacking := strings.Contains(lacks, what); lacking == has {
				t.Errorf("%s: has %s: %t, though it lacks %q by the list above", r.id, what, has, lacks)
			}
		}
		for _, s := range r.sorts {
			if s != "" && !slices.Contains(r.sorts, s.Reverse()) {
				t.Errorf("%s can be sorted by %s, and not the other way round", r.id, s)
			}
		}
	}
	for id := range completeLists {
		if !seen[id] {
			t.Errorf("%s is no list any more", id)
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d lists were found", len(seen))
	}
}

// An answer that is no list holds no array of things that grows without a bound: a new one fails here until it stands
// above with a reason.
func TestArraysBesideListsAreParts(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range New(Config{Now: time.Now}).routes() {
		if r.method != "GET" || r.out == nil || r.out.Kind() != reflect.Struct || answersList(r) {
			continue
		}
		for _, f := range jsonFields(r.out) {
			if f.Type.Kind() != reflect.Slice || f.Type.Elem().Kind() != reflect.Struct {
				continue
			}
			name := r.id + "." + f.name
			if seen[name] = true; wholeArrays[name] == "" {
				t.Errorf("%s is an array without pages: give it some, or say above why it needs none", name)
			}
		}
	}
	for name := range wholeArrays {
		if !seen[name] {
			t.Errorf("%s is no array any more", name)
		}
	}
}

// answersList reports whether a route reads a list: by its name, or by what it answers.
func answersList(r route) bool {
	if r.method != "GET" || r.out == nil {
		return false
	}
	return strings.HasPrefix(r.id, "list") || strings.HasPrefix(r.id, "find") || !strings.HasSuffix(r.path, ":id") &&
		r.out.Kind() == reflect.Struct && slices.ContainsFunc(jsonFields(r.out), func(f jsonField) bool {
		return f.name == "items"
	})
}

// A filter of a type with constants takes these and no others: choices are the constants in the source.
func TestFiltersTakeTheirConstants(t *testing.T) {
	known := types{sources: sources{root: ".."}}
	check := func(of reflect.Type) {
		if of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.String || of.PkgPath() == "" || of == reflect.TypeFor[store.Sort]() {
			return
		}
		_, constants := known.constants(of)
		var want []string
		for _, c := range constants {
			want = append(want, c.value)
		}
		got := slices.Clone(choices[of])
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the choices are %q, its constants %q", of, got, want)
		}
	}
	for _, r := range New(Config{Now: time.Now}).routes() {
		if r.in == nil {
			continue
		}
		for _, f := range reflect.VisibleFields(r.in) {
			name := f.Tag.Get("query")
			if name == "" {
				continue
			}
			check(f.Type)
			if slices.Contains([]string{"state", "status", "kind", "role", "institution"}, name) &&
				f.Type.PkgPath() == "" {
				t.Errorf("%s: the filter %s is of any text", r.id, name)
			}
		}
	}
	if known.err != nil {
		t.Fatal(known.err)
	}
}

// A parameter of the query that is empty counts as left out, on every route alike; those that change something refuse
// it (TestNoParameterIsLostWhereSomethingChanges).
func TestAnEmptyParameterIsLeftOut(t *testing.T) {
	for _, r := range New(Config{Now: time.Now}).routes() {
		if r.in == nil {
			continue
		}
		in := reflect.New(r.in).Elem()
		for _, f := range reflect.VisibleFields(r.in) {
			name := f.Tag.Get("query")
			if name == "" {
				continue
			}
			if err := set(in.FieldByIndex(f.Index), f.Tag, name, ""); err != nil || !in.FieldByIndex(f.Index).IsZero() {
				t.Errorf("%s: an empty %s is %v, %v", r.id, name, in.FieldByIndex(f.Index), err)
			}
		}
	}
}

// Where something changes, a parameter that is empty or misspelt is refused: a trial would be in earnest, and one
// community's routes the company's.
func TestNoParameterIsLostWhereSomethingChanges(t *testing.T) {
	f := serve(t)
	token := f.a.staff[access.Operations]
	for _, request := range []string{"POST /v1/imports?dry_run=", "POST /v1/imports?dryrun=1",
		"PUT /v1/routes?community=", "PUT /v1/routes?comunity=" + f.a.community,
		"POST /v1/routes/decision?community=", "POST /v1/routes/withdrawal?community",
		"DELETE /v1/me/sessions?of=all"} {
		method, path, _ := strings.Cut(request, " ")
		if status, _, answer := f.ask(method, path, token, nil); status != 400 || !strings.Contains(answer, `"field"`) {
			t.Errorf("%s: %d %s", request, status, answer)
		}
	}
}

// overStores runs a test over each of the two stores.
func overStores(t *testing.T, test func(t *testing.T, st store.Store)) {
	t.Run("sqlite", func(t *testing.T) {
		test(t, sqlitetest.Open(t, schemas()...))
	})
	t.Run("mongodb", func(t *testing.T) {
		st, err := mongo.Open(t.Context(), mongotest.Play(t).URI(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { st.Close() })
		test(t, st)
	})
}

// lists is a world with several of everything that a list shows.
type lists struct{ *reach }

// several makes several of everything that is listed: orders of some amounts, paid, with refunds, or with money that
// came too late; homes, bills, bindings, communities, terminals, staff and accounts.
func (w *lists) several() {
	c, ctx := w.b, w.t.Context()
	must := func(_ any, err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	rows := [][]any{{"小区", "楼栋", "单元", "房号", "业主", "手机", "费用项目", "账期", "金额"}}
	for i := range 7 {
		rows = append(rows,
			[]any{"乙小区", fmt.Sprint(2+i%3*4, "栋"), "1单元", fmt.Sprint(9 + i), "业主", "13900000009", "物业费", "2026-09",
				fmt.Sprintf("%d.50", 1+i*3%5)},
			[]any{fmt.Sprint("小区", 8+i), "1栋", "", "101", "业主", "13700000000", "物业费", "2026-09", "1.00"},
			[]any{"乙小区", "1栋", "1单元", "101", c.unit.Owner, c.unit.Phone, fmt.Sprint("费", i),
				fmt.Sprintf("2026-%02d", 1+i%4), fmt.Sprintf("%d.00", 1+i*3%5)})
	}
	must(w.s.Billing.Import(ctx, of(c.id), written(w.t, rows)))
	units, _, err := w.s.Property.FindUnits(ctx, []string{c.community}, "", "", 100)
	must(nil, err)
	units = slices.DeleteFunc(units, func(u property.Unit) bool { return u.ID == c.unit.ID })
	for i := range units {
		bills, err := w.s.Billing.Bills(ctx, units[i].ID, billing.Unpaid)
		must(nil, err)
		var o orderView
		w.json("POST", "/v1/orders", c.staff[access.Cashier],
			orderInput{Unit: units[i].ID, Bills: []string{bills[0].ID}}, &o,
			"Idempotency-Key", units[i].ID)
		if i%2 == 0 {
			out := w.closed(&o)
			w.json("POST", "/v1/orders", c.staff[access.Cashier], orderInput{Unit: units[i].ID,
				Bills: []string{bills[0].ID}}, &o, "Idempotency-Key", "again"+units[i].ID)
			w.cash(&o)
			w.late(&o, out)
			continue
		}
		w.cash(&o)
		part := []payment.RefundItem{{Ref: bills[0].ID, Amount: money.Fen(10 + i%3)}}
		_, _, _, err = w.s.Payments.RequestRefund(ctx, o.ID, payment.NewRefund{Items: part, Reason: "退", By: "staff:x",
			IdempotencyKey: "refund " + o.ID})
		must(nil, err)
	}
	last := w.ids["payout"]
	for range 3 { // each takes the place of the one before, which is withdrawn
		next := inCashTo("乙业主")
		next.Replaces = last
		last = w.payout(c, w.ids["prepayment"], next)
	}
	for i, name := range []string{"张", "李", "王2", "王10", "阿"} {
		must(nil, w.s.Access.AddStaff(ctx, access.Staff{Login: fmt.Sprint("s", i), Name: name, Company: c.id,
			Roles: []access.Role{access.Cashier}, CreatedAt: time.Now()}, "password-bbb"))
		code, _, err := w.s.Terminals.NewPairing(ctx, c.id, c.community, fmt.Sprint("终端", 8+i), "test")
		must(nil, err)
		must(w.s.Terminals.Pair(ctx, code, make([]byte, 32)))
		must(nil, w.s.Accounts.Add(ctx, gateway.Account{ID: fmt.Sprint("acc", i), Name: fmt.Sprint("户", 9+i%2),
			Company: c.id, Institution: []gateway.Institution{gateway.WeChat, gateway.Alipay}[i%2]}, time.Now()))
		_, err = w.s.Access.Open(ctx, access.Caller{Kind: access.StaffKind, ID: w.ids["member"]}, access.Origin{})
		must(nil, err)
		must(nil, w.s.Property.AddCompany(ctx, fmt.Sprint("ccc", i), fmt.Sprint("物业", 9+i)))
		must(w.s.Billing.Import(ctx, of(fmt.Sprint("ccc", i)), flats(w.t, "乙小区", "13700000000", 1)))
		phone := fmt.Sprint("1360000000", i)
		r, err := w.s.Property.ResidentByPhone(ctx, phone)
		must(nil, err)
		for _, u := range units[:2] {
			must(w.s.Property.AskToBind(ctx, r.ID, property.BindRequest{Community: c.community, Label: u.Label,
				Way: property.ByOffice}))
		}
	}
}

// cash has an order paid over the counter.
func (w *lists) cash(o *orderView) {
	_, _, err := w.s.Payments.TakeCash(w.t.Context(), o.ID, payment.NewCash{Tendered: o.Amount, By: "staff:x",
		IdempotencyKey: o.ID})
	if err != nil {
		w.t.Fatal(err)
	}
}

// closed opens an attempt of an order and closes it, and returns the attempt's number.
func (w *lists) closed(o *orderView) (number string) {
	opened := openedView{}
	w.json("POST", "/v1/orders/"+o.ID+"/attempts", w.b.staff[access.Cashier],
		attemptInput{Wallet: "wechat", Method: "native"}, &opened, "Idempotency-Key", "late"+o.ID)
	if _, err := w.s.Payments.Close(w.t.Context(), o.ID, payment.ByCancel, "staff:x"); err != nil {
		w.t.Fatal(err)
	}
	return opened.Attempt.OutTradeNo
}

// late has the money of a closed attempt come when its bills are paid by another order.
func (w *lists) late(o *orderView, number string) {
	said := gateway.Report{OutTradeNo: number, State: gateway.TradePaid, TransactionID: "late" + number,
		Amount: o.Amount, Currency: "CNY", PaidAt: time.Now()}
	latePaid.Store(number, said)
	body, err := json.Marshal(said)
	if err != nil {
		w.t.Fatal(err)
	}
	if status, _, answer := w.ask("POST", "/callbacks/wechat/bbbwechat", "", string(body), "Wechatpay-Signature",
		"genuine"); status != 204 {
		w.t.Fatalf("%d %s", status, answer)
	}
}

// row is what a list shows of one thing.
type row = map[string]any

// at reads a member within a line.
func (w *lists) at(l row, path ...string) any {
	var v any = l
	for _, name := range path {
		m, _ := v.(row)
		v = m[name]
	}
	return v
}

// value is what a line is sorted by, found by other means than the server's: in what it shows.
func (w *lists) value(op string, by store.Sort, l row) any {
	sum := func(list, of string) (total int64) {
		some, _ := l[list].([]any)
		for _, one := range some {
			total += integer(w.t, one.(row)[of].(json.Number))
		}
		return total
	}
	last := func(list, of string) any {
		some, _ := l[list].([]any)
		return some[len(some)-1].(row)[of]
	}
	switch by.Field() {
	case "refund_amount":
		return sum("refunds", "amount")
	case "unapplied_amount":
		return sum("unapplied_funds", "amount")
	case "arrived_at":
		return last("unapplied_funds", "at")
	case "requested_at":
		if op == "listRefunds" {
			return last("refunds", "requested_at")
		}
		if op == "listMembers" {
			v, _ := w.at(l, "request", "requested_at").(string)
			return v
		}
		if l["payout"] != nil { // which is a request itself
			return w.at(l, "payout", "requested_at")
		}
		if kind, ok := l["kind"].(string); ok {
			return w.at(l, kind, "request", "requested_at")
		}
	}
	v := l[by.Field()]
	if n, ok := v.(json.Number); ok {
		return integer(w.t, n)
	}
	if v == nil && by.Field() == "company_name" {
		return "" // staff have one company
	}
	if v == nil {
		w.t.Fatalf("%s: nothing shows what it is sorted by: %s", op, by)
	}
	return v
}

// integer is a number of an answer, such as an amount in fen: none has a fraction.
func integer(t testing.TB, n json.Number) int64 {
	t.Helper()
	i, err := n.Int64()
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// compared compares two values that a list shows: numbers, instants, and names as people count.
func compared(a, b any) int {
	if x, ok := a.(int64); ok {
		return cmp.Compare(x, b.(int64))
	}
	if x, ok := a.(bool); ok {
		return cmp.Compare(fmt.Sprint(x), fmt.Sprint(b))
	}
	x, err := time.Parse(time.RFC3339Nano, a.(string))
	y, err2 := time.Parse(time.RFC3339Nano, b.(string))
	if err == nil && err2 == nil {
		return x.Truncate(time.Millisecond).Compare(y.Truncate(time.Millisecond))
	}
	return byNumber(a.(string), b.(string))
}

// sounds are the names of this world in the order of their sound, which is that of a Chinese dictionary.
var sounds = strings.NewReplacer("阿", "a", "财务", "cw", "待", "dai", "二", "er", "户", "hu", "甲", "jia", "离", "li1",
	"李", "li3", "某", "mou", "前", "qian", "区", "qu", "社", "she", "审计", "shenji", "收银", "shouyin", "王", "wang", "物", "wu",
	"小", "xiao", "乙", "yi", "运营", "yunying", "张", "zhang", "终", "zhong")

// byNumber compares names as people read them: by sound, and each number by what it counts.
func byNumber(a, b string) int {
	x, y := parts.FindAllString(sounds.Replace(a), -1), parts.FindAllString(sounds.Replace(b), -1)
	return slices.CompareFunc(x, y, func(p, q string) int {
		m, err := strconv.Atoi(p)
		n, err2 := strconv.Atoi(q)
		if err == nil && err2 == nil {
			return cmp.Compare(m, n)
		}
		return strings.Compare(p, q)
	})
}

var parts = regexp.MustCompile(`[0-9]+|[^0-9]+`)

// read goes through a list in pages of so many.
func (w *lists) read(path, token string, limit int) (all []row) {
	w.t.Helper()
	for cursor := ""; ; {
		var page struct {
			Items []row  `json:"items"`
			Next  string `json:"next"`
		}
		w.json("GET", fmt.Sprintf("%slimit=%d&cursor=%s", path, limit, cursor), token, nil, &page)
		if len(page.Items) > limit {
			w.t.Fatalf("%s: %d in a page of %d", path, len(page.Items), limit)
		}
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

// asked are the lists as they are asked for: where the route's own address is not enough, and by whom.
func (w *lists) asked() map[string]struct{ path, token string } {
	finance, operations := w.b.staff[access.Finance], w.b.staff[access.Operations]
	return map[string]struct{ path, token string }{
		"listOrders":              {"/v1/orders?", finance},
		"listRefunds":             {"/v1/refunds?", finance},
		"listUnappliedFunds":      {"/v1/unapplied-funds?", finance},
		"listReturns":             {"/v1/returns?", finance},
		"listUnconfirmedPayments": {"/v1/unconfirmed-payments?", finance},
		"listVoids":               {"/v1/terminals/" + w.mine.id + "/voids?", w.mine.token},
		"listNotifications":       {"/v1/notifications?", finance},
		"listAuditEvents":         {"/v1/audit-events?", finance},
		"listApprovals":           {"/v1/approvals?", finance},
		"listMerchantAccounts":    {"/v1/merchant-accounts?", finance},
		"listActors":              {"/v1/actors?", operations},
		"listMembers":             {"/v1/members?", operations},
		"listMySessions":          {"/v1/me/sessions?", finance},
		"listMemberSessions":      {"/v1/members/" + w.ids["member"] + "/sessions?", operations},
		"listApiClients":          {"/v1/api-clients?", operations},
		"listWebhookEndpoints":    {"/v1/webhook-endpoints?", operations},
		"listWebhookDeliveries":   {"/v1/webhook-endpoints/" + w.ids["endpoint"] + "/deliveries?", operations},
		"listTerminals":           {"/v1/terminals?", operations},
		"listCutovers":            {"/v1/cutovers?", operations},
		"listCommunities":         {"/v1/communities?", operations},
		"listUnits":               {"/v1/units?", operations},
		"listUnitBills":           {"/v1/units/" + w.b.unit.ID + "/bills?status=all&", finance},
		"listUnitBindings":        {"/v1/units/" + w.b.unit.ID + "/bindings?", operations},
		"listBindings":            {"/v1/bindings?", operations},
		"listDeputies":            {"/v1/authority/deputies?", operations},
		"listPayouts":             {"/v1/payouts?status=withdrawn&", finance},
	}
}

// few are lists of which this world has fewer than three things, so that their order shows little.
var few = []string{"listReturns", "listUnconfirmedPayments", "listVoids", "listMySessions", "listUnitBindings",
	"listApprovals", "listApiClients", "listDeputies", "listWebhookEndpoints", "listWebhookDeliveries"}

// Every list, in each of its orders and in pages of two, shows what it shows in one page: each thing once, in the order
// of what is sorted by, as its lines show it, and the other way round exactly the reverse.
func TestListsAreInTheOrderAskedFor(t *testing.T) {
	overStores(t, func(t *testing.T, st store.Store) {
		w := &lists{reachOver(t, serveOver(t, st))}
		w.several()
		asked := w.asked()
		for _, r := range w.s.routes() {
			if !answersList(r) || completeLists[r.id].lacks == "cursor filters sort" {
				continue
			}
			a, known := asked[r.id]
			if !known {
				t.Errorf("%s is a list: say in asked how it is asked for", r.id)
				continue
			}
			if all := w.read(a.path, a.token, 200); len(all) < 3 && !slices.Contains(few, r.id) {
				t.Errorf("%s: %d lines show nothing", r.id, len(all))
			}
			for _, by := range r.sorts {
				w.sorted(r.id, a.path, a.token, by)
			}
		}
	})
}

// What another system reads to catch up: the orders of which something became since an instant, that instant too,
// however they are sorted, and whoever's home or community they are narrowed to.
func TestOrdersSinceAnInstant(t *testing.T) {
	overStores(t, func(t *testing.T, st store.Store) {
		w := &lists{reachOver(t, serveOver(t, st))}
		w.several()
		finance, community := w.b.staff[access.Finance], "community="+w.b.community+"&"
		for _, narrowed := range []string{"", community, "unit=" + w.b.unit.ID + "&", community + "status=paid&"} {
			all := w.read("/v1/orders?sort=updated_at&"+narrowed, finance, 200)
			if len(all) < 3 {
				t.Fatalf("%q: %d orders show nothing", narrowed, len(all))
			}
			since := all[1]["updated_at"].(string)
			want := known(slices.DeleteFunc(all, func(o row) bool { return compared(o["updated_at"], since) < 0 }))
			for _, by := range []string{"updated_at", "-updated_at", "amount"} {
				got := known(w.read("/v1/orders?updated_from="+since+"&sort="+by+"&"+narrowed, finance, 2))
				if a, b := slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got)); !slices.Equal(a, b) {
					t.Errorf("%q by %s: %q and not %q", narrowed, by, b, a)
				}
			}
		}
	})
}

// sorted holds one order of a list against its reverse, and its lines against what they show.
func (w *lists) sorted(op, path, token string, by store.Sort) {
	w.t.Helper()
	whole := w.read(path, token, 200)
	sorted := ""
	if by != "" {
		sorted = "sort=" + string(by) + "&"
	}
	got := w.read(path+sorted, token, 2)
	if a, b := known(whole), known(got); !slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(
		slices.Values(b))) {
		w.t.Errorf("%s by %q: %q\nin one page: %q", op, by, b, a)
		return
	}
	if by == "" {
		return
	}
	back := w.read(path+"sort="+string(by.Reverse())+"&", token, 3)
	slices.Reverse(back)
	if a, b := known(got), known(back); !slices.Equal(a, b) {
		w.t.Errorf("%s by %s: %q\nturned round: %q", op, by, a, b)
	}
	for i := 1; i < len(got); i++ {
		if by.Field() == "label" && got[i-1]["community"] != got[i]["community"] {
			continue // one community stands after the other
		}
		before, after := w.value(op, by, got[i-1]), w.value(op, by, got[i])
		if c := compared(before, after); by.Desc() && c < 0 || !by.Desc() && c > 0 {
			w.t.Errorf("%s by %s: %v stands before %v", op, by, before, after)
		}
	}
}

// known are the lines by what tells them apart.
func known(all []row) (ids []string) {
	for _, l := range all {
		switch {
		case l["id"] != nil:
			ids = append(ids, fmt.Sprint(l["id"]))
		case l["event"] != nil:
			ids = append(ids, fmt.Sprint(l["event"]))
		case l["actor"] != nil:
			ids = append(ids, fmt.Sprint(l["actor"]))
		default:
			text, _ := json.Marshal(l)
			ids = append(ids, string(text))
		}
	}
	return ids
}

// A cursor belongs to its query: with other filters, another order or another list it is refused in words. What is none
// is, too, and so is an order or a filter's value that there is not, naming those that there are.
func TestACursorBelongsToItsQuery(t *testing.T) {
	w := &lists{reachOver(t, serve(t))}
	w.several()
	finance := w.b.staff[access.Finance]
	cursor := func(path string) string {
		var page list[row]
		w.json("GET", path+"limit=2", finance, nil, &page)
		return page.Next
	}
	newest, audit := cursor("/v1/orders?"), cursor("/v1/audit-events?verb=pairing.made&")
	for _, c := range []struct {
		path, zh, en string
	}{
		{"/v1/orders?cursor=" + newest + "&sort=amount", "请从第一页重新开始", "begin again at the first page"},
		{"/v1/orders?cursor=" + newest + "&status=paid", "请从第一页重新开始", "begin again at the first page"},
		{"/v1/refunds?cursor=" + newest, "请从第一页重新开始", "begin again at the first page"},
		{"/v1/audit-events?cursor=" + audit, "请从第一页重新开始", "begin again at the first page"},
		{"/v1/orders?cursor=" + newest[:9], "分页参数无效", "not one of ours"},
		{"/v1/orders?cursor=***", "分页参数无效", "not one of ours"},
		{"/v1/orders?sort=colour", "sort 不正确，可以是：-created_at、created_at、amount、-amount、",
			"sort is one of -created_at,"},
		{"/v1/orders?status=lost", "status 不正确，可以是：", "status is one of pending, "},
		{"/v1/refunds?state=lost", "state 不正确，可以是：", "state is one of "},
		{"/v1/audit-events?verb=pairing.made,lost", "verb 不正确，可以是：", "verb is one of "},
		{"/v1/merchant-accounts?institution=bank", "institution 不正确，可以是：wechat、", "institution is one of wechat, "},
	} {
		for language, want := range map[string]string{"zh": c.zh, "en": c.en} {
			status, _, body := w.ask("GET", c.path, finance, nil, "Accept-Language", language)
			if status != 400 || !strings.Contains(body, want) || !strings.Contains(body, `"field"`) {
				t.Errorf("%s: %d %s, want %q", c.path, status, body, want)
			}
		}
	}
	for _, same := range []string{"/v1/orders?limit=1&cursor=", "/v1/orders?sort=-created_at&cursor="} {
		var page list[row]
		w.json("GET", same+newest, finance, nil, &page)
	}
}

// A cursor tells nothing of the thing that a page ends with, which need not be one that the caller may see: a page may
// be short because of it.
func TestACursorTellsNothing(t *testing.T) {
	w := &lists{reachOver(t, serve(t))}
	w.several()
	var page list[orderView]
	w.json("GET", "/v1/orders?limit=1", w.b.staff[access.Finance], nil, &page)
	raw, err := base64.RawURLEncoding.DecodeString(page.Next)
	if err != nil || len(raw) < 7 {
		t.Fatal(page.Next, err)
	}
	within, _ := base64.RawURLEncoding.DecodeString(string(raw[6:]))
	for _, known := range []string{page.Items[0].ID, fmt.Sprint(page.Items[0].CreatedAt.UnixMilli())} {
		if strings.Contains(string(raw)+string(within), known) {
			t.Errorf("%q stands in the cursor %s %s", known, raw, within)
		}
	}
}

// What comes while a list is read page by page moves nothing: what was there is shown once, in any order.
func TestNothingIsMissedWhileAListGrows(t *testing.T) {
	overStores(t, func(t *testing.T, st store.Store) {
		w := &lists{reachOver(t, serveOver(t, st))}
		w.several()
		n := 0
		grow := func() {
			n++
			var o orderView
			for i := 0; ; i++ {
				bills, err := w.s.Billing.Bills(t.Context(), w.b.unit.ID, billing.Unpaid)
				if err != nil {
					t.Fatal(err)
				}
				status, _, body := w.ask("POST", "/v1/orders", w.b.staff[access.Cashier],
					orderInput{Unit: w.b.unit.ID, Bills: []string{bills[i].ID}}, "Idempotency-Key",
					fmt.Sprint(n, "/", i))
				if status == 201 {
					if err := json.Unmarshal([]byte(body), &o); err != nil {
						t.Fatal(err)
					}
					break
				}
			}
			w.cash(&o)
			code, _, err := w.s.Terminals.NewPairing(t.Context(), w.b.id, w.b.community, fmt.Sprint("终端", n), "test")
			if err == nil {
				_, err = w.s.Terminals.Pair(t.Context(), code, make([]byte, 32))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, path := range []string{"/v1/orders?", "/v1/orders?sort=amount&", "/v1/orders?sort=-amount&",
			"/v1/orders?q=101&sort=amount&", "/v1/terminals?", "/v1/terminals?sort=-name&"} {
			finance := w.b.staff[access.Finance]
			before, seen := known(w.read(path, finance, 200)), map[string]int{}
			if len(before) < 3 {
				t.Fatalf("%s: %d lines", path, len(before))
			}
			for cursor := ""; ; {
				var page list[row]
				w.json("GET", path+"limit=3&cursor="+cursor, finance, nil, &page)
				for _, id := range known(page.Items) {
					seen[id]++
				}
				if cursor = page.Next; cursor == "" {
					break
				}
				if n < 3 || len(seen) < 6 {
					grow()
				}
			}
			for _, id := range before {
				if seen[id] != 1 {
					t.Errorf("%s: %s is shown %d times", path, id, seen[id])
				}
			}
		}
	})
}
