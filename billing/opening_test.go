package billing

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/property"
	"linlipay/workbook"
)

var heldHead = []any{"小区", "楼栋", "单元", "房号", "业主", "款项", "金额", "缴款人", "缴款日期", "缴款方式", "收据号", "限用费用"}

// movedIn are two homes with bills of before, and what the system before held for them.
func movedIn(t *testing.T, held ...[]any) *bytes.Buffer {
	t.Helper()
	row := func(room, owner, phone, fee, period string) []any {
		return []any{"阳光里", "1栋", "1", room, owner, phone, fee, period, "10.00", "2026-09-30"}
	}
	var out bytes.Buffer
	if err := workbook.Write(&out,
		workbook.Table{Name: "账单", Rows: [][]any{head, row("101", "王小明", "13800000001", "物业费", "2026-09"),
			row("102", "李四", "13800000002", "物业费", "2026-09")}},
		workbook.Table{Name: "押金", Rows: append([][]any{heldHead}, held...)}); err != nil {
		t.Fatal(err)
	}
	return &out
}

// saidOf are the outcomes of the rows of a sheet, as "row outcome column: why".
func saidOf(r *ImportReport, sheet string) (lines []string) {
	for _, row := range r.Rows {
		if row.Sheet == sheet {
			line := fmt.Sprintf("%d %s %s: %s", row.Row, row.Outcome, row.Heading, row.ZH)
			lines = append(lines, strings.TrimSuffix(line, " : "))
		}
	}
	return lines
}

// What the system before held comes in once, with bills or without, is told to the journal, and is used, deducted from
// and paid out as what was paid here is.
func TestWhatWasHeldBeforeComesIn(t *testing.T) {
	s, pay := openBy(t, time.Now, time.Now)
	rows := [][]any{
		{"阳光里", "1栋", "1", "101", "王小明", "装修押金", "3000", "安居装饰公司", "2024-11-02", "现金", "SJ000123", ""},
		{"阳光里", "1", "1", "101", "", "预存", "128.50", "", "", "", "", "物业费、水费"},
		{"阳光里", "1栋", "1", "102", "", "门禁卡押金", "50", "", "", "", "", ""},
		{"阳光里", "1栋", "1", "102", "", "装修押金", "—", "", "", "", "", ""},
		{"合计", "", "", "", "", "", "3178.50", "", "", "", "", ""},
	}
	for _, how := range []string{"trial", "taken", "again"} {
		req := all
		req.Trial = how == "trial"
		r, err := s.Import(t.Context(), req, movedIn(t, rows...))
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"2 imported", "3 imported", "4 imported", "5 skipped : 金额写着没有余额，没有导入",
			"6 skipped 小区: 合计行，没有导入"}
		sum := money.Fen(317850)
		if how == "again" {
			sum = 0
			for i := range 3 {
				want[i] = strings.Replace(want[i], "imported", "unchanged", 1)
			}
		}
		if got := saidOf(r, "押金"); !slices.Equal(got, want) || r.Held != sum {
			t.Errorf("%s: %q, %s", how, got, r.Held)
		}
		if why := agrees(t, s, pay); why != "" {
			t.Errorf("%s: %s", how, why)
		}
	}
	unit := property.UnitID(property.CommunityID("one", "阳光里"), "1栋", "1", "101")
	deposits, err := s.Deposits(t.Context(), unit)
	if err != nil || len(deposits) != 1 || sums(&deposits[0]) != [3]money.Fen{300000, 0, 300000} {
		t.Fatalf("%+v: %v", deposits, err)
	}
	if o := deposits[0].Credits[0].Opening; *o != (Opening{"安居装饰公司", "2024-11-02", "现金", "SJ000123"}) {
		t.Errorf("%+v", o)
	}
	ahead, err := s.Prepayments(t.Context(), unit)
	if err != nil || len(ahead) != 1 || ahead[0].Available() != 12850 || !slices.Equal(ahead[0].Fees,
		[]string{"物业费", "水费"}) {
		t.Fatalf("%+v: %v", ahead, err)
	}
	bills, err := s.Bills(t.Context(), unit, Unpaid)
	if err != nil {
		t.Fatal(err)
	}
	_, _, _, err = s.PrepaymentDraw(t.Context(), ahead[0].ID, NewDraw{Bill: bills[0].ID, By: "staff:till"})
	if err != nil {
		t.Error(err)
	}
	toBePaid(t, s, deposits[0].ID, staying(100000, Deduction, "装修损坏赔偿"))
	bank := NewPayout{Amount: 200000, Method: BankTransfer, Payee: "安居装饰公司", Bank: "招商银行",
		Account: "6214830123456789", Reason: "装修完工", Key: "bank", KeyHash: "1", By: till}
	if _, err := s.PayPayout(t.Context(), deposits[0].ID, toBePaid(t, s, deposits[0].ID, bank), "HD1",
		"staff:finance"); err != nil {
		t.Error(err)
	}
	if why := agrees(t, s, pay); why != "" {
		t.Error(why)
	}
	var kinds []string
	for _, line := range told(t, s) {
		if kind, _, _ := strings.Cut(line, " "); kind != string(Published) {
			kinds = append(kinds, kind)
		}
	}
	want := []string{"deposit_opened", "prepayment_opened", "deposit_opened", "prepayment_used", "deposit_deducted",
		"deposit_paid_out"}
	if !slices.Equal(kinds, want) {
		t.Errorf("%q", kinds)
	}
	if m := balance(t, s, deposits[0].ID).Moves()[0]; m.Kind != AheadOpened || m.Opening.Receipt != "SJ000123" {
		t.Errorf("%+v", m)
	}
}

// What is wrong with a row is said of it and of its cell; nothing of it is taken.
func TestWhatWasHeldIsChecked(t *testing.T) {
	row := func(change map[int]any) []any {
		r := []any{"阳光里", "1栋", "1", "101", "王小明", "装修押金", "3000", "", "", "", "", ""}
		for i, v := range change {
			r[i] = v
		}
		return r
	}
	for name, c := range map[string]struct {
		rows [][]any
		want string
	}{
		"no such unit":        {[][]any{row(map[int]any{3: "109"})}, "没有该房屋"},
		"nobody's":            {[][]any{row(map[int]any{4: "张三"})}, "不是该房屋现在或以前的业主"},
		"nameless":            {[][]any{row(map[int]any{5: " "})}, "缺少款项"},
		"a name too long":     {[][]any{row(map[int]any{5: strings.Repeat("押", 41)})}, "款项: 最多 40 个字"},
		"no amount":           {[][]any{row(map[int]any{6: "很多"})}, "金额"},
		"less than nothing":   {[][]any{row(map[int]any{6: "-3"})}, "金额"},
		"a day to come":       {[][]any{row(map[int]any{8: "2099-01-01"})}, "还没有到"},
		"no day":              {[][]any{row(map[int]any{8: "去年"})}, "缴款日期"},
		"limited deposit":     {[][]any{row(map[int]any{11: "物业费"})}, "押金不抵扣账单"},
		"another community":   {[][]any{row(map[int]any{0: "月光里"})}, "没有该房屋"},
		"twice, without more": {[][]any{row(nil), row(map[int]any{6: "2000"})}, "同一笔款项"},
		"a card's number":     {[][]any{row(map[int]any{7: "4111111111111111"})}, "银行卡号"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := open(t)
			r, err := s.Import(t.Context(), all, movedIn(t, c.rows...))
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range saidOf(r, "押金") {
				if !strings.Contains(line, c.want) || !strings.Contains(line, "refused") {
					t.Errorf("%q", line)
				}
			}
			held, err := s.Deposits(t.Context(), property.UnitID(property.CommunityID("one", "阳光里"), "1栋", "1", "101"))
			if err != nil || len(held) != 0 || r.Held != 0 || len(saidOf(r, "押金")) != len(c.rows) {
				t.Errorf("%+v %+v: %v", held, r, err)
			}
		})
	}
}

// The same receipt again with another amount changes nothing, and two deposits with receipts of their own are two.
func TestWhatWasHeldIsKnownByItsReceipt(t *testing.T) {
	s, _ := open(t)
	row := func(amount, receipt string) []any {
		return []any{"阳光里", "1栋", "1", "101", "", "装修押金", amount, "", "", "", receipt}
	}
	if _, err := s.Import(t.Context(), all, movedIn(t, row("3000", "A1"), row("3000", "A2"))); err != nil {
		t.Fatal(err)
	}
	r, err := s.Import(t.Context(), all, movedIn(t, row("2000", "A1"), row("3000", "A2"), row("1", "A3")))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2 differs : 已导入过，金额是 3000.00 元，没有更改", "3 unchanged", "4 imported"}
	if got := saidOf(r, "押金"); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// Money that is for some fees alone never joins what is for others, in one workbook or beside what is there.
func TestWhatIsForSomeFeesStaysSo(t *testing.T) {
	s, _ := open(t)
	row := func(receipt, fees string) []any {
		return []any{"阳光里", "1栋", "1", "101", "", "预存款", "100", "", "", "", receipt, fees}
	}
	for _, c := range []struct {
		rows [][]any
		want []string
	}{
		{[][]any{row("A", "物业费"), row("B", ""), row("C", "物业费")},
			[]string{"2 imported", "3 refused : 同一户前面的预存款限用费用与此不同，请写成一样", "4 imported"}},
		{[][]any{row("D", ""), row("E", "水费"), row("A", "物业费"), row("F", "物业费")},
			[]string{"2 differs : 已有的预存款限用费用与此不同，没有导入", "3 differs : 已有的预存款限用费用与此不同，没有导入",
				"4 unchanged", "5 imported"}},
	} {
		r, err := s.Import(t.Context(), all, movedIn(t, c.rows...))
		if got := saidOf(r, "押金"); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %v", got, err)
		}
	}
}

// Columns that say of the same deposit what else there was are never ignored.
func TestMoneyBesideWhatWasHeldIsRefused(t *testing.T) {
	s, _ := open(t)
	var out bytes.Buffer
	if err := workbook.Write(&out, workbook.Table{Rows: [][]any{head,
		{"阳光里", "1栋", "1", "101", "王小明", "13800000001", "物业费", "2026-09", "10.00", "2026-09-30"}}},
		workbook.Table{Name: "押金", Rows: [][]any{{"小区", "楼栋", "单元", "房号", "押金项目", "余额", "已退金额"},
			{"阳光里", "1栋", "1", "101", "装修押金", "3000", "1000"},
			{"阳光里", "1栋", "1", "101", "清运押金", "300", "0"}}}); err != nil {
		t.Fatal(err)
	}
	r, err := s.Import(t.Context(), all, &out)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2 refused 已退金额: 「已退金额」里也有金额；请只保留一列现在还持有的金额", "3 imported"}
	if got := saidOf(r, "押金"); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// What is held of a former owner stays theirs.
func TestWhatWasHeldOfAFormerOwner(t *testing.T) {
	s, _ := open(t)
	if _, err := s.Import(t.Context(), all, movedIn(t)); err != nil {
		t.Fatal(err)
	}
	owners := all
	owners.Take = []Take{TakeOwners}
	sold := sheetOf(t, head,
		[]any{"阳光里", "1栋", "1", "101", "赵六", "13900000009", "物业费", "2026-10", "10.00", "2026-10-31"})
	if _, err := s.Import(t.Context(), owners, sold); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), all, sheetOf(t, heldHead,
		[]any{"阳光里", "1栋", "1", "101", "王小明", "装修押金", "3000"})); err != nil {
		t.Fatal(err)
	}
	held, err := s.Deposits(t.Context(), property.UnitID(property.CommunityID("one", "阳光里"), "1栋", "1", "101"))
	if err != nil || len(held) != 1 {
		t.Fatalf("%+v: %v", held, err)
	}
	if u := unitOf(t, s, held[0].Unit); u.Owner != "赵六" || u.OwnerIn(held[0].Tenure) != "王小明" {
		t.Errorf("%+v of %+v", held, u)
	}
}

// What is held counts in the control totals by its name; once the balance is locked, or waits to be, none comes in, and
// what was locked is held against what is there.
func TestWhatWasHeldIsLocked(t *testing.T) {
	s, pay := open(t)
	in := property.Community{ID: property.CommunityID("one", "阳光里"), Company: "one"}
	deposit := []any{"阳光里", "1栋", "1", "101", "", "装修押金", "3000"}
	if _, err := s.Import(t.Context(), all, movedIn(t, deposit)); err != nil {
		t.Fatal(err)
	}
	totals := []ControlTotal{{Fee: "物业费", Amount: 2000}}
	c, err := s.EnterTotals(t.Context(), in, "2026-10", totals, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = s.AskLock(t.Context(), in, "", c.Revision, finance); !fault.Is(err, fault.WrongState) ||
		!strings.Contains(err.Error(), "装修押金") {
		t.Errorf("without a total of the deposits: %v", err)
	}
	if c, err = s.EnterTotals(t.Context(), in, "2026-10", append(totals, ControlTotal{Fee: "装修押金", Amount: 300000,
		Bills: 1}), c.Revision); err != nil {
		t.Fatal(err)
	}
	if c, err = s.AskLock(t.Context(), in, "", c.Revision, finance); err != nil {
		t.Fatal(err)
	}
	refused := func(why string) {
		t.Helper()
		r, err := s.Import(t.Context(), all, movedIn(t, []any{"阳光里", "1栋", "1", "102", "", "装修押金", "1000"}, deposit))
		if got := saidOf(r, "押金"); err != nil || len(got) != 2 || !strings.Contains(got[0], why) {
			t.Errorf("%q: %v", got, err)
		}
	}
	refused("正待审批")
	other := approval.Person{ID: "staff:other", Roles: []string{"finance"}}
	yes := approval.Decision{Request: c.Request.ID, Approve: true}
	if c, err = s.DecideLock(t.Context(), in, yes, other); err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(c.Locked.Fees, func(f FeeSum) bool { return f.Held }); i < 0 ||
		c.Locked.Fees[i] != (FeeSum{"装修押金", true, 1, 300000, 300000, 300000}) {
		t.Errorf("%+v", c.Locked)
	}
	refused("已锁定")
	if why := agrees(t, s, pay); why != "" {
		t.Error(why)
	}
	held, err := s.Deposits(t.Context(), property.UnitID(in.ID, "1栋", "1", "101"))
	if err != nil {
		t.Fatal(err)
	}
	for what, tamper := range map[string]func(*Prepayment){
		"another amount": func(p *Prepayment) { p.Credits[0].Amount++ },
		"none":           func(p *Prepayment) { p.Credits = nil },
		"another kind":   func(p *Prepayment) { p.Deposit = nil },
	} {
		before := held[0]
		mend := func(p *Prepayment) { p.Credits, p.Deposit = before.Credits, before.Deposit }
		for _, how := range []func(*Prepayment){tamper, mend} {
			if _, err := s.prepaid.Update(t.Context(), before.ID, func(p *Prepayment) error {
				p.Credits = slices.Clone(p.Credits)
				how(p)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if why := agrees(t, s, pay); (why == "") != (balance(t, s, before.ID).Balance() == 300000 &&
				balance(t, s, before.ID).Deposit != nil) {
				t.Errorf("%s: %q", what, why)
			}
		}
	}
}

// While openings are written nobody locks the balance, whoever sweeps meanwhile; what a crash leaves of that ends.
func TestNobodyLocksWhileOpeningsAreWritten(t *testing.T) {
	now := today()
	s, _ := openBy(t, time.Now, func() time.Time { return now })
	telling := &publication{ID: "x", Company: "one", At: now, Communities: []string{"c"}}
	if err := s.publications.Insert(t.Context(), telling); err != nil {
		t.Fatal(err)
	}
	for _, writing := range []bool{true, false} {
		if _, err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.nobodyPublishes(t.Context(), "c", now); fault.Is(err, fault.WrongState) != writing {
			t.Errorf("still being written is %v: %v", writing, err)
		}
		now = now.Add(publicationWrites)
	}
	if _, err := s.publications.Get(t.Context(), "x"); !fault.Is(err, fault.NotFound) {
		t.Errorf("it stays for good: %v", err)
	}
}

// A process that dies over it leaves nothing half done: the rest comes in when the workbook is taken in again.
func TestWhatWasHeldComesInAfterACrash(t *testing.T) {
	s, pay := open(t)
	if _, err := s.Import(t.Context(), all, movedIn(t)); err != nil {
		t.Fatal(err)
	}
	rows := [][]any{{"阳光里", "1栋", "1", "101", "", "装修押金", "3000"}, {"阳光里", "1栋", "1", "102", "", "装修押金", "2000"}}
	unit := unitOf(t, s, property.UnitID(property.CommunityID("one", "阳光里"), "1栋", "1", "101"))
	first := newOpening{readOpening: &readOpening{unit: *unit, name: "装修押金", deposit: true, amount: 300000}}
	first.id, first.entity = first.openingID(), "one"
	p := first.document("one") // it was written, and neither the journal nor anybody was told
	p.open(Credit{Source: Source{Before: first.id}, Amount: 300000, At: s.now(), Opening: &Opening{}})
	if err := s.prepaid.Insert(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if why := agrees(t, s, pay); why != "" {
		t.Error(why)
	}
	r, err := s.Import(t.Context(), all, movedIn(t, rows...))
	if got := saidOf(r, "押金"); err != nil || !slices.Equal(got, []string{"2 unchanged", "3 imported"}) {
		t.Errorf("%q: %v", got, err)
	}
	for range 2 {
		if _, err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if why := agrees(t, s, pay); why != "" || len(balance(t, s, p.ID).Owed) != 0 {
			t.Error(why)
		}
	}
}
