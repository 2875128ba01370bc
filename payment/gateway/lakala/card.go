package lakala

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json"

	"linlipay/payment/gateway"
)

// Bank cards (刷卡): a counter order that only a card can pay, and the institution's application on the terminal. How it
// is called and what it hands back is known from clients of third parties alone; so everything about it is a setting.
//
// device_pay_extras and device_void_extras are JSON objects of the intent's string extras. In their values {order_no},
// {pay_order_no}, {amount_yuan}, {amount_fen}, {title}, {time}, {appid}, {batch_no}, {trace_no} and {reference_no} are
// filled in. device_result_fields is a JSON object of names for what comes back (resultNames).
const (
	devicePackage  = "com.lkl.cloudpos.payment"
	deviceActivity = "com.lkl.cloudpos.payment.activity.MainMenuActivity"
	deviceCaller   = "com.linlipay.pos"

	payExtras = `{"msg_tp":"0200","pay_tp":"0","proc_tp":"00","proc_cd":"000000","amt":"{amount_yuan}",` +
		`"order_no":"{order_no}","appid":"{appid}",` +
		`"time_stamp":"{time}","order_info":"{title}"}`
	voidExtras = `{"msg_tp":"0200","pay_tp":"0","proc_tp":"00","proc_cd":"200000","order_no":"{order_no}",` +
		`"batchbillno":"{batch_no}{trace_no}","appid":"{appid}",` +
		`"time_stamp":"{time}"}`
)

// device says how the application on the terminal is called.
type device struct {
	pkg, activity, appid string
	pay, void            map[string]string
	result               map[string]string
}

func readDevice(m map[string]string) (device, error) {
	d := device{
		pkg: cmp.Or(m["device_package"], devicePackage), activity: cmp.Or(m["device_activity"], deviceActivity),
		appid:  cmp.Or(m["device_appid"], deviceCaller),
		result: resultNames(),
	}
	var more map[string]string
	for _, part := range []struct {
		name, otherwise string
		into            *map[string]string
	}{{"device_pay_extras", payExtras, &d.pay}, {"device_void_extras", voidExtras, &d.void},
		{"device_result_fields", "{}", &more}} {
		if err := json.Unmarshal([]byte(cmp.Or(m[part.name], part.otherwise)), part.into); err != nil {
			return d, gateway.BadSetting(part.name, "须为 JSON 对象，其值均为文本。", "must be a JSON object of texts.")
		}
	}
	for name, field := range more {
		if _, ok := d.result[name]; !ok || field == "" {
			return d, gateway.BadSetting("device_result_fields", "含有未知或空的名称。",
				"names what there is not, or names it not at all.")
		}
		d.result[name] = field
	}
	return d, nil
}

// swipe orders a payment by card and says what the terminal hands to the application.
func (c *client) swipe(ctx context.Context, ch gateway.Charge) (gateway.Prepared, error) {
	order := c.counterOrder(ch)
	order.SupportCancel, order.CounterParam, order.BusiTypeParam = 1, cardMode, c.settings.cardBusiTypeParam
	told, err := c.createCounter(ctx, order)
	if err != nil {
		return gateway.Prepared{}, err
	}
	t := tradeOf(ch)
	t.UpstreamNo = told.Text("pay_order_no")
	return gateway.Prepared{UpstreamNo: t.UpstreamNo, Device: c.deviceCall(c.settings.device.pay, t,
		title(ch.Title))}, nil
}

// deviceCall fills in the extras for a trade.
func (c *client) deviceCall(extras map[string]string, t gateway.Trade, title string) *gateway.DeviceCall {
	d := c.settings.device
	fill := strings.NewReplacer("{order_no}", t.OutTradeNo, "{pay_order_no}", t.UpstreamNo, "{amount_yuan}",
		t.Amount.Yuan(), "{amount_fen}", fen(t.Amount),
		"{title}", title, "{time}", clock(c.now()), "{appid}", d.appid, "{batch_no}", t.Card.BatchNo, "{trace_no}",
		t.Card.TraceNo, "{reference_no}", t.Card.ReferenceNo)
	call := &gateway.DeviceCall{Package: d.pkg, Activity: d.activity, Extras: maps.Clone(extras)}
	for name, value := range call.Extras {
		call.Extras[name] = fill.Replace(value)
	}
	return call
}

// ConfirmsCards is by query: the counter order notifies and answers.
func (g *Gateway) ConfirmsCards() gateway.Confirmation { return gateway.ByQuery }

// VoidCall is what undoes a payment of the batch that is still open; it needs the payment's batch and trace numbers.
func (g *Gateway) VoidCall(a gateway.Account, t gateway.Trade) (gateway.DeviceCall, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.DeviceCall{}, gateway.BadAccount(err)
	}
	if !sixDigits.MatchString(t.Card.BatchNo) || !sixDigits.MatchString(t.Card.TraceNo) {
		return gateway.DeviceCall{}, &gateway.Error{
			Kind: gateway.Declined, Message: "缺少批次号或流水号，无法撤销",
			Cause: errors.New("lakala: a void needs the payment's batch and trace numbers"),
		}
	}
	return *cl.deviceCall(cl.settings.device.void, t, ""), nil
}

var (
	sixDigits = regexp.MustCompile(`^[0-9]{6}$`)
	masked    = regexp.MustCompile(`^([0-9]{6})\*{3,9}([0-9]{4})$`)
	bareCard  = regexp.MustCompile(`^[0-9]{13,19}$`)
)

// mask takes a masked card number as it is and masks one that is not; anything else is kept nowhere.
func mask(number string) string {
	switch {
	case masked.MatchString(number):
		return number
	case bareCard.MatchString(number):
		return number[:6] + strings.Repeat("*", len(number)-10) + number[len(number)-4:]
	}
	return ""
}
