package shengpay

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"linlipay/calendar"
	"linlipay/money"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// The statement of card payments (刷卡对账单). Nothing of it is public. It is assumed to be asked for like anything else of
// this API, by the day, and to come as text in base64 within a signed answer: lines of CSV under a line of titles,
// which are those that another acquirer publishes.

// bill is how an account's statement is got and written.
type bill struct {
	path, dateField, contentField string
	titles                        map[string]string
	pay, void                     []string
}

// billTitles are the titles of the columns that are read, by our names.
var billTitles = map[string]string{
	"merchant": "商户号", "terminal": "终端号", "time": "交易时间", "type": "交易类型", "batch": "交易批次号", "trace": "凭证号",
	"reference": "参考号", "card": "卡号",
	"card_type": "卡类别", "issuer": "发卡行名称", "amount": "交易金额", "transaction": "交易单号", "order": "订单号", "auth": "授权码",
}

// billNeeds are the columns without which a text is no statement.
var billNeeds = []string{"merchant", "time", "type", "amount", "reference"}

const (
	billDate    = "billDate"
	billContent = "fileContent"
	billPays    = "消费"
	billVoids   = "撤销,消费撤销,冲正,消费冲正"

	settled = 48 * time.Hour // a day that began so long ago and has no statement had no card payments
)

// cardSettings describes the settings for cards, of which the institution publishes nothing.
func cardSettings() []gateway.Setting {
	return []gateway.Setting{
		{Name: "card_application", ZH: "终端刷卡应用的调用方式（填 generic 启用刷卡）",
			EN: "Form of the card application's call (generic; cards are off until given)"},
		{Name: "card_package", ZH: "终端刷卡应用包名", EN: "Package of the card application"},
		{Name: "card_activity", ZH: "终端刷卡应用 Activity", EN: "Activity of the card application"},
		{Name: "trust_device", ZH: "先按终端结果入账，待对账单确认（填 yes 启用）",
			EN: "Book on the device's word until the statement confirms (yes)"},
		{Name: "card_bill_path", ZH: "刷卡对账单接口（未公开）", EN: "Path of the card statement (not public)"},
		{Name: "card_bill_date_field", ZH: "对账单日期字段（yyyyMMdd）", EN: "Field of the statement's day (yyyyMMdd)",
			Default: billDate},
		{Name: "card_bill_content_field", ZH: "对账单内容字段（Base64）", EN: "Field of the statement's text (base64)",
			Default: billContent},
		{Name: "card_bill_columns", ZH: "对账单列名对照（如 order=商户订单号,batch=批次号）",
			EN: "Titles of the statement's columns (order=商户订单号,batch=批次号)"},
		{Name: "card_bill_pay_types", ZH: "消费的交易类型", EN: "Types of lines that are payments", Default: billPays},
		{Name: "card_bill_void_types", ZH: "撤销的交易类型", EN: "Types of lines that are voids", Default: billVoids},
	}
}

func (b *bill) read(m map[string]string) error {
	*b = bill{
		path: m["card_bill_path"], dateField: cmp.Or(m["card_bill_date_field"], billDate),
		contentField: cmp.Or(m["card_bill_content_field"], billContent),
		titles:       map[string]string{}, pay: names(cmp.Or(m["card_bill_pay_types"], billPays)),
		void: names(cmp.Or(m["card_bill_void_types"], billVoids)),
	}
	for name, title := range billTitles {
		b.titles[name] = title
	}
	for part := range strings.SplitSeq(m["card_bill_columns"], ",") {
		name, title, _ := strings.Cut(strings.TrimSpace(part), "=")
		if name == "" && title == "" {
			continue
		}
		if billTitles[name] == "" || title == "" {
			return gateway.BadSetting("card_bill_columns", "格式须为 列=列名，以逗号分隔。",
				"must be column=title of columns that are read, parted by commas.")
		}
		b.titles[name] = title
	}
	return nil
}

// CardTrades lists a day's card payments and voids by the statement. Without card_bill_path it is TryLater for ever:
// then people confirm what devices report.
func (g *Gateway) CardTrades(ctx context.Context, a gateway.Account, day time.Time) ([]gateway.Report, error) {
	c, err := g.client(a)
	if err != nil {
		return nil, gateway.AsIndeterminate(err)
	}
	b := c.settings.bill
	if b.path == "" {
		return nil, &gateway.Error{Kind: gateway.TryLater, Message: "未配置刷卡对账单接口",
			Cause: errors.New("shengpay: card_bill_path is not set")}
	}
	asked := fields{b.dateField: calendar.Format(day, "20060102")}
	told, err := c.call(ctx, asking, b.path, asked)
	var failed *gateway.Error
	if errors.As(err, &failed) && failed.Kind == gateway.NotFound && failed.Signed {
		if c.now().Sub(day) >= settled {
			return nil, nil
		}
		failed.Kind = gateway.TryLater // whether it had none, or is not published yet, is not said
	}
	if err != nil {
		return nil, err
	}
	if err := told.about(asked, b.dateField); err != nil {
		return nil, err
	}
	if _, there := told[b.contentField]; !there {
		return nil, gateway.AsIndeterminate(fmt.Errorf("shengpay: the answer holds no %s", b.contentField))
	}
	text, err := base64.StdEncoding.DecodeString(told[b.contentField])
	if err != nil {
		return nil, gateway.AsIndeterminate(errors.New("shengpay: the statement is not base64"))
	}
	reports, err := c.readBill(text)
	if err != nil {
		return nil, gateway.AsIndeterminate(err)
	}
	return reports, nil
}

// readBill reads a statement whole, or not at all. A full card number in it is refused: the acquirer must mask it.
func (c *client) readBill(text []byte) ([]gateway.Report, error) {
	plain := strings.TrimPrefix(string(text), "\ufeff")
	if !utf8.ValidString(plain) {
		return nil, errors.New("shengpay: the statement is not UTF-8")
	}
	if strings.TrimSpace(plain) == "" {
		return nil, nil
	}
	read := csv.NewReader(strings.NewReader(plain))
	read.FieldsPerRecord, read.LazyQuotes, read.TrimLeadingSpace = -1, true, true
	lines, err := read.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("shengpay: the statement is not CSV: %w", err)
	}
	at, err := c.settings.bill.columns(lines[0])
	if err != nil {
		return nil, err
	}
	var reports []gateway.Report
	for i, line := range lines[1:] {
		r, ours, err := c.readLine(at, line)
		if err != nil {
			return nil, fmt.Errorf("shengpay: line %d of the statement: %w", i+2, err)
		}
		if ours {
			reports = append(reports, r)
		}
	}
	return reports, nil
}

// columns finds the columns by their titles.
func (b bill) columns(titles []string) (map[string]int, error) {
	at := map[string]int{}
	for name, title := range b.titles {
		if i := slices.IndexFunc(titles, func(t string) bool { return strings.TrimSpace(t) == title }); i >= 0 {
			at[name] = i
		}
	}
	for _, name := range billNeeds {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("shengpay: the statement has no column %s", b.titles[name])
		}
	}
	return at, nil
}

// readLine reads one line; ours is false for another merchant's, and for what is neither a payment nor a void, such as
// a sum or a refund.
func (c *client) readLine(at map[string]int, line []string) (r gateway.Report, ours bool, err error) {
	get := func(name string) string {
		if i, ok := at[name]; ok && i < len(line) {
			return strings.TrimSpace(line[i])
		}
		return ""
	}
	for name := range at {
		if name != "order" && name != "transaction" && card.HasCardNumber(get(name)) {
			return r, false, errors.New("it holds a full card number")
		}
	}
	r = gateway.Report{
		OutTradeNo: get("order"), TransactionID: get("transaction"), StatementNo: get("transaction"),
		Currency: gateway.CNY, Merchant: get("merchant"),
		Wallet: gateway.WalletCard, Method: gateway.CardPresent, Raw: gateway.Cut(get("type")),
		Card: card.Card{
			ReferenceNo: get("reference"), BatchNo: get("batch"), TraceNo: get("trace"), AuthCode: get("auth"),
			Masked: get("card"),
			Type:   card.UnionPayCardType(get("card_type")), Issuer: get("issuer"), Merchant: get("merchant"),
			Terminal: get("terminal"),
		},
	}
	switch {
	case slices.Contains(c.settings.bill.pay, get("type")):
		r.State = gateway.TradePaid
	case slices.Contains(c.settings.bill.void, get("type")):
		r.State = gateway.TradeClosed
	default:
		return r, false, nil
	}
	if r.Merchant != c.settings.mchID && r.Merchant != cmp.Or(c.settings.subMchID, c.settings.mchID) {
		return r, false, nil
	}
	if r.Amount, err = money.ParseGrouped(strings.TrimPrefix(get("amount"), "-")); err != nil || r.Amount <= 0 {
		return r, false, errors.New("its amount is not one in yuan")
	}
	if r.PaidAt = lineTime(get("time")); r.PaidAt.IsZero() {
		return r, false, errors.New("its time is not one")
	}
	if r.TransactionID == "" && r.Card.ReferenceNo == "" {
		return r, false, errors.New("it has neither a transaction nor a reference number")
	}
	if r.TransactionID == "" { // a reference number is unique for a day only
		r.TransactionID = calendar.Format(r.PaidAt, "20060102") + r.Card.ReferenceNo
	}
	return r, true, nil
}

// lineTime reads a line's time, in Shanghai, in the forms that bills use; zero for another.
func lineTime(written string) time.Time {
	for _, form := range []string{time.DateTime, timeForm, "2006/01/02 15:04:05"} {
		if at, err := calendar.Parse(form, written); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}
