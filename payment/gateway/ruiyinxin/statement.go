package ruiyinxin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"linlipay/calendar"
	"linlipay/money"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// What 020 answers with is not public for cards. It is assumed to be lines of text under a line of titles, with the
// columns that another acquirer's public bill has; a third party has seen sections of other kinds in the same text,
// parted by sectionMark.

const (
	statementSeparator = "|"
	sectionMark        = "########"
)

// columns are the titles of the columns that are read, by our names.
var columns = map[string]string{
	"merchant": "商户号", "terminal": "终端号", "time": "交易时间", "type": "交易类型", "batch": "交易批次号", "trace": "凭证号",
	"reference": "参考号", "card": "卡号",
	"card_type": "卡类别", "issuer": "发卡行名称", "amount": "交易金额", "transaction": "交易单号", "order": "订单号",
}

// required are the columns without which a section is no list of cards.
var required = []string{"time", "type", "reference", "card", "amount"}

// statementForm is how an account's statement is written.
type statementForm struct {
	separator string
	titles    map[string]string
}

func readStatementForm(m map[string]string) (statementForm, error) {
	f := statementForm{separatorIn(m), maps.Clone(columns)}
	var own map[string]string
	if m["statement_columns"] != "" && json.Unmarshal([]byte(m["statement_columns"]), &own) != nil {
		return f, gateway.BadSetting("statement_columns", "须为 JSON 对象，值均为文本。", "must be a JSON object of texts.")
	}
	for name, title := range own {
		if columns[name] == "" || title == "" {
			return f, gateway.BadSetting("statement_columns", "含有未知的列。", "names a column that is not read.")
		}
		f.titles[name] = title
	}
	return f, nil
}

// separatorIn is what parts the columns; a tab is written \t.
func separatorIn(m map[string]string) string {
	if s := m["statement_separator"]; s != `\t` {
		return cmp.Or(s, statementSeparator)
	}
	return "\t"
}

// CardTrades lists a day's card payments and voids by the statement (020). Any no is TryLater: that a day's statement
// is not there yet has no public code. A statement without text is a day without trades; one whose columns are not
// those that are declared is an error.
func (g *Gateway) CardTrades(ctx context.Context, a gateway.Account, day time.Time) ([]gateway.Report, error) {
	cl, err := g.client(a)
	if err != nil {
		return nil, gateway.AsIndeterminate(err)
	}
	date := calendar.Format(day, "20060102")
	t, underWay, err := cl.ask(ctx, question{listDay, newNumber(), "", map[string]string{
		"merchantCode": cl.settings.merchantCode, "settleDate": date, "fileType": "1", // in the answer itself
	}})
	if no, ok := gateway.Unmapped(err); ok || underWay {
		if no == nil {
			return nil, t.underWay()
		}
		no.Kind = gateway.TryLater
		return nil, no
	}
	if err != nil {
		return nil, err
	}
	if err := t.ofDay(date); err != nil {
		return nil, gateway.AsIndeterminate(err)
	}
	reports, err := cl.settings.readStatement(t.get("content"))
	if err != nil {
		return nil, gateway.AsIndeterminate(err)
	}
	return reports, nil
}

// ofDay checks that a statement is of the day that was asked for, where it names one.
func (t text) ofDay(date string) error {
	if told := t.get("settleDate"); told != "" && told != date {
		return fmt.Errorf("ruiyinxin: asked for the statement of %s, answered with that of %q", date,
			gateway.Cut(told))
	}
	return nil
}

// readStatement reads every section that lists cards.
func (s settings) readStatement(content string) ([]gateway.Report, error) {
	if strings.TrimSpace(content) == "" {
		return nil, nil
	}
	var reports []gateway.Report
	found := false
	for section := range strings.SplitSeq(content, sectionMark) {
		lines := linesOf(section)
		at := s.statement.header(lines)
		if at == nil {
			continue
		}
		found = true
		listed, err := s.readSection(at, lines[1:])
		if err != nil {
			return nil, err
		}
		reports = append(reports, listed...)
	}
	if !found {
		return nil, errors.New("ruiyinxin: no section of the statement has the columns that are declared")
	}
	return reports, nil
}

// linesOf are the lines of a section that hold something.
func linesOf(section string) []string {
	return slices.DeleteFunc(strings.Split(section, "\n"), func(line string) bool {
		return strings.TrimSpace(line) == ""
	})
}

// readSection reads the lines under the titles of a section.
func (s settings) readSection(at map[string]int, lines []string) (reports []gateway.Report, err error) {
	for i, text := range lines {
		values := strings.Split(strings.TrimRight(text, "\r"), s.statement.separator)
		r, kept, err := s.readLine(line{at, values})
		if err != nil {
			return nil, fmt.Errorf("ruiyinxin: line %d of the statement: %w", i+2, err)
		}
		if kept {
			reports = append(reports, r)
		}
	}
	return reports, nil
}

// header finds where the columns of a section are; nil when its first line is not their titles.
func (f statementForm) header(lines []string) map[string]int {
	if len(lines) == 0 {
		return nil
	}
	titles := f.titlesIn(lines[0])
	at := map[string]int{}
	for name, title := range f.titles {
		if i := slices.Index(titles, title); i >= 0 {
			at[name] = i
		}
	}
	if slices.ContainsFunc(required, func(name string) bool { _, ok := at[name]; return !ok }) {
		return nil
	}
	return at
}

// titlesIn are the titles in a section's first line.
func (f statementForm) titlesIn(text string) []string {
	titles := strings.Split(strings.TrimPrefix(text, "\ufeff"), f.separator)
	for i := range titles {
		titles[i] = strings.TrimSpace(titles[i])
	}
	return titles
}

// line is a line of a section, and where its columns are.
type line struct {
	at     map[string]int
	values []string
}

// get is what stands in a column, by our name of it.
func (l line) get(name string) string {
	i, ok := l.at[name]
	if !ok || i >= len(l.values) {
		return ""
	}
	return strings.TrimSpace(l.values[i])
}

// hasCardNumber reports whether a full card number stands in a column in which none may; the numbers of orders and
// transactions may look like one.
func (l line) hasCardNumber() bool {
	for name := range l.at {
		if name != "order" && name != "transaction" && card.HasCardNumber(l.get(name)) {
			return true
		}
	}
	return false
}

// readLine translates one line. One without a card and a reference number is no card's; a refund across batches (退货) is
// not listed.
func (s settings) readLine(l line) (r gateway.Report, kept bool, err error) {
	get := l.get
	if get("card") == "" && get("reference") == "" {
		return r, false, nil
	}
	if merchant := get("merchant"); merchant != "" && merchant != s.merchantCode {
		return r, false, nil
	}
	r = gateway.Report{
		OutTradeNo: get("order"), TransactionID: get("transaction"), Currency: gateway.CNY, Merchant: s.merchantCode,
		Wallet: gateway.WalletCard, Method: gateway.CardPresent, Raw: get("type"), Card: l.card(),
	}
	if l.hasCardNumber() {
		return gateway.Report{}, false, errors.New("it holds a full card number")
	}
	if r.State, err = stateOfLine(r.Raw); r.State == "" || err != nil {
		return r, false, err
	}
	if r.Amount, err = money.ParseGrouped(strings.TrimPrefix(get("amount"), "-")); err != nil || r.Amount <= 0 {
		return r, false, fmt.Errorf("its amount is %q", gateway.Cut(get("amount")))
	}
	if r.PaidAt, err = lineTime(get("time")); err != nil {
		return r, false, err
	}
	if r.TransactionID == "" && r.Card.ReferenceNo == "" {
		return r, false, errors.New("it has neither a transaction nor a reference number")
	}
	if r.TransactionID == "" { // a reference number is unique for a day only
		r.TransactionID = calendar.Format(r.PaidAt, "20060102") + r.Card.ReferenceNo
	}
	return r, true, nil
}

// card is the card of a line.
func (l line) card() card.Card {
	return card.Card{
		ReferenceNo: l.get("reference"), BatchNo: l.get("batch"), TraceNo: l.get("trace"), Masked: l.get("card"),
		Type:   cardType(l.get("card_type")),
		Issuer: l.get("issuer"), Merchant: l.get("merchant"), Terminal: l.get("terminal"),
	}
}

// stateOfLine is what a line of a kind says of its payment; "" is a refund across batches, which is not listed.
func stateOfLine(kind string) (gateway.TradeState, error) {
	switch kind {
	case "消费":
		return gateway.TradePaid, nil
	case "撤销", "消费撤销", "冲正", "消费冲正":
		return gateway.TradeClosed, nil
	case "退货", "退款":
		return "", nil
	}
	return "", fmt.Errorf("it is a card's of an unknown kind %q", gateway.Cut(kind))
}

// lineTime reads a line's time, in Shanghai, in the forms that bills use.
func lineTime(written string) (time.Time, error) {
	for _, form := range []string{time.DateTime, stamp, "2006/01/02 15:04:05"} {
		if at, err := calendar.Parse(form, written); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("its time is %q", gateway.Cut(written))
}

// cardType reads a card's type, in words or by UnionPay's code.
func cardType(written string) card.CardType {
	switch written {
	case "借记卡":
		return card.DebitCard
	case "贷记卡", "信用卡":
		return card.CreditCard
	case "准贷记卡":
		return card.SemiCreditCard
	case "预付卡":
		return card.PrepaidCard
	}
	return card.UnionPayCardType(written)
}
