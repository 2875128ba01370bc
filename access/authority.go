package access

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/money"
)

// AuthorityMatter is what a line of the table of authority is about.
type AuthorityMatter string

// The matters: refunds, each kind of correction of a bill, and payouts of prepayments and deposits.
const (
	OverRefund       AuthorityMatter = "refund"       // 退款
	OverReduction    AuthorityMatter = "reduction"    // 减免
	OverDecrease     AuthorityMatter = "decrease"     // 调减
	OverIncrease     AuthorityMatter = "increase"     // 调增
	OverWriteOff     AuthorityMatter = "write_off"    // 核销
	OverCancellation AuthorityMatter = "cancellation" // 作废
	OverPayout       AuthorityMatter = "payout"       // 预存款、押金退付
)

// AuthorityMatters are all of them, in the order in which people read them.
func AuthorityMatters() []AuthorityMatter {
	return []AuthorityMatter{OverRefund, OverReduction, OverDecrease, OverIncrease, OverWriteOff, OverCancellation,
		OverPayout}
}

// DecidingRoles are the roles that a table of authority may name. A cashier takes and hands out the money, and so
// decides over none; an auditor changes nothing.
func DecidingRoles() []Role { return []Role{Finance, Operations} }

// AuthorityTable is who decides what in a company (授权表). Without lines it is as the matters themselves say: finance
// decides everything.
type AuthorityTable struct {
	Lines    []AuthorityLine `json:"lines,omitempty"`
	Revision int64           `json:"revision,omitempty"`
}

// AuthorityLine lets a role decide a matter. A person needs one line that covers what is to be decided.
type AuthorityLine struct {
	Matter      AuthorityMatter `json:"matter"`
	Role        Role            `json:"role"`
	UpTo        money.Fen       `json:"up_to,omitempty"`       // fen, this much too; 0 is any amount
	Communities []string        `json:"communities,omitempty"` // empty is all
}

const (
	mostLines = 100
	mostUpTo  = money.Fen(10_000_000_000) // ¥100,000,000: more than any bill can be of
)

// whole reports whether a line covers any amount everywhere.
func (l AuthorityLine) whole() bool { return l.UpTo == 0 && len(l.Communities) == 0 }

// most is the greatest amount that a line covers, in fen.
func (l AuthorityLine) most() money.Fen { return cmp.Or(l.UpTo, math.MaxInt64) }

// covers reports whether a line is about a case.
func (l AuthorityLine) covers(c approval.Case) bool {
	return string(l.Matter) == c.Kind && (l.UpTo == 0 || c.Amount <= l.UpTo) &&
		(len(l.Communities) == 0 || slices.Contains(l.Communities, c.Community))
}

// same reports whether two lines say the same.
func (l AuthorityLine) same(other AuthorityLine) bool {
	return l.Matter == other.Matter && l.Role == other.Role && l.UpTo == other.UpTo &&
		slices.Equal(l.Communities, other.Communities)
}

// tidy is a table in the order in which people read it: by matter and role, the smallest amounts first.
func (t AuthorityTable) tidy() AuthorityTable {
	lines := slices.Clone(t.Lines)
	for i := range lines {
		lines[i].Communities = slices.Sorted(slices.Values(lines[i].Communities))
	}
	matters := AuthorityMatters()
	slices.SortStableFunc(lines, func(a, b AuthorityLine) int {
		return cmp.Or(cmp.Compare(slices.Index(matters, a.Matter), slices.Index(matters, b.Matter)),
			cmp.Compare(a.most(), b.most()), cmp.Compare(a.Role, b.Role),
			slices.Compare(a.Communities, b.Communities))
	})
	t.Lines = lines
	return t
}

// check is the Invalid fault of a table that nobody can have: of a line that says nothing, or of two that say the same.
func (t AuthorityTable) check() error {
	if len(t.Lines) > mostLines {
		return wrong("lines", fmt.Sprintf("授权最多 %d 行。", mostLines),
			fmt.Sprintf("There are %d lines at most.", mostLines))
	}
	for i, l := range t.Lines {
		if err := l.check(); err != nil {
			return err
		}
		if slices.ContainsFunc(t.Lines[:i], l.same) {
			return wrong("lines", "有两行授权完全相同。", "Two lines say the same.")
		}
	}
	return nil
}

// complete is the Invalid fault of a table by which nobody could decide every amount of some matter everywhere. It is
// asked of a new table: one from before there was a matter stays good.
func (t AuthorityTable) complete() error {
	if len(t.Lines) == 0 {
		return nil
	}
	var zh, en []string
	for _, m := range AuthorityMatters() {
		if !slices.ContainsFunc(t.Lines, func(l AuthorityLine) bool { return l.Matter == m && l.whole() }) {
			zh, en = append(zh, m.words()[0]), append(en, m.words()[1])
		}
	}
	if len(zh) > 0 {
		return wrong("lines", "请为"+strings.Join(zh, "、")+"各设一行不限金额、不限小区的授权，否则超出限额的无人可以审批。",
			"Nobody could decide every amount of: "+strings.Join(en, ", ")+
				". Give each a line without a limit, for all communities.")
	}
	return nil
}

func (l AuthorityLine) check() error {
	switch {
	case !slices.Contains(AuthorityMatters(), l.Matter):
		return wrong("matter", "没有这种事项。", "There is no such matter.")
	case !slices.Contains(DecidingRoles(), l.Role):
		return wrong("role", "只能授权财务或运营审批：收银经手钱款，审计员不做变更。",
			"Finance or operations may decide: a cashier handles the money, and an auditor changes nothing.")
	case l.UpTo < 0 || l.UpTo > mostUpTo:
		return wrong("up_to", "限额须大于 0，且不超过 1 亿元；不填为不限金额。",
			"A limit is more than 0 and at most ¥100,000,000; none is any amount.")
	case len(l.Communities) > mostMoved:
		return wrong("communities", "一行最多 200 个小区。", "A line names 200 communities at most.")
	case slices.Contains(l.Communities, "") || twice(l.Communities) != "":
		return wrong("communities", "同一小区只能选择一次。", "A community is named twice.")
	}
	return nil
}

// words are a matter's names in Chinese and English.
func (m AuthorityMatter) words() [2]string {
	return map[AuthorityMatter][2]string{
		OverRefund: {"退款", "refunds"}, OverReduction: {"减免", "reductions"}, OverDecrease: {"调减", "decreases"},
		OverIncrease: {"调增", "increases"}, OverWriteOff: {"核销", "write-offs"},
		OverCancellation: {"作废", "cancellations"}, OverPayout: {"预存款、押金退付", "payouts"},
	}[m]
}

// Words are a deciding role's names in Chinese and English; other roles have none.
func (r Role) Words() (zh, en string) {
	switch r {
	case Finance:
		return "财务", "finance"
	case Operations:
		return "运营", "operations"
	}
	return "", ""
}

// silent reports whether the table says nothing of a matter: it has no lines, or is from before there was the matter.
// Then the matter's own roles decide, which is finance.
func (t AuthorityTable) silent(m AuthorityMatter) bool {
	return !slices.ContainsFunc(t.Lines, func(l AuthorityLine) bool { return l.Matter == m })
}

// grants reports whether some roles decide anything by the table.
func (t AuthorityTable) grants(roles []Role) bool {
	if slices.ContainsFunc(AuthorityMatters(), t.silent) && slices.Contains(roles, Finance) {
		return true
	}
	return slices.ContainsFunc(t.Lines, func(l AuthorityLine) bool { return slices.Contains(roles, l.Role) })
}

// decides reports whether a person may decide a case in their own right, as far as what they are goes and where: that
// they did not ask for it is looked at beside.
func (t AuthorityTable) decides(c approval.Case, who Caller) bool {
	if !who.Reaches(c.Company, c.Community) {
		return false
	}
	if t.silent(AuthorityMatter(c.Kind)) {
		return who.Person().Has(c.Matter.Decides)
	}
	return slices.ContainsFunc(t.Lines, func(l AuthorityLine) bool {
		return slices.Contains(who.Roles, l.Role) && l.covers(c)
	})
}

// beyond is the Forbidden fault of whoever may not decide a case, which says who may.
func (t AuthorityTable) beyond(c approval.Case) error {
	var zh, en []string
	for _, r := range DecidingRoles() {
		if slices.ContainsFunc(t.Lines, func(l AuthorityLine) bool { return l.Role == r && l.covers(c) }) {
			inChinese, inEnglish := r.Words()
			zh, en = append(zh, inChinese), append(en, inEnglish)
		}
	}
	if len(zh) == 0 {
		return fault.New(fault.Forbidden, "您没有审批"+c.Matter.ZH+"的权限。",
			"It is not yours to decide a "+c.Matter.EN+".")
	}
	m := AuthorityMatter(c.Kind).words()
	return fault.New(fault.Forbidden,
		fmt.Sprintf("按授权表，%s ¥%s 须由负责该小区的%s审批。", m[0], c.Amount.Yuan(), strings.Join(zh, "或")),
		fmt.Sprintf("By the table of authority, %s of ¥%s are decided by %s of that community.", m[1], c.Amount.Yuan(),
			strings.Join(en, " or ")))
}
