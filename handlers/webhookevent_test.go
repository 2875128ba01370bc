package handlers

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/payment"
	"linlipay/webhook"
)

// toldOfOrders are the texts of an order that its events tell, each by where it stands in the stored order. Nothing
// else of an order leaves the house: no name, no telephone number, no free text, nothing of a card, nothing that pays.
var toldOfOrders = []string{
	"attempts.disposition", "attempts.institution", "attempts.method", "attempts.out_trade_no", "attempts.receipt",
	"attempts.state", "attempts.transaction_id", "attempts.wallet", "attempts.why", "close_reason", "community",
	"company", "entity", "exceptions.reason", "exceptions.state", "id", "items.ref", "items.title", "origin.client",
	"origin.kind", "origin.resident", "origin.staff", "origin.terminal", "payer.label", "payer.unit",
	"refunds.items.ref", "refunds.out_refund_no", "refunds.receipt", "refunds.refund_id", "refunds.status",
	"status", "title",
}

func TestWhatAnOrdersEventsTell(t *testing.T) {
	f := serve(t)
	var o payment.Order
	fill(reflect.ValueOf(&o).Elem(), "")
	for i := range o.Attempts {
		o.Attempts[i].No = 1
	}
	for i := range o.Refunds {
		o.Refunds[i].No, o.Refunds[i].Attempt = 1, 1
	}
	for i := range o.Unapplied {
		o.Unapplied[i].No, o.Unapplied[i].Attempt = 1, 1
	}
	shown := f.s.orderView(t.Context(), access.Caller{Kind: access.ClientKind}, &o)
	got := map[string]bool{}
	for _, e := range webhook.EventTypes() {
		if e.Noun() != "order" {
			continue
		}
		data, err := f.s.orderEvent(t.Context(), &o, webhook.Event{Type: e, Part: 1})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`«([^»]*)»`).FindAllStringSubmatch(string(text), -1) {
			got[m[1]] = true
		}
		v := data.(orderEventView)
		if more := beyond(tree(t, v.Order), tree(t, shown), ""); len(more) > 0 {
			t.Errorf("%s tells what the API does not tell an API client: %q", e, more)
		}
		if v.Order.Payer != (payerView{}) || len(v.Order.Timeline) > 0 {
			t.Errorf("%s tells of %+v and %v", e, v.Order.Payer, v.Order.Timeline)
		}
		if (v.Refund != nil) != e.OfRefund() || (v.Unapplied != nil) != (e == webhook.FundsUnapplied) {
			t.Errorf("%s tells of refund %v and unapplied funds %v", e, v.Refund, v.Unapplied)
		}
	}
	if have := slices.Sorted(maps.Keys(got)); !slices.Equal(have, toldOfOrders) {
		t.Errorf("events of an order tell\n%s\nand not\n%s", strings.Join(have, "\n"), strings.Join(toldOfOrders, "\n"))
	}
}

// What an event tells of a thing, an API client that missed it may read: some right has an operation that answers it.
func TestWhatEventsTellOfCanBeReadByClients(t *testing.T) {
	var answers func(of, thing reflect.Type, deep int) bool
	answers = func(of, thing reflect.Type, deep int) bool {
		for of != nil && (of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice) {
			of = of.Elem()
		}
		if of == nil || of == thing || of.Kind() != reflect.Struct || deep == 0 {
			return of == thing
		}
		return slices.ContainsFunc(jsonFields(of), func(f jsonField) bool { return answers(f.Type, thing, deep-1) })
	}
	routes := serve(t).s.routes()
	for _, kind := range webhook.EventTypes() {
		if kind == webhook.EndpointTest {
			continue
		}
		thing := eventData(kind).Field(0).Type
		if !slices.ContainsFunc(routes, func(r route) bool { return r.right != "" && answers(r.out, thing, 2) }) {
			t.Errorf("%s tells of a thing that no right lets an API client read", kind)
		}
	}
}

// tree is a value as JSON has it.
func tree(t *testing.T, v any) (of any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err == nil {
		err = exactly(text, &of)
	}
	if err != nil {
		t.Fatal(err)
	}
	return of
}

// beyond are the paths of what one tree has and another has not, or has otherwise; an empty text is nothing, and a
// clock goes on.
func beyond(one, other any, path string) (more []string) {
	switch one := one.(type) {
	case object:
		of, _ := other.(object)
		for name, member := range one {
			more = append(more, beyond(member, of[name], path+"."+name)...)
		}
	case []any:
		of, _ := other.([]any)
		for i := range one {
			var member any
			if i < len(of) {
				member = of[i]
			}
			more = append(more, beyond(one[i], member, path)...)
		}
	default:
		if one != other && one != "" && path != ".server_time" {
			more = append(more, path)
		}
	}
	return more
}

// What the document says of a member of an order, that it is for staff, is true of what an API client is shown.
func TestWhatIsForStaffIsNotShownToClients(t *testing.T) {
	f := serve(t)
	var o payment.Order
	fill(reflect.ValueOf(&o).Elem(), "")
	known, wrong := types{sources: sources{root: ".."}}, []string{}
	var read func(of reflect.Type, member any, path string)
	read = func(of reflect.Type, member any, path string) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			if list, ok := member.([]any); ok && len(list) > 0 {
				member = list[0]
			}
			of = of.Elem()
		}
		members, ok := member.(object)
		if of.Kind() != reflect.Struct || !ok {
			return
		}
		for _, field := range jsonFields(of) {
			says := strings.ToLower(known.fieldDoc(field.of, field.Name))
			value, there := members[field.name]
			if there && strings.Contains(says, "for staff") && !strings.Contains(says, "api client") {
				wrong = append(wrong, path+"."+field.name)
			}
			read(field.Type, value, path+"."+field.name)
		}
	}
	paid := f.inCash(f.a.staff[access.Cashier], f.a.order.ID, 1000, "paid")
	kept, err := f.s.Payments.Get(t.Context(), paid.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []*payment.Order{&o, kept} { // one has every text, the other sums that belong together
		shown := f.s.orderView(t.Context(), access.Caller{Kind: access.ClientKind}, of)
		read(reflect.TypeOf(shown), tree(t, shown), "order")
	}
	if len(wrong) > 0 || known.err != nil {
		t.Errorf("shown to API clients, and said to be for staff: %q %v", wrong, known.err)
	}
}

// fill gives every text of a value its own path, and every list one member.
func fill(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("«" + path + "»")
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(v.Type()) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.IsExported() && name != "" && name != "-" {
				fill(v.FieldByIndex(f.Index), strings.TrimPrefix(path+"."+name, "."))
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), path)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), path)
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.String {
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf("a").Convert(v.Type().Key()), reflect.ValueOf("«"+path+"»").
				Convert(v.Type().Elem()))
		}
	}
}

// A change of an endpoint waits for another person, and what is in force stays so until then.
func TestAnEndpointIsChangedByTwo(t *testing.T) {
	f := serve(t)
	operations, finance := f.a.staff[access.Operations], f.a.staff[access.Finance]
	var made madeEndpointView
	f.json("POST", "/v1/webhook-endpoints", operations, newEndpointInput{URL: "https://erp.example.com/hooks"}, &made)
	path, e := "/v1/webhook-endpoints/"+made.Endpoint.ID, endpointView{}
	f.json("POST", path+"/decision", finance, decisionInput{Request: made.Endpoint.Request.ID, Approve: true}, &e)
	to, types := "https://erp2.example.com/hooks", []webhook.EventType{webhook.OrderPaid}
	f.json("PATCH", path, operations, endpointInput{URL: &to, Types: &types,
		askedInput: askedInput{Revision: e.Revision}}, &e)
	if e.URL != "https://erp.example.com/hooks" || e.Request == nil {
		t.Fatalf("changed by one: %+v", e)
	}
	f.json("POST", path+"/decision", finance, decisionInput{Request: e.Request.ID, Approve: true}, &e)
	if e.URL != to || len(e.Types) != 1 {
		t.Errorf("approved: %+v", e)
	}
}

// Both documents for makers of receivers tell of every event, and show the same lines of code.
func TestTheDocumentsTellOfEveryEvent(t *testing.T) {
	code := regexp.MustCompile(`(?s)` + "```js\n(.*?)```")
	comment := regexp.MustCompile(` +// .*`)
	shown := []string{}
	for _, file := range []string{"webhooks.md", "webhooks.zh-CN.md"} {
		text, err := os.ReadFile("../docs/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range webhook.EventTypes() {
			if !strings.Contains(string(text), "`"+string(kind)+"`") {
				t.Errorf("%s does not tell of %s", file, kind)
			}
		}
		for _, pause := range webhook.Pauses() {
			if n := fmt.Sprint(int(pause.Hours())); pause >= time.Hour && !strings.Contains(string(text), n) {
				t.Errorf("%s does not tell of the pause of %s hours", file, n)
			}
		}
		if m := code.FindStringSubmatch(string(text)); m != nil {
			shown = append(shown, comment.ReplaceAllString(m[1], ""))
		}
	}
	if len(shown) != 2 || shown[0] != shown[1] {
		t.Errorf("the documents show %q", shown)
	}
}
