package billing

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"linlipay/fault"
	"linlipay/property"
)

// placeChart is the chart of these tests: 阳光里 is known, in the north, and its bills are the branch's from October on.
func placeChart() *chartOf {
	return &chartOf{
		chart: Chart{
			Entities: []Named{{ID: "one", Name: "第一物业"}, {ID: "two", Name: "第一物业 上海分公司", Code: "91350100M000100Y43",
				From: "2026-06-01"}, {ID: "old", Name: "旧公司", To: "2025-12-31"}},
			Regions: []Named{{ID: "n", Name: "北区"}, {ID: "s", Name: "南区"}},
		},
		region: "n",
		entityOn: func(company, community, day string) string {
			if community == property.CommunityID("one", "阳光里") && day >= "2026-10-01" {
				return "two"
			}
			return company
		},
	}
}

// A line is what rows name as legal entity and region, community/entity/region/period each, and what becomes of the
// last of them, what the report says, and what is asked for. A known community belongs where it does; a new one is
// placed, by the shell at once.
var places = []struct {
	what  string
	rows  string
	want  Outcome
	says  string
	asked string // entity/region from day; "" is nothing
	shell bool
}{
	{"nothing named", "阳光里///2026-11", Taken, "", "", false},
	{"its entity", "阳光里/第一物业上海分公司/北区/2026-11", Taken, "", "", false},
	{"its entity by another spelling", "阳光里/第一物业 上海分公司 //2026-11", Taken, "", "", false},
	{"its entity by the tax number", "阳光里/91350100m000100y43//2026-11", Taken, "", "", false},
	{"a stroke", "阳光里/-/—/2026-11", Taken, "", "", false},
	{"the entity of that time", "阳光里/第一物业//2026-09", Taken, "", "", false},
	{"an entity that there is not", "阳光里/第三物业//2026-11", Refused,
		"没有公司主体「第三物业」 | 照写：第一物业、第一物业 上海分公司、旧公司 | B「公司主体」=「第三物业」", "", false},
	{"a region that there is not", "阳光里//东区/2026-11", Refused, "没有区域「东区」 | C「区域」=「东区」", "", false},
	{"an entity that is not there yet", "新里/第一物业上海分公司//2026-05", Refused, "自 2026-06-01 至 今 有效，不含账期 2026-05",
		"", false},
	{"an entity that has closed", "新里/旧公司//2026-05", Refused, "至 2025-12-31 有效", "", false},
	{"another entity", "阳光里/第一物业//2026-11", Refused, "2026-11 的账单属于「第一物业 上海分公司」，表中为「第一物业」", "", false},
	{"another entity of a bill that is there", "阳光里///2026-11; 阳光里/第一物业//2026-11", Refused, "账单属于", "", false},
	{"another region", "阳光里//南区/2026-11", Warned, "现属区域「北区」，表中为「南区」，未更改", "", false},
	{"a new community of nobody", "新里///2026-11", Taken, "", "", false},
	{"a new community of the first", "新里/第一物业//2026-11", Taken, "", "", false},
	{"a new community of a branch", "新里/第一物业上海分公司//2026-11", Pending,
		"须由另一人在「待审批」中批准 | 已提交审批", "two/ 2026-11-01", false},
	{"its other rows too", "新里/第一物业上海分公司//2026-08; 新里///2026-07", Pending, "须由另一人", "two/ 2026-07-01", false},
	{"a new community of a branch by the shell", "新里/第一物业上海分公司/南区/2026-11", Taken, "自 2026-11-01 起归属",
		"two/s 2026-11-01", true},
	{"a new community in a region", "新里//南区/2026-01", Taken, "区域「南区」：已提交审批", "/s 2026-11-28", false},
	{"a new community of two entities", "新里/第一物业上海分公司//2026-08; 新里/第一物业//2026-07", Refused,
		"第 2 行写的是「第一物业 上海分公司」", "two/ 2026-08-01", false},
	{"a new community of two regions", "新里//南区/2026-08; 新里//北区/2026-07", Refused, "第 2 行写的是「南区」", "/s 2026-11-28",
		false},
}

func TestWhereAWorkbookPlaces(t *testing.T) {
	for _, c := range places {
		t.Run(c.what, func(t *testing.T) {
			s, _ := open(t)
			chart := placeChart()
			s.organisation = chart
			heads := []any{"小区", "公司主体", "区域", "房号", "费用项目", "账期", "金额"}
			if _, err := s.Import(t.Context(), all, sheetOf(t, heads, []any{"阳光里", "", "", "1", "物业费", "2026-01",
				"1"})); err != nil {
				t.Fatal(err)
			}
			rows := [][]any{heads}
			for i, row := range strings.Split(c.rows, "; ") {
				cell := strings.Split(row, "/")
				rows = append(rows, []any{cell[0], cell[1], cell[2], fmt.Sprint(i + 1), "物业费", cell[3], "10"})
				if strings.HasPrefix(c.what, "another entity of a bill") {
					rows[len(rows)-1][3] = "9"
				}
			}
			s.placeRows(t, c.shell, chart, rows, c.want, c.says, c.asked)
		})
	}
}

// placeRows imports rows: on trial, when nothing is asked for, and then in truth. A row before the last one that is
// about the same bill comes in a workbook of its own.
func (s *books) placeRows(t *testing.T, shell bool, chart *chartOf, rows [][]any, want Outcome, says, asked string) {
	t.Helper()
	how := all
	how.PlacesAtOnce = shell
	how.Place = func(_ context.Context, to Placement) error {
		chart.placed = append(chart.placed, to)
		return nil
	}
	if len(rows) > 2 && rows[1][3] == rows[2][3] {
		if _, err := s.Import(t.Context(), how, sheetOf(t, rows[:2]...)); err != nil {
			t.Fatal(err)
		}
		rows = append(rows[:1], rows[2])
	}
	for _, how.Trial = range []bool{true, false} {
		r, err := s.Import(t.Context(), how, sheetOf(t, rows...))
		if err != nil {
			t.Fatal(err)
		}
		last := r.Rows[len(r.Rows)-1]
		if last.Outcome != want || (last.Outcome == Refused || last.Outcome == Pending) && last.EN == "" {
			t.Errorf("trial %v: %s: %s", how.Trial, last.Outcome, r)
		}
		for text := range strings.SplitSeq(says, " | ") {
			if how.Trial {
				text = strings.TrimSuffix(text, "已提交审批")
			}
			if !strings.Contains(r.String(), text) {
				t.Errorf("trial %v: the report does not say %q: %s", how.Trial, text, r)
			}
		}
		got := ""
		for _, p := range chart.placed {
			got += p.Entity + "/" + p.Region + " " + p.From
			if len(p.Communities) != 1 || p.Communities[0] != property.CommunityID("one", "新里") {
				t.Errorf("%v are placed", p.Communities)
			}
		}
		if how.Trial && got != "" || !how.Trial && got != asked {
			t.Errorf("trial %v: asked for %q, not %q", how.Trial, got, asked)
		}
	}
}

// What cannot be asked for refuses the rows, and nothing of theirs is stored but the community.
func TestAPlaceThatIsRefused(t *testing.T) {
	s, _ := open(t)
	s.organisation = placeChart()
	how := all
	how.Place = func(context.Context, Placement) error {
		return fault.New(fault.WrongState, "另有变更待审批。", "Another change waits.")
	}
	r, err := s.Import(t.Context(), how, sheetOf(t, []any{"小区", "公司主体", "房号", "费用项目", "账期", "金额"},
		[]any{"新里", "第一物业上海分公司", "1", "物业费", "2026-11", "10"}, []any{"阳光里", "", "1", "物业费", "2026-11", "10"}))
	if err != nil || r.Totals[Refused] != 1 || r.Totals[Taken] != 1 || !strings.Contains(r.String(), "另有变更待审批") {
		t.Fatal(r, err)
	}
	found, _, err := s.FindUnits(t.Context(), []string{property.CommunityID("one", "新里")}, "1", "", 0)
	if err != nil || len(found) != 0 {
		t.Errorf("%+v, %v", found, err)
	}
}

// Whoever may not ask where communities belong has nothing of such rows stored, and hears it in the trial already.
func TestAPlaceThatMayNotBeAskedFor(t *testing.T) {
	s, _ := open(t)
	s.organisation = placeChart()
	for _, trial := range []bool{true, false} {
		how := all
		how.Trial = trial
		r, err := s.Import(t.Context(), how, sheetOf(t, []any{"小区", "公司主体", "房号", "费用项目", "账期", "金额"},
			[]any{"新里", "第一物业上海分公司", "1", "物业费", "2026-11", "10"}))
		if err != nil || r.Totals[Refused] != 1 {
			t.Errorf("trial %v: %v, %v", trial, r, err)
		}
	}
	if c, err := s.property.Community(t.Context(), property.CommunityID("one", "新里")); !fault.Is(err, fault.NotFound) {
		t.Errorf("the community of a refused row is there: %+v, %v", c, err)
	}
}
