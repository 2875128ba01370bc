package handlers

import (
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"linlipay/access"
	"linlipay/payment"
	"linlipay/webhook"
)

// toldOfOrders are the texts of an order that its events tell, each by where it stands in the stored order. Nothing
// else of an order leaves the house: no name, no telephone number, no free text, nothing of a card, nothing that pays.
var toldOfOrders = []string{
	"attempts.account", "attempts.disposition", "attempts.institution", "attempts.method", "attempts.out_trade_no",
	"attempts.receipt", "attempts.state", "attempts.transaction_id", "attempts.wallet", "attempts.why", "close_reason",
	"community",
	"company", "entity", "exceptions.reason", "exceptions.state", "id", "items.ref", "items.title", "origin.kind",
	"payer.label", "payer.unit", "refunds.items.ref", "refunds.out_refund_no", "refunds.receipt",
	"refunds.refund_id", "refunds.status",
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
