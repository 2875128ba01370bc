package billing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/payment"
	"linlipay/property"
	"linlipay/workbook/workbooktest"
)

// again is a workbook that comes after a first one, with one bill of 10.00 owed, and with one that was paid already. A
// line is what the row is the second time, what the word for it is, what becomes of it, and what the report says.
var agains = []struct {
	what  string
	first string // changes of the usual row, the first time
	then  string // and the second
	take  []Take
	want  Outcome
	says  string
}{
	{"the same", "", "", nil, Repeated, "paid:false 10.00 | 王小明 13800000001 0"},
	{"the same with what cannot be seen", "状态=已缴",
		"小区=阳光里\u200e | 楼栋=\u20661栋 | 房号=101\u2060 | 费用项目=物业费\u202c | 状态=已缴", nil, Repeated,
		"paid:true 10.00 | bills:1"},
	{"another amount", "", "金额=11.00", Takes(), Differs, "¥10.00 | ¥11.00 | paid:false 10.00"},
	{"paid now", "", "状态=已缴 | 缴费日期=2026-11-05", nil, Differs, "未缴 | 已缴 | 再收一次 | paid:false 10.00"},
	{"paid now, taken", "", "状态=已缴 | 缴费日期=2026-11-05", []Take{TakePaid}, Warned, "按已缴更新 | paid:true 10.00"},
	{"paid now and another amount", "", "状态=已缴 | 金额=11", Takes(), Differs, "paid:false 10.00"},
	{"paid by a column of money", "", "状态= | 已收=10", nil, Differs, "再收一次 | paid:false"},
	{"paid and no longer", "状态=已缴", "", Takes(), Differs, "先前按已缴导入 | paid:true"},
	{"paid twice", "状态=已缴", "状态=已缴", nil, Repeated, "paid:true"},
	{"owed nothing any more", "", "金额=—", Takes(), Differs, "还欠 ¥10.00 | 写着没有要交的 | paid:false 10.00"},
	{"owed nothing any more, as it is paid", "状态=已缴", "金额=— | 状态=", nil, Repeated, "paid:true 10.00"},
	{"due on another day", "", "截止日期=2026-12-31", nil, Differs, "2026-11-30 | 2026-12-31"},
	{"due without a day", "", "截止日期=", nil, Repeated, "paid:false"},

	{"another owner", "", "业主=李四 | 手机=13900000002", nil, Pending, "王小明 …0001 | 李四 …0002 | 待确认 | 王小明 13800000001 0"},
	{"another owner, taken", "", "业主=李四 | 手机=13900000002", []Take{TakeOwners}, Warned, "业主已变更 | 李四 13900000002 1"},
	{"another owner with a new bill", "", "业主=李四 | 手机=13900000002 | 账期=2026-12", nil, Pending,
		"王小明 13800000001 0 | bills:1"},
	{"another owner with a new bill, taken", "", "业主=李四 | 手机=13900000002 | 账期=2026-12", []Take{TakeOwners}, Warned,
		"李四 13900000002 1 | bills:2"},
	{"another owner with a new bill, only paid ones taken", "", "业主=李四 | 手机=13900000002 | 账期=2026-12", []Take{TakePaid},
		Pending, "bills:1"},
	{"another phone", "", "手机=13900000002 | 账期=2026-12", nil, Pending, "王小明 …0002 | bills:1"},
	{"another phone with the same end", "", "手机=13900000001 | 账期=2026-12", nil, Pending,
		"王小明 …800000001 | 王小明 …900000001 | F「手机」=「13900000001」"},
	{"another phone with the same end, taken", "", "手机=13900000001 | 账期=2026-12", []Take{TakeOwners}, Warned,
		"王小明 …800000001 → 王小明 …900000001 | 王小明 13900000001 1"},
	{"another phone with five digits alike", "", "手机=13800010001 | 账期=2026-12", nil, Pending,
		"王小明 …00001，表中为 王小明 …10001"},
	{"another name alone", "", "业主=李四 | 手机= | 账期=2026-12", Takes(), Warned, "没有手机号 | 王小明 13800000001 0 | bills:2"},
	{"another name beside the phone", "", "业主=王晓明 | 账期=2026-12", nil, Warned,
		"业主姓名已改：王小明 …0001 → 王晓明 …0001（手机号相同） | 王晓明 13800000001 0 | bills:2"},
	{"a phone where there was none", "手机=", "账期=2026-12", nil, Warned, "已补全 | 王小明 13800000001 0 | bills:2"},
	{"an owner and a phone where there was no phone", "手机=", "业主=李四 | 手机=13900000002 | 账期=2026-12", nil, Pending,
		"王小明  0 | bills:1"},
	{"no owner at all", "", "业主= | 手机= | 账期=2026-12", nil, Taken, "王小明 13800000001 0 | bills:2"},
	{"the phone with +86", "", "手机=+86 138 0000 0001 | 账期=2026-12", nil, Taken, "王小明 13800000001 0 | bills:2"},
	{"the room as a number", "", "房号=n:101.0 | 楼栋=n:1 | 单元=n:1.0", nil, Repeated, "bills:1"},
	{"the entrance left out", "", "单元= | 账期=2026-12", nil, Refused, "像是同一户 | bills:1"},
	{"the building as 01栋", "", "楼栋=01栋 | 账期=2026-12", nil, Refused, "像是同一户 | bills:1"},
	{"the building as the text 1.0栋", "", "楼栋=1.0栋", nil, Refused, "像是同一户 | bills:1"},
	{"the building in Chinese", "", "楼栋=一号楼", nil, Refused, "像是同一户 | bills:1"},
	{"the building with 第", "楼栋=12栋", "楼栋=第十二栋", nil, Refused, "像是同一户 | bills:1"},
	{"the building as 1号", "", "楼栋=1号", nil, Refused, "像是同一户 | bills:1"},
	{"the building in full width", "", "楼栋=１ 栋", nil, Repeated, "bills:1"},
	{"the entrance as 一单元", "", "单元=一单元", nil, Refused, "像是同一户 | bills:1"},
	{"the entrance as 1门", "", "单元=1门", nil, Refused, "像是同一户 | bills:1"},
	{"the room as 0101", "", "房号=0101", nil, Refused, "像是同一户 | bills:1"},
	{"the room as 101号", "", "房号=101号", nil, Refused, "像是同一户 | bills:1"},
	{"the fee with a space", "", "费用项目=物业 费", nil, Repeated, "bills:1"},
	{"the fee in yuan", "", "费用项目=物业费（元）", nil, Repeated, "bills:1"},
	{"the fee with a space, paid", "", "费用项目=物业 费 | 状态=已缴", nil, Differs, "再收一次 | bills:1 paid:false"},
	{"the fee with a space, paid and taken", "", "费用项目=物业 费 | 状态=已缴", Takes(), Warned, "bills:1 paid:true"},
	{"another fee", "", "费用项目=停车费", nil, Taken, "bills:2"},
	{"the fee under another name", "", "费用项目=物业管理费", nil, Pending, "系统中已有「物业费」¥10.00 | G「费用项目」=「物业管理费」 | bills:1"},
	{"the fee under another name, taken", "", "费用项目=物业管理费", []Take{TakeFees}, Warned, "已确认 | bills:2"},
	{"the fee under another name, paid", "", "费用项目=物业服务费 | 状态=已缴", nil, Pending, "像是同一笔 | bills:1"},
	{"the fee with its period", "", "费用项目=2026年11月物业费", nil, Pending, "像是同一笔 | bills:1"},
	{"the fee under another name of another period", "", "费用项目=物业管理费 | 账期=2026-12", nil, Taken, "bills:2"},
	{"a fee of many names", "费用项目=停车费", "费用项目=车位管理费", nil, Pending, "像是同一笔 | bills:1"},
	{"another car", "费用项目=停车费1", "费用项目=停车费2", nil, Taken, "bills:2"},
	{"a number of which nothing is known", "", "贵宾礼遇=5 | 账期=2026-12", nil, Pending, "贵宾礼遇 | bills:1"},
	{"a number of which nothing is known, taken", "", "贵宾礼遇=5 | 账期=2026-12", []Take{TakeColumns}, Warned,
		"已确认 | bills:2"},
	{"a number of which nothing is known, of a known bill", "", "贵宾礼遇=5", nil, Repeated, "贵宾礼遇 | 没有导入 | bills:1"},
	{"a number of which nothing is known, and another owner", "", "贵宾礼遇=5 | 账期=2026-12 | 业主=李四 | 手机=13900000002",
		[]Take{TakeOwners}, Pending, "贵宾礼遇 | 王小明 13800000001 0 | bills:1"},
	{"the community with 小区", "", "小区=阳光里小区", nil, Refused, "已有小区「阳光里」 | bills:1"},
	{"the community with a space", "", "小区=阳光 里", nil, Refused, "已有小区「阳光里」 | bills:1"},
	{"a phone where there was none, with the same bill", "手机=", "", nil, Warned, "已补全 | 王小明 13800000001 0 | bills:1"},
	{"an owner where there was none", "业主= | 手机=", "业主=李四 | 手机=", nil, Warned, "已补全 | 李四  0 | bills:1"},
	{"an owner beside a phone alone", "业主=", "手机=", nil, Warned, "已补全 | 王小明 13800000001 0 | bills:1"},
	{"all in one cell", "", "楼栋= | 单元= | 房号=1栋1单元101 | 账期=2026-12", nil, Refused, "像是同一户 | bills:1"},
	{"all in one cell as 1–1–101", "", "楼栋= | 单元= | 房号=t:1–1–101 | 账期=2026-12", nil, Refused, "像是同一户 | bills:1"},
	{"all in one cell as 1−1−101", "", "楼栋= | 单元= | 房号=t:1−1−101 | 账期=2026-12", nil, Refused, "像是同一户 | bills:1"},
	{"all in one cell as 1.1.101", "", "楼栋= | 单元= | 房号=t:1.1.101 | 账期=2026-12", nil, Refused, "像是同一户 | bills:1"},
	{"all in one cell as 1号1单元101", "", "楼栋= | 单元= | 房号=t:1号1单元101 | 账期=2026-12", nil, Refused, "像是同一户 | bills:1"},
	{"all in one cell as 1~1~101", "", "楼栋= | 单元= | 房号=t:1~1~101 | 账期=2026-12", nil, Refused, "像是同一户 | bills:1"},
	{"all in one cell as 1·1·101", "", "楼栋= | 单元= | 房号=t:1·1·101 | 账期=2026-12", nil, Refused, "像是同一户 | bills:1"},
	{"all in one cell as 1楼1单元101", "", "楼栋= | 单元= | 房号=t:1楼1单元101 | 账期=2026-12", nil, Refused, "像是同一户 | bills:1"},
	{"one cell with other dashes", "楼栋= | 单元= | 房号=1-1-101", "楼栋= | 单元= | 房号=1–1−101", nil, Repeated, "bills:1"},
	{"one cell with dots", "楼栋= | 单元= | 房号=1-1-101", "楼栋= | 单元= | 房号=t:1.1.101", nil, Refused, "像是同一户 | bills:1"},
}

func TestImportAgain(t *testing.T) {
	s, _ := open(t)
	for i, c := range agains {
		t.Run(c.what, func(t *testing.T) {
			how := another(t, s, i)
			read(t, s, how, c.first)
			before := stands(t, s, how.Company)
			how.Take, how.Trial = c.take, true
			trial := read(t, s, how, c.then)
			if now := stands(t, s, how.Company); now != before {
				t.Errorf("a trial changed %s to %s", before, now)
			}
			how.Masked = true
			masked := read(t, s, how, c.then)
			for given, onRecord := range map[string]string{"业主=": "王小明", "手机=": "0001"} {
				if strings.Contains(c.then, given) && !strings.Contains(c.then, onRecord) &&
					strings.Contains(masked.String(), onRecord) {
					t.Errorf("%s is told to who may not look: %s", onRecord, masked)
				}
			}
			if masked.Rows[0].Outcome != c.want {
				t.Errorf("who may not look is told %s: %s", masked.Rows[0].Outcome, masked)
			}
			how.Masked, how.Trial = false, false
			r := read(t, s, how, c.then)
			said := r.String() + stands(t, s, how.Company)
			if r.Rows[0].Outcome != c.want || trial.Rows[0].Outcome != c.want || trial.Rows[0].ZH != r.Rows[0].ZH {
				t.Errorf("%s, by the trial %s, want %s: %s", r.Rows[0].Outcome, trial.Rows[0].Outcome, c.want, said)
			}
			takes := map[Outcome]Take{Pending: TakeOwners}[c.want]
			for said, take := range map[string]Take{"再收一次": TakePaid, "像是同一笔": TakeFees, "系统中已有": TakeFees,
				"贵宾礼遇": TakeColumns} {
				if strings.Contains(c.says, said) && !r.Clean() {
					takes = take
				}
			}
			if r.Rows[0].Take != takes {
				t.Errorf("%q can be taken, want %q", r.Rows[0].Take, takes)
			}
			if clean := c.want != Refused && c.want != Differs && c.want != Pending; r.Clean() != clean {
				t.Errorf("clean: %v", r.Clean())
			}
			for _, want := range strings.Split(c.says, " | ") {
				if !strings.Contains(said, want) {
					t.Errorf("%q is not said: %s", want, said)
				}
			}
		})
	}
}

func read(t *testing.T, s *books, how ImportRequest, changes string) *ImportReport {
	t.Helper()
	r, err := s.Import(t.Context(), how,
		bytes.NewReader(workbooktest.Write(t, workbooktest.Options{}, trapped(changes))))
	if err != nil || len(r.Rows) != 1 {
		t.Fatal(r, err)
	}
	return r
}

// stands is how the one unit of a company stands.
func stands(t *testing.T, s *books, company string) string {
	t.Helper()
	found, _, err := s.FindUnits(t.Context(), []string{property.IDOf(company, "阳光里")}, "", "", 0)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	u, bills := found[0], ""
	n := 0
	for _, status := range []BillStatus{Unpaid, PaidBill} {
		list, err := s.Bills(t.Context(), u.ID, status)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range list {
			n++
			bills += fmt.Sprintf(" paid:%v %s tenure:%d", b.Status == PaidBill, b.Amount.Yuan(), b.Tenure)
		}
	}
	return fmt.Sprintf("bills:%d%s %s %s %s %d", n, bills, "", u.Owner, u.Phone, u.Tenure)
}

// An owner from before comes with a bill that is not there yet: nobody but a person knows whose it is.
func TestAFormerOwnersNewBillIsRefused(t *testing.T) {
	s, u := oneOwing(t)
	if _, err := s.SetOwner(t.Context(), u.ID, "李四", newPhone, "staff:1"); err != nil {
		t.Fatal(err)
	}
	r := take(t, s, "王小明", ownerPhone, "2026-09", TakeOwners)
	if got, err := s.Unit(t.Context(), u.ID); err != nil || got.Phone != newPhone || r.Totals[Refused] != 1 {
		t.Error(got, err, r)
	}
}

// A bill that an order holds, or that something was collected of, is never paid by a workbook.
func TestAWorkbookPaysNothingThatIsBeingCollected(t *testing.T) {
	s, pay := open(t)
	unit, bill := one(t, s)
	how := all
	how.Take = Takes()
	paid := func() *ImportReport {
		t.Helper()
		r, err := s.Import(t.Context(), how,
			sheetOf(t, head, []any{"阳光里", "1栋", "1", "101", "王小明", "13800000001", "物业费", "2026-11", "10.00", "", "已缴"}))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	o, _, err := s.Collect(t.Context(),
		Collect{Unit: unit.ID, Bills: []string{bill.ID}, Origin: payment.Origin{Kind: payment.Counter}})
	if err != nil {
		t.Fatal(err)
	}
	if r := paid(); r.Totals[Differs] != 1 || !strings.Contains(r.Rows[0].ZH, o.ID) {
		t.Errorf("held by an order: %s", r)
	}
	if _, err := pay.Close(t.Context(), o.ID, payment.ByCancel, ""); err != nil {
		t.Fatal(err)
	}
	part := &payment.Order{ID: "part", Items: []payment.Item{{Ref: bill.ID, Amount: 400}}}
	if _, err := s.Settle(t.Context(), part); err != nil {
		t.Fatal(err)
	}
	if r := paid(); r.Totals[Differs] != 1 || !strings.Contains(r.Rows[0].ZH, "已收过一部分") {
		t.Errorf("paid in part: %s", r)
	}
	if b, err := s.Bill(t.Context(), bill.ID); err != nil || b.Status != Unpaid || b.Owed() != 600 {
		t.Error(b, err)
	}
}

// Paid here and, by the workbook, elsewhere on another day: nothing changes, and somebody is to look whether it was
// paid twice.
func TestABillThatWasPaidHereAndElsewhereIsNamed(t *testing.T) {
	s, _ := open(t)
	_, bill := one(t, s)
	at := time.Date(2026, 11, 5, 9, 0, 0, 0, calendar.Zone())
	o := &payment.Order{ID: "whole", PaidAt: at, Items: []payment.Item{{Ref: bill.ID, Amount: bill.Amount}}}
	if _, err := s.Settle(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	how := all
	how.Take = Takes()
	for cells, want := range map[string]string{
		"状态=已缴 | 缴费日期=2026-11-05": "", "状态=已缴": "",
		"状态=已缴 | 缴费日期=2026-11-07": "2026-11-05 通过本系统缴清，表中缴费日期为 2026-11-07", "": "已通过本系统缴清",
	} {
		r := read(t, s, how, cells)
		if r.Rows[0].Outcome != Repeated || !strings.Contains(r.Rows[0].ZH, want) || want == "" && r.Rows[0].ZH != "" {
			t.Errorf("%s: %+v", cells, r.Rows[0])
		}
	}
	if b, err := s.Bill(t.Context(), bill.ID); err != nil || b.PaidBy != o.ID || !b.PaidAt.Equal(at) {
		t.Error(b, err)
	}
}

// Few workbooks are taken in at once; who waits gives up with the request.
func TestWorkbooksTakeTurns(t *testing.T) {
	s, _ := open(t)
	company := another(t, s, 0)
	for range importsAtOnce {
		s.importing <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	raw := workbooktest.Write(t, workbooktest.Options{}, trapped(""))
	if _, err := s.Import(ctx, company, bytes.NewReader(raw)); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	for range importsAtOnce {
		<-s.importing
	}
	var together sync.WaitGroup
	for range 8 {
		together.Go(func() {
			r, err := s.Import(t.Context(), company, bytes.NewReader(raw))
			if fault.Is(err, fault.Stale) { // another was faster, and said so
				r, err = s.Import(t.Context(), company, bytes.NewReader(raw))
			}
			if err != nil || !r.Clean() {
				t.Error(r, err)
			}
		})
	}
	together.Wait()
	if got := stands(t, s, company.Company); !strings.HasPrefix(got, "bills:1 ") {
		t.Error(got)
	}
}

// Staff of one community take in its rows alone.
func TestRowsOfOtherCommunitiesAreRefused(t *testing.T) {
	s, _ := open(t)
	one(t, s)
	how := all
	how.Communities = []string{property.CommunityID("one", "阳光里")}
	row := func(community string) []any {
		return []any{community, "1栋", "1", "102", "李四", "", "物业费", "2026-11", "10.00"}
	}
	r, err := s.Import(t.Context(), how, sheetOf(t, head, row("阳光里"), row("别处")))
	if err != nil || r.Totals[Taken] != 1 || r.Totals[Refused] != 1 {
		t.Fatal(r, err)
	}
	if communities, err := s.Communities(t.Context(), property.Scope{Company: "one"}); err != nil ||
		len(communities) != 1 {
		t.Error(communities, err)
	}
}
