package billing

import (
	"fmt"
	"linlipay/calendar"
	"linlipay/property"
	"linlipay/workbook"
	"slices"
	"strings"
)

// What a row says twice, in two columns, and what two rows say of one bill.

// twice refuses a row in which two columns of one meaning differ.
func (c cells) twice() *problem {
	for of, numbers := range c.of {
		var first string
		from := -1
		for _, at := range numbers {
			value := c.says(of, at)
			switch {
			case value == "" || of != colAmount && isNone(c.row.Cell(at)):
				continue
			case of == colPhone: // they are read from all of them
				continue
			case from < 0:
				first, from = value, at
			case value != first:
				return no(at, fmt.Sprintf("与 %s「%s」不一致，分不清以哪一列为准，请只保留一列", c.name(from), seen(c.row.Cell(from))),
					"differs from "+c.name(from)+", which means the same; keep one of the columns")
			}
		}
	}
	return nil
}

// says is what a cell means in a column, however it is written: 10 and 10.00元 are one amount, 2026-11 and 2026年11月 one
// month.
func (c cells) says(of column, at int) string {
	v := c.row.Cell(at)
	text := property.Fold(v.Value)
	if text == "" {
		return ""
	}
	switch of {
	case colAmount:
		if f, wrong, _ := amountOf(v.Value); wrong == "" {
			return f.Yuan()
		}
	case colPeriod:
		if month, ok := monthOf(v.Value); ok && v.Kind != workbook.Date {
			return month
		}
		if day, ok := dayOf(v); ok {
			return calendar.Month(day)
		}
	case colDue, colPaidAt, colFrom, colTo:
		if day, ok := dayOf(v); ok {
			return calendar.Day(day)
		}
	case colStatus:
		if is, ok := statuses()[strings.ReplaceAll(text, " ", "")]; ok {
			return fmt.Sprint(is)
		}
	case colBuilding, colEntrance, colRoom:
		return property.Compact(text)
	case colCommunity, colOwner, colFee:
		return strings.ReplaceAll(text, " ", "")
	}
	return text
}

// across refuses a row in which one cell is merged over columns of several meanings: what stands there is for all of
// them, and nobody can tell which part is which.
func (c cells) across() *problem {
	for at, v := range c.row.Cells {
		if v.ToColumn <= at || v.Kind == workbook.Empty || !c.has(at) && !c.isExtra(at) {
			continue
		}
		if c.meaningsWithin(at, v.ToColumn) {
			from, to := c.name(at), c.name(v.ToColumn)
			return no(at, "单元格横向合并了 "+from+" 至 "+to+"，分不清各列的内容，请取消合并并逐列填写",
				"one cell is merged over "+from+" to "+to+"; part it and fill in each column")
		}
	}
	return nil
}

// meaningsWithin reports whether the columns behind one, up to another, mean something else than it does.
func (l *layout) meaningsWithin(at, last int) bool {
	for other := at + 1; other <= last; other++ {
		if l.has(other) && l.meaning(other) != l.meaning(at) || l.isExtra(other) {
			return true
		}
	}
	return false
}

func (l *layout) isExtra(at int) bool {
	return slices.ContainsFunc(l.extras, func(e extra) bool { return e.at == at })
}

func (l *layout) meaning(at int) column {
	for of, numbers := range l.of {
		if slices.Contains(numbers, at) {
			return of
		}
	}
	return ""
}

// clash is what two rows say differently of one bill: of a column, and what each says.
type clash struct {
	of           column
	first, later string
}

// clashes are what two rows say differently of one bill.
func (b *readBill) clashes(later *readBill) (list []clash) {
	all := []clash{
		{colAmount, b.bill.Amount.String(), later.bill.Amount.String()},
		{colStatus, statusWord(&b.bill), statusWord(&later.bill)},
		{colPaidAt, paidOn(&b.bill), paidOn(&later.bill)},
	}
	if b.due && later.due {
		all = append(all, clash{colDue, b.bill.DueDate, later.bill.DueDate})
	}
	for _, c := range all {
		if c.first != c.later && c.first != "" && c.later != "" {
			list = append(list, c)
		}
	}
	return list
}

// repeatedBy is why a later row is refused that is about the same bill. Where it says something else of it neither row
// is taken: nobody here can tell which is right.
func (b *readBill) repeatedBy(later *readBill) *problem {
	list := b.clashes(later)
	if len(list) == 0 {
		return no(-1, "与"+rowOf(b, later)+"重复", "repeats row "+rowOfEN(b, later))
	}
	if !b.clashed {
		b.clashed = true
		b.about(list[0].of)
		zh, en := clashSaid(list, func(c clash) (string, string) { return c.first, c.later })
		b.row.set(Refused, "与"+rowOf(later, b)+"是同一笔账单"+zh, "row "+rowOfEN(later, b)+" is about the same bill"+en)
	}
	zh, en := clashSaid(list, func(c clash) (string, string) { return c.later, c.first })
	return no(later.cells[slices.Index(reported[:], list[0].of)].at, "与"+rowOf(b, later)+"是同一笔账单"+zh,
		"row "+rowOfEN(b, later)+" is about the same bill"+en)
}

// clashSaid says what differs; sides are what the row itself has, and what the other one.
func clashSaid(list []clash, sides func(clash) (own, other string)) (zh, en string) {
	for _, c := range list {
		own, other := sides(c)
		zh += fmt.Sprintf("，%s不同：本行 %s，另一行 %s", c.of, own, other)
		en += fmt.Sprintf(", %s differs: %s here, %s there", c.of, own, other)
	}
	return zh + "；两行都没有导入，请只保留正确的一行", en + "; neither was taken, keep the right one"
}

// rowOf is a row as another one's report names it.
func rowOf(b, of *readBill) string {
	if b.row.Sheet == of.row.Sheet {
		return fmt.Sprintf("第 %d 行", b.row.Row)
	}
	return fmt.Sprintf("第 %d 行（%s）", b.row.Row, b.row.Sheet)
}

func rowOfEN(b, of *readBill) string {
	if b.row.Sheet == of.row.Sheet {
		return fmt.Sprint(b.row.Row)
	}
	return fmt.Sprintf("%d (%s)", b.row.Row, b.row.Sheet)
}

func statusWord(b *Bill) string {
	if b.Status == PaidBill {
		return "已缴"
	}
	return "未缴"
}

func paidOn(b *Bill) string {
	if b.PaidAt.IsZero() {
		return ""
	}
	return calendar.Day(b.PaidAt)
}
