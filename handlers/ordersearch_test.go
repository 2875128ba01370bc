package handlers

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/payment"
)

// homes are imported with one bill each: community, building, entrance, room, owner, phone.
func (f *fixture) homes(c *company, list [][]string) {
	f.t.Helper()
	rows := [][]any{{"小区", "楼栋", "单元", "房号", "业主", "手机", "费用项目", "账期", "金额"}}
	for _, h := range list {
		rows = append(rows, []any{h[0], h[1], h[2], h[3], h[4], h[5], "物业费", "2026-11", "10.00"})
	}
	if _, err := f.s.Billing.Import(f.t.Context(), of(c.id), written(f.t, rows)); err != nil {
		f.t.Fatal(err)
	}
}

// ordersOf makes an order for each unit that a search finds, paid in cash where paid.
func (f *fixture) ordersOf(c *company, q string, paid bool) (views []orderView) {
	f.t.Helper()
	var units list[unitView]
	cashier := c.staff[access.Cashier]
	f.json("GET", "/v1/units?limit=200&q="+url.QueryEscape(q), cashier, nil, &units)
	for _, u := range units.Items {
		bills, err := f.s.Billing.Bills(f.t.Context(), u.ID, billing.Unpaid)
		if err != nil || len(bills) == 0 {
			f.t.Fatal(u.Label, bills, err)
		}
		var o orderView
		f.json("POST", "/v1/orders", cashier, orderInput{Unit: u.ID, Bills: []string{bills[0].ID}}, &o)
		if paid {
			o = f.inCash(cashier, o.ID, o.Amount, o.ID)
		}
		views = append(views, o)
	}
	return views
}

// What finds a home finds its orders, and so does every number and name that an order has.
func TestOrdersAreFoundAsHomesAre(t *testing.T) {
	f := serve(t)
	f.homes(f.a, [][]string{
		{"锦绣花园", "10栋", "1单元", "101", "王小明", "13811112222"},
		{"锦绣花园", "10栋", "1单元", "302", "李华", "13811113333"},
		{"锦绣花园", "1栋", "1单元", "302", "赵敏", "13811114444"},
		{"阳光里", "10栋", "1单元", "101", "欧阳修", "13811115555"},
	})
	orders := map[string]string{}
	for _, o := range append(f.ordersOf(f.a, "锦绣花园", true), f.ordersOf(f.a, "阳光里", true)...) {
		orders[o.ID] = o.Place + " " + o.Label
	}
	first := f.ordersFound(f.a, "锦绣花园 10栋 1单元 101")
	if len(first.Items) != 1 {
		t.Fatal(first)
	}
	one := first.Items[0]
	const garden101, garden302, garden1302, sun101 = "锦绣花园 10栋 1单元 101", "锦绣花园 10栋 1单元 302",
		"锦绣花园 1栋 1单元 302", "阳光里 10栋 1单元 101"
	orders[f.a.order.ID] = "甲小区"
	for _, c := range []struct {
		q    string
		want []string
	}{
		{"1-1-302", []string{garden1302}},
		{"１－１－３０２", []string{garden1302}},
		{"302", []string{garden302, garden1302}},
		{"1 1 302", []string{garden1302}},
		{"1.1.302", []string{garden1302}},
		{"1-1-0302", []string{garden1302}},
		{"1栋 302", []string{garden1302}},
		{"10栋302", []string{garden302}},
		{"1单元302", []string{garden302, garden1302}},
		{"阳光里10栋1单元", []string{sun101}},
		{"10-1-101", []string{garden101, sun101}},
		{"10栋1单元101", []string{garden101, sun101}},
		{"10栋 1单元 101", []string{garden101, sun101}},
		{"10幢1单元101室", []string{garden101, sun101}},
		{"锦绣花园 · 10栋 1单元 101", []string{garden101}},
		{"阳光里10栋1单元101", []string{sun101}},
		{"锦绣花园302", []string{garden302, garden1302}},
		{"阳光里", []string{sun101}},
		{"王小明", []string{garden101}},
		{"欧阳修", []string{sun101}},
		{"13811113333", []string{garden302}},
		{"138 1111 3333", []string{garden302}},
		{"3333", []string{garden302}},
		{one.ID, []string{garden101}},
		{" " + one.ID + " ", []string{garden101}},
		{one.Attempts[0].OutTradeNo, []string{garden101}},
		{"王", nil},
		{"没有这个人", nil},
	} {
		var got []string
		for _, o := range f.ordersFound(f.a, c.q).Items {
			got = append(got, orders[o.ID])
		}
		slices.Sort(got)
		if want := slices.Sorted(slices.Values(c.want)); !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", c.q, got, want)
		}
		if other := f.ordersFound(f.b, c.q); len(other.Items) != 0 {
			t.Errorf("%q finds orders of another company", c.q)
		}
	}
	if list := f.ordersFound(f.a, "302&status=closed"); len(list.Items) != 0 {
		t.Error("the status is left out of a search")
	}
}

// A list that is narrowed to one community has the orders of that only, whatever is searched for.
func TestListsOfOneCommunity(t *testing.T) {
	f := serve(t)
	f.homes(f.a, [][]string{
		{"锦绣花园", "10栋", "1单元", "101", "王小明", "13811112222"},
		{"阳光里", "10栋", "1单元", "101", "王小明", "13811112222"},
	})
	garden, sun := f.ordersOf(f.a, "锦绣花园", true)[0], f.ordersOf(f.a, "阳光里", true)[0]
	finance := f.a.staff[access.Finance]
	for _, o := range []orderView{garden, sun} {
		f.json("POST", "/v1/orders/"+o.ID+"/refunds", finance, refundInput{Reason: "退",
			Items: []payment.RefundItem{{Ref: o.Items[0].Ref, Amount: 100}}}, &requestedView{}, "Idempotency-Key",
			"r"+o.ID)
	}
	for _, path := range []string{"/v1/orders?", "/v1/orders?q=101&", "/v1/orders?q=%E7%8E%8B%E5%B0%8F%E6%98%8E&",
		"/v1/orders?status=paid&", "/v1/refunds?", "/v1/refunds?state=requested&"} {
		for _, o := range []orderView{garden, sun} {
			var found list[orderView]
			f.json("GET", path+"community="+o.Community, finance, nil, &found)
			if len(found.Items) != 1 || found.Items[0].ID != o.ID {
				t.Errorf("%s of %s: %d orders", path, o.Place, len(found.Items))
			}
		}
		if status, _, _ := f.ask("GET", path+"community="+f.b.community, finance, nil); status != 404 {
			t.Errorf("%s of another company's community: %d", path, status)
		}
	}
}

func (f *fixture) ordersFound(c *company, q string) (found foundOrders) {
	f.t.Helper()
	text, filters, _ := strings.Cut(q, "&")
	f.json("GET", "/v1/orders?q="+url.QueryEscape(text)+"&"+filters, c.staff[access.Cashier], nil, &found)
	return found
}

// A search over many homes comes in pages, each order once, and says when it leaves homes out.
func TestASearchOverManyHomes(t *testing.T) {
	f := serve(t)
	var list [][]string
	for i := range homesMost + 20 {
		list = append(list, []string{"锦绣花园", fmt.Sprint(i+1, "栋"), "", "808", "王小明", fmt.Sprint(13800000100 + i)})
	}
	list[0][4] = "808" // found by itself and by its home
	f.homes(f.a, list)
	f.ordersOf(f.a, "808", false)
	var page foundOrders
	f.json("GET", "/v1/orders?q=808&limit=30", f.a.staff[access.Cashier], nil, &page)
	if !page.Cut || page.Homes != homesMost {
		t.Errorf("of %d homes %d were looked into, cut %v", homesMost+20, page.Homes, page.Cut)
	}
	all, longest := f.walk("/v1/orders?q=808&limit=30", f.a.staff[access.Cashier], "id")
	if len(all) != homesMost || longest > 30 {
		t.Errorf("%d orders in pages of at most %d", len(all), longest)
	}
	if all, _ = f.walk("/v1/orders?q="+url.QueryEscape("王小明"), f.a.staff[access.Cashier], "id"); len(all) != homesMost+
		19 {
		t.Errorf("%d orders by the payer's name", len(all))
	}
	for _, cursor := range []string{"zzz", "home.zzz", "itself.zzz"} {
		if status, _, body := f.ask("GET", "/v1/orders?q=808&cursor="+cursor, f.a.staff[access.Cashier],
			nil); status != 400 {
			t.Errorf("%s: %d %s", cursor, status, body)
		}
	}
}
