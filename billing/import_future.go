package billing

import "linlipay/calendar"

// daysAhead is how far ahead of today a workbook may reach. Fees are billed a year ahead, some two; a year that is
// further off was mistyped, such as 2062 for 2026.
const daysAhead = 2*366 + 1

// future refuses what lies too far ahead to be meant, and names a payment that is said to be made after today.
func (in *intake) future(c cells, b *readBill) *problem {
	last := calendar.AddDays(in.now, daysAhead)
	due, paid := "", ""
	if b.due {
		due = b.bill.DueDate
	}
	if !b.bill.PaidAt.IsZero() {
		paid = calendar.Day(b.bill.PaidAt)
	}
	days := map[column]string{colPeriod: b.bill.Period, colDue: due, colPaidAt: paid}
	for _, of := range []column{colPeriod, colDue, colPaidAt} {
		if day := days[of]; day > calendar.Day(last) {
			_, at := c.cell(of)
			return no(at, string(of)+" "+day+" 在两年以后，像是写错了年份", day+" is more than two years ahead; look at the year")
		}
	}
	if paid > calendar.Day(in.now) {
		b.about(colPaidAt)
		b.warn("缴费日期在今天之后，请核对", "the date of payment is after today; look at it")
	}
	return nil
}
