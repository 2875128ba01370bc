package billing

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/merchant"
	"linlipay/property"
	"linlipay/seal"
	"linlipay/sqlite/sqlitetest"
	"linlipay/store"
	"linlipay/workbook"
	"linlipay/workbook/workbooktest"
)

// open makes the service over a real store and the real payments.
func open(t testing.TB) (*books, *payment.Service) {
	t.Helper()
	return openBy(t, time.Now, today)
}

// openBy is open, with the time as the payments and as the bills have it.
func openBy(t testing.TB, payments, bills func() time.Time) (*books, *payment.Service) {
	t.Helper()
	st := sqlitetest.Open(t, slices.Concat(Schemas(), property.Schemas(), payment.Schemas())...)
	return openOn(t, st, payments, bills)
}

// openOn is openBy, on a store with all schemas.
func openOn(t testing.TB, st store.Store, payments, bills func() time.Time) (*books, *payment.Service) {
	t.Helper()
	box, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	pay := payment.NewService(st, payment.Config{Accounts: merchant.NewAccounts(st, box), Now: payments,
		BaseURL: "http://127.0.0.1", Items: NewBooks(st, bills)})
	homes := property.NewService(st, payments)
	s := &books{NewService(st, homes, nil, nil, pay, bills), homes}
	if err := s.AddCompany(t.Context(), "one", "第一物业"); err != nil {
		t.Fatal(err)
	}
	return s, pay
}

// books are the bills, and who lives where.
type books struct {
	*owed
	*people
}

type (
	owed   = Service
	people = property.Service
)

// today is the day of all workbooks here.
func today() time.Time { return time.Date(2026, 11, 28, 4, 0, 0, 0, time.UTC) }

// all is the whole company one.
var all = ImportRequest{Scope: property.Scope{Company: "one"}}

// sheetOf makes an .xlsx of rows.
func sheetOf(t testing.TB, rows ...[]any) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	if err := workbook.Write(&out, workbook.Table{Rows: rows}); err != nil {
		t.Fatal(err)
	}
	return &out
}

var head = []any{"小区", "楼栋", "单元", "房号", "业主", "手机", "费用项目", "账期", "金额", "截止日期", "状态", "缴费日期"}

func TestImportMeetsWhatPeopleWrite(t *testing.T) {
	s, _ := open(t)
	r, err := s.Import(t.Context(), all, sheetOf(t, []any{"台账"}, head,
		[]any{"锦绣花园", "3栋", "2单元", "1201", "王小明", "13800000001", "物业费", "2026-11", 123.1, "2026-11-30", "未缴"},
		[]any{"锦绣花园 ", "３栋", "２", "１２０１", "王小明", "138 0000 0001", "停车费", "2026年11月", "￥３００．００元", 46356, ""},
		[]any{"锦绣花园", "3", "2", "1201", "李四", "13800000002", "水费", "2026-11", "10", "", ""},
		[]any{"锦绣花园", "3", "2", "1202", "赵六", "12345", "物业费", "202611", "88.80", "", "未缴"},
		[]any{"锦绣花园", "3", "2", "1203", "钱七", "", "物业费", "2026/11", "-5", "", ""},
		[]any{"锦绣花园", "3", "2", "1203", "钱七", "", "物业费", "2026/13", "5", "", ""},
		[]any{"锦绣花园", "3", "2", "1203", "钱七", "", "物业费", "2026/11", "5.001", "", ""},
		[]any{"锦绣花园", "3", "2", "1203", "钱七", "", "物业费", "2026/10", "5", "", "已缴", "2026/10/8"},
		[]any{"", "", "", ""},
		[]any{"", "3", "2", "1203", "钱七", "", "物业费", "2026/11", "5"},
		[]any{"锦绣花园", "3", "2", "1201", "王小明", "", "物业费", "2026-11", "123.10"},
	))
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]Outcome{3: Taken, 4: Taken, 5: Refused, 6: Warned, 7: Refused, 8: Refused, 9: Refused, 10: Taken,
		12: Refused, 13: Refused}
	got := map[int]Outcome{}
	for _, row := range r.Rows {
		got[row.Row] = row.Outcome
		if row.Outcome == Refused && (row.ZH == "" || row.EN == "") {
			t.Errorf("row %d is refused without a reason", row.Row)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("outcomes %v, want %v\n%s", got, want, r)
	}
	if r.Amount != 12310+30000+8880+500 {
		t.Errorf("the amount taken is %s", r.Amount)
	}
	found, _, err := s.FindUnits(t.Context(), []string{property.CommunityID("one", "锦绣花园")}, "３栋２单元１２０１室", "", 0)
	if err != nil || len(found) != 1 || found[0].Owner != "王小明" || found[0].Label != "3栋 2单元 1201" {
		t.Fatalf("found %+v, %v", found, err)
	}
	owed, err := s.Bills(t.Context(), found[0].ID, Unpaid)
	if err != nil || len(owed) != 2 || owed[0].DueDate != "2026-11-30" && owed[1].DueDate != "2026-11-30" {
		t.Fatalf("owed %+v, %v", owed, err)
	}
}

func TestImportTwiceTakesNothingTwice(t *testing.T) {
	s, _ := open(t)
	row := []any{"阳光里", "1栋", "", "101", "王小明", "13800000001", "物业费", "2026-11", "10.00"}
	if _, err := s.Import(t.Context(), all, sheetOf(t, head, row)); err != nil {
		t.Fatal(err)
	}
	r, err := s.Import(t.Context(), all, sheetOf(t, head, row))
	if err != nil || r.Totals[Repeated] != 1 || r.Totals[Taken] != 0 || r.Amount != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	row[8] = "11.00"
	if r, err = s.Import(t.Context(), all, sheetOf(t, head, row)); err != nil || r.Totals[Differs] != 1 {
		t.Fatalf("another amount for the same bill: %+v, %v", r, err)
	}
}

func TestImportReadsAHeaderOfTwoRows(t *testing.T) {
	s, _ := open(t)
	r, err := s.Import(t.Context(), all, sheetOf(t,
		[]any{"小区", "房屋信息", "", "", "业主", "手机", "费用", "账期", "金额"},
		[]any{"", "楼栋", "单元", "房号", "", "", "", "", ""},
		[]any{"阳光里", "1栋", "1", "101", "王小明", "13800000001", "物业费", "2026-11", "10.00"}))
	if err != nil || r.Totals[Taken] != 1 {
		t.Fatalf("%v, %v", r, err)
	}
}

func TestImportRefusesWhatIsNoWorkbook(t *testing.T) {
	s, _ := open(t)
	for name, file := range map[string]*bytes.Buffer{
		"text": bytes.NewBufferString("小区,房号"), "empty": {}, "no header": sheetOf(t, []any{"a", "b"}),
	} {
		if _, err := s.Import(t.Context(), all, file); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The same table is what money.ParseTyped and the pages are tested with.
func TestCellsAreReadAsPeopleType(t *testing.T) {
	var table struct {
		Cases []struct {
			Typed string
			Fen   *money.Fen
		}
	}
	raw, err := os.ReadFile("../money/testdata/typed.json")
	if err == nil {
		err = json.Unmarshal(raw, &table)
	}
	if err != nil || len(table.Cases) < 100 {
		t.Fatalf("%d cases, %v", len(table.Cases), err)
	}
	for _, c := range table.Cases {
		want := money.Fen(0)
		if c.Fen != nil && *c.Fen <= mostOwed {
			want = *c.Fen
		}
		if artefact.MatchString(c.Typed) {
			continue // what a spreadsheet writes for a number, and nobody types
		}
		if got, why, _ := amountOf(c.Typed); got != want || (want == 0) != (why != "") {
			t.Errorf("amountOf(%q) = %v, %v; want %v", c.Typed, got, why, want)
		}
	}
}

// A number is what the cell holds, however it is formatted; a text is what is written.
func TestNumbersAreReadByValueAndTextsAsTheyStand(t *testing.T) {
	row := func(room, amount string) []string {
		return []string{"阳光里", "1栋", "1", room, "王小明", "", "物业费", "2026-11", amount}
	}
	heads := make([]string, len(head))
	for i, h := range head {
		heads[i] = h.(string)
	}
	out := workbooktest.Write(t, workbooktest.Options{}, workbooktest.Sheet{Rows: [][]string{
		heads, row("101", "k:1234.56"), row("102", "1234.56"), row("103", "1,50"), row("104", "１，２３４。５元"),
		row("105", "400,50"),
	}})
	s, _ := open(t)
	r, err := s.Import(t.Context(), all, bytes.NewReader(out))
	if err != nil || r.Totals[Taken] != 3 || r.Totals[Refused] != 2 || r.Amount != 123456+123456+123450 {
		t.Fatalf("%s, %v", r, err)
	}
	for _, row := range r.Rows {
		if row.Outcome == Refused && (!strings.Contains(row.ZH, "逗号") || !strings.Contains(row.EN, "comma")) {
			t.Errorf("row %d: %s, %s", row.Row, row.ZH, row.EN)
		}
	}
}

func TestAmountsOfSpreadsheets(t *testing.T) {
	for text, want := range map[string]money.Fen{
		"123.1": 12310, "123.10000000000001": 12310, "4.0999999999999996": 410, "1,234.50": 123450, "¥8元": 800,
		"0.29999999999999999": 30,
		"1e3":                 0, "0": 0, "-1": 0, "1.005": 0, "1.0049999999999999": 0,
	} {
		got, why, _ := amountOf(text)
		if got != want || (want == 0) != (why != "") {
			t.Errorf("amountOf(%q) = %v, %v; want %v", text, got, why, want)
		}
	}
}

func FuzzAmount(f *testing.F) {
	f.Add("123.10000000000001")
	f.Add("￥3元")
	f.Fuzz(func(t *testing.T, s string) {
		if got, why, _ := amountOf(s); why == "" && got <= 0 {
			t.Errorf("amountOf(%q) = %d", s, got)
		}
	})
}

func FuzzPeriod(f *testing.F) {
	f.Add("2026年11月")
	f.Add("46356")
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := monthOf(s); ok && len(got) != 7 {
			t.Errorf("period(%q) = %q", s, got)
		}
	})
}

// one imports a single bill and returns its unit.
func one(t *testing.T, s *books) (*property.Unit, Bill) {
	t.Helper()
	if _, err := s.Import(t.Context(), all,
		sheetOf(t, head, []any{"阳光里", "1栋", "1", "101", "王小明", "13800000001", "物业费", "2026-11", "10.00",
			"2026-11-30"})); err != nil {
		t.Fatal(err)
	}
	found, _, err := s.FindUnits(t.Context(), []string{property.CommunityID("one", "阳光里")}, "101", "", 0)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	owed, err := s.Bills(t.Context(), found[0].ID, Unpaid)
	if err != nil || len(owed) != 1 {
		t.Fatal(owed, err)
	}
	return &found[0], owed[0]
}

func TestSettleIsIdempotentAndNeverOverwrites(t *testing.T) {
	s, _ := open(t)
	unit, bill := one(t, s)
	o, _, err := s.Collect(t.Context(),
		Collect{Unit: unit.ID, Bills: []string{bill.ID}, Origin: payment.Origin{Kind: payment.Counter}})
	if err != nil || o.Amount != 1000 || o.Title != "阳光里 1栋 1单元 101 物业费 2026年11月" {
		t.Fatal(o, err)
	}
	o.PaidAt = time.Now()
	for range 2 {
		if unsettled, err := s.Settle(t.Context(), o); err != nil || len(unsettled) != 0 {
			t.Fatal(unsettled, err)
		}
	}
	other := *o
	other.ID = "another"
	if unsettled, err := s.Settle(t.Context(), &other); err != nil || len(unsettled) != 1 || unsettled[0] != bill.ID {
		t.Fatalf("a second order settled the bill: %v, %v", unsettled, err)
	}
	if b, err := s.Bill(t.Context(), bill.ID); err != nil || b.PaidBy != o.ID {
		t.Fatal(b, err)
	}
}

func TestLinesOfAnOrderStandAsTheyAreRead(t *testing.T) {
	s, _ := open(t)
	row := func(fee, period string) []any {
		return []any{"阳光里", "1栋", "1", "101", "王小明", "13800000001", fee, period, "10.00", "2026-11-30"}
	}
	if _, err := s.Import(t.Context(), all, sheetOf(t, head, row("物业费", "2026-11"), row("停车费", "2026-10"),
		row("物业费", "2026-09"), row("停车费", "2026-11"))); err != nil {
		t.Fatal(err)
	}
	found, _, err := s.FindUnits(t.Context(), []string{property.CommunityID("one", "阳光里")}, "101", "", 0)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	owed, err := s.Bills(t.Context(), found[0].ID, Unpaid)
	if err != nil {
		t.Fatal(err)
	}
	in := Collect{Unit: found[0].ID, Origin: payment.Origin{Kind: payment.Counter}}
	for _, b := range owed {
		in.Bills = append(in.Bills, b.ID)
	}
	o, _, err := s.Collect(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, it := range o.Items {
		titles = append(titles, it.Title)
	}
	want := "停车费 2026年10月, 停车费 2026年11月, 物业费 2026年9月, 物业费 2026年11月"
	if got := strings.Join(titles, ", "); got != want {
		t.Errorf("the lines stand as %s, want %s", got, want)
	}
}

func TestCollectRefusesPaidAndForeignBills(t *testing.T) {
	s, pay := open(t)
	unit, bill := one(t, s)
	if _, _, err := s.Collect(t.Context(), Collect{Unit: unit.ID}); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	if _, _, err := s.Collect(t.Context(), Collect{Unit: unit.ID, Bills: []string{"nope"}}); !fault.Is(err,
		fault.NotFound) {
		t.Error(err)
	}
	elsewhere := &payment.Order{ID: "elsewhere", Items: []payment.Item{{Ref: bill.ID, Amount: bill.Amount}}}
	if unsettled, err := s.Settle(t.Context(), elsewhere); err != nil || len(unsettled) != 0 {
		t.Fatal(unsettled, err)
	}
	if _, _, err := s.Collect(t.Context(), Collect{Unit: unit.ID, Bills: []string{bill.ID}}); !fault.Is(err,
		fault.AlreadyPaid) {
		t.Error(err)
	}
	if held, err := pay.Holdings(context.Background(), unit.Community, bill.ID, 1); err != nil || len(held) > 0 {
		t.Errorf("the refused order still holds the bill: %v, %v", held, err)
	}
}

// The due date is a day in Shanghai: it is over at 16:00 UTC of that day.
func TestOverdueByShanghaisCalendar(t *testing.T) {
	b := Bill{Status: Unpaid, DueDate: "2026-11-30"}
	if b.Overdue(time.Date(2026, 11, 30, 15, 59, 59, 0, time.UTC)) ||
		!b.Overdue(time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC)) {
		t.Error("overdue at the wrong moment")
	}
}
